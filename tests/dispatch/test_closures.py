"""What closures do to recommendations: named where they matter, silent where they do not."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shapely

from app.dispatch.recommendation import ExclusionReason, Recommendation, WarningCode
from routing.closures import Closure, InArea, NamedStreet, Shut, Slowed, Where
from routing.router import Router
from tests.town import AMBULANCE, CALL, SIDE_M, answer, at, fix, grid, surveyed


@pytest.fixture
def town() -> Iterator[Router]:
    router = Router(surveyed(grid().network))
    yield router
    router.reopen(*router.closures)


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> shapely.Polygon:
    south_west, north_east = at(west_m, south_m), at(east_m, north_m)
    return shapely.box(south_west.lon, south_west.lat, north_east.lon, north_east.lat)


def shut(closure_id: str, where: Where, note: str = "") -> Closure:
    return Closure(closure_id, Shut(), where, note=note)


WEST = replace(AMBULANCE, vehicle_id="WEST", fix=fix(750, 1500))
EAST = replace(AMBULANCE, vehicle_id="EAST", fix=fix(2750, 1500))
EASTERN_CALL = replace(CALL, location=at(2000, 1500))


def codes(recommendation: Recommendation) -> dict[WarningCode, str]:
    return {notice.code: notice.detail for notice in recommendation.warnings}


def test_the_closure_on_the_usual_way_is_named_with_the_seconds_it_costs(town: Router) -> None:
    usual = answer(CALL, WEST, on=town)
    town.close(shut("works", NamedStreet("Road 3", box(1100, 1400, 1400, 1600))))
    closed = answer(CALL, WEST, on=town)
    (before,), (option,) = usual.options, closed.options
    assert before.closures is None
    assert option.closures is not None
    assert option.closures.closure_ids == ("works",)
    delay_s = option.eta.total_s - before.eta.total_s
    assert option.closures.delay_s == pytest.approx(delay_s)
    assert delay_s > 30
    detail = f"Road 3 closed: +{round(delay_s)} s"
    assert option.closures.detail == detail
    assert detail in option.reasons
    assert codes(closed)[WarningCode.CLOSURE_DELAY] == detail


def test_a_closure_off_the_way_is_not_named(town: Router) -> None:
    town.close(shut("far", NamedStreet("Avenue 0")))
    recommendation = answer(CALL, EAST, on=town)
    assert recommendation.options[0].closures is None
    assert WarningCode.CLOSURE_DELAY not in codes(recommendation)


def test_a_slowed_street_that_is_driven_all_the_same_is_named(town: Router) -> None:
    strip = NamedStreet("Road 3")
    town.close(Closure("jam", Slowed(time_factor=1.1), strip))
    (option,) = answer(CALL, WEST, on=town).options
    assert option.closures is not None
    assert option.closures.delay_s > 0
    assert option.closures.detail.startswith("Road 3 slowed: +")


def test_vehicles_that_only_a_closure_cuts_off_are_said_to_be_and_get_no_straight_line(
    town: Router,
) -> None:
    """The town is cut in two: every road between the avenues 2 and 3 is shut."""
    river = box(1200, -100, 1300, SIDE_M + 100)
    town.close(shut("river", InArea(river), note="Flood"))
    recommendation = answer(EASTERN_CALL, WEST, EAST, on=town)
    assert [option.vehicle.vehicle_id for option in recommendation.options] == ["EAST"]
    (left_out,) = recommendation.excluded
    assert left_out.vehicle_id == "WEST"
    assert left_out.reason is ExclusionReason.CUT_OFF_BY_CLOSURE
    assert left_out.detail == "no way by road: Flood closed"
    assert recommendation.suitable == 1
    assert recommendation.shortfall is not None
    assert "1 cut off by closures" in recommendation.shortfall.detail


def test_when_everybody_is_cut_off_the_shortfall_says_so(town: Router) -> None:
    town.close(shut("river", InArea(box(1200, -100, 1300, SIDE_M + 100)), note="Flood"))
    recommendation = answer(EASTERN_CALL, WEST, on=town)
    assert recommendation.options == ()
    assert recommendation.shortfall is not None
    assert recommendation.shortfall.detail == (
        "0 of 1 vehicles may be sent; left out: 1 cut off by closures"
    )


def test_a_call_inside_a_closed_area_is_reached_and_flagged(town: Router) -> None:
    town.close(shut("cordon", InArea(box(1300, 1300, 1700, 1700)), note="Fire"))
    recommendation = answer(CALL, WEST, on=town)
    (option,) = recommendation.options
    assert not option.eta.estimated
    assert option.closures is not None
    assert option.closures.closure_ids == ("cordon",)
    assert codes(recommendation)[WarningCode.CALL_IN_CLOSURE] == (
        "the call lies inside what is closed: the last stretch leads through it "
        "(Avenue 3, Road 3 closed)"
    )


def test_a_closure_that_the_drive_only_ends_in_is_said_to_cost_nothing(town: Router) -> None:
    usual = answer(CALL, WEST, on=town)
    town.close(shut("scene", NamedStreet("Road 3", box(1499, 1400, 1990, 1600))))
    recommendation = answer(replace(CALL, location=at(1600, 1500)), WEST, on=town)
    (option,) = recommendation.options
    assert usual.options[0].closures is None
    assert option.closures is not None
    assert option.closures.delay_s == 0
    detail = "Road 3 closed: the last stretch leads onto it"
    assert option.closures.detail == detail
    assert detail in option.reasons
    assert WarningCode.CLOSURE_DELAY not in codes(recommendation)


def test_a_vehicle_inside_a_closed_area_leaves_it_and_is_flagged(town: Router) -> None:
    inside = replace(AMBULANCE, vehicle_id="INSIDE", fix=fix(1500, 1400))
    town.close(shut("cordon", InArea(box(1300, 1300, 1700, 1700)), note="Fire"))
    recommendation = answer(replace(CALL, location=at(2750, 1500)), inside, on=town)
    (option,) = recommendation.options
    assert not option.eta.estimated
    (flag,) = [n for n in recommendation.warnings if n.code is WarningCode.VEHICLE_IN_CLOSURE]
    assert flag.vehicle_id == "INSIDE"
    assert WarningCode.CALL_IN_CLOSURE not in codes(recommendation)


def test_reopening_gives_the_answer_of_before(town: Router) -> None:
    before = answer(CALL, WEST, EAST, on=town, include_routes=True)
    town.close(shut("cordon", InArea(box(-100, 1300, 1700, 1700))))
    assert answer(CALL, WEST, EAST, on=town, include_routes=True) != before
    town.reopen("cordon")
    assert answer(CALL, WEST, EAST, on=town, include_routes=True) == before
