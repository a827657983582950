"""The peer: OSMnx and NetworkX used the obvious way, on the same streets.

Positions are put on the nearest junction beforehand (not timed: `osmnx.distance.nearest_nodes`
alone takes most of a second a call), then one Dijkstra search from the call over the reversed
graph gives every vehicle's travel time.
"""

import networkx as nx

from routing.metric import BLOCKED, Metric


class NetworkxPeer:
    """Node-based search on a `networkx.MultiDiGraph` with `travel_time` in seconds."""

    def __init__(self, metric: Metric) -> None:
        network = metric.network
        self.graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
        for segment in range(network.segment_count):
            if metric.segment_ms[segment] != BLOCKED:
                self.graph.add_edge(
                    int(network.segment_from[segment]),
                    int(network.segment_to[segment]),
                    travel_time=metric.segment_ms[segment] / 1000,
                )
        self._reversed = self.graph.reverse(copy=False)

    def nearest(self, call: int, vehicles: list[int], limit: int) -> list[tuple[float, int]]:
        """Travel time and junction of the nearest vehicles, all standing at junctions."""
        travel_time_s = nx.single_source_dijkstra_path_length(
            self._reversed, call, weight="travel_time"
        )
        return sorted((travel_time_s[at], at) for at in vehicles if at in travel_time_s)[:limit]

    def route(self, start: int, target: int) -> list[int]:
        """Junctions of the fastest route."""
        path: list[int] = nx.shortest_path(self.graph, start, target, weight="travel_time")
        return path
