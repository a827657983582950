"""What callers send of ways, times between places, and areas in reach."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, StrictBool, model_validator
from pydantic_core import PydanticCustomError

from app.api.bodies import StrictModel
from app.api.recommendation_requests import NeedsIn
from app.dispatch.model import Category
from app.fields import HeadingDeg, Timestamp, fault_at, not_telephone_advice
from app.places import PlaceIn
from routing.alternatives import MAX_ALTERNATIVES
from routing.isochrones import MAX_LIMITS, OFF_ROAD_LIMITS_M, OFF_ROAD_M

ISOCHRONE_LIMIT_S: Final = 24 * 60 * 60
"""A day: from anywhere in London, everywhere."""

MATRIX_LIMIT: Final = 2_000
"""Places on either side of a matrix."""

LENGTHS_LIMIT: Final = 500
"""Places on either side of a matrix with lengths: every drive is followed for its own."""

PRICES_LIMIT: Final = 10
"""Other drivers and hours in one question for a route."""


class ProfileName(StrEnum):
    """How a vehicle drives."""

    BLUE_LIGHT = "blue_light"
    NORMAL_ROAD = "normal_road"
    BLUE_LIGHT_CONTRAFLOW = "blue_light_contraflow"


HourOf = Annotated[
    Timestamp | None,
    Field(
        description="Drive at the usual speeds of this hour of the week, in London; left out: on "
        "average over the week."
    ),
]


class DrivenAs(StrictModel):
    """Another driver, or another hour."""

    profile: ProfileName = ProfileName.BLUE_LIGHT
    at: Annotated[
        HourOf,
        Field(
            description="Drive at the usual speeds of this hour of the week, in London; left out: "
            "at `at` of the request, and without that on average over the week."
        ),
    ] = None


class RouteRequest(StrictModel):
    """Two places and how to drive between them."""

    from_: Annotated[PlaceIn, Field(alias="from")]
    to: PlaceIn
    profile: ProfileName = ProfileName.BLUE_LIGHT
    at: HourOf = None
    alternatives: Annotated[
        int,
        Field(strict=True, ge=0, le=MAX_ALTERNATIVES, description="Other ways, at most."),
    ] = 0
    steps: Annotated[StrictBool, Field(description="Add what to do at each turn.")] = False
    also_priced_as: Annotated[
        list[DrivenAs],
        Field(max_length=PRICES_LIMIT, description="What the same ways cost others."),
    ] = []  # noqa: RUF012 (pydantic copies it)


Places = Annotated[list[PlaceIn], Field(min_length=1, max_length=MATRIX_LIMIT)]


class MatrixRequest(StrictModel):
    """Places to drive from, and places to drive to."""

    from_: Annotated[Places, Field(alias="from")]
    to: Annotated[Places | None, Field(description="Left out: those in `from`.")] = None
    profile: ProfileName = ProfileName.BLUE_LIGHT
    at: HourOf = None
    distances: Annotated[StrictBool, Field(description="Add lengths in metres.")] = False

    @model_validator(mode="after")
    def _not_too_many_lengths(self) -> Self:
        for name, places in (("from", self.from_), ("to", self.to or ())):
            if self.distances and len(places) > LENGTHS_LIMIT:
                message = f"With distances, {name} can hold up to {LENGTHS_LIMIT} places"
                raise fault_at(("distances",), message, self.distances)
        return self


FLEET: Final = "fleet"


def _fleet_or_place(value: Any) -> Any:
    if value == FLEET:
        return FLEET
    if isinstance(value, str):
        error, message = "origin", "This is neither the word 'fleet' nor a place"
        raise PydanticCustomError(error, message, {"accepted": f"{FLEET!r} or a place"})
    return PlaceIn.model_validate(value)


class IsochroneRequest(StrictModel):
    """From where, and within which times."""

    from_: Annotated[
        PlaceIn | Literal["fleet"],
        PlainValidator(_fleet_or_place, json_schema_input_type=PlaceIn | Literal["fleet"]),
        Field(
            alias="from",
            description="A place, or `fleet`: the vehicles held here that may be sent now.",
        ),
    ]
    limits_s: Annotated[
        list[Annotated[float, Field(strict=True, ge=0, le=ISOCHRONE_LIMIT_S)]],
        Field(min_length=1, max_length=MAX_LIMITS, description="Seconds, in any order."),
    ] = [420, 900, 1080]  # noqa: RUF012 (pydantic copies it)
    off_road_m: Annotated[
        float,
        Field(
            strict=True,
            ge=OFF_ROAD_LIMITS_M[0],
            le=OFF_ROAD_LIMITS_M[1],
            description="Metres from a road reached in time that still count.",
        ),
    ] = OFF_ROAD_M
    profile: Annotated[
        ProfileName, Field(description="How it is driven, from a place; the fleet drives by rule.")
    ] = ProfileName.BLUE_LIGHT
    at: Annotated[
        HourOf,
        Field(
            description="Drive at the usual speeds of this hour of the week, in London; left out: "
            "the fleet drives at those of now, from a place it is on average over the week."
        ),
    ] = None
    category: Annotated[
        Category,
        BeforeValidator(not_telephone_advice),
        Field(description="Of the fleet: vehicles that may be sent to such a call."),
    ] = Category.C1
    needs: Annotated[NeedsIn, Field(description="Of the fleet: vehicles that meet these.")] = (
        NeedsIn()
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        only_for = ("profile",) if self.from_ == FLEET else ("category", "needs")
        for name in only_for:
            if name in self.model_fields_set:
                other = "a place" if self.from_ == FLEET else "the fleet"
                message = f"This can only be asked with {other} in `from`"
                sent = (
                    self.needs.model_dump(mode="json") if name == "needs" else getattr(self, name)
                )
                raise fault_at((name,), message, sent)
        return self


class SnapRequest(StrictModel):
    """A position to be put on the road."""

    location: PlaceIn
    heading_deg: HeadingDeg | None = None
    profile: ProfileName = ProfileName.BLUE_LIGHT
