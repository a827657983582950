"""Two scenarios side by side: the same calls, the same luck, and what differs between them.

Every seed gives one pair of results. Differences are taken within pairs, so what the calls and
their luck do to both cancels out, and what is uncertain about a difference is how it varies from
seed to seed: its interval is Student's for the mean of the pairs' differences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.stats import t as student

from app.replay.decision_rows import BoolArray, DecisionRows, FloatArray
from app.replay.errors import ReplayError
from app.replay.histogram import Histogram

CONFIDENCE: Final = 0.95

EVERY_CATEGORY: Final = ""

UNATTENDED: Final = "unattended"

COLUMNS: Final = ("scenario", "seed", "call_id", "received_at", "category", "response_s", "late")
"""What of the decisions is read."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure under both scenarios.

    Attributes
    ----------
    name
        `mean_s`, `p90_s`, `late_share` or `unattended`, as in a summary's `Response`.
    base, other
        Mean over the seeds; None where some seed has no such figure.
    difference
        `other` less `base`.
    low, high
        95 % confidence interval of the difference; None for a single seed.
    """

    name: str
    base: float | None
    other: float | None
    difference: float | None
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval lies on one side of nought."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Patients:
    """Call by call, per seed on average.

    Attributes
    ----------
    sooner, later, alike
        Attended in both, and in the other scenario sooner or later by `NOTICEABLE_S` or more, or
        neither.
    only_base, only_other
        Attended in one of them.
    """

    sooner: float
    later: float
    alike: float
    only_base: float
    only_other: float


NOTICEABLE_S: Final = 60.0
"""Times within a minute of each other count as alike (assumption)."""


@dataclass(frozen=True, slots=True)
class CategoryComparison:
    """Calls of one category, or of all (""); `calls` is their number per seed, on average."""

    category: str
    calls: float
    measures: tuple[Measure, ...]
    patients: Patients


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the scenario `other` differs from `base`, over so many seeds; all categories first."""

    base: str
    other: str
    seeds: int
    confidence: float
    categories: tuple[CategoryComparison, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """Calls of one scenario and seed, in order."""

    call_id: pa.ChunkedArray
    category: pa.ChunkedArray
    response_s: FloatArray
    late: BoolArray

    def figures(self, which: BoolArray) -> dict[str, float | None]:
        times = Histogram()
        times.add(self.response_s[which])
        found, late = times.distribution(), int((self.late & which).sum())
        return {
            "mean_s": found.mean,
            "p90_s": found.p90,
            "late_share": late / found.n if found.n else None,
            UNATTENDED: float(which.sum() - found.n),
        }


class PairedRuns:
    """Decisions of two scenarios, taken in portion by portion."""

    def __init__(self, base: str, other: str) -> None:
        self._names = (base, other)
        self._tables: dict[tuple[str, int], list[pa.Table]] = {}

    def add(self, table: pa.Table) -> None:
        """Take in more decisions: of one seed and scenario always in the same order of calls."""
        for scenario in self._names:
            of_scenario = table.filter(pc.equal(table["scenario"], scenario))
            for seed in pc.unique(of_scenario["seed"]).to_pylist():
                rows = of_scenario.filter(pc.equal(of_scenario["seed"], seed))
                self._tables.setdefault((scenario, seed), []).append(rows.select(COLUMNS))

    def comparison(self) -> Comparison:
        """
        Compare what was taken in.

        Raises
        ------
        ReplayError
            The scenarios do not hold the same calls under the same seeds.
        """
        base, other = self._names
        seeds = sorted({seed for _, seed in self._tables})
        pairs = [(self._run(base, seed), self._run(other, seed)) for seed in seeds]
        for seed, (one, another) in zip(seeds, pairs, strict=True):
            if not one.call_id.equals(another.call_id):
                msg = f"scenarios {base} and {other} do not hold the same calls under seed {seed}"
                raise ReplayError(msg)
        categories = {name for one, _ in pairs for name in pc.unique(one.category).to_pylist()}
        return Comparison(
            base,
            other,
            len(seeds),
            CONFIDENCE,
            tuple(_compared(name, pairs) for name in (EVERY_CATEGORY, *sorted(categories))),
        )

    def _run(self, scenario: str, seed: int) -> _Run:
        if (scenario, seed) not in self._tables:
            msg = f"scenario {scenario} has no decisions under seed {seed}"
            raise ReplayError(msg)
        table = pa.concat_tables(self._tables[scenario, seed])
        rows = DecisionRows.of(table)
        return _Run(table["call_id"], table["category"], rows.response_s, rows.late)


def _compared(category: str, pairs: Sequence[tuple[_Run, _Run]]) -> CategoryComparison:
    which = [
        np.ones(len(base.response_s), dtype=np.bool_)
        if category == EVERY_CATEGORY
        else np.asarray(pc.equal(base.category, category).to_numpy(), dtype=np.bool_)
        for base, _ in pairs
    ]
    figures = [
        (base.figures(rows), other.figures(rows))
        for (base, other), rows in zip(pairs, which, strict=True)
    ]
    return CategoryComparison(
        category,
        float(np.mean([rows.sum() for rows in which])),
        tuple(
            _measure(name, [one[name] for one, _ in figures], [one[name] for _, one in figures])
            for name in figures[0][0]
        ),
        _patients(pairs, which),
    )


def _measure(name: str, base: Sequence[float | None], other: Sequence[float | None]) -> Measure:
    ours, theirs = _mean(base), _mean(other)
    if ours is None or theirs is None:
        return Measure(name, ours, theirs, None, None, None)
    differences = np.array(other, dtype=np.float64) - np.array(base, dtype=np.float64)
    difference, pairs = float(differences.mean()), len(differences)
    if pairs == 1:
        return Measure(name, ours, theirs, difference, None, None)
    spread = float(differences.std(ddof=1)) / sqrt(pairs)
    reach = float(student.ppf((1 + CONFIDENCE) / 2, pairs - 1)) * spread
    return Measure(name, ours, theirs, difference, difference - reach, difference + reach)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _patients(pairs: Sequence[tuple[_Run, _Run]], which: Sequence[BoolArray]) -> Patients:
    counts = []
    for (base, other), rows in zip(pairs, which, strict=True):
        gain_s = (base.response_s - other.response_s)[rows]
        ours, theirs = np.isfinite(base.response_s[rows]), np.isfinite(other.response_s[rows])
        sooner, later = int((gain_s >= NOTICEABLE_S).sum()), int((gain_s <= -NOTICEABLE_S).sum())
        both = int((ours & theirs).sum())
        only = int((ours & ~theirs).sum()), int((~ours & theirs).sum())
        counts.append((sooner, later, both - sooner - later, *only))
    return Patients(*(float(mean) for mean in np.mean(counts, axis=0)))
