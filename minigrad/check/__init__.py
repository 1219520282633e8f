"""Checking derivatives: against finite differences, for functions, modules and recorded graphs."""

from minigrad.check.curve import StepErrors, step_size_errors, step_size_figure
from minigrad.check.findings import Diagnosis, Failure, Kink, Place, Row
from minigrad.check.functions import gradcheck, gradgradcheck
from minigrad.check.graphs import check_graph
from minigrad.check.numeric import numerical_gradient, numerical_jacobian
from minigrad.check.report import GradcheckError, Report

__all__ = [
    "Diagnosis",
    "Failure",
    "GradcheckError",
    "Kink",
    "Place",
    "Report",
    "Row",
    "StepErrors",
    "check_graph",
    "gradcheck",
    "gradgradcheck",
    "numerical_gradient",
    "numerical_jacobian",
    "step_size_errors",
    "step_size_figure",
]
