"""What callers may send. A body becomes domain objects here, once; nothing deeper asks again."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from app.api.places import PlaceIn
from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Needs,
    PositionFix,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from routing.alternatives import MAX_ALTERNATIVES
from routing.isochrones import MAX_LIMITS, OFF_ROAD_LIMITS_M, OFF_ROAD_M

BATCH_LIMIT: Final = 2_000
"""Vehicles or fixes in one request: more than any ambulance service in Britain has on duty."""

ISOCHRONE_LIMIT_S: Final = 24 * 60 * 60
"""A day: from anywhere in London, everywhere."""

MATRIX_LIMIT: Final = 2_000
"""Places on either side of a matrix."""

LENGTHS_LIMIT: Final = 500
"""Places on either side of a matrix with lengths: every drive is followed for its own."""

PRICES_LIMIT: Final = 10
"""Other drivers and hours in one question for a route."""

OPTIONS_LIMIT: Final = 50
OPTIONS_DEFAULT: Final = 5

FASTEST_MPS: Final = 100.0
"""Faster than any road vehicle or ambulance helicopter: a faulty reading."""

YEARS: Final = range(2, 9999)
"""All that `datetime` knows but the first and the last: neither an offset nor a drive added to a
time leads out of what it can say."""

_EXAMPLE_TIME: Final = "2021-01-17T18:42:05Z"

_VEHICLE_ID_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._:-]*$"
_CALL_ID_PATTERN: Final = r"^[!-~]([ -~]*[!-~])?$"

WRITTEN_AS: Final[Mapping[str, str]] = {
    _VEHICLE_ID_PATTERN: "letters and digits of English, and . _ : - after the first of them",
    _CALL_ID_PATTERN: "letters and digits of English, punctuation and spaces on one line, "
    "with no space at either end",
}
"""Patterns in words."""


def _only_text(value: Any) -> Any:
    if isinstance(value, str | datetime):
        return value
    error, message = "datetime_text", "A time must be text in RFC 3339"
    raise PydanticCustomError(error, message)


def in_utc(value: datetime) -> datetime:
    """The same moment in UTC; refused at the ends of what `datetime` knows."""
    if value.year not in YEARS:
        error, message = "datetime_range", "The year must lie within {first} to {last}"
        raise PydanticCustomError(error, message, {"first": YEARS[0], "last": YEARS[-1]})
    return value.astimezone(UTC)


def _not_telephone_advice(value: Any) -> Any:
    if value == "C5":
        error = "category_c5"
        message = "A C5 call is given telephone advice: no vehicle is sent, so none is recommended"
        raise PydanticCustomError(error, message, {"accepted": [str(word) for word in Category]})
    return value


Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_only_text),
    AfterValidator(in_utc),
    Field(description="RFC 3339 with an offset.", examples=[_EXAMPLE_TIME]),
]
VehicleId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=_VEHICLE_ID_PATTERN,
        description="Call sign or fleet number.",
        examples=["A101"],
    ),
]
CategoryIn = Annotated[
    Category,
    BeforeValidator(_not_telephone_advice),
    Field(description="Ambulance Response Programme category; C5 sends no vehicle."),
]
CallId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        pattern=_CALL_ID_PATTERN,
        description="The dispatch system's own number; asked twice, it is recognised.",
        examples=["CAD-210117-0421"],
    ),
]
HeadingDeg = Annotated[
    float, Field(strict=True, ge=0, lt=360, description="Degrees clockwise from north.")
]
SpeedMps = Annotated[
    float, Field(strict=True, ge=0, le=FASTEST_MPS, description="Metres per second.")
]
Limit = Annotated[
    int, Field(strict=True, ge=1, le=OPTIONS_LIMIT, description="How many vehicles to recommend.")
]


class StrictModel(BaseModel):
    """A body that refuses fields it does not know: a misspelt need must not pass for none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NeedsIn(StrictModel):
    """What the call demands of a vehicle. What is left out demands nothing."""

    conveyance: Annotated[
        StrictBool,
        Field(description="The patient must be taken to hospital: only vehicles that can convey."),
    ] = False
    skills: Annotated[frozenset[Skill], Field(description="Every one of these must be aboard.")] = (
        frozenset()
    )
    vehicle_types: Annotated[
        frozenset[VehicleType], Field(description="Only these kinds of vehicle; empty: any kind.")
    ] = frozenset()

    def needs(self) -> Needs:
        """As the domain knows them."""
        return Needs(self.conveyance, self.skills, self.vehicle_types)


class CallIn(StrictModel):
    """One 999 call."""

    call_id: CallId | None = None
    location: Annotated[PlaceIn, Field(description="Where the patient is.")]
    category: CategoryIn
    received_at: Annotated[
        Timestamp | None, Field(description="When the clock started; left out: now.")
    ] = None
    needs: NeedsIn = NeedsIn()


class PositionIn(StrictModel):
    """Where a vehicle was, and when it said so."""

    location: PlaceIn
    reported_at: Timestamp
    heading_deg: HeadingDeg | None = None
    speed_mps: SpeedMps | None = None

    def fix(self) -> PositionFix:
        """As the domain knows it."""
        return PositionFix(
            self.location.place(), self.reported_at, self.heading_deg, self.speed_mps
        )


class _VehicleFields(StrictModel):
    """What may be left out of a vehicle, and what then holds."""

    driver_agency: Annotated[
        DriverAgency, Field(description="Who employs the driver; no rule depends on it.")
    ] = DriverAgency.LAS
    position: PositionIn | None = None
    clinician_aboard: StrictBool = True
    skills: frozenset[Skill] = frozenset()
    blue_light_trained: StrictBool = True
    shift_ends_at: Timestamp | None = None
    station: Annotated[str, Field(max_length=100)] = ""


class VehicleState(_VehicleFields):
    """A vehicle, its crew and what it is doing."""

    vehicle_type: VehicleType
    status: Status

    def vehicle(self, vehicle_id: str) -> Vehicle:
        """As the domain knows it."""
        return Vehicle(
            vehicle_id=vehicle_id,
            vehicle_type=self.vehicle_type,
            driver_agency=self.driver_agency,
            status=self.status,
            fix=None if self.position is None else self.position.fix(),
            clinician_aboard=self.clinician_aboard,
            skills=self.skills,
            blue_light_trained=self.blue_light_trained,
            shift_ends_at=self.shift_ends_at,
            station=self.station,
        )


class VehicleIn(VehicleState):
    """A vehicle with its id."""

    vehicle_id: VehicleId


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class VehicleChange(_VehicleFields):
    """What has changed about a vehicle: a field left out stays as it is, so no default is used.

    `null` takes away a position or an end of shift; nothing else can be without a value.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    vehicle_type: VehicleType = VehicleType.EMERGENCY_AMBULANCE
    status: Status = Status.AVAILABLE_AT_STATION

    def changes(self) -> dict[str, Any]:
        """The fields of `Vehicle` that were sent, with their new values."""
        sent = {name: getattr(self, name) for name in self.model_fields_set}
        if "position" in sent:
            position: PositionIn | None = sent.pop("position")
            sent["fix"] = None if position is None else position.fix()
        return sent


class RecommendationRequest(StrictModel):
    """A call that needs a vehicle."""

    call: CallIn
    vehicles: Annotated[
        list[VehicleIn] | None,
        Field(max_length=BATCH_LIMIT, description="Choose among these, not the fleet held here."),
    ] = None
    limit: Limit = OPTIONS_DEFAULT
    include_routes: Annotated[StrictBool, Field(description="Add the way each would take.")] = True
    explain: Annotated[
        StrictBool, Field(description="Add reasons, and every vehicle left out.")
    ] = True
    at: Annotated[
        Timestamp | None,
        Field(description="Decide as of this time; only for `vehicles` sent along. Left out: now."),
    ] = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.vehicles is None:
            if self.at is not None:
                message = "Only vehicles sent along can be judged as of another time than now"
                raise _fault(("at",), message, self.at.isoformat())
        else:
            _refuse_duplicates(vehicle.vehicle_id for vehicle in self.vehicles)
        return self

    def call_at(self, now: datetime, call_id: str) -> Call:
        """The call as the domain knows it; `now` and `call_id` stand in where none was sent."""
        return Call(
            call_id=self.call.call_id or call_id,
            location=self.call.location.place(),
            category=self.call.category,
            received_at=self.call.received_at or now,
            needs=self.call.needs.needs(),
        )


class VehicleBatch(StrictModel):
    """Vehicles to be held, each replacing what was held under its id."""

    vehicles: Annotated[list[VehicleIn], Field(min_length=1, max_length=BATCH_LIMIT)]

    @model_validator(mode="after")
    def _no_duplicates(self) -> Self:
        _refuse_duplicates(vehicle.vehicle_id for vehicle in self.vehicles)
        return self


class PositionReport(PositionIn):
    """A position fix with the id of its vehicle."""

    vehicle_id: VehicleId


class PositionBatch(StrictModel):
    """Position fixes in any order; several of one vehicle are allowed, the newest counts."""

    positions: Annotated[list[PositionReport], Field(min_length=1, max_length=BATCH_LIMIT)]


class VehicleQuery(StrictModel):
    """Which of the vehicles held, and which page of them."""

    status: Annotated[Status | None, Field(description="Only vehicles doing this.")] = None
    driver_agency: Annotated[
        DriverAgency | None, Field(description="Only vehicles driven by this service.")
    ] = None
    vehicle_type: Annotated[VehicleType | None, Field(description="Only this kind.")] = None
    offset: Annotated[int, Field(ge=0, description="Vehicles to skip.")] = 0
    limit: Annotated[int, Field(ge=1, le=BATCH_LIMIT, description="Vehicles on the page.")] = 100


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
    ] = []


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
                raise _fault(("distances",), message, self.distances)
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
    ] = [420, 900, 1080]
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
    at: HourOf = None
    category: Annotated[
        Category,
        BeforeValidator(_not_telephone_advice),
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
                raise _fault((name,), message, sent)
        return self


class SnapRequest(StrictModel):
    """A position to be put on the road."""

    location: PlaceIn
    heading_deg: HeadingDeg | None = None
    profile: ProfileName = ProfileName.BLUE_LIGHT


def _refuse_duplicates(vehicle_ids: Iterable[str]) -> None:
    first_row: dict[str, int] = {}
    for row, vehicle_id in enumerate(vehicle_ids):
        if vehicle_id in first_row:
            message = f"{vehicle_id!r} is also the id of vehicles[{first_row[vehicle_id]}]"
            raise _fault(("vehicles", row, "vehicle_id"), message, vehicle_id)
        first_row[vehicle_id] = row


def _fault(location: tuple[int | str, ...], message: str, value: Any) -> ValidationError:
    """A validation error at one field; pydantic merges it into the request's others."""
    error = PydanticCustomError("inconsistent", "{message}", {"message": message})
    line = InitErrorDetails(type=error, loc=location, input=value)
    return ValidationError.from_exception_data("request", [line])
