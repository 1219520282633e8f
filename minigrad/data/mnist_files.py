"""MNIST: 70,000 handwritten digits of 28×28, read from the original IDX files."""

from __future__ import annotations

import math
import os
from functools import partial
from pathlib import Path

import numpy as np

from minigrad.data.arguments import one_of
from minigrad.data.dataset import TensorDataset
from minigrad.data.idx import IdxFile, read_idx

# The mirrors that PyTorch and TensorFlow use; the hashes are of the files without gzip.
MIRRORS = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
]
FILES = {
    "train": (
        IdxFile(
            "train-images-idx3-ubyte",
            (60000, 28, 28),
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        IdxFile(
            "train-labels-idx1-ubyte",
            (60000,),
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
    ),
    "test": (
        IdxFile(
            "t10k-images-idx3-ubyte",
            (10000, 28, 28),
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        IdxFile(
            "t10k-labels-idx1-ubyte",
            (10000,),
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
}


def mnist(
    root: str | os.PathLike[str], split: str = "train", download: bool = False
) -> TensorDataset:
    """Images (n, 1, 28, 28) float32 in 0…1 (a byte / 255) and labels (n,) int64 in 0…9.

    split: "train" (n = 60,000), "test" (10,000), or "all", the one after the other.
    root: a folder with train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte,
        t10k-labels-idx1-ubyte, each with or without .gz; or one that holds them in MNIST/raw, as
        torchvision leaves them.
    download: fetch the files that are missing into root, from a public mirror.

    Raises FileNotFoundError if a file is missing, LoadError (a ValueError) if one is damaged or not
    MNIST's, which its SHA-256 decides, ConnectionError if no mirror can be reached, ValueError for
    another split, TypeError if root is not a path.

    Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
    recognition" (1998).
    """
    if not isinstance(root, str | os.PathLike):
        raise TypeError(f"mnist: root is a {type(root).__name__}, wanted the path of a folder")
    one_of("mnist", "split", split, ("train", "test", "all"))
    splits = ("train", "test") if split == "all" else (split,)
    parts = [read_split(Path(root), name, download) for name in splits]
    pixels, labels = (np.concatenate(arrays) for arrays in zip(*parts))
    return TensorDataset(pixels[:, None] / np.float32(255), labels.astype(np.int64))


def read_split(root: Path, split: str, may_download: bool) -> list[np.ndarray]:
    """The bytes of images and labels; both files are looked for before one is read."""
    paths = [locate(root, file, may_download) for file in FILES[split]]
    return [read_idx(path, file) for path, file in zip(paths, FILES[split])]


def locate(root: Path, file: IdxFile, may_download: bool) -> Path:
    """Where the file is; FileNotFoundError if it is nowhere and may not be downloaded."""
    folders = (root, root / "MNIST" / "raw")
    candidates = [f / name for f in folders for name in (file.name, f"{file.name}.gz")]
    for path in candidates:
        if path.is_file():
            return path
    target = candidates[1]
    if not may_download:
        raise FileNotFoundError(
            f"mnist: none of {', '.join(map(str, candidates))} exists; name the folder that holds "
            "MNIST's files, or pass download=True to fetch them"
        )
    from minigrad.data.download import download_file  # here: loading HTTP takes 30 ms

    download_file(target, MIRRORS, partial(read_idx, expected=file), max_bytes(file))
    return target


def max_bytes(file: IdxFile) -> int:
    """A bound on the size of the gzipped file: gzip adds little where it cannot save."""
    return 2 * math.prod(file.shape) + 4096
