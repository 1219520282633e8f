"""Optimizers, in the lecture's order, and learning-rate schedules.

Nothing here knows the graph: only arrays, and a parameter's data and gradient.
"""

from minigrad.optim import lr_scheduler
from minigrad.optim.deck import DECK
from minigrad.optim.lecture import GD, SGD, Adadelta, Adagrad, Adam, RMSprop
from minigrad.optim.optimizer import Optimizer
from minigrad.optim.variants import Adamax, AdamW, NAdam, RAdam

__all__ = [
    "DECK",
    "GD",
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "lr_scheduler",
]
