"""What a search engine answers, whichever algorithm it runs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from routing.errors import DelayError, PositionError
from routing.metric import Metric
from routing.network import IntArray, RoadNetwork
from routing.snapping import Snap

UNREACHED = 2**30
"""No drive takes this many milliseconds (12 days): what takes longer counts as none. Half of what
32 bits hold, so that two labels can be added."""

Table = TypeVar("Table", "Starts", "Ends")

_COLUMNS = {
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

    Raises
    ------
    PositionError, DelayError
        A segment is below 0, a fraction is not from 0 to 1, or a delay is below 0.
    """

    vehicle: NDArray[np.int32]
    segment: NDArray[np.int32]
    fraction: NDArray[np.float64]
    delay_ms: NDArray[np.int64]

    def __post_init__(self) -> None:
        _convert_columns(self)
        _check_rows(self)

    @classmethod
    def at(cls, snaps: Sequence[Snap], delay_ms: Sequence[int] | None = None) -> Self:
        """Vehicles 0, 1, 2, ... at the given places, each with its delay (none by default).

        Raises
        ------
        DelayError
            There is not one delay, a whole number of 0 or more, for each place.

        Examples
        --------
        A row for each direction in which each may set out.

        >>> Starts.at([crew, car], delay_ms=[0, 20_000]).vehicle.tolist()
        [0, 0, 1, 1]
        """
        delays = [0] * len(snaps) if delay_ms is None else delay_ms
        if delay_ms is not None:
            _check_delays(delay_ms, len(snaps))
        rows = [
            (vehicle, segment, fraction, delays[vehicle])
            for vehicle, snap in enumerate(snaps)
            for segment, fraction in zip(snap.segments, snap.fractions, strict=True)
        ]
        columns = np.asarray(rows, dtype=np.float64).reshape(-1, 4).T
        return cls(*columns)

    def only(self, vehicles: Sequence[int]) -> Self:
        """The rows of some vehicles."""
        return self._rows(np.isin(self.vehicle, vehicles))

    def on(self, segments: NDArray[np.bool_]) -> Self:
        """The rows on some segments, given as bool[S]."""
        return self._rows(segments[self.segment])

    def _rows(self, kept: NDArray[np.bool_]) -> Self:
        return type(self)(*(getattr(self, column.name)[kept] for column in fields(self)))


@dataclass(frozen=True, eq=False, slots=True)
class Ends:
    """Places at which a drive may end: a row for each segment, no segment twice.

    Attributes
    ----------
    segment : int32[E]
        Segment it may end on.
    fraction : float64[E]
        How far along, 0 to 1.
    delay_ms : int64[E]
        What is added after the drive when it ends there, 0 or more and less than `UNREACHED`.

    Other number types and strided arrays are converted: compiled code wants these exactly.

    Raises
    ------
    PositionError, DelayError
        As of `Starts`.
    """

    segment: NDArray[np.int32]
    fraction: NDArray[np.float64]
    delay_ms: NDArray[np.int64]

    def __post_init__(self) -> None:
        _convert_columns(self)
        _check_rows(self)

    @classmethod
    def at(cls, snap: Snap, network: RoadNetwork, delay_ms: Sequence[int] | None = None) -> Self:
        """The end of a drive to one place, on its segments and on their copies.

        `delay_ms` is what each segment of the place adds (nothing by default).
        """
        delays = [0] * len(snap.segments) if delay_ms is None else delay_ms
        rows = [
            (same, fraction, delay)
            for segment, fraction, delay in zip(snap.segments, snap.fractions, delays, strict=True)
            for same in network.with_copies(segment)
        ]
        return cls(*np.asarray(rows, dtype=np.float64).reshape(-1, 3).T)


def joined(tables: Sequence[Table]) -> Table:
    """The rows of several tables of one kind, one after the other."""
    kind = type(tables[0])
    return kind(
        *(np.concatenate([getattr(one, column.name) for one in tables]) for column in fields(kind))
    )


def _check_delays(delay_ms: Sequence[int], vehicles: int) -> None:
    given = np.asarray(delay_ms, dtype=np.float64)
    whole = given.shape == (vehicles,) and (
        np.isfinite(given) & (given >= 0) & (given == np.floor(given))
    )
    if not np.all(whole):
        msg = (
            f"delay_ms is {delay_ms}: it must be one whole number of milliseconds, 0 or more, for "
            f"each of {vehicles} vehicles"
        )
        raise DelayError(msg)


def _check_rows(table: Starts | Ends) -> None:
    if len(table.segment) == 0:
        return
    segment, fraction = table.segment, table.fraction
    if segment.min() < 0 or not (fraction.min() >= 0.0 and fraction.max() <= 1.0):
        row = int(np.flatnonzero((segment < 0) | ~((fraction >= 0.0) & (fraction <= 1.0)))[0])
        msg = (
            f"row {row} is {fraction[row]} along segment {segment[row]}: it must be 0 to 1 along "
            "a segment from 0 on"
        )
        raise PositionError(msg)
    if table.delay_ms.min() < 0:
        row = int(table.delay_ms.argmin())
        msg = f"row {row} has a delay of {table.delay_ms[row]} ms; it must be 0 or more"
        raise DelayError(msg)


def _convert_columns(table: Starts | Ends) -> None:
    for column in fields(table):
        given = np.ascontiguousarray(getattr(table, column.name), dtype=_COLUMNS[column.name])
        object.__setattr__(table, column.name, given)


@dataclass(frozen=True, eq=False, slots=True)
class Arrival:
    """One vehicle's fastest drive to a place.

    Attributes
    ----------
    vehicle
        Its number in `Starts`; 0 for a plain route.
    start, end
        Rows of `Starts` and `Ends` that the drive begins and ends at.
    total_ms
        Both delays plus drive: what arrivals are ranked by; equal totals rank by vehicle number.
    drive_ms
        The drive alone.
    segments : int32[N]
        Segments driven, copies of segments among them; first and last in part.
    start_fraction, end_fraction
        Where on the first segment it starts and on the last it ends, 0 to 1.
    first_stretch, last_stretch
        How many segments at its beginning and at its end are shut to all who pass: it begins or
        ends among them. All of them, both times, where it never leaves what is shut.
    """

    vehicle: int
    start: int
    end: int
    total_ms: int
    drive_ms: int
    segments: IntArray
    start_fraction: float
    end_fraction: float
    first_stretch: int = 0
    last_stretch: int = 0


def arrival(
    starts: Starts, start: int, ends: Ends, end: int, total_ms: int, segments: IntArray
) -> Arrival:
    """The arrival of a drive from one row of starts to one row of ends."""
    delays_ms = int(starts.delay_ms[start] + ends.delay_ms[end])
    return Arrival(
        vehicle=int(starts.vehicle[start]),
        start=start,
        end=end,
        total_ms=total_ms,
        drive_ms=total_ms - delays_ms,
        segments=segments,
        start_fraction=float(starts.fraction[start]),
        end_fraction=float(ends.fraction[end]),
    )


class SearchEngine(Protocol):
    """Exact answers in integer milliseconds on one metric; safe to call from several threads.

    Starts and ends lie on segments that the metric leaves open.
    """

    metric: Metric

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        ...

    def matrix(self, starts: Sequence[Starts], ends: Sequence[Ends]) -> Iterator[IntArray]:
        """
        Total milliseconds from each of several starts to each of M ends.

        Yields
        ------
        int32[R, M]
            The next R rows; `matrix.NO_WAY` where there is none.
        """
        ...

    def repriced(self, metric: Metric, changed_turns: IntArray) -> Self:
        """
        The engine of another metric, made from this one where that is quicker; this one stays.

        Parameters
        ----------
        metric
            Of the same network; it differs from this engine's in these turns (`entry_ms`) and in
            segments they lead into or out of, nowhere else.
        changed_turns
            In ascending order.
        """
        ...

    def completed(self) -> Self:
        """An engine that has caught up on what `repriced` put off to be ready sooner, or this one.

        The answers are the same; some come sooner.
        """
        ...

    @property
    def nbytes(self) -> int:
        """Memory it holds besides its metric."""
        ...
