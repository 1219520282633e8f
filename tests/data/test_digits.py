"""The embedded digits."""

import hashlib

import numpy as np
import pytest

from minigrad.data import TensorDataset, digits

CLASS_SIZES = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as published


@pytest.mark.parametrize(("split", "n"), [("train", 1438), ("test", 359), ("all", 1797)])
def test_shapes_dtypes_and_ranges(split, n):
    dataset = digits(split)
    images, labels = dataset.arrays
    assert isinstance(dataset, TensorDataset)
    assert (images.shape, images.dtype) == ((n, 1, 8, 8), np.float32)
    assert (labels.shape, labels.dtype) == ((n,), np.int64)
    assert (images.min(), images.max()) == (0, 1)
    assert set(labels) == set(range(10))
    assert all(a.flags.c_contiguous and a.flags.writeable for a in dataset.arrays)


def test_train_is_the_default():
    np.testing.assert_array_equal(digits().arrays[0], digits("train").arrays[0])


def test_the_first_image_is_the_zero_of_the_original():
    image, label = digits("all")[0]
    assert label == 0
    np.testing.assert_array_equal(image[0, 0] * 16, [0, 0, 5, 13, 9, 1, 0, 0])
    np.testing.assert_array_equal(image[0, 7] * 16, [0, 0, 6, 13, 10, 0, 0, 0])


def test_the_numbers_are_the_original_ones():
    images, labels = digits("all").arrays
    table = np.column_stack([images.reshape(-1, 64) * 16, labels]).astype(np.uint8)
    text = "".join(",".join(map(str, row)) + "\n" for row in table.tolist())
    assert (
        hashlib.sha256(text.encode()).hexdigest()
        == "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"
    )


def test_the_split_is_stratified_fixed_and_complete():
    _, everything = digits("all").arrays
    _, train = digits("train").arrays
    _, test = digits("test").arrays
    assert np.bincount(everything).tolist() == CLASS_SIZES
    np.testing.assert_array_equal(np.bincount(train) + np.bincount(test), CLASS_SIZES)
    np.testing.assert_allclose(np.bincount(test) / CLASS_SIZES, 0.2, atol=0.005)


def test_the_third_of_every_five_of_a_class_is_for_the_test():
    images, labels = digits("all").arrays
    test_images, test_labels = digits("test").arrays
    train_images, train_labels = digits("train").arrays
    for k in range(10):
        of_class = images[labels == k]
        np.testing.assert_array_equal(test_images[test_labels == k], of_class[2::5])
        others = np.delete(of_class, np.s_[2::5], axis=0)
        np.testing.assert_array_equal(train_images[train_labels == k], others)


def test_every_call_gives_arrays_of_its_own():
    digits("test").arrays[0][:] = 7
    assert digits("test").arrays[0].max() == 1


@pytest.mark.parametrize("split", ["Train", "validation", None, 0])
def test_another_split_is_refused(split):
    with pytest.raises(ValueError, match=f"digits: split is {split!r}.*'train', 'test', 'all'"):
        digits(split)
