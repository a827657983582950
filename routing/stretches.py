"""What a drive may use at its beginning and at its end, and not pass through.

Two kinds of streets are so: those that closures shut, and "access only" ones. Who stands in a
closed area leaves it, then the access-only streets around it, and drives on over streets open to
everyone; at the other end it is the other way about. So access-only streets are no way round to a
place behind a closure, and nobody drives through a closure between two of them.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from routing.engine import Arrival, Ends, Starts
from routing.metric import BLOCKED, Metric
from routing.network import IntArray
from routing.overlay import Overlay, passable, shut, slowed
from routing.pockets import Answer, Drives, Pockets


@dataclass(frozen=True, eq=False)
class Stretches:
    """The streets of one profile, hour and set of closures, by what drives may do there.

    Attributes
    ----------
    through
        What they would cost if nothing were shut.
    drivable
        The same without what closures shut: access-only streets as all others.
    passable
        The same without access-only streets: what engines search.
    shut, local
        The pockets of what closures shut, and of access-only streets; None where there are none.
    """

    through: Metric
    drivable: Metric
    passable: Metric
    shut: Pockets | None
    local: Pockets | None

    @classmethod
    def of(cls, usual: Metric) -> Self:
        """The streets of a metric without closures."""
        passed = usual
        if usual.local.any():
            local = np.flatnonzero(usual.local[: usual.network.base_count]).astype(np.int32)
            passed = passable(usual, local, usual)
        return cls(usual, usual, passed, None, _pockets(usual, passed))

    def under(self, usual: Metric, closures: Overlay, segments: IntArray) -> Self:
        """The same streets under other closures.

        Parameters
        ----------
        usual
            Their metric without closures.
        segments
            Those shut or slowed otherwise than in these stretches; in ascending order, none of them
            copies.
        """
        drivable = through = slowed(usual, closures, segments, self.through)
        if closures.shut.any():
            is_shut = closures.effects_on(segments).shut
            before = through if self.drivable is self.through else self.drivable
            drivable = shut(through, segments, is_shut, before)
        passed = drivable
        if self.passable is not self.drivable:
            passed = passable(drivable, segments, self.passable)
        return type(self)(
            through, drivable, passed, _pockets(through, drivable), _pockets(drivable, passed)
        )

    @property
    def nbytes(self) -> int:
        """Memory held."""
        made_when_asked = [vars(self).get(one) for one in ("_with_turning_round", "_with_all")]
        metrics = [self.through, self.drivable, self.passable, *filter(None, made_when_asked)]
        weights = {id(array): array for one in metrics for array in (one.segment_ms, one.entry_ms)}
        pockets = [one for one in (self.shut, self.local) if one is not None]
        return sum(one.nbytes for one in (*weights.values(), *pockets))

    def nearest(self, answer: Answer, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """What an engine of `passable` answers, with first and last stretches allowed.

        Arrivals tell of those that closures shut.
        """
        local = self.local
        if local is not None:
            engine = answer

            def answer(ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
                return _untold(local.nearest(engine, ends, starts, limit))

        if self.shut is None:
            return answer(ends, starts, limit)
        return self.shut.nearest(answer, ends, starts, limit)

    def drives_between(self, drives: Drives, ends: Ends, starts: Starts) -> list[Arrival]:
        """Drives of `passable`, with first and last stretches over access-only streets."""
        if self.local is None:
            return drives(ends, starts)
        return _untold(self.local.stitched(drives, ends, starts))

    def leaving(self, starts: Starts) -> Starts:
        """Starts on streets that may be passed: of the others, where their ways out end."""
        starts = self.leaving_shut(starts)
        return starts if self.local is None else self.local.leaving(starts)

    def leaving_shut(self, starts: Starts) -> Starts:
        """Starts on streets that may be driven: of those shut, where their ways out end."""
        return starts if self.shut is None else self.shut.leaving(starts)

    def metric_of(self, drive: Arrival) -> Metric:
        """What a drive is priced by: shut streets too, where it begins or ends on one."""
        if drive.first_stretch or drive.last_stretch:
            return self._with_all
        return self._with_turning_round

    @cached_property
    def _with_turning_round(self) -> Metric:
        """All that may be driven, and one turns round in front of access-only streets too."""
        return self.drivable if self.local is None else _turning(self.drivable, self.passable)

    @cached_property
    def _with_all(self) -> Metric:
        """What closures shut, too."""
        if self.shut is None:
            return self._with_turning_round
        return _turning(self.through, self._with_turning_round)

    def passed_through(self, drive: Arrival) -> NDArray[np.bool_]:
        """Which segments of a drive are access-only ones that it passes through, bool[N]."""
        local = self.drivable.local[drive.segments]
        at = np.arange(len(local))
        shut = (at < drive.first_stretch) | (at >= len(local) - drive.last_stretch)
        at_an_end = local | shut
        first = np.logical_and.accumulate(at_an_end)
        last = np.logical_and.accumulate(at_an_end[::-1])[::-1]
        passed: NDArray[np.bool_] = local & ~first & ~last
        return passed


def _pockets(through: Metric, closed: Metric) -> Pockets | None:
    if closed is through:
        return None
    pockets = Pockets(through, closed)
    return pockets if len(pockets) else None


def _turning(metric: Metric, closed: Metric) -> Metric:
    """A metric in which one may also turn round where one may in another, with less open."""
    entry_ms = np.where(closed.entry_ms != BLOCKED, closed.entry_ms, metric.entry_ms)
    return replace(metric, entry_ms=entry_ms)


def _untold(arrivals: list[Arrival]) -> list[Arrival]:
    """Arrivals that say nothing of first and last stretches: nothing closed was in the way."""
    return [
        replace(one, first_stretch=0, last_stretch=0)
        if one.first_stretch or one.last_stretch
        else one
        for one in arrivals
    ]
