"""Calls judged on their own: the answers of live calls, whatever else is in the file."""

import json
from pathlib import Path

import pytest

from app.dispatch.fleet import Fleet
from app.dispatch.recommender import Recommender
from app.replay.calls import STANDARD, RecordedCall
from app.replay.decision_table import Decision, Outcome
from app.replay.errors import ReplayError
from app.replay.independent import IndependentJudge
from app.replay.independent_run import IndependentSetup
from app.replay.inputs import Inputs, World
from app.replay.rows import SourceRow
from app.replay.stations import Stations
from tests.replay import past
from tests.town import at


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return past.inputs(tmp_path_factory.mktemp("past"))


@pytest.fixture(scope="module")
def world(inputs: Inputs) -> World:
    return inputs.load()


@pytest.fixture(scope="module")
def calls(world: World) -> list[RecordedCall]:
    rows = [SourceRow(i, one) for i, one in enumerate(past.calls(150), start=2)]
    read = [STANDARD.call(_filled(row), world.zone) for row in rows]
    return [one for one in read if isinstance(one, RecordedCall)]


@pytest.fixture(scope="module")
def decisions(world: World, calls: list[RecordedCall]) -> list[Decision]:
    return IndependentJudge(world.router, world.policy, world.fleet).judge(calls)


def _filled(row: SourceRow) -> SourceRow:
    return SourceRow(row.line, {name: cell for name, cell in row.cells.items() if cell})


def test_each_answer_is_that_of_a_live_call(
    world: World, calls: list[RecordedCall], decisions: list[Decision]
) -> None:
    """The same as from a fleet put together afresh for each call, with routes and reasons."""
    assert len(decisions) == len(calls) == 150
    for recorded, decision in zip(calls, decisions, strict=True):
        moment = recorded.call.received_at
        fleet = Fleet(world.router, world.policy)
        spells = [world.fleet.spell_at(one, moment.timestamp()) for one in world.fleet]
        fleet.put_many(spell.vehicle for spell in spells if spell)
        for row in range(len(fleet)):
            fleet.rows["fix_at_s"][row] = moment.timestamp()
        live = Recommender(world.router, world.policy).recommend(
            recorded.call, fleet, limit=1, include_routes=True, explain=True, now=moment
        )
        assert decision.call_id == recorded.call.call_id
        assert decision.suitable == live.suitable
        if not live.options:
            assert decision.outcome is Outcome.NO_SUITABLE
            continue
        best = live.options[0]
        assert decision.outcome is Outcome.ATTENDED
        assert decision.vehicle_id == best.vehicle.vehicle_id
        assert decision.response_s == best.eta.total_s
        assert decision.eta_p90_s == best.eta.p90_s
        assert decision.arrived_at == best.arrives_at
        assert decision.distance_m == best.distance_m
        assert decision.late == (best.eta.total_s > best.eta.standard_s)


def test_the_past_has_something_of_everything(decisions: list[Decision]) -> None:
    assert {one.outcome for one in decisions} == {Outcome.ATTENDED}
    assert {one.estimated for one in decisions} == {False}
    assert len({one.vehicle_id for one in decisions}) > 5
    assert {one.driver_agency for one in decisions} == {"LAS", "MPS"}
    assert {json.loads(one.extras)["borough"] for one in decisions} == {"Town"}


def test_no_call_changes_the_answer_to_another(
    world: World, calls: list[RecordedCall], decisions: list[Decision]
) -> None:
    judge = IndependentJudge(world.router, world.policy, world.fleet)
    assert judge.judge(calls[::-1]) == decisions[::-1]
    assert [judge.judge([one])[0] for one in calls[:30]] == decisions[:30]


def test_the_attending_vehicle_is_held_against_what_was_measured(
    world: World, decisions: list[Decision]
) -> None:
    known = [one for one in decisions if one.observed_eta_s is not None]
    assert {one.observed_vehicle_id for one in known} <= {"A1", "A4"}
    assert len(known) > 20
    same = [one for one in known if one.observed_vehicle_id == one.vehicle_id]
    assert same
    assert all(one.observed_eta_s == one.response_s for one in same)
    assert all((one.observed_eta_s or 0) >= (one.response_s or 0) for one in known)
    unknown = [one for one in decisions if "unknown_observed_vehicle" in one.warnings.split(";")]
    assert {one.observed_vehicle_id for one in unknown} == {"Z9"}
    assert all(one.observed_eta_s is None for one in unknown)
    assert "Z9" not in world.fleet


def test_nobody_on_duty_is_an_outcome_and_says_why(world: World) -> None:
    cells = {**past.calls(1)[0], "received_at": "2021-03-01 12:00"}
    recorded = STANDARD.call(_filled(SourceRow(2, cells)), world.zone)
    assert isinstance(recorded, RecordedCall)
    (decision,) = IndependentJudge(world.router, world.policy, world.fleet).judge([recorded])
    assert decision.outcome is Outcome.NO_SUITABLE
    assert decision.shortfall == "empty_fleet"
    assert decision.vehicle_id == ""
    assert decision.response_s is None


def test_pumps_are_called_as_their_stations_are(world: World) -> None:
    stations = Stations({"King's Cross": at(0, 0), "Soho": at(1500, 1500)})
    judge = IndependentJudge(
        world.router,
        world.policy,
        world.fleet,
        attended=stations.one_pump_each(),
        stations=stations,
    )
    cells = {**past.calls(1)[0], "category": "C1", "observed_vehicle_id": "Kings Cross"}
    recorded = STANDARD.call(_filled(SourceRow(2, cells)), world.zone)
    assert isinstance(recorded, RecordedCall)
    (decision,) = judge.judge([recorded])
    assert decision.observed_vehicle_id == "King's Cross"
    assert decision.observed_eta_s is not None
    assert decision.vehicle_id.startswith("A")


def test_rows_become_a_part_with_the_faulty_ones_told(inputs: Inputs, world: World) -> None:
    setup = IndependentSetup(inputs, tuple(inputs.fingerprint(world).items()))
    rows = [_filled(SourceRow(i, one)) for i, one in enumerate(past.calls(5), start=2)]
    rows[3] = SourceRow(5, {**rows[3].cells, "category": "C9"})
    part = setup.load()(rows)
    assert part.decisions["call_id"].to_pylist() == ["CAD-0", "CAD-1", "CAD-2", "CAD-4"]
    assert [(one.line, one.column, one.value) for one in part.rejected] == [(5, "category", "C9")]


def test_a_worker_with_other_files_under_the_same_path_says_so(
    inputs: Inputs, world: World
) -> None:
    fingerprint = {**inputs.fingerprint(world), "fleet": "another"}
    with pytest.raises(ReplayError, match="finds another fleet under the same path"):
        IndependentSetup(inputs, tuple(fingerprint.items())).load()


def test_a_process_that_has_the_world_at_hand_reads_nothing(tmp_path: Path) -> None:
    inputs = past.inputs(tmp_path)
    world = inputs.load()
    fingerprint = tuple(inputs.fingerprint(world).items())
    inputs.keep(world, fingerprint)
    (tmp_path / "fleet.csv").unlink()
    assert inputs.load_same(fingerprint) is world
    with pytest.raises(FileNotFoundError):
        inputs.load_same([*fingerprint[:-1], ("time_zone", "UTC")])


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"fleet": None}, "no fleet to choose from: give a fleet file$"),
        ({"fleet": None, "call_format": "lfb-incidents"}, "or a list of stations"),
        ({"call_format": "cad"}, "known: standard, lfb-incidents"),
        ({"time_zone": "Europe/Lundun"}, "no time zone is called 'Europe/Lundun'"),
        ({"time_zone": "/etc"}, "no time zone is called"),
    ],
)
def test_inputs_that_cannot_be_used_are_refused(
    inputs: Inputs, changed: dict[str, str | None], why: str
) -> None:
    given = {
        "network": inputs.network,
        "fleet": inputs.fleet,
        "call_format": inputs.call_format,
        **changed,
    }
    with pytest.raises(ReplayError, match=why):
        Inputs(**given).load()  # type: ignore[arg-type]
