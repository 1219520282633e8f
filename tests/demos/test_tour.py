"""The notebook: it holds no outputs, its cells run, and each shows what it should."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "demos" / "tour.ipynb"

# What each cell shows; a cell that is not listed shows nothing.
DRAWING = {"image/svg+xml", "image/png", "text/plain"}
PAGE = {"text/html", "text/plain"}
FORMULA = {"text/latex", "text/plain"}
TEXT = {"text/plain"}
FIGURE = {"image/png", "text/plain"}
SHOWN = {
    "neuron": DRAWING,
    "backward": DRAWING,
    "fan-out": PAGE,
    "explain": FORMULA,
    "wrong-rule": PAGE,
    "wrong-rule-drawn": DRAWING,
    "arrays": DRAWING,
    "mlp": DRAWING,
    "mlp-opened": DRAWING,
    "step": DRAWING,
    "mlp-trained": TEXT,
    "four-paths": DRAWING,
    "convolution": FORMULA,
    "convolution-figure": DRAWING,
    "norm": DRAWING,
    "norm-opened": DRAWING,
    "cnn": DRAWING,
    "cnn-check": PAGE,
    "train": FIGURE,
    "final": DRAWING,
}


def code_cells() -> list[dict[str, Any]]:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_it_holds_no_outputs():
    """Outputs would be large, and old by the next change."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    assert [c["id"] for c in code_cells() if c["outputs"] or c["execution_count"] is not None] == []
    assert NOTEBOOK.stat().st_size < 30_000


# --- As plain Python ------------------------------------------------------------------------------


def run(source: str, space: dict[str, Any]) -> Any:
    """The value of a cell's last line, which a notebook would show."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr) or source.rstrip().endswith(";"):
        exec(compile(tree, "tour.ipynb", "exec"), space)
        return None
    tree.body.pop()
    exec(compile(tree, "tour.ipynb", "exec"), space)
    return eval(compile(ast.Expression(last.value), "tour.ipynb", "eval"), space)


def offered(value: Any) -> dict[str, Any]:
    """What a notebook is offered to show a value, by kind."""
    bundle = {"text/plain": repr(value)}
    for kind in ("html", "latex"):
        if hasattr(value, f"_repr_{kind}_"):
            bundle[f"text/{kind}"] = getattr(value, f"_repr_{kind}_")()
    return bundle | getattr(value, "_repr_mimebundle_", dict)()


def test_its_cells_run_and_show_what_they_should(tmp_path, monkeypatch):
    from matplotlib import pyplot

    monkeypatch.chdir(tmp_path)
    pyplot.close("all")  # what other tests left open
    space: dict[str, Any] = {"__name__": "tour"}
    shown = {}
    for cell in code_cells():
        value = run("".join(cell["source"]), space)
        if value is not None:
            shown[cell["id"]] = offered(value)
    assert {name: set(bundle) for name, bundle in shown.items()} == {
        name: kinds for name, kinds in SHOWN.items() if kinds is not FIGURE
    }
    assert len(pyplot.get_fignums()) == 1
    pyplot.close("all")
    assert space["history"].latest()["validation accuracy"] > 0.96
    check_numbers(shown)


def check_numbers(shown: dict[str, dict[str, Any]]) -> None:
    """What the text of the notebook says of the pictures."""
    assert "so far 3 + 4 = 7" in shown["fan-out"]["text/plain"]
    assert "FAILED" in shown["wrong-rule"]["text/html"]
    assert "squash" in shown["wrong-rule-drawn"]["image/svg+xml"]
    assert "= 18" in shown["four-paths"]["image/svg+xml"]
    assert r"\frac{\partial L}{\partial F_{11}}" in shown["convolution"]["text/latex"]
    assert "FAILED" not in shown["cnn-check"]["text/html"]


# --- In a kernel ----------------------------------------------------------------------------------


@pytest.fixture
def executed(tmp_path, monkeypatch):
    """The notebook, run from top to bottom in a kernel of its own, away from anyone's settings."""
    import nbformat
    from nbclient import NotebookClient

    for variable in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel has its own
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    where = {"metadata": {"path": str(tmp_path)}}
    patience = {"timeout": 300, "startup_timeout": 300}  # the machine may be busy
    NotebookClient(notebook, kernel_name="python3", resources=where, **patience).execute()
    return notebook


@pytest.mark.notebook
def test_it_runs_in_a_kernel(executed):
    """No cell fails, none writes to stderr, each shows its picture once and in all its kinds."""
    shown, written = {}, []
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                written.append(output.text)
            else:
                shown.setdefault(cell.id, []).append(set(output.data))
    assert written == []
    assert shown == {name: [kinds] for name, kinds in SHOWN.items()}
