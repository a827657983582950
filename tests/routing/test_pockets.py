"""Last stretches into a closed area and first stretches out of it, on streets drawn as traps."""

from collections.abc import Sequence

import numpy as np
import pytest

from routing.bucket_search import BucketSearch
from routing.closure_places import PlacedClosure
from routing.closures import Closure, Shut, Slowed, TheseSegments
from routing.engine import UNREACHED, Arrival, Ends, Starts
from routing.metric import Metric
from routing.overlay import Overlay
from routing.profiles import load_profiles
from routing.roads import Disturbance, Roads
from routing.snapping import Snap
from tests.drawing import Drawing, draw, street
from tests.routing.closure_oracle import ClosureOracle

BLUE = load_profiles()["blue_light"]


def shut(town: Drawing, *ways: str, closure_id: str = "cordon") -> PlacedClosure:
    segments = np.asarray(sorted(town.segment(way) for way in ways), dtype=np.int32)
    return PlacedClosure(Closure(closure_id, Shut(), TheseSegments(())), segments, ("Cordon",))


def both(*streets: str) -> list[str]:
    """Both directions of streets "a-b"."""
    return [
        way for one in streets for way in (one.replace("-", ">"), ">".join(one.split("-")[::-1]))
    ]


def drive(
    town: Drawing, closures: Sequence[PlacedClosure], start: Snap, target: Snap
) -> Arrival | None:
    """The drive between two places, checked against the oracle."""
    roads = Roads.of(Metric.of(town.network, BLUE), BucketSearch).under(Overlay.of(closures))
    found = roads.route(start, target)
    oracle = ClosureOracle(town.network, BLUE, closures)
    starts, ends = Starts.at([start]), Ends.at(target, town.network)
    expected = oracle.nearest(ends, starts, 1)
    assert expected == ([(0, found.total_ms)] if found else [])
    if found:
        oracle.check_drive(found, starts, ends)
    return found


SQUARE = draw(
    {"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400), "m": (200, 200)},
    "a-b-c-d-a",
    street("a-m", name="Diagonal"),
    street("m-c", name="Diagonal"),
)


def test_a_shut_street_is_not_driven_through() -> None:
    start, target = SQUARE.on("d-a", 399), SQUARE.on("b-c", 350)
    found = drive(SQUARE, [shut(SQUARE, *both("a-m"))], start, target)
    assert found is not None
    assert SQUARE.way(found) == "d>a a>b b>c"
    assert (found.first_stretch, found.last_stretch) == (0, 0)


def test_a_place_on_a_shut_street_is_reached_from_the_nearer_end_and_said_to_be() -> None:
    cordon = [shut(SQUARE, *both("a-m", "m-c"))]
    found = drive(SQUARE, cordon, SQUARE.on("d-a", 200), SQUARE.on("a-m", 50))
    assert found is not None
    assert SQUARE.way(found) == "d>a a>m"
    assert (found.first_stretch, found.last_stretch) == (0, 1)
    assert found.end_fraction == pytest.approx(50 / 282.843, abs=1e-4)


def test_a_vehicle_inside_leaves_the_shortest_way_and_does_not_come_back_in() -> None:
    cordon = [shut(SQUARE, *both("a-m", "m-c"))]
    found = drive(SQUARE, cordon, SQUARE.on("a>m", 100), SQUARE.on("d-a", 300))
    assert found is not None
    assert SQUARE.way(found) == "a>m m>c c>d d>a"
    assert (found.first_stretch, found.last_stretch) == (2, 0)


def test_a_drive_wholly_inside_never_leaves() -> None:
    cordon = [shut(SQUARE, *both("a-m", "m-c"))]
    found = drive(SQUARE, cordon, SQUARE.on("a>m", 100), SQUARE.on("m-c", 100))
    assert found is not None
    assert SQUARE.way(found) == "a>m m>c"
    assert found.first_stretch == found.last_stretch == 2


def test_a_drive_may_leave_one_closed_area_and_end_in_another() -> None:
    cordons = [shut(SQUARE, *both("a-m")), shut(SQUARE, *both("b-c"), closure_id="second")]
    found = drive(SQUARE, cordons, SQUARE.on("m>a", 10), SQUARE.on("b-c", 390))
    assert found is not None
    assert SQUARE.way(found) == "m>a a>b b>c"
    assert (found.first_stretch, found.last_stretch) == (1, 1)


def test_a_shut_street_between_two_open_ones_is_no_last_stretch() -> None:
    line = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c-d")
    assert drive(line, [shut(line, *both("b-c"))], line.on("a-b", 50), line.on("c-d", 50)) is None


def test_one_turns_round_where_the_only_way_on_is_shut() -> None:
    line = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c-d")
    found = drive(line, [shut(line, *both("c-d"))], line.on("b>c", 50), line.on("b>a", 50))
    assert found is not None
    assert line.way(found) == "b>c c>b b>a"


def test_a_vehicle_past_the_place_comes_back_by_the_side_that_is_shut() -> None:
    """It stands on the open side, beyond the target, and turns at the dead end into the other."""
    lane = draw({"a": (0, 0), "b": (300, 0)}, "a-b")
    found = drive(lane, [shut(lane, "b>a")], lane.on("a>b", 200), lane.on("a-b", 100))
    assert found is not None
    assert lane.way(found) == "a>b b>a"
    assert (found.first_stretch, found.last_stretch) == (0, 1)


def test_a_vehicle_before_the_place_keeps_to_the_side_that_is_open() -> None:
    lane = draw({"a": (0, 0), "b": (300, 0)}, "a-b")
    found = drive(lane, [shut(lane, "b>a")], lane.on("a>b", 50), lane.on("a-b", 100))
    assert found is not None
    assert lane.way(found) == "a>b"
    assert (found.first_stretch, found.last_stretch) == (0, 0)


def test_a_closure_against_the_traffic_leaves_the_other_direction_open() -> None:
    line = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c-d")
    cordon = [shut(line, "b>c")]
    assert drive(line, cordon, line.on("a-b", 50), line.on("c-d", 50)) is None
    back = drive(line, cordon, line.on("c-d", 50), line.on("a-b", 50))
    assert back is not None
    assert line.way(back) == "d>c c>b b>a"


def test_shut_wins_over_slowed_but_the_last_stretch_is_driven_slowly() -> None:
    line = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c-d")
    closure = Closure("slow", Slowed(time_factor=10.0), TheseSegments(()))
    segments = np.asarray(sorted(line.segment(way) for way in both("b-c")), dtype=np.int32)
    slow, cordon = PlacedClosure(closure, segments, ()), shut(line, *both("b-c"))
    start, inside, beyond = line.on("a-b", 50), line.on("b-c", 50), line.on("c-d", 50)
    assert drive(line, [slow, cordon], start, beyond) is None
    usual, slowed = drive(line, [cordon], start, inside), drive(line, [cordon, slow], start, inside)
    assert usual is not None
    assert slowed is not None
    assert slowed.drive_ms > 4 * usual.drive_ms


def disturbances(
    town: Drawing, closures: Sequence[PlacedClosure], start: Snap, target: Snap
) -> dict[int, Disturbance]:
    roads = Roads.of(Metric.of(town.network, BLUE), BucketSearch).under(Overlay.of(closures))
    starts = Starts.at([start])
    return roads.disturbances(target, starts, roads.nearest(target, starts, 1))


def test_the_closure_on_the_usual_way_is_named_with_what_it_costs() -> None:
    near, far = shut(SQUARE, *both("a-m")), shut(SQUARE, *both("d-c"), closure_id="elsewhere")
    start, target = SQUARE.on("d-a", 399), SQUARE.on("b-c", 390)
    (found,) = disturbances(SQUARE, [near, far], start, target).values()
    assert [one.closure.closure_id for one in found.closures] == ["cordon"]
    usual = drive(SQUARE, [], start, target)
    closed = drive(SQUARE, [near, far], start, target)
    assert usual is not None
    assert closed is not None
    assert found.delay_ms == closed.total_ms - usual.total_ms > 0


def test_a_closure_off_every_way_is_not_named() -> None:
    far = shut(SQUARE, *both("d-c"), closure_id="elsewhere")
    assert disturbances(SQUARE, [far], SQUARE.on("d-a", 399), SQUARE.on("b-c", 350)) == {}


def test_a_closure_around_the_place_is_named_though_it_costs_nothing() -> None:
    cordon = shut(SQUARE, *both("a-m", "m-c"))
    (found,) = disturbances(SQUARE, [cordon], SQUARE.on("d-a", 399), SQUARE.on("a-m", 50)).values()
    assert (found.closures, found.delay_ms) == ((cordon,), 0)


def test_a_closure_that_cuts_a_vehicle_off_is_named() -> None:
    line = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c-d")
    cut = shut(line, *both("b-c"))
    (found,) = disturbances(line, [cut], line.on("a-b", 50), line.on("c-d", 50)).values()
    assert (found.closures, found.delay_ms) == ((cut,), None)


def test_nothing_is_disturbed_where_nothing_is_closed() -> None:
    assert disturbances(SQUARE, [], SQUARE.on("d-a", 399), SQUARE.on("b-c", 350)) == {}


def test_who_stands_on_a_shut_street_reaches_the_open_ones_and_no_other_shut_one() -> None:
    line = draw({"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c-d")
    cordon = shut(line, *both("b-c"))
    roads = Roads.of(Metric.of(line.network, BLUE), BucketSearch).under(Overlay.of([cordon]))
    reach = roads.reach(Starts.at([line.on("b>c", 50)]), 10**6)
    beyond = np.asarray([line.segment("c>d"), line.segment("a>b")], dtype=np.int32)
    at = reach.at(beyond, np.asarray([0.5, 0.5]))
    assert at[0] == roads_ms(line, [cordon], line.on("b>c", 50), line.on("c>d", 50))
    assert at[1] == UNREACHED
    on_cordon = np.asarray([line.segment("c>b")], dtype=np.int32)
    assert reach.at(on_cordon, np.asarray([0.5])).tolist() == [UNREACHED]


def roads_ms(
    town: Drawing, closures: Sequence[PlacedClosure], start: Snap, target: Snap
) -> int | None:
    found = drive(town, closures, start, target)
    return None if found is None else found.total_ms
