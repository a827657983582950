"""The default engine: a search backwards from the call that stops as early as it may.

Dial's bucket queue (Dial 1969, Algorithm 360, CACM 12:632) over segments: the label of a segment
is the time from its *end* to that place. Because no segment costs less than one bucket, a
segment taken from the lowest bucket is final. The search ends where no vehicle left could beat
the worst of the best `limit` found, and queues nothing beyond.

Labels are 32 bits: a drive of `UNREACHED` or more counts as none.
"""

from collections.abc import Iterator, Sequence
from copy import copy
from functools import partial
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing import reused_memory
from routing.best_vehicles import offer
from routing.engine import UNREACHED, Arrival, Ends, Starts
from routing.matrix import matrix_by_reach
from routing.metric import BLOCKED, MIN_SEGMENT_MS, Metric
from routing.network import IntArray, RoadNetwork
from routing.reach import ReachSearch
from routing.search_columns import arrivals, end_columns, start_columns
from routing.working_memory import WorkingMemories

BUCKET_MS = MIN_SEGMENT_MS

_NONE = -1


class _Weights(NamedTuple):
    """What the search reads of a metric: its open turns only, packed for one look each.

    Attributes
    ----------
    first : int32[S + 1]
        Ways into segment `s` are `first[s]` to `first[s + 1]` (exclusive) below.
    way : int32[N, 2]
        The segment come from, and milliseconds from its end to the end of `s`.
    segment_ms : int32[S]
    """

    first: IntArray
    way: IntArray
    segment_ms: IntArray

    @classmethod
    def of(cls, metric: Metric) -> Self:
        """The weights of a metric."""
        network = metric.network
        nothing = np.zeros(len(network.turn_first), np.int32), np.empty((0, 2), np.int32)
        everything = np.arange(network.segment_count, dtype=np.int32)
        first, way = _packed(nothing, metric, everything)
        return cls(first, way.copy(), metric.segment_ms)

    def repriced(self, metric: Metric, segments: IntArray) -> Self:
        """The weights of another metric, in which only ways into some segments are others."""
        return type(self)(*_packed((self.first, self.way), metric, segments), metric.segment_ms)


def _packed(
    before: tuple[IntArray, IntArray], metric: Metric, segments: IntArray
) -> tuple[IntArray, IntArray]:
    """The first two columns of `_Weights`, from those before and the segments with other ways."""
    network = metric.network
    first = reused_memory.empty(before[0].shape, np.int32)
    way = reused_memory.empty((network.turn_count, 2), np.int32)
    turns = network.turn_first, network.turn_from, metric.entry_ms
    return first, way[: _pack(before, turns, segments, first, way)]


@njit(nogil=True, cache=True)
def _pack(before: Any, turns: Any, segments: Any, first: Any, way: Any) -> int:
    """Copy ways, those into some segments (in ascending order) from the turns; returns how many."""
    first_before, way_before = before
    turn_first, turn_from, entry_ms = turns
    first[0] = size = copied = 0
    for i in range(len(segments) + 1):
        segment = segments[i] if i < len(segments) else len(first) - 1
        begin, end = first_before[copied], first_before[segment]
        way[size : size + end - begin] = way_before[begin:end]
        for same in range(copied, segment):
            first[same + 1] = first_before[same + 1] + size - begin
        size += end - begin
        if i == len(segments):
            break
        for turn in range(turn_first[segment], turn_first[segment + 1]):
            if entry_ms[turn] != BLOCKED:
                way[size, 0], way[size, 1] = turn_from[turn], entry_ms[turn]
                size += 1
        copied = segment + 1
        first[copied] = size
    return size


def _buckets(dearest_ms: int) -> int:
    """How many buckets the wheel needs, so that no way leads round it: a power of two."""
    return 1 << (dearest_ms // BUCKET_MS + 1).bit_length()


_QUEUED, _WAITING = 0, 1


class _Scratch(NamedTuple):
    """Working memory of one search at a time; every search leaves it as it found it.

    Attributes
    ----------
    label : int32[S]
        Milliseconds from the end of each segment to the nearest end, or `UNREACHED`.
    onward : int32[S]
        The segment driven next, or `_into_end` of the last.
    first_row : int32[S]
        The first start on each segment; the search's own `next_row` chains the others.
    bucket : int32[B]
        The entry queued last in each bucket of the wheel; B is a power of two.
    entry : int32[E, 3]
        Per entry: segment, the label it was queued with, the entry queued before it.
    tally : int64[2]
        How many entries were ever queued, and how many are still waiting.
    """

    label: IntArray
    onward: IntArray
    first_row: IntArray
    bucket: IntArray
    entry: IntArray
    tally: NDArray[np.int64]

    @classmethod
    def of(cls, network: RoadNetwork, buckets: int) -> Self:
        segments = network.segment_count
        entries = 2 * network.turn_count  # every way queues one, and one more if it leads to an end
        return cls(
            label=np.full(segments, UNREACHED, dtype=np.int32),
            onward=np.full(segments, _NONE, dtype=np.int32),
            first_row=np.full(segments, _NONE, dtype=np.int32),
            bucket=np.full(buckets, _NONE, dtype=np.int32),
            entry=np.empty((entries, 3), dtype=np.int32),
            tally=np.zeros(2, dtype=np.int64),
        )


class BucketSearch:
    """Early-stopping k-nearest search; see the module for the method."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        self._weights = _Weights.of(metric)
        self._buckets = _buckets(int(self._weights.way[:, 1].max(initial=MIN_SEGMENT_MS)))
        self._memories = self._working_memories()

    def matrix(self, starts: Sequence[Starts], ends: Sequence[Ends]) -> Iterator[IntArray]:
        """Total milliseconds from each of several starts to each of M ends, a row at a time."""
        return matrix_by_reach(ReachSearch(self.metric), starts, ends)

    def repriced(self, metric: Metric, changed_turns: IntArray) -> Self:
        """The engine of another metric, in working memory that both share."""
        into = np.searchsorted(metric.network.turn_first, changed_turns, side="right") - 1
        dearest_ms = int(metric.entry_ms[changed_turns].max(initial=MIN_SEGMENT_MS))
        engine = copy(self)
        engine.metric = metric
        engine._weights = self._weights.repriced(metric, np.unique(into).astype(np.int32))  # noqa: SLF001 - the same class
        engine._buckets = max(self._buckets, _buckets(dearest_ms))  # noqa: SLF001
        if engine._buckets > self._buckets:  # noqa: SLF001
            engine._memories = engine._working_memories()  # noqa: SLF001
        return engine

    def completed(self) -> Self:
        """The engine itself: it puts nothing off."""
        return self

    @property
    def nbytes(self) -> int:
        """Memory it holds besides its metric, working memories left out."""
        columns = self._weights.first, self._weights.way
        return sum((one if one.base is None else one.base).nbytes for one in columns)

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        rows = len(starts.vehicle)
        if 2 * limit >= rows:  # a search for more vehicles than there are would not stop early
            limit = min(limit, len(np.unique(starts.vehicle)))
        if limit <= 0 or rows == 0 or len(ends.segment) == 0:
            return []
        with self._memories.lent() as scratch:
            row, total_ms, path_first, path = _nearest(
                self._weights,
                end_columns(self.metric, ends),
                start_columns(self.metric, starts),
                limit,
                scratch,
            )
        return arrivals(starts, ends, row, total_ms, path_first, path)

    def _working_memories(self) -> WorkingMemories[_Scratch]:
        return WorkingMemories(partial(_Scratch.of, self.metric.network, self._buckets))


@njit(nogil=True, cache=True)
def _nearest(weights: Any, ends: Any, starts: Any, limit: int, scratch: Any) -> Any:
    """Rows and totals of the best vehicles, and their drives one after the other."""
    vehicle, start_segment, _, start_part_ms, delay_ms = starts
    best = np.empty(limit, dtype=np.int32), np.empty(limit, dtype=np.int64)
    next_row = np.empty(len(vehicle), dtype=np.int32)
    rest_ms = np.empty(len(vehicle), dtype=np.int64)
    for row in range(len(vehicle)):
        segment = start_segment[row]
        next_row[row], scratch.first_row[segment] = scratch.first_row[segment], row
        rest_ms[row] = weights.segment_ms[segment] - start_part_ms[row] + delay_ms[row]

    direct_ms, found = _seed(weights, ends, starts, next_row, best, scratch)
    found = _spread(weights, vehicle, next_row, rest_ms, best, found, scratch)

    rows, total_ms = best[0][:found], best[1][:found]
    direct = direct_ms[rows] == total_ms
    path_first, path = _paths(rows, direct, start_segment, scratch.onward)
    _clear(start_segment, scratch)
    return rows, total_ms, path_first, path


@njit(nogil=True, cache=True)
def _seed(weights: Any, ends: Any, starts: Any, next_row: Any, best: Any, scratch: Any) -> Any:
    """Queue every way into the ends; vehicles on a segment of theirs and before it drive on."""
    vehicle, _, start_fraction, start_part_ms, delay_ms = starts
    end_segment, end_fraction, end_part_ms = ends
    direct_ms = np.full(len(vehicle), np.iinfo(np.int64).max)
    found = 0
    for i in range(len(end_segment)):
        segment = end_segment[i]
        row = scratch.first_row[segment]
        while row != _NONE:
            if start_fraction[row] <= end_fraction[i]:
                total = delay_ms[row] + end_part_ms[i] - start_part_ms[row]
                direct_ms[row] = total
                found = offer(row, total, vehicle, best, found)
            row = next_row[row]
        to_end_ms = end_part_ms[i] - weights.segment_ms[segment]
        for way in range(weights.first[segment], weights.first[segment + 1]):
            cost = weights.way[way, 1] + to_end_ms
            _reach(weights.way[way, 0], cost, _into_end(segment), scratch)
    return direct_ms, found


@njit(nogil=True, cache=True)
def _spread(
    weights: Any,
    vehicle: Any,
    next_row: Any,
    rest_ms: Any,
    best: Any,
    found: int,
    scratch: Any,
) -> int:
    """Settle segments in order of their label until the best vehicles are known."""
    least_rest_ms = rest_ms.min()
    horizon_ms = _horizon(best, found, least_rest_ms)
    turn_of_wheel = 0
    while scratch.tally[_WAITING] > 0 and turn_of_wheel * BUCKET_MS <= horizon_ms:
        slot = turn_of_wheel & (len(scratch.bucket) - 1)
        turn_of_wheel += 1
        entry = scratch.bucket[slot]
        scratch.bucket[slot] = _NONE
        while entry != _NONE:
            this, segment, label = entry, scratch.entry[entry, 0], scratch.entry[entry, 1]
            entry = scratch.entry[entry, 2]
            if label // BUCKET_MS >= turn_of_wheel:  # an end so late that the wheel turns first
                scratch.entry[this, 2], scratch.bucket[slot] = scratch.bucket[slot], this
                continue
            scratch.tally[_WAITING] -= 1
            if label != scratch.label[segment]:
                continue  # reached faster since, and settled then
            row = scratch.first_row[segment]
            while row != _NONE:
                found = offer(row, label + rest_ms[row], vehicle, best, found)
                horizon_ms = _horizon(best, found, least_rest_ms)
                row = next_row[row]
            for way in range(weights.first[segment], weights.first[segment + 1]):
                cost = label + weights.way[way, 1]
                if cost <= horizon_ms:
                    _reach(weights.way[way, 0], cost, segment, scratch)
    return found


@njit(nogil=True, cache=True)
def _horizon(best: Any, found: int, least_rest_ms: int) -> Any:
    """The label beyond which no start can beat or tie with the worst of the best."""
    limit = len(best[0])
    return best[1][limit - 1] - least_rest_ms if found == limit else np.int64(UNREACHED)


@njit(nogil=True, cache=True)
def _reach(segment: int, cost: int, onward: int, scratch: Any) -> None:
    """Lower the label of a segment if this is the fastest way from its end so far."""
    known = scratch.label[segment]
    if cost >= known:
        return
    scratch.label[segment] = cost
    scratch.onward[segment] = onward
    slot = (cost // BUCKET_MS) & (len(scratch.bucket) - 1)
    entry = scratch.tally[_QUEUED]
    scratch.entry[entry, 0], scratch.entry[entry, 1], scratch.entry[entry, 2] = (
        segment,
        cost,
        scratch.bucket[slot],
    )
    scratch.bucket[slot] = entry
    scratch.tally[_QUEUED] += 1
    scratch.tally[_WAITING] += 1


@njit(nogil=True, cache=True)
def _into_end(segment: int) -> int:
    """Marks the last segment of a drive in `onward`; its own inverse."""
    return -2 - segment


@njit(nogil=True, cache=True)
def _paths(rows: Any, direct: Any, start_segment: Any, onward: Any) -> Any:
    """Segments of each drive, one after the other, and where each begins."""
    path_first = np.zeros(len(rows) + 1, dtype=np.int64)
    for i in range(len(rows)):
        segment, length = start_segment[rows[i]], 1
        if not direct[i]:
            length = 2
            while onward[segment] >= 0:
                segment = onward[segment]
                length += 1
        path_first[i + 1] = path_first[i] + length
    path = np.empty(path_first[-1], dtype=np.int32)
    for i in range(len(rows)):
        segment, place = start_segment[rows[i]], path_first[i]
        path[place] = segment
        if not direct[i]:
            while onward[segment] >= 0:
                segment = onward[segment]
                place += 1
                path[place] = segment
            path[place + 1] = _into_end(onward[segment])
    return path_first, path


@njit(nogil=True, cache=True)
def _clear(start_segment: Any, scratch: Any) -> None:
    """Undo all that a search has written."""
    for entry in range(scratch.tally[_QUEUED]):
        segment = scratch.entry[entry, 0]
        scratch.label[segment] = UNREACHED
        scratch.onward[segment] = _NONE
    for row in range(len(start_segment)):
        scratch.first_row[start_segment[row]] = _NONE
    if scratch.tally[_WAITING] > 0:
        scratch.bucket[:] = _NONE
    scratch.tally[:] = 0
