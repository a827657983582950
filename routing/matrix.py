"""Drives between many places and many others, row by row.

Every row is one search outwards; where lengths are asked for, every column is one search backwards
whose drives are followed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from routing.engine import UNREACHED, Arrival, Ends, Starts, joined
from routing.network import FloatArray, IntArray, RoadNetwork
from routing.paths import metres_driven
from routing.reach import ReachSearch

NO_WAY: Final = -1
"""Stands where no drive leads from one place to the other."""

Nearest = Callable[[Ends, Starts, int], list[Arrival]]


def matrix_by_reach(
    search: ReachSearch, starts: Sequence[Starts], ends: Sequence[Ends]
) -> Iterator[IntArray]:
    """Total milliseconds from each of several starts to each of M ends.

    Yields
    ------
    int32[1, M]
        The next row; `NO_WAY` where there is none.
    """
    first = np.cumsum([0, *(len(one.segment) for one in ends[:-1])])
    every = joined(ends)
    for start in starts:
        reach = search.reach(start, UNREACHED)
        reached_ms = reach.at(every.segment, every.fraction) + every.delay_ms
        soonest_ms = np.minimum.reduceat(reached_ms, first)
        yield np.where(soonest_ms < UNREACHED, soonest_ms, NO_WAY).astype(np.int32)[None]


def drives_to(
    nearest: Nearest, network: RoadNetwork, ends: Ends, starts: Starts
) -> tuple[IntArray, FloatArray]:
    """Milliseconds and metres of the fastest drives from N starts to one place.

    Parameters
    ----------
    starts
        Numbered 0 to N - 1.

    Returns
    -------
    int32[N], float64[N]
        `NO_WAY` in both where there is none.
    """
    size = int(starts.vehicle.max(initial=-1)) + 1
    total_ms, metres = np.full(size, NO_WAY, dtype=np.int32), np.full(size, float(NO_WAY))
    for one in nearest(ends, starts, size):
        total_ms[one.vehicle] = one.total_ms
        metres[one.vehicle] = metres_driven(network, one)
    return total_ms, metres
