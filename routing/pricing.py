"""What a drive costs under a metric, its own or another's, and where it may not be driven."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.engine import Arrival
from routing.errors import NetworkError
from routing.metric import BLOCKED, Metric
from routing.network import IntArray, LongArray

_NONE = -1


@dataclass(frozen=True, eq=False, slots=True)
class Price:
    """A drive under a metric.

    Attributes
    ----------
    drive_ms
        Its time, or None when it may not be driven throughout.
    leg_ms : int64[N]
        Time for each of `Arrival.segments`, the turn into it included; `BLOCKED` where the segment
        or the turn into it may not be driven.
    closed : bool[N]
        Segments that may not be driven.
    no_turn : bool[N]
        Segments that may be driven, but not entered from the one before.
    """

    drive_ms: int | None
    leg_ms: LongArray
    closed: NDArray[np.bool_]
    no_turn: NDArray[np.bool_]


def price(metric: Metric, arrival: Arrival, not_here: NDArray[np.bool_] | None = None) -> Price:
    """Price a drive that was found on the same network, perhaps under another metric.

    Parameters
    ----------
    not_here : bool[N]
        Segments that may be driven, but not at this place of the drive.

    Raises
    ------
    NetworkError
        When its segments do not follow one another on the metric's network.
    """
    segments = arrival.segments
    whole_ms = metric.segment_ms[segments]
    closed = whole_ms == BLOCKED
    if not_here is not None:
        closed |= not_here
    entry_ms = metric.entry_ms[turns_of(metric, segments)]
    open_on_both_sides = ~closed[:-1] & ~closed[1:]
    no_turn = np.concatenate([[False], (entry_ms == BLOCKED) & open_on_both_sides])
    leg_ms = whole_ms.astype(np.int64)
    leg_ms[1:] = np.where(entry_ms == BLOCKED, leg_ms[1:], entry_ms)
    fractions = np.asarray([arrival.start_fraction, arrival.end_fraction])
    not_begun_ms, not_ended_ms = metric.part_ms(segments[[0, -1]], fractions) * [1, -1]
    leg_ms[0] -= not_begun_ms
    leg_ms[-1] -= whole_ms[-1] + not_ended_ms
    leg_ms[closed | no_turn] = BLOCKED
    drivable = not (closed | no_turn).any()
    return Price(int(leg_ms.sum()) if drivable else None, leg_ms, closed, no_turn)


def turns_of(metric: Metric, segments: IntArray) -> LongArray:
    """The turns between segments that follow one another, int64[N - 1].

    Raises
    ------
    NetworkError
        When there is no turn between two of them.
    """
    network = metric.network
    turns = _turns(network.turn_first, network.turn_from, segments)
    if (turns == _NONE).any():
        place = int(np.flatnonzero(turns == _NONE)[0])
        msg = f"no turn leads from segment {segments[place]} into segment {segments[place + 1]}"
        raise NetworkError(msg)
    return np.asarray(turns)


@njit(nogil=True, cache=True)
def _turns(turn_first: Any, turn_from: Any, segments: Any) -> Any:
    found = np.full(len(segments) - 1, _NONE, dtype=np.int64)
    for i in range(len(found)):
        for turn in range(turn_first[segments[i + 1]], turn_first[segments[i + 1] + 1]):
            if turn_from[turn] == segments[i]:
                found[i] = turn
    return found
