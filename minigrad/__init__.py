"""minigrad: backpropagation to teach and learn with, on NumPy. `import minigrad as mg`.

Every public name is in this list; nothing is defined here.
"""

from minigrad import data, linalg, numpy_functions
from minigrad.create import (
    arange,
    eye,
    from_numpy,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    rand,
    randint,
    randn,
    tensor,
    zeros,
    zeros_like,
)
from minigrad.errors import LoadError
from minigrad.function import Function
from minigrad.functional import grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from minigrad.inspection import backward_steps, detect_anomaly, why_no_grad
from minigrad.ops.activation import (
    elu,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    relu,
    sigmoid,
    silu,
    softmax,
    softplus,
)
from minigrad.ops.elementwise import (
    add,
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    cos,
    cosh,
    divide,
    exp,
    exp2,
    expm1,
    fmod,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    remainder,
    sin,
    sinh,
    sqrt,
    square,
    subtract,
    tan,
    tanh,
)
from minigrad.ops.join import array_split, concatenate, split, stack
from minigrad.ops.loss import cross_entropy
from minigrad.ops.norm import batch_norm, layer_norm
from minigrad.ops.piecewise import (
    abs,
    ceil,
    clip,
    floor,
    floor_divide,
    maximum,
    minimum,
    round,
    sign,
    trunc,
    where,
)
from minigrad.ops.primitive import primitive
from minigrad.ops.products import dot, einsum, inner, linear, matmul, outer, tensordot, trace
from minigrad.ops.reduce import (
    amax,
    amin,
    argmax,
    argmin,
    cumprod,
    cumsum,
    logsumexp,
    max,
    mean,
    min,
    norm,
    prod,
    std,
    sum,
    var,
)
from minigrad.ops.shape import (
    astype,
    broadcast_to,
    diagonal,
    expand_dims,
    flatten,
    flip,
    moveaxis,
    pad,
    ravel,
    repeat,
    reshape,
    roll,
    squeeze,
    swapaxes,
    take,
    take_along_axis,
    tile,
    transpose,
    tril,
    triu,
)
from minigrad.recording import enable_grad, is_grad_enabled, no_grad
from minigrad.rng import manual_seed
from minigrad.tape import compile
from minigrad.tensor import Tensor
from minigrad.value import Value
from minigrad.viz import Drawing, __getattr__, draw, find_dot, table
