"""Data sets: something with a length whose samples are reached by an index."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from minigrad.data.arguments import whole_numbers
from minigrad.rng import Rng, generator
from minigrad.words import shown

Array = np.ndarray


class Dataset:
    """What a data set has to say: how many samples there are, and what sample i is.

    Derive from it and define both methods; a sample may be an array, a number, a string, or a
    tuple, list or dict of those. Any sequence, such as a list, serves as a data set as well.
    """

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has to define __len__(self)")

    def __getitem__(self, index: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} has to define __getitem__(self, index)")


class TensorDataset(Dataset):
    """Sample i is (a[i], b[i], …): rows of arrays of equal length.

    arrays: NumPy arrays or Tensors (their `.data` is taken), shapes (n, …) with a common n. They
    are shared, not copied, and stand in `.arrays`. An integer index gives the tuple of one
    sample; a slice, a list of integers or a boolean mask gives a tuple of arrays. As in NumPy,
    what an integer or a slice gives is a view; a `DataLoader` always hands out copies.

    >>> images, labels = np.zeros((6, 1, 8, 8), np.float32), np.arange(6)
    >>> dataset = TensorDataset(images, labels)
    >>> dataset
    TensorDataset of 6 samples ((1, 8, 8) float32, () int64)
    >>> dataset[[1, 5]][1]
    array([1, 5])

    Raises TypeError without an array, ValueError if one has no rows to count or if the lengths
    differ.
    """

    def __init__(self, *arrays: Any) -> None:
        if not arrays:
            raise TypeError("TensorDataset: got nothing, wanted at least one array")
        plain = tuple(rows_of(i, a) for i, a in enumerate(arrays))
        lengths = [len(a) for a in plain]
        if len(set(lengths)) > 1:
            raise ValueError(
                f"TensorDataset: the arrays have lengths {', '.join(map(str, lengths))}, wanted "
                "equal ones: row i of each belongs to sample i"
            )
        self.arrays = plain

    def __len__(self) -> int:
        return len(self.arrays[0])

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        try:
            return tuple(a[index] for a in self.arrays)
        except IndexError as error:
            said = str(error).partition(" for axis")[0]
            wrong = said if "out of bounds" in said else f"got the index {shown(index)}"
            raise IndexError(
                f"{type(self).__name__}: {wrong}, wanted a whole number from {-len(self)} to "
                f"{len(self) - 1}, a slice, an array of such numbers or a mask"
            ) from None

    def __repr__(self) -> str:
        parts = ", ".join(f"{a.shape[1:]} {a.dtype}" for a in self.arrays)
        return f"{type(self).__name__} of {len(self)} samples ({parts})"


class Subset(Dataset):
    """Sample i is dataset[indices[i]].

    indices: integers in −n … n − 1, in any order, with repeats if wanted.

    >>> Subset("abcde", [3, 0])[0]
    'd'

    Raises TypeError if an index is no integer, IndexError if it lies outside of the data set.
    """

    def __init__(self, dataset: Any, indices: Sequence[int] | Array) -> None:
        wanted, n = whole_numbers("Subset", "indices", indices), len(dataset)
        outside = wanted[(wanted < -n) | (wanted >= n)]
        if outside.size:
            raise IndexError(f"Subset: index {outside[0]} is outside of a data set of {n} samples")
        self.dataset = dataset
        self.indices = wanted

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, index: Any) -> Any:
        at = self.indices[index]
        return self.dataset[at if isinstance(at, np.ndarray) else int(at)]

    def __repr__(self) -> str:
        return f"Subset of {len(self)} samples of {self.dataset!r}"


def rows_of(position: int, given: Any) -> Array:
    """One of the arrays of a `TensorDataset`."""
    try:
        array = np.asarray(plain_array(given))
    except ValueError as error:
        raise ValueError(f"TensorDataset: array {position} cannot be made: {error}") from None
    if array.ndim == 0:
        raise ValueError(
            f"TensorDataset: array {position} has shape (), wanted shape (n, …) with one row per "
            "sample"
        )
    return array


def random_split(dataset: Any, lengths: Sequence[float], *, rng: Rng = None) -> list[Subset]:
    """Split a data set at random into disjoint subsets that together hold every sample once.

    lengths: whole numbers that add up to len(dataset) = n, or fractions that add up to 1. A
    fraction f gets ⌊f · n⌋ samples; the samples left over go one each to the first subsets.

    >>> [len(part) for part in random_split(range(10), [0.33, 0.67], rng=0)]
    [4, 6]

    Raises ValueError if a length is negative or the sum is neither n nor 1, TypeError if a
    length is not a number.
    """
    counts = split_counts(lengths, len(dataset))
    order = generator(rng).permutation(len(dataset))
    ends = np.cumsum(counts, dtype=int)
    return [Subset(dataset, order[end - count : end]) for count, end in zip(counts, ends)]


def split_counts(lengths: Sequence[float], n: int) -> list[int]:
    """How many of n samples each part of `random_split` gets."""
    if not np.iterable(lengths):
        raise TypeError(f"random_split: lengths are {shown(lengths)}, wanted a list of numbers")
    for length in lengths:
        if isinstance(length, bool) or not isinstance(length, Real):
            raise TypeError(f"random_split: lengths hold {shown(length)}, wanted numbers")
        if not length >= 0:
            raise ValueError(f"random_split: lengths hold {length}, wanted numbers from 0 on")
    total = sum(lengths)
    if total == n and all(isinstance(length, Integral) for length in lengths):
        return [int(length) for length in lengths]
    if not math.isclose(total, 1):
        raise ValueError(
            f"random_split: the sum of the lengths {list(lengths)} is {total}, wanted "
            f"whole numbers with sum {n}, the number of samples, or fractions with sum 1"
        )
    counts = [math.floor(n * fraction) for fraction in lengths]
    left_over = n - sum(counts)
    return [count + (i < left_over) for i, count in enumerate(counts)]


def plain_array(x: Any) -> Any:
    """The array inside of a Tensor, or that another library's array makes; the rest as it is."""
    inner = getattr(x, "data", None)  # an array has a .data too: a memoryview
    if isinstance(inner, np.ndarray):
        return inner
    foreign = hasattr(x, "__array__") and not isinstance(x, np.ndarray | np.generic)
    return np.asarray(x) if foreign else x


def takes_many(dataset: Any) -> bool:
    """Whether dataset[list of indices] gives a whole batch: rows of arrays, nothing overridden."""
    while type(dataset) is Subset:
        dataset = dataset.dataset
    return getattr(type(dataset), "__getitem__", None) is TensorDataset.__getitem__
