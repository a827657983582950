"""What happens in a simulated day, on days small enough to be followed by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from app.dispatch.model import Category, DriverAgency, Needs, PositionFix, Status, VehicleType
from app.replay.decision_table import Decision, Outcome
from app.replay.errors import ReplayError
from app.replay.roster import RosteredVehicle
from app.replay.simulation_rules import load_rules
from tests.replay.simulated_town import (
    CERTAIN,
    GENERAL,
    INFIRMARY,
    call,
    minutes,
    on_duty,
    simulated,
)
from tests.town import AMBULANCE, BLOCK_M, CALL, NOW, SIDE_M, answer, at, policy

CAR = replace(AMBULANCE, vehicle_type=VehicleType.RAPID_RESPONSE_VEHICLE)


def drive_s(
    from_place: tuple[float, float],
    to_place: tuple[float, float],
    category: Category,
    when: datetime = NOW,
) -> float:
    """Seconds on the road between two places in town, as the recommender has them."""
    vehicle = replace(AMBULANCE, fix=PositionFix(at(*from_place), when), shift_ends_at=None)
    asked = replace(CALL, location=at(*to_place), category=category)
    return answer(asked, vehicle, now=when).options[0].eta.drive_s


MIDDLE = (3 * BLOCK_M, 3 * BLOCK_M)
STOP_S = policy().arrival.stopping_s
FROM_STATION_S = policy().statuses[Status.AVAILABLE_AT_STATION].mobilisation_median_s


def test_a_job_goes_from_station_to_scene_to_hospital_to_being_free() -> None:
    day = simulated([call("one", 0, conveyed=True)], on_duty("A1"))
    row = day["one"]
    there_s = FROM_STATION_S + drive_s((0, 0), MIDDLE, Category.C2) + STOP_S
    assert row.outcome is Outcome.ATTENDED
    assert (row.vehicle_id, row.waited_s) == ("A1", 0.0)
    assert row.response_s == pytest.approx(there_s)
    assert row.arrived_at is not None
    assert row.mobilisation_s == FROM_STATION_S
    assert row.arrived_at == row.received_at + timedelta(seconds=there_s)
    # C2 patients are driven at normal speed: as long as a C3 call's drive.
    left_at = row.arrived_at + timedelta(seconds=600)
    to_hospital_s = drive_s(MIDDLE, (SIDE_M, SIDE_M), Category.C3, left_at)
    assert row.conveyed_to == GENERAL.name
    assert row.cleared_at == left_at + timedelta(seconds=to_hospital_s + 900)


def test_a_patient_who_stays_frees_the_crew_at_the_scene() -> None:
    row = simulated([call("one", 0)], on_duty("A1"))["one"]
    assert row.arrived_at is not None
    assert row.cleared_at == row.arrived_at + timedelta(seconds=600)
    assert row.conveyed_to == ""


def test_the_file_says_how_long_the_drive_to_hospital_took_and_where_to() -> None:
    told = call("one", 0, conveyed=True, conveyance_s=1234.0, hospital="infirmary")
    row = simulated([told], on_duty("A1"), hospitals=(GENERAL, INFIRMARY))["one"]
    assert row.arrived_at is not None
    assert row.conveyed_to == "Infirmary"
    assert row.cleared_at == row.arrived_at + timedelta(seconds=600 + 1234 + 900)


def test_the_hospital_reached_first_is_taken() -> None:
    west = call("west", 0, at(0, 2 * BLOCK_M), conveyed=True)
    east = call("east", 0, at(SIDE_M, 2 * BLOCK_M), conveyed=True)
    day = simulated([west, east], on_duty("A1"), on_duty("A2"), hospitals=(GENERAL, INFIRMARY))
    assert day["west"].conveyed_to == INFIRMARY.name
    assert day["east"].conveyed_to == GENERAL.name


def test_who_waits_is_served_by_category_then_by_age() -> None:
    calls = [
        call("first", 0, category=Category.C3),
        call("old C4", 1, category=Category.C4),
        call("old C3", 2, category=Category.C3),
        call("new C3", 4, category=Category.C3),
        call("C2", 5),
        call("C1", 6, category=Category.C1),
    ]
    day = simulated(calls, on_duty("A1"))
    served = sorted(day.values(), key=lambda row: row.assigned_at or NOW)
    assert [row.call_id for row in served] == ["first", "C1", "C2", "old C3", "new C3", "old C4"]
    for before, after in pairwise(served):
        assert after.assigned_at == before.cleared_at


def test_a_crew_that_only_suits_a_later_call_in_the_queue_takes_that_one() -> None:
    calls = [
        call("first", 0),
        call("must be conveyed", 1, category=Category.C1, needs=Needs(conveyance=True)),
        call("need not", 2, category=Category.C3),
    ]
    day = simulated(calls, on_duty("A1", vehicle=CAR))
    assert day["must be conveyed"].outcome is Outcome.UNATTENDED
    assert day["must be conveyed"].shortfall == "none_suitable"
    assert day["need not"].shortfall == ""
    assert day["need not"].assigned_at == day["first"].cleared_at


def test_nobody_is_sent_before_or_after_the_shift_but_a_job_begun_is_finished() -> None:
    calls = [
        call("early", 0, category=Category.C1),
        call("late", 31, category=Category.C1),
        call("too late", 33, category=Category.C1),
    ]
    day = simulated(calls, on_duty("A1", from_min=10, to_min=40))
    assert day["early"].assigned_at == minutes(10)
    assert day["late"].assigned_at == minutes(31)
    assert day["late"].cleared_at is not None
    assert day["late"].cleared_at > minutes(40)
    assert day["too late"].outcome is Outcome.UNATTENDED
    assert day["too late"].vehicle_id == ""


def test_the_next_shift_serves_who_waited_through_the_night() -> None:
    two = on_duty("A1", to_min=5)
    next_day = on_duty("A1", from_min=600, driver_agency=DriverAgency.MPS).shifts
    day = simulated([call("one", 10)], RosteredVehicle("A1", (*two.shifts, *next_day)))
    assert day["one"].assigned_at == minutes(600)
    assert day["one"].driver_agency == "MPS"
    assert "call_time_implausible" not in day["one"].warnings


def test_a_break_keeps_a_crew_from_calls() -> None:
    day = simulated([call("one", 0), call("two", 51)], on_duty("A1", breaks=((50, 45),)))
    assert day["two"].assigned_at == minutes(95)


def test_a_break_that_has_begun_before_the_first_call_is_over_in_time() -> None:
    for due in (-40, -60):
        day = simulated([call("one", 0)], on_duty("A1", breaks=((due, 45),)))
        assert day["one"].assigned_at == minutes(max(0, due + 45))


def test_a_break_that_falls_due_at_work_is_taken_after_it() -> None:
    day = simulated([call("one", 0), call("two", 12)], on_duty("A1", breaks=((10, 45),)))
    assert day["one"].cleared_at is not None
    assert day["two"].assigned_at == day["one"].cleared_at + timedelta(minutes=45)


def test_a_crew_going_home_is_sent_from_where_it_is_and_need_not_mobilise() -> None:
    first = call("one", 0)
    alone = simulated([first], on_duty("A1"))["one"]
    assert alone.cleared_at is not None
    homeward_s = drive_s(MIDDLE, (0, 0), Category.C3, alone.cleared_at)
    halfway_min = (alone.cleared_at - NOW).total_seconds() / 60 + homeward_s / 120
    second = call("two", halfway_min)
    row = simulated([first, second], on_duty("A1"))["two"]
    assert row.mobilisation_s == 0.0
    assert row.distance_m == pytest.approx(1.5 * 2 * BLOCK_M, rel=0.35)
    assert row.drive_s is not None
    assert row.assigned_at is not None
    assert 0 < row.drive_s < drive_s((0, 0), MIDDLE, Category.C2, row.assigned_at)


def test_a_car_stays_with_the_patient_until_an_ambulance_fetches_them() -> None:
    day = simulated(
        [call("one", 0, conveyed=True), call("two", 3)],
        on_duty("CAR", vehicle=CAR),
        on_duty("AMB", at(SIDE_M, 0), from_min=30),
    )
    first, second = day["one"], day["two"]
    assert first.vehicle_id == "CAR"
    assert first.conveyed_to == GENERAL.name
    there_s = FROM_STATION_S + drive_s((SIDE_M, 0), MIDDLE, Category.C2, minutes(30)) + STOP_S
    met_at = minutes(30) + timedelta(seconds=there_s)
    to_hospital_s = drive_s(MIDDLE, (SIDE_M, SIDE_M), Category.C3, met_at)
    assert first.cleared_at == met_at + timedelta(seconds=to_hospital_s + 900)
    # The car is free once the ambulance has come, long before the ambulance is.
    assert second.vehicle_id == "CAR"
    assert second.assigned_at == met_at


def test_where_nobody_can_convey_patients_are_left_in_others_hands() -> None:
    calls = [call(f"c{i}", 60 * i, conveyed=None, scene_s=None) for i in range(9)]
    day = simulated(calls, on_duty("CAR", vehicle=CAR))
    assert all(row.cleared_at is not None for row in day.values())
    assert {row.conveyed_to for row in day.values()} == {""}


def test_a_more_urgent_call_takes_a_crew_that_has_not_moved_off_yet() -> None:
    calls = [call("C3", 0, category=Category.C3), call("C1", 0.5, category=Category.C1)]
    day = simulated(calls, on_duty("A1"))
    assert day["C1"].assigned_at == minutes(0.5)
    assert day["C3"].assigned_at == day["C1"].cleared_at


def test_a_call_as_urgent_does_not() -> None:
    calls = [call("one", 0), call("two", 0.5)]
    day = simulated(calls, on_duty("A1"))
    assert day["one"].assigned_at == minutes(0)
    assert day["two"].assigned_at == day["one"].cleared_at


def test_where_policy_has_it_a_crew_is_redirected_on_the_road_from_where_it_is() -> None:
    statuses = dict(policy().statuses)
    statuses[Status.EN_ROUTE] = statuses[Status.EN_ROUTE].model_copy(update={"sendable": True})
    redirecting = policy().model_copy(update={"statuses": statuses})
    there_s = drive_s((0, 0), MIDDLE, Category.C3)
    halfway_min = (FROM_STATION_S + there_s / 2) / 60
    calls = [call("C3", 0, category=Category.C3), call("C1", halfway_min, category=Category.C1)]
    kept, taken = (simulated(calls, on_duty("A1"), by=rules) for rules in (None, redirecting))
    assert kept["C1"].assigned_at == kept["C3"].cleared_at
    assert taken["C1"].assigned_at == calls[1].call.received_at
    # Half of an even drive of 3 km is left, to the same place.
    assert taken["C1"].distance_m == pytest.approx(3 * BLOCK_M, abs=2)
    assert taken["C3"].assigned_at == taken["C1"].cleared_at


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    rules = load_rules()
    calls = [call(f"c{i}", 7 * i, scene_s=None, conveyed=None, handover_s=None) for i in range(20)]
    roster = [on_duty("A1"), on_duty("A2", at(SIDE_M, 0))]
    once, again, other = (simulated(calls, *roster, rules=rules, seed=s) for s in (4, 4, 5))
    assert once == again
    assert once != other


def test_the_luck_of_a_call_is_its_own_whoever_else_calls() -> None:
    rules = load_rules()
    calls = [call("mine", 60, scene_s=None, conveyed=None), call("before", 0)]
    alone = simulated(calls[:1], on_duty("A1"), rules=rules)["mine"]
    among = simulated(calls, on_duty("A1"), rules=rules)["mine"]
    assert alone == among


def test_a_fleet_that_never_comes_first_changes_nothing() -> None:
    rules = load_rules()
    calls = [
        call(f"c{i}", 400 * i, at(500 * (i % 3), 0), scene_s=None, conveyed=None) for i in range(12)
    ]
    near = on_duty("A1")
    far = on_duty("P1", at(SIDE_M, SIDE_M), driver_agency=DriverAgency.MPS)
    without, with_them = (
        simulated(calls, *roster, rules=rules) for roster in ([near], [near, far])
    )
    assert {row.vehicle_id for row in with_them.values()} == {"A1"}
    suitable = {row.suitable for row in with_them.values()}
    assert suitable == {2}
    assert {name: replace(row, suitable=1) for name, row in with_them.items()} == without


def busy_day(seed: int) -> tuple[dict[str, Decision], list[RosteredVehicle]]:
    """More calls than a few crews, on overlapping shifts with breaks, can answer quickly."""
    rng = np.random.default_rng(seed)
    blocks = SIDE_M // BLOCK_M
    calls = [
        call(
            f"c{i:03}",
            float(rng.uniform(0, 600)),
            at(*(BLOCK_M * rng.integers(0, blocks + 1, 2)).tolist()),
            category=Category(rng.choice(["C1", "C2", "C3", "C4"])),
            scene_s=None,
            conveyed=None,
            handover_s=None,
            needs=Needs(conveyance=bool(rng.random() < 0.2)),
        )
        for i in range(90)
    ]
    roster = [
        on_duty(
            f"A{i}",
            at(float(rng.uniform(0, SIDE_M)), float(rng.uniform(0, SIDE_M))),
            vehicle=CAR if i % 4 == 0 else AMBULANCE,
            from_min=float(60 * i),
            to_min=float(60 * i + 480),
            breaks=((60.0 * i + 200, 30.0),),
        )
        for i in range(9)
    ]
    return simulated(calls, *roster, rules=load_rules(), seed=seed), roster


@pytest.mark.parametrize("seed", range(6))
def test_in_any_day_nobody_is_in_two_places_and_everybody_is_counted(seed: int) -> None:
    day, roster = busy_day(seed)
    assert len(day) == 90
    attended = [row for row in day.values() if row.outcome is Outcome.ATTENDED]
    left = [row for row in day.values() if row.outcome is Outcome.UNATTENDED]
    assert len(attended) + len(left) == len(day)
    assert attended
    for row in left:
        assert row.response_s is None
        assert row.vehicle_id == ""
    shifts = {one.vehicle_id: one.shifts[0] for one in roster}
    jobs: dict[str, list[Decision]] = {}
    for row in attended:
        assert row.assigned_at is not None
        assert row.arrived_at is not None
        assert row.received_at <= row.assigned_at < row.arrived_at
        assert row.waited_s == (row.assigned_at - row.received_at).total_seconds()
        assert row.response_s == (row.arrived_at - row.received_at).total_seconds()
        if row.cleared_at is not None:
            assert row.arrived_at < row.cleared_at
        shift = shifts[row.vehicle_id]
        assert shift.starts_at is not None
        assert shift.ends_at is not None
        assert shift.starts_at <= row.assigned_at < shift.ends_at
        jobs.setdefault(row.vehicle_id, []).append(row)
    for of_one in jobs.values():
        of_one.sort(key=lambda row: row.assigned_at or NOW)
        for before, after in pairwise(of_one):
            assert before.arrived_at is not None
            assert after.assigned_at is not None
            assert before.arrived_at <= after.assigned_at
            if before.vehicle_type == AMBULANCE.vehicle_type:
                assert before.cleared_at is not None
                assert before.cleared_at <= after.assigned_at


def test_a_call_or_a_vehicle_that_comes_twice_is_refused() -> None:
    with pytest.raises(ReplayError, match="call_id 'one' comes twice"):
        simulated([call("one", 0), call("one", 1)], on_duty("A1"))
    with pytest.raises(ReplayError, match="vehicle_id 'A1' comes twice"):
        simulated([call("one", 0)], on_duty("A1"), on_duty("A1"))


def test_rules_that_name_a_profile_the_policy_has_not_are_refused() -> None:
    journeys = CERTAIN.journeys.model_copy(update={"homeward_profile": "flying"})
    rules = CERTAIN.model_copy(update={"journeys": journeys})
    with pytest.raises(ReplayError, match="no driving profile flying"):
        simulated([call("one", 0)], on_duty("A1"), rules=rules)


def test_no_calls_make_an_empty_day() -> None:
    assert simulated([], on_duty("A1")) == {}
