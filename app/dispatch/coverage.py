"""What the available fleet could reach, were a call to come in anywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import nan
from typing import Final, Self

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from app.dispatch.approaches import by_profile
from app.dispatch.fleet import Fleet
from app.dispatch.model import Call, Category, Needs, Place
from app.dispatch.suitability import SUITABLE, Demand, judge
from routing.closure_places import PlacedClosure
from routing.engine import Starts
from routing.geometry import COORDINATE_DECIMALS
from routing.isochrones import Isochrone, isochrones
from routing.router import Router
from routing.snapping import NO_SEGMENT

_ANYWHERE: Final = Place(nan, nan)
"""Where a call is has no say in which vehicles may be sent to it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is reached.

    Attributes
    ----------
    areas
        One for each limit, in the order asked for.
    closures
        Those on streets that would be reached without any.
    """

    areas: tuple[Isochrone, ...]
    closures: tuple[PlacedClosure, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a drive may begin, and how it is driven.

    Attributes
    ----------
    starts
        By profile.
    """

    starts: Mapping[str, Starts]

    @classmethod
    def available(cls, fleet: Fleet, category: Category, needs: Needs, now: datetime) -> Self:
        """Every vehicle that may be sent to such a call, with its mobilisation and way to the road.

        Vehicles that keep to no roads are left out.
        """
        call = Call("anywhere", _ANYWHERE, category, now, needs)
        demand = Demand.of(call, fleet.policy, now)
        suitable = np.flatnonzero(judge(demand, fleet.rows) == SUITABLE)
        starts = {demand.category.profile: Starts.at([])}
        for profile, rows in by_profile(demand, fleet, suitable):
            placed = rows[fleet.snaps[profile]["segment"][rows, 0] != NO_SEGMENT]
            to_road_ms = fleet.snaps[profile]["access_ms"][placed]
            mobilisation_ms = fleet.rows["mobilisation_ms"][placed]
            starts[profile] = fleet.starts(profile, placed, mobilisation_ms + to_road_ms)
        return cls(starts)

    @property
    def vehicles(self) -> int:
        """How many vehicles may set out."""
        return sum(len(np.unique(starts.vehicle)) for starts in self.starts.values())

    def coverage(
        self, router: Router, limits_ms: Sequence[int], off_road_m: float, hour: int | None
    ) -> Coverage:
        """The area reached within each limit, by whoever is there first.

        Parameters
        ----------
        hour
            Hour of the week at whose usual speeds is driven; None: on average over it.

        Raises
        ------
        IsochroneError
            As `routing.isochrones.isochrones`.
        """
        drawn, closures = [], dict[str, PlacedClosure]()
        for profile, starts in self.starts.items():
            roads = router.roads(profile, hour)
            reach = roads.reach(starts, max(limits_ms))
            drawn.append(isochrones(reach, limits_ms, off_road_m=off_road_m))
            closures |= {
                one.closure.closure_id: one
                for one in roads.closures_reached(starts, max(limits_ms))
            }
        areas = tuple(_together(one) for one in zip(*drawn, strict=True))
        return Coverage(areas, tuple(closures.values()))


def _together(drawn: Sequence[Isochrone]) -> Isochrone:
    """The area reached by any; valid, its corners and rings as those of each."""
    if len(drawn) == 1:
        return drawn[0]
    area = shapely.union_all([one.area for one in drawn])
    rounded = shapely.set_precision(area, 10.0**-COORDINATE_DECIMALS)
    return replace(
        drawn[0],
        area=shapely.MultiPolygon(
            [orient(part) for part in shapely.get_parts(rounded) if not part.is_empty]
        ),
        off_road_m=max(one.off_road_m for one in drawn),
    )
