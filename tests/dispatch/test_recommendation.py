"""What an answer says besides the order: reasons, routes, notices, shortfalls."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from app.dispatch.fleet import Fleet
from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.policy import load_policy
from app.dispatch.recommendation import ShortfallReason, WarningCode
from app.dispatch.recommender import Recommender
from app.dispatch.wording import duration
from routing.geometry import polyline_length_m
from routing.router import Router
from tests.town import AMBULANCE, CALL, NOW, answer, at, fix, fleet_of, grid, policy, router

NEAR = replace(
    AMBULANCE,
    vehicle_id="A201",
    driver_agency=DriverAgency.MPS,
    status=Status.AVAILABLE_AT_STATION,
    fix=fix(1500, 1000),
)
FAR = replace(AMBULANCE, vehicle_id="A102", fix=fix(0, 0))


def test_the_first_option_says_why_it_is_first() -> None:
    first, second = answer(CALL, NEAR, FAR).options
    assert first.reasons == (
        f"nearest by road: {duration(first.eta.total_s)}, 500 m",
        "police-driven (MPS) ambulance with paramedic aboard",
        "can convey",
        "available at its station: 1 min to move off",
        f"{duration(second.eta.total_s - first.eta.total_s)} sooner than next: A102",
    )


def test_another_option_says_how_far_behind_it_is() -> None:
    first, second = answer(CALL, NEAR, FAR).options
    assert second.reasons == (
        f"by road: {duration(second.eta.total_s)}, 3.0 km",
        "LAS ambulance with paramedic aboard",
        "can convey",
        "available and mobile: 20 s to move off",
        f"{duration(second.eta.total_s - first.eta.total_s)} later than first: A201",
    )


CREWS: Mapping[str, Vehicle] = {
    "LAS motorcycle with advanced paramedic aboard": replace(
        AMBULANCE,
        vehicle_type=VehicleType.MOTORCYCLE,
        skills=frozenset({Skill.ADVANCED_PARAMEDIC, Skill.PARAMEDIC}),
    ),
    "fire-driven (LFB) ambulance with paramedic and bariatric team aboard": replace(
        AMBULANCE,
        driver_agency=DriverAgency.LFB,
        skills=frozenset({Skill.BARIATRIC, Skill.PARAMEDIC, Skill.EMERGENCY_MEDICAL_TECHNICIAN}),
    ),
    "LAS ambulance with a clinician aboard": replace(AMBULANCE, skills=frozenset()),
}


@pytest.mark.parametrize(("words", "vehicle"), CREWS.items(), ids=CREWS)
def test_who_comes_is_said_plainly(words: str, vehicle: Vehicle) -> None:
    assert answer(CALL, vehicle).options[0].reasons[1] == words


def test_only_what_conveys_is_said_to_convey() -> None:
    car = replace(AMBULANCE, vehicle_type=VehicleType.RAPID_RESPONSE_VEHICLE)
    assert "can convey" not in answer(CALL, car).options[0].reasons
    assert "can convey" in answer(CALL, AMBULANCE).options[0].reasons


def test_a_moving_vehicle_is_said_to_move_and_equals_to_be_equal() -> None:
    moving = [
        replace(AMBULANCE, vehicle_id=name, fix=fix(0, 0, speed_mps=9.0)) for name in ("A", "B")
    ]
    first, second = answer(CALL, *moving).options
    assert first.reasons[-2:] == ("already moving: no mobilisation", "as soon as next: B")
    assert second.reasons[-1] == "as soon as first: A"


def test_without_explanation_only_the_answer_is_given() -> None:
    excluded = replace(AMBULANCE, vehicle_id="A9", status=Status.BREAK)
    full, bare = (answer(CALL, NEAR, FAR, excluded, explain=explain) for explain in (True, False))
    assert len(full.excluded) == 1
    assert bare.excluded == ()
    assert [option.reasons for option in bare.options] == [(), ()]
    assert [replace(option, reasons=()) for option in full.options] == list(bare.options)
    assert (bare.suitable, bare.shortfall, bare.warnings) == (
        full.suitable,
        full.shortfall,
        full.warnings,
    )


def test_a_route_runs_from_the_vehicle_to_the_call_along_named_streets() -> None:
    (option,) = answer(CALL, NEAR, include_routes=True).options
    assert option.route is not None
    assert option.route.streets == ("Avenue 3",)
    assert option.route.shape[0] == pytest.approx(grid().position(1500, 1000), abs=1e-6)
    assert option.route.shape[-1] == pytest.approx(grid().position(1500, 1500), abs=1e-6)
    assert polyline_length_m(option.route.shape) == pytest.approx(option.distance_m, rel=1e-3)
    assert option.route.distance_m == pytest.approx(option.distance_m)


def test_routes_are_given_only_when_asked_for() -> None:
    assert [option.route for option in answer(CALL, NEAR, FAR).options] == [None, None]


def test_arrival_is_now_plus_the_median() -> None:
    (option,) = answer(CALL, NEAR).options
    assert option.arrives_at - NOW == timedelta(seconds=option.eta.total_s)


def test_an_answer_says_what_it_rests_on() -> None:
    given = answer(CALL, NEAR)
    assert given.recommendation_id == "answer-1"
    assert given.call is CALL
    assert given.decided_at == NOW
    assert given.network_name == "drawing"
    assert given.network_version == router().network.version
    assert given.policy_version == policy().version


def test_every_answer_has_an_id_of_its_own() -> None:
    fleet = fleet_of(NEAR)
    recommender = Recommender(router(), policy())
    names = {
        recommender.recommend(
            CALL, fleet, limit=1, include_routes=False, explain=False, now=NOW
        ).recommendation_id
        for _ in range(3)
    }
    assert {UUID(name).version for name in names} == {4}
    assert len(names) == 3


def test_a_fleet_placed_on_another_network_or_under_another_policy_is_refused() -> None:
    recommender = Recommender(router(), policy())
    for stranger in (Fleet(Router(grid().network), policy()), Fleet(router(), load_policy())):
        with pytest.raises(ValueError, match="belongs to another router or policy"):
            recommender.recommend(
                CALL, stranger, limit=1, include_routes=False, explain=True, now=NOW
            )


def test_an_empty_fleet_is_an_answer() -> None:
    given = answer(CALL)
    assert given.options == ()
    assert given.shortfall is not None
    assert given.shortfall.reason is ShortfallReason.EMPTY_FLEET
    assert (given.shortfall.wanted, given.shortfall.found) == (5, 0)


def test_nobody_suitable_is_an_answer_that_counts_why() -> None:
    fleet = [
        replace(AMBULANCE, vehicle_id="A1", status=Status.BREAK),
        replace(AMBULANCE, vehicle_id="A2", status=Status.CONVEYING),
        replace(AMBULANCE, vehicle_id="A3", fix=None),
        replace(AMBULANCE, vehicle_id="A4", fix=fix(-30_000, 0)),
        replace(AMBULANCE, vehicle_id="A5", shift_ends_at=NOW + timedelta(minutes=17)),
    ]
    given = answer(CALL, *fleet)
    assert given.shortfall is not None
    assert given.shortfall.reason is ShortfallReason.NONE_SUITABLE
    assert given.shortfall.detail == (
        "0 of 5 vehicles may be sent; left out: 2 in a status that is not sent, "
        "1 without a position, 1 near the end of their shift and 1 out of reach"
    )
    assert [one.vehicle_id for one in given.excluded] == ["A1", "A2", "A3", "A4", "A5"]


def test_fewer_than_asked_for_is_said() -> None:
    given = answer(CALL, NEAR, FAR, limit=3)
    assert given.shortfall is not None
    assert given.shortfall.reason is ShortfallReason.FEWER_THAN_LIMIT
    assert (given.shortfall.wanted, given.shortfall.found) == (3, 2)
    assert given.shortfall.detail == "2 of 2 vehicles may be sent"


def test_as_many_as_asked_for_is_no_shortfall() -> None:
    assert answer(CALL, NEAR, FAR, limit=2).shortfall is None


def received(hours_ago: float) -> Call:
    return replace(CALL, received_at=NOW - timedelta(hours=hours_ago))


NOTICED: Mapping[WarningCode, tuple[Call, Vehicle, str]] = {
    WarningCode.APPROXIMATE_NETWORK: (
        CALL,
        AMBULANCE,
        "the network drawing is approximate",
    ),
    WarningCode.CALL_OFF_NETWORK: (
        replace(CALL, location=at(1250, 1650)),
        AMBULANCE,
        r"the call is 15\d m from the nearest road in the network; 1 min 53 s is counted for it",
    ),
    WarningCode.CALL_OUTSIDE_AREA: (
        replace(CALL, location=at(1500, 3300)),
        AMBULANCE,
        "the call is outside the area of the network drawing",
    ),
    WarningCode.POSITION_AGEING: (
        CALL,
        replace(AMBULANCE, fix=fix(0, 0, age_s=240)),
        "its last fix is 4 min old; from 5 min on it is not used",
    ),
    WarningCode.HEADING_IGNORED: (
        CALL,
        replace(AMBULANCE, fix=fix(250, 0, heading_deg=0.0)),
        "no road in reach runs the way it is heading",
    ),
    WarningCode.ON_ANOTHER_CALL: (
        CALL,
        replace(AMBULANCE, status=Status.MOBILISING),
        "it is mobilising: sending it takes it from another call",
    ),
    WarningCode.STANDARD_AT_RISK: (
        received(0.6),
        AMBULANCE,
        r"the best chance of arriving within 40 min of the C2 call is \d+ %",
    ),
    WarningCode.CALL_TIME_IMPLAUSIBLE: (
        received(-0.5),
        AMBULANCE,
        "the call is dated 30 min ahead of now; it is taken as new",
    ),
}


@pytest.mark.parametrize("code", NOTICED)
def test_a_dispatcher_is_told_what_to_know(code: WarningCode) -> None:
    call, vehicle, detail = NOTICED[code]
    approximate = code is WarningCode.APPROXIMATE_NETWORK
    given = answer(call, vehicle, on=Router(grid().network) if approximate else router())
    about = [notice for notice in given.warnings if notice.code is code]
    assert len(about) == 1
    assert re.match(detail, about[0].detail)
    of_vehicle = code.startswith(("position", "heading", "on_another"))
    assert about[0].vehicle_id == ("A101" if of_vehicle else "")


def test_a_sound_answer_comes_without_notices() -> None:
    assert answer(CALL, AMBULANCE, NEAR).warnings == ()


def test_a_vehicle_at_its_station_may_be_silent_for_longer() -> None:
    at_station = replace(AMBULANCE, status=Status.AVAILABLE_AT_STATION)
    assert answer(CALL, replace(at_station, fix=fix(0, 0, age_s=1800))).warnings == ()
    late = answer(CALL, replace(at_station, fix=fix(0, 0, age_s=7200)))
    assert [notice.code for notice in late.warnings] == [WarningCode.POSITION_AGEING]


def test_notices_speak_of_options_only() -> None:
    silent = replace(FAR, fix=fix(0, 0, age_s=240))
    assert answer(CALL, NEAR, silent, limit=1).warnings == ()


def test_a_call_from_the_future_is_taken_as_new() -> None:
    ahead, new = answer(received(-0.5), AMBULANCE), answer(received(0), AMBULANCE)
    assert ahead.options[0].eta == new.options[0].eta


def test_a_call_long_past_counts_from_then() -> None:
    given = answer(received(8), AMBULANCE)
    assert given.options[0].eta.meets_standard_probability == 0.0
    assert [notice.code for notice in given.warnings] == [
        WarningCode.CALL_TIME_IMPLAUSIBLE,
        WarningCode.STANDARD_AT_RISK,
    ]
    assert given.warnings[0].detail.startswith("the call is dated 8 h ago")


def test_the_longer_a_call_has_waited_the_smaller_the_chance() -> None:
    total_s = answer(received(0), AMBULANCE).options[0].eta.total_s
    just_in_time_min = (2400 - total_s) / 60
    chances = [
        answer(received(minutes / 60), AMBULANCE).options[0].eta.meets_standard_probability
        for minutes in (0, just_in_time_min - 2, just_in_time_min, just_in_time_min + 2, 60)
    ]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.99
    assert 0.4 < chances[2] < 0.5
    assert chances[-1] == 0.0


def test_each_category_is_held_to_its_own_standard() -> None:
    waited = {
        Category.C1: 14,
        Category.C2: 39,
        Category.C3: 119,
        Category.C4: 179,
    }
    for category, minutes in waited.items():
        late = replace(received(minutes / 60), category=category)
        early = replace(received(0), category=category)
        assert answer(late, AMBULANCE).options[0].eta.meets_standard_probability < 0.01
        assert answer(early, AMBULANCE).options[0].eta.meets_standard_probability > 0.9
