"""The player and the animation in a real browser: Chromium, driven by playwright.

pip install ".[test,browser]" && apt-get install chromium && python -m pytest -m browser
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pictured import after_backward, fanout, matrices, network, parameters, tensor_neuron

from minigrad import optim
from minigrad.value import Value
from minigrad.viz import steps

pytestmark = pytest.mark.browser

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
SHOWN = """() => Object.fromEntries([...document.querySelectorAll('g[id^="mg-n"]')].map((group) =>
  [group.id, [...group.querySelectorAll("text")]
    .filter((text) => getComputedStyle(text).visibility === "visible")
    .map((text) => text.textContent.replaceAll("\u00a0", " "))]))"""
OVERFLOWS = """() => [document.documentElement, document.getElementById("stage")].some((element) =>
  element.scrollHeight > element.clientHeight || element.scrollWidth > element.clientWidth)"""


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, "install a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


class Reader:
    """Opens pages, and notes what goes wrong there and what they ask for."""

    def __init__(self, chromium, folder: Path) -> None:
        self.chromium, self.folder = chromium, folder
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, content: str, name: str = "story.html", fragment: str = "", **options):
        """A new window on a file; as far as options do not say otherwise, 1280 by 720 pixels."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        context = self.chromium.new_context(
            **{"viewport": {"width": 1280, "height": 720}} | options
        )
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(path.as_uri() + fragment)
        return page


@pytest.fixture
def reader(chromium, tmp_path):
    found = Reader(chromium, tmp_path)
    yield found
    for context in chromium.contexts:
        context.close()
    assert found.complaints == []
    assert [url for url in found.requests if not url.startswith(tmp_path.as_uri())] == []


def stepping():
    root = after_backward(matrices())
    return steps(root, optimizer=optim.Adam(parameters(root), lr=0.1))


STORIES = {
    "neuron": lambda: steps(tensor_neuron()),
    "fanout": lambda: steps(fanout()[0]),
    "matrices": stepping,
    "network": lambda: steps(network()[0], depth=None),
}


def assert_shows(page, frame) -> None:
    """The picture has the texts of a frame, and no others."""
    shown = page.evaluate(SHOWN)
    for box, texts in frame.visible.items():
        assert shown[box] == list(texts)


def until(page, selector: str, text: str) -> None:
    """Wait, for at most four seconds, until an element has this text."""
    for _ in range(200):
        if page.locator(selector).text_content() == text:
            return
        page.wait_for_timeout(20)
    raise AssertionError(f"{selector} has not become {text!r}")


def number(page) -> str:
    return page.locator("#count").text_content()


# --- The picture ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(STORIES))
def test_every_step_shows_its_frame_and_its_caption(name, reader):
    story = STORIES[name]()
    page = reader.open(story.to_html())
    for i, frame in enumerate(story.frames, start=1):
        assert number(page) == f"{i} / {len(story)}"
        assert page.locator("#caption").text_content() == frame.caption
        assert_shows(page, frame)
        page.keyboard.press("ArrowRight")


def test_what_is_at_work_is_outlined(reader):
    story = steps(tensor_neuron())
    page = reader.open(story.to_html(), fragment="#12")
    lit = page.evaluate(
        """() => [...document.querySelectorAll(".mg-now")]
        .filter((overlay) => getComputedStyle(overlay).visibility === "visible")
        .map((overlay) => overlay.parentElement.id)"""
    )
    assert sorted(lit) == sorted(story.frames[11].highlighted)


@pytest.mark.parametrize("size", [(1280, 720), (1000, 560), (1920, 1080)])
def test_a_neuron_fits_the_window(size, reader):
    width, height = size
    page = reader.open(
        steps(tensor_neuron()).to_html(), viewport={"width": width, "height": height}
    )
    assert not page.evaluate(OVERFLOWS)
    box = page.locator("#stage svg").bounding_box()
    assert box["width"] > 0.6 * width


def test_of_a_large_picture_what_is_at_work_is_in_view(reader):
    y = Value(0.5, "x")
    for _ in range(30):
        y = y.tanh()
    page = reader.open(steps(y).to_html(), viewport={"width": 800, "height": 500})
    assert page.evaluate(OVERFLOWS)
    for step in (1, 17, 31, 40, 62):
        page.evaluate(f"location.hash = '#{step}'")
        until(page, "#count", f"{step} / 63")
        inside = page.evaluate(
            """() => {
              const stage = document.getElementById("stage").getBoundingClientRect();
              return [...document.querySelectorAll(".mg-now")]
                .filter((overlay) => getComputedStyle(overlay).visibility === "visible")
                .slice(0, 1).map((overlay) => overlay.getBoundingClientRect())
                .every((box) => box.top >= stage.top - 1 && box.bottom <= stage.bottom + 1);
            }"""
        )
        assert inside, step


# --- Slider, buttons, keys ------------------------------------------------------------------------


def test_the_slider(reader):
    story = steps(tensor_neuron())
    page = reader.open(story.to_html())
    slider = page.get_by_role("slider", name="Step")
    slider.fill("12")
    assert number(page) == "12 / 17"
    assert_shows(page, story.frames[11])
    assert slider.get_attribute("aria-valuetext") == "12 of 17"
    slider.fill("3")
    assert_shows(page, story.frames[2])


def test_the_buttons_stop_at_both_ends(reader):
    page = reader.open(steps(fanout()[0]).to_html())
    back, on = (page.get_by_role("button", name=name) for name in ("Prev", "Next"))
    assert back.is_disabled()
    for _ in range(8):
        on.click()
    assert number(page) == "9 / 9"
    assert on.is_disabled()
    back.click()
    assert number(page) == "8 / 9"


@pytest.mark.parametrize("focus", [None, "#slider", "#next", "summary"])
def test_the_keys(focus, reader):
    page = reader.open(steps(fanout()[0]).to_html())
    if focus:
        page.locator(focus).focus()
    for key, wanted in [
        ("ArrowRight", 2),
        ("ArrowRight", 3),
        ("ArrowLeft", 2),
        ("End", 9),
        ("ArrowRight", 9),
        ("ArrowLeft", 8),
        ("Home", 1),
        ("ArrowLeft", 1),
    ]:
        page.keyboard.press(key)
        assert number(page) == f"{wanted} / 9", (focus, key)


def test_keys_with_modifiers_are_left_to_the_browser(reader):
    page = reader.open(steps(fanout()[0]).to_html())
    page.keyboard.press("Control+ArrowRight")
    page.keyboard.press("Meta+End")
    assert number(page) == "1 / 9"


def test_the_space_bar_plays_and_pauses(reader):
    page = reader.open(steps(fanout()[0]).to_html(seconds=30))
    play = page.locator("#play")
    page.keyboard.press(" ")
    assert play.text_content() == "Pause"
    until(page, "#count", "2 / 9")
    page.keyboard.press(" ")
    assert play.text_content() == "Play"


def test_the_space_bar_on_a_button_presses_that_button(reader):
    page = reader.open(steps(fanout()[0]).to_html(seconds=30))
    page.locator("#next").focus()
    page.keyboard.press(" ")
    assert number(page) == "2 / 9"
    assert page.locator("#play").text_content() == "Play"


def test_playing_goes_to_the_end_and_begins_again(reader):
    page = reader.open(steps(fanout()[0]).to_html(seconds=0.02))
    play = page.get_by_role("button", name="Play")
    play.click()
    until(page, "#count", "9 / 9")
    until(page, "#play", "Play")
    play.click()
    assert number(page).startswith("1 ")
    until(page, "#count", "9 / 9")


def test_a_step_by_hand_ends_the_playing(reader):
    page = reader.open(steps(fanout()[0]).to_html(seconds=0.2))
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Next").click()
    page.wait_for_timeout(700)
    assert number(page) == "2 / 9"
    assert page.locator("#play").text_content() == "Play"


def test_the_speed(reader):
    page = reader.open(steps(fanout()[0]).to_html(seconds=0.8))
    page.get_by_label("Speed").select_option("4×")
    page.get_by_role("button", name="Play").click()
    until(page, "#count", "9 / 9")


def test_the_list_of_steps(reader):
    page = reader.open(steps(fanout()[0]).to_html())
    page.get_by_text("All 9 steps").click()
    page.get_by_role("link", name="so far 3 + 4 = 7").click()
    assert number(page) == "8 / 9"
    assert page.locator('[aria-current="step"]').count() == 1


# --- The address ----------------------------------------------------------------------------------


def test_a_link_to_a_step(reader):
    story = steps(tensor_neuron())
    page = reader.open(story.to_html(), fragment="#12")
    assert number(page) == "12 / 17"
    assert_shows(page, story.frames[11])
    page.get_by_role("button", name="Next").click()
    assert page.evaluate("location.hash") == "#13"
    page.evaluate("location.hash = '#4'")
    until(page, "#count", "4 / 17")


def test_looking_leaves_no_trail_in_the_history(reader):
    page = reader.open(steps(fanout()[0]).to_html())
    before = page.evaluate("history.length")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("history.length") == before


@pytest.mark.parametrize(
    "fragment, wanted", [("#0", 1), ("#-3", 1), ("#abc", 1), ("#2.5", 1), ("#99", 9), ("#9", 9)]
)
def test_senseless_addresses(fragment, wanted, reader):
    page = reader.open(steps(fanout()[0]).to_html(), fragment=fragment)
    assert number(page) == f"{wanted} / 9"


# --- Readers of every kind ------------------------------------------------------------------------


def test_everything_is_reached_by_keyboard_with_a_visible_focus(reader):
    page = reader.open(steps(fanout()[0]).to_html(), fragment="#3")
    reached = []
    for _ in range(7):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                """() => [document.activeElement.id || document.activeElement.tagName,
                getComputedStyle(document.activeElement).outlineStyle]"""
            )
        )
    assert [name for name, _ in reached][:6] == [
        "prev",
        "play",
        "next",
        "slider",
        "speed",
        "SUMMARY",
    ]
    assert {outline for _, outline in reached[:6]} == {"solid"}


def test_the_caption_is_read_out_but_not_while_it_plays(reader):
    page = reader.open(steps(fanout()[0]).to_html(seconds=30))
    caption = page.get_by_role("status")
    assert caption.get_attribute("aria-live") == "polite"
    assert caption.text_content().startswith("start: given are x, 3")
    page.locator("#play").click()
    assert caption.get_attribute("aria-live") == "off"
    page.locator("#play").click()
    assert caption.get_attribute("aria-live") == "polite"


def test_names_for_screen_readers(reader):
    page = reader.open(steps(fanout()[0], title="Two paths").to_html())
    assert page.get_by_role("heading", name="Two paths").count() == 1
    assert page.get_by_role("img", name="Two paths").count() == 1
    assert page.get_by_role("group", name="Player").count() == 1
    assert page.get_by_role("combobox", name="Speed").count() == 1
    assert page.title() == "Two paths"


def test_print_shows_the_last_step_without_the_player(reader):
    story = steps(tensor_neuron())
    page = reader.open(story.to_html(), fragment="#3")
    page.emulate_media(media="print")
    assert_shows(page, story.frames[-1])
    assert not page.locator("#controls").is_visible()
    page.emulate_media(media="screen")
    assert_shows(page, story.frames[2])


def test_without_scripts_the_last_step_and_the_list_are_there(reader):
    story = steps(tensor_neuron())
    page = reader.open(story.to_html(), java_script_enabled=False)
    assert not page.locator("#controls").is_visible()
    assert page.get_by_text("Stepping through it needs JavaScript").is_visible()
    assert not page.locator("#caption").is_visible()
    for box, texts in story.frames[-1].visible.items():
        visible = [t for t in page.locator(f'[id="{box}"] text').all() if t.is_visible()]
        assert [t.text_content().replace("\xa0", " ") for t in visible] == list(texts)
    page.locator("summary").click()
    assert page.locator("#steps li").nth(11).text_content() == story.frames[11].caption


def test_motion_only_for_those_who_want_it(reader):
    content = steps(tensor_neuron()).to_html()
    look = "getComputedStyle(document.querySelector('.mg-backward .mg-line')).animationName"
    assert reader.open(content, reduced_motion="no-preference").evaluate(look) == "mg-flow"
    assert reader.open(content, reduced_motion="reduce").evaluate(look) == "none"


def test_light_and_dark(reader):
    content = steps(fanout()[0], theme="auto").to_html()
    look = """() => [getComputedStyle(document.documentElement).backgroundColor,
      getComputedStyle(document.querySelector("#mg > polygon")).fill]"""
    assert set(reader.open(content, color_scheme="light").evaluate(look)) == {"rgb(254, 254, 254)"}
    assert set(reader.open(content, color_scheme="dark").evaluate(look)) == {"rgb(18, 18, 18)"}


# --- In a notebook --------------------------------------------------------------------------------


def test_the_player_works_in_the_sandbox_of_a_notebook(reader):
    story = steps(fanout()[0])
    page = reader.open(f"<!doctype html><body>{story._repr_html_()}")
    inside = page.frame_locator("iframe")
    inside.get_by_role("button", name="Next").click()
    inside.get_by_role("button", name="Next").click()
    assert inside.locator("#count").text_content() == "3 / 9"
    inside.locator("body").press("End")
    assert inside.locator("#count").text_content() == "9 / 9"
    box, frame = page.locator("p").bounding_box(), page.locator("iframe").bounding_box()
    assert frame["x"] <= box["x"] and frame["y"] <= box["y"]
    assert frame["height"] >= box["height"]


# --- The animation --------------------------------------------------------------------------------

AT = """(seconds) => document.getAnimations().forEach((animation) => {
  animation.pause();
  animation.currentTime = 1000 * seconds;
})"""


@pytest.mark.parametrize("name", ["fanout", "matrices"])
def test_the_animation_shows_each_frame_in_its_time(name, reader):
    story = STORIES[name]()
    page = reader.open(story.to_svg(seconds=2), "story.svg")
    for i, frame in enumerate(story.frames):
        page.evaluate(AT, 2 * i + 1)
        assert_shows(page, frame)
    page.evaluate(AT, 2 * len(story) + 1)  # the last frame stays a little longer
    assert_shows(page, story.frames[-1])


def test_the_animation_stands_still_for_those_who_want_no_motion(reader):
    story = steps(fanout()[0])
    page = reader.open(story.to_svg(), "story.svg", reduced_motion="reduce")
    assert page.evaluate("document.getAnimations().length") == 0
    assert_shows(page, story.frames[-1])


def test_the_animation_runs_as_an_image(reader):
    story = steps(fanout()[0])
    (reader.folder / "story.svg").write_text(story.to_svg(seconds=0.3), encoding="utf-8")
    page = reader.open('<!doctype html><img src="story.svg" alt="">')
    seen = set()
    for _ in range(8):
        seen.add(page.screenshot())
        page.wait_for_timeout(300)
    assert len(seen) > 2
