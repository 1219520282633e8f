"""The workloads, by name."""

from ..workload import Workload
from . import growth, import_time, memory, moons, same, tiny_op

MODULES = (same, tiny_op, moons, growth, memory, import_time)
WORKLOADS: dict[str, Workload] = {w.name: w for module in MODULES for w in module.WORKLOADS}
