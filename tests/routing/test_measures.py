"""Sizes as OpenStreetMap writes them."""

import math

import pytest

from routing.measures import metres, tonnes


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ("2", 2.0),
        ("2.1 m", 2.1),
        ("60 cm", 0.6),
        ("2100mm", 2.1),
        ("6'6\"", 1.9812),
        ("7'", 2.1336),
        ("7 ft", 2.1336),
        ("6 ft 6 in", 1.9812),
        ("none", math.inf),
        ("default", math.inf),
        ("", math.inf),
        ("-2", math.inf),
        ("two", math.inf),
    ],
)
def test_a_width_is_read_in_metres(size: str, expected: float) -> None:
    assert metres(size) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("3", 3.0),
        ("7.5 t", 7.5),
        ("3500 kg", 3.5),
        ("18 lt", 18.2888443584),
        ("unsigned", math.inf),
        ("", math.inf),
    ],
)
def test_a_weight_is_read_in_tonnes(weight: str, expected: float) -> None:
    assert tonnes(weight) == pytest.approx(expected)
