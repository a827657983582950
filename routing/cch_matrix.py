"""Many places to many others on a customised hierarchy, sixteen rows at a time.

The ranks that lead down to any of the ends are chosen once, with the descents between them. Every
start of a block climbs on its own; then one sweep over the chosen ranks, from the highest down,
tells how soon each start of the block is at each of them: sixteen numbers side by side, which a
processor lowers together (RPHAST: Delling, Goldberg and Werneck 2011, "Faster Batched Shortest
Paths in Road Networks").
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit

from routing.climbing import meet, rise
from routing.customisation import Turns
from routing.engine import UNREACHED, Ends, Starts, joined
from routing.hierarchy import Hierarchy
from routing.matrix import NO_WAY
from routing.metric import BLOCKED, Metric
from routing.network import FloatArray, IntArray, LongArray
from routing.search_columns import end_columns, start_columns

ROWS_AT_ONCE = 16
"""Starts that are swept together: 32-bit numbers in two vector registers."""

_UNCHOSEN = -1


class _Ways(NamedTuple):
    """Every way into every end: W of them, and the E rows of all ends one after the other.

    Attributes
    ----------
    rank : int32[W]
        Rank of the segment that the way comes from.
    cost_ms : int64[W]
        From the end of that segment until all is over.
    column : int32[W]
        The column whose end it leads into, in ascending order.
    end_segment : int32[E]
        In ascending order.
    end_fraction, end_part_ms, end_column
        Of each such row: how far along, milliseconds from the segment's start until all is over,
        and the column.
    """

    rank: IntArray
    cost_ms: LongArray
    column: IntArray
    end_segment: IntArray
    end_fraction: FloatArray
    end_part_ms: LongArray
    end_column: IntArray

    @classmethod
    def of(cls, metric: Metric, hierarchy: Hierarchy, ends: Sequence[Ends]) -> Self:
        column = _numbered(ends)
        segment, fraction, part_ms = end_columns(metric, joined(ends))
        to_end_ms = part_ms - metric.segment_ms[segment]
        rank, cost_ms, way_column = _ways(hierarchy, Turns.of(metric), segment, to_end_ms, column)
        order = np.argsort(segment, kind="stable")
        return cls(
            rank=rank,
            cost_ms=cost_ms,
            column=way_column,
            end_segment=segment[order],
            end_fraction=fraction[order],
            end_part_ms=part_ms[order],
            end_column=column[order],
        )


class _Chosen(NamedTuple):
    """The N ranks that lead down to any end, highest first, and the open descents between them.

    Attributes
    ----------
    place : int32[S]
        Where each rank stands among the chosen, or `_UNCHOSEN`.
    first : int32[N + 1]
        Descents to chosen `n` are `first[n]` to `first[n + 1]` (exclusive) below.
    come_from : int32[D]
        Which of the chosen each comes from.
    weight : int32[D]
    """

    place: IntArray
    first: IntArray
    come_from: IntArray
    weight: IntArray


def cch_matrix(
    metric: Metric,
    hierarchy: Hierarchy,
    weight: IntArray,
    starts: Sequence[Starts],
    ends: Sequence[Ends],
) -> Iterator[IntArray]:
    """Total milliseconds from each of several starts to each of M ends.

    Parameters
    ----------
    metric
    hierarchy, weight
        Of the metric's network, weighed by the metric.
    starts, ends
        One for each row, and for each column.

    Yields
    ------
    int32[R, M]
        The next R rows, at most `ROWS_AT_ONCE`; `NO_WAY` where there is none, or none of less than
        `UNREACHED` with its delays.
    """
    roads = hierarchy, weight, metric.segment_ms
    ways = _Ways.of(metric, hierarchy, ends)
    chosen = _Chosen(*_choose(hierarchy, weight, ways.rank))
    for begin in range(0, len(starts), ROWS_AT_ONCE):
        block = starts[begin : begin + ROWS_AT_ONCE]
        _, *columns = start_columns(metric, joined(block))
        row = _numbered(block)
        yield _block(roads, ways, chosen, (row, *columns), (len(block), len(ends)))


def _numbered(places: Sequence[Starts | Ends]) -> IntArray:
    """For every row of several tables one after the other, the number of its table."""
    sizes = [len(one.segment) for one in places]
    return np.repeat(np.arange(len(places), dtype=np.int32), sizes)


@njit(nogil=True, cache=True)
def _ways(hierarchy: Any, turns: Any, segment: Any, to_end_ms: Any, column: Any) -> Any:
    """The first three columns of `_Ways`."""
    size = 0
    for one in segment:
        size += turns.first[one + 1] - turns.first[one]
    rank, cost_ms = np.empty(size, dtype=np.int32), np.empty(size, dtype=np.int64)
    way_column = np.empty(size, dtype=np.int32)
    way = 0
    for end in range(len(segment)):
        for turn in range(turns.first[segment[end]], turns.first[segment[end] + 1]):
            if turns.entry_ms[turn] != BLOCKED:
                rank[way] = hierarchy.rank[turns.come_from[turn]]
                cost_ms[way] = turns.entry_ms[turn] + to_end_ms[end]
                way_column[way] = column[end]
                way += 1
    return rank[:way], cost_ms[:way], way_column[:way]


@njit(nogil=True, cache=True)
def _choose(hierarchy: Any, weight: Any, ranks: Any) -> Any:
    """The columns of `_Chosen`."""
    size = len(hierarchy.rank)
    is_met, met = np.zeros(size, dtype=np.bool_), np.empty(size, dtype=np.int32)
    count = descents = 0
    for rank in ranks:
        count = meet(hierarchy, rank, is_met, met, count)
    chosen = np.sort(met[:count])[::-1]
    place = np.full(size, np.int32(_UNCHOSEN))
    for i in range(count):
        place[chosen[i]] = i
        descents += hierarchy.descent_first[chosen[i] + 1] - hierarchy.descent_first[chosen[i]]
    first = np.zeros(count + 1, dtype=np.int32)
    come_from, open_weight = np.empty(descents, np.int32), np.empty(descents, np.int32)
    kept = 0
    for i in range(count):
        rank = chosen[i]
        for arc in range(hierarchy.descent_first[rank], hierarchy.descent_first[rank + 1]):
            if weight[arc] != UNREACHED:
                come_from[kept] = place[hierarchy.higher[arc]]
                open_weight[kept] = weight[arc]
                kept += 1
        first[i + 1] = kept
    return place, first, come_from[:kept], open_weight[:kept]


@njit(nogil=True, cache=True)
def _block(roads: Any, ways: Any, chosen: Any, starts: Any, shape: Any) -> Any:
    """Some rows of a matrix."""
    rows, _ = shape
    reached = np.full((len(chosen.first) - 1, ROWS_AT_ONCE), np.int32(UNREACHED))
    _climb(roads, chosen.place, starts, reached)
    _sweep(chosen, reached)
    total = np.full(shape, np.int64(UNREACHED))
    for way in range(len(ways.rank)):
        place, column = chosen.place[ways.rank[way]], ways.column[way]
        for row in range(rows):
            if reached[place, row] != UNREACHED:
                cost = reached[place, row] + ways.cost_ms[way]
                total[row, column] = min(total[row, column], cost)
    _straight_on(ways, starts, total)
    return np.where(total < UNREACHED, total, NO_WAY).astype(np.int32)


@njit(nogil=True, cache=True)
def _climb(roads: Any, place: Any, starts: Any, reached: Any) -> None:
    """Label the chosen ranks by how soon climbs alone lead from each start to them."""
    hierarchy, weight, segment_ms = roads
    row, segment, _, part_ms, delay_ms = starts
    size = len(hierarchy.rank)
    label = np.full(size, np.int32(UNREACHED))
    before = np.empty(size, dtype=np.int32)
    is_met, met = np.zeros(size, dtype=np.bool_), np.empty(size, dtype=np.int32)
    i = 0
    while i < len(row):
        this, count = row[i], 0
        while i < len(row) and row[i] == this:
            rank = hierarchy.rank[segment[i]]
            rest_ms = segment_ms[segment[i]] - part_ms[i] + delay_ms[i]
            label[rank] = min(label[rank], rest_ms)
            count = meet(hierarchy, rank, is_met, met, count)
            i += 1
        ranks = np.sort(met[:count])
        rise(hierarchy, weight, hierarchy.climb_first, ranks, label, before)
        for rank in ranks:
            if place[rank] != _UNCHOSEN:
                reached[place[rank], this] = label[rank]
            label[rank], is_met[rank] = UNREACHED, False


@njit(nogil=True, cache=True)
def _sweep(chosen: Any, reached: Any) -> None:
    """Lower every label to the way over each descent, from the highest rank down."""
    for place in range(len(chosen.first) - 1):
        for arc in range(chosen.first[place], chosen.first[place + 1]):
            weight, above = chosen.weight[arc], chosen.come_from[arc]
            for row in range(ROWS_AT_ONCE):
                # Open weights and labels are at most 2**30: their sum fits.
                way = np.int32(weight + reached[above, row])
                reached[place, row] = min(reached[place, row], way)


@njit(nogil=True, cache=True)
def _straight_on(ways: Any, starts: Any, total: Any) -> None:
    """Lower the totals of starts on an end's segment and before it."""
    row, segment, fraction, part_ms, delay_ms = starts
    for i in range(len(row)):
        first = np.searchsorted(ways.end_segment, segment[i], side="left")
        last = np.searchsorted(ways.end_segment, segment[i], side="right")
        for end in range(first, last):
            if fraction[i] <= ways.end_fraction[end]:
                cost = delay_ms[i] + ways.end_part_ms[end] - part_ms[i]
                to = row[i], ways.end_column[end]
                total[to] = min(total[to], cost)
