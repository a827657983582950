"""How many vehicles are busy at each time of the day."""

from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.replay.local_time import london_offset_s

LongArray = NDArray[np.int64]

SLOT_S: Final = 1800
SLOTS_PER_DAY: Final = 48
_SLOT_MS: Final = SLOT_S * 1000


class BusyTime:
    """Time that vehicles spend on calls, by half hour.

    Whole milliseconds throughout, so the order of adding does not matter.
    """

    def __init__(self) -> None:
        self._first_slot = 0
        self._partial_ms: LongArray = np.zeros(0, dtype=np.int64)
        self._whole_change: LongArray = np.zeros(0, dtype=np.int64)

    def add(self, begin_ms: LongArray, end_ms: LongArray) -> None:
        """Count intervals of milliseconds since 1970, none of which ends before it begins."""
        if len(begin_ms) == 0:
            return
        first, last = begin_ms // _SLOT_MS, end_ms // _SLOT_MS
        self._make_room(int(first.min()), int(last.max()) + 2)
        from_slot, to_slot = first - self._first_slot, last - self._first_slot
        # An interval takes the rest of its first half hour, all of those after it up to its
        # last, and gives back the rest of that.
        np.add.at(self._partial_ms, from_slot, (first + 1) * _SLOT_MS - begin_ms)
        np.add.at(self._partial_ms, to_slot, end_ms - (last + 1) * _SLOT_MS)
        np.add.at(self._whole_change, from_slot + 1, 1)
        np.add.at(self._whole_change, to_slot + 1, -1)

    def by_time_of_day(self, begin: datetime, end: datetime, *, seeds: int) -> tuple[float, ...]:
        """Vehicles busy on average in each half hour of London's day, of `SLOTS_PER_DAY`.

        Parameters
        ----------
        begin, end
            The period replayed; half hours that it touches count as covered.
        seeds
            Over how many replays of the period to average.
        """
        slots = np.arange(_slot(begin), _slot(end) + 1)
        busy_ms = self._partial_ms + np.cumsum(self._whole_change) * _SLOT_MS
        index = slots - self._first_slot
        known = (index >= 0) & (index < len(busy_ms))
        of_day = _slot_of_day(slots)
        total_ms = np.bincount(
            of_day[known], weights=busy_ms[index[known]], minlength=SLOTS_PER_DAY
        )
        covered_ms = np.bincount(of_day, minlength=SLOTS_PER_DAY) * seeds * _SLOT_MS
        mean = total_ms / np.maximum(covered_ms, 1)
        return tuple(round(float(value), 3) for value in mean)

    def _make_room(self, first: int, end: int) -> None:
        if len(self._partial_ms) == 0:
            self._first_slot = first
        before = max(self._first_slot - first, 0)
        after = max(end - self._first_slot - len(self._partial_ms), 0)
        self._first_slot -= before
        self._partial_ms = np.pad(self._partial_ms, (before, after))
        self._whole_change = np.pad(self._whole_change, (before, after))


def _slot_of_day(slots: LongArray) -> LongArray:
    return (slots + london_offset_s(slots * SLOT_S) // SLOT_S) % SLOTS_PER_DAY


def _slot(moment: datetime) -> int:
    return int(moment.timestamp()) // SLOT_S
