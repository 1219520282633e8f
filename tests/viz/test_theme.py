import xml.etree.ElementTree as ElementTree

import pytest

from minigrad.viz.theme import DARK, LIGHT, PRINT, SHADES, Theme, mixed, pairs, switching_style

KINDS = ("parameter", "input", "constant", "result", "root")


def luminance(color: str) -> float:
    """Relative luminance of the Web Content Accessibility Guidelines 2."""
    parts = [x / 255 for x in bytes.fromhex(color[1:])]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear))


def contrast(a: str, b: str) -> float:
    darker, lighter = sorted((luminance(a), luminance(b)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on_ground(theme: Theme):
    """Every pair of a text colour and the ground that it may stand on."""
    fills = [theme.fill(kind) for kind in KINDS]
    for ground in (*fills, theme.background):
        yield from ((text, ground) for text in (theme.value, theme.gradient, theme.failure))
        yield theme.update, ground
    for ground in (theme.result_fill, theme.input_fill, theme.constant_fill, theme.background):
        yield theme.secondary, ground
    for ground in (theme.parameter_fill, theme.root_fill, theme.header_fill):
        yield theme.secondary, ground
    yield theme.value, theme.header_fill
    for text in (theme.value, theme.gradient, theme.secondary, theme.failure, theme.update):
        yield text, theme.failure_fill
    for ground in (*theme.positive, *theme.negative):
        yield theme.value, ground


def test_contrast_of_black_and_white():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_text_can_be_read(theme):
    found = {pair: round(contrast(*pair), 2) for pair in text_on_ground(theme)}
    assert {pair: c for pair, c in found.items() if c < 4.5} == {}


@pytest.mark.parametrize("theme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_borders_can_be_seen(theme):
    for kind in KINDS:
        assert contrast(theme.border(kind), theme.background) >= 3
        assert contrast(theme.border(kind), theme.fill(kind)) >= 3
    assert contrast(theme.failure, theme.failure_fill) >= 3


def test_no_light_colour_has_two_meanings_that_differ_in_the_dark():
    meanings: dict[str, set[str]] = {}
    for light, dark in pairs(LIGHT, DARK):
        meanings.setdefault(light, set()).add(dark)
    assert {light: dark for light, dark in meanings.items() if len(dark) > 1} == {}


def test_switching_style_names_every_colour_once_as_fill_and_as_stroke():
    style = ElementTree.fromstring(switching_style()).text or ""
    for light, dark in pairs(LIGHT, DARK):
        assert f'[fill="{light}" i]{{fill:{dark}}}' in style
        assert f'[stroke="{light}" i]{{stroke:{dark}}}' in style


def test_tint_grows_with_size_and_tells_the_sign():
    assert LIGHT.tint(0.0) == LIGHT.tint(0.1) == LIGHT.result_fill
    assert LIGHT.tint(1.0) == LIGHT.positive[-1]
    assert LIGHT.tint(-1.0) == LIGHT.negative[-1]
    assert LIGHT.tint(0.5) == LIGHT.positive[1]


def test_mixed_ends_at_the_end():
    shades = mixed("#000000", "#FF8040")
    assert len(shades) == SHADES
    assert shades[-1] == "#FF8040"
    assert shades[1] == "#7F4020"


def test_print_has_no_colour():
    assert {color for pair in pairs(PRINT, PRINT) for color in pair} == {"#000000", "#FFFFFF"}
