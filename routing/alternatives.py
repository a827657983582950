"""Other sensible ways from one place to another.

The plateau method: search outwards from the start and backwards from the target; where the two
trees of fastest ways run along the same segments for long, that stretch is a *plateau*, a good
road that a driver may well prefer. The way that uses it is a candidate. What makes one sensible
is said by Abraham, Delling, Goldberg and Werneck (2013, Alternative routes in road networks,
ACM Journal of Experimental Algorithmics 18): it differs from the others, takes not much longer,
and no short piece of it could be driven faster. A plateau of `LOCALLY_FASTEST` is proof of the
last: any piece of the way that is shorter lies in one of the two trees.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numba import njit

from routing.engine import UNREACHED, Arrival, Ends, Starts, arrival
from routing.metric import BLOCKED, Metric
from routing.network import IntArray, LongArray
from routing.spreading import Spread, Ways, spread

MAX_ALTERNATIVES: Final = 2

LONGER: Final = 0.25
"""At most this share of the fastest drive's time longer (assumption)."""

SHARED: Final = 0.8
"""At most this share of the fastest drive's time on streets of any way told before (assumption)."""

LOCALLY_FASTEST: Final = 0.25
"""Pieces up to this share of the fastest drive's time are fastest themselves (assumption)."""

_CANDIDATES = 50
"""Plateaus looked at, best first: the others are variations of them."""


class AlternativeSearch:
    """Finds alternative ways on one metric; safe to use from several threads.

    Parameters
    ----------
    out_of, into
        The ways of the metric, with and against the traffic.
    """

    def __init__(self, metric: Metric, out_of: Ways, into: Ways) -> None:
        self.metric = metric
        self._out_of = out_of
        self._into = into

    def alternatives(
        self, fastest: Arrival, ends: Ends, starts: Starts, limit: int = MAX_ALTERNATIVES
    ) -> list[Arrival]:
        """Up to `limit` other ways between the ends of the fastest drive, best first.

        Parameters
        ----------
        fastest
            Its times are those of the whole drive, its segments those that the metric leaves open.
        """
        if len(fastest.segments) <= 1 or limit <= 0:
            return []
        longest_ms = int((1 + LONGER) * fastest.drive_ms)
        there = self._from_start(starts, longest_ms)
        seeds, back = self._to_target(ends, longest_ms)
        plateaus = self._plateaus(fastest, there, back, longest_ms)
        told = [self._costs(fastest.segments)]
        found: list[Arrival] = []
        for segment in plateaus.tolist():
            way = _way(segment, there, back, seeds)
            costs = self._costs(way.segments)
            shared_ms = max(sum(costs[s] for s in costs.keys() & one.keys()) for one in told)
            if shared_ms > SHARED * fastest.drive_ms or len(costs) < len(way.segments):
                continue
            total_ms = int(there.label_ms[segment]) + int(back.label_ms[segment])
            found.append(arrival(starts, way.start, ends, way.end, total_ms, way.segments))
            told.append(costs)
            if len(found) == limit:
                break
        return found

    def _costs(self, segments: IntArray) -> dict[int, int]:
        """What each street driven costs: copies of a segment are the same street."""
        base = self.metric.network.segment_base[segments]
        return dict(zip(base.tolist(), self.metric.segment_ms[segments].tolist(), strict=True))

    def _from_start(self, starts: Starts, limit_ms: int) -> Spread:
        """Time from the start to the end of every segment."""
        whole_ms = self.metric.segment_ms[starts.segment]
        rest_ms = whole_ms - self.metric.part_ms(starts.segment, starts.fraction)
        rest_ms += starts.delay_ms
        rest_ms[whole_ms == BLOCKED] = UNREACHED
        return spread(self._out_of, starts.segment, rest_ms, limit_ms)

    def _to_target(self, ends: Ends, limit_ms: int) -> tuple["_Seeds", Spread]:
        """Time from the end of every segment to the target."""
        ways = self._into
        rows = [
            np.arange(ways.first[segment], ways.first[segment + 1])
            for segment in ends.segment.tolist()
        ]
        end = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        before, entry_ms = ways.way[np.concatenate(rows)].T
        to_end_ms = self.metric.part_ms(ends.segment, ends.fraction)
        to_end_ms += ends.delay_ms - self.metric.segment_ms[ends.segment]
        seeds = _Seeds(end, ends.segment[end])
        label_ms = entry_ms.astype(np.int64) + to_end_ms[end]
        return seeds, spread(ways, np.ascontiguousarray(before), label_ms, limit_ms)

    def _plateaus(self, fastest: Arrival, there: Spread, back: Spread, longest_ms: int) -> IntArray:
        """One segment of each plateau that is long enough, the best first."""
        total_ms = there.label_ms.astype(np.int64) + back.label_ms
        near = np.flatnonzero((total_ms <= longest_ms) & (there.label_ms < UNREACHED))
        near = near[np.argsort(there.label_ms[near], kind="stable")]
        last, length_ms = _measure(near, there.label_ms, there.before, back.before)
        long_enough = length_ms >= LOCALLY_FASTEST * fastest.drive_ms
        last, length_ms = last[long_enough], length_ms[long_enough]
        fresh = ~np.isin(last, fastest.segments)
        last, length_ms = last[fresh], length_ms[fresh]
        # The long plateau on the short way first (as Abraham et al. rank, sharing left out).
        order = np.lexsort((last, 2 * total_ms[last] - length_ms))
        return np.asarray(last[order][:_CANDIDATES])


@dataclass(frozen=True, eq=False, slots=True)
class _Seeds:
    """Of each way into the target, the row of `Ends` and the segment it leads to."""

    end: LongArray
    segment: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class _Way:
    """The fastest way by a segment, with the rows of its start and end."""

    start: int
    end: int
    segments: IntArray


def _way(by: int, there: Spread, back: Spread, seeds: _Seeds) -> _Way:
    before = [by]
    while (previous := int(there.before[before[-1]])) >= 0:
        before.append(previous)
    after = [by]
    while (following := int(back.before[after[-1]])) >= 0:
        after.append(following)
    seed = -1 - following
    segments = [*reversed(before), *after[1:], int(seeds.segment[seed])]
    return _Way(-1 - previous, int(seeds.end[seed]), np.asarray(segments, dtype=np.int32))


@njit(nogil=True, cache=True)
def _measure(near: Any, label_ms: Any, before: Any, after: Any) -> Any:
    """The last segment of each plateau, and how long it is in milliseconds.

    The segments come in the order of their labels.
    """
    began_ms = np.zeros(len(label_ms), dtype=np.int32)
    is_last = np.zeros(len(label_ms), dtype=np.bool_)
    for segment in near:
        previous = before[segment]
        goes_on = previous >= 0 and after[previous] == segment
        began_ms[segment] = began_ms[previous] if goes_on else label_ms[segment]
        is_last[segment] = True
        if goes_on:
            is_last[previous] = False
    last = near[is_last[near]]
    return last, label_ms[last] - began_ms[last]
