"""Who is first, by road and by estimate."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatch.model import Category, Status, Vehicle, VehicleType
from app.dispatch.recommendation import ExclusionReason, Recommendation, WarningCode
from routing.bucket_search import BucketSearch
from routing.engine import Arrival, Ends, Starts
from routing.metric import Metric
from routing.router import Router
from tests.drawing import draw
from tests.town import AMBULANCE, CALL, NOW, answer, at, fix, grid, policy, router, surveyed


def ambulance(name: str, east_m: float, north_m: float, **others: object) -> Vehicle:
    return replace(AMBULANCE, vehicle_id=name, fix=fix(east_m, north_m), **others)  # type: ignore[arg-type]


def ids(given: Recommendation) -> list[str]:
    return [option.vehicle.vehicle_id for option in given.options]


def codes(given: Recommendation) -> list[WarningCode]:
    return [notice.code for notice in given.warnings]


def test_the_nearest_by_road_goes_first() -> None:
    given = answer(
        CALL, ambulance("A1", 0, 0), ambulance("A2", 1500, 1000), ambulance("A3", 3000, 1500)
    )
    assert ids(given) == ["A2", "A3", "A1"]
    assert [option.rank for option in given.options] == [1, 2, 3]


def test_across_the_river_is_not_near() -> None:
    banks = draw(
        {"a": (0, 0), "b": (3000, 0), "c": (3000, 200), "d": (0, 200)},
        "a-b-c-d",
    )
    on = Router(surveyed(banks.network))
    call = replace(CALL, location=at(0, 0))
    opposite, along = ambulance("A1", 0, 200), ambulance("A2", 2000, 0)
    given = answer(call, opposite, along, on=on)
    assert ids(given) == ["A2", "A1"]
    assert given.options[1].distance_m == pytest.approx(6200, rel=1e-3)


def test_time_to_move_off_counts() -> None:
    at_station = ambulance("A1", 1500, 1250, status=Status.AVAILABLE_AT_STATION)
    moving = replace(AMBULANCE, vehicle_id="A2", fix=fix(1500, 1100, speed_mps=13.0))
    given = answer(CALL, at_station, moving)
    assert ids(given) == ["A2", "A1"]
    first, second = (option.eta for option in given.options)
    assert first.drive_s > second.drive_s
    assert (first.mobilisation_s, second.mobilisation_s) == (0.0, 60.0)


def test_the_total_is_the_sum_of_its_parts() -> None:
    eta = answer(CALL, ambulance("A1", 20, 90)).options[0].eta
    assert eta.access_s == pytest.approx(60 + 20 / 4.5, rel=0.01)
    assert eta.total_s == pytest.approx(eta.mobilisation_s + eta.drive_s + eta.access_s)
    assert eta.p90_s > eta.total_s
    assert not eta.estimated


def test_the_walk_from_the_road_to_the_patient_counts() -> None:
    near = answer(CALL, ambulance("A1", 0, 0))
    far = answer(replace(CALL, location=at(1250, 1740)), ambulance("A1", 0, 0))
    assert near.options[0].eta.access_s == 60.0
    assert far.options[0].eta.access_s == pytest.approx(60 + 240 / 1.33, rel=0.01)
    assert codes(far) == [WarningCode.CALL_OFF_NETWORK]
    assert far.warnings[0].detail.startswith("the call is 2")
    assert "from the nearest road" in far.warnings[0].detail


@pytest.mark.parametrize("order", [("B", "A", "C"), ("C", "B", "A"), ("A", "B", "C")])
def test_equal_times_go_by_vehicle_id(order: tuple[str, ...]) -> None:
    given = answer(CALL, *(ambulance(name, 500, 1000) for name in order), limit=2)
    assert ids(given) == ["A", "B"]
    assert given.suitable == 3


def test_equal_estimates_go_by_vehicle_id() -> None:
    given = answer(CALL, *(ambulance(name, -600, 1500) for name in "CBA"), limit=2)
    assert ids(given) == ["A", "B"]
    assert given.suitable == 3


def test_urgent_calls_are_driven_on_blue_lights_and_others_are_not() -> None:
    urgent, other = (
        answer(replace(CALL, category=category), AMBULANCE).options[0].eta
        for category in (Category.C1, Category.C3)
    )
    assert urgent.drive_s < other.drive_s


def test_a_driver_not_trained_for_blue_lights_is_timed_at_normal_speed() -> None:
    trained = ambulance("A1", 0, 0)
    untrained = ambulance("A2", 0, 0, blue_light_trained=False)
    given = answer(CALL, trained, untrained)
    assert ids(given) == ["A1", "A2"]
    assert given.options[1].eta.drive_s > given.options[0].eta.drive_s
    assert given.options[1].reasons[-2] == (
        "driver not trained for blue lights: timed at normal speed"
    )
    normally = answer(replace(CALL, category=Category.C3), untrained)
    assert normally.options[0].eta.drive_s == given.options[1].eta.drive_s
    assert "trained" not in " ".join(normally.options[0].reasons)


def test_those_off_duty_too_soon_make_way_for_the_next_however_many_they_are() -> None:
    soon = NOW + timedelta(minutes=16)
    tired = [
        ambulance(f"A{place}", 1500, 600 + 10 * place, shift_ends_at=soon) for place in range(9)
    ]
    fresh = [ambulance("B1", 0, 0), ambulance("B2", 3000, 3000), ambulance("B3", 0, 3000)]
    given = answer(CALL, *tired, *fresh, limit=2)
    assert ids(given) == ["B1", "B2"]
    assert [one.vehicle_id for one in given.excluded] == [one.vehicle_id for one in tired]
    assert {one.reason for one in given.excluded} == {ExclusionReason.SHIFT_ENDING}
    assert given.suitable == 3


def test_one_off_duty_too_soon_that_would_not_be_asked_for_is_merely_further_away() -> None:
    tired = ambulance("A2", 0, 0, shift_ends_at=NOW + timedelta(minutes=20))
    given = answer(CALL, ambulance("A1", 1500, 1000), tired, limit=1)
    assert ids(given) == ["A1"]
    assert given.excluded == ()
    assert given.suitable == 2


def test_a_vehicle_off_the_network_gets_a_flagged_estimate() -> None:
    given = answer(CALL, ambulance("A1", -600, 1500))
    (option,) = given.options
    assert option.eta.estimated
    assert option.route is None
    assert option.distance_m == pytest.approx(2100 * 1.343, rel=1e-3)
    assert option.eta.drive_s == pytest.approx(40 + 2100 * 1.343 / 16.0, rel=1e-3)
    assert option.eta.access_s == 60.0
    assert option.eta.mobilisation_s == 20.0
    assert codes(given) == [WarningCode.VEHICLE_OUTSIDE_AREA]
    assert given.warnings[0].vehicle_id == "A1"


def test_a_vehicle_inside_the_area_but_far_from_any_road_is_said_to_be_so() -> None:
    ring = draw({"a": (0, 0), "b": (2000, 0), "c": (2000, 2000), "d": (0, 2000)}, "a-b-c-d-a")
    given = answer(
        replace(CALL, location=at(0, 0)),
        ambulance("A1", 1000, 1000),
        on=Router(surveyed(ring.network)),
    )
    assert codes(given) == [WarningCode.VEHICLE_OFF_NETWORK]
    assert given.warnings[0].detail == (
        "no road within 500 m of it: its time is a straight-line estimate"
    )


def test_an_estimate_within_its_doubt_of_a_routed_vehicle_stands_behind_it() -> None:
    guessed, routed = ambulance("A1", -510, 1500), ambulance("A2", 0, 750)
    given = answer(CALL, guessed, routed)
    assert ids(given) == ["A2", "A1"]
    assert given.options[1].eta.total_s < given.options[0].eta.total_s < given.options[1].eta.p90_s
    assert given.options[1].reasons[0].startswith("straight-line estimate: ")
    assert "ranked by its 90th percentile" in given.options[1].reasons[0]
    assert WarningCode.ESTIMATE_AHEAD_OF_ROUTE not in codes(given)


def test_an_estimate_stands_ahead_only_when_sooner_even_on_a_bad_day_and_never_silently() -> None:
    guessed, routed = ambulance("A1", 1500, 3510), ambulance("A2", 0, 0)
    call = replace(CALL, location=at(1500, 3000))
    given = answer(call, guessed, routed)
    assert ids(given) == ["A1", "A2"]
    assert given.options[0].eta.p90_s < given.options[1].eta.total_s
    ahead = [one for one in given.warnings if one.code is WarningCode.ESTIMATE_AHEAD_OF_ROUTE]
    assert [one.vehicle_id for one in ahead] == ["A1"]


def test_a_call_outside_the_area_is_answered_with_estimates_and_a_warning() -> None:
    given = answer(
        replace(CALL, location=at(5000, 1500)), ambulance("A1", 0, 0), ambulance("A2", 3000, 1500)
    )
    assert ids(given) == ["A2", "A1"]
    assert all(option.eta.estimated for option in given.options)
    assert codes(given) == [WarningCode.CALL_OUTSIDE_AREA]


def test_a_call_far_from_any_road_is_answered_with_estimates_and_a_warning() -> None:
    ring = draw({"a": (0, 0), "b": (2000, 0), "c": (2000, 2000), "d": (0, 2000)}, "a-b-c-d-a")
    given = answer(
        replace(CALL, location=at(1000, 1000)),
        ambulance("A1", 0, 0),
        on=Router(surveyed(ring.network)),
    )
    assert [option.eta.estimated for option in given.options] == [True]
    assert codes(given) == [WarningCode.CALL_OFF_NETWORK]
    assert given.warnings[0].detail.startswith("no road within 500 m of the call")


def test_just_beyond_the_edge_is_still_covered() -> None:
    given = answer(replace(CALL, location=at(3200, 1500)), AMBULANCE)
    assert [option.eta.estimated for option in given.options] == [False]


class LostVehicle(BucketSearch):
    """A search that knows no way from the crossing at the town's south-western corner."""

    def __init__(self, metric: Metric) -> None:
        super().__init__(metric)
        corner = grid().segment("0.0>1.0"), grid().segment("0.0>0.1")
        twins = grid().segment("1.0>0.0"), grid().segment("0.1>0.0")
        self._lost = {*corner, *twins}

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        found = super().nearest(ends, starts, len(starts.vehicle))
        return [one for one in found if int(one.segments[0]) not in self._lost][:limit]


def test_a_vehicle_without_a_way_by_road_gets_a_flagged_estimate() -> None:
    on = Router(router().network, engine=LostVehicle)
    given = answer(CALL, ambulance("A1", 100, 0), ambulance("A2", 2500, 1000), on=on)
    assert ids(given) == ["A2", "A1"]
    assert [option.eta.estimated for option in given.options] == [False, True]
    assert [(one.code, one.vehicle_id) for one in given.warnings] == [(WarningCode.NO_ROUTE, "A1")]


def test_when_enough_are_found_by_road_nobody_asks_for_the_lost() -> None:
    on = Router(router().network, engine=LostVehicle)
    given = answer(CALL, ambulance("A1", 100, 0), ambulance("A2", 2500, 1000), on=on, limit=1)
    assert ids(given) == ["A2"]
    assert (given.suitable, given.warnings) == (2, ())


def test_a_cycle_is_timed_in_a_straight_line_at_its_own_speed() -> None:
    cycle = ambulance("C1", 1500, 1200, vehicle_type=VehicleType.PEDAL_CYCLE)
    given = answer(CALL, cycle)
    assert given.options[0].eta.drive_s == pytest.approx(300 * 1.343 / 4.2, rel=1e-3)
    assert given.options[0].eta.estimated
    assert given.warnings == ()


def test_a_cycle_round_the_corner_ranks_by_its_median_ahead_of_a_car_further_off() -> None:
    cycle = ambulance("C1", 1500, 1450, vehicle_type=VehicleType.PEDAL_CYCLE)
    car = ambulance("A1", 1500, 1150)
    given = answer(CALL, car, cycle)
    assert ids(given) == ["C1", "A1"]
    by_cycle, by_car = (option.eta for option in given.options)
    assert by_cycle.total_s < by_car.total_s < by_cycle.p90_s
    assert given.options[0].reasons[0].startswith("needs no roads: ")
    assert given.warnings == ()


def test_the_policy_may_let_vehicles_on_their_way_be_redirected() -> None:
    statuses = {**policy().statuses}
    statuses[Status.EN_ROUTE] = statuses[Status.EN_ROUTE].model_copy(update={"sendable": True})
    by = policy().model_copy(update={"statuses": statuses})
    on_its_way = replace(
        AMBULANCE, status=Status.EN_ROUTE, fix=fix(500, 1500, heading_deg=90.0, speed_mps=12.0)
    )
    assert answer(CALL, on_its_way).options == ()
    (option,) = answer(CALL, on_its_way, by=by).options
    assert option.eta.mobilisation_s == 0.0
