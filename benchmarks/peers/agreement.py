"""Whether we and our peers find the same shortest ways, and at which street where we do not.

Shortest by distance, so that no opinion about speeds is in it: what is compared is which streets
and turns each engine takes to exist and to be open to a car.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely

from benchmarks.peers.drive import Drive, Peer, Position
from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.bucket_search import BucketSearch
from routing.build import build_network
from routing.engine import Arrival
from routing.geometry import great_circle_m
from routing.metric import BLOCKED, MIN_SEGMENT_MS, Metric
from routing.network import Provenance, RoadNetwork
from routing.paths import metres_driven
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper

ROUTES = 1_000
TOLERANCE = 0.005
"""Lengths that differ by no more than this share are the same."""

SAME_PLACE_M = 5.0
"""A peer that puts an end further than this from where we do was asked something else."""

BESIDE_M = 10.0
"""Streets no further apart than this may be taken for each other."""

_MS_PER_M = 100
"""Milliseconds stand for metres: a step of a centimetre."""

_NOWHERE = Provenance(source="", licence="", attribution="", builder="benchmarks")


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
    cause: str
    where: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far one peer agrees with us on one extract."""

    extract: str
    peer: str
    routes: int
    same: int
    disagreements: tuple[Disagreement, ...]

    @property
    def share(self) -> float:
        """Share of the routes whose lengths are the same."""
        return self.same / self.routes

    @property
    def causes(self) -> Counter[str]:
        """How many routes differ for each cause."""
        return Counter(one.cause for one in self.disagreements)


class Shortest:
    """Our shortest ways for a car on one extract, in metres."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        fastest = Metric.of(network, load_profiles()["normal_road"])
        metres = np.maximum(np.rint(network.segment_length_m * _MS_PER_M), MIN_SEGMENT_MS)
        metres = metres.astype(np.int32)
        self.metric = replace(
            fastest,
            segment_ms=np.where(fastest.segment_ms == BLOCKED, BLOCKED, metres),
            entry_ms=np.where(fastest.entry_ms == BLOCKED, BLOCKED, metres[network.turn_into]),
            turn_round_ms=0,
        )
        self._roads = Roads.of(self.metric, BucketSearch)
        self._snapper = Snapper(self.metric)

    @classmethod
    def of(cls, pbf: Path) -> "Shortest":
        """On the network built from a PBF file, as every peer builds its own."""
        streets = streets_from_osm(read_osm_file(pbf))
        return cls(build_network(streets, name=pbf.name, provenance=_NOWHERE))

    def snap(self, place: Position) -> Snap | None:
        """Where a place lies, looked for as near as a peer may put it."""
        return self._snapper.snap(*place, radius_m=SAME_PLACE_M)

    def drive(self, start: Snap, end: Snap) -> Arrival | None:
        """The shortest way."""
        return self._roads.route(start, end)

    def length_m(self, start: Position, end: Position) -> float | None:
        """Metres of the shortest way, None where there is none."""
        ends = self.snap(start), self.snap(end)
        if ends[0] is None or ends[1] is None:
            return None
        found = self.drive(ends[0], ends[1])
        return None if found is None else metres_driven(self.network, found)

    def places(self, count: int, seed: int) -> list[Position]:
        """The middles of random streets that have no other street beside them.

        Where several run side by side, each engine takes one of them, and no matter which is
        right, it was asked something else.
        """
        network = self.network
        chosen = np.random.default_rng(seed).choice(np.flatnonzero(self.metric.usable), 3 * count)
        piece = (network.shape_first[chosen] + network.shape_first[chosen + 1]) // 2 - 1
        lat, lon, x_m, y_m = (
            (column[piece].astype(np.float64) + column[piece + 1]) / 2
            for column in (
                network.shape_lat,
                network.shape_lon,
                network.shape_x_m,
                network.shape_y_m,
            )
        )
        middle, beside = self._lines.query(
            shapely.points(x_m, y_m), predicate="dwithin", distance=BESIDE_M
        )
        own = (beside == chosen[middle]) | (beside == network.segment_twin[chosen[middle]])
        alone = np.ones(len(chosen), dtype=bool)
        alone[middle[~own]] = False
        places = zip(lat[alone].tolist(), lon[alone].tolist(), strict=True)
        return [place for place in places if self.snap(place) is not None][:count]

    @cached_property
    def _lines(self) -> shapely.STRtree:
        network = self.network
        points = np.stack([network.shape_x_m, network.shape_y_m], axis=1)
        segment = np.repeat(np.arange(network.segment_count), np.diff(network.shape_first))
        return shapely.STRtree(np.asarray(shapely.linestrings(points, indices=segment)))

    def street_at(self, place: Position) -> str:
        """Name and tags of the nearest street, open or not."""
        lat_m, lon_m = 111_195.0, 111_195.0 * np.cos(np.deg2rad(place[0]))
        off_m = np.hypot(
            (self.network.shape_lat - place[0]) * lat_m, (self.network.shape_lon - place[1]) * lon_m
        )
        point = int(off_m.argmin())
        return self.street(int(np.searchsorted(self.network.shape_first, point, side="right")) - 1)

    def street(self, segment: int) -> str:
        """Name and tags of a segment."""
        tags = self.network.tag_sets[int(self.network.segment_tags[segment])]
        told = ", ".join(f"{key}={value}" for key, value in tags.items())
        return f"{self.network.street_name(segment) or 'unnamed'} ({told})"


def compare(extract: str, ours: Shortest, peer: Peer) -> Agreement:
    """Ask both for random shortest routes."""
    places = ours.places(2 * ROUTES, seed=4)
    disagreements = []
    pairs = list(zip(places[::2], places[1::2], strict=False))
    for start, end in pairs:
        found = _difference(ours, peer, start, end)
        if found is not None:
            disagreements.append(found)
    same = len(pairs) - len(disagreements)
    return Agreement(extract, peer.name, len(pairs), same, tuple(disagreements))


def _difference(ours: Shortest, peer: Peer, start: Position, end: Position) -> Disagreement | None:
    theirs, ends = peer.drive(start, end), (ours.snap(start), ours.snap(end))
    assert ends[0] is not None
    assert ends[1] is not None
    mine = ours.drive(ends[0], ends[1])
    ours_m = None if mine is None else metres_driven(ours.network, mine)
    theirs_m = None if theirs is None else theirs.length_m
    if ours_m is None or theirs_m is None:
        cause = "no way for either" if ours_m == theirs_m else "a way for one only"
        return Disagreement(start, end, ours_m, theirs_m, cause, "")
    if abs(ours_m - theirs_m) <= max(TOLERANCE * ours_m, 2 * SAME_PLACE_M / 10):
        return None
    assert theirs is not None
    assert mine is not None
    if theirs.off_m > SAME_PLACE_M:
        return Disagreement(start, end, ours_m, theirs_m, "put on another street", "")
    if theirs_m < ours_m:
        place = _parts_at(start, theirs.shape, lambda there: ours.length_m(start, there))
        return Disagreement(
            start, end, ours_m, theirs_m, "theirs is shorter", ours.street_at(place)
        )
    where = _not_taken(ours, mine, lambda there: _length_m(peer.drive(start, there)))
    return Disagreement(start, end, ours_m, theirs_m, "ours is shorter", where)


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
