"""Comma-separated tables read strictly: each complaint names file, line, column and value."""

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from geo_data.errors import SourceError


class TableError(SourceError, ValueError):
    """A table of reference data that cannot be used as it is.

    Attributes
    ----------
    file, line, column, value
        Where the fault is (line 1 is the header) and what stands there.
    accepted
        What would have been right, in plain English.
    """

    def __init__(self, *, file: str, line: int, column: str, value: str, accepted: str) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.value = value
        self.accepted = accepted
        super().__init__(f"{file}, line {line}: {column} is {value!r}; it must be {accepted}")

    def __reduce__(self) -> tuple[Any, tuple[()]]:
        """Let it be sent from one process to another."""
        return partial(type(self), **vars(self)), ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, whose cells are asked for by column and by what they must be."""

    file: str
    line: int
    cells: Mapping[str, str]

    def fault(self, column: str, accepted: str) -> TableError:
        """Return the error that says what a cell must be."""
        return TableError(
            file=self.file,
            line=self.line,
            column=column,
            value=self.cells[column],
            accepted=accepted,
        )

    def optional(self, column: str) -> str:
        """Text of a cell, possibly empty."""
        return self.cells[column]

    def text(self, column: str) -> str:
        """Text of a cell that must not be empty."""
        value = self.cells[column]
        if not value:
            raise self.fault(column, "filled in")
        return value

    def one_of(self, column: str, accepted: Sequence[str]) -> str:
        """Text of a cell that must be one of a few words."""
        value = self.cells[column]
        if value not in accepted:
            raise self.fault(column, "one of " + ", ".join(accepted))
        return value

    def number(self, column: str, lowest: float, highest: float) -> float:
        """Return the number in a cell, within limits (both included)."""
        value = parsed_number(self.cells[column])
        if not lowest <= value <= highest:
            raise self.fault(column, f"a number from {lowest:g} to {highest:g}")
        return value


def parsed_number(text: str) -> float:
    """Return the number a text says, or not-a-number when it says none."""
    try:
        return float(text)
    except ValueError:
        return math.nan


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Read a table that has exactly these columns, surrounding blanks and empty lines removed.

    Raises
    ------
    TableError
        If the header differs, a line has too few or too many cells, or it is not UTF-8 text.
    """
    lines = csv.reader(io.StringIO(_text(path), newline=""))
    header = next(lines, [])
    if header != list(columns):
        raise TableError(
            file=path.name,
            line=1,
            column="header",
            value=",".join(header),
            accepted=",".join(columns),
        )
    for cells in lines:
        if not cells:
            continue
        if len(cells) != len(columns):
            raise TableError(
                file=path.name,
                line=lines.line_num,
                column="line",
                value=",".join(cells),
                accepted=f"{len(columns)} cells",
            )
        stripped = (cell.strip() for cell in cells)
        yield Row(path.name, lines.line_num, dict(zip(columns, stripped, strict=True)))


def _text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TableError(
            file=path.name,
            line=content.count(b"\n", 0, error.start) + 1,
            column="text",
            value=content[error.start : error.end].decode("ascii", "backslashreplace"),
            accepted="UTF-8",
        ) from error
