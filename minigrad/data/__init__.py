"""Data sets, samplers and the DataLoader. Arrays in, arrays out: nothing here knows the graph."""

from minigrad.data import surfaces
from minigrad.data.collate import default_collate
from minigrad.data.dataset import Dataset, Subset, TensorDataset, random_split
from minigrad.data.loader import DataLoader
from minigrad.data.mnist_files import mnist
from minigrad.data.optdigits import digits
from minigrad.data.sampler import (
    BatchSampler,
    RandomSampler,
    Sampler,
    SequentialSampler,
    SubsetRandomSampler,
    WeightedRandomSampler,
)
from minigrad.data.toys import blobs, moons, spirals, xor

__all__ = [
    "BatchSampler",
    "DataLoader",
    "Dataset",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "Subset",
    "SubsetRandomSampler",
    "TensorDataset",
    "WeightedRandomSampler",
    "blobs",
    "default_collate",
    "digits",
    "mnist",
    "moons",
    "random_split",
    "spirals",
    "surfaces",
    "xor",
]
