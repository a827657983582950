"""The reference engine: SciPy's Dijkstra over the whole network, slow and plain.

Tests hold the fast engines against it, and it serves where they cannot run.
"""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from routing.engine import UNREACHED, Arrival, Ends, Starts, arrival
from routing.matrix import matrix_by_reach
from routing.metric import BLOCKED, Metric
from routing.network import FloatArray, IntArray
from routing.reach import ReachSearch

_SEED_MS = 1
"""Added to every way into the target and taken off again: SciPy wants weights above 0."""


class ScipySearch:
    """k-nearest by one complete search backwards from the target."""

    def __init__(self, metric: Metric) -> None:
        self.metric = metric
        open_turn = metric.entry_ms != BLOCKED
        self._into = metric.network.turn_into[open_turn]
        self._from = metric.network.turn_from[open_turn]
        self._entry_ms = metric.entry_ms[open_turn].astype(np.float64)

    def matrix(self, starts: Sequence[Starts], ends: Sequence[Ends]) -> Iterator[IntArray]:
        """Total milliseconds from each of several starts to each of M ends, a row at a time."""
        return matrix_by_reach(ReachSearch(self.metric), starts, ends)

    def repriced(self, metric: Metric, changed_turns: IntArray) -> Self:
        """The engine of another metric: made anew."""
        del changed_turns
        return type(self)(metric)

    def completed(self) -> Self:
        """The engine itself: it puts nothing off."""
        return self

    @property
    def nbytes(self) -> int:
        """Memory it holds besides its metric."""
        return sum(one.nbytes for one in (self._into, self._from, self._entry_ms))

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        best: dict[int, Arrival] = {}
        for end in range(len(ends.segment)):
            for found in self._arrivals(ends, end, starts):
                known = best.get(found.vehicle)
                if known is None or found.total_ms < known.total_ms:
                    best[found.vehicle] = found
        return sorted(best.values(), key=lambda one: (one.total_ms, one.vehicle))[: max(limit, 0)]

    def _arrivals(self, ends: Ends, end: int, starts: Starts) -> list[Arrival]:
        """Every row's drive to one row of ends."""
        metric, target = self.metric, int(ends.segment[end])
        target_ms = int(metric.part_ms(ends.segment, ends.fraction)[end])
        from_end_ms, onward = self._search(target, target_ms)
        start_ms = metric.part_ms(starts.segment, starts.fraction)
        arrivals = []
        for row, segment in enumerate(starts.segment.tolist()):
            if segment == target and starts.fraction[row] <= ends.fraction[end]:
                drive_ms, path = target_ms - int(start_ms[row]), [target]
            elif from_end_ms[segment] + ends.delay_ms[end] < UNREACHED:
                rest_ms = int(metric.segment_ms[segment] - start_ms[row])
                drive_ms = rest_ms + int(from_end_ms[segment])
                path = _follow(segment, target, onward)
            else:
                continue
            total_ms = drive_ms + int(starts.delay_ms[row] + ends.delay_ms[end])
            segments = np.asarray(path, dtype=np.int32)
            arrivals.append(arrival(starts, row, ends, end, total_ms, segments))
        return arrivals

    def _search(self, target: int, target_ms: int) -> tuple[FloatArray, IntArray]:
        """Milliseconds from the end of every segment to the target, and the segment that follows.

        The target is a place of its own behind all segments, numbered S.
        """
        size = self.metric.network.segment_count
        last = self._into == target
        seeds = self._entry_ms[last] - self.metric.segment_ms[target] + target_ms + _SEED_MS
        weights = np.concatenate([self._entry_ms, seeds])
        rows = np.concatenate([self._into, np.full(len(seeds), size)])
        columns = np.concatenate([self._from, self._from[last]])
        backwards = csr_array((weights, (rows, columns)), shape=(size + 1, size + 1))
        from_end_ms, onward = dijkstra(
            backwards, indices=np.asarray([size]), return_predecessors=True
        )
        from_end_ms, onward = from_end_ms[0], onward[0]
        return from_end_ms[:size] - _SEED_MS, onward


def _follow(segment: int, target: int, onward: IntArray) -> list[int]:
    path, size = [segment], len(onward) - 1
    while onward[path[-1]] != size:
        path.append(int(onward[path[-1]]))
    return [*path, target]
