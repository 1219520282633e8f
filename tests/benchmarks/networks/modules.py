"""The networks in minigrad and in PyTorch: their `nn` are written the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from itertools import repeat
from typing import Any

from ..workload import Case
from . import Array, BatchNorm, Conv, Flatten, Linear, Network, Pool, ReLU, named
from .sequences import GPT, LSTM, first_weights

AnyNetwork = Network | GPT | LSTM

MODULES: dict[type[Any], Callable[[Any, Any], Any]] = {
    Linear: lambda nn, layer: nn.Linear(layer.inputs, layer.outputs),
    Conv: lambda nn, layer: nn.Conv2d(
        layer.inputs, layer.outputs, layer.kernel, padding=layer.padding, bias=layer.bias
    ),
    BatchNorm: lambda nn, layer: nn.BatchNorm2d(layer.channels),
    ReLU: lambda nn, layer: nn.ReLU(),
    Pool: lambda nn, layer: nn.MaxPool2d(2),
    Flatten: lambda nn, layer: nn.Flatten(),
}


def built(nn: Any, network: AnyNetwork, tensor: Callable[[Array], Any]) -> Any:
    """The network with its first weights, of minigrad's or PyTorch's modules."""
    if isinstance(network, Network):
        made = nn.Sequential(*(MODULES[type(layer)](nn, layer) for layer in network.layers))
        weights = network.weights()
    else:
        made = network.model(nn)
        weights = first_weights(made)
    tensors = {name: tensor(array) for name, array in weights.items()}
    made.load_state_dict(tensors, strict=False)  # what BatchNorm measures is not among them
    return made


def ours(network: AnyNetwork) -> Case:
    """A step of `fit`'s own loop."""
    mg, nn = import_module("minigrad"), import_module("minigrad.nn")
    optim, training = import_module("minigrad.optim"), import_module("minigrad.training")
    model, loss = built(nn, network, mg.from_numpy), nn.CrossEntropyLoss()
    x, y = map(mg.from_numpy, network.data())
    steps = training.learning(model, repeat((x, y)), loss, optim.Adam(model.parameters()))
    return Case(partial(next, steps), lambda: results(model, loss, x, y))


def torch(network: AnyNetwork, tuned: bool = False) -> Case:
    """The loop as one writes it."""
    torch = import_module("torch")
    model, loss = built(torch.nn, network, torch.from_numpy), torch.nn.CrossEntropyLoss()
    x, y = map(torch.from_numpy, network.data())
    if tuned and x.ndim == 4:
        x, model = (thing.to(memory_format=torch.channels_last) for thing in (x, model))
    optimizer = torch.optim.Adam(model.parameters(), fused=True if tuned else None)
    steps = torch_steps(model, repeat((x, y)), loss, optimizer)
    return Case(partial(next, steps), lambda: results(model, loss, x, y))


def tuned_torch(network: AnyNetwork) -> Case:
    """Images in channels_last, and the fused Adam."""
    return torch(network, tuned=True)


def torch_steps(model: Any, batches: Any, loss: Any, optimizer: Any) -> Iterator[float]:
    """The training loop of PyTorch's tutorials."""
    for x, y in batches:
        cost = loss(model(x), y)
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        yield cost.item()


def results(model: Any, loss: Any, x: Any, y: Any) -> dict[str, Any]:
    """Loss and gradients, before anything is learned."""
    cost = loss(model(x), y)
    cost.backward()
    gradients = {name: p.grad.numpy() for name, p in model.named_parameters()}
    return named(cost.item(), gradients)
