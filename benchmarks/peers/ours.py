"""Ourselves asked as a peer is: places in, an answer out."""

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.peers.drive import Drive, Position
from routing.by_density import ByDensity
from routing.closures import Closure, Shut, TheseSegments
from routing.contraction import contract
from routing.engine import Starts
from routing.hierarchy import Hierarchy
from routing.isochrones import isochrones
from routing.metric import Metric
from routing.network import RoadNetwork
from routing.roads import Roads
from routing.router import Router
from routing.snapping import Snap
from routing.storage import load_network

PROFILE = "normal_road"
RADIUS_M = 500.0
MS_PER_S = 1000


class Ours:
    """Our router on one extract, driven as any car.

    Attributes
    ----------
    build_s, load_s
        What it took to build and store the network, and to load and warm it up.
    """

    name = "nearest-crew"

    def __init__(self, directory: Path, build_s: float) -> None:
        self.build_s = build_s
        self._directory = directory
        begin = time.perf_counter()
        self.network = self.load()
        self._router = Router(self.network)
        self._router.warm_up()
        self.roads = self._router.roads(PROFILE)
        self.load_s = time.perf_counter() - begin

    def snaps(self, places: Sequence[Position]) -> list[Snap]:
        """Where places lie."""
        lat, lon = zip(*places, strict=True)
        found = self._router.snap_many(
            lat, lon, profile=PROFILE, heading_deg=[np.nan] * len(lat), radius_m=RADIUS_M
        )
        return [snap for snap in found if snap is not None]

    def drive(self, start: Position, end: Position) -> Drive | None:
        """The fastest route with its shape, None where there is none."""
        begin, finish = self.snaps([start, end])
        found = self.roads.route(begin, finish)
        if found is None:
            return None
        way = self._router.path(found)
        shape = tuple(zip(way.lat.tolist(), way.lon.tolist(), strict=True))
        return Drive(way.distance_m, shape, max(begin.distance_m, finish.distance_m))

    def matrix_s(self, starts: Sequence[Position], ends: Sequence[Position]) -> list[list[float]]:
        """Seconds from every start to every end."""
        rows = self.roads.matrix(self.snaps(starts), self.snaps(ends))
        return [[ms / MS_PER_S for ms in row] for block in rows for row in block.tolist()]

    def nearest(self, call: Position, fleet: Sequence[Position], limit: int) -> list[int]:
        """Numbers of the vehicles that arrive first, every place looked up anew."""
        return self.nearest_held(call, self.held(fleet), limit)

    def held(self, fleet: Sequence[Position]) -> Starts:
        """A fleet whose places are kept, as the service keeps them."""
        return Starts.at(self.snaps(fleet))

    def nearest_held(self, call: Position, fleet: Starts, limit: int) -> list[int]:
        """Numbers of the vehicles that arrive first of a fleet whose places are kept."""
        [target] = self.snaps([call])
        return [one.vehicle for one in self.roads.nearest(target, fleet, limit)]

    def isochrone(self, centre: Position, minutes: float) -> object:
        """The area within so many minutes."""
        limit_ms = round(minutes * 60 * MS_PER_S)
        reach = self.roads.reach(Starts.at(self.snaps([centre])), limit_ms)
        return isochrones(reach, [limit_ms])

    def close(self, segment: int) -> None:
        """Shut one street, until every answer knows."""
        place = TheseSegments((segment,))
        self._router.close(Closure(f"street {segment}", Shut(), place))

    def load(self) -> RoadNetwork:
        """The network as it is stored."""
        return load_network(self._directory)

    def contract(self) -> Hierarchy:
        """Work out the order and the shortcuts of the hierarchy."""
        return contract(self.network)

    def price_anew(self) -> Roads:
        """Work out all weights, and the hierarchy's, from tags."""
        metric = Metric.of(self.network, self.roads.metric.profile)
        assert self.network.hierarchy is not None
        return Roads.of(metric, partial(ByDensity.of, hierarchy=self.network.hierarchy))
