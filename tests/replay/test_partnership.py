"""The made-up winter: its calls and crews are as its figures say, and its story is told in full."""

import html
import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.dispatch.model import Category, DriverAgency, Status
from app.replay.calls import RecordedCall
from app.replay.decision_table import read_decisions
from app.replay.errors import ReplayError
from app.replay.partnership.figures import figures
from app.replay.partnership.generated_calls import generated_calls
from app.replay.partnership.generated_fleet import generated_fleet
from app.replay.partnership.period import LONDON, Period
from app.replay.partnership.scenario import (
    SCENARIOS,
    WITH,
    WITHOUT,
    PartnershipRequest,
    play,
)
from app.replay.partnership.story import LIMITS, PoliceStory, limits
from app.replay.replay import Hands
from app.replay.roster import RosteredVehicle, roster_of
from app.replay.simulated_run import STAGE
from app.replay.summary import Summary, read_summary
from geo_data.boroughs import boroughs
from routing.progress import silent

FIGURES = figures()
WEEK = Period.of(FIGURES, 7)


@pytest.fixture(scope="module")
def week() -> list[RecordedCall]:
    return list(generated_calls(FIGURES, WEEK, seed=1))


def police(seed: int = 1) -> list[RosteredVehicle]:
    fleet = generated_fleet(FIGURES, Period.of(FIGURES), seed, with_police=True)
    return [
        one for one in roster_of(fleet) if one.shifts[0].vehicle.driver_agency is DriverAgency.MPS
    ]


def test_there_are_as_many_calls_as_the_figures_say_in_order_and_each_once(
    week: list[RecordedCall],
) -> None:
    expected = 7 * FIGURES.calls_per_day.value
    assert len(week) == pytest.approx(expected, abs=4 * np.sqrt(expected))
    received = [one.call.received_at for one in week]
    assert received == sorted(received)
    assert len({one.call.call_id for one in week}) == len(week)
    assert {moment.astimezone(LONDON).date() for moment in received} == {
        date(2021, 1, 11) + timedelta(days=day) for day in range(7)
    }


def test_categories_and_hours_are_shared_out_as_the_figures_say(week: list[RecordedCall]) -> None:
    categories = Counter(one.call.category for one in week)
    for category, share in zip(Category, FIGURES.category_shares.value, strict=True):
        assert categories[category] / len(week) == pytest.approx(share, abs=0.012)
    hours = Counter(one.call.received_at.astimezone(LONDON).hour for one in week)
    weights = FIGURES.hour_weights.value
    for hour, weight in enumerate(weights):
        share = weight / sum(weights)
        assert hours[hour] / len(week) == pytest.approx(share, abs=4 * np.sqrt(share / len(week)))


def test_calls_come_from_where_people_live(week: list[RecordedCall]) -> None:
    places = np.array([(one.call.location.lat, one.call.location.lon) for one in week])
    people = np.array([borough.population for borough in boroughs()])
    middles = np.array(
        [
            np.mean([(junction.lat, junction.lon) for junction in borough.junctions], axis=0)
            for borough in boroughs()
        ]
    )
    assert places.mean(axis=0) == pytest.approx(
        np.average(middles, axis=0, weights=people), abs=0.01
    )
    assert (places.min(axis=0) > (51.2, -0.6)).all()
    assert (places.max(axis=0) < (51.8, 0.4)).all()


def test_a_days_calls_do_not_depend_on_how_many_days_there_are(week: list[RecordedCall]) -> None:
    two_days = list(generated_calls(FIGURES, Period.of(FIGURES, 2), seed=1))
    assert two_days == week[: len(two_days)]
    assert two_days != list(generated_calls(FIGURES, Period.of(FIGURES, 2), seed=2))


def test_every_police_officer_and_special_constable_drives() -> None:
    names = [one.vehicle_id for one in police()]
    assert sum(name.startswith("MPS") for name in names) == 75
    assert sum(name.startswith("MSC") for name in names) == 20
    for one in police():
        assert {shift.vehicle.clinician_aboard for shift in one.shifts} == {True}
        for before, after in zip(one.shifts, one.shifts[1:], strict=False):
            assert before.ends_at is not None
            assert after.starts_at is not None
            rest = after.starts_at - before.ends_at
            assert rest >= timedelta(hours=11)


def test_police_begin_in_groups_and_some_shifts_are_not_worked() -> None:
    begins = FIGURES.begins_on.value + timedelta(days=FIGURES.officers_begin_on_day.value - 1)
    first = min(one.shifts[0].starts_at for one in police() if one.shifts[0].starts_at)
    assert first.astimezone(LONDON).date() == begins
    worked = [sum(len(one.shifts) for one in police(seed)) for seed in (1, 2)]
    last_day = FIGURES.days.value
    possible = (
        sum(
            (last_day - FIGURES.officers_begin_on_day.value + 1 - group * 4) * 25 / 2
            for group in range(3)
        )
        + 20 * 3
    )
    share = FIGURES.share_at_work.value
    assert worked == pytest.approx([possible * share] * 2, rel=0.06)
    assert worked[0] != worked[1]


def test_without_the_police_the_fleet_is_the_same_but_for_them() -> None:
    with_them, without = (
        generated_fleet(FIGURES, WEEK, 1, with_police=police) for police in (True, False)
    )
    left = [one for one in with_them if not one.startswith(("MPS", "MSC"))]
    assert left == list(without)
    assert all(with_them.spells(one) == without.spells(one) for one in left)


def test_ambulances_are_on_duty_from_the_first_midnight_on() -> None:
    fleet = generated_fleet(FIGURES, WEEK, 1, with_police=False)
    midnight_s = WEEK.days[0].timestamp()
    spells = [fleet.spell_at(one, midnight_s + 60) for one in fleet]
    on_duty = [spell for spell in spells if spell and spell.vehicle.status is not Status.BREAK]
    crews = FIGURES.las_crews_late.value + FIGURES.las_crews_by_night.value
    assert len(on_duty) > 0.6 * crews


@pytest.mark.parametrize(("days", "scale"), [(0, 1.0), (36, 1.0), (7, 0.0), (7, 1.5)])
def test_a_part_that_there_is_not_is_refused(days: int, scale: float) -> None:
    with pytest.raises(ReplayError, match="must be"):
        Period.of(FIGURES, days, scale)


@pytest.fixture(scope="module")
def small() -> PartnershipRequest:
    return PartnershipRequest(days=6, scale=0.02, seeds=2)


@pytest.fixture(scope="module")
def played(small: PartnershipRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("partnership") / "run"
    play(small, output, hands=Hands(1), resume=False, progress=silent)
    return output


@pytest.fixture(scope="module")
def summary(played: Path) -> Summary:
    return read_summary(played / "summary.json")


def test_both_scenarios_answer_the_same_calls(summary: Summary) -> None:
    assert [one.scenario for one in summary.scenarios] == list(SCENARIOS)
    without, with_them = summary.scenarios
    assert without.response.calls == with_them.response.calls > 700
    assert {one.name for one in without.agencies} == {"LAS"}
    assert {one.name for one in with_them.agencies} == {"LAS", "MPS"}
    assert summary.comparison is not None
    assert (summary.comparison.base, summary.comparison.other) == (WITHOUT, WITH)
    assert summary.comparison.seeds == 2


def test_the_story_counts_the_police_and_lists_every_figure(played: Path, summary: Summary) -> None:
    story: dict[str, Any] = json.loads((played / "scenario.json").read_text())
    told = story["police_driven"]
    police = next(one for one in summary.scenarios[1].agencies if one.name == "MPS")
    assert sum(told["attended_by_seed"]) == police.response.attended
    assert told["reported_more_than"] is None
    assert story["part"] == "6 of 35 days at 2 % of calls and crews"
    assert story["used_instead"]["days"] == 6
    assert story["used_instead"]["calls_per_day"] == 66
    assert story["figures"] == FIGURES.model_dump(mode="json")
    page = html.unescape((played / "report.html").read_text())
    for said in (figure["says"] for figure in story["figures"].values()):
        assert said[1:].split(",")[0] in page
    assert f"London's ambulances ({story['part']})</h1>" in page
    assert "not to be set beside the number reported" in page
    assert "reported were more than" not in page
    assert "Days: 35, of which 6 used here" in page
    assert "3,300, of which 66 used here" in page
    assert "response times are longer than with all of them" in page


def test_the_whole_scenario_is_set_beside_what_was_reported() -> None:
    story, whole = PoliceStory((5100, 5300), 900, 30.0, 40), Period.of(FIGURES)
    assert whole.part_of(FIGURES) == ""
    assert whole.used(FIGURES) == {}
    said = story.sentence(FIGURES, whole)
    assert "attend 5,200 emergencies (5,100 to 5,300 over 2 seeds) here; reported were" in said
    assert limits(whole) == LIMITS


def test_the_last_line_tells_the_mean_and_each_seed_or_that_no_police_drove() -> None:
    week = Period.of(FIGURES, 7)
    attended = "Police-driven ambulances attended"
    assert PoliceStory((1239,), 90, 9.0, 12).in_short(FIGURES, week) == (
        f"{attended} 1,239 emergencies"
    )
    assert PoliceStory((8, 6), 1, 1.0, 1).in_short(FIGURES, week) == (
        f"{attended} 7 emergencies on average over 2 seeds (8, 6)"
    )
    assert PoliceStory((0, 0), 3, 1.0, 1).in_short(FIGURES, week).startswith(f"{attended} 0 ")
    begin = FIGURES.officers_begin_on_day.value
    assert PoliceStory((0, 0), 0, 0.0, 0).in_short(FIGURES, Period.of(FIGURES, begin - 1)) == (
        f"No police shift falls in the days asked for, {begin - 1} from the first: officers begin "
        f"on day {begin}"
    )


def test_who_resumes_gets_the_same_bytes(
    small: PartnershipRequest, played: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"

    class StoppedError(Exception):
        pass

    def stop_after_three(stage: str, done: int, total: int) -> None:
        del stage, done, total
        if len(list((broken / "parts").glob("*.parquet"))) == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        play(small, broken, hands=Hands(1), resume=False, progress=stop_after_three)
    play(small, broken, hands=Hands(1), resume=True, progress=silent)
    for name in ("decisions.parquet", "summary.json", "report.html", "scenario.json"):
        assert (broken / name).read_bytes() == (played / name).read_bytes(), name


def test_two_processes_give_the_same_bytes_and_tell_how_far_they_are(
    small: PartnershipRequest, played: Path, tmp_path: Path
) -> None:
    heard: list[tuple[int, int]] = []

    def hear(stage: str, done: int, total: int) -> None:
        if stage == STAGE:
            heard.append((done, total))

    play(small, tmp_path / "run", hands=Hands(2), resume=False, progress=hear)
    for name in ("decisions.parquet", "summary.json", "report.html"):
        assert (tmp_path / "run" / name).read_bytes() == (played / name).read_bytes(), name
    parts_of_simulations = len(heard) - 1 - len(SCENARIOS) * small.seeds
    assert parts_of_simulations > 0
    assert heard[-1][0] > 1400


def test_the_decisions_are_in_order_of_scenario_seed_and_receipt(played: Path) -> None:
    columns = ["scenario", "seed", "received_at"]
    rows = [
        row
        for table in read_decisions(played / "decisions.parquet", columns)
        for row in table.to_pylist()
    ]
    places = [(SCENARIOS.index(row["scenario"]), row["seed"], row["received_at"]) for row in rows]
    assert places == sorted(places)
