"""Why a peer's shortest way is another than ours, as far as it can be told.

What peers are known to read otherwise is tried on our own network: where that gives the peer's
answer to a question on which we differ, it is the cause, and both are the same once read alike.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from benchmarks.peers.drive import Drive, Position
from benchmarks.peers.shortest import PROFILE, SAME_PLACE_M, Shortest
from routing.geometry import great_circle_m
from routing.hours_of_week import HOURS_OF_WEEK
from routing.metric import binding_rules
from routing.network import RoadNetwork

TOLERANCE: Final = 0.005
"""Lengths that differ by no more than this share are the same."""

LEAST_M: Final = 1.0
"""So are those that differ by no more than this: some engines know whole metres only."""

REVERSED_DEG: Final = 170.0
"""From here on a change of direction is turning round."""

JUST_BEFORE_M: Final = 0.2
"""So far from a junction a place lies on one street, however a peer rounds it."""


class Cause(StrEnum):
    """Why a way differs, seen from the peer."""

    ON_FOOT = "streets for people on foot are closed to it, with or without access to an address"
    BY_THE_HOUR = "turns banned at some hours are free to it"
    TURNS_ROUND = "it turns round where streets lead on"
    ELSEWHERE = "it puts a place on another street"
    OURS_ONLY = "we find a way, and it finds none"
    THEIRS_ONLY = "it finds a way, and we find none"
    THEIRS_SHORTER = "its way is shorter"
    OURS_SHORTER = "our way is shorter"


READ_OTHERWISE: Final = frozenset({Cause.ON_FOOT, Cause.BY_THE_HOUR, Cause.TURNS_ROUND})
"""Causes that were tried: read as the peer reads, our shortest way is as long as its own."""


class OtherReadings:
    """Our network as others may read it."""

    def __init__(self, ours: Shortest) -> None:
        self._ours = ours
        self._readings = {
            Cause.ON_FOOT: ours.without(lambda tags: tags.get("highway") == "pedestrian"),
            Cause.BY_THE_HOUR: Shortest(ours.network, _freest_hour(ours.network)),
        }

    def cause(
        self, start: Position, end: Position, ours_m: float | None, theirs: Drive | None
    ) -> Cause | None:
        """Why two shortest ways between the same places differ; None where they do not."""
        theirs_m = None if theirs is None or theirs.off_m > SAME_PLACE_M else theirs.length_m
        is_elsewhere = theirs is not None and theirs_m is None
        if _is_same(ours_m, theirs_m) and not is_elsewhere:
            return None
        for cause, reading in self._readings.items():
            if _is_same(reading.length_m(start, end), theirs_m):
                return cause
        if theirs is None or theirs_m is None:
            return Cause.ELSEWHERE if is_elsewhere else Cause.OURS_ONLY
        if ours_m is None:
            return Cause.THEIRS_ONLY
        if self._is_same_by_way_of(start, end, theirs_m, _turning_points(theirs.shape)):
            return Cause.TURNS_ROUND
        return Cause.THEIRS_SHORTER if theirs_m < ours_m else Cause.OURS_SHORTER

    def _is_same_by_way_of(
        self, start: Position, end: Position, theirs_m: float, turning: Sequence[Position]
    ) -> bool:
        """Whether ours is as long if it may turn round where the peer does."""
        stops = [start, *turning, end]
        for reading in (self._ours, *self._readings.values()):
            found_m = [reading.length_m(*leg) for leg in pairwise(stops)]
            legs_m = [leg_m for leg_m in found_m if leg_m is not None]
            if len(legs_m) == len(found_m) and _is_same(sum(legs_m), theirs_m):
                return True
        return False


def _is_same(one_m: float | None, other_m: float | None) -> bool:
    if one_m is None or other_m is None:
        return one_m == other_m
    return abs(one_m - other_m) <= max(TOLERANCE * one_m, LEAST_M)


def _freest_hour(network: RoadNetwork) -> int:
    """The hour of the week at which the fewest turns are banned."""
    banned = [binding_rules(network, PROFILE, hour).sum() for hour in range(HOURS_OF_WEEK)]
    return int(np.argmin(banned))


def _turning_points(shape: Sequence[Position]) -> list[Position]:
    """Just before where a way turns back on itself: on the street that it comes by."""
    lat, lon = np.asarray(shape).T
    moved = np.append(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]) > 0, True)
    lat, lon = lat[moved], lon[moved]
    east = np.diff(lon) * np.cos(np.deg2rad(lat[0]))
    heading_deg = np.rad2deg(np.arctan2(east, np.diff(lat)))
    turn_deg = (np.diff(heading_deg) + 180.0) % 360.0 - 180.0
    back = np.flatnonzero(np.abs(turn_deg) >= REVERSED_DEG) + 1
    piece_m = great_circle_m(lat[back - 1], lon[back - 1], lat[back], lon[back])
    part = np.minimum(JUST_BEFORE_M / piece_m, 0.5)
    lat, lon = (of[back] + part * (of[back - 1] - of[back]) for of in (lat, lon))
    return list(zip(lat.tolist(), lon.tolist(), strict=True))
