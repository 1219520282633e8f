"""The default generator, and what `rng` may be."""

import numpy as np
import pytest

from minigrad.rng import generator, get_state, manual_seed, set_state


@pytest.fixture(autouse=True)
def same_state_after():
    before = get_state()
    yield
    set_state(before)


def test_manual_seed_repeats_the_numbers_and_returns_the_default_generator():
    first = manual_seed(3).random(5)
    assert manual_seed(3) is generator()
    np.testing.assert_array_equal(generator().random(5), first)
    np.testing.assert_array_equal(first, np.random.default_rng(3).random(5))


def test_a_generator_taken_before_manual_seed_is_driven_by_it():
    taken = generator(None)
    manual_seed(4)
    assert taken.random() == np.random.default_rng(4).random()


def test_an_int_makes_a_new_generator_and_leaves_the_default_alone():
    before = get_state()
    assert generator(5).random() == generator(np.int64(5)).random()
    assert generator(5) is not generator(5)
    assert get_state() == before


def test_a_generator_is_itself():
    rng = np.random.default_rng(0)
    assert generator(rng) is rng


@pytest.mark.parametrize("wrong", [1.0, "1", True, np.True_, np.random.RandomState(0), [1]])
def test_other_kinds_are_type_errors_that_name_them(wrong):
    with pytest.raises(TypeError, match=rf"rng.*{type(wrong).__name__}.*Generator"):
        generator(wrong)


@pytest.mark.parametrize("wrong", [None, 1.5, np.random.default_rng(0)])
def test_manual_seed_takes_only_integers(wrong):
    before = get_state()
    with pytest.raises(TypeError, match="manual_seed"):
        manual_seed(wrong)
    assert get_state() == before


@pytest.mark.parametrize("function", [generator, manual_seed])
def test_a_negative_seed_is_a_value_error(function):
    with pytest.raises(ValueError, match="-1"):
        function(-1)


def test_a_state_is_a_copy_that_can_be_set_again():
    state = get_state()
    first = generator().random(3)
    set_state(state)
    np.testing.assert_array_equal(generator().random(3), first)


@pytest.mark.parametrize(
    ("state", "error"),
    [
        (3, TypeError),
        ({}, ValueError),
        ({"bit_generator": "MT19937"}, ValueError),
        ({"bit_generator": "PCG64", "state": {"state": 1}}, ValueError),
        ({"bit_generator": "PCG64", "state": {"state": -1, "inc": 3}}, ValueError),
    ],
)
def test_a_wrong_state_changes_nothing(state, error):
    before = get_state()
    with pytest.raises(error, match="set_state"):
        set_state(state)
    assert get_state() == before


def test_the_global_numpy_state_is_not_touched():
    before = np.random.get_state()
    manual_seed(1).random(10)
    generator(2).random(10)
    after = np.random.get_state()
    assert before[2:] == after[2:]
    np.testing.assert_array_equal(before[1], after[1])
