"""The error against the step: slopes of the branches, the steps that are marked, the figure."""

import subprocess
import sys

import matplotlib
import numpy as np
import pytest

import minigrad as mg
from minigrad.check import StepErrors, step_size_errors, step_size_figure
from minigrad.check.curve import EPSILON, LEAST, STYLES
from minigrad.check.numeric import ORDERS

matplotlib.use("Agg")

X = 0.7


def f(x):
    return np.exp(np.sin(x))


@pytest.fixture
def figure():
    from matplotlib import pyplot

    yield step_size_figure(f, X)
    pyplot.close("all")


@pytest.mark.parametrize(
    ("method", "power", "steps"),
    [
        ("forward", 1, [1e-3, 1e-5]),
        ("central", 2, [1e-1, 1e-3]),
        ("4th", 4, [1e-1, 1e-2]),
        ("complex", 2, [1e-2, 1e-4]),
    ],
)
def test_the_right_branch_falls_with_the_order(method, power, steps):
    large, small = step_size_errors(f, X, steps=steps, methods=[method]).errors[method]
    slope = np.log(large / small) / np.log(steps[0] / steps[1])
    assert slope == pytest.approx(power, rel=0.05)


@pytest.mark.parametrize("method", ["forward", "central", "4th"])
def test_the_left_branch_grows_with_one_over_the_step(method):
    steps = np.logspace(-14, -9, 200)
    errors = step_size_errors(f, X, steps=steps, methods=[method]).errors[method]
    slope = np.polyfit(np.log(steps), np.log(np.maximum(errors, LEAST)), 1)[0]
    assert slope == pytest.approx(-1, abs=0.15)


def test_the_complex_step_has_no_left_branch():
    errors = step_size_errors(f, X, steps=[1e-9, 1e-12, 1e-16]).errors["complex"]
    assert errors.max() < 1e-15


def test_minigrad_takes_good_steps():
    found = step_size_errors(f, X)
    assert isinstance(found, StepErrors)
    assert found.steps[[0, -1]] == pytest.approx([0.7e-16, 0.7])
    for method, (h, error) in found.chosen.items():
        assert found.steps[0] < h < found.steps[-1]
        p = ORDERS[method]
        for least in (error, found.best[method][1]):
            assert least < 10 * EPSILON ** (p / (p + 1))  # C hᵖ = ε / h at the best step
    assert list(found.chosen) == list(found.best) == ["forward", "central", "4th"]
    errors = [error for _, error in found.chosen.values()]
    assert errors == sorted(errors, reverse=True)


def test_steps_follow_the_size_of_x():
    small, large = (step_size_errors(np.tanh, x, methods=["central"]) for x in (1e-3, 10.0))
    assert large.steps[0] / small.steps[0] == pytest.approx(1e4)
    assert large.best["central"][0] / small.best["central"][0] == pytest.approx(1e4)
    assert step_size_errors(np.exp, 0.0, steps=[1e-3]).best["forward"][0] == 2.0**-26


def test_arrays_and_tensors():
    x = np.array([[0.5, -1.0], [2.0, 1.5]])
    found = step_size_errors(lambda t: (t * t).sum() + t[0], mg.Tensor(x), steps=[1e-4])
    assert found.errors["forward"].item() == pytest.approx(1e-4 / 4, rel=1e-3)  # h / max |2 x|


def test_complex_is_left_out_where_it_does_not_go_through():
    for func in (mg.sigmoid, lambda x: x.exp(), lambda x: np.floor(x) + x):
        found = step_size_errors(func, 0.3, steps=[1e-3])
        assert list(found.errors) == ["forward", "central", "4th"]


def test_a_gradient_may_be_given():
    def plain(x):
        return float(x) ** 3

    for gradient in (3 * X * X, lambda x: 3 * x * x):
        found = step_size_errors(plain, X, gradient=gradient, steps=[1e-3], methods=["central"])
        assert found.errors["central"].item() == pytest.approx(1e-6 / (3 * X * X), rel=1e-3)
    with pytest.raises(TypeError) as raised:
        step_size_errors(plain, X)
    assert "give gradient=" in raised.value.__notes__[0]


def test_what_is_refused():
    for func, x in ((np.cos, 0.0), (np.sqrt, 0.0)):
        with np.errstate(all="ignore"), pytest.raises(ValueError, match="finite and not 0"):
            step_size_errors(func, x)
    with pytest.raises(ValueError, match="method must be one of 'forward', 'central', '4th'"):
        step_size_errors(f, X, methods=["backward"])
    with pytest.raises(ValueError, match="eps must be positive"):
        step_size_errors(f, X, steps=[0.0], methods=["central"])


# --- The figure -----------------------------------------------------------------------------------


def test_every_method_has_its_curve_colour_and_marks(figure):
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    found = step_size_errors(f, X)
    for method, (color, sign, _) in STYLES.items():
        own = [line for line in axes.lines if line.get_color() == color]
        curve = own[0]
        np.testing.assert_array_equal(curve.get_xdata(), found.steps)
        np.testing.assert_array_equal(curve.get_ydata(), np.maximum(found.errors[method], LEAST))
        marks = [(line.get_marker(), line.get_xdata()[0]) for line in own[1:]]
        if method == "complex":
            assert marks == []
        else:
            assert marks == [(sign, found.best[method][0]), (sign, found.chosen[method][0])]


def test_the_legend_stands_beside_the_data_and_fonts_are_large(figure):
    (axes,) = figure.axes
    figure.canvas.draw()
    legend = axes.get_legend()
    assert legend.get_window_extent().x0 >= axes.get_window_extent().x1
    texts = [text.get_text() for text in legend.get_texts()]
    assert texts[:4] == ["forward, order 1", "central, order 2", "4th, order 4", "complex step"]
    assert min(text.get_fontsize() for text in legend.get_texts()) >= 14
    assert {text.get_text() for text in axes.texts} == {"∝ h", "∝ h²", "∝ h⁴", "rounding ∝ 1/h"}


def test_some_methods_and_few_steps():
    from matplotlib import pyplot

    for methods in (["central"], ["complex"], ["forward", "4th"]):
        figure = step_size_figure(f, X, methods=methods, steps=[1e-3, 1e-1])
        assert len(figure.axes[0].get_legend().get_texts()) == len(methods) + 2
    pyplot.close("all")


def test_check_does_not_bring_matplotlib():
    code = "import sys, minigrad.check; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
