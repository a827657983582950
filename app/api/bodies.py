"""What bodies have in common: no unknown fields, not too many rows, none twice."""

from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel, ConfigDict

from app.fields import fault_at

BATCH_LIMIT: Final = 2_000
"""Vehicles or fixes in one request: more than any ambulance service in Britain has on duty."""


class StrictModel(BaseModel):
    """A body that refuses fields it does not know: a misspelt need must not pass for none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def refuse_duplicates(ids: Iterable[str], rows: str, name: str) -> None:
    """
    Raise unless each row of a body has an id of its own.

    Parameters
    ----------
    rows, name
        What the field of rows is called, and that of the id in each.
    """
    first_row: dict[str, int] = {}
    for row, one in enumerate(ids):
        if one in first_row:
            message = f"{one!r} is also the id of {rows}[{first_row[one]}]"
            raise fault_at((rows, row, name), message, one)
        first_row[one] = row
