"""The house: who imports whom. Arrows point down only, and nothing heavy comes with the face."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import minigrad as mg

ROOT = Path(__file__).parent.parent / "minigrad"

# For each part of the package, the parts it may import. In this order a reader can take them.
EVERYWHERE = {"words"}  # what any part may import
LAYERS: dict[str, set[str]] = {
    "errors": set(),
    "words": set(),
    "heap": set(),
    "ownership": set(),
    "later": set(),
    "rng": set(),
    "recording": set(),
    "ieee": set(),
    "value": {"ieee"},
    "graph": {"recording"},
    "walk": {"graph", "ownership", "recording"},
    "ops": {"graph", "walk", "recording"},
    "tape": {"value", "ops", "graph"},
    "differentiable": {"graph", "walk"},
    "convertible": {"graph"},
    "tensor": {"differentiable", "convertible", "ops", "graph", "recording"},
    "create": {"tensor", "ops", "graph", "rng"},
    "numpy_functions": {"create", "tensor", "ops"},
    "linalg": {"ops"},
    "functional": {"tensor", "graph", "walk", "recording"},
    "function": {"tensor", "ops", "graph", "recording"},
    "inspection": {"graph", "value", "walk"},
    "replay": {"function", "graph"},
    "check": {"functional", "tensor", "function", "value", "ops", "graph", "walk", "recording",
              "inspection", "replay", "rng", "viz"},
    "viz": {"graph", "recording", "replay", "walk"},
    "explaining": {"graph", "ops", "viz", "walk"},
    "data": {"errors", "rng"},
    "optim": set(),
    "io": {"errors", "graph", "ops"},
    "history": set(),
    "progress": set(),
    "scores": set(),
    "nn": {"tensor", "differentiable", "ops", "graph", "recording", "rng"},
    "training": {"create", "data", "history", "optim", "progress", "recording", "rng", "scores",
                 "tensor"},
}  # fmt: skip


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """The parts of minigrad that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [f"minigrad.{a.name}" for a in node.names] if module == "minigrad" else [module]
        found |= {name.split(".")[1] for name in names if name.startswith("minigrad.")}
    return found


IMPORTS = (ast.Import, ast.ImportFrom)
FILES = [path for path in sorted(ROOT.rglob("*.py")) if path != ROOT / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_arrows_point_down(path):
    part = part_of(path)
    assert part in LAYERS, f"{part} has no place in the list of layers"
    assert imports(path) - {part} <= LAYERS[part] | EVERYWHERE


def test_the_layers_have_no_circles():
    done: set[str] = set()
    while len(done) < len(LAYERS):
        ready = {part for part, below in LAYERS.items() if below <= done} - done
        assert ready, set(LAYERS) - done
        done |= ready


def test_the_face_defines_nothing():
    tree = ast.parse((ROOT / "__init__.py").read_text())
    kinds = {type(node) for node in tree.body[1:]}
    assert kinds <= {ast.ImportFrom, ast.Import, ast.Assign, ast.If}


def test_every_public_name_is_there_and_is_the_one_that_type_checkers_see():
    assert [name for name in mg.__all__ if not hasattr(mg, name)] == []
    tree = ast.parse((ROOT / "__init__.py").read_text())
    (later,) = [node for node in tree.body if isinstance(node, ast.If)]
    for statement in later.body:
        for alias in statement.names:
            home = import_module(statement.module)
            assert getattr(mg, alias.name) is getattr(home, alias.name)
    seen = {alias.asname or alias.name for node in ast.walk(tree) if isinstance(node, IMPORTS)
            for alias in node.names}  # fmt: skip
    assert set(mg.__all__) <= seen


def test_a_notebook_offers_the_public_names_and_no_others_before_any_is_used():
    offered = subprocess.run(
        [sys.executable, "-c", "import minigrad; print(*dir(minigrad))"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert [name for name in offered if name[:2] != "__"] == sorted(mg.__all__)
    assert {"__doc__", "__file__", "__name__"} <= set(offered)


def test_an_unknown_name_of_the_face_is_an_attribute_error():
    with pytest.raises(AttributeError, match="minigrad has no attribute 'gradchek'"):
        _ = mg.gradchek


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; before = set(sys.modules); {statement}; print(*set(sys.modules) - before)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in run.stdout.split()}


def test_LIM_12_import_brings_neither_graphviz_nor_an_extra():
    extras = {"graphviz", "matplotlib", "tqdm", "safetensors", "hypothesis", "torch", "IPython"}
    assert not loaded_by("import minigrad") & extras


def test_no_two_test_files_bear_one_name():
    # pytest imports the files of a folder without __init__.py by their bare names.
    names = [path.name for path in Path(__file__).parent.rglob("*.py") if path.name[:2] != "__"]
    inside_packages = {path.name for path in (ROOT.parent / "tests/benchmarks").rglob("*.py")}
    outside = [name for name in names if name not in inside_packages]
    assert sorted(set(outside)) == sorted(outside)
