"""IDX, the format of MNIST's files: a few big-endian numbers, then bytes; gzipped or not.

    2 bytes 0, 1 byte the type (8: unsigned byte), 1 byte the number of axes
    4 bytes for each axis: its length
    the values, last axis fastest

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import numpy as np

from minigrad.errors import LoadError

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"
Stream = gzip.GzipFile | BufferedReader


class IdxFile(NamedTuple):
    """What a file is expected to be: its name, its shape and the hash of its plain content."""

    name: str
    shape: tuple[int, ...]
    sha256: str


def read_idx(path: Path, expected: IdxFile) -> np.ndarray:
    """The values of an IDX file, uint8 of the expected shape, read-only.

    No more is inflated than the expected shape has bytes. Raises LoadError if the file is cut off
    or damaged, or if magic number, shape, length or SHA-256 are not the expected ones.
    """
    try:
        with open_plain(path) as stream:
            header, values = read_bounded(stream, expected, path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(path, f"its gzip data are cut off or broken ({error})") from error
    import hashlib  # here: it takes long to load, and only these files need it

    digest = hashlib.sha256(header)
    digest.update(values)
    if digest.hexdigest() != expected.sha256:
        raise damaged(
            path, f"its content has SHA-256 {digest.hexdigest()}, wanted {expected.sha256}"
        )
    return np.frombuffer(values, np.uint8).reshape(expected.shape)


def open_plain(path: Path) -> Stream:
    """The file as a stream of plain content; its first bytes tell whether it is gzipped."""
    with path.open("rb") as stream:
        gzipped = stream.read(2) == GZIP_MAGIC
    return gzip.open(path, "rb") if gzipped else path.open("rb")


def read_bounded(stream: Stream, expected: IdxFile, path: Path) -> tuple[bytes, bytes]:
    """Header and values, after checking the header; at most one byte more than is wanted."""
    header = stream.read(4 + 4 * len(expected.shape))
    require_header(header, expected, path)
    size = math.prod(expected.shape)
    values = stream.read(size + 1)  # asking for one more finds what is too long
    if len(values) != size:
        found = f"only {len(values)}" if len(values) < size else "more"
        raise damaged(path, f"its header promises {size} bytes of values, but there are {found}")
    return header, values


def require_header(header: bytes, expected: IdxFile, path: Path) -> None:
    """Raise LoadError unless the header is that of unsigned bytes of the expected shape."""
    axes = len(expected.shape)
    magic = bytes([0, 0, UNSIGNED_BYTE, axes])
    if header[:4] != magic:
        raise damaged(
            path, f"it starts with {header[:4].hex() or 'nothing'}, an IDX file with {magic.hex()}"
        )
    if len(header) < 4 + 4 * axes:
        raise damaged(path, f"it ends within its header, after {len(header)} bytes")
    shape = struct.unpack(f">{axes}I", header[4:])
    if shape != expected.shape:
        raise damaged(path, f"its header gives the shape {shape}, wanted {expected.shape}")


def damaged(path: Path, what: str) -> LoadError:
    """The error that says what is wrong with a file and what to do about it."""
    return LoadError(
        f"{path}: {what}; the file is damaged or another one, delete it and fetch it again "
        "(download=True does)"
    )
