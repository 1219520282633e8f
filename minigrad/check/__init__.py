"""Checking derivatives: against finite differences, for functions, modules and recorded graphs."""

from minigrad.check.functions import gradcheck, gradgradcheck
from minigrad.check.graphs import check_graph
from minigrad.check.numeric import numerical_gradient, numerical_jacobian
from minigrad.check.report import Failure, GradcheckError, Kink, Place, Report, Row

__all__ = [
    "Failure",
    "GradcheckError",
    "Kink",
    "Place",
    "Report",
    "Row",
    "check_graph",
    "gradcheck",
    "gradgradcheck",
    "numerical_gradient",
    "numerical_jacobian",
]
