"""Checking derivatives: against finite differences, for functions, modules and recorded graphs."""

from minigrad.check.gradcheck import gradcheck, gradgradcheck
from minigrad.check.report import Failure, GradcheckError, Kink, Place, Report, Row

__all__ = [
    "Failure",
    "GradcheckError",
    "Kink",
    "Place",
    "Report",
    "Row",
    "gradcheck",
    "gradgradcheck",
]
