"""What every compiled search is given and gives back, as plain arrays."""

import numpy as np
from numpy.typing import NDArray

from routing.engine import Arrival, Ends, Starts, arrival
from routing.metric import Metric
from routing.network import FloatArray, IntArray, LongArray

EndColumns = tuple[IntArray, FloatArray, LongArray]
"""Segment, fraction, and milliseconds from the segment's start until all is over."""

StartColumns = tuple[IntArray, IntArray, FloatArray, LongArray, LongArray]
"""Vehicle, segment, fraction, milliseconds from the segment's start to there, delay."""


def end_columns(metric: Metric, ends: Ends) -> EndColumns:
    """The rows of `ends`, priced."""
    over_ms = metric.part_ms(ends.segment, ends.fraction) + ends.delay_ms
    return ends.segment, ends.fraction, over_ms


def start_columns(metric: Metric, starts: Starts) -> StartColumns:
    """The rows of `starts`, priced."""
    part_ms = metric.part_ms(starts.segment, starts.fraction)
    return starts.vehicle, starts.segment, starts.fraction, part_ms, starts.delay_ms


def arrivals(
    starts: Starts,
    ends: Ends,
    row: NDArray[np.int32],
    total_ms: LongArray,
    path_first: LongArray,
    path: IntArray,
) -> list[Arrival]:
    """The arrivals of N rows of starts, in their order.

    Parameters
    ----------
    starts, ends
        What was asked.
    row : int32[N]
        Rows of `starts`.
    total_ms : int64[N]
    path_first : int64[N + 1]
        Drive `i` is `path_first[i]` to `path_first[i + 1]` (exclusive) of `path`.
    path : int32[P]
        Segments of all drives, one after the other.
    """
    end_on = {segment: end for end, segment in enumerate(ends.segment.tolist())}
    return [
        arrival(starts, start, ends, end_on[int(path[last - 1])], total, path[first:last])
        for start, total, first, last in zip(
            row.tolist(),
            total_ms.tolist(),
            path_first[:-1].tolist(),
            path_first[1:].tolist(),
            strict=True,
        )
    ]
