"""What closures do to drives, worked out a second time by stating the rule.

A drive has three layers: a first stretch over shut segments from where the vehicle stands, the
open streets, and a last stretch over shut segments to the place asked for. It passes from one
layer to the next, never back; each may be missing. On open streets turns are those of a network
without the shut segments, elsewhere those of one in which nothing is shut.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import networkx as nx

from routing.closure_places import PlacedClosure
from routing.closures import Shut
from routing.engine import Arrival, Ends, Starts
from routing.network import RoadNetwork
from routing.profiles import Profile
from routing.streets import StreetMap
from tests.routing.oracle import Oracle, Way

MAX_SEGMENT_MS = 24 * 60 * 60 * 1000
FIRST, OPEN, LAST = "first", "open", "last"
Node = tuple[str, Way]
"""A layer, and the way driven of late."""

_GOAL: Node = ("goal", ())


def shut_by(closures: Sequence[PlacedClosure]) -> set[int]:
    """Segments that any of the closures shuts."""
    return {
        segment
        for one in closures
        if isinstance(one.closure.effect, Shut)
        for segment in one.segments.tolist()
    }


def slowed_by(
    closures: Sequence[PlacedClosure], usual_ms: Mapping[int, int], network: RoadNetwork
) -> dict[int, int]:
    """What slowed segments cost: the most that any closure makes of the usual."""
    slowed_ms: dict[int, int] = {}
    for one in closures:
        effect = one.closure.effect
        if isinstance(effect, Shut):
            continue
        for segment in one.segments.tolist():
            if segment in usual_ms:
                usual = usual_ms[segment]
                at_speed_ms = round(
                    float(network.segment_length_m[segment]) / effect.speed_mps * 1000
                )
                longest = max(usual, round(usual * effect.time_factor), at_speed_ms)
                known = slowed_ms.get(segment, 0)
                slowed_ms[segment] = max(known, min(longest, MAX_SEGMENT_MS))
    return slowed_ms


class ClosureOracle:
    """Exact answers for one network under one profile and some closures."""

    def __init__(
        self,
        network: RoadNetwork,
        profile: Profile,
        closures: Sequence[PlacedClosure],
        streets: StreetMap | None = None,
    ) -> None:
        usual = Oracle(network, profile, streets=streets)
        self._base = network.segment_base.tolist()
        slowed_ms = slowed_by(closures, usual.segment_ms, network)
        self.through = Oracle(network, profile, streets=streets, slowed_ms=slowed_ms)
        self.shut = shut_by(closures) & usual.segment_ms.keys()
        self.closed = Oracle(network, profile, streets=streets, slowed_ms=slowed_ms, shut=self.shut)
        self._graph: nx.DiGraph[Node] = nx.DiGraph()
        waiting: list[Node] = [
            (layer, (segment,))
            for segment in self.through.segment_ms
            for layer in ((FIRST, LAST) if segment in self.shut else (OPEN,))
        ]
        self._graph.add_nodes_from(waiting)
        while waiting:
            node = waiting.pop()
            for onward, cost in self._onward(node):
                if onward not in self._graph:
                    waiting.append(onward)
                self._graph.add_edge(node, onward, weight=cost)

    def _onward(self, node: Node) -> Iterator[tuple[Node, int]]:
        """Where a drive may go next, with what that costs."""
        layer, way = node
        segment, cost_of = way[-1], self.through.segment_ms
        for onward, delay_ms in self.through.turns_out_of(way):
            onto = layer if segment in self.shut else LAST
            if onward not in self.shut:
                onto = OPEN
            crosses = (segment in self.shut) != (onward in self.shut)
            within = segment in self.shut and onward in self.shut
            if within or (crosses and not (layer == LAST and onto == OPEN)):
                yield (onto, self._driven(way, onward)), delay_ms + cost_of[onward]
        if layer == OPEN:
            for onward, delay_ms in self.closed.turns_out_of(way):
                yield (OPEN, self._driven(way, onward)), delay_ms + cost_of[onward]

    def _driven(self, way: Way, onward: int) -> Way:
        return (*way, onward)[-self.through.remembered :]

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[tuple[int, int]]:
        """`(vehicle, total_ms)` of those that arrive first, equal ones by number."""
        from_end_ms = self._from_end_ms(ends)
        end_on = {segment: (fraction, delay_ms) for segment, fraction, delay_ms in self._rows(ends)}
        best: dict[int, int] = {}
        for vehicle, segment, fraction, delay_ms in zip(
            *(
                column.tolist()
                for column in (starts.vehicle, starts.segment, starts.fraction, starts.delay_ms)
            ),
            strict=True,
        ):
            passed_ms = self.through.part_ms(segment, fraction)
            node = (FIRST if segment in self.shut else OPEN, (segment,))
            ways = []
            if node in from_end_ms:
                ways.append(self.through.segment_ms[segment] + int(from_end_ms[node]) - passed_ms)
            if segment in end_on and fraction <= end_on[segment][0]:
                to_end_ms = self.through.part_ms(segment, end_on[segment][0]) + end_on[segment][1]
                ways.append(to_end_ms - passed_ms)
            for way_ms in ways:
                total_ms = way_ms + delay_ms
                best[vehicle] = min(best.get(vehicle, total_ms), total_ms)
        ranked = sorted((total_ms, vehicle) for vehicle, total_ms in best.items())
        return [(vehicle, total_ms) for total_ms, vehicle in ranked[: max(limit, 0)]]

    def _from_end_ms(self, ends: Ends) -> Mapping[Node, float]:
        graph = self._graph
        graph.add_node(_GOAL)
        for segment, fraction, delay_ms in self._rows(ends):
            less_ms = self.through.part_ms(segment, fraction) - self.through.segment_ms[segment]
            less_ms += delay_ms
            for node in [node for node in graph if node[1][-1:] == (segment,)]:
                for before in list(graph.predecessors(node)):
                    cost = graph[before][node]["weight"] + less_ms
                    known = graph.get_edge_data(before, _GOAL, {"weight": cost})["weight"]
                    graph.add_edge(before, _GOAL, weight=min(cost, known))
        found: Mapping[Node, float] = nx.single_source_dijkstra_path_length(
            graph.reverse(copy=False), _GOAL
        )
        graph.remove_node(_GOAL)
        return found

    def check_drive(self, arrival: Arrival, starts: Starts, ends: Ends) -> None:
        """Assert that a drive passes the layers in order, turns where allowed, and adds up."""
        driven, start, end = arrival.segments.tolist(), arrival.start, arrival.end
        begins, stops = (driven[0], arrival.start_fraction), (driven[-1], arrival.end_fraction)
        assert starts.vehicle[start] == arrival.vehicle
        assert begins == (starts.segment[start], starts.fraction[start])
        assert stops == (ends.segment[end], ends.fraction[end])
        way = [self._base[one] for one in driven]
        layers = self._layers(arrival)
        cost = self.through.part_ms(way[-1], arrival.end_fraction)
        cost -= self.through.part_ms(way[0], arrival.start_fraction)
        remembered = self.through.remembered
        ways = [tuple(way[max(0, i - remembered) : i]) for i in range(1, len(way) + 1)]
        nodes = list(zip(layers, ways, strict=True))
        for node, onward in pairwise(nodes):
            costs = [ms for next_node, ms in self._onward(node) if next_node == onward]
            assert costs, f"no way on from {node} to {onward}"
            cost += self.through.segment_ms[node[1][-1]] + min(costs)
            cost -= self.through.segment_ms[onward[1][-1]]
        assert cost == arrival.drive_ms
        assert arrival.total_ms == arrival.drive_ms + starts.delay_ms[start] + ends.delay_ms[end]

    def _layers(self, arrival: Arrival) -> list[str]:
        size = len(arrival.segments)
        is_shut: Collection[bool] = [
            self._base[one] in self.shut for one in arrival.segments.tolist()
        ]
        if arrival.first_stretch == arrival.last_stretch == size:
            assert all(is_shut)
            return [FIRST] * size
        first, last = arrival.first_stretch, arrival.last_stretch
        between = size - first - last
        assert list(is_shut) == [True] * first + [False] * between + [True] * last
        return [FIRST] * first + [OPEN] * between + [LAST] * last

    def _rows(self, ends: Ends) -> list[tuple[int, float, int]]:
        base = [self._base[one] for one in ends.segment.tolist()]
        return list(zip(base, ends.fraction.tolist(), ends.delay_ms.tolist(), strict=True))
