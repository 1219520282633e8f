"""Training steps: forward, loss, backward, Adam, in float32, as users write them."""

from __future__ import annotations

from functools import partial
from importlib import import_module

from ..networks import cifar, lenet, mlp
from ..networks.modules import AnyNetwork
from ..networks.sequences import GPT, LSTM
from ..workload import Case, Comparison, Workload

NETWORKS: dict[str, tuple[AnyNetwork, str]] = {
    "mlp-1": (mlp(1), "784-256-128-10, batch 1"),
    "mlp-128": (mlp(128), "784-256-128-10, batch 128"),
    "lenet-64": (lenet(64), "LeNet-5 with ReLU and max-pooling, 28×28, batch 64"),
    "cifar-64": (cifar(64), "CNN 32-64-128 with BatchNorm, 32×32 in colour, batch 64"),
    "gpt-12": (GPT(12), "a transformer of 4 blocks, 128 features and 64 words, batch 12"),
    "lstm-32": (LSTM(32, 50, 64, 128), "an LSTM of 128 units, 50 steps of 64 features, batch 32"),
}
TARGETS: dict[str, tuple[float | None, float | None]] = {
    "mlp-1": (0.65, 1.7),
    "mlp-128": (0.85, 1.2),
    "lenet-64": (0.65, 1.0),
    "cifar-64": (0.9, 1.3),
    "gpt-12": (None, None),
    "lstm-32": (None, None),
}
TUNED = "torch, tuned"
EXACT, ROUGH = 1e-3, 1e-2  # what gradients may differ by in float32; tinygrad needs the larger
MAKERS = {
    "minigrad": ("modules", "ours"),
    "torch": ("modules", "torch"),
    TUNED: ("modules", "tuned_torch"),
    "autograd": ("functional", "in_autograd"),
    "jax": ("functional", "in_jax"),
    "jax, jit": ("functional", "in_jax_jit"),
    "dezero": ("in_dezero", "case"),
    "smallpebble": ("in_smallpebble", "case"),
    "tinygrad, jit": ("in_tinygrad", "case"),
}
# How many times slower each should be; compiled JAX on small networks is faster.
SLOWER: dict[str, dict[str, float | None]] = {
    "mlp-1": {"jax, jit": None, "jax": 4, "autograd": 2, "smallpebble": None, "dezero": None,
              "tinygrad, jit": 2.5},
    "mlp-128": {"jax, jit": None, "jax": 4, "autograd": 2, "smallpebble": None, "dezero": None,
                "tinygrad, jit": 2.5},
    "lenet-64": {"jax, jit": 1.5, "jax": 4, "autograd": 25, "smallpebble": 12, "dezero": 4,
                 "tinygrad, jit": 2.5},
    "cifar-64": {"jax, jit": 1.5, "jax": 4, "autograd": 25, "dezero": 4, "tinygrad, jit": 2.5},
}  # fmt: skip


def build(network: AnyNetwork, contestant: str) -> Case:
    """The network in one of the libraries."""
    module, maker = MAKERS[contestant]
    return getattr(import_module(f"..networks.{module}", __package__), maker)(network)


def workload(name: str) -> Workload:
    """Beside PyTorch as it comes, and tuned: images in channels_last, the fused Adam."""
    network, about = NETWORKS[name]
    default, tuned = TARGETS[name]
    pairs = Comparison("minigrad", "torch", default), Comparison("minigrad", TUNED, tuned)
    return Workload(f"step/{name}", f"a step of {about}", partial(build, network), pairs, EXACT)


def beside(name: str, peer: str) -> Workload:
    """Beside another library, each by itself: while some wait, their threads spin."""
    network, about = NETWORKS[name]
    times = SLOWER[name][peer]
    pairs = (Comparison("minigrad", peer, times and 1 / times),)
    rtol = ROUGH if peer.startswith("tinygrad") else EXACT
    title = f"peers/{name}/{peer.replace(', ', '-')}"
    return Workload(title, f"a step of {about}", partial(build, network), pairs, rtol)


WORKLOADS = [
    *map(workload, NETWORKS),
    *(beside(name, peer) for name, peers in SLOWER.items() for peer in peers),
]
