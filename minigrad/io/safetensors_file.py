"""The safetensors format, through the package of that name."""

from __future__ import annotations

import json
import zlib
from typing import Any, BinaryIO

import numpy as np

from minigrad.errors import LoadError
from minigrad.graph import Array
from minigrad.io.packing import unique

TEXT, CHECKSUM = "minigrad.text", "minigrad.crc32"  # entries of the file's metadata


def package() -> Any:
    """The package safetensors, or an ImportError that says how to get it."""
    try:
        import safetensors
        import safetensors.numpy
    except ImportError as error:
        raise ImportError(
            'a .safetensors file needs the package safetensors: pip install "minigrad[safetensors]"'
        ) from error
    return safetensors


def write(file: BinaryIO, arrays: dict[str, Array], text: str | None) -> None:
    """Write arrays, text if there is any, and a checksum of both."""
    metadata = {CHECKSUM: checksum(arrays, text)} | ({} if text is None else {TEXT: text})
    file.write(package().numpy.save(arrays, metadata))


def read(file: BinaryIO, size: int) -> tuple[dict[str, Array], str | None]:
    """The arrays of a file of so many bytes, and the text, if it holds one."""
    length = int.from_bytes(file.read(8), "little")
    if length > size - 8:
        raise LoadError(f"a header of {length} bytes in a file of {size}")
    header = json.loads(file.read(length), object_pairs_hook=unique)
    metadata = header.pop("__metadata__", {})
    with package().safe_open(file.name, "numpy") as entries:
        arrays = {name: np.array(entries.get_tensor(name)) for name in header}
    text = metadata.get(TEXT)
    if metadata.get(CHECKSUM, checksum(arrays, text)) != checksum(arrays, text):
        raise LoadError("the checksum does not fit the content: some of it was changed")
    return arrays, text


def checksum(arrays: dict[str, Array], text: str | None) -> str:
    """A CRC-32 of all that is stored, whatever the order of the entries."""
    total = zlib.crc32(repr(text).encode())
    for name in sorted(arrays):
        array = arrays[name]
        total = zlib.crc32(f"{name!r} {array.dtype} {array.shape}".encode(), total)
        total = zlib.crc32(array.tobytes(), total)
    return f"{total:08x}"
