"""A closure as callers send it: GeoJSON (RFC 7946), a street by its name, or segments."""

from collections.abc import Iterator
from enum import StrEnum
from itertools import count
from typing import Annotated, Any, Final, Self

import shapely
from pydantic import ConfigDict, Field, StrictBool, model_validator

from app.api.bodies import BATCH_LIMIT, StrictModel, refuse_duplicates
from app.fields import HeadingDeg, Timestamp, VehicleId, fault_at
from routing.closures import (
    DEFAULT_TOLERANCE_M,
    MAX_POINTS,
    SPEEDS_MPS,
    TIME_FACTORS,
    TOLERANCES_M,
    AlongLine,
    Closure,
    InArea,
    NamedStreet,
    Polygons,
    Shut,
    Slowed,
    TheseSegments,
    Where,
)

SEGMENTS_LIMIT: Final = 10_000
NOTE_LENGTH: Final = 300

ClosureId = Annotated[
    VehicleId,
    Field(description="The sender's own name for it; left out: one is made up.", examples=["TB-1"]),
]

Position = tuple[
    Annotated[float, Field(strict=True, allow_inf_nan=False)],
    Annotated[float, Field(strict=True, allow_inf_nan=False)],
]


class AreaType(StrEnum):
    """GeoJSON geometries that enclose something."""

    POLYGON = "Polygon"
    MULTI_POLYGON = "MultiPolygon"


class LineType(StrEnum):
    """The GeoJSON geometry of a line."""

    LINE_STRING = "LineString"


class EffectName(StrEnum):
    """What a closure does to its streets."""

    SHUT = "shut"
    SLOWED = "slowed"


def _polygon_schema(schema: dict[str, Any]) -> None:
    """Say in the document how deep the coordinates are nested."""
    position = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    ring = {"type": "array", "items": position, "minItems": 4}
    polygon = {"type": "array", "items": ring, "minItems": 1}
    schema["properties"]["coordinates"] = {
        "description": "Rings of [longitude, latitude] in WGS84 degrees: the outline, then holes; "
        "of a MultiPolygon, several such polygons.",
        "anyOf": [polygon, {"type": "array", "items": polygon, "minItems": 1}],
    }


class AreaIn(StrictModel):
    """A GeoJSON Polygon or MultiPolygon."""

    model_config = ConfigDict(json_schema_extra=_polygon_schema)

    type: AreaType
    coordinates: Annotated[list[Any], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_nested_right(self) -> Self:
        self.shape()
        return self

    def shape(self) -> Polygons:
        """The polygon, or several."""
        if self.type is AreaType.POLYGON:
            return _polygon(self.coordinates, ("coordinates",))
        return shapely.MultiPolygon(
            [
                _polygon(one, ("coordinates", place))
                for place, one in enumerate(_list(self.coordinates, ("coordinates",)))
            ]
        )


class LineIn(StrictModel):
    """A GeoJSON LineString."""

    type: LineType
    coordinates: Annotated[
        list[Position],
        Field(
            min_length=2,
            max_length=MAX_POINTS,
            description="[longitude, latitude] in WGS84 degrees.",
        ),
    ]


class StreetIn(StrictModel):
    """A street by its name or road number."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description="As the map writes it; capitals and punctuation do not matter.",
            examples=["Tower Bridge"],
        ),
    ]
    within: Annotated[
        AreaIn | None,
        Field(description="Only its stretches in this area: for a name that several streets have."),
    ] = None
    everywhere: Annotated[
        StrictBool,
        Field(description="All streets of this name, where several separate ones have it."),
    ] = False


_WHERE: Final = ("area", "line", "street", "segments")


class ClosureIn(StrictModel):
    """Streets shut or slowed for a while: exactly one of area, line, street and segments."""

    closure_id: ClosureId | None = None
    effect: EffectName = EffectName.SHUT
    time_factor: Annotated[
        float | None,
        Field(
            strict=True,
            gt=TIME_FACTORS[0],
            le=TIME_FACTORS[1],
            description="Slowed: how many times as long as usual it takes. With `speed_mps` too, "
            "the slower of both counts.",
        ),
    ] = None
    speed_mps: Annotated[
        float | None,
        Field(
            strict=True,
            ge=SPEEDS_MPS[0],
            le=SPEEDS_MPS[1],
            description="Slowed: metres per second at which it is driven; nothing gets faster. "
            "With `time_factor` too, the slower of both counts.",
        ),
    ] = None
    area: Annotated[
        AreaIn | None, Field(description="Every street with more than a touch of it inside.")
    ] = None
    line: Annotated[LineIn | None, Field(description="Every street that runs along it.")] = None
    tolerance_m: Annotated[
        float | None,
        Field(
            strict=True,
            ge=TOLERANCES_M[0],
            le=TOLERANCES_M[1],
            description="Metres a street may lie from the line; "
            f"left out: {DEFAULT_TOLERANCE_M:g}.",
        ),
    ] = None
    street: StreetIn | None = None
    segments: Annotated[
        list[Annotated[int, Field(strict=True, ge=0)]] | None,
        Field(
            min_length=1,
            max_length=SEGMENTS_LIMIT,
            description="Numbers in this version of the network, as `POST /v1/snap` gives them.",
        ),
    ] = None
    heading_deg: Annotated[
        HeadingDeg | None,
        Field(
            description="Of an area or street only the direction of travel within 90 degrees of "
            "this, clockwise from north."
        ),
    ] = None
    one_way: Annotated[
        StrictBool | None,
        Field(
            description="Of a line only the direction in which it is drawn; of segments only "
            "those named, not the same streets the other way."
        ),
    ] = None
    starts_at: Annotated[Timestamp | None, Field(description="Left out: it holds already.")] = None
    ends_at: Annotated[
        Timestamp | None, Field(description="When it is over by itself; left out: when deleted.")
    ] = None
    note: Annotated[str, Field(max_length=NOTE_LENGTH, description="For people.")] = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = [name for name in _WHERE if getattr(self, name) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)} at once" if given else "None of them was sent"
            message = f"Where is it? {what}; send exactly one of {', '.join(_WHERE)}."
            raise fault_at((given[1],) if given else ("area",), message, None, list(_WHERE))
        for field, belongs_to in (
            ("tolerance_m", ("line",)),
            ("heading_deg", ("area", "street")),
            ("one_way", ("line", "segments")),
        ):
            if getattr(self, field) is not None and given[0] not in belongs_to:
                message = f"It goes with {' or '.join(belongs_to)}, not with {given[0]}."
                raise fault_at((field,), message, getattr(self, field))
        self._check_effect()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            message = f"It must be after starts_at, {self.starts_at.isoformat()}."
            raise fault_at(("ends_at",), message, self.ends_at.isoformat(), "a later time")
        return self

    def _check_effect(self) -> None:
        slowing = ("time_factor", "speed_mps")
        given = [name for name in slowing if getattr(self, name) is not None]
        if self.effect is EffectName.SHUT and given:
            message = "It goes with effect 'slowed': what is shut has no speed."
            raise fault_at((given[0],), message, getattr(self, given[0]))
        if self.effect is EffectName.SLOWED and not given:
            message = "Slowed by how much? Send time_factor or speed_mps."
            raise fault_at(("effect",), message, self.effect.value, list(slowing))

    def closure(self, closure_id: str) -> Closure:
        """
        As the routing core knows it.

        Raises
        ------
        ClosureError
            It cannot be what was meant.
        """
        return Closure(
            closure_id=closure_id,
            effect=self._slowed() if self.effect is EffectName.SLOWED else Shut(),
            where=self._where(),
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            note=self.note,
        )

    def _slowed(self) -> Slowed:
        sent = {"time_factor": self.time_factor, "speed_mps": self.speed_mps}
        return Slowed(**{name: value for name, value in sent.items() if value is not None})

    def _where(self) -> Where:
        if self.area is not None:
            return InArea(self.area.shape(), self.heading_deg)
        if self.line is not None:
            line = shapely.LineString(self.line.coordinates)
            tolerance_m = DEFAULT_TOLERANCE_M if self.tolerance_m is None else self.tolerance_m
            return AlongLine(line, tolerance_m, one_way=bool(self.one_way))
        if self.street is not None:
            within = None if self.street.within is None else self.street.within.shape()
            everywhere = self.street.everywhere
            return NamedStreet(self.street.name, within, self.heading_deg, everywhere)
        assert self.segments is not None
        return TheseSegments(tuple(self.segments), one_way=bool(self.one_way))


class ClosureBatch(StrictModel):
    """Closures, each in place of any with its id."""

    closures: Annotated[list[ClosureIn], Field(min_length=1, max_length=BATCH_LIMIT)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        for row, closure in enumerate(self.closures):
            if closure.closure_id is None:
                message = "In a batch each closure has an id, so that sent again it is the same."
                raise fault_at(("closures", row, "closure_id"), message, None)
        refuse_duplicates(
            (str(closure.closure_id) for closure in self.closures), "closures", "closure_id"
        )
        return self


class ClosureQuery(StrictModel):
    """Which page of the closures."""

    offset: Annotated[int, Field(ge=0, description="Closures to skip.")] = 0
    limit: Annotated[int, Field(ge=1, le=BATCH_LIMIT, description="Closures on the page.")] = 100


Location = tuple[int | str, ...]


def _polygon(rings: Any, location: Location) -> shapely.Polygon:
    budget = count()
    outline, *holes = [
        list(_ring(ring, (*location, place), budget))
        for place, ring in enumerate(_list(rings, location))
    ]
    return shapely.Polygon(outline, holes)


def _ring(ring: Any, location: Location, budget: "count[int]") -> Iterator[tuple[float, float]]:
    positions = _list(ring, location)
    for place, position in enumerate(positions):
        if not (isinstance(position, list) and len(position) == 2 and all(map(_number, position))):  # noqa: PLR2004
            message = "This must be a position: longitude and latitude."
            raise fault_at((*location, place), message, position, "two numbers, longitude first")
        if next(budget) >= MAX_POINTS:
            message = f"There are more than {MAX_POINTS:,} positions."
            raise fault_at(location[:1], message, None, f"at most {MAX_POINTS:,}")
        yield position[0], position[1]
    if len(positions) < 4 or positions[0] != positions[-1]:  # noqa: PLR2004 - as RFC 7946 says
        message = "This ring is not closed: its last position must be the first again."
        accepted = "four positions or more, the last as first"
        raise fault_at(location, message, positions[-1], accepted)


def _list(value: Any, location: Location) -> list[Any]:
    if not isinstance(value, list) or not value:
        message = "The coordinates are not nested as this type of geometry wants."
        accepted = "a Polygon has rings of positions, a MultiPolygon has polygons"
        raise fault_at(location, message, value, accepted)
    return value


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6  # noqa: PLR2004
