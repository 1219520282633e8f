"""The embedded digits: 1797 handwritten digits of 8×8, part of this package."""

from __future__ import annotations

import gzip
from importlib.resources import files

import numpy as np

from minigrad.data.arguments import one_of
from minigrad.data.dataset import TensorDataset

LEVELS = 16  # a pixel counts the dots of ink in a block of 4×4


def digits(split: str = "train") -> TensorDataset:
    """Images (n, 1, 8, 8) float32 in 0…1 (a count / 16) and labels (n,) int64 in 0…9.

    split: "train" (n = 1438), "test" (359, which is 20 %), or "all" (1797). The split is fixed and
    stratified: of each class, in the order of the file, the third of every five is for the test.
    Both parts come from the same 13 writers.

    >>> digits("test")
    TensorDataset of 359 samples ((1, 8, 8) float32, () int64)

    Raises ValueError for another split.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI
    Machine Learning Repository, CC BY 4.0: files/README.md.
    """
    one_of("digits", "split", split, ("train", "test", "all"))
    table = read_table()  # (1797, 65): 64 pixels, then the label
    images = table[:, :64].reshape(-1, 1, 8, 8) / np.float32(LEVELS)
    labels = table[:, 64].astype(np.int64)
    if split == "all":
        return TensorDataset(images, labels)
    rows = is_test(labels) == (split == "test")
    return TensorDataset(images[rows], labels[rows])


def read_table() -> np.ndarray:
    """The embedded file as numbers."""
    source = files("minigrad.data") / "files" / "digits.csv.gz"
    with source.open("rb") as stream, gzip.open(stream, "rt", encoding="ascii") as lines:
        return np.loadtxt(lines, delimiter=",", dtype=np.uint8)


def is_test(labels: np.ndarray) -> np.ndarray:
    """True for the third of every five samples of a class."""
    test = np.zeros(labels.shape, bool)
    for label in np.unique(labels):
        test[np.flatnonzero(labels == label)[2::5]] = True
    return test
