"""Our shortest ways for a car on an extract that other engines are built from, too."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import shapely

from benchmarks.peers.drive import Position
from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.bucket_search import BucketSearch
from routing.build import build_network
from routing.engine import Arrival
from routing.metric import BLOCKED, MIN_SEGMENT_MS, Metric
from routing.network import Provenance, RoadNetwork
from routing.paths import metres_driven
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper

PROFILE = load_profiles()["normal_road"]

SAME_PLACE_M = 5.0
"""A peer that puts an end further than this from where we do was asked something else."""

BESIDE_M = 10.0
"""Streets no further apart than this may be taken for each other."""

CANDIDATES = 6
"""For each place wanted: in a narrow extract most streets have another beside them."""

_MS_PER_M = 100
"""Milliseconds stand for metres: a step of a centimetre."""

_NOWHERE = Provenance(source="", licence="", attribution="", builder="benchmarks")


class Shortest:
    """Our shortest ways for a car on one extract, in metres.

    Parameters
    ----------
    hour
        Hour of the week whose rules hold; left out, those of most hours of the day.
    """

    def __init__(self, network: RoadNetwork, hour: int | None = None) -> None:
        self.network = network
        fastest = Metric.of(network, PROFILE, hour)
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
    def of(cls, pbf: Path) -> Self:
        """On the network built from a PBF file, as every peer builds its own."""
        streets = streets_from_osm(read_osm_file(pbf))
        return cls(build_network(streets, name=pbf.name, provenance=_NOWHERE))

    def without(self, is_closed: Callable[[Mapping[str, str]], bool]) -> "Shortest":
        """The same with streets of some tags closed."""
        network = self.network
        tag_sets = [
            {**tags, PROFILE.access.keys[0]: "no"} if is_closed(tags) else tags
            for tags in network.tag_sets
        ]
        return Shortest(replace(network, tag_sets=tuple(tag_sets)))

    def snap(self, place: Position) -> Snap | None:
        """Where a place lies, looked for as near as a peer may put it."""
        return self._snapper.snap(*place, radius_m=SAME_PLACE_M)

    def drive(self, start: Position, end: Position) -> Arrival | None:
        """The shortest way, None where there is none or a place is on no street."""
        ends = self.snap(start), self.snap(end)
        if ends[0] is None or ends[1] is None:
            return None
        return self._roads.route(ends[0], ends[1])

    def length_m(self, start: Position, end: Position) -> float | None:
        """Metres of the shortest way."""
        found = self.drive(start, end)
        return None if found is None else metres_driven(self.network, found)

    def places(self, count: int, seed: int) -> list[Position]:
        """The middles of random streets that have no other street beside them.

        Where several run side by side, each engine takes one of them, and no matter which is
        right, it was asked something else.
        """
        network = self.network
        chosen = np.random.default_rng(seed).choice(
            np.flatnonzero(self.metric.usable), CANDIDATES * count
        )
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
