"""Closures: streets that are shut or slowed for a while, as an operator says it.

What a closure does to the streets of one network is worked out by `routing.closure_places`;
what all closures together do to travel times, by `routing.overlay`.
"""

import math
from dataclasses import dataclass
from datetime import datetime

import shapely

from routing.errors import ClosureError
from routing.geometry import is_on_earth

Polygons = shapely.Polygon | shapely.MultiPolygon

TIME_FACTORS = (1.0, 100.0)
"""By how much a street may be slowed (assumption: beyond it, shut is meant)."""

SPEEDS_MPS = (0.1, 60.0)
"""To what speed a street may be slowed, metres per second (assumption: beyond it, a mistake)."""

MAX_POINTS = 10_000
"""Corners of one polygon or line: more than any boundary of London that is drawn by hand."""

TOLERANCES_M = (1.0, 200.0)
DEFAULT_TOLERANCE_M = 15.0
"""How far a street's centre line may lie from a line drawn along it, metres (assumption: half of
a wide street, and the hand that draws)."""


@dataclass(frozen=True, slots=True)
class Shut:
    """Nobody gets through."""


@dataclass(frozen=True, slots=True)
class Slowed:
    """Driving takes longer; of both numbers the slower counts, and nothing becomes faster.

    Attributes
    ----------
    time_factor
        How many times as long as usual it takes.
    speed_mps
        At how many metres per second it is driven.
    """

    time_factor: float = 1.0
    speed_mps: float = math.inf

    def __post_init__(self) -> None:
        if self.time_factor == 1.0 and self.speed_mps == math.inf:
            message = "neither how much longer nor how fast"
            raise ClosureError(
                field="effect", value=self, message=message, accepted="a time factor or a speed"
            )
        _check_within("effect.time_factor", self.time_factor, TIME_FACTORS, "")
        if self.speed_mps != math.inf:
            _check_within("effect.speed_mps", self.speed_mps, SPEEDS_MPS, "m/s")


@dataclass(frozen=True, slots=True)
class InArea:
    """Every street with more than a touch of it inside; holes stay open.

    Attributes
    ----------
    polygon
        Longitude and latitude in WGS84 degrees.
    heading_deg
        Only the direction of travel within 90 degrees of it; None: both directions.
    """

    polygon: Polygons
    heading_deg: float | None = None

    def __post_init__(self) -> None:
        _check_shape("where.polygon", self.polygon)
        _check_heading(self.heading_deg)


@dataclass(frozen=True, slots=True)
class AlongLine:
    """Every street that runs along a line.

    Attributes
    ----------
    line
        Longitude and latitude in WGS84 degrees.
    tolerance_m
        How far from the line a street may run.
    one_way
        Only the direction in which the line is drawn.
    """

    line: shapely.LineString
    tolerance_m: float = DEFAULT_TOLERANCE_M
    one_way: bool = False

    def __post_init__(self) -> None:
        _check_shape("where.line", self.line)
        _check_within("where.tolerance_m", self.tolerance_m, TOLERANCES_M, "m")


@dataclass(frozen=True, slots=True)
class NamedStreet:
    """Every stretch of a street with this name or road number.

    Attributes
    ----------
    name
        As the map writes it; capitals, spaces and punctuation do not matter.
    within
        Only where it has more than a touch in this area; None: not limited.
    heading_deg
        Only the direction of travel within 90 degrees of it; None: both directions.
    everywhere
        All streets of this name, where several separate ones have it. A road number is one road.
    """

    name: str
    within: Polygons | None = None
    heading_deg: float | None = None
    everywhere: bool = False

    def __post_init__(self) -> None:
        if not any(letter.isalnum() for letter in self.name):
            message = "there is no letter or digit in it"
            raise ClosureError(
                field="where.name",
                value=self.name,
                message=message,
                accepted="the name or number of a street",
            )
        if self.within is not None:
            _check_shape("where.within", self.within)
            if self.everywhere:
                message = "it cannot be everywhere and only within an area"
                raise ClosureError(field="where.everywhere", value=True, message=message)
        _check_heading(self.heading_deg)


@dataclass(frozen=True, slots=True)
class TheseSegments:
    """Segments by their number in one version of a network.

    Attributes
    ----------
    one_way
        Only the segments named, not the same streets driven the other way.
    """

    segments: tuple[int, ...]
    one_way: bool = False


Where = InArea | AlongLine | NamedStreet | TheseSegments


@dataclass(frozen=True, slots=True)
class Closure:
    """Streets shut or slowed, from one moment to another.

    Attributes
    ----------
    starts_at, ends_at
        Aware times; None: since ever, until it is taken away.
    note
        For people: why, and who says so.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> ends_at = datetime(2021, 1, 17, 18, tzinfo=UTC)
    >>> lift = Closure("lift", Shut(), NamedStreet("Tower Bridge"), ends_at=ends_at)
    >>> lift.is_in_force(datetime(2021, 1, 17, 17, 55, tzinfo=UTC)), lift.is_over(ends_at)
    (True, True)
    >>> Slowed(time_factor=0.5)
    Traceback (most recent call last):
    ...
    routing.errors.ClosureError: effect.time_factor: 0.5 (accepted: 1 to 100)
    """

    closure_id: str
    effect: Shut | Slowed
    where: Where
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for field in ("starts_at", "ends_at"):
            moment: datetime | None = getattr(self, field)
            if moment is not None and moment.tzinfo is None:
                message = "a time without an offset from UTC"
                raise ClosureError(
                    field=field, value=moment, message=message, accepted="an aware time"
                )
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            message = f"it ends at {self.ends_at}, not after it starts at {self.starts_at}"
            raise ClosureError(
                field="ends_at",
                value=self.ends_at,
                message=message,
                accepted="a time after starts_at",
            )

    def is_over(self, now: datetime) -> bool:
        """Whether it has ended."""
        return self.ends_at is not None and self.ends_at <= now

    def is_in_force(self, now: datetime) -> bool:
        """Whether it has started and not ended."""
        return (self.starts_at is None or self.starts_at <= now) and not self.is_over(now)


def _check_shape(field: str, shape: Polygons | shapely.LineString) -> None:
    points = shapely.get_coordinates(shape)
    if len(points) > MAX_POINTS:
        message = f"{len(points):,} points"
        raise ClosureError(
            field=field,
            value=f"{len(points)} points",
            message=message,
            accepted=f"at most {MAX_POINTS:,}",
        )
    for lon, lat in points.tolist():
        if not is_on_earth(lat, lon):
            message = f"longitude {lon:g}, latitude {lat:g} is not on Earth"
            raise ClosureError(
                field=field,
                value=[lon, lat],
                message=message,
                accepted="WGS84 degrees, longitude first",
            )
    if shape.is_empty or not shape.is_valid:
        if shape.geom_type == "LineString":
            message, accepted = "it has no length", "two different points or more"
        elif shape.is_empty:
            message, accepted = "it has no corners", "three different ones or more"
        else:
            message = f"its outline is not simple: {shapely.is_valid_reason(shape)}"
            accepted = "an area whose outline does not cross itself, with its holes inside"
        raise ClosureError(field=field, value=_beginning(shape), message=message, accepted=accepted)


def _beginning(shape: Polygons | shapely.LineString) -> str:
    wkt = shapely.to_wkt(shape, rounding_precision=5)
    return wkt if len(wkt) <= 200 else f"{wkt[:199]}…"  # noqa: PLR2004 - a line for people


def _check_heading(heading_deg: float | None) -> None:
    if heading_deg is not None and not 0 <= heading_deg < 360:  # noqa: PLR2004 - a circle
        message = f"{heading_deg:g} is no heading"
        accepted = "degrees clockwise from north, 0 up to 360"
        raise ClosureError(
            field="where.heading_deg", value=heading_deg, message=message, accepted=accepted
        )


def _check_within(field: str, value: float, bounds: tuple[float, float], unit: str) -> None:
    lowest, highest = bounds
    if not lowest <= value <= highest:
        accepted = f"{lowest:g} to {highest:g} {unit}".rstrip()
        raise ClosureError(
            field=field, value=value, message=f"{value:g} {unit}".rstrip(), accepted=accepted
        )
