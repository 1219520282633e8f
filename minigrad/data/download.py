"""Fetching a file: from the first mirror that has it whole, with a progress bar."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from importlib import import_module
from pathlib import Path
from typing import BinaryIO
from urllib.error import HTTPError
from urllib.request import urlopen

from minigrad.errors import LoadError

TIMEOUT = 30.0  # seconds without a byte
CHUNK = 1 << 16


def download_file(
    target: Path, mirrors: Sequence[str], verify: Callable[[Path], object], max_bytes: int
) -> None:
    """Fetch target.name from one of the mirrors (addresses that end in /) to target.

    The file appears under its name only when it is complete and `verify(path)` has not raised
    LoadError; until then it has another name in the same folder, and is removed after a failure.

    Raises LoadError if a mirror gave a file that is not the right one, ConnectionError if none
    could be reached; both tell what happened with each mirror.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    failures: list[Exception] = []
    for mirror in mirrors:
        try:
            with partial(target) as part:
                fetch(mirror + target.name, part, max_bytes)
                verify(part)
                os.replace(part, target)
            return
        except (OSError, HTTPException, LoadError) as error:
            failures.append(error)
            if isinstance(error, HTTPError):
                error.close()  # it holds the connection
    raise failed(target, mirrors, failures)


@contextmanager
def partial(target: Path) -> Iterator[Path]:
    """A name beside target to write to; what is left under it is removed at the end."""
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def fetch(address: str, path: Path, max_bytes: int) -> None:
    """Write what is at the address to path; LoadError as soon as it exceeds max_bytes."""
    with urlopen(address, timeout=TIMEOUT) as response, path.open("wb") as file:
        for length in progress(copied(response, file), response, address):
            if length > max_bytes:
                raise LoadError(f"{address} has more than the {max_bytes} bytes it can have")


def copied(response: HTTPResponse, file: BinaryIO) -> Iterator[int]:
    """Copy chunk by chunk, giving the number of bytes so far after each."""
    length = 0
    while chunk := response.read(CHUNK):
        length += file.write(chunk)
        yield length


def progress(lengths: Iterator[int], response: HTTPResponse, address: str) -> Iterator[int]:
    """Pass the lengths on and show them: as a bar if tqdm is there, else as lines."""
    total = response.length or 0
    try:
        tqdm = import_module("tqdm").tqdm
    except ImportError:
        yield from shown_as_lines(lengths, total, address)
        return
    with tqdm(total=total or None, desc=address, unit="B", unit_scale=True) as bar:
        for length in lengths:
            bar.update(length - bar.n)
            yield length


def shown_as_lines(lengths: Iterator[int], total: int, address: str) -> Iterator[int]:
    """Pass the lengths on; a line on stderr at the start and after each tenth of the total."""
    print(f"downloading {address}", file=sys.stderr)
    tenths = 0
    for length in lengths:
        if total and length * 10 // total > tenths:
            tenths = length * 10 // total
            print(f"  {tenths * 10:3d} % of {total / 1e6:.1f} MB", file=sys.stderr)
        yield length


def failed(target: Path, mirrors: Sequence[str], failures: Sequence[Exception]) -> Exception:
    """The error that tells what happened with each mirror."""
    kind = LoadError if any(isinstance(f, LoadError) for f in failures) else ConnectionError
    reasons = "".join(f"\n  {mirror}: {reason}" for mirror, reason in zip(mirrors, failures))
    return kind(
        f"{target.name} could not be fetched; get it in another way and put it into "
        f"{target.parent}{reasons}"
    )
