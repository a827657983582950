"""Rows of CSV, NDJSON and Parquet files, one at a time, however long the file is.

What cannot be read as a row is a `Rejection` that names its line; reading goes on after it.
"""

import csv
import gzip
import io
import json
import math
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from app.replay.errors import ReplayError

ROW_FILES = ".csv, .csv.gz, .ndjson, .ndjson.gz, .jsonl, .jsonl.gz or .parquet"

LINE_LIMIT = 1 << 20
"""Characters of a line that are looked at; a longer one is no row, and must not fill the memory."""

VALUE_LIMIT = 200
"""Characters of a faulty value that are told."""

PARQUET_ROWS_AT_ONCE = 4096

_NOT_UTF8 = "not UTF-8 text"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row: the cells that are filled in, by column.

    Attributes
    ----------
    line
        Where it starts in a text file, the first line being 1; in Parquet the number of the row.
    cells
        Text without blanks around it, or what NDJSON and Parquet know: numbers, truth values,
        lists, times.
    """

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that cannot be used: which value, in which column, is not acceptable and why."""

    line: int
    column: str
    value: str
    reason: str

    @classmethod
    def of(cls, line: int, column: str, value: object, reason: str) -> "Rejection":
        """A rejection with a value that is short enough, and clean enough, to be told."""
        text = value if isinstance(value, str) else "" if value is None else str(value)
        told = text.encode("utf-8", "backslashreplace").decode()
        if len(told) > VALUE_LIMIT:
            told = told[:VALUE_LIMIT] + "…"
        return cls(line, column, told, reason)

    def told(self, file: str) -> str:
        """The rejection as one sentence."""
        return f"{file}, line {self.line}: {self.column} is {self.value!r}: {self.reason}"


class RowFile(ABC):
    """A file of rows.

    Attributes
    ----------
    path
        Where it is.
    columns
        Its columns where it has one set for all rows, else None.
    share_read
        How much of it has been read, 0 to 1.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: tuple[str, ...] | None = None
        self.share_read = 0.0

    @abstractmethod
    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every row from the first, in order."""

    def require_columns(self, wanted: Iterable[str]) -> None:
        """Raise `ReplayError` if the file has columns but lacks some."""
        missing = [] if self.columns is None else [one for one in wanted if one not in self.columns]
        if missing:
            found = _shown(", ".join(self.columns or ()))
            msg = f"{self.path.name}: no column {', '.join(missing)}; found: {found}"
            if len(self.columns or ()) == 1 and ";" in found:
                msg += " (columns are separated by commas)"
            raise ReplayError(msg)


def _shown(text: str) -> str:
    """Text of a file, short enough and clean enough to be told: what cannot be printed, escaped."""
    start = "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode()
        for one in text[:VALUE_LIMIT]
    )
    is_cut = len(text) > VALUE_LIMIT or len(start) > VALUE_LIMIT
    return start[:VALUE_LIMIT] + "…" if is_cut else start


def row_file(path: Path) -> RowFile:
    """
    Open a file of rows; its name says how it is written.

    Raises
    ------
    ReplayError
        It is of no such kind, or its beginning is not what its name says.
    OSError
        It cannot be read.
    """
    kind = next((one for one in path.suffixes[::-1] if one.lower() != ".gz"), "").lower()
    kinds: dict[str, type[RowFile]] = {
        ".csv": CsvFile,
        ".ndjson": NdjsonFile,
        ".jsonl": NdjsonFile,
        ".parquet": ParquetRows,
    }
    if kind not in kinds:
        msg = f"{path.name}: not a kind of file that is read; accepted: {ROW_FILES}"
        raise ReplayError(msg)
    return kinds[kind](path)


class TextFile(RowFile):
    """Lines of UTF-8, gzip or not."""

    @contextmanager
    def _lines(self) -> Iterator[Iterator[str]]:
        """Lines, each up to the limit; bytes that are not UTF-8 come as lone surrogates."""
        zipped = self.path.suffix.lower() == ".gz"
        with (
            self.path.open("rb") as raw,
            cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if zipped else nullcontext(raw) as plain,
            io.TextIOWrapper(
                plain, encoding="utf-8-sig", errors="surrogateescape", newline=""
            ) as stream,
        ):
            try:
                yield self._from(stream, raw)
            except (EOFError, gzip.BadGzipFile, zlib.error) as error:
                msg = f"{self.path.name}: not readable as gzip, or cut short ({error})"
                raise ReplayError(msg) from error

    def _from(self, stream: TextIO, raw: BinaryIO) -> Iterator[str]:
        size = max(self.path.stat().st_size, 1)
        while line := stream.readline(LINE_LIMIT):
            self.share_read = raw.tell() / size
            yield line
            while len(line) == LINE_LIMIT and not line.endswith(("\n", "\r")):
                line = stream.readline(LINE_LIMIT)


class CsvFile(TextFile):
    """Comma-separated values with a header."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self._lines() as lines:
            try:
                header = [name.strip() for name in next(csv.reader(lines, strict=True), [])]
            except csv.Error as error:
                msg = f"{path.name}: line 1 must name the columns; it is not readable ({error})"
                raise ReplayError(msg) from error
        if not any(header):
            msg = f"{path.name}: line 1 must name the columns; it is empty"
            raise ReplayError(msg)
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            named = (name or "one without a name" for name in twice)
            msg = f"{path.name}: line 1 names a column twice: {_shown(', '.join(named))}"
            raise ReplayError(msg)
        self.columns = tuple(header)

    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every row from the first, in order."""
        with self._lines() as lines:
            reader = csv.reader(lines, strict=True)
            next(reader)
            while True:
                line = reader.line_num + 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Rejection.of(line, "line", "", f"{error}{_span(line, reader.line_num)}")
                    continue
                if cells:
                    yield self._row(line, reader.line_num, cells)

    def _row(self, line: int, last_line: int, cells: list[str]) -> SourceRow | Rejection:
        assert self.columns is not None
        if len(cells) != len(self.columns):
            reason = f"{len(cells)} cells where the header has {len(self.columns)}"
            text = ",".join(cells)
            return Rejection.of(line, "line", text, reason + _span(line, last_line))
        named = zip(self.columns, cells, strict=True)
        return _clean(line, {name: text for name, cell in named if (text := cell.strip())})


def _span(line: int, last_line: int) -> str:
    if last_line <= line:
        return ""
    return f"; lines {line} to {last_line} were read as one: is a quote left open?"


class NdjsonFile(TextFile):
    """One JSON object a line."""

    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every row from the first, in order."""
        with self._lines() as lines:
            for line, text in enumerate(lines, start=1):
                if text.strip():
                    yield _json_row(line, text)


def _json_row(line: int, text: str) -> SourceRow | Rejection:
    if len(text) >= LINE_LIMIT:
        return Rejection.of(line, "line", text, f"longer than {LINE_LIMIT:,} characters")
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return Rejection.of(line, "line", text.strip(), f"not JSON: {error}")
    if not isinstance(found, dict):
        return Rejection.of(line, "line", text.strip(), "not a JSON object")
    return _clean(line, found)


def _refuse_constant(name: str) -> None:
    msg = f"{name} is no JSON number"
    raise ValueError(msg)


class ParquetRows(RowFile):
    """Apache Parquet."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        with self._opened() as parquet:
            self.columns = tuple(parquet.schema_arrow.names)

    def __iter__(self) -> Iterator[SourceRow | Rejection]:
        """Every row from the first, in order."""
        line = 0
        with self._opened() as parquet:
            for batch in parquet.iter_batches(batch_size=PARQUET_ROWS_AT_ONCE):
                self.share_read = (line + batch.num_rows) / parquet.metadata.num_rows
                for cells in batch.to_pylist():
                    line += 1
                    yield _clean(line, cells)

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        try:
            with pq.ParquetFile(self.path) as parquet:
                yield parquet
        except (pa.ArrowException, UnicodeDecodeError) as error:
            msg = f"{self.path.name}: not readable as Parquet ({error})"
            raise ReplayError(msg) from error


def _clean(line: int, found: Mapping[str, Any]) -> SourceRow | Rejection:
    """A row without its empty cells; nothing in it is other than proper text."""
    cells = {}
    for column, value in found.items():
        if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
            continue
        if isinstance(value, str) and not value.isascii() and not _is_text(value):
            return Rejection.of(line, column, value, _NOT_UTF8)
        cells[column] = value.strip() if isinstance(value, str) else value
    return SourceRow(line, cells)


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
