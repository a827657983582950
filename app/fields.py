"""What single values may look like, and what is said of those that do not.

For requests and for the files of replays alike.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from app.dispatch.model import Category, Skill, VehicleType

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


def fault_at(
    location: tuple[int | str, ...], message: str, value: Any, accepted: Any = None
) -> ValidationError:
    """A validation error at one field; pydantic merges it into the request's others."""
    context = {"message": message, "accepted": accepted}
    error = PydanticCustomError("refused", "{message}", context)
    line = InitErrorDetails(type=error, loc=location, input=value)
    return ValidationError.from_exception_data("request", [line])


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


def not_telephone_advice(value: Any) -> Any:
    """Refuse C5 for what it is; any other value is for the next validator."""
    if value == "C5":
        error = "category_c5"
        message = "A C5 call is given telephone advice: no vehicle is sent, so none is recommended"
        raise PydanticCustomError(error, message, {"accepted": [str(word) for word in Category]})
    return value


def _may_repeat(schema: dict[str, Any]) -> None:
    """Say in the document that a word sent twice is as once."""
    del schema["uniqueItems"]


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
    BeforeValidator(not_telephone_advice),
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
Skills = Annotated[frozenset[Skill], Field(json_schema_extra=_may_repeat)]
VehicleTypes = Annotated[frozenset[VehicleType], Field(json_schema_extra=_may_repeat)]
HeadingDeg = Annotated[
    float, Field(strict=True, ge=0, lt=360, description="Degrees clockwise from north.")
]
SpeedMps = Annotated[
    float, Field(strict=True, ge=0, le=FASTEST_MPS, description="Metres per second.")
]
