"""The report as a table for notebooks.

Everything is escaped, and nothing is loaded from elsewhere. Text has the colour of the notebook,
light or dark; where a colour speaks, it brings its own ground, and a word says the same.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import bidirectional

from minigrad.viz.text import breaks_markup

if TYPE_CHECKING:
    from minigrad.check.findings import Failure, Row
    from minigrad.check.report import Report

WORST = 5  # wrong entries of one input, kinks, notes
OPEN = 2  # inputs whose wrong entries are unfolded at once
LEAST = 16  # decades below 1 where the bar of an error begins

# Text on these grounds has a contrast of 4.5 or more; the bars have 3 to white and to black.
BADGE = "padding:0 .5em;border-radius:.6em;font-weight:bold;color:#FFFFFF;background:"
GOOD, BAD = "#00664B", "#A3206D"
GOOD_BAR, BAD_BAR = "#2E8B73", "#C2458F"
BAD_ROW = "background:rgba(163,32,109,.12)"
CELL = "padding:.2em .6em;border-bottom:1px solid rgba(128,128,128,.5)"
TEXT, RIGHT = "text-align:left", "text-align:right"
NUMBER = f"{RIGHT};font-family:monospace;white-space:nowrap"

TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def page(report: Report) -> str:
    """The report as HTML; a sentence if that fails, for a display hook must not raise."""
    try:
        parts = [headline(report), *map(paragraph, report.blame), summary(report)]
        parts += wrong_entries(report)
        others = [str(failure) for failure in report.failures if failure.message]
        parts += [listed("", others), listed("not differentiable", report.kinks)]
        parts.append(listed("note", report.warnings))
        return element("div", "".join(parts), "line-height:1.4;overflow-x:auto")
    except Exception:
        return element("pre", "The report cannot be shown as HTML; print it.")


def headline(report: Report) -> str:
    """The verdict."""
    word, color = ("ok", GOOD) if report.ok else ("FAILED", BAD)
    said = report.verdict().removeprefix(word).lstrip(" ,")
    parts = element("span", word, BADGE + color), element("b", text(report.title)), text(said)
    return element("p", " &nbsp;".join(parts), "margin:.3em 0")


def summary(report: Report) -> str:
    """A line for each row of the report."""
    if not report.rows:
        return ""
    heads = [("", TEXT), ("shape", TEXT), ("elements", RIGHT), ("worst error", RIGHT)]
    heads += [("", TEXT), ("verdict", TEXT)]
    return table(heads, map(summary_line, report.rows))


def summary_line(row: Row) -> str:
    """Label, shape, count, the error as a number and as a bar, the verdict."""
    bad = not row.verdict.startswith("ok")
    cells = [
        element("th", text(row.label), f"{TEXT};{CELL};font-weight:normal", scope="row"),
        cell(row.detail, TEXT),
        cell(row.elements, NUMBER),
        cell(f"{row.worst:.1e}", NUMBER),
        element("td", bar(row.worst, bad), f"{TEXT};{CELL}"),
        element("td", verdict(row.verdict, bad), f"{TEXT};{CELL}"),
    ]
    return element("tr", "".join(cells), BAD_ROW if bad else "")


def verdict(words: str, bad: bool) -> str:
    return element("span", text(words), BADGE + BAD) if bad else text(words)


def bar(error: float, bad: bool) -> str:
    """The error on a logarithmic scale: empty at 1e-16, full at 1."""
    share = (LEAST + math.log10(error)) / LEAST if error > 0 else 0.0  # nan: no bar
    length = 5 * min(max(share, 0.0), 1.0)
    look = f"display:inline-block;height:.6em;width:{length:.2f}em;background:"
    return element("span", "", look + (BAD_BAR if bad else GOOD_BAR))


def wrong_entries(report: Report) -> Iterable[str]:
    """For each input with wrong entries the worst of them, to be unfolded."""
    heads = [(head, RIGHT) for head in ("index", "analytic", "numeric", "ratio")]
    for i, group in enumerate(report.groups()):
        worst = sorted(group, key=lambda failure: -failure.error)[:WORST]
        inner = element("summary", text(report.group_title(group)), "cursor:pointer")
        inner += paragraph(group[0].diagnosis) if group[0].diagnosis else ""
        inner += table(heads, map(entry_line, worst))
        yield f"<details{' open' * (i < OPEN)}>{inner}</details>"


def entry_line(failure: Failure) -> str:
    return element("tr", "".join(cell(words, NUMBER) for words in failure.cells))


def listed(heading: str, things: Sequence[Any]) -> str:
    """Things, one below the other, under a heading."""
    if not things:
        return ""
    lines = [text(thing) for thing in things[:WORST]]
    if len(things) > WORST:
        lines.append(f"and {len(things) - WORST} more")
    items = "".join(element("li", line) for line in lines)
    return (paragraph(heading) if heading else "") + element("ul", items, "margin:.2em 0")


# --- Markup -----------------------------------------------------------------------------------


def table(heads: Sequence[tuple[str, str]], lines: Iterable[str]) -> str:
    """A table of lines under heads, each with its style."""
    head = "".join(element("th", text(t), f"{s};{CELL}", scope="col") for t, s in heads)
    body = element("thead", element("tr", head)) + element("tbody", "".join(lines))
    return element("table", body, "border-collapse:collapse;margin:.4em 0")


def cell(content: Any, style: str) -> str:
    return element("td", text(content), f"{style};{CELL}")


def paragraph(content: Any) -> str:
    return element("p", text(content), "margin:.3em 0;font-weight:bold")


def element(name: str, content: str, style: str = "", **attributes: str) -> str:
    """An element around content, which is markup already."""
    told = {"style": style, **attributes} if style else attributes
    inside = "".join(f' {key}="{value}"' for key, value in told.items())
    return f"<{name}{inside}>{content}</{name}>"


def text(content: Any) -> str:
    """Anything as text in one line, escaped."""
    plain = str(content).replace("\n", " ")
    return html.escape("".join("\ufffd" if breaks_page(c) else c for c in plain))


def breaks_page(character: str) -> bool:
    """Whether a character is forbidden in markup, or turns the direction of the text behind it."""
    return breaks_markup(character) or bidirectional(character) in TURNS
