"""Where chance comes from: one default generator, and what an argument `rng` may be.

Everything random in minigrad takes `rng`: a `numpy.random.Generator`, an integer seed, or None
for the default generator, which `manual_seed` drives. NumPy's global state is never touched.
"""

from __future__ import annotations

import copy
import functools
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeAlias

import numpy as np

from minigrad.words import shown

# As text: NumPy loads its random part when it is first used, and importing minigrad does not.
Rng: TypeAlias = "np.random.Generator | int | None"


class Deputy(threading.local):
    """The generator that takes the default one's place in this thread, if there is one."""

    generator: np.random.Generator | None = None


deputy = Deputy()


@functools.cache
def shared() -> np.random.Generator:
    """The default generator of all threads, seeded by the operating system; made when needed."""
    return np.random.default_rng()


def default() -> np.random.Generator:
    """The generator that None stands for."""
    return shared() if deputy.generator is None else deputy.generator


@contextmanager
def drawing_from(rng: Rng) -> Iterator[None]:
    """In this thread, let rng take the place of the default generator for a while."""
    before = deputy.generator
    deputy.generator = before if rng is None else generator(rng)
    try:
        yield
    finally:
        deputy.generator = before


def manual_seed(n: int) -> np.random.Generator:
    """Seed the default generator, and return it.

    It drives whatever is given no `rng`: initialisation, dropout, shuffling, `rand`. The same
    seed gives the same numbers again.

    >>> first = manual_seed(7).random()
    >>> first == manual_seed(7).random()
    True

    Raises TypeError if n is not an integer, ValueError if it is negative.
    """
    seed, bits = seed_of("manual_seed", n), default().bit_generator
    bits.state = type(bits)(seed).state
    return default()


def generator(rng: Rng = None) -> np.random.Generator:
    """The generator that an argument `rng` stands for.

    None is the default generator, an integer seeds a new one, a Generator is itself.

    >>> generator(3).integers(10) == generator(3).integers(10)
    np.True_

    Raises TypeError for anything else, ValueError for a negative seed.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    return default() if rng is None else np.random.default_rng(seed_of("rng", rng))


def own(rng: Rng) -> np.random.Generator | None:
    """What an object keeps of its argument `rng`: a Generator of its own, made of a seed once.

    None stays None, for the generator that is the default one when the object draws.
    """
    return None if rng is None else generator(rng)


def seed_of(name: str, seed: Any) -> int:
    """The seed as an int; name stands in the message if it is none."""
    if isinstance(seed, bool | np.bool) or not isinstance(seed, int | np.integer):
        wanted = "an integer" if name == "manual_seed" else "None, an integer seed or a Generator"
        raise TypeError(
            f"{name}: got {seed!r} of type {type(seed).__name__}, wanted {wanted}; "
            "np.random.default_rng(seed) makes a Generator"
        )
    if seed < 0:
        raise ValueError(f"{name}: the seed is {seed}, wanted 0 or more")
    return int(seed)


def get_rng_state(rng: np.random.Generator | None = None) -> dict[str, Any]:
    """Where a generator stands, the default one if none is given: what `set_rng_state` takes.

    Plain values and arrays, which `save` can write, so that a training can go on as if it had
    never stopped. A layer or loader that was given a seed has its generator in `.rng`.

    Raises TypeError if rng is a seed, or anything else that is no Generator.
    """
    return copy.deepcopy(dict(standing("get_rng_state", rng).bit_generator.state))


def set_rng_state(state: Mapping[str, Any], rng: np.random.Generator | None = None) -> None:
    """Put a generator, the default one if none is given, where `get_rng_state` found it.

    >>> rng = np.random.default_rng(0)
    >>> before = get_rng_state(rng)
    >>> first = rng.random()
    >>> set_rng_state(before, rng)
    >>> first == rng.random()
    True

    Raises TypeError if state is not a mapping or rng no Generator, ValueError if state is none of
    such a generator; the generator is then as before.
    """
    target = standing("set_rng_state", rng).bit_generator
    if not isinstance(state, Mapping):
        raise TypeError(
            f"set_rng_state: the state is a {type(state).__name__}, wanted the mapping that "
            "get_rng_state() gave"
        )
    trial = type(target)(0)
    try:
        trial.state = dict(state)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"set_rng_state: not a state of a {type(target).__name__} generator ({error}); pass "
            "what get_rng_state() gave"
        ) from error
    target.state = trial.state


def standing(function: str, rng: Any) -> np.random.Generator:
    """The generator whose state is asked for."""
    if rng is None or isinstance(rng, np.random.Generator):
        return generator(rng)
    raise TypeError(
        f"{function}: rng is {shown(rng)} of type {type(rng).__name__}, wanted a Generator, or "
        "None for the default one; a layer or loader that was given a seed has its generator in "
        ".rng"
    )
