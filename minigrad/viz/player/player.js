"use strict";
// Steps through one SVG. What is not always there says when it is: data-from, data-to.
(() => {
  const find = (id) => document.getElementById(id);
  const [stage, caption, slider, play, count] =
    ["stage", "caption", "slider", "play", "count"].map(find);
  const links = [...find("steps").querySelectorAll("a")];
  const timed = [...stage.querySelectorAll("[data-from]")].map((element) =>
    [element, Number(element.dataset.from), Number(element.dataset.to)]);
  const last = links.length - 1;
  let now = 0;
  let timer = 0;

  function show(step) {
    now = Math.min(Math.max(step, 0), last);
    for (const [element, from, to] of timed) {
      element.setAttribute("visibility", from <= now && now < to ? "visible" : "hidden");
    }
    caption.className = links[now].className;
    caption.replaceChildren(...links[now].cloneNode(true).childNodes);
    links.forEach((link, i) => link.setAttribute("aria-current", i === now ? "step" : "false"));
    slider.value = now + 1;
    slider.setAttribute("aria-valuetext", `${now + 1} of ${last + 1}`);
    count.textContent = `${now + 1} / ${last + 1}`;
    find("prev").disabled = now === 0;
    find("next").disabled = now === last;
    bringIntoView();
  }

  // Of a picture that is larger than the window: move to what is at work.
  function bringIntoView() {
    if (stage.scrollHeight <= stage.clientHeight && stage.scrollWidth <= stage.clientWidth) return;
    const lit = timed.filter(([element, from, to]) =>
      element.classList.contains("mg-now") && from <= now && now < to);
    if (lit.length === 0) return;
    const box = lit[0][0].getBoundingClientRect();
    const frame = stage.getBoundingClientRect();
    const inside = box.top >= frame.top && box.bottom <= frame.bottom
      && box.left >= frame.left && box.right <= frame.right;
    if (inside) return;
    stage.scrollBy(
      box.left + box.width / 2 - frame.left - frame.width / 2,
      box.top + box.height / 2 - frame.top - frame.height / 2);
  }

  // A step that the reader asked for is remembered in the address.
  function go(step) {
    show(step);
    try {
      history.replaceState(null, "", `#${now + 1}`);
    } catch {
      // a frame without an address of its own, as in a notebook
    }
  }

  function pause() {
    clearTimeout(timer);
    timer = 0;
    play.textContent = "Play";
    caption.setAttribute("aria-live", "polite");
  }

  function tick() {
    if (now === last) return pause();
    go(now + 1);
    const seconds = Number(document.querySelector("main").dataset.seconds);
    timer = setTimeout(tick, 1000 * seconds / Number(find("speed").value));
  }

  function toggle() {
    if (timer) return pause();
    if (now === last) go(0);
    play.textContent = "Pause";
    caption.setAttribute("aria-live", "off"); // or a screen reader would never get to the end
    timer = setTimeout(tick, 300);
  }

  function byHand(step) {
    pause();
    go(step);
  }

  function linked() {
    const step = Number(location.hash.slice(1));
    if (Number.isInteger(step) && step >= 1) show(step - 1);
  }

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const on = event.target.tagName;
    const steps = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last };
    if (event.key in steps && on !== "SELECT") {
      event.preventDefault();
      byHand(steps[event.key]);
    } else if (event.key === " " && !["BUTTON", "SELECT", "SUMMARY", "A"].includes(on)) {
      event.preventDefault();
      toggle();
    }
  });
  slider.addEventListener("input", () => byHand(slider.value - 1));
  find("prev").addEventListener("click", () => byHand(now - 1));
  find("next").addEventListener("click", () => byHand(now + 1));
  play.addEventListener("click", toggle);
  links.forEach((link, i) => link.addEventListener("click", (event) => {
    event.preventDefault();
    byHand(i);
  }));
  addEventListener("hashchange", linked);

  find("still").hidden = true;
  find("controls").hidden = caption.hidden = false;
  show(0);
  linked();
})();
