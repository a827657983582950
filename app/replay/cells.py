"""What cells may hold, and rows of them checked: a value, or a rejection that says why not.

The rules are those of the HTTP edge where both read the same thing.
"""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo

from app.fields import WRITTEN_AS
from app.replay.moments import parsed_moment
from app.replay.rows import Rejection, SourceRow

PLACE_COLUMNS = ("lat", "lon", "easting", "northing")

NO_WORDS = "none"
"""A cell that says outright that nothing applies, where an empty one says nothing."""

LONGEST_S = 7 * 86_400.0


def _as_moment(value: Any, info: ValidationInfo) -> datetime:
    assert info.context is not None
    return parsed_moment(value, info.context["zone"])


def _as_words(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value == NO_WORDS:
        return []
    return [word for one in value.replace(",", ";").split(";") if (word := one.strip())]


Word = TypeVar("Word", bound=StrEnum)

MomentCell = Annotated[datetime, BeforeValidator(_as_moment)]
"""An aware time, in the file's zone where the cell names no offset."""

WordsCell = Annotated[frozenset[Word], BeforeValidator(_as_words)]
"""Words joined by ";", or a list of them; `NO_WORDS` is an empty list."""

SecondsCell = Annotated[float, Field(ge=0, le=LONGEST_S, allow_inf_nan=False)]


class Cells(BaseModel):
    """The columns of one kind of file, named as in the file; empty ones keep their default."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


Checked = TypeVar("Checked", bound=Cells)


def checked(
    kind: type[Checked], row: SourceRow, zone: tzinfo, theirs: Mapping[str, str] | None = None
) -> Checked | Rejection:
    """
    A row as one kind of cells, its place in one of the two coordinate systems as `location`.

    Parameters
    ----------
    zone
        Of times that name no offset.
    theirs
        What the file calls columns that it names otherwise than `kind` does; those alone are read.
    """
    given = row.cells if theirs is None else _renamed(row.cells, theirs)
    place = {name: _number(given[name]) for name in PLACE_COLUMNS if name in given}
    try:
        return kind.model_validate(
            {**given, "location": place} if place else given, context={"zone": zone}
        )
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
    known = {*kind.model_fields, *PLACE_COLUMNS}
    ours = next((str(part) for part in reversed(fault["loc"]) if part in known), "line")
    column = "lat, lon" if ours == "location" else (theirs or {}).get(ours, ours)
    return Rejection.of(row.line, column, given.get(ours, ""), _reason(fault))


def _renamed(cells: Mapping[str, Any], theirs: Mapping[str, str]) -> dict[str, Any]:
    return {ours: cells[name] for ours, name in theirs.items() if name in cells}


def _number(value: Any) -> Any:
    """Text that says a number as that; anything else as it is, to be refused with its value."""
    try:
        return value if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return value


def _reason(fault: Any) -> str:
    if fault["type"] == "missing":
        return "it must be filled in"
    context = fault.get("ctx", {})
    if fault["type"] in ("bool_parsing", "bool_type"):
        return "accepted: yes or no, true or false, 1 or 0"
    if fault["type"] == "string_pattern_mismatch":
        return f"accepted: {WRITTEN_AS[context['pattern']]}"
    message = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    accepted = context.get("accepted")
    if isinstance(accepted, str):
        message = f"{message}; accepted: {accepted}"
    return message[:1].lower() + message[1:]
