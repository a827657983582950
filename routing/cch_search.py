"""The engine for sparse fleets and routes: answers from a customised contraction hierarchy.

Whoever is far costs no more than who is near. A question climbs the elimination tree from every
way into the ends, which labels some hundred segments; a vehicle's time then follows from those of
the ranks it can climb to, and each rank's is worked out once for the whole fleet (lazy RPHAST,
Strasser and Zeitz 2021, "A Fast and Tight Heuristic for A* in Road Networks").
"""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.best_vehicles import offer
from routing.cch_matrix import cch_matrix
from routing.climbing import meet, rise
from routing.customisation import (
    Turns,
    arc_weights,
    changed_arc_weights,
    fastest_over,
    turn_ms,
)
from routing.engine import UNREACHED, Arrival, Ends, Starts
from routing.errors import NetworkError
from routing.hierarchy import NO_PARENT, Hierarchy, arc_between
from routing.metric import BLOCKED, Metric
from routing.network import IntArray
from routing.search_columns import arrivals, end_columns, start_columns
from routing.working_memory import WorkingMemories

FEW_TURNS = 500
"""As many changed turns are worked into the weights there are; with more, weighing everything
anew is as fast (130,000 junctions: 300 turns all over town take 40 ms, 1,000 take 150, and all
take 120)."""

AT_ONCE_TURNS = 50
AT_ONCE_ARCS = 300
"""Changed turns, and arcs weighed by all their triangles, up to which a change is worked in at
once. Of 300 streets shut one at a time (130,000 junctions) 87 in 100 stayed below and took 0.8 ms,
of which 0.6 are for the copy, 2.1 at most in 99 of 100; the others would have taken up to 58."""

_UNKNOWN = -1


class _Scratch(NamedTuple):
    """Working memory of one search at a time, by rank; every search leaves it as it found it.

    Attributes
    ----------
    descent_ms : int32[S]
        Milliseconds from the end of a rank's segment to the nearest end by descents alone, or
        `UNREACHED`.
    next_down : int32[S]
        The rank that this descent goes to, or `_into_end` of the row of ends it arrives at.
    to_end_ms : int32[S]
        Milliseconds to the nearest end by any way; `_UNKNOWN` before it is worked out.
    next_up : int32[S]
        The rank that this way climbs to, or `NO_PARENT` where it goes down.
    touched : int32[S]
        Ranks met on the way up the elimination tree.
    is_labelled : bool[S]
        Whether a rank is above a way into an end.
    """

    descent_ms: IntArray
    next_down: IntArray
    to_end_ms: IntArray
    next_up: IntArray
    touched: IntArray
    is_labelled: NDArray[np.bool_]

    @classmethod
    def of(cls, size: int) -> Self:
        return cls(
            descent_ms=np.full(size, UNREACHED, dtype=np.int32),
            next_down=np.empty(size, dtype=np.int32),
            to_end_ms=np.full(size, _UNKNOWN, dtype=np.int32),
            next_up=np.empty(size, dtype=np.int32),
            touched=np.empty(size, dtype=np.int32),
            is_labelled=np.zeros(size, dtype=np.bool_),
        )


class CchSearch:
    """k-nearest search on a customised hierarchy; see the module for the method.

    Parameters
    ----------
    weight : int32[A]
        Of the hierarchy's arcs; None works them out when they are first needed.
    memories
        Shared with another search on the hierarchy.
    """

    def __init__(
        self,
        metric: Metric,
        hierarchy: Hierarchy,
        weight: IntArray | None = None,
        memories: WorkingMemories[_Scratch] | None = None,
    ) -> None:
        self.metric = metric
        self.hierarchy = hierarchy
        self._turns = Turns.of(metric)
        if weight is not None:
            vars(self)["weight"] = weight
        self._memories = memories or WorkingMemories(partial(_Scratch.of, len(hierarchy.rank)))

    @classmethod
    def of(cls, metric: Metric, hierarchy: Hierarchy, *, at_once: bool = True) -> Self:
        """Weigh the hierarchy of a metric's network, at once or when it is first asked.

        Raises
        ------
        NetworkError
            When it is the hierarchy of another network, as far as sizes tell.
        """
        network = metric.network
        sizes = len(hierarchy.rank), len(hierarchy.turn_arc)
        if sizes != (network.segment_count, network.turn_count):
            msg = (
                f"the hierarchy is of a network of {sizes[0]} segments and {sizes[1]} turns; "
                f"{network.name} has {network.segment_count} and {network.turn_count}"
            )
            raise NetworkError(msg)
        return cls(metric, hierarchy, arc_weights(hierarchy, Turns.of(metric)) if at_once else None)

    @cached_property
    def weight(self) -> IntArray:
        """Milliseconds of the hierarchy's arcs."""
        return arc_weights(self.hierarchy, self._turns)

    def matrix(self, starts: Sequence[Starts], ends: Sequence[Ends]) -> Iterator[IntArray]:
        """Total milliseconds from each of several starts to each of M ends, some rows at a time."""
        return cch_matrix(self.metric, self.hierarchy, self.weight, starts, ends)

    def repriced(self, metric: Metric, changed_turns: IntArray) -> Self:
        """The engine of another metric of the same network; this one is left as it is.

        Far quicker when few turns differ, as after a closure; the answers do not depend on that.

        Parameters
        ----------
        metric
        changed_turns : int32[N]
            Turns whose `entry_ms` is not the one in this engine's metric.
        """
        turns, weight = Turns.of(metric), None
        if len(changed_turns) <= FEW_TURNS:
            weight = changed_arc_weights(self.hierarchy, self.weight, turns, changed_turns)
        if weight is None:
            weight = arc_weights(self.hierarchy, turns)
        return type(self)(metric, self.hierarchy, weight, self._memories)

    def repriced_at_once(self, metric: Metric, changed_turns: IntArray) -> Self | None:
        """`repriced`, or None where that would take more than some milliseconds."""
        if len(changed_turns) > AT_ONCE_TURNS:
            return None
        weight = changed_arc_weights(
            self.hierarchy, self.weight, Turns.of(metric), changed_turns, most_arcs=AT_ONCE_ARCS
        )
        if weight is None:
            return None
        return type(self)(metric, self.hierarchy, weight, self._memories)

    def completed(self) -> Self:
        """The engine itself: it puts nothing off."""
        return self

    @property
    def nbytes(self) -> int:
        """Memory it holds besides its metric and hierarchy, working memories left out."""
        return self.weight.nbytes if "weight" in vars(self) else 0

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        limit = min(limit, len(starts.vehicle))
        if limit <= 0 or len(ends.segment) == 0:
            return []
        with self._memories.lent() as scratch:
            row, total_ms, path_first, path = _nearest(
                (self.hierarchy, self.weight, self._turns, self.metric.segment_ms),
                end_columns(self.metric, ends),
                start_columns(self.metric, starts),
                limit,
                scratch,
            )
        return arrivals(starts, ends, row, total_ms, path_first, path)


@njit(nogil=True, cache=True)
def _nearest(roads: Any, ends: Any, starts: Any, limit: int, scratch: Any) -> Any:
    """Rows and totals of the best vehicles, and their drives one after the other."""
    hierarchy, _, _, segment_ms = roads
    vehicle, start_segment, start_fraction, start_part_ms, delay_ms = starts
    end_segment, end_fraction, end_part_ms = ends
    best = np.empty(limit, dtype=np.int32), np.empty(limit, dtype=np.int64)
    direct_ms = np.full(len(vehicle), np.iinfo(np.int64).max)
    labelled = _label(roads, ends, scratch)
    found = touched = 0
    for row in range(len(vehicle)):
        segment = start_segment[row]
        for end in range(len(end_segment)):
            if end_segment[end] == segment and start_fraction[row] <= end_fraction[end]:
                direct_ms[row] = end_part_ms[end] - start_part_ms[row] + delay_ms[row]
                found = offer(row, direct_ms[row], vehicle, best, found)
        rank = hierarchy.rank[segment]
        touched = _work_out(roads, rank, touched, scratch)
        if scratch.to_end_ms[rank] < UNREACHED:
            rest_ms = segment_ms[segment] - start_part_ms[row] + delay_ms[row]
            found = offer(row, scratch.to_end_ms[rank] + rest_ms, vehicle, best, found)
    rows, total_ms = best[0][:found], best[1][:found]
    direct = direct_ms[rows] == total_ms
    path_first, path = _paths(roads, start_segment[rows], direct, end_segment, scratch)
    scratch.descent_ms[labelled] = UNREACHED
    scratch.to_end_ms[scratch.touched[:touched]] = _UNKNOWN
    return rows, total_ms, path_first, path


@njit(nogil=True, cache=True)
def _label(roads: Any, ends: Any, scratch: Any) -> Any:
    """Label all ranks from which descents alone lead to an end; return those and their ancestors.

    Every way into an end is one of its own, so that a drive may also begin behind the end on its
    own segment and come round to it.
    """
    hierarchy, weight, turns, segment_ms = roads
    end_segment, _, end_part_ms = ends
    count = 0
    for end in range(len(end_segment)):
        segment = end_segment[end]
        to_end_ms = end_part_ms[end] - segment_ms[segment]
        for turn in range(turns.first[segment], turns.first[segment + 1]):
            cost = turns.entry_ms[turn] + to_end_ms
            if turns.entry_ms[turn] == BLOCKED or cost >= UNREACHED:
                continue
            rank = hierarchy.rank[turns.come_from[turn]]
            if cost < scratch.descent_ms[rank]:
                scratch.descent_ms[rank] = cost
                scratch.next_down[rank] = _into_end(end)
            count = meet(hierarchy, rank, scratch.is_labelled, scratch.touched, count)
    labelled = np.sort(scratch.touched[:count])
    scratch.is_labelled[labelled] = False
    descents, label = hierarchy.descent_first, scratch.descent_ms
    rise(hierarchy, weight, descents, labelled, label, scratch.next_down)
    return labelled


@njit(nogil=True, cache=True)
def _work_out(roads: Any, rank: int, touched: int, scratch: Any) -> int:
    """Work out a rank's time to the ends, and before it that of every ancestor not known yet.

    Returns how many ranks of `touched` are known now.
    """
    hierarchy, weight, _, _ = roads
    known = touched
    while rank != NO_PARENT and scratch.to_end_ms[rank] == _UNKNOWN:
        scratch.touched[touched] = rank
        touched += 1
        rank = hierarchy.parent[rank]
    for place in range(touched - 1, known - 1, -1):
        rank = scratch.touched[place]
        fastest, over = np.int64(scratch.descent_ms[rank]), np.int64(NO_PARENT)
        for arc in range(hierarchy.climb_first[rank], hierarchy.climb_first[rank + 1]):
            higher = np.int64(hierarchy.higher[arc])
            cost = np.int64(weight[arc]) + scratch.to_end_ms[higher]
            if cost < fastest:
                fastest, over = cost, higher
        scratch.to_end_ms[rank], scratch.next_up[rank] = fastest, over
    return touched


@njit(nogil=True, cache=True)
def _into_end(end: int) -> int:
    """Marks the last step of a drive in `next_down`; its own inverse."""
    return -1 - end


@njit(nogil=True, cache=True)
def _paths(roads: Any, start_segment: Any, direct: Any, end_segment: Any, scratch: Any) -> Any:
    """Segments of each drive, one after the other, and where each begins."""
    hierarchy = roads[0]
    path_first = np.zeros(len(start_segment) + 1, dtype=np.int64)
    path, length = np.empty(256, dtype=np.int32), 0
    for drive in range(len(start_segment)):
        segment = start_segment[drive]
        path, length = _append(path, length, segment)
        if not direct[drive]:
            rank = hierarchy.rank[segment]
            while scratch.next_up[rank] != NO_PARENT:
                up = scratch.next_up[rank]
                path, length = _unpack(roads, rank, up, path, length)
                rank = up
            while scratch.next_down[rank] >= 0:
                down = scratch.next_down[rank]
                path, length = _unpack(roads, rank, down, path, length)
                rank = down
            path, length = _append(path, length, end_segment[_into_end(scratch.next_down[rank])])
        path_first[drive + 1] = length
    return path_first, path[:length]


@njit(nogil=True, cache=True)
def _unpack(roads: Any, come_from: Any, lead_into: Any, path: Any, length: int) -> Any:
    """Append all segments that an arc passes, but for the one it comes from."""
    hierarchy, weight, turns, _ = roads
    waiting: Any = [(np.int64(come_from), np.int64(lead_into))]
    while len(waiting) > 0:
        come_from, lead_into = waiting.pop()
        arc_ms = weight[arc_between(hierarchy, come_from, lead_into)]
        if turn_ms(hierarchy, turns, come_from, lead_into) == arc_ms:
            path, length = _append(path, length, hierarchy.segment[lead_into])
        else:
            _, over = fastest_over(hierarchy, weight, come_from, lead_into, arc_ms)
            waiting.append((over, lead_into))
            waiting.append((come_from, over))
    return path, length


@njit(nogil=True, cache=True)
def _append(path: Any, length: int, segment: int) -> Any:
    """A path with one segment more, in larger memory when it is full."""
    if length == len(path):
        path = np.concatenate((path, np.empty(length, dtype=np.int32)))
    path[length] = segment
    return path, length + 1
