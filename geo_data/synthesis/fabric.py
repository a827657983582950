"""The fabric: main roads, collectors and local streets joined into one graph."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo_data.synthesis.infill import Infill, Part
from geo_data.synthesis.plane import FloatArray
from geo_data.synthesis.quarters import GRID_M, Lines, Quarters
from geo_data.synthesis.rules import BORDER_RULES, main_road_rule
from geo_data.synthesis.skeleton import Skeleton

IntArray = NDArray[np.int64]

MAIN_ROAD = -1
"""Street number of stretches of main road."""

NEVER = 2**62
"""Rank of what belongs to no quarter that is filled."""


@dataclass(frozen=True, eq=False)
class Fabric:
    """A graph of V junctions and E stretches of street.

    Attributes
    ----------
    xy_m : float64[V, 2]
        Junctions; the first are those of the skeleton, in its order.
    start, end : int64[E]
        Junctions at which each stretch starts and ends.
    street : int64[E]
        Which made-up street a stretch is of, or `MAIN_ROAD`.
    road : int64[E]
        Which main road a stretch is of, or -1.
    from_m, to_m : float64[E]
        Which part of that main road it is, in metres from the road's start.
    part : int64[S]
        What part each made-up street plays (`Part`).
    """

    xy_m: FloatArray
    start: IntArray
    end: IntArray
    street: IntArray
    road: IntArray
    from_m: FloatArray
    to_m: FloatArray
    part: IntArray

    @property
    def junction_count(self) -> int:
        """Number of junctions that stretches start or end at."""
        return len(np.unique(np.concatenate([self.start, self.end])))

    def with_stretches(self, kept: NDArray[np.bool_]) -> "Fabric":
        """Return the fabric of only some of its stretches."""
        return Fabric(
            xy_m=self.xy_m,
            start=self.start[kept],
            end=self.end[kept],
            street=self.street[kept],
            road=self.road[kept],
            from_m=self.from_m[kept],
            to_m=self.to_m[kept],
            part=self.part,
        )


@dataclass(frozen=True, eq=False)
class FilledQuarter:
    """Streets of one quarter, and which collectors bound it."""

    infill: Infill
    collectors: IntArray


@dataclass(frozen=True, eq=False)
class _Meetings:
    """Places along lines: `line`, position `at_m` and `junction`, sorted by line and position."""

    line: IntArray
    at_m: FloatArray
    junction: IntArray


class _Junctions:
    """Junctions as they are found, each with the rank of the first quarter that needs it."""

    def __init__(self, xy_m: FloatArray) -> None:
        self._xy_m = [xy_m]
        self._rank = [np.full(len(xy_m), -1, dtype=np.int64)]
        self.count = len(xy_m)

    def add(self, xy_m: FloatArray, rank: IntArray) -> IntArray:
        numbers = self.count + np.arange(len(xy_m))
        self._xy_m.append(xy_m)
        self._rank.append(rank)
        self.count += len(xy_m)
        return numbers

    @property
    def xy_m(self) -> FloatArray:
        return np.concatenate(self._xy_m)

    @property
    def rank(self) -> IntArray:
        return np.concatenate(self._rank)


def weave(
    skeleton: Skeleton, quarters: Quarters, filled: Sequence[FilledQuarter], junctions: int
) -> Fabric:
    """Join as many filled quarters, from the first, as it takes to have `junctions` junctions."""
    found = _Junctions(skeleton.node_xy_m)
    collectors = _CollectorEnds.of(skeleton, quarters.collectors)
    collector_rank = _collector_ranks(collectors, quarters.collectors, filled)
    places = _local_places(found, filled)
    joins = _Joins.of(filled)
    road_meetings, collector_ends, join_on_road = _meet_roads(
        skeleton, collectors, collector_rank, joins, found
    )
    collector_meetings, join_on_collector = _meet_collectors(
        quarters.collectors, collector_ends, joins, found, len(skeleton.roads)
    )
    join_junction = np.where(join_on_road >= 0, join_on_road, join_on_collector)

    rank = found.rank
    last_rank = _last_rank(rank, junctions)
    needed = rank <= last_rank
    roads = _stretches(road_meetings, needed)
    streets = _local_stretches(filled[: last_rank + 1], places, join_junction)
    between = _stretches(collector_meetings, needed, collector_rank <= last_rank)
    return _fabric(found.xy_m, roads, between, streets)


@dataclass(frozen=True, eq=False)
class _CollectorEnds:
    """Where collectors start and end.

    Attributes
    ----------
    xy_m : float64[P, 2]
        Distinct points.
    point : int64[C, 2]
        At which of them each collector starts and ends.
    road : int64[P]
        The main road that a point lies on and joins, or -1.
    """

    xy_m: FloatArray
    point: IntArray
    road: IntArray

    @classmethod
    def of(cls, skeleton: Skeleton, collectors: Lines) -> "_CollectorEnds":
        ends = [shapely.get_coordinates(shapely.get_point(collectors, i)) for i in (0, -1)]
        xy_m, point = np.unique(np.concatenate(ends), axis=0, return_inverse=True)
        return cls(xy_m, point.reshape(2, -1).T, _touched(skeleton, xy_m))


def _touched(skeleton: Skeleton, xy_m: FloatArray) -> IntArray:
    """Return the lowest joinable road that runs through each point, or -1."""
    rules = [main_road_rule(street.tags) for street in skeleton.streets.streets]
    joinable = np.flatnonzero([rule.joined > 0 for rule in rules])
    tree = shapely.STRtree(skeleton.roads[joinable])
    point, road = tree.query(shapely.points(xy_m), predicate="dwithin", distance=2 * GRID_M)
    touched = np.full(len(xy_m), NEVER, dtype=np.int64)
    np.minimum.at(touched, point, joinable[road])
    return np.where(touched == NEVER, -1, touched)


def _collector_ranks(
    ends: _CollectorEnds, collectors: Lines, filled: Sequence[FilledQuarter]
) -> IntArray:
    """First filled quarter that needs each collector: as its border or on its way to a road."""
    rank = np.full(len(collectors), NEVER, dtype=np.int64)
    for number, quarter in enumerate(filled):
        np.minimum.at(rank, quarter.collectors, number)
    point_rank = np.full(len(ends.xy_m), NEVER, dtype=np.int64)
    np.minimum.at(point_rank, ends.point, rank[:, None])
    distance_m, towards_road = _ways_to_roads(ends, shapely.length(collectors))
    joining = {frozenset(pair): number for number, pair in enumerate(ends.point.tolist())}
    for point in np.argsort(-distance_m, kind="stable").tolist():
        onward = int(towards_road[point])
        if onward >= 0:
            point_rank[onward] = min(point_rank[onward], point_rank[point])
            collector = joining[frozenset((point, onward))]
            rank[collector] = min(rank[collector], point_rank[point])
    return rank


def _ways_to_roads(ends: _CollectorEnds, length_m: FloatArray) -> tuple[FloatArray, IntArray]:
    """Distance from each point to a main road along collectors, and the next point on the way."""
    size = len(ends.xy_m)
    ways = csr_array((length_m, (ends.point[:, 0], ends.point[:, 1])), shape=(size, size))
    distance_m, onward, _ = dijkstra(
        ways,
        directed=False,
        indices=np.flatnonzero(ends.road >= 0),
        return_predecessors=True,
        min_only=True,
    )
    return np.where(np.isfinite(distance_m), distance_m, -1.0), np.asarray(onward, dtype=np.int64)


def _local_places(found: _Junctions, filled: Sequence[FilledQuarter]) -> IntArray:
    """First junction number of each quarter's own places."""
    counts = [len(quarter.infill.places) for quarter in filled]
    xy_m = np.asarray([place for quarter in filled for place in quarter.infill.places])
    first = found.add(xy_m.reshape(-1, 2), np.repeat(np.arange(len(filled)), counts))
    return (first[0] if len(first) else 0) + np.cumsum([0, *counts])


@dataclass(frozen=True, eq=False)
class _Joins:
    source: IntArray
    xy_m: FloatArray
    rank: IntArray

    @classmethod
    def of(cls, filled: Sequence[FilledQuarter]) -> "_Joins":
        joins = [join for quarter in filled for join in quarter.infill.joins]
        counts = [len(quarter.infill.joins) for quarter in filled]
        return cls(
            source=np.asarray([join.source for join in joins], dtype=np.int64),
            xy_m=np.asarray([(join.x, join.y) for join in joins]).reshape(-1, 2),
            rank=np.repeat(np.arange(len(filled)), counts),
        )


def _meet_roads(
    skeleton: Skeleton,
    collectors: _CollectorEnds,
    collector_rank: IntArray,
    joins: _Joins,
    found: _Junctions,
) -> tuple[_Meetings, IntArray, IntArray]:
    """Junctions along main roads, at the collectors' ends, and for the joins (-1: elsewhere)."""
    point_rank = np.full(len(collectors.xy_m), NEVER, dtype=np.int64)
    np.minimum.at(point_rank, collectors.point, collector_rank[:, None])
    touches = collectors.road >= 0
    on_road = joins.source < len(skeleton.roads)
    line = np.concatenate([collectors.road[touches], joins.source[on_road]])
    xy_m = np.concatenate([collectors.xy_m[touches], joins.xy_m[on_road]])
    rank = np.concatenate([point_rank[touches], joins.rank[on_road]])
    rules = [main_road_rule(street.tags) for street in skeleton.streets.streets]
    clearance = np.asarray([rule.clearance_m for rule in rules])
    meetings, junction = _settle(
        skeleton.roads, skeleton.ends, clearance, (line, xy_m, rank), found
    )

    point_junction = np.empty(len(touches), dtype=np.int64)
    touching = int(touches.sum())
    point_junction[touches] = junction[:touching]
    point_junction[~touches] = found.add(collectors.xy_m[~touches], point_rank[~touches])
    join_junction = np.full(len(joins.source), -1, dtype=np.int64)
    join_junction[on_road] = junction[touching:]
    return meetings, point_junction[collectors.point], join_junction


def _meet_collectors(
    collectors: Lines,
    ends: IntArray,
    joins: _Joins,
    found: _Junctions,
    road_count: int,
) -> tuple[_Meetings, IntArray]:
    on_collector = joins.source >= road_count
    line = joins.source[on_collector] - road_count
    clearance = np.full(len(collectors), BORDER_RULES["collector"].clearance_m)
    wanted = (line, joins.xy_m[on_collector], joins.rank[on_collector])
    meetings, junction = _settle(collectors, ends, clearance, wanted, found)
    join_junction = np.full(len(joins.source), -1, dtype=np.int64)
    join_junction[on_collector] = junction
    return meetings, join_junction


def _settle(
    lines: Lines,
    ends: IntArray,
    clearance_m: FloatArray,
    wanted: tuple[IntArray, FloatArray, IntArray],
    found: _Junctions,
) -> tuple[_Meetings, IntArray]:
    """Make junctions where streets want to join lines, one for those too close to each other.

    Returns
    -------
    meetings
        All junctions along all lines, their ends included.
    junction : int64[N]
        Which junction each wish became.
    """
    line, xy_m, rank = wanted
    at_m = shapely.line_locate_point(lines[line], shapely.points(xy_m))
    length_m = shapely.length(lines)
    order = np.lexsort([at_m, line])
    cluster, opened = _clusters(line[order], at_m[order], length_m, clearance_m)

    first = order[opened]
    cluster_rank = np.full(len(first), NEVER, dtype=np.int64)
    inner = cluster >= 0
    np.minimum.at(cluster_rank, cluster[inner], rank[order][inner])
    places = shapely.line_interpolate_point(lines[line[first]], at_m[first])
    made = found.add(shapely.get_coordinates(places), cluster_rank)

    junction = np.empty(len(line), dtype=np.int64)
    at_start, at_end = cluster == _AT_START, cluster == _AT_END
    junction[order[at_start]] = ends[line[order[at_start]], 0]
    junction[order[at_end]] = ends[line[order[at_end]], 1]
    junction[order[inner]] = made[cluster[inner]]

    numbers = np.arange(len(lines))
    all_lines = np.concatenate([numbers, line[first], numbers])
    all_at_m = np.concatenate([np.zeros(len(lines)), at_m[first], length_m])
    all_junctions = np.concatenate([ends[:, 0], made, ends[:, 1]])
    sorting = np.lexsort([all_at_m, all_lines])
    meetings = _Meetings(all_lines[sorting], all_at_m[sorting], all_junctions[sorting])
    return meetings, junction


_AT_START, _AT_END = -1, -2


def _clusters(
    line: IntArray, at_m: FloatArray, length_m: FloatArray, clearance_m: FloatArray
) -> tuple[IntArray, IntArray]:
    """Group sorted positions along lines; also which position opened each group."""
    group = np.empty(len(line), dtype=np.int64)
    opened: list[int] = []
    current, opened_at = -1, 0.0
    lengths, clearances = length_m.tolist(), clearance_m.tolist()
    for i, (on, at) in enumerate(zip(line.tolist(), at_m.tolist(), strict=True)):
        left = lengths[on] - at
        if min(at, left) < clearances[on]:
            group[i] = _AT_START if at <= left else _AT_END
        elif on == current and at - opened_at < clearances[on]:
            group[i] = len(opened) - 1
        else:
            current, opened_at = on, at
            group[i] = len(opened)
            opened.append(i)
    return group, np.asarray(opened, dtype=np.int64)


def _last_rank(rank: IntArray, junctions: int) -> int:
    """Last quarter to fill so that at least as many junctions as wanted are needed."""
    filled = rank[(rank >= 0) & (rank < NEVER)]
    count = (rank < 0).sum() + np.cumsum(np.bincount(filled))
    return min(int(np.searchsorted(count, junctions)), len(count) - 1)


@dataclass(frozen=True, eq=False)
class _Stretches:
    line: IntArray
    start: IntArray
    end: IntArray
    from_m: FloatArray
    to_m: FloatArray


def _stretches(
    meetings: _Meetings, needed: NDArray[np.bool_], lines_needed: NDArray[np.bool_] | None = None
) -> _Stretches:
    kept = needed[meetings.junction]
    if lines_needed is not None:
        kept &= lines_needed[meetings.line]
    line, at_m, junction = meetings.line[kept], meetings.at_m[kept], meetings.junction[kept]
    goes_on = line[1:] == line[:-1]
    return _Stretches(
        line=line[:-1][goes_on],
        start=junction[:-1][goes_on],
        end=junction[1:][goes_on],
        from_m=at_m[:-1][goes_on],
        to_m=at_m[1:][goes_on],
    )


@dataclass(frozen=True, eq=False)
class _LocalStretches:
    street: IntArray
    start: IntArray
    end: IntArray
    part: IntArray


def _local_stretches(
    filled: Sequence[FilledQuarter], first_place: IntArray, join_junction: IntArray
) -> _LocalStretches:
    street: list[int] = []
    passed: list[int] = []
    parts: list[int] = []
    first_join = 0
    join_of = join_junction.tolist()
    for quarter, first in zip(filled, first_place.tolist(), strict=False):
        for part, places in quarter.infill.streets:
            passed.extend(
                first + place if place >= 0 else join_of[first_join - 1 - place] for place in places
            )
            street.extend([len(parts)] * len(places))
            parts.append(part)
        first_join += len(quarter.infill.joins)
    numbers, along = np.asarray(street, dtype=np.int64), np.asarray(passed, dtype=np.int64)
    goes_on = (numbers[1:] == numbers[:-1]) & (along[1:] != along[:-1])
    return _LocalStretches(
        street=numbers[:-1][goes_on],
        start=along[:-1][goes_on],
        end=along[1:][goes_on],
        part=np.asarray(parts, dtype=np.int64),
    )


def _fabric(
    xy_m: FloatArray, roads: _Stretches, collectors: _Stretches, local: _LocalStretches
) -> Fabric:
    collector_count = int(collectors.line.max(initial=-1)) + 1
    part = np.concatenate([np.full(collector_count, Part.COLLECTOR), local.part])
    made_up = len(collectors.line) + len(local.street)
    nothing = np.zeros(made_up)
    fabric = Fabric(
        xy_m=xy_m,
        start=np.concatenate([roads.start, collectors.start, local.start]),
        end=np.concatenate([roads.end, collectors.end, local.end]),
        street=np.concatenate(
            [np.full(len(roads.line), MAIN_ROAD), collectors.line, collector_count + local.street]
        ),
        road=np.concatenate([roads.line, np.full(made_up, -1)]),
        from_m=np.concatenate([roads.from_m, nothing]),
        to_m=np.concatenate([roads.to_m, nothing]),
        part=part,
    )
    return fabric.with_stretches(_first_of_each_pair(fabric) | (fabric.road >= 0))


def _first_of_each_pair(fabric: Fabric) -> NDArray[np.bool_]:
    """Which stretch is the first between its two junctions, and not a loop."""
    low, high = np.minimum(fabric.start, fabric.end), np.maximum(fabric.start, fabric.end)
    _, first = np.unique(low * len(fabric.xy_m) + high, return_index=True)
    kept = np.zeros(len(low), dtype=bool)
    kept[first] = True
    return np.asarray(kept & (low != high))
