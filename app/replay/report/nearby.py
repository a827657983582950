"""What Londoners call the place nearest to a square of the map."""

from functools import cache
from typing import Final

import numpy as np

from geo_data.strategic import NamedJunction, main_junctions
from routing.geometry import great_circle_m

_NEAR_M: Final = 2500.0


def near(lat: float, lon: float) -> str:
    """Name of the nearest junction of main roads, else the coordinates."""
    junctions = _named()
    lats = np.array([one.lat for one in junctions])
    lons = np.array([one.lon for one in junctions])
    distance_m = great_circle_m(lat, lon, lats, lons)
    nearest = int(distance_m.argmin())
    if distance_m[nearest] > _NEAR_M:
        return f"{lat:.4f}, {lon:.4f}"
    return junctions[nearest].name


@cache
def _named() -> tuple[NamedJunction, ...]:
    return tuple(one for one in main_junctions().values() if one.name)
