"""Samplers: in which order the samples of an epoch come, and how they are cut into batches.

A sampler is iterated once per epoch and gives the indices of samples; the order is drawn when
the iteration starts. Names and arguments are PyTorch's, with `rng` for its `generator`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any

import numpy as np

from minigrad.data.arguments import flag, whole, whole_numbers
from minigrad.rng import Rng, generator, own
from minigrad.words import shown


class Sampler:
    """The indices of one epoch: derive from it and define both methods."""

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError(f"{type(self).__name__} has to define __iter__(self)")

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} has to define __len__(self)")


class SequentialSampler(Sampler):
    """0, 1, …, n − 1, where n = len(data_source).

    >>> list(SequentialSampler("abc"))
    [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = require_length("SequentialSampler", "data_source", data_source)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler):
    """0 … n − 1 in random order, a new one in every epoch.

    replacement: draw each index anew from 0 … n − 1, so that some come twice and some never.
    num_samples: how many indices an epoch has, n by default; without replacement a longer epoch
    is made of several orders, one after the other.

    >>> sorted(RandomSampler("abc", rng=0))
    [0, 1, 2]

    Raises TypeError if data_source has no length, TypeError or ValueError if num_samples is not a
    whole number of at least 1.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        *,
        rng: Rng = None,
    ) -> None:
        if num_samples is not None:
            num_samples = whole("RandomSampler", "num_samples", num_samples)
        self.data_source = require_length("RandomSampler", "data_source", data_source)
        self.replacement = flag("RandomSampler", "replacement", replacement)
        self.num_samples = num_samples
        self.rng = own(rng)

    def __iter__(self) -> Iterator[int]:
        n, wanted = len(self.data_source), len(self)
        if wanted == 0:
            return iter(())
        rng = generator(self.rng)
        if self.replacement:
            return iter(rng.integers(n, size=wanted).tolist())
        orders = [rng.permutation(n) for _ in range(-(-wanted // n))]
        return iter(np.concatenate(orders)[:wanted].tolist())

    def __len__(self) -> int:
        n = len(self.data_source)
        return n if self.num_samples is None or n == 0 else self.num_samples


class SubsetRandomSampler(Sampler):
    """The given indices in random order, a new one in every epoch.

    >>> sorted(SubsetRandomSampler([4, 2, 7], rng=0))
    [2, 4, 7]

    Raises TypeError if indices are no sequence of integers.
    """

    def __init__(self, indices: Sequence[int] | np.ndarray, *, rng: Rng = None) -> None:
        self.indices = whole_numbers("SubsetRandomSampler", "indices", indices)
        self.rng = own(rng)

    def __iter__(self) -> Iterator[int]:
        return iter(generator(self.rng).permutation(self.indices).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class WeightedRandomSampler(Sampler):
    """num_samples indices, where i is drawn with probability weights[i] / Σ weights.

    weights: (n,), not negative, need not add up to 1. Without replacement no index comes twice.
    To balance rare classes, give every sample the weight 1 / (size of its class).

    >>> list(WeightedRandomSampler([0.0, 1.0, 0.0], num_samples=4, rng=0))
    [1, 1, 1, 1]

    Raises ValueError if the weights are not such, or too few are positive.
    """

    def __init__(
        self,
        weights: Sequence[float] | np.ndarray,
        num_samples: int,
        replacement: bool = True,
        *,
        rng: Rng = None,
    ) -> None:
        self.weights = require_weights(weights)
        self.num_samples = whole("WeightedRandomSampler", "num_samples", num_samples)
        self.replacement = flag("WeightedRandomSampler", "replacement", replacement)
        self.rng = own(rng)
        positive = np.count_nonzero(self.weights)
        if not replacement and positive < self.num_samples:
            raise ValueError(
                f"WeightedRandomSampler: num_samples is {num_samples}, but only {positive} weights "
                "are positive; draw fewer or pass replacement=True"
            )

    def __iter__(self) -> Iterator[int]:
        p = self.weights / self.weights.sum()
        drawn = generator(self.rng).choice(len(p), self.num_samples, self.replacement, p)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class BatchSampler(Sampler):
    """Lists of batch_size indices each, cut from what another sampler gives.

    The last list holds the rest, or is left out with drop_last. "all" makes one list of
    everything.

    >>> list(BatchSampler(SequentialSampler("abcde"), batch_size=2, drop_last=False))
    [[0, 1], [2, 3], [4]]

    Raises ValueError if batch_size is neither a whole number of at least 1 nor "all", TypeError if
    sampler cannot be iterated or has no length.
    """

    def __init__(self, sampler: Iterable[int], batch_size: int | str, drop_last: bool) -> None:
        self.batch_size = require_batch_size("BatchSampler", batch_size)
        self.sampler = require_sampler("BatchSampler", "sampler", sampler)
        self.drop_last = flag("BatchSampler", "drop_last", drop_last)

    def __iter__(self) -> Iterator[list[int]]:
        return batched(iter(self.sampler), self._size(), self.drop_last)

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self._size())
        return full + (rest > 0 and not self.drop_last)

    def _size(self) -> int:
        if isinstance(self.batch_size, int):
            return self.batch_size
        return max(len(self.sampler), 1)


def batched(indices: Iterator[int], size: int, drop_last: bool) -> Iterator[list[int]]:
    """Cut what indices gives into lists of size; the last may be shorter."""
    while batch := list(islice(indices, size)):
        if len(batch) == size or not drop_last:
            yield batch


def require_weights(given: Any) -> np.ndarray:
    """The weights, if probabilities can be made of them."""
    if np.asarray(given).dtype.kind not in "fiub":
        raise TypeError(f"WeightedRandomSampler: weights are {shown(given)}, wanted numbers")
    weights = np.asarray(given, dtype=float)
    if weights.ndim != 1:
        raise ValueError(f"WeightedRandomSampler: weights have shape {weights.shape}, wanted (n,)")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError(
            "WeightedRandomSampler: weights have to be finite and not negative, with one above 0; "
            f"got values from {weights.min(initial=np.inf)} to {weights.max(initial=-np.inf)}"
        )
    return weights


def require_batch_size(function: str, size: Any) -> int | str:
    """The size, if it is a whole number of at least 1 or "all"."""
    if not isinstance(size, str):
        return whole(function, "batch_size", size)
    if size != "all":
        raise ValueError(f'{function}: batch_size is {size!r}, wanted a number or "all"')
    return size


def require_length(function: str, argument: str, value: Any) -> Any:
    """The value, if it has a length."""
    if not isinstance(value, Sized):
        raise TypeError(
            f"{function}: {argument} is a {type(value).__name__}, wanted something with a length, "
            "such as a data set or a list"
        )
    return value


def require_sampler(function: str, argument: str, sampler: Any) -> Any:
    """The sampler, if it can be iterated anew in every epoch and knows its length."""
    if not (isinstance(sampler, Iterable) and isinstance(sampler, Sized)):
        raise TypeError(
            f"{function}: {argument} is a {type(sampler).__name__}, wanted something with "
            "__iter__ and __len__, such as a Sampler or a list of indices; list(...) makes one of "
            "a generator"
        )
    return sampler
