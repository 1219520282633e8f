"""Bugs of the engine: the walk, what it accumulates, what is recorded."""

from __future__ import annotations

from .plant import Plant

ENGINE = ("tests/test_engine.py", "tests/test_tensor.py", "tests/test_functional.py")
WALK = "minigrad/walk.py"

PLANTS = [
    Plant(
        1,
        "axes of length 1 not summed",
        WALK,
        (("g.sum(axis=(*range(lead), *copied)).reshape(shape)", "g.sum(axis=tuple(range(lead)))"),),
        ENGINE,
    ),
    Plant(
        2,
        "leading axes not summed",
        WALK,
        (
            (
                "g.sum(axis=(*range(lead), *copied)).reshape(shape)",
                "g.sum(axis=copied, keepdims=True)",
            ),
        ),
        ENGINE,
    ),
    Plant(
        3,
        "= for += on the gradient of a leaf",
        WALK,
        (("x._grad._data += found[x]", "x._grad._data = np.array(found[x])"),),
        ENGINE,
    ),
    Plant(
        4,
        "one array given to two parents",
        WALK,
        (("leaf(taken(found, x))", "leaf(found[x])"),),
        ENGINE,
    ),
    Plant(
        5,
        "another order than a topological one",
        WALK,
        (("node = heappop(ready)[1]", "node = ready.pop()[1]"),),
        ENGINE,
    ),
    Plant(
        6,
        "visited nodes told apart by ==",
        "minigrad/graph.py",
        (("[], {root}, [", "[], [root], ["), ("seen.add(x)", "seen.append(x)")),
        ENGINE,
    ),
    Plant(
        7,
        "no set of visited nodes",
        "minigrad/value.py",
        (("elif v not in seen:", "else:"),),
        ("tests/test_value.py",),
    ),
    Plant(
        8,
        "gradients of inner nodes kept between two calls",
        WALK,
        (
            (
                "g = grads.pop(node)",
                "g = grads.pop(node)\n"
                "        if not create_graph:\n"
                "            g = g if node._grad is None else g + node._grad._data\n"
                "            node._grad = leaf(g)",
            ),
        ),
        ENGINE,
    ),
    Plant(
        9,
        "no_grad not undone after an exception",
        "minigrad/recording.py",
        (
            (
                "recording.path = self.before.pop()",
                "before = self.before.pop()\n"
                "        if exception[0] is None:\n"
                "            recording.path = before",
            ),
        ),
        ENGINE,
    ),
    Plant(
        10,
        "no_grad for all threads at once",
        "minigrad/recording.py",
        (("class Recording(threading.local):", "class Recording:"),),
        ENGINE,
    ),
    Plant(
        11,
        "changes in place not noticed",
        WALK,
        (("check_unchanged(node)\n", "pass\n"),),
        ENGINE,
    ),
    Plant(
        12,
        "gradients not cast back to the dtype of the input",
        WALK,
        (
            (
                "return share if share.dtype == target.dtype else share.astype(target.dtype)",
                "return share",
            ),
        ),
        ENGINE,
    ),
]
