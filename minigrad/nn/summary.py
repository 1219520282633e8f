"""Summary: the layers of a model, what each gives for an input, and how much it has to learn."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minigrad.graph import leaf
from minigrad.nn.parameter import Parameter
from minigrad.nn.tree import Tree
from minigrad.recording import no_grad
from minigrad.rng import drawing_from
from minigrad.tensor import Tensor

Shape = tuple[int, ...]
Output = list[tuple[Shape, int]]  # of one call: shape and new bytes of each tensor


@dataclass(frozen=True)
class Row:
    """A module: where and what it is, what it gave, and the parameters that are its own.

    path: "" for the model itself. calls: how often it ran. output_shapes: of the tensors that it
    gave last. output_bytes: the memory that it took for its outputs. parameters: how many numbers,
    without those that a row above has counted, which are shared; some of them may be frozen.
    """

    path: str
    type: str
    calls: int
    output_shapes: tuple[Shape, ...]
    output_bytes: int
    parameters: int
    frozen: int
    shared: int


@dataclass(frozen=True)
class Total:
    """Sums over the whole model, in which everything that is shared counts once.

    output_bytes: of the modules that hold no others.
    """

    parameters: int
    frozen: int
    buffers: int
    parameter_bytes: int
    buffer_bytes: int
    output_bytes: int

    @property
    def trainable(self) -> int:
        """The parameters that require a gradient."""
        return self.parameters - self.frozen


@dataclass(frozen=True, repr=False)
class Summary:
    """What `Module.summary` found: `rows` and `total` as data, `str()` as a table.

    input_shapes: with the batch axis; () if the model was not run.
    """

    input_shapes: tuple[Shape, ...]
    rows: tuple[Row, ...]
    total: Total

    def __repr__(self) -> str:
        heading = ["path", "type", "output shape", "parameters", "frozen", "shared"]
        ran = bool(self.input_shapes)
        given = [["", "input", listed(self.input_shapes), "", "", ""]] * ran
        rows = [cells(r, ran) for r in self.rows]
        above = aligned([heading, *given, *rows], numbers=(3, 4, 5), headings=1)
        below = aligned(sums(self.total)[: 2 + ran], numbers=(1, 2))
        rule = "─" * max(map(len, above + below))
        return "\n".join([above[0], rule, *above[1:], rule, *below])


def summarized(model: Any, input_shape: Any, batch_size: int | None, dtype: Any) -> Summary:
    """Run a module once on zeros, and collect what happened: the work of `Module.summary`."""
    inputs = [] if input_shape is None else zeros(model, input_shape, batch_size, dtype)
    modules = dict(model.named_modules())
    outputs: dict[Any, list[Output]] = {module: [] for module in modules.values()}
    if inputs:
        with set_aside(model), no_grad(), drawing_from(0):
            for module, calls in outputs.items():
                module.register_forward_hook(partial(note, calls))
            run(model, inputs)
    counted: set[int] = set()
    rows = [row(path, module, outputs[module], counted) for path, module in modules.items()]
    return Summary(tuple(x.shape for x in inputs), tuple(rows), total(model, rows))


# --- Running --------------------------------------------------------------------------------


def zeros(model: Any, input_shape: Any, batch_size: int | None, dtype: Any) -> list[Tensor]:
    """A tensor of zeros for every input."""
    parts = list(input_shape) if np.iterable(input_shape) else []
    shapes = list(map(shape_of, parts if parts and all(map(np.iterable, parts)) else [input_shape]))
    dtypes = dtype if isinstance(dtype, list | tuple) else [dtype] * len(shapes)
    if len(dtypes) != len(shapes):
        raise ValueError(
            f"summary: dtype has {len(dtypes)} entries, input_shape {len(shapes)}; give one for "
            "each input, or one for all"
        )
    batch = () if batch_size is None else shape_of(batch_size)
    own = next((p.dtype for _, p in model.named_parameters()), np.float32)
    return [leaf(np.zeros(batch + s, own if d is None else d)) for s, d in zip(shapes, dtypes)]


def shape_of(given: Any) -> Shape:
    """A shape as a tuple; a number is the length of the only axis."""
    lengths = tuple(given) if np.iterable(given) else (given,)
    if not all(isinstance(n, int | np.integer) and n >= 0 for n in lengths):
        raise ValueError(
            f"summary: {given!r} is no shape; wanted whole numbers, such as (1, 28, 28), or for "
            "several inputs a list of shapes"
        )
    return tuple(int(n) for n in lengths)


@contextmanager
def set_aside(model: Any) -> Iterator[None]:
    """For a while the modules are in evaluation, without hooks, and with copies of all that
    running might change; afterwards their attributes are as before."""
    before = [(module, dict(vars(module))) for module in model.modules()]
    for module, attributes in before:
        vars(module).update({name: spare(x) for name, x in attributes.items()})
        vars(module).update(training=False, _hooks={})
    try:
        yield
    finally:
        for module, attributes in before:
            vars(module).clear()
            vars(module).update(attributes)


def spare(x: Any) -> Any:
    """A copy of what can be changed in place; parameters and modules as they are."""
    if isinstance(x, Tensor) and not isinstance(x, Parameter):
        return leaf(x.data.copy())
    if isinstance(x, np.random.Generator):
        return copy.deepcopy(x)
    return copy.copy(x) if isinstance(x, list | dict | set | np.ndarray) else x


def run(model: Any, inputs: list[Tensor]) -> None:
    """Run the model; an exception says what it was run on."""
    try:
        model(*inputs)
    except Exception as error:
        given = ", ".join(f"{x.shape} of {x.dtype}" for x in inputs)
        error.add_note(
            f"while summary ran {type(model).__name__} on zeros {given}; input_shape goes without "
            "the batch axis, or with it and batch_size=None; indices need dtype=int"
        )
        raise


def note(calls: list[Output], module: Any, args: tuple[Any, ...], y: Any) -> None:
    """A hook: add what this call gave; what shares memory with an argument takes none itself."""
    given = [x.data for x in tensors(args)]
    output = []
    for x in tensors(y):
        new = not any(np.may_share_memory(x.data, a) for a in given)
        output.append((x.shape, x.data.nbytes if new else 0))
    calls.append(output)


def tensors(value: Any) -> Iterator[Tensor]:
    """The tensors in a tuple, list or dict, or in those inside of it."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple | Mapping):
        for x in value.values() if isinstance(value, Mapping) else value:
            yield from tensors(x)


# --- Counting -------------------------------------------------------------------------------


def row(path: str, module: Tree, calls: list[Output], counted: set[int]) -> Row:
    """What there is to say of one module; counted are the parameters of the rows above."""
    own = dict(module.named_parameters(recurse=False)).values()
    new = [p for p in own if id(p) not in counted]
    counted.update(map(id, own))
    return Row(
        path=path,
        type=type(module).__name__,
        calls=len(calls),
        output_shapes=tuple(shape for shape, _ in calls[-1]) if calls else (),
        output_bytes=sum(size for output in calls for _, size in output),
        parameters=sum(p.size for p in new),
        frozen=sum(p.size for p in new if not p.requires_grad),
        shared=sum(p.size for p in own) - sum(p.size for p in new),
    )


def total(model: Any, rows: list[Row]) -> Total:
    """The sums."""
    parameters, buffers = [p for _, p in model.named_parameters()], list(model.buffers())
    innermost = [r for r, m in zip(rows, model.modules()) if not list(m.children())]
    return Total(
        parameters=sum(p.size for p in parameters),
        frozen=sum(p.size for p in parameters if not p.requires_grad),
        buffers=sum(b.size for b in buffers),
        parameter_bytes=sum(p.data.nbytes for p in parameters),
        buffer_bytes=sum(b.data.nbytes for b in buffers),
        output_bytes=sum(r.output_bytes for r in innermost),
    )


# --- Text -----------------------------------------------------------------------------------


def cells(r: Row, ran: bool) -> list[str]:
    """The columns of a row; whether the model ran says what no call means."""
    output = listed(r.output_shapes) + f" × {r.calls} calls" * (r.calls > 1)
    unused = "not called" * (ran and r.parameters + r.shared > 0)
    numbers = [f"{n:,}" if n else "" for n in (r.parameters, r.frozen, r.shared)]
    return [r.path or "(model)", r.type, output if r.calls else unused, *numbers]


def sums(t: Total) -> list[list[str]]:
    """The lines below the table."""
    state = f"{t.trainable:,} trainable, {t.frozen:,} frozen" if t.frozen else "all trainable"
    return [
        ["parameters", f"{t.parameters:,}", memory(t.parameter_bytes), state * bool(t.parameters)],
        ["buffers", f"{t.buffers:,}", memory(t.buffer_bytes), ""],
        ["outputs", "", memory(t.output_bytes), "of all layers, for this input"],
    ]


def memory(count: int) -> str:
    """A number of bytes."""
    return f"{count / 1e6:,.2f} MB" if count >= 1e5 else f"{count / 1e3:.2f} kB"


def listed(shapes: Iterable[Shape]) -> str:
    return ", ".join(map(str, shapes))


def aligned(rows: list[list[str]], numbers: Collection[int], headings: int = 0) -> list[str]:
    """Rows as lines with columns of equal width, numbers to the right; columns with nothing but
    headings are left out."""
    used = [i for i, column in enumerate(zip(*rows)) if any(column[headings:])]
    widths = [max(len(row[i]) for row in rows) for i in used]
    lines = []
    for row in rows:
        texts = [row[i].rjust(w) if i in numbers else row[i].ljust(w) for i, w in zip(used, widths)]
        lines.append("  ".join(texts).rstrip())
    return lines
