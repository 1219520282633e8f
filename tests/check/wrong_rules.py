"""The catalogue of wrong rules: for every op of the library the mistakes that people make.

CATALOGUE has the mistakes of each op, from the files of the families; ORDINARY those that any
rule can have, in the rules of every op.
"""

from importlib import import_module

import numpy as np
from planting import CATALOGUE, SITES, Fault, Site, after, fed

FAMILIES = "elementwise activations reductions shapes products windows layers recurrent"
for family in FAMILIES.split():
    import_module(f"wrong_{family}")

SITE_OF = {site.op: site for site in reversed(SITES)}  # the first of each op


def ordinary(site: Site, name: str) -> list[Fault]:
    """The mistakes that any rule can have."""
    g = 1 if site.op.variadic else 0
    return [
        Fault(site, name, "counted twice", after(lambda share: 2 * share), "factor"),
        Fault(site, name, "0.01 % too large", after(lambda share: 1.0001 * share), "factor"),
        Fault(site, name, "negated", after(np.negative), "lost sign"),
        Fault(site, name, "forgotten", after(np.zeros_like), "zero"),
        Fault(site, name, "too large or too small by some percent", after(uneven)),
        Fault(site, name, "g forgotten", fed(np.ones_like, g), NONLINEAR),
        Fault(site, name, "g squared", fed(np.square, g), NONLINEAR),
    ]


NONLINEAR = "not linear in the upstream gradient"


def uneven(share):
    """One entry 5 % too large, the next 3 % too small, and so on."""
    factor = np.where(np.arange(np.size(share)) % 2, 1.05, 0.97)
    return share * factor.reshape(np.shape(share))


ORDINARY = [
    fault
    for site in SITE_OF.values()
    if not site.flat
    for name in site.names
    for fault in ordinary(site, name)
]

__all__ = ["CATALOGUE", "ORDINARY", "SITES", "SITE_OF"]
