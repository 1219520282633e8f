"""The safetensors format, through the package of that name."""

from __future__ import annotations

import json
import zlib
from difflib import get_close_matches
from typing import Any, BinaryIO

import numpy as np

from minigrad.errors import LoadError
from minigrad.graph import Array
from minigrad.io.packing import unique

TEXT, CHECKSUM = "minigrad.text", "minigrad.crc32"  # entries of the file's metadata
OURS = (TEXT, CHECKSUM)  # other programs write neither
DTYPES = ("BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64", "F16", "F32", "F64", "BF16")


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
    metadata, start = header.pop("__metadata__", {}), file.tell()
    arrays = {}
    with package().safe_open(file.name, "numpy") as entries:  # this checks all sizes and places
        check_dtypes(header)
        for name, entry in header.items():
            coarse = entry["dtype"] == "BF16"
            content = widened(entry, file, start) if coarse else entries.get_tensor(name)
            arrays[name] = np.array(content)
    text = metadata.get(TEXT)
    ours = any(get_close_matches(key, OURS) for key in metadata)  # as it is, or damaged
    if ours and metadata.get(CHECKSUM) != checksum(arrays, text):
        raise LoadError("the checksum does not fit the content: some of it was changed")
    return arrays, text


def check_dtypes(header: dict[str, Any]) -> None:
    """Raise LoadError for entries of which NumPy cannot make an array."""
    for name, entry in header.items():
        if entry["dtype"] not in DTYPES:
            raise LoadError(f"{name!r} is of dtype {entry['dtype']}, wanted {', '.join(DTYPES)}")


def widened(entry: dict[str, Any], file: BinaryIO, start: int) -> Array:
    """An entry of bfloat16, which NumPy does not have, as float32: that has the same numbers.

    A bfloat16 is the upper half of a float32. start: where the entries begin in the file.
    """
    begin, end = entry["data_offsets"]
    file.seek(start + begin)
    upper = np.frombuffer(file.read(end - begin), "<u2").astype(np.uint32)
    return (upper << 16).view(np.float32).reshape(entry["shape"])


def checksum(arrays: dict[str, Array], text: str | None) -> str:
    """A CRC-32 of all that is stored, whatever the order of the entries."""
    total = zlib.crc32(repr(text).encode())
    for name in sorted(arrays):
        array = arrays[name]
        total = zlib.crc32(f"{name!r} {array.dtype} {array.shape}".encode(), total)
        total = zlib.crc32(array.tobytes(), total)
    return f"{total:08x}"
