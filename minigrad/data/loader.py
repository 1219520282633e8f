"""The DataLoader: one epoch of batches, by one of the lecture's three learning strategies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from minigrad.data.arguments import flag
from minigrad.data.collate import collate
from minigrad.data.dataset import takes_many
from minigrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    require_batch_size,
    require_sampler,
)
from minigrad.rng import Rng, own
from minigrad.words import shown


class DataLoader:
    """Iterating gives the batches of one epoch: ⌈n / batch_size⌉ iterations for n samples.

    batch_size: 1 is sequential learning, a whole number mini-batch learning, "all" batch learning;
        None gives the samples one by one as the data set gives them.
    shuffle: a new random order in every epoch.
    sampler: any other order: a sampler, or a list of indices.
    batch_sampler: lists of indices, instead of batch_size, shuffle, sampler and drop_last.
    drop_last: leave out the last batch if it is smaller than batch_size.
    collate_fn: makes a batch of a list of samples; without one `default_collate` does, so the
        batches of a `TensorDataset` are tuples of arrays. Arrays in, arrays out.
    rng: drives shuffle: a Generator, a seed (the loader's epochs still differ), or None for the
        generator of `manual_seed`. An epoch's order is drawn when its iteration starts; the state
        of `.rng` between two epochs is all that is needed to go on later, see `get_rng_state`.

    Batches are copies in C order: changing one leaves the data set as it is. Iterators are
    independent of each other.

    >>> from minigrad.data import TensorDataset
    >>> dataset = TensorDataset(np.arange(10).reshape(5, 2), np.arange(5))
    >>> for x, y in DataLoader(dataset, batch_size=3):
    ...     print(x.shape, y)
    (3, 2) [0 1 2]
    (2, 2) [3 4]

    Raises ValueError for a batch_size other than these and for arguments that exclude each other,
    TypeError for a dataset without length or index. An exception from the data set or from
    collate_fn passes through, with a note on which samples it was about.

    Lecture: "Learning Strategies".
    """

    def __init__(
        self,
        dataset: Any,
        batch_size: int | str | None = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[Sequence[int]] | None = None,
        rng: Rng = None,
    ) -> None:
        require_dataset(dataset)
        flag("DataLoader", "shuffle", shuffle)
        flag("DataLoader", "drop_last", drop_last)
        require_function(collate_fn)
        refuse_conflicts(batch_size, shuffle, drop_last, sampler, batch_sampler)
        if batch_size is not None:
            batch_size = require_batch_size("DataLoader", batch_size)
        self.dataset = dataset
        self.batch_size = batch_size if batch_sampler is None else None
        self.drop_last = drop_last
        self.collate_fn = collate_fn
        self.rng = own(rng)
        if sampler is None:
            sampler = sampler_for(dataset, shuffle, self.rng)
        self.sampler: Any = require_sampler("DataLoader", "sampler", sampler)
        self.batch_sampler: Any = batch_sampler
        if batch_sampler is not None:
            require_sampler("DataLoader", "batch_sampler", batch_sampler)
        elif self.batch_size is not None:
            self.batch_sampler = BatchSampler(self.sampler, self.batch_size, drop_last)

    def __repr__(self) -> str:
        batches = f", batch_size={self.batch_size}" if self.batch_size is not None else ""
        return f"{type(self).__name__}({shown(self.dataset)}{batches})"

    def __len__(self) -> int:
        return len(self._order())

    def __iter__(self) -> Iterator[Any]:
        make = self._sample if self.batch_sampler is None else self._batch
        order = iter(self._order())  # drawn now, not with the first batch
        return (make(indices) for indices in order)

    def _order(self) -> Any:
        """What gives the indices of each batch, or of each sample."""
        return self.sampler if self.batch_sampler is None else self.batch_sampler

    def _sample(self, index: Any) -> Any:
        sample = read(self.dataset, index)
        return sample if self.collate_fn is None else self.collate_fn(sample)

    def _batch(self, indices: Sequence[int]) -> Any:
        if self.collate_fn is None and takes_many(self.dataset):
            return tuple(map(np.ascontiguousarray, read(self.dataset, list(indices))))
        samples = [read(self.dataset, index) for index in indices]
        if self.collate_fn is None:
            return collate(samples, indices)
        try:
            return self.collate_fn(samples)
        except Exception as error:
            error.add_note(f"while collate_fn made a batch of the samples {list(indices)}")
            raise


def sampler_for(dataset: Any, shuffle: bool, rng: Rng) -> Sampler:
    """The order that `shuffle` asks for."""
    return RandomSampler(dataset, rng=rng) if shuffle else SequentialSampler(dataset)


def read(dataset: Any, index: Any) -> Any:
    """dataset[index]; an exception from there says which index it was."""
    try:
        return dataset[index]
    except Exception as error:
        error.add_note(f"while sample {index} of the {type(dataset).__name__} was read")
        raise


def require_dataset(dataset: Any) -> None:
    """Raise TypeError unless there is a length and an index."""
    if not (hasattr(dataset, "__len__") and hasattr(dataset, "__getitem__")):
        raise TypeError(
            f"DataLoader: the dataset is a {type(dataset).__name__}, wanted something with __len__ "
            "and __getitem__, such as TensorDataset(images, labels)"
        )


def require_function(collate_fn: Any) -> None:
    """Raise TypeError for a collate_fn that cannot be called."""
    if not (collate_fn is None or callable(collate_fn)):
        raise TypeError(
            f"DataLoader: collate_fn is a {type(collate_fn).__name__}, wanted a function of a list "
            "of samples"
        )


def refuse_conflicts(
    batch_size: Any, shuffle: bool, drop_last: bool, sampler: Any, batch_sampler: Any
) -> None:
    """Raise ValueError for arguments of DataLoader that exclude each other."""
    if batch_sampler is not None and (
        batch_size != 1 or shuffle or drop_last or sampler is not None
    ):
        raise ValueError(
            "DataLoader: batch_sampler says which samples make which batch; leave out batch_size, "
            "shuffle, sampler and drop_last"
        )
    if sampler is not None and shuffle:
        raise ValueError(
            "DataLoader: sampler and shuffle=True both set the order of the samples; leave out one"
        )
    if batch_size is None and drop_last:
        raise ValueError(
            "DataLoader: drop_last=True needs batches, but batch_size=None gives single samples"
        )
