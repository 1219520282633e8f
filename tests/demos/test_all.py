"""All demos on one page: complete, self-contained, linked to the slides."""

from __future__ import annotations

import ast
import importlib
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest

DEMOS = Path(__file__).parents[2] / "demos"
QUICK = ("convolution_backward", "find_the_bug")
SLIDES = """Important Terms; Learning Strategies; Batch Learning & Sequential Learning;
Sequential Learning; Batch Learning; Epoch vs iteration per Batch; Batch Normalization;
Challenges..; Normalization of the Input; Normalization of the Input.....; Rescaling of Offsetting;
Benefits of Batch Normalization; Optimizer; Need of Optimizer; Need of optimizer; Gradient Descent;
Pros and Cons; Stochastic Gradient Descent; SGD Cont...; AdaGrad (Adaptive Gradient Descent);
RMSProp (Root Mean Square Propagation); RMS Prop...; RMSProp Cont..; AdaDelta;
ADAM (Adaptive Moment Estimation); ADAM Cont...; Conclusion; Learning rate; CNN;
CNN Learning: Intuition; Forward Pass; Backward Pass; Loss gradient w.r.t filter;
Summarising Back Propagation"""


class Page(HTMLParser):
    """What a page holds: names that can be linked to, links, and what is loaded."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if tag == "a" else []
        self.loaded += [given["src"]] if "src" in given else []
        assert tag not in ("link", "script")


@pytest.fixture(scope="module")
def demo():
    sys.path.insert(0, str(DEMOS))
    yield importlib.import_module("all")
    sys.path.remove(str(DEMOS))
    for name in ("all", "page", *QUICK):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def result(demo, tmp_path_factory):
    return demo.run(tmp_path_factory.mktemp("all"), QUICK)


def played_by(demo, name):
    """A demo that was not played: its text alone."""
    text = ast.get_docstring(ast.parse((DEMOS / f"{name}.py").read_text("utf-8")), clean=False)
    return demo.Played(name, text, "", {}, 0.0, Path())


def test_every_demo_is_played(demo):
    scripts = {path.stem for path in DEMOS.glob("*.py") if "\ndef run(" in path.read_text("utf-8")}
    assert scripts - {"all"} == set(demo.DEMOS)


def test_every_slide_has_a_demo(demo):
    covered = {slide for name in demo.DEMOS for slide in played_by(demo, name).slides}
    wanted = {title.strip() for title in SLIDES.replace("\n", " ").split(";")}
    assert wanted - covered == set()


def test_the_page_is_complete_and_loads_nothing(demo, result):
    text = result.page.read_text("utf-8")
    page, text = Page(text), unescape(text)
    assert len(set(page.ids)) == len(page.ids)
    assert all(source.startswith("data:image/") for source in page.loaded)
    assert len(page.loaded) == sum(len(one.pictures) for one in result.played) == 6
    assert all(link.startswith("#") for link in page.links)
    assert {unquote(link.removeprefix("#")) for link in page.links} <= set(page.ids)
    for one in result.played:
        assert one.title in text and one.name in page.ids
        assert {f"slide:{slide.replace(' ', '_')}" for slide in one.slides} <= set(page.ids)
    assert "∂L/∂F11 = ∂L/∂O11·∂O11/∂F11" in text
    assert "variance path missing" in text
    assert str(result.page.parent) not in text


def test_a_demo_as_the_page_sees_it(demo):
    one = played_by(demo, "batch_norm")
    assert one.title.startswith("Batch normalisation: ")
    assert one.slides[:2] == ["Batch Normalization", "Challenges.."]
    assert one.formulas == [
        "μ = (1/m) Σ hᵢ,   σ = √((1/m) Σ (hᵢ − μ)²),   h ← γ (h − μ) / (σ + ε) + β"
    ]
    assert one.point.startswith("From the start") and one.point.endswith(".")


def test_verdicts_become_badges(demo):
    from page import judged

    printed = "holds   “It is so”\n        holds   nothing\nno      “It is”\nno news"
    assert judged(printed) == (
        '<b class="holds">holds</b>   “It is so”\n        holds   nothing\n'
        '<b class="no">no</b>      “It is”\nno news'
    )


def test_the_readmes_pictures(demo, result, tmp_path):
    """Those that are there are those that the script writes, and small."""
    assert {path.name for path in demo.MEASURED.iterdir()} == set(demo.PICTURES)
    assert all(path.stat().st_size <= 200_000 for path in demo.MEASURED.iterdir())
    assert {name for name, _ in demo.PICTURES.values()} <= set(demo.DEMOS)
    (written,) = demo.write_pictures(result.played, tmp_path / "new")
    assert written == tmp_path / "new" / "find_the_bug.png"
    large = next(one for one in result.played if one.name == "find_the_bug").files
    assert written.stat().st_size < large["where it is, png"].stat().st_size


def test_without_tqdm_there_is_a_line_for_each(demo, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    assert list(demo.progress(["one", "two"])) == ["one", "two"]
    assert capsys.readouterr().err.splitlines() == ["1/2  one", "2/2  two"]
