"""Many pictures: random expressions, random names, other hash seeds."""

import hashlib
import random
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from pictured import drawings
from test_drawing import HOSTILE, groups, uses

from minigrad.tensor import Tensor
from minigrad.value import Value
from minigrad.viz import draw

HERE = Path(__file__).parent


# --- Products on edges ----------------------------------------------------------------------------


def expression(seed, leaf):
    """A random graph of numbers, with fan-out; values stay near 1."""
    pick = random.Random(seed)
    pool = [leaf(pick.uniform(0.5, 1.5), f"x{i}") for i in range(pick.randint(2, 4))]
    for _ in range(pick.randint(4, 12)):
        a, b = pick.choice(pool), pick.choice(pool)
        makers = (
            lambda a, b: a + b,
            lambda a, b: a - b * 0.5,
            lambda a, b: a * b,
            lambda a, b: a / (b * b + 1.0),
            lambda a, b: (a + b).tanh(),
            lambda a, b: (a * 0.3).exp(),
            lambda a, b: a.sigmoid() ** 2,
        )
        pool.append(pick.choice(makers)(a, b))
    root = pool[-1] * 1.5
    for x in pool[-4:-1]:
        root = root + x
    return root


@pytest.mark.parametrize("leaf", [Value, lambda x, name: Tensor(x, True, name=name)])
@pytest.mark.parametrize("seed", range(20))
def test_printed_products_add_up_to_the_printed_gradient(seed, leaf):
    """Recomputed from the texts of the picture: each has four digits, so sums are off by that."""
    root = expression(seed, leaf)
    root.backward()
    drawing = draw(root)
    texts, terms = groups(drawing.svg()), {}
    for (tail, head), position in uses(drawing.source):
        for text in texts[f"mg-{head}-{position}"]:
            if " × " in text:
                upstream, local = map(float, text.split(" × "))
                terms.setdefault(tail, []).append(upstream * local)
    checked = []
    for name, lines in texts.items():
        gradient = [float(line.removeprefix("grad ")) for line in lines if line.startswith("grad ")]
        found = terms.get(name.removeprefix("mg-"), [])
        if gradient and found:
            room = 2e-3 * sum(map(abs, found)) + 1e-3 * abs(gradient[0])
            assert sum(found) == pytest.approx(gradient[0], abs=room)
        checked += [bool(found)] * bool(gradient)
    assert len(checked) > 5 and checked.count(False) == 1, "all but the root"


# --- Names from anywhere --------------------------------------------------------------------------


def names(count):
    """Pieces of markup, DOT, escapes and other alphabets, put together at random."""
    pick = random.Random(0)
    pieces = [*HOSTILE, *"\"'\\<>&;:{}[]()|#%$`~^*_-=+.,/ \t\n\r\0\x1b\x7f\ud800\ufffe\u202e\u0301"]
    pieces += [
        "</table>",
        "<br/>",
        "<![CDATA[",
        "\\n",
        "\\N",
        "&#60;",
        "é",
        "漢",
        "ß",
        "x",
        "𝒙",
        "->",
    ]
    for _ in range(count):
        yield "".join(pick.choice(pieces) for _ in range(pick.randint(1, 9)))


def shown(name, longest=24):
    """What a picture has to show for a name, as the documentation of names says."""
    cut = name if len(name) <= longest else name[: longest - 1] + "…"
    cut = cut.replace("\r\n", "\n").replace("\n", "¶")
    return re.sub("[\0-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", cut)


def check_names(count, at_once=100):
    """Draw so many names, many in one picture, and read them from the SVG."""
    wanted = list(names(count))
    for start in range(0, count, at_once):
        several = wanted[start : start + at_once]
        leaves = [Value(float(i), name) for i, name in enumerate(several)]
        total = Value.sum(leaves)
        total.label = several[0]
        drawing = draw(total, title=several[-1], max_nodes=2 * at_once)
        svg = drawing.svg()
        found, tags = (
            groups(svg),
            {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(svg).iter()},
        )
        assert tags <= {"svg", "g", "title", "polygon", "path", "polyline", "ellipse", "text", "a"}
        for i, name in enumerate(several):
            text = found[f"mg-n{i}"][0]
            assert text == shown(name) or (not name.strip() and not text.strip()), repr(name)
        boxes = [name for name in found if re.fullmatch(r"mg-n\d+", name)]
        assert len(boxes) == len(several) + 1 and len(found) == 2 * len(several) + 1


def test_hundreds_of_hostile_names():
    check_names(300)


@pytest.mark.long
def test_ten_thousand_hostile_names():
    check_names(10_000)


# --- The same text every time ---------------------------------------------------------------------


@pytest.mark.long
def test_the_same_text_in_twenty_processes():
    code = (
        "import hashlib, pictured; print(hashlib.sha256(''.join(drawing.source + str(drawing) "
        "for drawing in pictured.drawings().values()).encode()).hexdigest())"
    )
    here = "".join(drawing.source + str(drawing) for drawing in drawings().values())
    wanted = hashlib.sha256(here.encode()).hexdigest()
    pick = random.Random(0)
    for _ in range(20):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={
                "PYTHONHASHSEED": str(pick.randrange(2**32)),
                "PYTHONPATH": f"{HERE}:{HERE.parent.parent}",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.strip() == wanted
