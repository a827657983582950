"""Calls to put on a map: all of them, or so many as a map can show."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from app.replay.decision_rows import DecisionRows

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CALLS_SHOWN: Final = 4000
"""More would be one stain, and weigh more than the rest of the page."""

COLUMNS: Final = ("scenario", "seed", "call_id", "received_at", "lat", "lon", "response_s", "late")
"""What of the decisions is read."""


@dataclass(frozen=True, slots=True)
class CallSample:
    """Up to `CALLS_SHOWN` calls of one scenario, at random but the same every time.

    Attributes
    ----------
    seed, total
        Of which replay, and of how many calls.
    lat, lon : float64[N]
        WGS84 degrees.
    attended, late : bool[N]
        Whether somebody came, and later than the standard.
    """

    seed: int
    total: int
    lat: FloatArray
    lon: FloatArray
    attended: BoolArray
    late: BoolArray
    order: NDArray[np.uint64]

    @classmethod
    def of(cls, table: pa.Table) -> Self:
        """From a table with `COLUMNS`, all of one scenario and seed."""
        rows = DecisionRows.of(table)
        # A call's hash decides, so neither order nor portions do, and a call that is on the map
        # of one scenario is on that of every other.
        order = pd.util.hash_array(table["call_id"].to_numpy(zero_copy_only=False))
        whole = cls(
            table["seed"][0].as_py(),
            table.num_rows,
            rows.numbers("lat"),
            rows.numbers("lon"),
            rows.attended,
            rows.late,
            order.astype(np.uint64),
        )
        return whole.thinned()

    def joined(self, other: Self) -> Self:
        """These calls and others."""
        both = type(self)(
            self.seed,
            self.total + other.total,
            np.concatenate((self.lat, other.lat)),
            np.concatenate((self.lon, other.lon)),
            np.concatenate((self.attended, other.attended)),
            np.concatenate((self.late, other.late)),
            np.concatenate((self.order, other.order)),
        )
        return both.thinned()

    def thinned(self) -> Self:
        """Only as many as a map can show."""
        kept = np.lexsort((self.lon, self.lat, self.order))[:CALLS_SHOWN]
        return type(self)(
            self.seed,
            self.total,
            self.lat[kept],
            self.lon[kept],
            self.attended[kept],
            self.late[kept],
            self.order[kept],
        )


def samples(tables: Iterable[pa.Table]) -> dict[str, CallSample]:
    """Calls to show of each scenario, from tables with `COLUMNS`; of several seeds, the first."""
    found: dict[str, CallSample] = {}
    seeds: dict[str, int] = {}
    for table in tables:
        for scenario in pc.unique(table["scenario"]).to_pylist():
            of_scenario = table.filter(pc.equal(table["scenario"], scenario))
            seed = seeds.setdefault(scenario, of_scenario["seed"][0].as_py())
            shown = of_scenario.filter(pc.equal(of_scenario["seed"], seed))
            if shown.num_rows:
                sample = CallSample.of(shown)
                found[scenario] = found[scenario].joined(sample) if scenario in found else sample
    return found
