"""What holds for any call and any fleet, against a second, slower way of working it out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dispatch.area import CoveredArea
from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Needs,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.recommendation import ExclusionReason, Option, Recommendation
from app.dispatch.time_of_week import hour_of_week
from routing.geometry import great_circle_m
from tests.town import CALL, NOW, answer, at, fix, policy, router

A_LOT = 1000

places = st.tuples(st.integers(-80, 380), st.integers(-80, 380)).map(
    lambda tens: (10.0 * tens[0], 10.0 * tens[1])
)
skills = st.frozensets(st.sampled_from(Skill), max_size=2)
often_free = st.one_of(
    st.sampled_from([Status.AVAILABLE_MOBILE, Status.AVAILABLE_AT_STATION]), st.sampled_from(Status)
)
often_ambulances = st.one_of(st.just(VehicleType.EMERGENCY_AMBULANCE), st.sampled_from(VehicleType))


@st.composite
def vehicles(draw: st.DrawFn) -> Vehicle:
    """One vehicle in or around town, suitable for much more often than not."""
    age_s = draw(st.one_of(st.integers(0, 120), st.integers(-100, 20_000)))
    ends_in_min = draw(st.one_of(st.none(), st.integers(-10, 90)))
    speed_mps = draw(st.one_of(st.none(), st.floats(0, 20)))
    heading_deg = draw(st.one_of(st.none(), st.floats(0, 359)))
    position = fix(*draw(places), age_s=age_s, heading_deg=heading_deg, speed_mps=speed_mps)
    return Vehicle(
        vehicle_id="",
        vehicle_type=draw(often_ambulances),
        driver_agency=draw(st.sampled_from(DriverAgency)),
        status=draw(often_free),
        fix=position if draw(st.integers(0, 9)) else None,
        clinician_aboard=draw(st.integers(0, 9)) > 0,
        skills=draw(skills) | ({Skill.PARAMEDIC} if draw(st.booleans()) else frozenset()),
        blue_light_trained=draw(st.integers(0, 4)) > 0,
        shift_ends_at=None if ends_in_min is None else NOW + timedelta(minutes=ends_in_min),
    )


fleets = st.lists(vehicles(), max_size=14).map(
    lambda fleet: [replace(one, vehicle_id=f"A{i:02d}") for i, one in enumerate(fleet)]
)
calls = st.builds(
    Call,
    call_id=st.just("CAD-1"),
    location=places.map(lambda place: at(*place)),
    category=st.sampled_from(Category),
    received_at=st.integers(-60, 3600).map(lambda age_s: NOW - timedelta(seconds=age_s)),
    needs=st.builds(
        Needs,
        conveyance=st.booleans(),
        skills=st.frozensets(st.sampled_from([Skill.PARAMEDIC, Skill.BARIATRIC]), max_size=1),
        vehicle_types=st.just(frozenset()),
    ),
)
limits = st.integers(1, 6)


def must_stay_out(call: Call, vehicle: Vehicle) -> bool:
    """The hard rules that need no road, said once more for one vehicle at a time."""
    rules = policy()
    shift_margin = timedelta(seconds=rules.categories[call.category].shift_margin_s)
    kind = rules.vehicle_types[vehicle.vehicle_type]
    if not rules.statuses[vehicle.status].sendable or vehicle.fix is None:
        return True
    age = NOW - vehicle.fix.reported_at
    at_station = vehicle.status is Status.AVAILABLE_AT_STATION
    return (
        not timedelta(minutes=-1) <= age <= timedelta(seconds=14_400 if at_station else 300)
        or (call.needs.conveyance and not kind.conveys)
        or call.category not in kind.categories
        or not call.needs.skills <= rules.skills_of(vehicle.skills)
        or not vehicle.clinician_aboard
        or (vehicle.shift_ends_at is not None and vehicle.shift_ends_at < NOW + shift_margin)
    )


def by_road_alone(call: Call, vehicle: Vehicle) -> int | None:
    """Milliseconds for one vehicle by road, one route at a time; None when it has none."""
    rules = policy()
    assert vehicle.fix is not None
    area = CoveredArea.around(router().network.extent, rules.area.margin_m)
    if vehicle.vehicle_type is VehicleType.PEDAL_CYCLE or not area.covers(call.location):
        return None
    trained = vehicle.blue_light_trained
    profile = rules.categories[call.category].profile if trained else "normal_road"
    access = rules.access.complete_network
    here, there = vehicle.fix.place, call.location
    speed_mps = vehicle.fix.speed_mps
    stands = speed_mps is not None and speed_mps < rules.moving.from_speed_mps
    start = router().snap(
        here.lat,
        here.lon,
        profile=profile,
        heading_deg=None if stands else vehicle.fix.heading_deg,
        radius_m=access.vehicle_radius_m,
    )
    target = router().snap(there.lat, there.lon, profile=profile, radius_m=access.call_radius_m)
    if start is None or target is None:
        return None
    arrival = router().roads(profile, hour_of_week(NOW)).route(start, target)
    assert arrival is not None
    moving = rules.is_moving(vehicle)
    mobilisation_s = 0.0 if moving else rules.statuses[vehicle.status].mobilisation_median_s
    access_ms = round(start.distance_m / access.vehicle_speed_mps * 1000) + round(
        target.distance_m / access.call_speed_mps * 1000
    )
    stopping_ms = round(rules.arrival.stopping_s * 1000)
    return round(mobilisation_s * 1000) + access_ms + stopping_ms + arrival.drive_ms


def ids(given_answer: Recommendation) -> list[str]:
    return [option.vehicle.vehicle_id for option in given_answer.options]


@given(call=calls, fleet=fleets, limit=limits)
def test_every_vehicle_is_an_option_or_left_out_or_suitable_but_beyond_the_limit(
    call: Call, fleet: Sequence[Vehicle], limit: int
) -> None:
    recommended = answer(call, *fleet, limit=limit)
    chosen, left_out = ids(recommended), [one.vehicle_id for one in recommended.excluded]
    assert len(set(chosen)) == len(chosen) <= limit
    assert sorted(set(left_out)) == left_out
    assert not set(chosen) & set(left_out)
    assert recommended.suitable + len(left_out) == len(fleet)
    beyond = len(fleet) - len(chosen) - len(left_out)
    assert beyond == recommended.suitable - len(chosen)
    assert beyond == 0 or len(chosen) == limit
    assert (recommended.shortfall is None) == (len(chosen) == limit)


@given(call=calls, fleet=fleets, limit=limits)
def test_a_vehicle_breaks_a_hard_rule_if_and_only_if_it_is_left_out_for_one(
    call: Call, fleet: Sequence[Vehicle], limit: int
) -> None:
    recommended = answer(call, *fleet, limit=limit)
    barred = {vehicle.vehicle_id for vehicle in fleet if must_stay_out(call, vehicle)}
    assert not barred & set(ids(recommended))
    on_the_way = {ExclusionReason.SHIFT_ENDING, ExclusionReason.UNREACHABLE}
    left_out = {one.vehicle_id: one.reason for one in recommended.excluded}
    assert barred <= left_out.keys()
    assert all(left_out[name] in on_the_way for name in left_out.keys() - barred)


@given(call=calls, fleet=fleets, limit=limits)
def test_routed_options_are_exactly_the_soonest_by_road_to_the_millisecond(
    call: Call, fleet: Sequence[Vehicle], limit: int
) -> None:
    recommended = answer(call, *fleet, limit=limit)
    margin_s = policy().categories[call.category].shift_margin_s
    oracle = []
    for vehicle in fleet:
        total_ms = None if must_stay_out(call, vehicle) else by_road_alone(call, vehicle)
        if total_ms is None:
            continue
        done_at = NOW + timedelta(milliseconds=total_ms, seconds=margin_s)
        if vehicle.shift_ends_at is None or done_at <= vehicle.shift_ends_at:
            oracle.append((total_ms, vehicle.vehicle_id))
    routed = [
        (round(option.eta.total_s * 1000), option.vehicle.vehicle_id)
        for option in recommended.options
        if not option.eta.estimated
    ]
    assert routed == sorted(oracle)[: len(routed)]
    if len(recommended.options) < limit:
        assert len(routed) == len(oracle)


def _stands_for_a_road(option: Option) -> bool:
    """Whether a straight line was taken for want of a road, not because none is needed."""
    kind = policy().vehicle_types[option.vehicle.vehicle_type]
    return option.eta.estimated and kind.straight_line_speed_mps is None


@given(call=calls, fleet=fleets, limit=limits)
def test_options_are_in_order_with_estimates_held_to_their_90th_percentile(
    call: Call, fleet: Sequence[Vehicle], limit: int
) -> None:
    options = answer(call, *fleet, limit=limit).options
    ranked_by_s = [
        option.eta.p90_s if _stands_for_a_road(option) else option.eta.total_s for option in options
    ]
    assert np.all(np.diff(ranked_by_s) >= -0.001)
    assert [option.rank for option in options] == list(range(1, len(options) + 1))


@given(call=calls, fleet=fleets, limit=limits)
def test_arrival_times_are_sane(call: Call, fleet: Sequence[Vehicle], limit: int) -> None:
    for option in answer(call, *fleet, limit=limit, include_routes=True).options:
        eta, vehicle = option.eta, option.vehicle
        parts_s = (eta.mobilisation_s, eta.drive_s, eta.access_s)
        assert min(parts_s) >= 0
        assert eta.total_s == pytest.approx(sum(parts_s), abs=1e-6)
        assert eta.p90_s >= eta.total_s - 1e-6
        assert 0.0 <= eta.meets_standard_probability <= 1.0
        assert eta.estimated == (option.route is None)
        assert vehicle.fix is not None
        if vehicle.shift_ends_at is not None:
            assert option.arrives_at <= vehicle.shift_ends_at
        if option.route is not None:
            assert option.route.distance_m == pytest.approx(option.distance_m)
            here = vehicle.fix.place
            there = call.location
            straight_m = great_circle_m(here.lat, here.lon, there.lat, there.lon)
            assert option.distance_m + 500 + 500 >= straight_m * 0.99


@given(call=calls, fleet=fleets, limit=limits, data=st.data())
def test_the_order_in_which_vehicles_come_does_not_matter(
    call: Call, fleet: Sequence[Vehicle], limit: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(fleet))
    one, other = (
        answer(call, *given_order, limit=limit, include_routes=False)
        for given_order in (fleet, shuffled)
    )
    assert one == other


@given(call=calls, fleet=fleets)
def test_asking_for_fewer_gives_the_first_of_the_same(call: Call, fleet: Sequence[Vehicle]) -> None:
    everyone = ids(answer(call, *fleet, limit=A_LOT))
    for limit in (1, 2, 3):
        assert ids(answer(call, *fleet, limit=limit)) == everyone[:limit]


@settings(max_examples=25)
@given(fleet=fleets)
def test_waiting_never_raises_a_chance(fleet: Sequence[Vehicle]) -> None:
    chances = []
    for waited_s in (0, 600, 1800, 2300, 2400):
        call = replace(CALL, received_at=NOW - timedelta(seconds=waited_s))
        options = answer(call, *fleet).options
        chances.append([option.eta.meets_standard_probability for option in options])
    assert np.all(np.diff(np.array(chances), axis=0) <= 0)
    assert not np.any(chances[-1])
