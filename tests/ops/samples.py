"""All samples of the ops: one table for each kind of function.

Every op is checked on all of its samples: recorded values, first and second derivative, dtype,
layouts, memory. A test fails if a public differentiable function has none.
"""

from __future__ import annotations

import samples_elementwise
import samples_layers
import samples_products
import samples_reductions
import samples_shapes
from sample import Sample
from sample_rows import SAMPLES

__all__ = ["SAMPLES", "Sample"]

TABLES = (
    samples_elementwise,
    samples_layers,
    samples_products,
    samples_reductions,
    samples_shapes,
)
