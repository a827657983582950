"""Whether we and our peers find the same shortest ways, and why where we do not.

Shortest by distance, so that no opinion about speeds is in it: what is compared is which streets
and turns each engine takes to exist and to be open to a car.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely

from benchmarks.peers.causes import READ_OTHERWISE, Cause, OtherReadings
from benchmarks.peers.drive import Drive, Peer, Position
from benchmarks.peers.shortest import SAME_PLACE_M, Shortest
from routing.engine import Arrival
from routing.geometry import great_circle_m
from routing.paths import metres_driven

ROUTES = 1_000


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One route whose lengths differ.

    Attributes
    ----------
    ours_m, theirs_m
        None where an engine finds no way.
    cause
        Why, as far as it can be told.
    where
        The first street of the shorter way that the other engine does not take.
    """

    start: Position
    end: Position
    ours_m: float | None
    theirs_m: float | None
    cause: Cause
    where: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far one peer agrees with us on one extract.

    Attributes
    ----------
    same, same_read_alike
        Of how many routes the lengths are the same, and of how many once we read the map as the
        peer does.
    causes
        How many routes differ for each cause, the most frequent first.
    """

    extract: str
    peer: str
    routes: int
    same: int
    same_read_alike: int
    causes: Mapping[Cause, int]
    disagreements: tuple[Disagreement, ...]


def compare(extract: str, ours: Shortest, peer: Peer) -> Agreement:
    """Ask both for random shortest routes."""
    places, readings = ours.places(2 * ROUTES, seed=4), OtherReadings(ours)
    disagreements = []
    pairs = list(zip(places[::2], places[1::2], strict=False))
    for start, end in pairs:
        found = _difference(ours, readings, peer, start, end)
        if found is not None:
            disagreements.append(found)
    causes = Counter(one.cause for one in disagreements)
    same = len(pairs) - causes.total()
    return Agreement(
        extract,
        peer.name,
        routes=len(pairs),
        same=same,
        same_read_alike=same + sum(causes[one] for one in READ_OTHERWISE),
        causes=dict(causes.most_common()),
        disagreements=tuple(disagreements),
    )


def _difference(
    ours: Shortest, readings: OtherReadings, peer: Peer, start: Position, end: Position
) -> Disagreement | None:
    theirs, mine = peer.drive(start, end), ours.drive(start, end)
    ours_m = None if mine is None else metres_driven(ours.network, mine)
    theirs_m = None if theirs is None else theirs.length_m
    cause = readings.cause(start, end, ours_m, theirs)
    if cause is None:
        return None
    where = ""
    if theirs is not None and mine is not None and theirs.off_m <= SAME_PLACE_M:
        if theirs.length_m < metres_driven(ours.network, mine):
            place = _parts_at(start, theirs.shape, lambda there: ours.length_m(start, there))
            where = ours.street_at(place)
        else:
            where = _not_taken(ours, mine, lambda there: _length_m(peer.drive(start, there)))
    return Disagreement(start, end, ours_m, theirs_m, cause, where)


def _not_taken(ours: Shortest, mine: Arrival, other_m: Callable[[Position], float | None]) -> str:
    """The first turn of our way behind which the other engine's way is longer."""
    network, way = ours.network, mine.segments.tolist()
    for i in range(1, len(way)):
        this_m = metres_driven(
            network, replace(mine, segments=mine.segments[: i + 1], end_fraction=0.5)
        )
        lat, lon = network.segment_shape(way[i])
        middle = shapely.LineString(list(zip(lon, lat, strict=True))).interpolate(
            0.5, normalized=True
        )
        found_m = other_m((middle.y, middle.x))
        if found_m is not None and found_m > this_m + SAME_PLACE_M:
            return f"{ours.street(way[i - 1])} -> {ours.street(way[i])}"
    return "at its end"


def _length_m(drive: Drive | None) -> float | None:
    return None if drive is None else drive.length_m


def _parts_at(
    start: Position, shape: Sequence[Position], other_m: Callable[[Position], float | None]
) -> Position:
    """The first place along a way to which the other engine's way is longer."""
    lat, lon = np.asarray([start, *shape]).T
    along_m = np.cumsum(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]))
    for before, there, this_m in zip((start, *shape), shape, along_m.tolist(), strict=False):
        found_m = other_m(there)
        if found_m is not None and found_m > this_m + SAME_PLACE_M:
            return (before[0] + there[0]) / 2, (before[1] + there[1]) / 2
    return shape[-1]
