"""The lecture's picture of both convolution gradients: its numbers, its frames, its errors."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

import minigrad as mg
from minigrad import conv_backward_figure

X = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0], [2.0, 1.0, 1.0]])
F = np.array([[1.0, -1.0], [2.0, 0.5]])
DO = np.array([[-3.0, 11.0], [3.0, -1.0]])


def gradients(x, f, g):
    """∂L/∂X and ∂L/∂F, by the engine."""
    xs, fs = (mg.Tensor(a[None, None], requires_grad=True) for a in (x, f))
    mg.conv2d(xs, fs).backward(g[None, None])
    return xs.grad.data[0, 0], fs.grad.data[0, 0]


def texts(drawing):
    return [t.text for t in ElementTree.fromstring(drawing.svg()).iter() if t.tag.endswith("}text")]


def test_the_picture_shows_all_matrices():
    shown = texts(conv_backward_figure(X, F, DO))
    dX, dF = gradients(X, F, DO)
    for matrix in (X, F, DO, dX, dF):
        for number in matrix.ravel():
            assert f"{number:.4g}" in shown
    assert {"∂L/∂O framed by zeros", "F turned by 180°", "∂L/∂X"} <= set(shown)


@pytest.mark.parametrize("entry", list(np.ndindex(3, 3)))
def test_the_sum_of_an_input_entry(entry):
    *_, symbols, numbers = str(conv_backward_figure(X, F, DO, input_entry=entry)).split("\n")
    i, j = entry
    assert symbols.startswith(f"∂L/∂X{i + 1}{j + 1} = ")
    sum_, total = numbers.strip("= ").split(" = ")
    assert float(total) == gradients(X, F, DO)[0][entry] == eval_sum(sum_)
    reached = [(k, m) for k, m in np.ndindex(2, 2) if 0 <= i - k < 2 and 0 <= j - m < 2]
    named = re.findall(r"∂L/∂O(\d)(\d)·F(\d)(\d)", symbols)
    expected = {(i - k + 1, j - m + 1, k + 1, m + 1) for k, m in reached}
    assert {tuple(map(int, digits)) for digits in named} == expected


@pytest.mark.parametrize("entry", list(np.ndindex(2, 2)))
def test_the_sum_of_a_filter_entry(entry):
    lines = str(conv_backward_figure(X, F, DO, filter_entry=entry)).split("\n")
    sum_, total = lines[5].strip("= ").split(" = ")
    assert float(total) == gradients(X, F, DO)[1][entry] == eval_sum(sum_)
    i, j = entry
    assert f"∂L/∂O21·X{i + 2}{j + 1}" in lines[4]


def eval_sum(text):
    """The value of -3·1 + 11·(-2)."""
    return eval(text.replace("·", "*"), {})


def test_frames_mark_the_window():
    drawing = conv_backward_figure(X, F, DO)
    frames = drawing.source.count('border="2"')
    assert frames == (4 + 4 + 1) * 3


@pytest.mark.parametrize("theme", ["light", "dark", "print", "auto"])
def test_themes_render(theme):
    drawing = conv_backward_figure(X, F, DO, theme=theme)
    assert drawing.png()[:4] == b"\x89PNG"
    assert ("prefers-color-scheme" in drawing.svg()) == (theme == "auto")


def test_tensors_with_leading_ones_and_rectangles():
    rng = np.random.default_rng(0)
    x, f, g = rng.normal(size=(1, 1, 4, 6)), rng.normal(size=(1, 2, 3)), rng.normal(size=(3, 4))
    text = str(conv_backward_figure(mg.Tensor(x), mg.Tensor(f), g, filter_entry=(1, 2)))
    total = float(text.split("\n")[5].rsplit(" = ")[-1])
    np.testing.assert_allclose(total, gradients(x[0, 0], f[0], g)[1][1, 2], rtol=1e-3)


@pytest.mark.parametrize(
    "change, error, says",
    [
        ({"grad_out": np.ones((3, 3))}, ValueError, r"grad_out must have shape \(2, 2\)"),
        ({"x": np.ones((2, 3, 3))}, ValueError, r"x has shape \(2, 3, 3\); wanted one matrix"),
        ({"w": np.ones((4, 4))}, ValueError, "grad_out must have shape"),
        ({"x": np.ones((30, 30)), "grad_out": np.ones((29, 29))}, ValueError, "too large"),
        ({"filter_entry": (2, 0)}, IndexError, r"filter_entry=\(2, 0\) is no entry .* \(2, 2\)"),
        ({"input_entry": 1}, IndexError, "input_entry=1 is no entry"),
        ({"theme": "pink"}, ValueError, "theme must be one of"),
    ],
)  # fmt: skip
def test_errors(change, error, says):
    with pytest.raises(error, match=says):
        conv_backward_figure(**({"x": X, "w": F, "grad_out": DO} | change))
