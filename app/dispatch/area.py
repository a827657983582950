"""The area a network covers."""

import math
from dataclasses import dataclass
from typing import Self

from app.dispatch.model import Place
from routing.geometry import EARTH_RADIUS_M, Extent


@dataclass(frozen=True, slots=True)
class CoveredArea:
    """A network's bounding box and a margin around it."""

    extent: Extent

    @classmethod
    def around(cls, extent: Extent, margin_m: float) -> Self:
        """The box widened by a margin in metres on every side."""
        north_deg = math.degrees(margin_m / EARTH_RADIUS_M)
        furthest_lat = max(abs(extent.south), abs(extent.north))
        east_deg = north_deg / math.cos(math.radians(furthest_lat))
        return cls(
            Extent(
                south=extent.south - north_deg,
                west=extent.west - east_deg,
                north=extent.north + north_deg,
                east=extent.east + east_deg,
            )
        )

    def covers(self, place: Place) -> bool:
        """Whether a place lies inside."""
        return self.extent.contains(place.lat, place.lon)
