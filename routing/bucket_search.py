"""The default engine: a search backwards from the call that stops as early as it may.

Dial's bucket queue (Dial 1969, Algorithm 360, CACM 12:632) over segments: the label of a segment
is the time from its *end* to the target. Because no segment costs less than one bucket, a
segment taken from the lowest bucket is final. The search ends when no vehicle left could beat
the worst of the best `limit` found.
"""

import threading
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.engine import Arrival, Starts
from routing.metric import MIN_SEGMENT_MS, Metric
from routing.network import IntArray
from routing.snapping import Snap

BUCKET_MS = MIN_SEGMENT_MS

_NONE = -1
_UNREACHED = np.iinfo(np.int32).max


class _Weights(NamedTuple):
    """The arrays of a metric that the search reads."""

    turn_first: IntArray
    turn_from: IntArray
    segment_ms: IntArray
    entry_ms: IntArray


class _Scratch(NamedTuple):
    """Working memory of one search at a time; every search leaves it as it found it.

    `onward` is the segment driven next, or `_into_target` of the target's segment; `first_row`
    and the search's own `next_row` chain the starts on a segment; `bucket` and `entry_next`
    chain the queue's entries; `tally` holds the numbers of touched segments, of entries ever
    queued and of entries still waiting.
    """

    label: IntArray
    onward: IntArray
    settled: NDArray[np.bool_]
    first_row: IntArray
    bucket: IntArray
    entry_segment: IntArray
    entry_next: IntArray
    touched: IntArray
    tally: NDArray[np.int64]


_TOUCHED, _QUEUED, _WAITING = 0, 1, 2


def _scratch_for(metric: Metric) -> _Scratch:
    segments = len(metric.segment_ms)
    dearest_ms = int(max(metric.segment_ms.max(), metric.entry_ms.max(initial=0)))
    # Every turn queues at most one entry, those into the target's two segments one more.
    entries = len(metric.entry_ms) + 2 * int(np.diff(metric.network.turn_first).max())
    return _Scratch(
        label=np.full(segments, _UNREACHED, dtype=np.int32),
        onward=np.full(segments, _NONE, dtype=np.int32),
        settled=np.zeros(segments, dtype=np.bool_),
        first_row=np.full(segments, _NONE, dtype=np.int32),
        bucket=np.full(dearest_ms // BUCKET_MS + 2, _NONE, dtype=np.int32),
        entry_segment=np.empty(entries, dtype=np.int32),
        entry_next=np.empty(entries, dtype=np.int32),
        touched=np.empty(segments, dtype=np.int32),
        tally=np.zeros(3, dtype=np.int64),
    )


class BucketSearch:
    """Early-stopping k-nearest search; see the module for the method."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        network = metric.network
        self._weights = _Weights(
            network.turn_first, network.turn_from, metric.segment_ms, metric.entry_ms
        )
        self._own = threading.local()

    def nearest(self, target: Snap, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        limit = min(limit, len(np.unique(starts.vehicle)))
        if limit <= 0:
            return []
        target_segment = np.asarray(target.segments, dtype=np.int32)
        target_fraction = np.asarray(target.fractions, dtype=np.float64)
        row, total_ms, path_first, path = _nearest(
            self._weights,
            (target_segment, target_fraction, self.metric.part_ms(target_segment, target_fraction)),
            (
                starts.vehicle,
                starts.segment,
                starts.fraction,
                self.metric.part_ms(starts.segment, starts.fraction),
                starts.delay_ms,
            ),
            limit,
            self._scratch(),
        )
        end_fraction = dict(zip(target.segments, target.fractions, strict=True))
        return [
            Arrival(
                vehicle=int(starts.vehicle[r]),
                total_ms=int(total),
                drive_ms=int(total - starts.delay_ms[r]),
                segments=path[first:last],
                start_fraction=float(starts.fraction[r]),
                end_fraction=end_fraction[int(path[last - 1])],
            )
            for r, total, first, last in zip(
                row, total_ms, path_first[:-1], path_first[1:], strict=True
            )
        ]

    def _scratch(self) -> _Scratch:
        if not hasattr(self._own, "scratch"):
            self._own.scratch = _scratch_for(self.metric)
        scratch: _Scratch = self._own.scratch
        return scratch


@njit(nogil=True, cache=True)
def _nearest(weights: Any, target: Any, starts: Any, limit: int, scratch: Any) -> Any:
    """Rows and totals of the best vehicles, and their drives one after the other."""
    vehicle, start_segment, _, start_part_ms, delay_ms = starts
    best = np.empty(limit, dtype=np.int32), np.empty(limit, dtype=np.int64)
    next_row = np.empty(len(vehicle), dtype=np.int32)
    rest_ms = np.empty(len(vehicle), dtype=np.int64)
    for row in range(len(vehicle)):
        segment = start_segment[row]
        next_row[row], scratch.first_row[segment] = scratch.first_row[segment], row
        rest_ms[row] = weights.segment_ms[segment] - start_part_ms[row] + delay_ms[row]

    direct, found = _seed(weights, target, starts, next_row, best, scratch)
    found = _spread(weights, vehicle, direct, next_row, rest_ms, best, found, scratch)

    rows = best[0][:found]
    path_first, path = _paths(rows, direct, start_segment, scratch.onward)
    _clear(start_segment, scratch)
    return rows, best[1][:found], path_first, path


@njit(nogil=True, cache=True)
def _seed(weights: Any, target: Any, starts: Any, next_row: Any, best: Any, scratch: Any) -> Any:
    """Queue every way into the target; vehicles on its segment and before it drive straight on."""
    vehicle, _, start_fraction, start_part_ms, delay_ms = starts
    target_segment, target_fraction, target_part_ms = target
    direct = np.zeros(len(vehicle), dtype=np.bool_)
    found = 0
    for i in range(len(target_segment)):
        segment = target_segment[i]
        row = scratch.first_row[segment]
        while row != _NONE:
            if start_fraction[row] <= target_fraction[i]:
                direct[row] = True
                total = delay_ms[row] + target_part_ms[i] - start_part_ms[row]
                found = _offer(row, total, vehicle, best, found)
            row = next_row[row]
        for turn in range(weights.turn_first[segment], weights.turn_first[segment + 1]):
            if weights.entry_ms[turn] >= 0:
                turn_ms = weights.entry_ms[turn] - weights.segment_ms[segment]
                cost = turn_ms + target_part_ms[i]
                _reach(weights.turn_from[turn], cost, _into_target(segment), scratch)
    return direct, found


@njit(nogil=True, cache=True)
def _spread(
    weights: Any,
    vehicle: Any,
    direct: Any,
    next_row: Any,
    rest_ms: Any,
    best: Any,
    found: int,
    scratch: Any,
) -> int:
    """Settle segments in order of their label until the best vehicles are known."""
    limit = len(best[0])
    least_rest_ms = rest_ms.min()
    turn_of_wheel = 0
    while scratch.tally[_WAITING] > 0:
        if found == limit and turn_of_wheel * BUCKET_MS + least_rest_ms > best[1][limit - 1]:
            break
        slot = turn_of_wheel % len(scratch.bucket)
        turn_of_wheel += 1
        entry = scratch.bucket[slot]
        scratch.bucket[slot] = _NONE
        while entry != _NONE:
            segment = scratch.entry_segment[entry]
            entry = scratch.entry_next[entry]
            scratch.tally[_WAITING] -= 1
            if scratch.settled[segment]:
                continue
            scratch.settled[segment] = True
            label = np.int64(scratch.label[segment])
            row = scratch.first_row[segment]
            while row != _NONE:
                if not direct[row]:
                    found = _offer(row, label + rest_ms[row], vehicle, best, found)
                row = next_row[row]
            for turn in range(weights.turn_first[segment], weights.turn_first[segment + 1]):
                if weights.entry_ms[turn] >= 0:
                    before = weights.turn_from[turn]
                    _reach(before, label + weights.entry_ms[turn], segment, scratch)
    return found


@njit(nogil=True, cache=True)
def _reach(segment: int, cost: int, onward: int, scratch: Any) -> None:
    """Lower the label of a segment if this is the fastest way from its end so far."""
    known = scratch.label[segment]
    if cost >= known:
        return
    tally = scratch.tally
    if known == _UNREACHED:
        scratch.touched[tally[_TOUCHED]] = segment
        tally[_TOUCHED] += 1
    scratch.label[segment] = cost
    scratch.onward[segment] = onward
    slot = (cost // BUCKET_MS) % len(scratch.bucket)
    scratch.entry_segment[tally[_QUEUED]] = segment
    scratch.entry_next[tally[_QUEUED]] = scratch.bucket[slot]
    scratch.bucket[slot] = tally[_QUEUED]
    tally[_QUEUED] += 1
    tally[_WAITING] += 1


@njit(nogil=True, cache=True)
def _offer(row: int, total: int, vehicle: Any, best: Any, found: int) -> int:
    """Insert a vehicle's total into the ordered best; return how many are held now."""
    best_row, best_total = best
    for i in range(found):
        if vehicle[best_row[i]] == vehicle[row]:
            if best_total[i] <= total:
                return found
            best_row[i : found - 1] = best_row[i + 1 : found].copy()
            best_total[i : found - 1] = best_total[i + 1 : found].copy()
            found -= 1
            break
    place = found
    while place > 0 and (
        best_total[place - 1] > total
        or (best_total[place - 1] == total and vehicle[best_row[place - 1]] > vehicle[row])
    ):
        place -= 1
    if place == len(best_row):
        return found
    held = min(found + 1, len(best_row))
    for i in range(held - 1, place, -1):
        best_row[i], best_total[i] = best_row[i - 1], best_total[i - 1]
    best_row[place], best_total[place] = row, total
    return held


@njit(nogil=True, cache=True)
def _into_target(segment: int) -> int:
    """Marks the last segment of a drive in `onward`; its own inverse."""
    return -2 - segment


@njit(nogil=True, cache=True)
def _paths(rows: Any, direct: Any, start_segment: Any, onward: Any) -> Any:
    """Segments of each drive, one after the other, and where each begins."""
    path_first = np.zeros(len(rows) + 1, dtype=np.int64)
    for i in range(len(rows)):
        segment, length = start_segment[rows[i]], 1
        if not direct[rows[i]]:
            length = 2
            while onward[segment] >= 0:
                segment = onward[segment]
                length += 1
        path_first[i + 1] = path_first[i] + length
    path = np.empty(path_first[-1], dtype=np.int32)
    for i in range(len(rows)):
        segment, place = start_segment[rows[i]], path_first[i]
        path[place] = segment
        if not direct[rows[i]]:
            while onward[segment] >= 0:
                segment = onward[segment]
                place += 1
                path[place] = segment
            path[place + 1] = _into_target(onward[segment])
    return path_first, path


@njit(nogil=True, cache=True)
def _clear(start_segment: Any, scratch: Any) -> None:
    for i in range(scratch.tally[_TOUCHED]):
        segment = scratch.touched[i]
        scratch.label[segment] = _UNREACHED
        scratch.onward[segment] = _NONE
        scratch.settled[segment] = False
    for row in range(len(start_segment)):
        scratch.first_row[start_segment[row]] = _NONE
    if scratch.tally[_WAITING] > 0:
        scratch.bucket[:] = _NONE
    scratch.tally[:] = 0
