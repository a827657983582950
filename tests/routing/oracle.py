"""The routing core's answers, worked out a second time with NetworkX and the written rules.

Shares nothing with the engines but the list of directed segments and what a profile says about
one set of tags. Every segment is a node ("at its end"), every allowed turn an edge, the target a
node of its own. All costs are whole milliseconds:

- a segment costs its length by its speed, rounded to the nearest whole, and 50 at least;
- a part of a segment costs its share of that, rounded down;
- passing a junction costs the delay of the barrier on it, or is impossible;
- a U-turn is made only where a segment leads nowhere else, in front of whatever stands there.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import networkx as nx

from routing.engine import Arrival, Ends, Starts
from routing.network import RoadNetwork
from routing.profiles import Profile

MIN_SEGMENT_MS = 50
_TARGET = -1
_SOURCE = -2


class Oracle:
    """Exact answers for one network under one profile at one hour, slow and obvious."""

    def __init__(
        self,
        network: RoadNetwork,
        profile: Profile,
        hour: int | None = None,
        *,
        slowed_ms: Mapping[int, int] | None = None,
        shut: Collection[int] = (),
    ) -> None:
        speed = [profile.speed_mps(t, hour) if "highway" in t else None for t in network.tag_sets]
        self._barrier_s = [profile.barrier_delay_s(tags) for tags in network.tag_sets]
        self._at = network.junction_tags[network.segment_to].tolist()
        self._twin = network.segment_twin.tolist()
        self._end = network.segment_to.tolist()
        self.segment_ms: dict[int, int] = {}
        for segment, (tags, length_m) in enumerate(
            zip(network.segment_tags.tolist(), network.segment_length_m.tolist(), strict=True)
        ):
            mps = speed[tags]
            if mps is not None:
                exact_ms = length_m / mps * 1000
                self.segment_ms[segment] = max(MIN_SEGMENT_MS, round(exact_ms))
        self.segment_ms.update(slowed_ms or {})
        for segment in shut:
            self.segment_ms.pop(segment, None)
        self._leaving: defaultdict[int, list[int]] = defaultdict(list)
        for segment in self.segment_ms:
            self._leaving[int(network.segment_from[segment])].append(segment)
        # Edges run against the traffic, from the target outwards.
        self._backwards: nx.DiGraph[int] = nx.DiGraph()
        self._backwards.add_nodes_from(self.segment_ms)
        for segment in self.segment_ms:
            for onward, delay_ms in self.turns_out_of(segment):
                cost = delay_ms + self.segment_ms[onward]
                self._backwards.add_edge(onward, segment, weight=cost)
        self._last: tuple[tuple[tuple[int, tuple[float, int]], ...], Mapping[int, int]] = ((), {})

    def turns_out_of(self, segment: int) -> Iterator[tuple[int, int]]:
        """Segments that may be driven next, each with the delay of the turn in milliseconds."""
        twin = self._twin[segment]
        barrier_s = self._barrier_s[self._at[segment]]
        onward = [] if barrier_s is None else self._leaving[self._end[segment]]
        onward = [other for other in onward if other != twin]
        for other in onward:
            assert barrier_s is not None
            yield other, round(barrier_s * 1000)
        if not onward and twin in self.segment_ms:
            yield twin, 0

    def part_ms(self, segment: int, fraction: float) -> int:
        """Time from the start of a segment to a fraction along it."""
        return math.floor(self.segment_ms[segment] * fraction)

    def arrive_ms(self, ends: Ends, starts: Sequence[tuple[int, float]]) -> list[int | None]:
        """The fastest drive from each `(segment, fraction)` and what its end adds, if any leads."""
        goals = {
            segment: (fraction, delay_ms)
            for segment, fraction, delay_ms in zip(
                ends.segment.tolist(), ends.fraction.tolist(), ends.delay_ms.tolist(), strict=True
            )
        }
        from_end_ms = self._from_end_ms(tuple(goals.items()))
        drives: list[int | None] = []
        for segment, fraction in starts:
            passed_ms = self.part_ms(segment, fraction)
            ways = []
            if segment in from_end_ms:
                ways.append(self.segment_ms[segment] - passed_ms + from_end_ms[segment])
            if segment in goals and fraction <= goals[segment][0]:
                ways.append(self._to_goal_ms(segment, *goals[segment]) - passed_ms)
            drives.append(min(ways, default=None))
        return drives

    def _to_goal_ms(self, segment: int, fraction: float, delay_ms: int) -> int:
        return self.part_ms(segment, fraction) + delay_ms

    def _from_end_ms(self, goals: tuple[tuple[int, tuple[float, int]], ...]) -> Mapping[int, int]:
        """Time from the end of every segment to the goals; those to the last goals are kept."""
        if self._last[0] == goals:
            return self._last[1]
        graph = self._backwards
        graph.add_node(_TARGET)
        for goal, end in goals:
            for segment in list(graph.successors(goal)):
                cost = graph[goal][segment]["weight"] - self.segment_ms[goal]
                _keep_cheaper(graph, _TARGET, segment, cost + self._to_goal_ms(goal, *end))
        found = nx.single_source_dijkstra_path_length(graph, _TARGET)
        graph.remove_node(_TARGET)
        self._last = goals, {segment: int(cost) for segment, cost in found.items()}
        return self._last[1]

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[tuple[int, int]]:
        """`(vehicle, total_ms)` of those that arrive first, equal ones by number."""
        rows = list(zip(starts.segment.tolist(), starts.fraction.tolist(), strict=True))
        best: dict[int, int] = {}
        for vehicle, delay_ms, arrive_ms in zip(
            starts.vehicle.tolist(),
            starts.delay_ms.tolist(),
            self.arrive_ms(ends, rows),
            strict=True,
        ):
            if arrive_ms is not None:
                total_ms = arrive_ms + delay_ms
                best[vehicle] = min(best.get(vehicle, total_ms), total_ms)
        ranked = sorted((total_ms, vehicle) for vehicle, total_ms in best.items())
        return [(vehicle, total_ms) for total_ms, vehicle in ranked[:limit]]

    def reached_ms(self, starts: Starts) -> tuple[dict[int, int], dict[int, int]]:
        """The earliest time of any start at the beginning and at the end of every segment."""
        graph: nx.DiGraph[int] = nx.DiGraph()
        graph.add_node(_SOURCE)
        for segment in self.segment_ms:
            for onward, delay_ms in self.turns_out_of(segment):
                graph.add_edge(segment, onward, weight=delay_ms + self.segment_ms[onward])
        for segment, fraction, delay_ms in zip(
            starts.segment.tolist(), starts.fraction.tolist(), starts.delay_ms.tolist(), strict=True
        ):
            rest_ms = self.segment_ms[segment] - self.part_ms(segment, fraction)
            _keep_cheaper(graph, _SOURCE, segment, delay_ms + rest_ms)
        found = nx.single_source_dijkstra_path_length(graph, _SOURCE)
        leave_ms = {segment: int(cost) for segment, cost in found.items() if segment != _SOURCE}
        enter_ms: dict[int, int] = {}
        for segment, left_ms in leave_ms.items():
            for onward, delay_ms in self.turns_out_of(segment):
                enter_ms[onward] = min(enter_ms.get(onward, left_ms + delay_ms), left_ms + delay_ms)
        return enter_ms, leave_ms

    def check_drive(self, arrival: Arrival, starts: Starts, ends: Ends) -> None:
        """Assert that a drive begins and ends right, turns only where allowed, and adds up."""
        way = arrival.segments.tolist()
        start, end = arrival.start, arrival.end
        assert starts.vehicle[start] == arrival.vehicle
        assert (starts.segment[start], starts.fraction[start]) == (way[0], arrival.start_fraction)
        assert (ends.segment[end], ends.fraction[end]) == (way[-1], arrival.end_fraction)
        delays_ms = starts.delay_ms[start] + ends.delay_ms[end]
        assert arrival.total_ms == arrival.drive_ms + delays_ms
        cost = self.part_ms(way[-1], arrival.end_fraction)
        cost -= self.part_ms(way[0], arrival.start_fraction)
        for segment, onward in pairwise(way):
            turns = dict(self.turns_out_of(segment))
            assert onward in turns, f"no turn from {segment} into {onward}"
            cost += self.segment_ms[segment] + turns[onward]
        assert cost == arrival.drive_ms


def summary(arrivals: Sequence[Arrival]) -> list[tuple[int, int]]:
    """What `Oracle.nearest` says, of an engine's answer."""
    return [(one.vehicle, one.total_ms) for one in arrivals]


def _keep_cheaper(graph: "nx.DiGraph[int]", start: int, end: int, weight: int) -> None:
    known = graph.get_edge_data(start, end, {"weight": weight})["weight"]
    graph.add_edge(start, end, weight=min(weight, known))
