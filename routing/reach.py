"""How soon each place can be reached from one place, or from a whole fleet."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numba import njit

from routing.engine import UNREACHED, Starts, joined
from routing.metric import BLOCKED, Metric
from routing.network import FloatArray, IntArray, LongArray
from routing.spreading import Ways, spread
from routing.stretches import Stretches


@dataclass(frozen=True, eq=False, slots=True)
class Reach:
    """When vehicles can be where, the first of them counting, up to a limit.

    Copies of segments count as those they are copies of, and are never reached themselves.

    Attributes
    ----------
    metric
        What was driven by.
    starts
        Where they set out from, or got onto streets that may be passed through: perhaps on copies.
    limit_ms
        Later than this counts as not reached.
    enter_ms : int32[S]
        Earliest time at the start of each segment, or `UNREACHED`. One who sets out on the
        segment itself gets to its start only by driving round.
    leave_ms : int32[S]
        Earliest time at the end of each segment, or `UNREACHED`.
    """

    metric: Metric
    starts: Starts
    limit_ms: int
    enter_ms: IntArray
    leave_ms: IntArray

    def at(self, segment: IntArray, fraction: FloatArray) -> LongArray:
        """Earliest time at places along segments, int64[N] milliseconds, or `UNREACHED`."""
        base = self.metric.network.segment_base
        segment, sets_out_on = base[segment], base[self.starts.segment]
        entered_ms = self.enter_ms[segment].astype(np.int64)
        part_ms = self.metric.part_ms(segment, fraction)
        earliest_ms = np.where(entered_ms < UNREACHED, entered_ms + part_ms, UNREACHED)
        for row in np.flatnonzero(np.isin(sets_out_on, segment)):
            ahead = (segment == sets_out_on[row]) & (fraction >= self.starts.fraction[row])
            straight_on_ms = part_ms + self._sets_out_ms()[row]
            earliest_ms[ahead] = np.minimum(earliest_ms, straight_on_ms)[ahead]
        return np.where(earliest_ms <= self.limit_ms, earliest_ms, UNREACHED)

    def _sets_out_ms(self) -> LongArray:
        """When each row would have been at the start of its segment."""
        starts = self.starts
        return starts.delay_ms - self.metric.part_ms(starts.segment, starts.fraction)


class ReachSearch:
    """Searches outwards on one metric; safe to use from several threads.

    Parameters
    ----------
    metric
        What may be passed through.
    out_of
        The ways of the metric with the traffic; worked out where left out.
    stretches
        How drives leave streets that may not be passed through, and get onto access-only ones; left
        out where no vehicle stands on one, and none is to be reached.
    """

    def __init__(
        self, metric: Metric, out_of: Ways | None = None, stretches: Stretches | None = None
    ) -> None:
        self.metric = metric
        self._ways = out_of or Ways.out_of(metric)
        self._stretches = stretches
        self._onto = None if stretches is None else _Onto.of(stretches)

    @property
    def nbytes(self) -> int:
        """Memory it holds besides its metric, the ways out of it and the stretches."""
        return 0 if self._onto is None else self._onto.nbytes

    def reach(self, starts: Starts, limit_ms: int) -> Reach:
        """How soon each place can be reached, delays of the starts included.

        Streets that closures shut are not reached.
        """
        limit_ms = min(limit_ms, UNREACHED - 1)
        metric, begin = self.metric, starts
        if self._stretches is not None:
            begin = self._stretches.leaving_shut(starts)
            starts = self._stretches.leaving(starts)
        leaves_ms = _leaves_ms(metric, starts)
        leave_ms = spread(self._ways, starts.segment, leaves_ms, limit_ms).label_ms
        if self._onto is not None:
            metric = self._onto.metric
            inside = begin.on(metric.local)
            leave_ms = self._onto.reached(leave_ms, inside, limit_ms)
            starts = joined([starts, inside])
        network = metric.network
        enter_ms = np.where(leave_ms < UNREACHED, leave_ms - metric.segment_ms, UNREACHED)
        turns = network.turn_first, network.turn_from, metric.entry_ms
        _enter_again(np.unique(starts.segment), turns, metric.segment_ms, leave_ms, enter_ms)
        for array in (leave_ms, enter_ms):
            array[array > limit_ms] = UNREACHED
            copies = array[network.base_count :]
            np.minimum.at(array, network.segment_base[network.base_count :], copies)
            copies[:] = UNREACHED
            array.setflags(write=False)
        return Reach(metric, starts, limit_ms, enter_ms, leave_ms)


@dataclass(frozen=True, eq=False, slots=True)
class _Onto:
    """How drives get onto access-only streets, once everything else is reached.

    Attributes
    ----------
    metric
        What may be passed through, and beyond it access-only streets and the turns into them.
    ways
        Those turns alone, with the traffic.
    border : int32[N]
        Segments from which such turns lead that are not access-only themselves.
    """

    metric: Metric
    ways: Ways
    border: IntArray

    @classmethod
    def of(cls, stretches: Stretches) -> "_Onto | None":
        """None where no street is access-only."""
        if stretches.local is None:
            return None
        drivable, network = stretches.drivable, stretches.drivable.network
        into = drivable.local[network.turn_into]
        onto_ms = np.where(into, drivable.entry_ms, BLOCKED)
        leads_onto = network.turn_from[onto_ms != BLOCKED]
        entry_ms = np.where(into, onto_ms, stretches.passable.entry_ms)
        return cls(
            metric=replace(drivable, entry_ms=entry_ms),
            ways=Ways.out_of(replace(drivable, entry_ms=onto_ms)),
            border=np.unique(leads_onto[~drivable.local[leads_onto]]),
        )

    @property
    def nbytes(self) -> int:
        """Memory it holds besides the stretches."""
        return self.metric.entry_ms.nbytes + self.ways.nbytes + self.border.nbytes

    def reached(self, leave_ms: IntArray, inside: Starts, limit_ms: int) -> IntArray:
        """When the end of each segment is reached, those of access-only ones among them.

        Parameters
        ----------
        leave_ms : int32[S]
            The same for all others.
        inside
            Vehicles that set out on access-only ones.
        """
        border = self.border[leave_ms[self.border] <= limit_ms]
        onto = spread(
            self.ways,
            np.concatenate([border, inside.segment]),
            np.concatenate([leave_ms[border], _leaves_ms(self.metric, inside)]),
            limit_ms,
        )
        return np.where(self.metric.local, onto.label_ms, leave_ms)


def _leaves_ms(metric: Metric, starts: Starts) -> LongArray:
    """When each row is at the end of its segment."""
    passed_ms = metric.part_ms(starts.segment, starts.fraction)
    return starts.delay_ms + metric.segment_ms[starts.segment] - passed_ms


@njit(nogil=True, cache=True)
def _enter_again(segments: Any, turns: Any, segment_ms: Any, leave_ms: Any, enter_ms: Any) -> None:
    """Put right when segments are entered whose label is that of somebody who set out on them."""
    turn_first, turn_from, entry_ms = turns
    for segment in segments:
        enter_ms[segment] = UNREACHED
        for turn in range(turn_first[segment], turn_first[segment + 1]):
            before_ms = leave_ms[turn_from[turn]]
            if entry_ms[turn] != BLOCKED and before_ms < UNREACHED:
                comes_ms = before_ms + entry_ms[turn] - segment_ms[segment]
                enter_ms[segment] = min(enter_ms[segment], comes_ms)
