"""Columns of decisions as arrays."""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
LongArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

PARTS: Final = ("waited_s", "mobilisation_s", "drive_s", "access_s")
"""Of a response, in order."""

COLUMNS: Final = (
    "scenario",
    "seed",
    "received_at",
    "category",
    "lat",
    "lon",
    "vehicle_id",
    "driver_agency",
    "vehicle_type",
    "assigned_at",
    "cleared_at",
    *PARTS,
    "response_s",
    "distance_m",
    "estimated",
    "late",
    "shortfall",
    "warnings",
    "observed_s",
    "observed_eta_s",
    "observed_eta_p90_s",
)
"""What of the decisions is read."""


@dataclass(frozen=True, slots=True)
class DecisionRows:
    """N decisions of one scenario.

    Attributes
    ----------
    received_ms : int64[N]
        Milliseconds since 1970.
    response_s : float64[N]
        NaN where nobody came.
    attended, late : bool[N]
        Whether somebody came, and later than the category's 90th-centile standard.
    """

    table: pa.Table
    received_ms: LongArray
    response_s: FloatArray
    late: BoolArray
    attended: BoolArray

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """From a table with `COLUMNS`."""
        response_s = _numbers(table, "response_s")
        attended = np.isfinite(response_s)
        late = _flags(table, "late") & attended
        return cls(table, _milliseconds(table, "received_at"), response_s, late, attended)

    def numbers(self, column: str) -> FloatArray:
        """A column of numbers, NaN where there is none."""
        return _numbers(self.table, column)

    def flags(self, column: str) -> BoolArray:
        """A column of flags, false where there is none."""
        return _flags(self.table, column)

    def moments(self, column: str) -> LongArray:
        """A column of times without gaps, in milliseconds since 1970."""
        return _milliseconds(self.table, column)

    def complete(self, *columns: str) -> Self:
        """The rows in which none of these columns is empty."""
        table = self.table
        for column in columns:
            table = table.filter(table[column].is_valid())
        return type(self).of(table)

    def distinct(self, column: str, which: BoolArray) -> set[str]:
        """The texts of a column in some of the rows."""
        return set(pc.unique(self.table[column].filter(pa.array(which))).to_pylist())

    def groups(self, column: str) -> dict[str, BoolArray]:
        """Which rows hold each text of a column, by text."""
        encoded = self.table[column].fill_null("").combine_chunks().dictionary_encode()
        code = encoded.indices.to_numpy(zero_copy_only=False)
        return {text: code == i for i, text in enumerate(encoded.dictionary.to_pylist())}

    def count(self, column: str) -> Counter[str]:
        """How often each text of a column occurs."""
        counts = pc.value_counts(self.table[column].fill_null(""))
        return Counter({str(one["values"]): int(one["counts"]) for one in counts.to_pylist()})


def _numbers(table: pa.Table, column: str) -> FloatArray:
    values = table[column].cast(pa.float64()).fill_null(float("nan"))
    return np.asarray(values.to_numpy(), dtype=np.float64)


def _flags(table: pa.Table, column: str) -> BoolArray:
    return np.asarray(table[column].fill_null(False).to_numpy(), dtype=np.bool_)


def _milliseconds(table: pa.Table, column: str) -> LongArray:
    return np.asarray(table[column].cast(pa.int64()).to_numpy(), dtype=np.int64)
