"""Weighing the arcs of a hierarchy by a metric: everything, or only what a change reaches.

The weight of an arc is the fastest way between its ends over lower ranks only. It is the least
of its own turn and of every *lower triangle*: to a lower rank and on from there. Being a least,
it is one number however it is worked out, so a change gives what starting anew would give.
"""

import heapq
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit

from routing import reused_memory
from routing.engine import UNREACHED
from routing.hierarchy import NO_ARC, Hierarchy, arc_between
from routing.metric import BLOCKED, Metric
from routing.network import IntArray


class Turns(NamedTuple):
    """What compiled code reads of a metric with S segments and T turns.

    Attributes
    ----------
    first : int32[S + 1]
        Turns into segment `s` are `first[s]` to `first[s + 1]` (exclusive) below.
    come_from : int32[T]
        The segment from which the turn is made.
    entry_ms : int32[T]
        As in `Metric`.
    """

    first: IntArray
    come_from: IntArray
    entry_ms: IntArray

    @classmethod
    def of(cls, metric: Metric) -> Self:
        """The turns of a metric."""
        return cls(metric.network.turn_first, metric.network.turn_from, metric.entry_ms)


def arc_weights(hierarchy: Hierarchy, turns: Turns) -> IntArray:
    """Milliseconds over each arc of a hierarchy, or `UNREACHED`: int32[A]."""
    weight = np.empty(hierarchy.higher.shape, dtype=np.int32)
    _weigh_all(hierarchy, turns, weight)
    weight.setflags(write=False)
    return weight


def changed_arc_weights(
    hierarchy: Hierarchy,
    before: IntArray,
    turns: Turns,
    changed: IntArray,
    most_arcs: int = UNREACHED,
) -> IntArray | None:
    """Arc weights after some turns have changed, to the last bit what `arc_weights` gives.

    Parameters
    ----------
    hierarchy
    before : int32[A]
        Arc weights before the change; they are left as they are.
    turns
        After the change.
    changed : int32[N]
        Numbers of the turns that cost something else than before.
    most_arcs
        Give up, and return None, when more arcs than this must be weighed by all their triangles:
        it takes some microseconds each.
    """
    weight = reused_memory.copy_of(before)
    if not _change(hierarchy, before, weight, turns, changed, most_arcs):
        return None
    weight.setflags(write=False)
    return weight


@njit(nogil=True, cache=True)
def _weigh_all(hierarchy: Any, turns: Any, weight: Any) -> None:
    """Weigh the arcs of every rank by their lower triangles, from the lowest rank up."""
    weight[:] = UNREACHED
    for turn in range(len(turns.entry_ms)):
        arc, entry_ms = hierarchy.turn_arc[turn], turns.entry_ms[turn]
        if arc != NO_ARC and entry_ms != BLOCKED:
            weight[arc] = min(weight[arc], entry_ms)
    climb_first, descent_first = hierarchy.climb_first, hierarchy.descent_first
    climbs_to, descents_from = hierarchy.climbs_to_first, hierarchy.descents_from_first
    size = len(hierarchy.rank)
    arc_to = np.empty(size, dtype=np.int32)
    for rank in range(size):
        _weigh(hierarchy, rank, climb_first, descents_from, weight, arc_to)
        _weigh(hierarchy, rank, descent_first, climbs_to, weight, arc_to)


@njit(nogil=True, cache=True)
def _weigh(
    hierarchy: Any, rank: int, first: Any, below_first: Any, weight: Any, arc_to: Any
) -> None:
    """Lower one rank's arcs of one direction to the ways over each lower rank.

    `first` tells this direction's arcs by their lower end, `below_first` the other direction's by
    their higher end; `arc_to` is working memory.
    """
    higher = hierarchy.higher
    for arc in range(first[rank], first[rank + 1]):
        arc_to[higher[arc]] = arc
    for place in range(below_first[rank], below_first[rank + 1]):
        half = weight[hierarchy.arc_below[place]]
        if half == UNREACHED:
            continue
        over = hierarchy.lower[place]
        for arc in range(first[over + 1] - 1, first[over] - 1, -1):
            end = higher[arc]
            if end <= rank:
                break
            way, closing = half + weight[arc], arc_to[end]
            weight[closing] = min(weight[closing], way)


@njit(nogil=True, cache=True)
def _change(
    hierarchy: Any, before: Any, weight: Any, turns: Any, changed: Any, most_arcs: int
) -> bool:
    """Weigh again the arcs of changed turns, and every arc whose triangles that changes.

    False when more than so many arcs would have to be weighed by all their triangles.
    """
    waiting: Any = [np.int64(0) for _ in range(0)]  # typed, and empty
    is_waiting = np.zeros(len(hierarchy.rank), dtype=np.bool_)
    is_stale = np.zeros(len(weight), dtype=np.bool_)
    work = waiting, is_waiting, is_stale
    for turn in changed:
        arc, entry_ms = hierarchy.turn_arc[turn], turns.entry_ms[turn]
        if arc != NO_ARC:
            into = np.searchsorted(turns.first, turn, side="right") - 1
            rank = min(hierarchy.rank[turns.come_from[turn]], hierarchy.rank[into])
            now = UNREACHED if entry_ms == BLOCKED else entry_ms
            _mark(arc, rank, now, before, weight, work)
    weighed = 0
    while len(waiting) > 0:
        rank = heapq.heappop(waiting)
        weighed += _weigh_again(hierarchy, turns, before, weight, rank, is_stale)
        if weighed > most_arcs:
            return False
        _pass_on(hierarchy, before, weight, rank, work)
    return True


@njit(nogil=True, cache=True)
def _mark(arc: int, rank: int, now: int, before: Any, weight: Any, work: Any) -> None:
    """Take note of a way over an arc, whose lower end is `rank`, that takes other time than before.

    If it is faster than all ways were, the arc takes what the fastest such way takes; if not, the
    arc, which may have been that fast because of this way alone, is stale.
    """
    waiting, is_waiting, is_stale = work
    weight[arc] = min(weight[arc], now)
    is_stale[arc] = is_stale[arc] or now > before[arc]
    if not is_waiting[rank]:
        is_waiting[rank] = True
        heapq.heappush(waiting, np.int64(rank))


@njit(nogil=True, cache=True)
def _weigh_again(
    hierarchy: Any, turns: Any, before: Any, weight: Any, rank: int, is_stale: Any
) -> int:
    """Weigh the stale arcs whose lower end is `rank`, and are not faster anyway; how many."""
    weighed = 0
    for arc in range(hierarchy.climb_first[rank], hierarchy.climb_first[rank + 1]):
        if is_stale[arc] and weight[arc] == before[arc]:
            weight[arc] = _least(hierarchy, turns, weight, rank, hierarchy.higher[arc])
            weighed += 1
    for arc in range(hierarchy.descent_first[rank], hierarchy.descent_first[rank + 1]):
        if is_stale[arc] and weight[arc] == before[arc]:
            weight[arc] = _least(hierarchy, turns, weight, hierarchy.higher[arc], rank)
            weighed += 1
    return weighed


@njit(nogil=True, cache=True)
def _pass_on(hierarchy: Any, before: Any, weight: Any, rank: int, work: Any) -> None:
    """Mark every arc above a rank whose triangle over it has changed, if that may matter."""
    for up in range(hierarchy.climb_first[rank], hierarchy.climb_first[rank + 1]):
        same_up = weight[up] == before[up]
        for down in range(hierarchy.descent_first[rank], hierarchy.descent_first[rank + 1]):
            if same_up and weight[down] == before[down]:
                continue
            was, now = before[down] + before[up], weight[down] + weight[up]
            come_from, lead_into = hierarchy.higher[down], hierarchy.higher[up]
            if was == now or min(was, now) >= UNREACHED or come_from == lead_into:
                continue
            closing = arc_between(hierarchy, come_from, lead_into)
            if was == before[closing] or now < weight[closing]:
                _mark(closing, min(come_from, lead_into), now, before, weight, work)


@njit(nogil=True, cache=True)
def turn_ms(hierarchy: Any, turns: Any, come_from: int, lead_into: int) -> Any:
    """Milliseconds of the turn from one rank to another, or `UNREACHED`."""
    segment, into = hierarchy.segment[come_from], hierarchy.segment[lead_into]
    for turn in range(turns.first[into], turns.first[into + 1]):
        if turns.come_from[turn] == segment and turns.entry_ms[turn] != BLOCKED:
            return turns.entry_ms[turn]
    return np.int32(UNREACHED)


@njit(nogil=True, cache=True)
def fastest_over(hierarchy: Any, weight: Any, come_from: int, lead_into: int, enough: int) -> Any:
    """Milliseconds of the fastest way over one rank lower than both, and that rank.

    `UNREACHED` when there is none; the first of `enough` or less will do.
    """
    arc_below, lower = hierarchy.arc_below, hierarchy.lower
    down, up = hierarchy.descents_from_first[come_from], hierarchy.climbs_to_first[lead_into]
    last_down = hierarchy.descents_from_first[come_from + 1]
    last_up = hierarchy.climbs_to_first[lead_into + 1]
    least, best = np.int64(UNREACHED), np.int64(-1)
    while down < last_down and up < last_up:
        if lower[down] < lower[up]:
            down += 1
        elif lower[up] < lower[down]:
            up += 1
        else:
            way = np.int64(weight[arc_below[down]]) + weight[arc_below[up]]
            if way < least:
                least, best = way, np.int64(lower[down])
                if least <= enough:
                    break
            down += 1
            up += 1
    return least, best


@njit(nogil=True, cache=True)
def _least(hierarchy: Any, turns: Any, weight: Any, come_from: int, lead_into: int) -> Any:
    """The weight of an arc: that of its turn, or of the fastest way over a lower rank."""
    over, _ = fastest_over(hierarchy, weight, come_from, lead_into, 0)
    return min(over, turn_ms(hierarchy, turns, come_from, lead_into))
