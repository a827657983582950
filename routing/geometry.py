"""Places on Earth and on a local metre grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Transformer
from pyproj.enums import TransformDirection

from routing.errors import CoordinateError

FloatArray = NDArray[np.float64]

EARTH_RADIUS_M = 6_371_009.0
"""Mean radius R1 of the Earth (Moritz 2000, Geodetic Reference System 1980); OSMnx uses the same,
so lengths here and in an OSMnx graph of the same streets agree."""


def great_circle_m(
    lat_1: ArrayLike, lon_1: ArrayLike, lat_2: ArrayLike, lon_2: ArrayLike
) -> FloatArray:
    """Great-circle distances in metres between pairs of WGS84 points (haversine formula).

    Arrays and single numbers go together as NumPy broadcasts them.

    Examples
    --------
    >>> round(float(great_circle_m(51.5, -0.12, 51.508, -0.12)))
    890
    """
    phi_1, phi_2 = np.deg2rad(lat_1), np.deg2rad(lat_2)
    half_dphi = (phi_2 - phi_1) / 2
    half_dlambda = np.deg2rad(np.subtract(lon_2, lon_1)) / 2
    h = np.sin(half_dphi) ** 2 + np.cos(phi_1) * np.cos(phi_2) * np.sin(half_dlambda) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, h))))


def polyline_length_m(shape: Sequence[tuple[float, float]]) -> float:
    """Metres along a polyline of `(lat, lon)` points, by great circles."""
    points = np.asarray(shape, dtype=np.float64)
    lat, lon = points[:, 0], points[:, 1]
    return float(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


MAX_LAT_DEG, MAX_LON_DEG = 90.0, 180.0

COORDINATE_DECIMALS = 7
"""Degrees are written to steps of about a centimetre, as OpenStreetMap stores them."""


def is_on_earth(lat: float, lon: float) -> bool:
    """Whether both are finite degrees on Earth."""
    return abs(lat) <= MAX_LAT_DEG and abs(lon) <= MAX_LON_DEG


def check_wgs84(lat: float, lon: float) -> None:
    """Raise `CoordinateError` unless both are finite degrees on Earth."""
    for field, value, limit in (("lat", lat, MAX_LAT_DEG), ("lon", lon, MAX_LON_DEG)):
        if not abs(value) <= limit:
            msg = f"{field} is {value}; it must be a number from -{limit:g} to {limit:g}"
            raise CoordinateError(msg)


@dataclass(frozen=True, slots=True)
class Extent:
    """A bounding box in WGS84 degrees."""

    south: float
    west: float
    north: float
    east: float

    @classmethod
    def around(cls, lat: FloatArray, lon: FloatArray) -> Self:
        """The smallest box that holds all points."""
        return cls(float(lat.min()), float(lon.min()), float(lat.max()), float(lon.max()))

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point lies inside the box or on its edge."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east

    def beyond_m(self, lat: float, lon: float) -> float:
        """How far outside the box the point lies; 0 inside."""
        if self.contains(lat, lon):
            return 0.0
        nearest_lat = min(max(lat, self.south), self.north)
        nearest_lon = min(max(lon, self.west), self.east)
        return float(great_circle_m(lat, lon, nearest_lat, nearest_lon))


@dataclass(frozen=True)
class LocalProjection:
    """Metres east and north of a centre (azimuthal equidistant, on the sphere of `great_circle_m`).

    Distances agree with great circles: from the centre exactly, 60 km away within 2 parts in
    100,000 (Snyder 1987, Map Projections: A Working Manual, p. 191: scale c / sin c).
    """

    lat: float
    lon: float

    @classmethod
    def centred_on(cls, extent: Extent) -> Self:
        """The projection for a network that fills `extent`."""
        return cls((extent.south + extent.north) / 2, (extent.west + extent.east) / 2)

    @cached_property
    def _transformer(self) -> Transformer:
        return Transformer.from_pipeline(
            "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
            f"+step +proj=aeqd +lat_0={self.lat!r} +lon_0={self.lon!r} +R={EARTH_RADIUS_M!r}"
        )

    def to_xy_m(self, lat: FloatArray, lon: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Project arrays of WGS84 degrees to metres."""
        x, y = self._transformer.transform(lon, lat)
        return np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)

    def to_wgs84(self, x_m: FloatArray, y_m: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes in degrees of places on the metre grid."""
        lon, lat = self._transformer.transform(x_m, y_m, direction=TransformDirection.INVERSE)
        return np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)

    def point_to_xy_m(self, lat: float, lon: float) -> tuple[float, float]:
        """Project one WGS84 point to metres."""
        x, y = self._transformer.transform(lon, lat)
        return float(x), float(y)
