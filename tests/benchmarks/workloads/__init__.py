"""The workloads, by name."""

from ..workload import Workload
from . import (
    conv,
    drawing,
    epoch,
    functions,
    growth,
    growth_networks,
    import_time,
    layers,
    memory,
    moons,
    optimizers,
    same,
    step,
    threads,
    tiny_op,
)

MODULES = (
    *(same, step, conv, layers, functions, optimizers, tiny_op, moons),
    *(memory, import_time, growth, growth_networks, threads, epoch, drawing),
)
WORKLOADS: dict[str, Workload] = {w.name: w for module in MODULES for w in module.WORKLOADS}
