"""Where chance comes from: one default generator, and what an argument `rng` may be.

Everything random in minigrad takes `rng`: a `numpy.random.Generator`, an integer seed, or None
for the default generator, which `manual_seed` drives. NumPy's global state is never touched.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

# As text: NumPy loads its random part when it is first used, and importing minigrad does not.
Rng: TypeAlias = "np.random.Generator | int | None"


@functools.cache
def default() -> np.random.Generator:
    """The default generator, seeded by the operating system; made when it is first needed."""
    return np.random.default_rng()


def manual_seed(n: int) -> np.random.Generator:
    """Seed the default generator, and return it.

    It drives whatever is given no `rng`: initialisation, dropout, shuffling, `rand`. The same
    seed gives the same numbers again.

    >>> first = manual_seed(7).random()
    >>> first == manual_seed(7).random()
    True

    Raises TypeError if n is not an integer, ValueError if it is negative.
    """
    default().bit_generator.state = seeded("manual_seed", n).bit_generator.state
    return default()


def generator(rng: Rng = None) -> np.random.Generator:
    """The generator that an argument `rng` stands for.

    None is the default generator, an integer seeds a new one, a Generator is itself.

    >>> generator(3).integers(10) == generator(3).integers(10)
    np.True_

    Raises TypeError for anything else, ValueError for a negative seed.
    """
    if rng is None:
        return default()
    return rng if isinstance(rng, np.random.Generator) else seeded("rng", rng)


def seeded(name: str, seed: Any) -> np.random.Generator:
    """A new generator; name stands in the message if seed is not a seed."""
    if isinstance(seed, bool | np.bool) or not isinstance(seed, int | np.integer):
        wanted = "an integer" if name == "manual_seed" else "None, an integer seed or a Generator"
        raise TypeError(
            f"{name}: got {seed!r} of type {type(seed).__name__}, wanted {wanted}; "
            "np.random.default_rng(seed) makes a Generator"
        )
    if seed < 0:
        raise ValueError(f"{name}: the seed is {seed}, wanted 0 or more")
    return np.random.default_rng(int(seed))


def get_state() -> dict[str, Any]:
    """The state of the default generator, as plain values: what `set_state` takes."""
    return copy.deepcopy(dict(default().bit_generator.state))


def set_state(state: Mapping[str, Any]) -> None:
    """Put the default generator back to a state that `get_state` gave.

    >>> before = get_state()
    >>> first = generator().random()
    >>> set_state(before)
    >>> first == generator().random()
    True

    Raises TypeError if state is not a mapping, ValueError if it is not such a state; the
    generator is then as before.
    """
    if not isinstance(state, Mapping):
        raise TypeError(
            f"set_state: got {type(state).__name__}, wanted the mapping that get_state() gave"
        )
    trial = np.random.default_rng(0).bit_generator
    try:
        trial.state = dict(state)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(
            f"set_state: not a state of the default generator ({error}); pass what get_state() gave"
        ) from error
    default().bit_generator.state = trial.state
