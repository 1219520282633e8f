from minigrad.nn.module import Module
from minigrad.nn.parameter import Parameter
