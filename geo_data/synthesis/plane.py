"""A flat sheet on which streets are drawn, and the way back to the Earth."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routing.geometry import COORDINATE_DECIMALS, EARTH_RADIUS_M

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres east and north of a centre, by one scale for all: exact to undo, 0.5 % off at most."""

    lat: float
    lon: float

    @classmethod
    def around(cls, lat: FloatArray, lon: FloatArray) -> Self:
        """The sheet centred on some places."""
        return cls(float(lat.min() + lat.max()) / 2, float(lon.min() + lon.max()) / 2)

    @property
    def _metres_per_degree(self) -> tuple[float, float]:
        north = math.radians(1.0) * EARTH_RADIUS_M
        return north * math.cos(math.radians(self.lat)), north

    def to_xy_m(self, lat: FloatArray, lon: FloatArray) -> FloatArray:
        """Metres, as an array of shape `(N, 2)`."""
        east, north = self._metres_per_degree
        return np.column_stack([(lon - self.lon) * east, (lat - self.lat) * north])

    def to_lat_lon(self, xy_m: FloatArray) -> FloatArray:
        """Rounded degrees: latitude and longitude, as an array of shape `(N, 2)`."""
        east, north = self._metres_per_degree
        lat = xy_m[:, 1] / north + self.lat
        lon = xy_m[:, 0] / east + self.lon
        return np.column_stack([lat, lon]).round(COORDINATE_DECIMALS)
