"""Other libraries' arrays go in, and what comes out is what other libraries take.

Scikit-learn, pandas and PyTorch are stood in for by what they do with data: take its length, index
it by arrays, ask for `__array__`. Matplotlib is there.
"""

from __future__ import annotations

import matplotlib
import numpy as np
import pytest

import minigrad as mg
from minigrad import data, nn, optim

matplotlib.use("Agg")

X, Y = data.digits("test").arrays


class Foreign:
    """An array of another library."""

    def __init__(self, array):
        self.array = np.asarray(array)
        self.shape, self.ndim = self.array.shape, self.array.ndim

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype) if copy else np.asarray(self.array, dtype)

    def __len__(self):
        return len(self.array)


def train_test_split(*arrays, share=0.25):
    """As scikit-learn does it: indexing by an array of integers."""
    order = np.random.default_rng(0).permutation(len(arrays[0]))
    cut = int(share * len(order))
    return [part for a in arrays for part in (a[order[cut:]], a[order[:cut]])]


def k_fold(n, folds):
    parts = np.array_split(np.arange(n), folds)
    return [(np.setdiff1d(np.arange(n), part), part) for part in parts]


def confusion_matrix(target, said):
    target, said = np.asarray(target), np.asarray(said)
    return np.bincount(10 * target + said, minlength=100).reshape(10, 10)


def standardized(values):
    values = np.asarray(values)
    return (values - values.mean(0)) / (values.std(0) + 1e-9)


def classifier():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10, rng=0))


def fitted(model, loader, **options):
    optimizer = optim.Adam(model.parameters(), lr=0.03)
    loss = nn.CrossEntropyLoss()
    return mg.fit(model, loader, loss, optimizer, epochs=3, progress=False, **options)


# --- Scikit-learn ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [np.asarray, mg.Tensor])
def test_a_split_of_arrays_or_tensors_can_be_learned(kind):
    train_x, test_x, train_y, test_y = train_test_split(kind(X), kind(Y))
    assert (len(train_x), len(test_x)) == (270, 89)
    train = data.DataLoader(data.TensorDataset(train_x, train_y), 32, shuffle=True, rng=0)
    model = classifier()
    history = fitted(model, train, validation=[(test_x, test_y)])
    assert history.metrics["validation accuracy"][-1] > 0.8
    said = model(test_x).argmax(axis=1)
    assert type(said) is np.ndarray
    counts = confusion_matrix(test_y, said)
    assert counts.trace() / counts.sum() == history.metrics["validation accuracy"][-1]


def test_folds_are_indices_of_subsets():
    table, seen = data.digits("test"), []
    for train, test in k_fold(len(table), 3):
        learned, held_out = data.Subset(table, train), data.Subset(table, test)
        assert len(learned) + len(held_out) == len(table)
        seen += [y for _, labels in data.DataLoader(held_out, 50) for y in labels]
        assert len(data.DataLoader(learned, 50)) == 5
    np.testing.assert_array_equal(seen, Y)


def test_DAT_15_standardized_float64_goes_into_a_float32_network():
    Z = standardized(X.reshape(len(X), -1).astype(np.float64))
    model = classifier()
    history = fitted(model, data.DataLoader(data.TensorDataset(Z, Y), 32))
    assert history.epoch_loss[-1] < history.epoch_loss[0]
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}


def test_results_without_a_graph_are_taken_as_arrays():
    with mg.no_grad():
        p = nn.functional.softmax(classifier()(X))
    np.testing.assert_allclose(np.asarray(p).sum(axis=1), 1, rtol=1e-6)
    assert confusion_matrix(mg.Tensor(Y), p.argmax(axis=1)).sum() == len(Y)


# --- pandas, PyTorch ------------------------------------------------------------------------


def test_foreign_arrays_are_taken_everywhere(tmp_path):
    x, y = Foreign(X[:6]), Foreign(Y[:6])
    assert mg.Tensor(x).shape == (6, 1, 8, 8)
    model = classifier()
    loss = nn.CrossEntropyLoss()(model(x), y)
    assert loss.item() == nn.CrossEntropyLoss()(model(X[:6]), Y[:6]).item()
    table = data.TensorDataset(x, y)
    assert type(table.arrays[0]) is np.ndarray
    rows = [(Foreign(a), Foreign(b)) for a, b in zip(X[:6], Y[:6])]
    for batches in (data.DataLoader(table, 4), data.DataLoader(rows, 4)):
        for a, b in batches:
            assert type(a) is type(b) is np.ndarray
    np.testing.assert_array_equal(next(iter(data.DataLoader(rows, 4)))[0], X[:4])
    assert len(fitted(model, [(x, y)]).epoch_loss) == 3
    mg.save({"x": x}, tmp_path / "x.npz")
    np.testing.assert_array_equal(mg.load(tmp_path / "x.npz")["x"], X[:6])
    state = {name: Foreign(array) for name, array in model.state_dict().items()}
    assert classifier().load_state_dict(state) == ([], [])


def test_a_foreign_array_that_refuses_is_named(tmp_path):
    class Recorded(Foreign):
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("it requires grad")

    with pytest.raises(TypeError, match=r"save: cannot write what is at \['a', 0\]: it requires"):
        mg.save({"a": [Recorded(X)]}, tmp_path / "x.npz")
    assert list(tmp_path.iterdir()) == []


# --- Matplotlib -----------------------------------------------------------------------------

T = mg.linspace(-3, 3, 20)
S = mg.tanh(T)
GRID = [mg.Tensor(g) for g in np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-1, 3, 9))]
HEIGHT = data.surfaces.rosenbrock(*GRID)
IMAGE = mg.Tensor(X[0, 0])

PLOTS = {
    "plot": lambda a: a.plot(T, S, "o-"),
    "columns": lambda a: a.plot(T, mg.stack([S, T], axis=1)),
    "scatter": lambda a: a.scatter(T, S, c=S, s=T + 5),
    "fill_between": lambda a: a.fill_between(T, S, S + 1, where=S > 0),
    "hist": lambda a: a.hist(S, bins=5),
    "hist2d": lambda a: a.hist2d(T, S),
    "bar": lambda a: a.bar(T, S, width=0.1),
    "barh": lambda a: a.barh(T, S),
    "errorbar": lambda a: a.errorbar(T, S, yerr=abs(S) * 0.1),
    "imshow": lambda a: a.imshow(IMAGE),
    "pcolormesh": lambda a: a.pcolormesh(*GRID, HEIGHT),
    "contour": lambda a: a.contour(*GRID, HEIGHT, levels=mg.linspace(1, 100, 5)),
    "contourf": lambda a: a.contourf(*GRID, HEIGHT),
    "quiver": lambda a: a.quiver(*GRID, HEIGHT, HEIGHT),
    "streamplot": lambda a: a.streamplot(*GRID, HEIGHT, HEIGHT),
    "stackplot": lambda a: a.stackplot(T, S + 1, S + 2),
    "boxplot": lambda a: a.boxplot(mg.stack([S, T], axis=1)),
    "limits": lambda a: (a.set_xlim(T.min(), T.max()), a.axhline(S[3]), a.set_xticks(T[:3])),
    "values": lambda a: a.plot([mg.Value(1.0), mg.Value(2.0)], [mg.Value(0.0), mg.Value(3.0)]),
}


@pytest.mark.parametrize("draw", PLOTS.values(), ids=PLOTS)
def test_tensors_are_plotted(draw):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    draw(axes)
    figure.canvas.draw()
    pyplot.close(figure)


def test_weights_and_gradients_are_plotted():
    from matplotlib import pyplot

    model = classifier()
    nn.CrossEntropyLoss()(model(X), Y).backward()
    figure, (left, right) = pyplot.subplots(1, 2)
    left.imshow(model[1].weight.data)
    right.imshow(model[1].weight.grad)
    figure.canvas.draw()
    pyplot.close(figure)


def test_memory_is_shared_through_dlpack():
    x = mg.Tensor([1.0, 2.0])
    np.testing.assert_array_equal(np.from_dlpack(x), x.data)
    assert np.shares_memory(np.from_dlpack(x), x.data)
    with pytest.raises(RuntimeError, match="requires grad"):
        np.from_dlpack(mg.Tensor([1.0], requires_grad=True))
