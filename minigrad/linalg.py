"""mg.linalg: functions of square matrices, with NumPy's names."""

from minigrad.ops.linalg import cholesky, det, inv, slogdet, solve
from minigrad.ops.reduce import norm

__all__ = ["cholesky", "det", "inv", "norm", "slogdet", "solve"]
