"""Every function of nn.functional as a sample: derivatives, layouts, memory.

Values, gradients and float32 are held by test_recorded_modules.py and test_recorded_sequences.py,
on the same cases.
"""

from __future__ import annotations

import numpy as np
from function_samples import SAMPLES
from sample import (
    assert_first_derivative,
    assert_layouts,
    assert_memory,
    assert_second_derivative,
    each,
)

# The options of an embedding change its gradient on purpose: it is no derivative then.
SMOOTH = [sample for sample in SAMPLES if sample.name != "embedding"]
# Far out, the slope of a saturated function is a difference of numbers that agree in all digits.
NEAR = [sample for sample in SMOOTH if all((np.abs(x) < 10).all() for x in sample.inputs)]


@each(SMOOTH, of=3)
def test_first_derivative(sample):
    assert_first_derivative(sample)


@each(NEAR, of=6)
def test_second_derivative(sample):
    assert_second_derivative(sample)


@each(SAMPLES, of=3)
def test_layout_of_the_inputs_does_not_matter(sample):
    assert_layouts(sample)


@each(SAMPLES)
def test_gradients_own_their_memory_and_rules_change_nothing(sample):
    assert_memory(sample)
