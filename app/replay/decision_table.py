"""What a replay found: one row for each call, seed and scenario, stored as Parquet or CSV.

Files are a function of their rows alone: equal rows give equal bytes, whoever wrote them, in how
many pieces, and when.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from routing.geometry import COORDINATE_DECIMALS

ROWS_PER_GROUP = 65_536
"""Of each row group in a Parquet file but the last: what is in memory at once when writing."""


class Outcome(StrEnum):
    """How a call ended.

    `no_suitable`: at the moment of decision nobody could be sent (and nobody came later);
    `unattended`: a simulation ended before anybody could be.
    """

    ATTENDED = "attended"
    UNATTENDED = "unattended"
    NO_SUITABLE = "no_suitable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One row. None, and "" in texts, where something does not apply or is not known.

    Attributes
    ----------
    scenario, seed
        Which variant of the replay; "recorded" and 0 where calls are judged one by one.
    call_id, received_at, category, lat, lon
        The call; WGS84 degrees.
    vehicle_id, driver_agency, vehicle_type
        Who went, or should have.
    assigned_at, arrived_at
        When it was sent, and when it was with the patient.
    waited_s, response_s
        From the call's receipt to being sent, and to being with the patient.
    mobilisation_s, drive_s, access_s
        The parts of its way; medians where they were not drawn at random.
    eta_p90_s
        90th percentile of its way, from being sent, as given at the decision.
    distance_m
        Metres driven.
    estimated
        Whether the way is a straight-line estimate.
    late
        Whether `response_s` is above the category's 90th-centile standard.
    conveyed_to, cleared_at
        Hospital, and when the vehicle was free again (simulations).
    suitable
        How many vehicles might have been sent at the decision; of those further away than the one
        that went it is not known whether their shifts would have lasted.
    shortfall
        Code of why nobody could be.
    warnings
        Codes of what to know before trusting the row, joined by ";".
    observed_s, observed_vehicle_id
        What the file measured: seconds from being sent to arrival, and who it was.
    observed_eta_s, observed_eta_p90_s
        What would have been predicted for that vehicle from where it was, by road.
    extras
        The file's other columns, as a JSON object.
    """

    scenario: str
    seed: int
    call_id: str
    received_at: datetime
    category: str
    lat: float
    lon: float
    outcome: Outcome
    vehicle_id: str = ""
    driver_agency: str = ""
    vehicle_type: str = ""
    assigned_at: datetime | None = None
    arrived_at: datetime | None = None
    waited_s: float | None = None
    mobilisation_s: float | None = None
    drive_s: float | None = None
    access_s: float | None = None
    response_s: float | None = None
    eta_p90_s: float | None = None
    distance_m: float | None = None
    estimated: bool | None = None
    late: bool | None = None
    conveyed_to: str = ""
    cleared_at: datetime | None = None
    suitable: int | None = None
    shortfall: str = ""
    warnings: str = ""
    observed_s: float | None = None
    observed_vehicle_id: str = ""
    observed_eta_s: float | None = None
    observed_eta_p90_s: float | None = None
    extras: str = "{}"


_MOMENT = pa.timestamp("ms", tz="UTC")

_TYPES: dict[Any, pa.DataType] = {
    str: pa.string(),
    Outcome: pa.string(),
    int: pa.int32(),
    float: pa.float64(),
    bool: pa.bool_(),
    datetime: _MOMENT,
    int | None: pa.int32(),
    float | None: pa.float64(),
    bool | None: pa.bool_(),
    datetime | None: _MOMENT,
}

COLUMNS = tuple(field.name for field in fields(Decision))

DECISIONS: pa.Schema = pa.schema(
    [pa.field(field.name, _TYPES[field.type], nullable=True) for field in fields(Decision)]
)
"""The columns in order."""


def table_of(decisions: Sequence[Decision]) -> pa.Table:
    """Rows as a table of schema `DECISIONS`."""
    columns = [
        pa.array([getattr(one, field.name) for one in decisions], field.type) for field in DECISIONS
    ]
    return pa.Table.from_arrays(columns, schema=DECISIONS)


def write_decisions(tables: Iterable[pa.Table], file: Path) -> None:
    """Write tables of schema `DECISIONS`, one after the other, as one Parquet file."""
    with ParquetFile(file) as parquet:
        for table in tables:
            parquet.add(table)


class ParquetFile(AbstractContextManager["ParquetFile"]):
    """A Parquet file of decisions being written, in row groups of equal size."""

    def __init__(self, file: Path) -> None:
        self._writer = pq.ParquetWriter(file, DECISIONS, compression="zstd")
        self._waiting: list[pa.Table] = []
        self._rows_waiting = 0

    def add(self, table: pa.Table) -> None:
        """Append rows."""
        self._waiting.append(table)
        self._rows_waiting += table.num_rows
        while self._rows_waiting >= ROWS_PER_GROUP:
            self._write_group()

    def _write_group(self) -> None:
        together = pa.concat_tables(self._waiting)
        group, rest = together.slice(0, ROWS_PER_GROUP), together.slice(ROWS_PER_GROUP)
        # Pieces leave traces in the pages: a group is always written from one.
        self._writer.write_table(group.combine_chunks(), row_group_size=ROWS_PER_GROUP)
        self._waiting, self._rows_waiting = [rest], rest.num_rows

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Write the last group, and close the file."""
        if exc_type is None and self._rows_waiting:
            self._write_group()
        self._writer.close()


def read_decisions(file: Path, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """Tables of a Parquet file, a row group at a time; all columns, or those named."""
    with pq.ParquetFile(file) as parquet:
        for group in range(parquet.num_row_groups):
            yield parquet.read_row_group(group, columns=columns)


def write_csv(parquet: Path, file: Path) -> None:
    """Write the decisions of a Parquet file as CSV, with one line of column names.

    What is exact in Parquet is rounded: seconds to milliseconds, metres to decimetres, degrees to
    about a centimetre.
    """
    with pa_csv.CSVWriter(file, DECISIONS) as writer:
        for table in read_decisions(parquet):
            writer.write_table(_rounded(table))


def _rounded(table: pa.Table) -> pa.Table:
    columns = [
        pc.round(column, _decimals(field.name)) if pa.types.is_floating(field.type) else column
        for field, column in zip(table.schema, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _decimals(column: str) -> int:
    if column in ("lat", "lon"):
        return COORDINATE_DECIMALS
    return 1 if column.endswith("_m") else 3
