"""save and load: nested dicts of arrays and plain values, as .npz or .safetensors; never pickle."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from minigrad.errors import LoadError
from minigrad.io import npz, safetensors_file
from minigrad.io.packing import Packing, assembled
from minigrad.words import shown

MAX_BYTES = 4 * 2**30


def save(obj: Mapping[Any, Any], path: str | os.PathLike[str]) -> None:
    """Write a dict to a file: safetensors if the name ends in .safetensors, else npz.

    Values: arrays and tensors (real numbers and bools; also those of other libraries), numbers,
    strings, bools, None, and lists, tuples and dicts of those. The file gets exactly the name
    given. It is replaced as a whole, once everything is written: whatever happens, the old or the
    new one is there.

    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> with TemporaryDirectory() as folder:
    ...     save({"weight": np.ones(3), "epochs": 20}, f"{folder}/net.npz")
    ...     load(f"{folder}/net.npz")
    {'weight': array([1., 1., 1.]), 'epochs': 20}

    Errors: a TypeError for a value that is none of these, an OSError if the file cannot be
    written; an ImportError without the package safetensors.
    """
    if not isinstance(obj, Mapping):
        raise TypeError(f"save: wanted a dict, such as a state dict, got {type(obj).__name__}")
    path = checked_path("save", path)
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: there is no folder {path.parent}; make it first")
    packing = Packing()
    text = packing.text(obj)
    write = format_of(path).write
    replace(path, lambda file: write(file, packing.arrays, text))


def load(path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> dict[Any, Any]:
    """What was saved: a dict with NumPy arrays, each writable and in memory of its own.

    The format goes by the name, as for `save`. Also reads what np.savez wrote, and safetensors
    files of other programs; their bfloat16 comes as float32, which has the same numbers.

    Errors: a LoadError (a ValueError) for a file that is damaged, larger than max_bytes, or holds
    anything else than arrays of numbers; an OSError if there is no such file. No code of the file
    is ever run, and its arrays take no more memory than the file has bytes (bfloat16 twice that).
    """
    path = checked_path("load", path)
    check_max_bytes(max_bytes)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise LoadError(f"{path}: {size} bytes; max_bytes={max_bytes} allows for no more")
        try:
            arrays, text = format_of(path).read(file, size)
            return assembled(text, arrays)
        except (ImportError, MemoryError):
            raise
        except LoadError as error:
            raise LoadError(f"{path}: {error}") from None
        except Exception as error:  # whatever a library stumbles over in a damaged file
            raise LoadError(f"{path}: damaged: {type(error).__name__}: {error}") from error


def checked_path(function: str, path: Any) -> Path:
    """The path, if it is one."""
    try:
        return Path(os.fsdecode(path))
    except TypeError:
        raise TypeError(
            f"{function}: path is {shown(path)} of type {type(path).__name__}, wanted a file name"
        ) from None


def check_max_bytes(max_bytes: Any) -> None:
    """Raise for what is no number of bytes."""
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int):
        raise TypeError(
            f"load: max_bytes is {shown(max_bytes)} of type {type(max_bytes).__name__}, wanted a "
            "whole number"
        )
    if max_bytes < 0:
        raise ValueError(f"load: max_bytes is {max_bytes}, wanted a whole number of at least 0")


def format_of(path: Path) -> Any:
    """The module that reads and writes such a file."""
    return safetensors_file if path.suffix == ".safetensors" else npz


def replace(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Write a file under another name, then let it take its place in one step."""
    part = path.with_name(f".{path.name}.part")
    try:
        with open(part, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
