"""Drives of a simulation: to hospital, home, and where a vehicle is while it is under way."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from app.dispatch.model import Place
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommendation import Option
from geo_data.places import Hospital
from routing.engine import Arrival
from routing.geometry import great_circle_m
from routing.paths import Path, metres_driven
from routing.router import Router
from routing.snapping import Snap


@dataclass(frozen=True)
class Drive:
    """A way from one place to another.

    Attributes
    ----------
    drive_s
        How long it takes.
    distance_m
        Metres driven.
    trace
        Finds its shape, when somebody asks where on it a vehicle is.
    """

    drive_s: float
    distance_m: float
    trace: Callable[[], Path]

    @cached_property
    def _shape(self) -> "_Shape":
        return _Shape.of(self.trace())

    def at(self, share: float) -> tuple[Place, float | None]:
        """Where a vehicle is after a share of the time, and its heading, at an even speed."""
        return self._shape.at(share)


@dataclass(frozen=True, eq=False, slots=True)
class _Shape:
    """A path and the metres along it at each of its points."""

    path: Path
    along_m: "np.ndarray[tuple[int], np.dtype[np.float64]]"

    @classmethod
    def of(cls, path: Path) -> "_Shape":
        steps_m = great_circle_m(path.lat[:-1], path.lon[:-1], path.lat[1:], path.lon[1:])
        return cls(path, np.concatenate([[0.0], np.cumsum(steps_m)]))

    def at(self, share: float) -> tuple[Place, float | None]:
        lat, lon, along_m = self.path.lat, self.path.lon, self.along_m
        wanted_m = share * along_m[-1]
        place = Place(
            float(np.interp(wanted_m, along_m, lat)), float(np.interp(wanted_m, along_m, lon))
        )
        piece = min(int(np.searchsorted(along_m, wanted_m, side="right")), len(lat) - 1)
        north = float(lat[piece] - lat[piece - 1])
        east = float(lon[piece] - lon[piece - 1]) * math.cos(math.radians(place.lat))
        if north == east == 0:
            return place, None
        return place, math.degrees(math.atan2(east, north)) % 360.0


PLACES_REMEMBERED = 10_000
"""Stations and hospitals are asked about again and again, and so is the scene of a call."""


DRIVES_REMEMBERED = 10_000
"""From hospitals, by hour, which crews leave for home: some kilobytes each."""


class Ways:
    """Finds drives on one network; in a straight line where it knows no way.

    Parameters
    ----------
    router, policy
        The same as those of the fleet that drives.
    hospitals
        Where patients are taken, at least one.
    """

    def __init__(
        self, router: Router, policy: DispatchPolicy, hospitals: Sequence[Hospital]
    ) -> None:
        self._router = router
        self._policy = policy
        self._access = policy.access.on(approximate=router.network.provenance.approximate)
        self._hospitals = tuple(hospitals)
        self._by_name = {key.casefold(): one for one in hospitals for key in (one.name, one.code)}
        self._hospital_snaps: dict[str, list[tuple[Hospital, Snap]]] = {}
        self._fixed = {Place(one.lat, one.lon) for one in hospitals}
        self._snap = lru_cache(maxsize=PLACES_REMEMBERED)(self._snapped)
        self._from_hospital = lru_cache(maxsize=DRIVES_REMEMBERED)(self._found)

    def between(self, start: Place, end: Place, profile: str, hour: int) -> Drive:
        """The drive from one place to another; those from hospitals are remembered."""
        if start not in self._fixed:
            return self._found(start, end, profile, hour)
        return self._from_hospital(start, end, profile, self._router.slot(profile, hour))

    def ahead(self, start: Place, end: Place, profile: str, hour: int, option: Option) -> Drive:
        """The drive that a recommendation has timed already."""

        def trace() -> Path:
            return self._found(start, end, profile, hour).trace()

        return Drive(option.eta.drive_s, option.distance_m, trace)

    def to_hospital(
        self, start: Place, profile: str, hour: int, name: str = ""
    ) -> tuple[Hospital, Drive]:
        """The way to the hospital of that code or name or, if none is known by it, the nearest."""
        known = self._by_name.get(name.casefold())
        if known is not None:
            return known, self._found(start, Place(known.lat, known.lon), profile, hour)
        snap, reachable = self._snap(start, profile), self._snaps_of_hospitals(profile)
        if snap is not None and reachable:
            roads = self._router.roads(profile, hour)
            found = roads.first_of(snap, [one for _, one in reachable])
            if found is not None:
                place, arrival = found
                return reachable[place][0], self._driven(arrival)
        nearest = min(
            self._hospitals,
            key=lambda one: float(great_circle_m(start.lat, start.lon, one.lat, one.lon)),
        )
        return nearest, self._in_a_straight_line(start, Place(nearest.lat, nearest.lon), profile)

    def _found(self, start: Place, end: Place, profile: str, hour: int | None) -> Drive:
        starts, ends = self._snap(start, profile), self._snap(end, profile)
        if starts is not None and ends is not None:
            arrival = self._router.roads(profile, hour).route(starts, ends)
            if arrival is not None:
                return self._driven(arrival)
        return self._in_a_straight_line(start, end, profile)

    def _driven(self, arrival: Arrival) -> Drive:
        distance_m = metres_driven(self._router.network, arrival)
        return Drive(arrival.drive_ms / 1000, distance_m, lambda: self._router.path(arrival))

    def _in_a_straight_line(self, start: Place, end: Place, profile: str) -> Drive:
        rule = self._policy.estimate
        driven = rule.profiles[profile]
        straight_m = float(great_circle_m(start.lat, start.lon, end.lat, end.lon))
        road_m = rule.detour_factor * straight_m
        drive_s = driven.start_s + road_m / driven.speed_mps
        line = Path(road_m, np.array([start.lat, end.lat]), np.array([start.lon, end.lon]), (), ())
        return Drive(drive_s, road_m, lambda: line)

    def _snapped(self, place: Place, profile: str) -> Snap | None:
        return self._router.snap(
            place.lat, place.lon, profile=profile, radius_m=self._access.vehicle_radius_m
        )

    def _snaps_of_hospitals(self, profile: str) -> list[tuple[Hospital, Snap]]:
        if profile not in self._hospital_snaps:
            placed = (
                (one, self._snap(Place(one.lat, one.lon), profile)) for one in self._hospitals
            )
            self._hospital_snaps[profile] = [(one, snap) for one, snap in placed if snap]
        return self._hospital_snaps[profile]
