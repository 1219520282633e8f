"""One HTML page of demos: what they show, print and draw, and the slides that they belong to."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".gif": "image/gif"}
VERDICTS = re.compile(r"^(holds|partly|no)(?= {2,}“)", re.M)


@dataclass(frozen=True)
class Played:
    """One demo: what it is about, what it said and drew, and how long it took."""

    name: str
    text: str  # its docstring
    printed: str
    files: dict[str, Path]
    seconds: float
    folder: Path

    @property
    def title(self) -> str:
        """The first line of the docstring."""
        return self.text.partition("\n")[0]

    @property
    def slides(self) -> list[str]:
        """The titles of the slides it covers: all that is quoted after “Lecture:”."""
        covered = re.search(r"^Lecture:(.*?)(?:^The one thing|\n\n)", self.text, re.M | re.S)
        return re.findall(r'"([^"]+)"', covered[1].replace("\n", " ")) if covered else []

    @property
    def point(self) -> str:
        """The one thing to see."""
        found = re.search(r"^The one thing to see: (.*?)(?:\n\n|\Z)", self.text, re.M | re.S)
        point = " ".join(found[1].split()) if found else ""
        return point[:1].upper() + point[1:]

    @property
    def formulas(self) -> list[str]:
        """Indented lines of the docstring that are no commands."""
        lines = [line.strip() for line in self.text.splitlines() if line.startswith("    ")]
        return [line for line in lines if not line.startswith("python ")]

    @property
    def pictures(self) -> dict[str, Path]:
        """What can be shown; of a drawing that there is in two kinds, the SVG."""
        shown = {what: path for what, path in self.files.items() if path.suffix in KINDS}
        sharp = {path.with_suffix("") for path in shown.values() if path.suffix == ".svg"}
        return {
            what: path
            for what, path in shown.items()
            if path.suffix != ".png" or path.with_suffix("") not in sharp
        }

    @property
    def told(self) -> str:
        """What was printed, without the lines that say where the files are."""
        lines = self.printed.splitlines()
        return "\n".join(line for line in lines if str(self.folder) not in line).strip()


def page(played: Iterable[Played]) -> str:
    """The whole page: the slides with their demos, then every demo."""
    played = list(played)
    sections = "\n".join(section(one) for one in played)
    return PAGE.format(style=STYLE, contents=contents(played), slides=index(played), demos=sections)


def contents(played: list[Played]) -> str:
    """The demos, as links."""
    rows = [f'<li><a href="#{one.name}">{escape(one.title)}</a></li>' for one in played]
    return f"<ol>{''.join(rows)}</ol>"


def index(played: list[Played]) -> str:
    """Every slide in the order of the demos, an anchor with links to where it is shown."""
    demos: dict[str, list[str]] = {}
    for one in played:
        for slide in one.slides:
            demos.setdefault(slide, []).append(f'<a href="#{one.name}">{one.name}</a>')
    rows = [
        f'<tr id="{escape(anchor(slide))}"><td>{escape(slide)}</td><td>{", ".join(links)}</td></tr>'
        for slide, links in demos.items()
    ]
    return f"<table>{''.join(rows)}</table>"


def anchor(slide: str) -> str:
    """The name by which a slide can be linked to: its title, which may differ in a dot only."""
    return "slide:" + slide.replace(" ", "_")


def section(one: Played) -> str:
    """Title, slides, point, formulas, pictures, and all that was printed."""
    slides = [f'<a class="slide" href="#{quote(anchor(s))}">{escape(s)}</a>' for s in one.slides]
    formulas = [f'<p class="formula">{escape(formula)}</p>' for formula in one.formulas]
    return "\n".join(
        [
            f'<section id="{one.name}">',
            f'<h2><a href="#{one.name}">{escape(one.title)}</a></h2>',
            f"<p>{' '.join(slides)}</p>",
            f'<p class="point">{escape(one.point)}</p>' if one.point else "",
            *formulas,
            *(figure(what, path) for what, path in one.pictures.items()),
            *(steps(what, path) for what, path in one.files.items() if path.suffix == ".html"),
            f"<pre>{judged(escape(one.told, quote=False))}</pre>",
            f"<p><code>python demos/{one.name}.py</code> took {one.seconds:.1f} s</p>",
            "</section>",
        ]
    )


def figure(what: str, path: Path) -> str:
    """A picture with all of its bytes."""
    content = b64encode(path.read_bytes()).decode()
    image = f'<img alt="{escape(what)}" src="data:{KINDS[path.suffix]};base64,{content}">'
    caption = escape(what.removesuffix(", svg"))
    return f"<figure>{image}<figcaption>{caption}</figcaption></figure>"


def steps(what: str, path: Path) -> str:
    """A page within the page: one that can be stepped through."""
    inner = escape(path.read_text(encoding="utf-8"))
    return (
        f"<details><summary>{escape(what)}</summary>"
        f'<iframe title="{escape(what)}" srcdoc="{inner}" loading="lazy"></iframe></details>'
    )


def judged(printed: str) -> str:
    """Verdicts as badges: a word, and a colour."""
    return VERDICTS.sub(r'<b class="\1">\1</b>', printed)


PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The lecture, live</title>
<style>{style}</style>
</head>
<body>
<h1>The lecture, live</h1>
<p>Every picture, table and formula of the demos. Where the lecture says something, the
numbers say whether it <b class="holds">holds</b>, <b class="partly">partly</b>, or
<b class="no">no</b>.</p>
{contents}
<h2>By slide</h2>
{slides}
{demos}
</body>
</html>
"""

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --quiet: #f2f4f6;
  --line: #c9d0d6; --link: #005a94; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaee; --paper: #12171d; --quiet: #1b232c; --line: #3b4754; --link: #7cc4f5; } }
body { max-width: 66rem; margin: 2rem auto; padding: 0 1rem; color: var(--ink);
  background: var(--paper); font: 1.05rem/1.5 system-ui, sans-serif; }
a { color: var(--link); }
h2 a { color: inherit; text-decoration: none; }
section { border-top: 1px solid var(--line); margin-top: 3rem; }
table { border-collapse: collapse; }
td { border-bottom: 1px solid var(--line); padding: .2rem 1.2rem .2rem 0; vertical-align: top; }
.slide { display: inline-block; margin: .1rem 0; padding: 0 .6em; border-radius: 1em;
  border: 1px solid var(--line); font-size: .85rem; text-decoration: none; }
.point { font-size: 1.15rem; border-left: .3rem solid var(--link); padding-left: 1rem; }
.formula { font: italic 1.25rem/1.6 "Cambria Math", "STIX Two Text", Georgia, serif;
  margin: .4rem 0 .4rem 2rem; }
figure { margin: 1.5rem 0; }
img { max-width: 100%; height: auto; background: #ffffff; border-radius: .4rem; }
figcaption { font-size: .9rem; opacity: .8; }
pre { background: var(--quiet); padding: 1rem; border-radius: .4rem; overflow-x: auto;
  font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
iframe { width: 100%; height: 42rem; border: 1px solid var(--line); background: #ffffff; }
b.holds, b.partly, b.no { color: #ffffff; border-radius: .3rem; padding: 0 .15em; }
b.holds { background: #00664b; } b.partly { background: #8a5a00; } b.no { background: #a3206d; }
tr:target, section:target > h2 { background: var(--quiet); }
"""
