"""Numbers that a control room or an analyst may replace: checked tables in TOML files."""

import tomllib
from collections.abc import Iterable, Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False, strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, strict=True)]
ProfileName = Annotated[str, Field(min_length=1)]

Table = TypeVar("Table", bound=BaseModel)


class CheckedTable(BaseModel):
    """A table that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def load_table(
    model: type[Table],
    path: Path | None,
    packaged: Traversable,
    *,
    called: str,
    error: type[ValueError],
) -> Table:
    """
    Read and check a TOML file: the packaged one when no path is given.

    Parameters
    ----------
    called
        What the file is, in its complaints.
    error
        What is raised, with one complaint for each key that cannot be used.
    """
    source = f"{called} {path or packaged.name}"
    try:
        text = (path or packaged).read_text(encoding="utf-8")
        return model.model_validate(tomllib.loads(text))
    except OSError as why:
        msg = f"{source} cannot be read: {why.strerror}"
        raise error(msg) from why
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        msg = f"{source} is not TOML: {why}"
        raise error(msg) from why
    except ValidationError as why:
        msg = f"{source} is not usable:\n" + "\n".join(_complaints(why))
        raise error(msg) from why


def _complaints(error: ValidationError) -> list[str]:
    lines = []
    for complaint in error.errors(include_url=False):
        key = ".".join(str(part) for part in complaint["loc"] if part != "[key]") or "policy"
        given = complaint["input"]
        value = "" if isinstance(given, dict) else f" is {given!r}"
        lines.append(f"  {key}{value}: {complaint['msg'].removeprefix('Value error, ')}")
    return lines


def require_order(first: str, first_value: float, second: str, second_value: float) -> None:
    """Raise `ValueError` when the second of two values lies below the first."""
    if first_value > second_value:
        msg = f"{first} ({first_value:g}) must not exceed {second} ({second_value:g})"
        raise ValueError(msg)


def require_all(table: str, given: Mapping[Any, object], needed: Iterable[str]) -> None:
    """Raise `ValueError` unless a table has every key that is needed."""
    missing = sorted(str(key) for key in needed if key not in given)
    if missing:
        msg = f"{table} lacks {', '.join(missing)}"
        raise ValueError(msg)
