"""Summaries of decisions, held against NumPy and pandas on the whole table."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from app.replay.decision_table import read_decisions, table_of, write_decisions
from app.replay.summary import ScenarioSummary, as_json, read_summary, write_summary
from app.replay.tally import summarise
from tests.replay.made_up import STANDARDS, attended, many, unattended


def of(*tables: pa.Table) -> ScenarioSummary:
    (scenario,) = summarise(tables, STANDARDS).scenarios
    return scenario


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return many(4000, measured=True)


@pytest.fixture(scope="module")
def frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    frame["hour"] = frame.received_at.dt.tz_convert("Europe/London").dt.hour
    return frame


def p90(values: pd.Series) -> float:
    return float(np.ceil(np.percentile(values, 90, method="inverted_cdf")))


def test_each_category_is_as_numpy_counts_it(table: pa.Table, frame: pd.DataFrame) -> None:
    found = {one.category: one for one in of(table).categories}
    assert set(found) == set(frame.category)
    for category, calls in frame.groupby("category"):
        response = found[str(category)].response
        times = calls.response_s.dropna()
        assert response.calls == len(calls)
        assert response.attended == len(times)
        assert response.unattended == calls.response_s.isna().sum() > 0
        assert response.mean_s == pytest.approx(times.mean(), abs=0.0006)
        assert response.median_s == np.ceil(np.percentile(times, 50, method="inverted_cdf"))
        assert response.p90_s == p90(times)
        assert response.longest_s == times.max()
        assert response.late == (calls.late == True).sum()  # noqa: E712 (null is neither)
        assert response.late_share == pytest.approx(response.late / len(times), abs=1e-6)
        bins = np.bincount(((np.ceil(times) - 1) // 30).astype(int))
        assert found[str(category)].bins == tuple(bins)


def test_the_parts_of_the_response_are_means(table: pa.Table, frame: pd.DataFrame) -> None:
    parts = of(table).parts
    for name in ("waited_s", "mobilisation_s", "drive_s", "access_s"):
        assert getattr(parts, name) == pytest.approx(frame[name].mean(), abs=0.0006)


def test_each_agency_is_as_pandas_counts_it(table: pa.Table, frame: pd.DataFrame) -> None:
    found = {one.name: one for one in of(table).agencies}
    came = frame[frame.driver_agency != ""]
    assert set(found) == set(came.driver_agency)
    for agency, calls in came.groupby("driver_agency"):
        one = found[str(agency)]
        assert one.response.attended == len(calls)
        assert one.response.p90_s == p90(calls.response_s)
        assert one.by_category == calls.category.value_counts().to_dict()
        assert one.vehicles == calls.vehicle_id.nunique()
        assert one.distance_km == pytest.approx(calls.distance_m.sum() / 1000, abs=1)


def test_each_hour_is_as_pandas_counts_it(table: pa.Table, frame: pd.DataFrame) -> None:
    for hour in of(table).hours:
        calls = frame[frame.hour == hour.hour]
        assert hour.calls == len(calls)
        assert hour.attended == calls.response_s.notna().sum()
        assert hour.mean_s == pytest.approx(calls.response_s.mean(), abs=0.0006)


def test_squares_hold_every_call_once(table: pa.Table, frame: pd.DataFrame) -> None:
    summary = of(table)
    assert sum(square.calls for square in summary.squares) == len(frame)
    assert sum(square.late for square in summary.squares) == summary.response.late
    busiest = max(summary.squares, key=lambda square: square.calls)
    half = summary.square_m / 500 / 2
    inside = frame.lat.between(
        busiest.lat - half * 0.0045, busiest.lat + half * 0.0045
    ) & frame.lon.between(busiest.lon - half * 0.0072, busiest.lon + half * 0.0072)
    assert busiest.calls == inside.sum()
    assert busiest.mean_s == pytest.approx(frame[inside].response_s.mean(), abs=0.001)


def test_accuracy_is_as_numpy_counts_it(table: pa.Table, frame: pd.DataFrame) -> None:
    accuracy = of(table).accuracy
    assert accuracy is not None
    known = frame.dropna(subset=["observed_s", "observed_eta_s"])
    error = known.observed_s - known.observed_eta_s
    assert accuracy.n == len(known)
    assert accuracy.bias_s == pytest.approx(error.mean(), abs=0.001)
    assert accuracy.mean_absolute_s == pytest.approx(error.abs().mean(), abs=0.001)
    assert accuracy.median_error_s == np.ceil(np.percentile(error, 50, method="inverted_cdf"))
    within = (known.observed_s <= known.observed_eta_p90_s).mean()
    assert accuracy.within_p90_share == pytest.approx(within, abs=1e-6)
    assert sum(one.n for one in accuracy.errors) == len(known)
    assert sum(one.n for one in accuracy.errors if one.to_s <= 0) == (error <= 0).sum()
    for hour in accuracy.by_hour:
        of_hour = error[known.hour == hour.hour]
        assert hour.n == len(of_hour)
        assert hour.bias_s == pytest.approx(of_hour.mean(), abs=0.001)
    for band in accuracy.by_eta[:-1]:
        inside = (known.observed_eta_s > band.from_s) & (known.observed_eta_s <= band.to_s)
        assert band.n == inside.sum()
        assert band.observed_p90_s == p90(known.observed_s[inside])


def test_vehicles_are_busy_from_being_sent_until_clear(
    table: pa.Table, frame: pd.DataFrame
) -> None:
    """Held against a count of busy vehicles at every tenth second."""
    summary = of(table)
    begin = frame.received_at.min().floor("30min")
    end = frame.received_at.max().floor("30min") + pd.Timedelta("30min")
    moments = np.arange(begin.timestamp() + 5, end.timestamp(), 10)
    slot = (
        pd.to_datetime(moments, unit="s").hour * 60 + pd.to_datetime(moments, unit="s").minute
    ) // 30
    for day in summary.busy:
        mine = frame[frame.driver_agency == day.agency]
        assigned = np.sort(mine.assigned_at.astype("int64") / 1000)
        cleared = np.sort(mine.cleared_at.astype("int64") / 1000)
        busy = np.searchsorted(assigned, moments) - np.searchsorted(cleared, moments)
        for of_day, mean in enumerate(day.busy):
            assert mean == pytest.approx(busy[slot == of_day].mean(), abs=0.02)


def test_a_summary_does_not_depend_on_how_the_table_is_cut_or_ordered(table: pa.Table) -> None:
    whole = as_json(summarise([table], STANDARDS))
    pieces = [table.slice(i, 700) for i in range(0, table.num_rows, 700)]
    assert as_json(summarise(pieces, STANDARDS)) == whole
    assert as_json(summarise(reversed(pieces), STANDARDS)) == whole


def test_scenarios_are_told_apart_and_seeds_are_pooled() -> None:
    tables = [
        many(300, seed=1, scenario="with"),
        many(300, seed=2, scenario="with"),
        many(300, seed=1, scenario="without", slower=1.3),
    ]
    first, second = summarise(tables, STANDARDS).scenarios
    assert (first.scenario, first.seeds, first.response.calls) == ("with", (1, 2), 600)
    assert (second.scenario, second.seeds, second.response.calls) == ("without", (1,), 300)
    assert second.response.mean_s > first.response.mean_s  # type: ignore[operator]


def test_busy_vehicles_are_averaged_over_days_and_seeds() -> None:
    """One vehicle, one hour from nine o'clock on one of two days, in one of two seeds."""
    nine = datetime(2021, 1, 18, 9, tzinfo=UTC)
    busy = attended(received_at=nine, assigned_at=nine, cleared_at=nine + timedelta(hours=1))
    later = unattended(received_at=nine + timedelta(days=1, hours=1), seed=1)
    first = unattended(received_at=datetime(2021, 1, 18, tzinfo=UTC))
    (day,) = of(table_of([busy, later, first])).busy
    assert day.busy[18:20] == (0.25, 0.25)
    assert sum(day.busy) == 0.5


def test_hours_are_londons_in_summer() -> None:
    summary = of(table_of([attended(received_at=datetime(2021, 7, 1, 23, 30, tzinfo=UTC))]))
    assert [hour.hour for hour in summary.hours if hour.calls] == [0]


def test_nobody_came_is_no_response_of_zero() -> None:
    summary = of(table_of([unattended()]))
    assert summary.response.unattended == summary.response.calls == 1
    assert summary.response.mean_s is summary.response.p90_s is summary.response.late_share is None
    assert summary.agencies == ()
    assert summary.busy == ()
    assert [(one.code, one.calls) for one in summary.shortfalls] == [("none_suitable", 1)]


def test_a_90th_centile_keeps_within_the_standard_exactly_when_nine_in_ten_calls_do() -> None:
    on_time, too_late = attended(), attended(response_s=2400.001, late=True)
    kept = of(table_of([on_time] * 9 + [too_late]))
    broken = of(table_of([on_time] * 8 + [too_late] * 2))
    assert [one.meets_p90 for one in kept.categories] == [True]
    assert [one.meets_p90 for one in broken.categories] == [False]
    assert broken.categories[0].response.p90_s == 2400.001


def test_a_standard_is_of_all_calls_also_of_those_to_which_nobody_came() -> None:
    reached, nobody = attended(response_s=600.0), unattended()
    (kept,) = of(table_of([reached] * 9 + [nobody])).categories
    (missed,) = of(table_of([reached] * 8 + [nobody] * 2)).categories
    (none,) = of(table_of([nobody])).categories
    assert (kept.meets_mean, kept.meets_p90) == (True, True)
    assert (missed.meets_mean, missed.meets_p90) == (None, False)
    assert (none.meets_mean, none.meets_p90) == (None, False)
    late = attended(response_s=5000.0, late=True)
    (slow,) = of(table_of([late] * 3 + [nobody] * 2)).categories
    assert (slow.meets_mean, slow.meets_p90) == (False, False)


def test_a_category_without_standard_is_counted_without_judgement() -> None:
    (category,) = of(table_of([attended(category="C5")])).categories
    assert category.standard is None
    assert category.meets_mean is category.meets_p90 is None
    assert category.response.attended == 1


def test_no_decisions_at_all_is_an_empty_summary(tmp_path: Path) -> None:
    write_decisions([], tmp_path / "decisions.parquet")
    summary = summarise(read_decisions(tmp_path / "decisions.parquet"), STANDARDS)
    assert summary.scenarios == ()


def test_warnings_are_counted_one_by_one() -> None:
    rows = [attended(warnings="a;b"), attended(warnings="b"), attended()]
    assert [(one.code, one.calls) for one in of(table_of(rows)).warnings] == [("b", 2), ("a", 1)]


def test_the_file_says_what_the_summary_says(tmp_path: Path, table: pa.Table) -> None:
    summary = summarise([table], STANDARDS)
    write_summary(summary, tmp_path / "summary.json")
    assert read_summary(tmp_path / "summary.json") == summary


@pytest.mark.parametrize("times", [(520.4,), (100.2, 520.4), (519.6, 520.4, 520.4)])
def test_no_centile_lies_above_the_longest(times: tuple[float, ...]) -> None:
    rows = [attended(call_id=f"{i}", response_s=s) for i, s in enumerate(times)]
    response = of(table_of(rows)).response
    assert response.longest_s == response.p90_s == 520.4
    assert response.median_s is not None
    assert response.median_s <= response.longest_s


def test_calls_are_counted_by_seed_too() -> None:
    found = of(many(50, seed=4), many(30, seed=2), many(20, seed=4))
    assert (found.seeds, found.calls_by_seed) == ((2, 4), (30, 70))
