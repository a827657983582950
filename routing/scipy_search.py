"""The reference engine: SciPy's Dijkstra over the whole network, slow and plain.

Tests hold the fast engines against it, and it serves where they cannot run.
"""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from routing.engine import Arrival, Starts
from routing.metric import BLOCKED, Metric
from routing.network import FloatArray, IntArray
from routing.snapping import Snap

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

    def nearest(self, target: Snap, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        best: dict[int, Arrival] = {}
        for segment, fraction in zip(target.segments, target.fractions, strict=True):
            for arrival in self._arrivals(segment, fraction, starts):
                known = best.get(arrival.vehicle)
                if known is None or arrival.total_ms < known.total_ms:
                    best[arrival.vehicle] = arrival
        return sorted(best.values(), key=lambda one: (one.total_ms, one.vehicle))[: max(limit, 0)]

    def _arrivals(self, target: int, target_fraction: float, starts: Starts) -> list[Arrival]:
        """Every row's drive to one place on one segment."""
        metric = self.metric
        target_ms = int(
            metric.part_ms(np.asarray([target], np.int32), np.asarray([target_fraction]))[0]
        )
        from_end_ms, onward = self._search(target, target_ms)
        start_ms = metric.part_ms(starts.segment, starts.fraction)
        arrivals = []
        for row, segment in enumerate(starts.segment.tolist()):
            if segment == target and starts.fraction[row] <= target_fraction:
                drive_ms, path = target_ms - int(start_ms[row]), [target]
            elif np.isfinite(from_end_ms[segment]):
                rest_ms = int(metric.segment_ms[segment] - start_ms[row])
                drive_ms = rest_ms + int(from_end_ms[segment])
                path = _follow(segment, target, onward)
            else:
                continue
            arrivals.append(
                Arrival(
                    vehicle=int(starts.vehicle[row]),
                    total_ms=drive_ms + int(starts.delay_ms[row]),
                    drive_ms=drive_ms,
                    segments=np.asarray(path, dtype=np.int32),
                    start_fraction=float(starts.fraction[row]),
                    end_fraction=target_fraction,
                )
            )
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
