"""The peer: OSMnx and NetworkX used the obvious way, on the same streets.

`osmnx.distance.nearest_nodes` puts the call and every vehicle on a junction (it rebuilds its tree
at every call), then one Dijkstra search from the call over the reversed graph gives every
vehicle's travel time. Measured with and without the first step.
"""

from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
import osmnx
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from routing.metric import BLOCKED, Metric

BRITISH_NATIONAL_GRID = "EPSG:27700"

Place = tuple[float, float]


class NetworkxPeer:
    """Node-based search on a `networkx.MultiDiGraph` with `travel_time` in seconds."""

    def __init__(self, metric: Metric) -> None:
        network = metric.network
        self._to_grid = Transformer.from_crs("EPSG:4326", BRITISH_NATIONAL_GRID)
        self.graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs=BRITISH_NATIONAL_GRID)
        x, y = self._to_grid.transform(network.junction_lat, network.junction_lon)
        for junction, place in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
            self.graph.add_node(junction, x=place[0], y=place[1])
        for segment in range(network.base_count):
            if metric.segment_ms[segment] != BLOCKED:
                self.graph.add_edge(
                    int(network.segment_from[segment]),
                    int(network.segment_to[segment]),
                    travel_time=metric.segment_ms[segment] / 1000,
                )
        self._reversed = self.graph.reverse(copy=False)

    def junctions(self, places: Sequence[Place]) -> list[int]:
        """The nearest junction of each `(lat, lon)`."""
        lat, lon = zip(*places, strict=True)
        x, y = self._to_grid.transform(lat, lon)
        found: list[int] = osmnx.distance.nearest_nodes(self.graph, x, y).tolist()
        return found

    def times_s(self, call: int) -> Mapping[int, float]:
        """Travel time from every junction that reaches the call's."""
        times: dict[int, float] = nx.single_source_dijkstra_path_length(
            self._reversed, call, weight="travel_time"
        )
        return times

    def nearest(self, call: int, vehicles: Sequence[int], limit: int) -> list[tuple[float, int]]:
        """Travel time and junction of the nearest vehicles, all standing at junctions."""
        travel_time_s = self.times_s(call)
        return sorted((travel_time_s[at], at) for at in vehicles if at in travel_time_s)[:limit]

    def route(self, start: int, target: int) -> list[int]:
        """Junctions of the fastest route."""
        path: list[int] = nx.shortest_path(self.graph, start, target, weight="travel_time")
        return path

    def area(self, start: int, limit_s: float, off_road_m: float) -> BaseGeometry:
        """The area along all streets between junctions reached in time, in metres."""
        reached = nx.ego_graph(self.graph, start, radius=limit_s, distance="travel_time")
        place = {junction: (one["x"], one["y"]) for junction, one in reached.nodes(data=True)}
        ends = np.asarray([[place[a], place[b]] for a, b in reached.edges()])
        return shapely.union_all(shapely.buffer(shapely.linestrings(ends), off_road_m))

    def slow_down(self, factor: float) -> None:
        """Let every street take so many times as long."""
        for _, _, street in self.graph.edges(data=True):
            street["travel_time"] *= factor
