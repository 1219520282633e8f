"""Mistakes of the catalogue in whole networks: check_graph names the op, gradcheck fails."""

from __future__ import annotations

from functools import cache

import pytest
from planting import Fault, only_found, planted
from wrong_networks import NETWORKS, matters, shows
from wrong_rules import CATALOGUE, ORDINARY

from minigrad import nn
from minigrad.check import check_graph, gradcheck
from minigrad.graph import topological

EACH = pytest.mark.parametrize("name", NETWORKS)


@pytest.fixture(autouse=True)
def whether_it_is_found(monkeypatch):
    only_found(monkeypatch)


@cache
def plantable(name: str) -> tuple[nn.Module, list[Fault]]:
    """A network, and all mistakes that can be made in the rules of its ops."""
    network = NETWORKS[name]()
    nodes = [node for node in topological(network()) if node.op is not None]
    return network, [fault for fault in (*CATALOGUE, *ORDINARY) if shows(fault, nodes)]


def one_of_each_rule(faults: list[Fault]) -> list[Fault]:
    return list({(fault.op, fault.name): fault for fault in faults}.values())


def misjudged(network: nn.Module, faults: list[Fault]) -> list[str]:
    """The mistakes for which check_graph does not name the op, and only it."""
    wrong = []
    for fault in faults:
        with planted(fault):
            report = check_graph(network())
        named = {(failure.kind, failure.place.node.op) for failure in report.failures}
        if named != {("wrong rule", fault.op)}:
            wrong.append(str(fault))
    return wrong


def escaped(network: nn.Module, faults: list[Fault], **options: bool) -> list[str]:
    """The mistakes that a gradcheck of the whole network does not find."""
    free = []
    for fault in faults:
        with planted(fault):
            report = gradcheck(network, (), raise_exception=False, **options)
        if {failure.kind for failure in report.failures} != {"wrong gradient"}:
            free.append(str(fault))
    return free


@EACH
def test_the_networks_are_right(name):
    network, faults = plantable(name)
    assert check_graph(network())
    assert gradcheck(network, ())
    ops = {node.op for node in topological(network()) if node.op is not None}
    assert {fault.op for fault in faults} == ops
    assert len(faults) > 8 * len(ops)


@EACH
def test_the_guilty_op_is_named(name):
    network, faults = plantable(name)
    assert misjudged(network, one_of_each_rule(faults)[::3]) == []


def test_the_whole_network_fails():
    network, faults = plantable("MLP")
    assert escaped(network, one_of_each_rule(faults), fast_mode=True) == []


@pytest.mark.long
@EACH
def test_every_guilty_op_is_named(name):
    network, faults = plantable(name)
    assert misjudged(network, faults) == []


@pytest.mark.long
@pytest.mark.parametrize("fast_mode", [False, True], ids=["full", "fast"])
@EACH
def test_the_whole_network_fails_for_every_mistake(name, fast_mode):
    network, faults = plantable(name)
    wrong = [fault for fault in faults if matters(fault, network)]
    assert len(wrong) > 0.95 * len(faults)
    assert escaped(network, wrong, fast_mode=fast_mode) == []
