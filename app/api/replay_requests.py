"""What may be asked for in a replay: a form with files, or with the names of files."""

from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import UploadFile
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from app.dispatch.model import DriverAgency
from app.fields import in_utc

CALLS: Final = "calls"
FLEET: Final = "fleet"
VERSUS: Final = "versus"
STATIONS: Final = "stations"
NAMED_FILES: Final = (CALLS, FLEET, VERSUS, STATIONS)
"""Files of a replay; each may be sent, or named by the field that ends in `_path`."""

SINCE: Final = "since"

_PATH_LIMIT: Final = 1_000

SEEDS_LIMIT: Final = 100
"""Simulations of one scenario in one job: more say little more, and take a night."""


class ReplayMode(StrEnum):
    """What calls have to do with each other."""

    INDEPENDENT = "independent"
    SIMULATE = "simulate"


class CallFormatName(StrEnum):
    """How a file of calls is written."""

    STANDARD = "standard"
    LFB_INCIDENTS = "lfb-incidents"


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _without_empty(values: object) -> object:
    return [one for one in values if one != ""] if isinstance(values, list) else values


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        kind, message = "time_zone", "There is no such time zone"
        context = {"accepted": "a name of the IANA database, such as Europe/London or UTC"}
        raise PydanticCustomError(kind, message, context) from error
    return name


_ROW_FILES: Final = "CSV (.csv), NDJSON (.ndjson) or Parquet (.parquet), also .gz"

Uploaded = Annotated[UploadFile | None, WithJsonSchema({"type": "string", "format": "binary"})]
ServerPath = Annotated[
    Annotated[str, Field(max_length=_PATH_LIMIT)] | None, BeforeValidator(_none_if_empty)
]
Moment = Annotated[
    Annotated[AwareDatetime, AfterValidator(in_utc)] | None, BeforeValidator(_none_if_empty)
]


def _path_schema(example: str = "") -> WithJsonSchema:
    """A path as `/docs` fills it in, with one that works where the examples may be named."""
    return WithJsonSchema({"type": "string", "maxLength": _PATH_LIMIT, "examples": [example]})


_TIME_SCHEMA: Final = WithJsonSchema({"type": "string", "format": "date-time", "examples": [""]})


class ReplayForm(BaseModel):
    """What to replay. Each file is sent along, or named by its path among the server's inputs."""

    model_config = ConfigDict(extra="forbid")

    calls: Annotated[Uploaded, Field(description=f"Past calls: {_ROW_FILES}.")] = None
    calls_path: Annotated[
        ServerPath, _path_schema("calls.csv"), Field(description="Instead: a file of the server's.")
    ] = None
    fleet: Annotated[Uploaded, Field(description=f"Vehicles and their shifts: {_ROW_FILES}.")] = (
        None
    )
    fleet_path: Annotated[
        ServerPath, _path_schema("fleet.csv"), Field(description="Instead: a file of the server's.")
    ] = None
    versus: Annotated[
        Uploaded, Field(description="Simulate under this fleet too, and compare: a file like it.")
    ] = None
    versus_path: Annotated[
        ServerPath, _path_schema(), Field(description="Instead: a file of the server's.")
    ] = None
    stations: Annotated[
        Uploaded, Field(description="Stations by name (.csv), for records that name those.")
    ] = None
    stations_path: Annotated[
        ServerPath, _path_schema(), Field(description="Instead: a file of the server's.")
    ] = None
    mode: Annotated[
        ReplayMode,
        Field(
            description="`independent`: each call against the fleet as recorded. `simulate`: calls "
            "compete for crews, who mobilise, drive, convey and return."
        ),
    ] = ReplayMode.INDEPENDENT
    without_agency: Annotated[
        list[DriverAgency],
        BeforeValidator(_without_empty),
        Field(
            max_length=len(DriverAgency),
            description="Simulate without vehicles of these too, and compare.",
        ),
    ] = []
    seeds: Annotated[
        int,
        Field(
            ge=1,
            le=SEEDS_LIMIT,
            description="How often to simulate, each time with other luck; from two on, "
            "differences have confidence intervals.",
        ),
    ] = 1
    format: Annotated[CallFormatName, Field(description="How the calls are written.")] = (
        CallFormatName.STANDARD
    )
    time_zone: Annotated[
        str,
        Field(max_length=100, description="Of times that name no offset."),
        AfterValidator(_known_zone),
    ] = "Europe/London"
    since: Annotated[
        Moment, _TIME_SCHEMA, Field(description="Only calls received from then on.")
    ] = None
    until: Annotated[Moment, _TIME_SCHEMA, Field(description="Only calls received before.")] = None
    inside: Annotated[bool, Field(description="Only calls inside the network's extent.")] = False
    strict: Annotated[bool, Field(description="Replay nothing if a row cannot be used.")] = False
    csv: Annotated[bool, Field(description="Write `decisions.csv` too.")] = False
    title: Annotated[str, Field(max_length=200, description="Heads the report.")] = ""
