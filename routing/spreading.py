"""A bounded search outwards from some segments over the turns of a metric, in either direction.

Dial's bucket queue, as in `routing.bucket_search`, but to everything within a limit instead of to
the best few: what isochrones, matrices and alternative routes are made of.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numba import njit

from routing.engine import UNREACHED
from routing.metric import BLOCKED, MIN_SEGMENT_MS, Metric
from routing.network import IntArray, LongArray

BUCKET_MS = MIN_SEGMENT_MS

_NONE = -1


@dataclass(frozen=True, eq=False, slots=True)
class Ways:
    """The open turns of a metric, in the order in which a search follows them.

    Attributes
    ----------
    first : int32[S + 1]
        Ways from segment `s` are `first[s]` to `first[s + 1]` (exclusive) below.
    way : int32[N, 2]
        The segment it leads to, and the milliseconds between the ends of the two segments.
    buckets
        Size of the wheel of buckets that the dearest of them asks for; a power of two.
    """

    first: IntArray
    way: IntArray
    buckets: int

    @property
    def nbytes(self) -> int:
        """Memory it holds."""
        return self.first.nbytes + self.way.nbytes

    @classmethod
    def into(cls, metric: Metric) -> Self:
        """Against the traffic: ways from a segment lead to those it can be entered from."""
        network = metric.network
        is_open = metric.entry_ms != BLOCKED
        opened = np.concatenate([[0], np.cumsum(is_open)]).astype(np.int32)
        return cls._of(
            opened[network.turn_first], network.turn_from[is_open], metric.entry_ms[is_open]
        )

    @classmethod
    def out_of(cls, metric: Metric) -> Self:
        """With the traffic: ways from a segment lead to those it can be left for."""
        turns = metric.network.turns_out
        entry_ms = metric.entry_ms[turns.turn]
        is_open = entry_ms != BLOCKED
        opened = np.concatenate([[0], np.cumsum(is_open)]).astype(np.int32)
        return cls._of(opened[turns.first], turns.into[is_open], entry_ms[is_open])

    @classmethod
    def _of(cls, first: IntArray, leads_to: IntArray, cost_ms: IntArray) -> Self:
        buckets = 1 << (int(cost_ms.max(initial=0)) // BUCKET_MS + 1).bit_length()
        way = np.stack([leads_to, cost_ms], axis=1).astype(np.int32)
        return cls(first.astype(np.int32), way, buckets)


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """What a search has reached.

    Attributes
    ----------
    label_ms : int32[S]
        Milliseconds to each segment's end (or, against the traffic, from it); exact up to the
        limit. The segments next to those may have a label beyond it, the others `UNREACHED`.
    before : int32[S]
        The segment that each was reached from; of those the search began at, `-1 - row` of it.
    """

    label_ms: IntArray
    before: IntArray


def spread(ways: Ways, segment: IntArray, label_ms: LongArray, limit_ms: int) -> Spread:
    """Search from segments that have a label already to all within the limit."""
    order = np.argsort(label_ms, kind="stable")
    return Spread(
        *_spread((ways.first, ways.way), ways.buckets, segment, label_ms, order, limit_ms)
    )


@njit(nogil=True, cache=True)
def _spread(
    ways: Any, buckets: int, seed_segment: Any, seed_ms: Any, order: Any, limit_ms: int
) -> Any:
    """Labels of all segments, and what each was reached from."""
    first, way = ways
    label = np.full(len(first) - 1, UNREACHED, dtype=np.int32)
    before = np.full(len(first) - 1, _NONE, dtype=np.int32)
    bucket = np.full(buckets, _NONE, dtype=np.int32)
    # Every way queues at most one entry: segment, the label it was queued with, the one before it.
    entry = np.empty((len(way) + len(order), 3), dtype=np.int32)
    queued = settled = sown = turn_of_wheel = 0
    while settled < queued or sown < len(order):
        if sown < len(order):
            if settled == queued:  # nothing is waiting: on to the next seed at once
                turn_of_wheel = max(turn_of_wheel, seed_ms[order[sown]] // BUCKET_MS)
            seeds = seed_segment, seed_ms, order
            sown, queued = _sow(
                turn_of_wheel, seeds, sown, limit_ms, label, before, bucket, entry, queued
            )
        if turn_of_wheel * BUCKET_MS > limit_ms:
            break
        slot = turn_of_wheel & (buckets - 1)
        turn_of_wheel += 1
        taken = bucket[slot]
        bucket[slot] = _NONE
        while taken != _NONE:
            segment, at_ms = entry[taken, 0], entry[taken, 1]
            taken = entry[taken, 2]
            settled += 1
            if at_ms != label[segment]:
                continue  # reached faster since, and settled then
            for i in range(first[segment], first[segment + 1]):
                other, cost = way[i, 0], at_ms + way[i, 1]
                if cost < label[other]:
                    label[other], before[other] = cost, segment
                    if cost <= limit_ms:
                        _queue(other, cost, bucket, entry, queued)
                        queued += 1
    return label, before


@njit(nogil=True, cache=True)
def _sow(
    turn_of_wheel: int,
    seeds: Any,
    sown: int,
    limit_ms: int,
    label: Any,
    before: Any,
    bucket: Any,
    entry: Any,
    queued: int,
) -> Any:
    """Queue the seeds whose turn has come; how many have been sown, and queued in all."""
    seed_segment, seed_ms, order = seeds
    while sown < len(order) and seed_ms[order[sown]] // BUCKET_MS <= turn_of_wheel:
        row = order[sown]
        sown += 1
        segment, cost = seed_segment[row], seed_ms[row]
        if cost < label[segment]:
            label[segment], before[segment] = cost, -1 - row
            if cost <= limit_ms:
                _queue(segment, cost, bucket, entry, queued)
                queued += 1
    return sown, queued


@njit(nogil=True, cache=True)
def _queue(segment: int, cost: int, bucket: Any, entry: Any, number: int) -> None:
    slot = (cost // BUCKET_MS) & (len(bucket) - 1)
    entry[number, 0], entry[number, 1], entry[number, 2] = segment, cost, bucket[slot]
    bucket[slot] = number
