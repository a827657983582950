"""The peer that works as our hierarchy does: RoutingKit's CCH (pyroutingkit), on the same turns.

Its nodes are our segments ("at the end of"), its arcs our turns, its weights ours. It knows no
places along a segment: the shares of the first and the last segment are added here, and a drive
that begins and ends on one segment is none of its. Many vehicles to one call are one call to many
vehicles on the graph turned round.

A node number out of range ends the process, and arrays of another kind give wrong answers, so
everything is made of what it wants here.
"""

import numpy as np
import pyroutingkit
from numpy.typing import NDArray

from routing.engine import Ends, Starts
from routing.metric import BLOCKED, Metric
from routing.network import IntArray, RoadNetwork

_Numbers = NDArray[np.uint32]


class RoutingKitPeer:
    """Two customised hierarchies on one metric: along the traffic and against it."""

    def __init__(self, metric: Metric, topologies: "Topologies") -> None:
        self.metric = metric
        weights = _weights(metric)
        self._along = pyroutingkit.CCHMetric(topologies.along)
        self._against = pyroutingkit.CCHMetric(topologies.against)
        self._along.customize(weights)
        self._against.customize(weights)

    def reprice(self) -> None:
        """Weigh everything anew, as one direction needs it."""
        self._along.customize(_weights(self.metric))

    def change(self, turns: IntArray, entry_ms: IntArray) -> None:
        """Weigh some turns anew."""
        self._along.update_weights(_numbers(turns), _numbers(entry_ms))

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[tuple[int, int]]:
        """`(vehicle, total_ms)` of those that arrive first."""
        between = self._against.distances_many_to_many(
            _numbers(ends.segment), _numbers(starts.segment)
        )
        metric = self.metric
        left_out = metric.segment_ms[ends.segment] - metric.part_ms(ends.segment, ends.fraction)
        rest_ms = metric.segment_ms[starts.segment] - metric.part_ms(
            starts.segment, starts.fraction
        )
        drive_ms = (between.astype(np.int64) - left_out[:, None]).min(axis=0) + rest_ms
        total_ms = drive_ms + starts.delay_ms
        best: dict[int, int] = {}
        for row in np.argsort(total_ms, kind="stable").tolist():
            best.setdefault(int(starts.vehicle[row]), int(total_ms[row]))
            if len(best) == limit:
                break
        return list(best.items())

    def route(self, start: int, end: int) -> object:
        """The way from the end of one segment to the end of another, as segments."""
        return self._along.query(start, end)

    def matrix(self, starts: IntArray, ends: IntArray) -> _Numbers:
        """Milliseconds from segments to segments."""
        return np.asarray(
            self._along.distances_many_to_many(_numbers(starts), _numbers(ends)), np.uint32
        )


class Topologies:
    """The turns of a network, contracted along the traffic and against it."""

    def __init__(self, network: RoadNetwork) -> None:
        tail, head = _numbers(network.turn_from), _numbers(network.turn_into)
        at = network.segment_to
        lat, lon = (
            np.ascontiguousarray(column[at], dtype=np.float32)
            for column in (network.junction_lat, network.junction_lon)
        )
        self.along, self.against = pyroutingkit.CCHTopology(), pyroutingkit.CCHTopology()
        self.along.build(tail, head, lat, lon, network.segment_count)
        self.against.build(head, tail, lat, lon, network.segment_count)


def _weights(metric: Metric) -> _Numbers:
    closed = metric.entry_ms == BLOCKED
    return _numbers(np.where(closed, pyroutingkit.INF_WEIGHT, metric.entry_ms.astype(np.int64)))


def _numbers(values: NDArray[np.int32] | NDArray[np.int64]) -> _Numbers:
    return np.ascontiguousarray(values, dtype=np.uint32)
