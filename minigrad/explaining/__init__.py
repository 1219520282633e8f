"""The chain rule written out: a gradient as a sum of products, with symbols and numbers."""

from minigrad.explaining.convolution import conv_backward_figure
from minigrad.explaining.explanation import Explanation, explain

__all__ = ["Explanation", "conv_backward_figure", "explain"]
