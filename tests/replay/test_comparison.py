"""Two scenarios side by side, with numbers that can be checked by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy.stats import ttest_rel

from app.replay.comparison import CategoryComparison, Comparison, Measure, PairedRuns
from app.replay.decision_table import Decision, Outcome, table_of
from app.replay.errors import ReplayError

NOON = datetime(2021, 1, 17, 12, tzinfo=UTC)
Times = Mapping[str, float | None]


def row(scenario: str, seed: int, call_id: str, response_s: float | None) -> Decision:
    """A C1 call ("1...") or a C2 call, attended after so many seconds or not at all."""
    limit_s = 900 if call_id.startswith("1") else 2400
    return Decision(
        scenario=scenario,
        seed=seed,
        call_id=call_id,
        received_at=NOON + timedelta(minutes=int(call_id)),
        category="C1" if call_id.startswith("1") else "C2",
        lat=51.5,
        lon=-0.1,
        outcome=Outcome.UNATTENDED if response_s is None else Outcome.ATTENDED,
        response_s=response_s,
        late=None if response_s is None else response_s > limit_s,
    )


def compared(*seeds: tuple[Times, Times]) -> Comparison:
    runs = PairedRuns("with", "without")
    for seed, pair in enumerate(seeds):
        for scenario, times in zip(("with", "without"), pair, strict=True):
            for call_id, response_s in times.items():
                runs.add(table_of([row(scenario, seed, call_id, response_s)]))
    return runs.comparison()


def of(comparison: Comparison, category: str) -> CategoryComparison:
    return next(one for one in comparison.categories if one.category == category)


def measure(comparison: Comparison, category: str, name: str) -> Measure:
    return next(one for one in of(comparison, category).measures if one.name == name)


def test_figures_of_one_seed_are_told_without_an_interval() -> None:
    found = compared(({"10": 600, "11": 1000, "20": 2000}, {"10": 700, "11": 800, "20": None}))
    assert (found.seeds, [one.category for one in found.categories]) == (1, ["", "C1", "C2"])
    assert measure(found, "C1", "mean_s") == Measure("mean_s", 800, 750, -50, None, None)
    assert measure(found, "C1", "p90_s") == Measure("p90_s", 1000, 800, -200, None, None)
    assert measure(found, "C1", "late_share") == Measure("late_share", 0.5, 0, -0.5, None, None)
    assert measure(found, "C2", "unattended") == Measure("unattended", 0, 1, 1, None, None)
    assert measure(found, "C2", "mean_s") == Measure("mean_s", 2000, None, None, None, None)
    assert not measure(found, "C1", "mean_s").is_clear


def test_the_interval_is_that_of_a_paired_t_test() -> None:
    rng = np.random.default_rng(3)
    base = rng.uniform(300, 1200, 7)
    other = base + rng.normal(40, 15, 7)
    pairs = [({"10": float(a)}, {"10": float(b)}) for a, b in zip(base, other, strict=True)]
    found = measure(compared(*pairs), "C1", "mean_s")
    # Means are kept to the millisecond.
    expected = ttest_rel(other.round(3), base.round(3)).confidence_interval(0.95)
    assert found.difference == pytest.approx(np.mean(other - base), abs=0.001)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=0.001)
    assert found.is_clear


def test_what_both_scenarios_suffer_alike_does_not_widen_the_interval() -> None:
    found = compared(*(({"10": 300.0 * s}, {"10": 300.0 * s + 7}) for s in (1, 2, 5)))
    assert measure(found, "C1", "mean_s") == Measure("mean_s", 800, 807, 7, 7, 7)


def test_patients_are_followed_one_by_one() -> None:
    base: Times = {"10": 600, "11": 600, "12": 600, "20": 600, "21": None, "22": None}
    other: Times = {"10": 540, "11": 541, "12": 660, "20": None, "21": 900, "22": None}
    found = compared((base, other), (base, base))
    every = of(found, "").patients
    assert (every.sooner, every.later) == (0.5, 0.5)
    assert (every.only_base, every.only_other) == (0.5, 0.5)
    assert every.alike == (1 + 4) / 2
    assert of(found, "").calls == 6


def test_runs_that_are_no_pairs_are_refused() -> None:
    with pytest.raises(ReplayError, match="do not hold the same calls under seed 0"):
        compared(({"10": 600}, {"11": 600}))
    runs = PairedRuns("with", "without")
    runs.add(table_of([row("with", 3, "10", 600)]))
    with pytest.raises(ReplayError, match="scenario without has no decisions under seed 3"):
        runs.comparison()
