"""The npz format: a zip file of uncompressed .npy members, read without trust.

NumPy's own reader allocates what a header claims, inflates what is compressed, and fails with a
dozen kinds of errors. Here every size is checked against the file before anything is allocated.
"""

from __future__ import annotations

import math
import re
import zipfile
from typing import BinaryIO

import numpy as np

from minigrad.errors import LoadError
from minigrad.graph import Array
from minigrad.io.packing import TREE
from minigrad.words import shown

MAGIC = b"\x93NUMPY\x01\x00"
HEADER = re.compile(
    r"\{'descr': '(?P<dtype>[<>|=][fiub][1248])', 'fortran_order': (?P<fortran>True|False), "
    r"'shape': \((?P<shape>(\d{1,19}, ?)*(\d{1,19})?)\), \} *\n"
)


def write(file: BinaryIO, arrays: dict[str, Array], text: str | None) -> None:
    """Write arrays, and text if there is any."""
    if text is not None:
        arrays = {TREE: np.frombuffer(text.encode(), np.uint8), **arrays}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo()
            member.filename = f"{name}.npy"  # as it is, whatever it looks like
            with archive.open(member, "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


def read(file: BinaryIO, size: int) -> tuple[dict[str, Array], str | None]:
    """The arrays of a file of so many bytes, and the text, if it holds one."""
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        check_members(members, size)
        check_gapless(file, members, archive.start_dir)
        arrays = {m.orig_filename[:-4]: to_array(m, archive.read(m)) for m in members}
    tree = arrays.pop(TREE, None)
    return arrays, None if tree is None else tree.tobytes().decode()


def check_members(members: list[zipfile.ZipInfo], size: int) -> None:
    """Raise LoadError unless all members are plain .npy files that fit into the file."""
    names = [member.orig_filename for member in members]
    if len(set(names)) < len(names):
        raise LoadError(f"a name occurs twice among {shown(names, 200)}")
    for member, name in zip(members, names):
        if not name.endswith(".npy"):
            raise LoadError(f"{name!r} is no .npy member: not a file of arrays")
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise LoadError(f"{name!r} is compressed; write it with minigrad.save or np.savez")
        if member.flag_bits & ~0x800 or not (member.flag_bits or name.isascii()):
            raise LoadError(f"{name!r} is encrypted or has unknown flags: {member.flag_bits:#x}")
        if b"PK\x01\x02" in member.extra + member.comment:
            raise LoadError(f"{name!r} hides another entry")
    total = sum(member.file_size for member in members)
    if total > size:
        raise LoadError(f"members of {total} bytes in a file of {size}: they overlap")


def check_gapless(file: BinaryIO, members: list[zipfile.ZipInfo], directory: int) -> None:
    """Raise LoadError unless members fill the file up to the directory: so it misses none."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset != end:
            break
        file.seek(end + 26)  # the lengths of name and extra field, two bytes each
        name, extra = (int.from_bytes(file.read(2), "little") for _ in range(2))
        end += 30 + name + extra + member.compress_size
    if end != directory:
        raise LoadError(f"the directory of the file leaves bytes {end} to {directory} unexplained")


def to_array(member: zipfile.ZipInfo, content: bytes) -> Array:
    """The array of a .npy file; its header is matched, never evaluated."""
    name = member.orig_filename
    if not content.startswith(MAGIC):
        raise LoadError(f"{name!r} does not start like a .npy file")
    start = 10 + int.from_bytes(content[8:10], "little")
    header = HEADER.fullmatch(content[10:start].decode("latin1"))
    if header is None:
        raise LoadError(f"{name!r} is no plain array of numbers: {shown(content[10:start], 200)}")
    shape = tuple(int(n) for n in header["shape"].replace(" ", "").split(",") if n)
    dtype = np.dtype(header["dtype"])
    if math.prod(shape) * dtype.itemsize != len(content) - start:
        raise LoadError(
            f"{name!r} should hold {shape} of {dtype}, but has {len(content) - start} bytes"
        )
    flat = np.frombuffer(content, dtype, offset=start)
    array = flat.reshape(shape[::-1]).T if header["fortran"] == "True" else flat.reshape(shape)
    return np.array(array, dtype.newbyteorder("="), order="C")
