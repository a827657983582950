"""What a search engine answers, whichever algorithm it runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from routing.metric import Metric
from routing.network import IntArray
from routing.snapping import Snap

_START_COLUMNS = {
    "vehicle": np.int32,
    "segment": np.int32,
    "fraction": np.float64,
    "delay_ms": np.int64,
}


@dataclass(frozen=True, eq=False, slots=True)
class Starts:
    """Places from which vehicles can set out: one row for each segment a vehicle may be on.

    Attributes
    ----------
    vehicle : int32[M]
        Number of the vehicle, any non-negative integer; rows of one vehicle share it.
    segment : int32[M]
        Segment it is on.
    fraction : float64[M]
        How far along, 0 to 1.
    delay_ms : int64[M]
        What is added to the drive before arrivals are compared: mobilisation, access.

    Other number types and strided arrays are converted: compiled code wants these exactly.
    """

    vehicle: NDArray[np.int32]
    segment: NDArray[np.int32]
    fraction: NDArray[np.float64]
    delay_ms: NDArray[np.int64]

    def __post_init__(self) -> None:
        for column, dtype in _START_COLUMNS.items():
            given = getattr(self, column)
            object.__setattr__(self, column, np.ascontiguousarray(given, dtype=dtype))

    @classmethod
    def at(cls, snaps: Sequence[Snap], delay_ms: Sequence[int] | None = None) -> Self:
        """Vehicles 0, 1, 2, ... at the given places, each with its delay (none by default)."""
        delays = [0] * len(snaps) if delay_ms is None else delay_ms
        rows = [
            (vehicle, segment, fraction, delays[vehicle])
            for vehicle, snap in enumerate(snaps)
            for segment, fraction in zip(snap.segments, snap.fractions, strict=True)
        ]
        columns = np.asarray(rows, dtype=np.float64).reshape(-1, 4).T
        return cls(*columns)


@dataclass(frozen=True, eq=False, slots=True)
class Arrival:
    """One vehicle's fastest drive to a place.

    Attributes
    ----------
    vehicle
        Its number in `Starts`; 0 for a plain route.
    total_ms
        Delay plus drive: what arrivals are ranked by; equal totals rank by vehicle number.
    drive_ms
        The drive alone.
    segments : int32[N]
        Segments driven, first and last in part.
    start_fraction, end_fraction
        Where on the first segment it starts and on the last it ends, 0 to 1.
    """

    vehicle: int
    total_ms: int
    drive_ms: int
    segments: IntArray
    start_fraction: float
    end_fraction: float


class SearchEngine(Protocol):
    """Exact answers in integer milliseconds on one metric; safe to call from several threads.

    Starts and targets lie on segments that the metric leaves open.
    """

    metric: Metric

    def nearest(self, target: Snap, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        ...


def route(engine: SearchEngine, start: Snap, target: Snap) -> Arrival | None:
    """The fastest drive from one place to another, or None when there is none."""
    arrivals = engine.nearest(target, Starts.at([start]), limit=1)
    return arrivals[0] if arrivals else None
