"""The report in a notebook: all that it says, escaped, readable on light and dark ground."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

import minigrad as mg
from minigrad.check import Failure, Kink, Place, Report, Row, check_graph, gradcheck, html

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "' style='x",
    "</td></table><h1>",
    "&lt;b&gt;",
    "&#60;i&#62;",
    "a\nb",
    "-->",
    "]]>",
    "\\N",
    "é漢",
]
ELEMENTS = "div p b span table thead tbody tr th td details summary ul li".split()


class Reader(HTMLParser):
    """The elements, attributes and texts of a page; it must be well nested."""

    def __init__(self, page):
        super().__init__()
        self.open, self.elements, self.attributes, self.texts = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.elements.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join(self.texts)


def failing():
    @mg.primitive(a=lambda g, y, a, b: g * b, b=lambda g, y, a, b: 2 * g * a)
    def product(a, b):
        return a * b

    x = np.arange(1.0, 9.0)
    return gradcheck(lambda a, b: product(a, b).sum(), (x, x), raise_exception=False)


def hostile(text):
    """A report that has the text wherever one can be."""
    place = Place(text, 0, text, (1,))
    return Report(
        text,
        rows=[Row(text, text, 3, 3, 0.5, text, place)],
        failures=[Failure("wrong gradient", place, "", 1, 2, 0.5), Failure(text, place, text)],
        kinks=[Kink(place, 0.0, 1.0, 0.0)],
        warnings=[text],
        blame=[text],
    )


def test_it_says_what_the_text_says():
    report = failing()
    page = Reader(report._repr_html_()).text
    for word in ("FAILED", "gradcheck of the function", "(wrong gradient)", "input 1", "8 wrong"):
        assert word in page
    for failure in sorted(report.failures, key=lambda failure: -failure.error)[:5]:
        for words in failure.cells:
            assert words in page
    assert report.group_title(report.failures) in page
    assert report.failures[0].diagnosis in page
    (blame, *_) = report.blame
    assert blame in page and "the op to blame: product" in blame


def test_a_good_report_is_ok_with_its_worst_error_and_kinks():
    report = gradcheck(mg.relu, np.array([1.0, 0.0, -2.0]))
    page = Reader(report._repr_html_()).text
    assert "ok" in page and "FAILED" not in page
    assert "worst error" in page and "not differentiable" in page
    assert str(report.kinks[0]) in page


@pytest.mark.parametrize("text", HOSTILE)
def test_everything_is_escaped(text):
    reader = Reader(hostile(text)._repr_html_())
    assert set(reader.elements) <= set(ELEMENTS)
    assert {name for name, _ in reader.attributes} <= {"style", "scope", "open"}
    assert reader.text.count(text.replace("\n", " ")) >= 8


@pytest.mark.parametrize("character", ["\x00", "\x07", "\ud800", "\u202e", "\u2066", "\ufffe"])
def test_characters_that_break_a_page_are_replaced(character):
    page = hostile(f"a{character}b")._repr_html_()
    assert character not in page and "a\ufffdb" in page
    page.encode()


def test_nothing_is_loaded_and_no_script_runs():
    pages = failing()._repr_html_() + hostile("http://evil")._repr_html_()
    styles = " ".join(re.findall(r'style="([^"]*)"', pages))
    assert "url" not in styles and "import" not in styles
    assert not re.search(r"<(script|style|link|img|iframe)|\s(src|href|on\w+)=", pages)


def test_long_lists_are_cut_and_few_tables_are_open():
    many = [
        Failure("wrong gradient", Place("f", k, f"input {k}", (i,)), "", 1.0, 2.0, 0.1 * i)
        for k in range(4)
        for i in range(50)
    ]
    report = Report("check", failures=many, warnings=[f"note {i}" for i in range(9)])
    page = report._repr_html_()
    assert page.count("<details>") == page.count("<details open>") == 2
    assert page.count("(49,)") == 4 and "(44,)" not in page
    assert "note 4" in page and "note 5" not in page and "and 4 more" in page


def test_bars_are_logarithmic_and_stay_in_their_cell():
    lengths = [float(re.search(r"width:([\d.]+)em", html.bar(e, False))[1]) for e in
               (0.0, 1e-20, 1e-16, 1e-8, 1.0, 1e9)]  # fmt: skip
    assert lengths == [0, 0, 0, 2.5, 5, 5]
    assert "width:0.00em" in html.bar(float("nan"), True)


def test_it_never_raises():
    row = Row("x", "()", 1, 1, 0.5, "ok")
    broken = [
        Report("check", rows=[replace(row, worst="much")]),
        Report("check", rows=[None]),
        Report("check", failures=[Failure("wrong gradient", None)]),
        Report("check", warnings=[Raising()]),
    ]
    for report in broken:
        assert report._repr_html_() == "<pre>The report cannot be shown as HTML; print it.</pre>"
    assert Reader(Report("check")._repr_html_()).text.strip().startswith("ok")


class Raising:
    def __str__(self):
        raise ZeroDivisionError


def test_check_graph_too():
    x = mg.Tensor([1.0, 2.0], True, name="<x>")
    page = Reader(check_graph((x * x).sum())._repr_html_())
    assert "multiply" in page.texts and "leaf <x>" in page.texts


# --- Contrast -------------------------------------------------------------------------------------

LIGHT, DARK = "#FFFFFF", "#111111"  # of notebooks; text on them:
INK = {LIGHT: "#212121", DARK: "#DEDEDE"}


def luminance(color):
    parts = [x / 255 for x in bytes.fromhex(color[1:])]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(a, b):
    darker, lighter = sorted((luminance(a), luminance(b)))
    return (lighter + 0.05) / (darker + 0.05)


def over(ground):
    """The colour of a bad row on a ground."""
    *rgb, share = (float(x) for x in re.findall(r"[\d.]+", html.BAD_ROW))
    mixed = [share * c + (1 - share) * g for c, g in zip(rgb, bytes.fromhex(ground[1:]))]
    return "#" + bytes(round(c) for c in mixed).hex()


def test_text_can_be_read_and_bars_can_be_seen():
    for ground in (html.GOOD, html.BAD):
        assert "color:#FFFFFF" in html.BADGE and contrast("#FFFFFF", ground) >= 4.5
    for ground, ink in INK.items():
        assert contrast(ink, over(ground)) >= 4.5
        for bar in (html.GOOD_BAR, html.BAD_BAR):
            assert contrast(bar, over(ground)) >= 3
            assert contrast(bar, ground) >= 3
