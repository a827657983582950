"""Closures as callers get them back."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

import shapely
from pydantic import Field

from app.api.closure_requests import EffectName
from app.dispatch.wording import distance
from routing.closure_places import PlacedClosure
from routing.closures import (
    AlongLine,
    InArea,
    NamedStreet,
    Polygons,
    Shut,
    TheseSegments,
    Where,
)
from routing.geometry import COORDINATE_DECIMALS, Extent

BEYOND_M = 200.0
BEYOND_SHARE = 0.5
"""A closure is said to reach beyond what was drawn when so much of its street lies outside
(assumption: less is seen on the map by who drew it)."""

Bbox = tuple[float, float, float, float]
Geometry = Annotated[dict[str, Any], Field(description="GeoJSON, as it was sent.")]


class ClosureStatus(StrEnum):
    """Whether a closure is in the answers."""

    PLANNED = "planned"
    IN_FORCE = "in_force"


@dataclass(frozen=True, slots=True)
class NamedStreetAnswer:
    """A street by its name or road number."""

    name: str
    within: Geometry | None
    everywhere: bool


@dataclass(frozen=True, slots=True)
class ClosureAnswer:
    """A closure as it is held, and the streets it is about."""

    closure_id: str
    title: Annotated[str, Field(description="In a few words, as answers name it.")]
    status: ClosureStatus
    effect: EffectName
    time_factor: float | None
    speed_mps: float | None
    area: Geometry | None
    line: Geometry | None
    tolerance_m: float | None
    street: NamedStreetAnswer | None
    segments: Annotated[list[int] | None, Field(description="Where they were sent.")]
    heading_deg: float | None
    one_way: bool | None
    starts_at: datetime | None
    ends_at: datetime | None
    note: str
    streets: Annotated[tuple[str, ...], Field(description="Names, the longest stretch first.")]
    segment_count: Annotated[
        int, Field(description="Directed stretches of road it is about; a two-way street has two.")
    ]
    length_m: Annotated[float, Field(description="Metres of street; a two-way street counts once.")]
    bbox: Annotated[
        Bbox, Field(description="Where they lie: west, south, east, north in WGS84 degrees.")
    ]
    warnings: Annotated[
        tuple[str, ...],
        Field(description="For people: whether most of it lies outside what was drawn."),
    ]

    @classmethod
    def of(cls, placed: PlacedClosure, *, in_force: bool) -> Self:
        """From the routing core's closure, measured."""
        assert placed.stretch is not None
        closure, effect = placed.closure, placed.closure.effect
        slowed = None if isinstance(effect, Shut) else effect
        factor = None if slowed is None or slowed.time_factor == 1 else slowed.time_factor
        speed = None if slowed is None or slowed.speed_mps == math.inf else slowed.speed_mps
        return cls(
            closure_id=closure.closure_id,
            title=placed.title,
            status=ClosureStatus.IN_FORCE if in_force else ClosureStatus.PLANNED,
            effect=EffectName.SHUT if slowed is None else EffectName.SLOWED,
            time_factor=factor,
            speed_mps=speed,
            **_where(closure.where),
            starts_at=closure.starts_at,
            ends_at=closure.ends_at,
            note=closure.note,
            streets=placed.streets,
            segment_count=len(placed.segments),
            length_m=round(placed.stretch.length_m, 1),
            bbox=bbox(placed.stretch.extent),
            warnings=_warnings(placed),
        )


@dataclass(frozen=True, slots=True)
class ClosurePage:
    """Some of the closures, by closure id."""

    total: Annotated[int, Field(description="Closures held, on all pages.")]
    offset: int
    closures: list[ClosureAnswer]


@dataclass(frozen=True, slots=True)
class ClosureWarning:
    """Something to know of one closure of a batch."""

    closure_id: str
    detail: str

    @classmethod
    def of_one_over(cls, closure_id: str, ended_at: datetime) -> Self:
        """That a closure was sent too late."""
        detail = f"it was over at {ended_at.isoformat(timespec='seconds')}: it is not held"
        return cls(closure_id, detail)


@dataclass(frozen=True, slots=True)
class ClosureReceipt:
    """What became of a batch of closures."""

    stored: int
    created: Annotated[int, Field(description="Of those, how many were not held before.")]
    warnings: Annotated[
        tuple[ClosureWarning, ...],
        Field(
            description="For people: which closures were over already and are not held, and of "
            "which others most lies outside what was drawn."
        ),
    ]

    @classmethod
    def of(
        cls, placed: Sequence[PlacedClosure], *, created: int, over: Iterable[ClosureWarning]
    ) -> Self:
        """From the routing core's closures, measured, and what was sent too late."""
        warnings = (
            ClosureWarning(one.closure.closure_id, detail)
            for one in placed
            for detail in _warnings(one)
        )
        return cls(len(placed), created, (*over, *warnings))


def bbox(extent: Extent) -> Bbox:
    """West, south, east and north, as GeoJSON has them."""
    edges = (extent.west, extent.south, extent.east, extent.north)
    west, south, east, north = (round(edge, COORDINATE_DECIMALS) for edge in edges)
    return west, south, east, north


def _warnings(placed: PlacedClosure) -> tuple[str, ...]:
    closure, stretch = placed.closure, placed.stretch
    if stretch is None or stretch.inside_m is None:
        return ()
    beyond_m = stretch.length_m - stretch.inside_m
    if beyond_m < max(BEYOND_M, BEYOND_SHARE * stretch.length_m):
        return ()
    does = "shuts" if isinstance(closure.effect, Shut) else "slows"
    drawn = "along the line" if isinstance(closure.where, AlongLine) else "inside the area"
    said = f"it {does} {distance(stretch.length_m)} of street, of which "
    said += f"{distance(stretch.inside_m)} {drawn}: streets count whole, from junction to junction"
    return (said,)


def _where(where: Where) -> dict[str, Any]:
    fields: dict[str, Any] = dict.fromkeys(
        ("area", "line", "tolerance_m", "street", "segments", "heading_deg", "one_way")
    )
    match where:
        case InArea(polygon, heading_deg):
            return fields | {"area": _geojson(polygon), "heading_deg": heading_deg}
        case AlongLine(line, tolerance_m, one_way):
            return fields | {
                "line": _geojson(line),
                "tolerance_m": tolerance_m,
                "one_way": one_way,
            }
        case NamedStreet(name, within, heading_deg, everywhere):
            area = None if within is None else _geojson(within)
            street = NamedStreetAnswer(name, area, everywhere)
            return fields | {"street": street, "heading_deg": heading_deg}
        case TheseSegments(segments, one_way):
            return fields | {"segments": list(segments), "one_way": one_way}


def _geojson(shape: Polygons | shapely.LineString) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shape))
