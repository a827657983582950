"""OSMnx and NetworkX asked as a peer is: places in, an answer out."""

import time
from collections.abc import Sequence

import networkx as nx

from benchmarks.networkx_peer import NetworkxPeer
from benchmarks.peers.drive import Drive, Position
from routing.geometry import great_circle_m
from routing.isochrones import OFF_ROAD_M
from routing.metric import Metric

_SLOWER = 1.01


class OsmnxPeer:
    """OSMnx for the places, then NetworkX, on a graph made from our streets and prices.

    Attributes
    ----------
    build_s, load_s
        Nothing is built; what it took to make the graph.
    """

    name = "OSMnx and NetworkX"
    build_s = 0.0

    def __init__(self, metric: Metric) -> None:
        begin = time.perf_counter()
        self._metric = metric
        self._peer = NetworkxPeer(metric)
        self.load_s = time.perf_counter() - begin

    def drive(self, start: Position, end: Position) -> Drive | None:
        """The fastest route from junction to junction, None where there is none."""
        network = self._metric.network
        try:
            way = self._peer.route(*self._peer.junctions([start, end]))
        except nx.NetworkXNoPath:
            return None
        lat, lon = network.junction_lat[way], network.junction_lon[way]
        length_m = float(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())
        shape = tuple(zip(lat.tolist(), lon.tolist(), strict=True))
        off_m = (float(great_circle_m(*a, *b)) for a, b in ((start, shape[0]), (end, shape[-1])))
        return Drive(length_m, shape, max(off_m))

    def matrix_s(self, starts: Sequence[Position], ends: Sequence[Position]) -> list[list[float]]:
        """Seconds from every start to every end, by a search backwards from each end."""
        junctions = self._peer.junctions([*starts, *ends])
        rows, columns = junctions[: len(starts)], junctions[len(starts) :]
        to_end = [self._peer.times_s(end) for end in columns]
        return [[times.get(row, float("inf")) for times in to_end] for row in rows]

    def nearest(self, call: Position, fleet: Sequence[Position], limit: int) -> list[int]:
        """Numbers of the vehicles that arrive first, every place looked up anew."""
        at, *vehicles = self._peer.junctions([call, *fleet])
        times = self._peer.times_s(at)
        reached = [number for number, where in enumerate(vehicles) if where in times]
        return sorted(reached, key=lambda number: times[vehicles[number]])[:limit]

    def isochrone(self, centre: Position, minutes: float) -> object:
        """The area within so many minutes."""
        [at] = self._peer.junctions([centre])
        return self._peer.area(at, minutes * 60, OFF_ROAD_M)

    def close(self, segment: int) -> None:
        """Take a street out of the graph."""
        network = self._metric.network
        ends = int(network.segment_from[segment]), int(network.segment_to[segment])
        self._peer.graph.remove_edges_from([ends])

    def price_anew(self) -> None:
        """Let every street take a little longer."""
        self._peer.slow_down(_SLOWER)
