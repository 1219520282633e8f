"""All bugs that the judge plants."""

from __future__ import annotations

from . import (
    plants_elementwise,
    plants_engine,
    plants_images,
    plants_layers,
    plants_reductions,
    plants_shape,
    plants_training,
)
from .plant import Plant

BUGS: list[Plant] = [
    *plants_engine.PLANTS,
    *plants_elementwise.PLANTS,
    *plants_reductions.PLANTS,
    *plants_shape.PLANTS,
    *plants_images.PLANTS,
    *plants_layers.PLANTS,
    *plants_training.PLANTS,
]
