"""The default generator, and what `rng` may be."""

import threading

import numpy as np
import pytest

import minigrad as mg
from minigrad.data import DataLoader, WeightedRandomSampler
from minigrad.rng import drawing_from, generator, get_rng_state, manual_seed, own, set_rng_state


@pytest.fixture(autouse=True)
def same_state_after():
    before = get_rng_state()
    yield
    set_rng_state(before)


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
    before = get_rng_state()
    assert generator(5).random() == generator(np.int64(5)).random()
    assert generator(5) is not generator(5)
    assert get_rng_state() == before


def test_a_generator_is_itself():
    rng = np.random.default_rng(0)
    assert generator(rng) is rng


@pytest.mark.parametrize("wrong", [1.0, "1", True, np.True_, np.random.RandomState(0), [1]])
def test_other_kinds_are_type_errors_that_name_them(wrong):
    with pytest.raises(TypeError, match=rf"rng.*{type(wrong).__name__}.*Generator"):
        generator(wrong)


@pytest.mark.parametrize("wrong", [None, 1.5, np.random.default_rng(0)])
def test_manual_seed_takes_only_integers(wrong):
    before = get_rng_state()
    with pytest.raises(TypeError, match="manual_seed"):
        manual_seed(wrong)
    assert get_rng_state() == before


@pytest.mark.parametrize("function", [generator, manual_seed])
def test_a_negative_seed_is_a_value_error(function):
    with pytest.raises(ValueError, match="-1"):
        function(-1)


def test_a_state_is_a_copy_that_can_be_set_again():
    state = get_rng_state()
    first = generator().random(3)
    set_rng_state(state)
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
    before = get_rng_state()
    with pytest.raises(error, match="set_rng_state"):
        set_rng_state(state)
    assert get_rng_state() == before


KINDS = [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64]


@pytest.mark.parametrize("kind", KINDS)
def test_any_generator_can_be_put_back(kind):
    rng = np.random.Generator(kind(3))
    rng.random(2, np.float32)
    state, default = get_rng_state(rng), get_rng_state()
    first = rng.random(3, np.float32)
    set_rng_state(state, rng)
    np.testing.assert_array_equal(rng.random(3, np.float32), first)
    assert get_rng_state() == default


def test_a_state_of_another_kind_of_generator_is_refused():
    rng = np.random.Generator(np.random.Philox(0))
    expected = np.random.Generator(np.random.Philox(0)).random()
    with pytest.raises(ValueError, match=r"set_rng_state: not a state of a Philox generator"):
        set_rng_state(get_rng_state(), rng)
    assert rng.random() == expected


@pytest.mark.parametrize("wrong", [3, "0", np.random.RandomState(0)])
def test_a_seed_has_no_state(wrong):
    with pytest.raises(TypeError, match=r"get_rng_state: rng is .* wanted a Generator, or None"):
        get_rng_state(wrong)
    with pytest.raises(TypeError, match=r"set_rng_state: rng is .* its generator in .rng"):
        set_rng_state(get_rng_state(), wrong)


def test_the_face_has_both():
    assert (mg.get_rng_state, mg.set_rng_state) == (get_rng_state, set_rng_state)


# --- A generator in the place of the default one ---------------------------------------------


def test_drawing_from_a_generator_moves_it_and_leaves_the_default_alone():
    before, rng = get_rng_state(), np.random.default_rng(8)
    with drawing_from(rng):
        assert generator() is rng
        numbers = [*mg.rand(2).tolist(), *generator().random(2)]
    assert numbers == np.random.default_rng(8).random(4).tolist()
    assert rng.random() == np.random.default_rng(8).random(5)[4]
    assert get_rng_state() == before


def test_drawing_from_nests_and_ends_with_an_error():
    outer, inner = np.random.default_rng(1), np.random.default_rng(2)
    shared = generator()
    with drawing_from(outer):
        with pytest.raises(ZeroDivisionError), drawing_from(inner):
            assert generator() is inner
            raise ZeroDivisionError
        assert generator() is outer
        with drawing_from(None):
            assert generator() is outer
    assert generator() is shared


def test_drawing_from_holds_in_one_thread():
    seen = []
    with drawing_from(5):
        thread = threading.Thread(target=lambda: seen.append(generator()))
        thread.start()
        thread.join()
        assert seen[0] is not generator()
    assert seen == [generator()]


@pytest.mark.parametrize("kind", KINDS)
def test_manual_seed_seeds_the_generator_that_is_drawn_from(kind):
    rng = np.random.Generator(kind())
    with drawing_from(rng):
        manual_seed(9)
    assert rng.random() == np.random.Generator(kind(9)).random()


def test_what_has_no_generator_of_its_own_draws_from_the_present_one():
    loader = DataLoader(range(50), 50, shuffle=True)
    sampler = WeightedRandomSampler([1.0] * 9, 30)
    with drawing_from(3):
        found = [next(iter(loader)).tolist(), list(sampler)]
    expected = np.random.default_rng(3)
    assert found[0] == expected.permutation(50).tolist()
    assert found[1] == expected.choice(9, 30, p=np.full(9, 1 / 9)).tolist()


def test_own():
    rng = np.random.default_rng(0)
    assert (own(None), own(rng)) == (None, rng)
    assert own(4).random() == np.random.default_rng(4).random()
    assert DataLoader([1], rng=rng).rng is rng


def test_the_global_numpy_state_is_not_touched():
    before = np.random.get_state()
    manual_seed(1).random(10)
    generator(2).random(10)
    after = np.random.get_state()
    assert before[2:] == after[2:]
    np.testing.assert_array_equal(before[1], after[1])
