"""The tables that are read off the source: every op with its derivatives, every optimizer.

    python -m tests.tables

writes minigrad/ops/README.md, and the optimizers between two marks of the README. A test fails if
they are stale.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.append(str(Path(__file__).parent))

from benchmarks.marks import between

ROOT = Path(__file__).parent.parent
README, OPS_FILE = ROOT / "README.md", ROOT / "minigrad" / "ops" / "README.md"
BEGIN, END = "<!-- optimizers -->", "<!-- end of optimizers -->"
FILES = {  # in the order in which one reads them
    "elementwise": "Entry by entry",
    "piecewise": "Piece by piece",
    "erf": "The normal distribution",
    "activation": "Activations",
    "reduce": "Sums and other reductions",
    "shape": "Shapes",
    "join": "Indexing and joining",
    "stacking": "Stacking",
    "products": "Products of matrices",
    "linalg": "Square matrices",
    "conv": "Convolution",
    "conv_transpose": "Transposed convolution",
    "pool": "Pooling",
    "norm": "Batch normalisation",
    "sample_norm": "Layer and group normalisation",
    "loss": "Cross-entropy",
    "embedding": "Embedding",
    "recurrent": "Recurrent layers",
}
HEADER = """# Every op and its derivatives

Read off the source by `python -m tests.tables`. g is ∂L/∂y, the gradient that comes from above;
what stands in a code font is the rule itself, which is arithmetic and works on arrays and on
graphs. An op whose rule is a sentence has the code below that sentence in its file.
"""


@dataclass
class Entry:
    """An op as its file has it."""

    name: str
    formula: str
    rules: dict[str, str] = field(default_factory=dict)  # by input


def entries(path: Path) -> list[Entry]:
    """The public ops of a file, in its order, with their rules."""
    found: dict[str, Entry] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                enter(found, node, decorator)
    return [entry for entry in found.values() if entry.rules]


def enter(found: dict[str, Entry], function: ast.FunctionDef, decorator: ast.expr) -> None:
    """An op, or what a decorator like @exp.wrt("x") adds to one."""
    maker = decorator.func if isinstance(decorator, ast.Call) else decorator
    said = first_sentence(ast.get_docstring(function) or "")
    if isinstance(maker, ast.Name) and maker.id in ("elementwise", "primitive"):
        found[function.name] = entry = Entry(function.name, said)
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg and isinstance(keyword.value, ast.Lambda):
                entry.rules[keyword.arg] = f"`{ast.unparse(keyword.value.body)}`"
    elif isinstance(maker, ast.Attribute) and isinstance(maker.value, ast.Name):
        entry = found.get(maker.value.id, Entry("", ""))
        if maker.attr == "wrt" and isinstance(decorator, ast.Call):
            entry.rules |= {ast.literal_eval(name): said for name in decorator.args}
        elif maker.attr == "fast" and not entry.rules:
            entry.rules["all"] = said


def first_sentence(text: str) -> str:
    """The first line or paragraph of a docstring, on one line, for a cell of a table."""
    line = " ".join(text.strip().partition("\n\n")[0].split())
    return line.rstrip(".").replace("|", "\\|")


def ops() -> str:
    """The text of the file in the folder of the ops."""
    return "\n".join([HEADER, *(section(file, title) for file, title in FILES.items())])


def section(file: str, title: str) -> str:
    """The ops of one file."""
    path = ROOT / "minigrad" / "ops" / f"{file}.py"
    lines = [f"## {title}: [`{file}.py`]({file}.py)", ""]
    lines += ["| op | | gradient |", "|---|---|---|"]
    for entry in entries(path):
        told = [f"{name}: {rule}" if name != "all" else rule for name, rule in entry.rules.items()]
        lines.append(f"| {entry.name} | {entry.formula} | {'<br>'.join(told)} |")
    return "\n".join([*lines, ""])


def optimizers() -> str:
    """The table of optimizers: both forms of each, as the demo compares them."""
    sys.path.insert(0, str(ROOT / "demos"))
    try:
        from optimizer_forms import BOTH, FORMS, LECTURE, LITERATURE
    finally:
        sys.path.remove(str(ROOT / "demos"))
    forms = {(one.name, one.source): one for one in FORMS}
    lines = ["| optimizer | lecture | literature | class |", "|---|---|---|---|"]
    for name in dict.fromkeys(one.name for one in FORMS):
        both = forms.get((name, BOTH))
        ours = [both or forms[name, source] for source in (LECTURE, LITERATURE)]
        cells = [
            "as the lecture" if i and both else steps(one.formula) for i, one in enumerate(ours)
        ]
        lines.append(f"| {name} | {cells[0]} | {cells[1]} | `{ours[0].kind.__name__}` |")
    return "\n".join(lines)


def steps(formula: str) -> str:
    """Each step of an update on a line of its own."""
    return re.sub(r";\s+", "<br>", formula)


def with_optimizers(text: str) -> str:
    """The README with the table as it is now."""
    return between(text, BEGIN, END, optimizers())


def files() -> Iterator[tuple[Path, str]]:
    """What there is to write: a file and its text."""
    yield OPS_FILE, ops()
    yield README, with_optimizers(README.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for path, text in files():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
