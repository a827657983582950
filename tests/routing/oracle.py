"""The routing core's answers, worked out a second time with NetworkX and the written rules.

Shares nothing with the engines but the list of directed segments (no copies) and what a profile
says about one set of tags. Every way driven of late is a node ("at the end of its last segment"),
every allowed turn an edge, the target a node of its own. Without turn restrictions, of late means
the last segment; with them, as many as the longest restriction has streets, less one. All costs
are whole milliseconds:

- a segment costs its length by its speed, rounded to the nearest whole, and 50 at least;
- a part of a segment costs its share of that, rounded down;
- passing a junction costs the delay of the barrier on it, or is impossible, and what it loses to
  lights and traffic (`tests.routing.junction_oracle`);
- a U-turn is made only where a way leads nowhere else, in front of whatever stands there;
- a turn is not made that ends a forbidden path, or leaves a mandatory one other than by a U-turn.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

import networkx as nx

from routing.engine import Arrival, Ends, Starts
from routing.network import RoadNetwork
from routing.profiles import Profile
from routing.streets import StreetMap
from tests.routing.junction_oracle import JunctionOracle

MIN_SEGMENT_MS = 50
_TARGET: "Way" = ()
_SOURCE: "Way" = (-1,)

Way = tuple[int, ...]
Goals = tuple[tuple[int, tuple[float, int]], ...]
"""Segment, fraction along it, what is added when the drive ends there."""


class Oracle:
    """Exact answers for one network under one profile at one hour, slow and obvious."""

    def __init__(
        self,
        network: RoadNetwork,
        profile: Profile,
        hour: int | None = None,
        streets: StreetMap | None = None,
        *,
        slowed_ms: Mapping[int, int] | None = None,
        shut: Collection[int] = (),
    ) -> None:
        self._junctions = JunctionOracle(network, profile, hour)
        speed_on = self._junctions.speed_mps
        speed = [speed_on(t) if "highway" in t else None for t in network.tag_sets]
        self._barrier_s = [profile.barrier_delay_s(tags, hour) for tags in network.tag_sets]
        self._at = network.junction_tags[network.segment_to].tolist()
        self._twin = network.segment_twin.tolist()
        self._end = network.segment_to.tolist()
        self._base = network.segment_base.tolist()
        self._restrictions = list(_binding(network, profile, hour, streets))
        self.remembered = max((len(path) for path, _ in self._restrictions), default=2) - 1
        self.segment_ms: dict[int, int] = {}
        on_the_ground = slice(network.base_count)
        for segment, (tags, length_m) in enumerate(
            zip(
                network.segment_tags[on_the_ground].tolist(),
                network.segment_length_m[on_the_ground].tolist(),
                strict=True,
            )
        ):
            mps = speed[tags]
            if mps is not None:
                exact_ms = length_m / mps * 1000
                self.segment_ms[segment] = max(MIN_SEGMENT_MS, round(exact_ms))
                self.segment_ms[segment] += self._junctions.along_street_ms(segment)
        self.segment_ms.update(slowed_ms or {})
        for segment in shut:
            self.segment_ms.pop(segment, None)
        self._leaving: defaultdict[int, list[int]] = defaultdict(list)
        for segment in self.segment_ms:
            self._leaving[int(network.segment_from[segment])].append(segment)
        # Edges run against the traffic, from the target outwards.
        self._backwards: nx.DiGraph[Way] = nx.DiGraph()
        self._ending_on: defaultdict[int, list[Way]] = defaultdict(list)
        waiting: list[Way] = [(segment,) for segment in self.segment_ms]
        self._backwards.add_nodes_from(waiting)
        while waiting:
            way = waiting.pop()
            self._ending_on[way[-1]].append(way)
            for onward, delay_ms in self.turns_out_of(way):
                driven = (*way, onward)[-self.remembered :]
                if driven not in self._backwards:
                    waiting.append(driven)
                cost = delay_ms + self.segment_ms[onward]
                self._backwards.add_edge(driven, way, weight=cost)
        self._last: tuple[Goals, Mapping[Way, int]] = ((), {})

    def turns_out_of(self, way: Way) -> Iterator[tuple[int, int]]:
        """Segments that may be driven next, each with the delay of the turn in milliseconds."""
        segment = way[-1]
        twin = self._twin[segment]
        barrier_s = self._barrier_s[self._at[segment]]
        onward = [] if barrier_s is None else self._leaving[self._end[segment]]
        onward = [other for other in onward if other != twin and not self._banned(way, other)]
        for other in onward:
            assert barrier_s is not None
            yield other, round(barrier_s * 1000) + self._junctions.turn_ms(segment, other)
        if not onward and twin in self.segment_ms and not self._banned(way, twin):
            yield twin, self._junctions.turn_round_ms

    def _banned(self, way: Way, onward: int) -> bool:
        for path, mandatory in self._restrictions:
            if not mandatory and _ends_with((*way, onward), path):
                return True
            if mandatory and onward != self._twin[way[-1]]:
                for begun in range(1, len(path)):
                    if _ends_with(way, path[:begun]) and onward not in path[begun]:
                        return True
        return False

    def part_ms(self, segment: int, fraction: float) -> int:
        """Time from the start of a segment to a fraction along it."""
        return math.floor(self.segment_ms[segment] * fraction)

    def arrive_ms(self, ends: Ends, starts: Sequence[tuple[int, float]]) -> list[int | None]:
        """The fastest drive from each `(segment, fraction)` and what its end adds, if any leads."""
        goals = {
            self._base[segment]: (fraction, delay_ms)
            for segment, fraction, delay_ms in zip(
                ends.segment.tolist(), ends.fraction.tolist(), ends.delay_ms.tolist(), strict=True
            )
        }
        from_end_ms = self._from_end_ms(tuple(goals.items()))
        drives: list[int | None] = []
        for segment, fraction in starts:
            passed_ms = self.part_ms(segment, fraction)
            ways = []
            if (segment,) in from_end_ms:
                ways.append(self.segment_ms[segment] - passed_ms + from_end_ms[(segment,)])
            if segment in goals and fraction <= goals[segment][0]:
                ways.append(self._to_goal_ms(segment, *goals[segment]) - passed_ms)
            drives.append(min(ways, default=None))
        return drives

    def _to_goal_ms(self, segment: int, fraction: float, delay_ms: int) -> int:
        return self.part_ms(segment, fraction) + delay_ms

    def _from_end_ms(self, goals: Goals) -> Mapping[Way, int]:
        """Time from the end of every way to the goals; those to the last goals are kept."""
        if self._last[0] == goals:
            return self._last[1]
        graph = self._backwards
        graph.add_node(_TARGET)
        for goal, end in goals:
            for way in self._ending_on[goal]:
                for before in list(graph.successors(way)):
                    cost = graph[way][before]["weight"] - self.segment_ms[goal]
                    _keep_cheaper(graph, _TARGET, before, cost + self._to_goal_ms(goal, *end))
        found = nx.single_source_dijkstra_path_length(graph, _TARGET)
        graph.remove_node(_TARGET)
        self._last = goals, {way: int(cost) for way, cost in found.items()}
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
        graph: nx.DiGraph[Way] = nx.DiGraph()
        graph.add_node(_SOURCE)
        for way, before, edge in self._backwards.edges(data=True):
            graph.add_edge(before, way, weight=edge["weight"])
        for segment, fraction, delay_ms in zip(
            starts.segment.tolist(), starts.fraction.tolist(), starts.delay_ms.tolist(), strict=True
        ):
            rest_ms = self.segment_ms[segment] - self.part_ms(segment, fraction)
            _keep_cheaper(graph, _SOURCE, (segment,), delay_ms + rest_ms)
        found = nx.single_source_dijkstra_path_length(graph, _SOURCE)
        enter_ms: dict[int, int] = {}
        leave_ms: dict[int, int] = {}
        for way, cost in found.items():
            if way != _SOURCE:
                left_ms = int(cost)
                leave_ms[way[-1]] = min(leave_ms.get(way[-1], left_ms), left_ms)
                for onward, delay_ms in self.turns_out_of(way):
                    comes_ms = left_ms + delay_ms
                    enter_ms[onward] = min(enter_ms.get(onward, comes_ms), comes_ms)
        return enter_ms, leave_ms

    def check_drive(self, arrival: Arrival, starts: Starts, ends: Ends) -> None:
        """Assert that a drive begins and ends right, turns only where allowed, and adds up."""
        driven = arrival.segments.tolist()
        start, end = arrival.start, arrival.end
        begins, stops = (driven[0], arrival.start_fraction), (driven[-1], arrival.end_fraction)
        assert starts.vehicle[start] == arrival.vehicle
        assert (starts.segment[start], starts.fraction[start]) == begins
        assert (ends.segment[end], ends.fraction[end]) == stops
        way = [self._base[segment] for segment in driven]
        delays_ms = starts.delay_ms[start] + ends.delay_ms[end]
        assert arrival.total_ms == arrival.drive_ms + delays_ms
        cost = self.part_ms(way[-1], arrival.end_fraction)
        cost -= self.part_ms(way[0], arrival.start_fraction)
        for passed, (segment, onward) in enumerate(pairwise(way), start=1):
            turns = dict(self.turns_out_of(tuple(way[:passed])))
            assert onward in turns, f"no turn from {segment} into {onward}"
            cost += self.segment_ms[segment] + turns[onward]
        assert cost == arrival.drive_ms


def summary(arrivals: Sequence[Arrival]) -> list[tuple[int, int]]:
    """What `Oracle.nearest` says, of an engine's answer."""
    return [(one.vehicle, one.total_ms) for one in arrivals]


def _binding(
    network: RoadNetwork, profile: Profile, hour: int | None, streets: StreetMap | None
) -> Iterator[tuple[list[set[int]], bool]]:
    """Restrictions that bind: for each step the segments it may be, and whether mandatory."""
    if streets is None:
        return
    running: defaultdict[object, set[int]] = defaultdict(set)
    for segment in range(network.base_count):
        lat, lon = network.segment_shape(segment)
        running[
            int(network.junction_id[network.segment_from[segment]]),
            int(network.junction_id[network.segment_to[segment]]),
            int(network.segment_way_id[segment]),
            round(float(network.segment_length_m[segment]) * 1000),
            tuple(zip(lat.tolist(), lon.tolist(), strict=True)),
        ].add(segment)
    for restriction in streets.restrictions:
        if profile.turns.binds(restriction.tags, hour):
            path = []
            for number, forward in restriction.path:
                street = streets.streets[number]
                ends = (street.from_node, street.to_node)[:: 1 if forward else -1]
                shape = tuple(street.shape)[:: 1 if forward else -1]
                path.append(running[(*ends, street.way_id, round(street.length_m * 1000), shape)])
            assert all(path)
            yield path, restriction.mandatory


def _ends_with(way: Way, path: Sequence[set[int]]) -> bool:
    last = way[len(way) - len(path) :] if len(path) <= len(way) else ()
    return bool(last) and all(one in step for one, step in zip(last, path, strict=True))


def _keep_cheaper(graph: "nx.DiGraph[Way]", start: Way, end: Way, weight: int) -> None:
    known = graph.get_edge_data(start, end, {"weight": weight})["weight"]
    graph.add_edge(start, end, weight=min(weight, known))
