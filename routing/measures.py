"""Sizes and speeds as OpenStreetMap writes them, in metres, tonnes and metres per second."""

import math
import re
from collections.abc import Mapping

MPS_PER_MPH = 0.44704
"""Exact, by the international mile of 1,609.344 m (Weights and Measures Act 1985, sch. 1)."""
MPS_PER_KMH = 1 / 3.6

METRES_PER_FOOT = 0.3048
METRES_PER_INCH = 0.0254
TONNES_PER_LONG_TON = 1.0160469088
"""Exact, by the international yard and pound of 1959."""

_NUMBER = r"(?P<value>\d+(?:\.\d+)?)"
_SPEED = re.compile(rf"^{_NUMBER}\s*(?P<unit>mph|km/h|kmh|kph)?$")
_METRES = re.compile(rf"^{_NUMBER}\s*(?P<unit>m|cm|mm)?$")
_FEET = re.compile(
    r"""^(?P<feet>\d+(?:\.\d+)?)\s*(?:'|ft)\s*(?:(?P<inches>\d+(?:\.\d+)?)\s*(?:"|''|in)?)?$"""
)
_TONNES = re.compile(rf"^{_NUMBER}\s*(?P<unit>t|tonnes?|kg|lt|st)?$")

_METRES_IN: Mapping[str | None, float] = {None: 1.0, "m": 1.0, "cm": 0.01, "mm": 0.001}
_TONNES_IN: Mapping[str | None, float] = {
    None: 1.0,
    "t": 1.0,
    "tonne": 1.0,
    "tonnes": 1.0,
    "kg": 0.001,
    "lt": TONNES_PER_LONG_TON,
    "st": 0.90718474,  # short ton
}


def speed_limit_mps(maxspeed: str, named_mph: Mapping[str, float]) -> float:
    """A speed limit in metres per second; infinite where the tag gives none that is understood.

    A bare number is km/h, as in OpenStreetMap. Of several values the lowest counts.

    Parameters
    ----------
    maxspeed
        Value of the tag.
    named_mph
        Limits in miles per hour that are given by name.

    Examples
    --------
    >>> speed_limit_mps("20 mph", {}), round(speed_limit_mps("50;30", {}), 2)
    (8.9408, 8.33)
    """
    values = [value.strip() for value in re.split(r"[;|]", maxspeed)]
    return min((_one_speed_mps(value, named_mph) for value in values), default=math.inf)


def _one_speed_mps(maxspeed: str, named_mph: Mapping[str, float]) -> float:
    if maxspeed in named_mph:
        return named_mph[maxspeed] * MPS_PER_MPH
    found = _SPEED.match(maxspeed)
    if not found or float(found["value"]) == 0:
        return math.inf
    unit = MPS_PER_MPH if found["unit"] == "mph" else MPS_PER_KMH
    return float(found["value"]) * unit


def metres(size: str) -> float:
    """A width or height in metres; infinite where it is not understood ("none", "default").

    Written as metres ("2.1", "2.1 m", "60 cm") or feet and inches (`6'6"`, "7 ft").

    Examples
    --------
    >>> round(metres("7 ft"), 2), metres("210 cm"), metres("narrow")
    (2.13, 2.1, inf)
    """
    found = _METRES.match(size.strip())
    if found:
        return float(found["value"]) * _METRES_IN[found["unit"]]
    imperial = _FEET.match(size.strip())
    if imperial:
        inches = float(imperial["inches"] or 0)
        return float(imperial["feet"]) * METRES_PER_FOOT + inches * METRES_PER_INCH
    return math.inf


def tonnes(weight: str) -> float:
    """A weight in tonnes; infinite where it is not understood ("none", "default")."""
    found = _TONNES.match(weight.strip())
    return float(found["value"]) * _TONNES_IN[found["unit"]] if found else math.inf
