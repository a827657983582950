"""What closures and access-only streets do to drives, worked out a second time by stating the rule.

A drive has five parts, each of which may be missing: over shut segments from where the vehicle
stands, over access-only ones, over open streets, over access-only ones again, and over shut ones to
the place asked for. It passes from one part to a later one, never back. Turns between segments of
one kind are those of a network without what is less open than they are.
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
OPEN, LOCAL, SHUT = 0, 1, 2
"""Kinds of segments, by how little they are open."""

PARTS = (SHUT, LOCAL, OPEN, LOCAL, SHUT)
"""What each part of a drive goes over."""

Node = tuple[int, Way]
"""The part of the drive, and the way driven of late."""

_GOAL: Node = (len(PARTS), ())


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
    """Exact answers for one network under one profile, some closures and access-only segments."""

    def __init__(
        self,
        network: RoadNetwork,
        profile: Profile,
        closures: Sequence[PlacedClosure],
        streets: StreetMap | None = None,
        *,
        hour: int | None = None,
        local: Collection[int] = (),
    ) -> None:
        usual = Oracle(network, profile, hour, streets)
        self._base = network.segment_base.tolist()
        slowed_ms = slowed_by(closures, usual.segment_ms, network)
        shut = shut_by(closures) & usual.segment_ms.keys()
        self.kind = dict.fromkeys(usual.segment_ms, OPEN)
        self.kind |= dict.fromkeys(usual.segment_ms.keys() & local, LOCAL)
        self.kind |= dict.fromkeys(shut, SHUT)
        self._turns = [
            Oracle(
                network,
                profile,
                hour,
                streets,
                slowed_ms=slowed_ms,
                shut=[one for one, closed in self.kind.items() if closed > kind],
            )
            for kind in (OPEN, LOCAL, SHUT)
        ]
        self.through = self._turns[SHUT]
        self._graph: nx.DiGraph[Node] = nx.DiGraph()
        waiting: list[Node] = [
            (part, (segment,))
            for segment, kind in self.kind.items()
            for part, over in enumerate(PARTS)
            if over == kind
        ]
        self._graph.add_nodes_from(waiting)
        while waiting:
            node = waiting.pop()
            for onward, cost in self._onward(node):
                if onward not in self._graph:
                    waiting.append(onward)
                self._graph.add_edge(node, onward, weight=cost)

    def is_shut(self, segment: int) -> bool:
        """Whether a closure shuts a segment, or that of which it is a copy."""
        return self.kind[self._base[segment]] == SHUT

    def _onward(self, node: Node) -> Iterator[tuple[Node, int]]:
        """Where a drive may go next, with what that costs."""
        part, way = node
        kind, cost_of = PARTS[part], self.through.segment_ms
        for turns in (OPEN, LOCAL, SHUT):
            for onward, delay_ms in self._turns[turns].turns_out_of(way) if turns >= kind else ():
                onto = self._part(onward, part)
                if onto is not None and turns == max(kind, self.kind[onward]):
                    yield (onto, self._driven(way, onward)), delay_ms + cost_of[onward]

    def _part(self, segment: int, earliest: int) -> int | None:
        """The next part of a drive in which a segment may be driven."""
        kind = self.kind[segment]
        return next((p for p in range(earliest, len(PARTS)) if PARTS[p] == kind), None)

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
            node = (PARTS.index(self.kind[segment]), (segment,))
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
        """Assert that a drive has its parts in order, turns where allowed, and adds up."""
        driven, start, end = arrival.segments.tolist(), arrival.start, arrival.end
        begins, stops = (driven[0], arrival.start_fraction), (driven[-1], arrival.end_fraction)
        assert starts.vehicle[start] == arrival.vehicle
        assert begins == (starts.segment[start], starts.fraction[start])
        assert stops == (ends.segment[end], ends.fraction[end])
        way = [self._base[one] for one in driven]
        parts = self._parts(arrival, way)
        cost = self.through.part_ms(way[-1], arrival.end_fraction)
        cost -= self.through.part_ms(way[0], arrival.start_fraction)
        remembered = self.through.remembered
        ways = [tuple(way[max(0, i - remembered) : i]) for i in range(1, len(way) + 1)]
        nodes = list(zip(parts, ways, strict=True))
        for node, onward in pairwise(nodes):
            costs = [ms for next_node, ms in self._onward(node) if next_node == onward]
            assert costs, f"no way on from {node} to {onward}"
            cost += self.through.segment_ms[node[1][-1]] + min(costs)
            cost -= self.through.segment_ms[onward[1][-1]]
        assert cost == arrival.drive_ms
        assert arrival.total_ms == arrival.drive_ms + starts.delay_ms[start] + ends.delay_ms[end]

    def _parts(self, arrival: Arrival, way: Sequence[int]) -> list[int]:
        part, parts = 0, []
        for segment in way:
            onto = self._part(segment, part)
            assert onto is not None, f"{segment} may not be driven here"
            part = onto
            parts.append(part)
        first, last = parts.count(0), parts.count(len(PARTS) - 1)
        if first == len(way):
            last = first
        assert (arrival.first_stretch, arrival.last_stretch) == (first, last)
        return parts

    def _rows(self, ends: Ends) -> list[tuple[int, float, int]]:
        base = [self._base[one] for one in ends.segment.tolist()]
        return list(zip(base, ends.fraction.tolist(), ends.delay_ms.tolist(), strict=True))
