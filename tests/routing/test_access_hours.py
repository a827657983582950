"""Streets that are closed at some hours: school streets, markets, delivery times."""

from collections.abc import Mapping, Sequence

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from routing.access import Access
from routing.bucket_search import BucketSearch
from routing.engine import Ends, Starts
from routing.hours_of_week import HOURS_OF_WEEK
from routing.metric import Metric, hour_slots
from routing.profiles import Profile, load_profiles
from routing.roads import Roads
from routing.router import Router
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.drawing import draw, street
from tests.routing.closure_oracle import ClosureOracle
from tests.routing.engines import ENGINES, EngineOf, by_density
from tests.routing.random_networks import (
    network_of,
    open_by_the_hour,
    questions,
    restricted_street_maps,
    street_maps,
)

PROFILES: Mapping[str, Profile] = load_profiles()
NORMAL, BLUE = PROFILES["normal_road"], PROFILES["blue_light"]

MONDAY, SATURDAY = 0, 5 * 24
SCHOOL = "no @ (Mo-Fr 08:15-09:15,14:45-15:45)"


@pytest.mark.parametrize(
    ("key", "value", "conditional", "expected"),
    [
        ("motor_vehicle", "", SCHOOL, "OLOOOO"),
        ("access", "", "permit @ (Mo-Fr 08:00-09:00)", "OLOOOO"),
        ("motorcar", "", "destination @ (08:30-09:00)", "OLOOLO"),
        ("vehicle", "", "no @ (07:00-19:00)", "OCCOCC"),
        ("access", "no", "yes @ (07:00-19:00)", "LOOLOO"),
        ("access", "no", "delivery @ (Mo-Fr 06:00-10:00)", "CLCCCC"),
        ("access", "destination", "no @ (08:00-09:00)", "LLLLLL"),
        ("motor_vehicle", "", "no @ (07:00-12:00); destination @ (12:00-19:00)", "OLLOLL"),
        ("motor_vehicle", "", "no @ (Mo-Fr 08:00-09:00; SH off; PH off)", "OLOOOO"),
        ("motor_vehicle", "", "no @ snow", "OOOOOO"),
        ("motor_vehicle", "no", "yes @ residents", "CCCCCC"),
        ("motor_vehicle", "destination", "no @ (weight>7.5)", "LLLLLL"),
    ],
)
def test_what_a_tag_says_of_an_hour_holds(
    key: str, value: str, conditional: str, expected: str
) -> None:
    plain = {key: value} if value else {}
    assert access({**plain, f"{key}:conditional": conditional}) == expected


def access(tags: dict[str, str]) -> str:
    """Open, local or closed: Monday at 3:00, 8:00, 10:00, 20:00, Saturday at 8:00, on average."""
    hours = (MONDAY + 3, MONDAY + 8, MONDAY + 10, MONDAY + 20, SATURDAY + 8, None)
    street_tags = {"highway": "residential", **tags}
    assert {BLUE.access.at(street_tags, hour) for hour in hours} == {Access.OPEN}
    return "".join(NORMAL.access.at(street_tags, hour).name[0] for hour in hours)


def test_the_most_specific_tag_that_says_something_at_an_hour_decides() -> None:
    by_morning = "yes @ (Mo-Fr 08:00-09:00)"
    assert access({"access": "no", "motorcar:conditional": by_morning}) == "COCCCC"
    assert access({"highway": "pedestrian", "motor_vehicle:conditional": by_morning}) == "COCCCC"
    assert access({"motorcar": "yes", "motor_vehicle:conditional": "no @ (Mo-Su)"}) == "OOOOOO"


TOWN = draw(
    {"a": (0, 0), "b": (500, 0), "c": (500, 400), "d": (0, 400), "x": (-50, 0), "y": (550, 0)},
    "x-a",
    "a-d-c-b",
    street("a-b", name="School Lane", tags={"motor_vehicle:conditional": SCHOOL}),
    "b-y",
)
"""The quick way from x to y is a school street; the way round is open at all hours."""

THROUGH, ROUND = "x>a a>b b>y", "x>a a>d d>c c>b b>y"


def way(profile: Profile, hour: int | None, start: Snap, target: Snap) -> str | None:
    """The drive between two places at an hour, checked against the oracle."""
    network = TOWN.network
    on_school_days = hour is not None and hour < SATURDAY and hour % 24 in (8, 9, 14, 15)
    barred = profile is NORMAL and on_school_days
    local = [TOWN.segment("a>b"), TOWN.segment("b>a")] if barred else []
    metric = Metric.of(network, profile, hour)
    assert np.flatnonzero(metric.local).tolist() == sorted(local)
    drive = Roads.of(metric, BucketSearch).route(start, target)
    if drive is None:
        return None
    oracle = ClosureOracle(network, profile, [], hour=hour, local=local)
    starts, ends = Starts.at([start]), Ends.at(target, network)
    assert oracle.nearest(ends, starts, 1) == [(0, drive.total_ms)]
    oracle.check_drive(drive, starts, ends)
    return TOWN.way(drive)


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        (MONDAY + 7, THROUGH),
        (MONDAY + 8, ROUND),
        (MONDAY + 9, ROUND),
        (MONDAY + 10, THROUGH),
        (MONDAY + 15, ROUND),
        (SATURDAY + 8, THROUGH),
        (None, THROUGH),
    ],
)
def test_a_school_street_is_driven_round_while_children_come_and_go(
    hour: int | None, expected: str
) -> None:
    start, target = TOWN.on("x-a", 10), TOWN.on("b-y", 40)
    assert way(NORMAL, hour, start, target) == expected
    assert way(BLUE, hour, start, target) == THROUGH


def test_whoever_is_needed_on_a_school_street_gets_there_and_away_all_the_same() -> None:
    inside, outside = TOWN.on("a-b", 250), TOWN.on("x-a", 10)
    assert way(NORMAL, MONDAY + 8, outside, inside) == "x>a a>b"
    assert way(NORMAL, MONDAY + 8, inside, outside) == "b>a a>x"
    router = Router(TOWN.network)
    snapped = router.snap(*TOWN.position(250, 3), profile="normal_road", radius_m=50)
    assert snapped is not None
    assert set(snapped.segments) == {TOWN.segment("a>b"), TOWN.segment("b>a")}


def test_hours_of_one_slot_have_the_same_weights_and_slots_stay_few() -> None:
    slots = hour_slots(TOWN.network, NORMAL)
    for hour in range(HOURS_OF_WEEK):
        one, first = (Metric.of(TOWN.network, NORMAL, at) for at in (hour, slots[hour]))
        for array in ("segment_ms", "entry_ms", "usable", "local"):
            assert np.array_equal(getattr(one, array), getattr(first, array))
    without = draw({"a": (0, 0), "b": (500, 0)}, "a-b")
    usual = hour_slots(without.network, NORMAL)
    at_eight = [slots[24 * day + 8] for day in range(7)]
    assert len(set(slots)) <= len(set(usual)) + 4
    assert len(set(at_eight)) == len({usual[24 * day + 8] for day in range(7)})
    assert hour_slots(TOWN.network, BLUE) == hour_slots(without.network, BLUE)


def test_a_closed_hour_is_a_slot_of_its_own_though_all_is_driven_as_fast() -> None:
    slots = hour_slots(NIGHT.network, NORMAL)
    speeds = [NORMAL.slot(hour) for hour in range(HOURS_OF_WEEK)]
    shut = {24 * day + 2 for day in range(7)}
    open_hours = [hour for hour in range(HOURS_OF_WEEK) if hour not in shut]
    assert all(slots[hour] != slots[other] for hour in shut for other in open_hours)
    assert len({slots[hour] for hour in shut}) == len({speeds[hour] for hour in shut})


PARK = draw(
    {"a": (0, 0), "gate": (250, 0), "b": (500, 0), "c": (500, 900), "d": (0, 900)},
    "a-gate-b-c-d-a",
    junction_tags={"gate": {"barrier": "gate", "locked:conditional": "yes @ (22:00-06:30)"}},
)
"""The quick way from a to b is over a gate that is locked by night."""


def test_a_gate_locked_by_night_is_passed_by_day_and_driven_round_by_night() -> None:
    slots = hour_slots(PARK.network, BLUE)
    for hour, over_the_gate in {3: False, 6: False, 7: True, 21: True, 22: False}.items():
        roads = Roads.of(Metric.of(PARK.network, BLUE, hour), BucketSearch)
        drive = roads.route(PARK.on("a>gate", 200), PARK.on("gate>b", 100))
        assert drive is not None
        assert (PARK.way(drive) == "a>gate gate>b") == over_the_gate
        metric = Metric.of(PARK.network, BLUE, slots[hour])
        assert np.array_equal(roads.metric.entry_ms, metric.entry_ms)
    assert slots[6] != slots[7]


NIGHT = draw(
    {"a": (0, 0), "b": (500, 0), "c": (500, 400)},
    street("a-b", tags={"access:conditional": "no @ (02:00-03:00)"}),
    "b-c-a",
)


@pytest.mark.parametrize("engine_kind", [*ENGINES, by_density])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    streets=st.one_of(open_by_the_hour(street_maps()), open_by_the_hour(restricted_street_maps())),
    hour=st.sampled_from((None, MONDAY + 8, MONDAY + 12, MONDAY + 23, SATURDAY + 8)),
    data=st.data(),
)
def test_every_drive_at_every_hour_is_the_oracles(
    engine_kind: EngineOf, streets: StreetMap, hour: int | None, data: st.DataObject
) -> None:
    network = network_of(streets)
    assume(any(NORMAL.speed_mps(street.tags, hour) for street in streets.streets))
    metric = Metric.of(network, NORMAL, hour)
    roads = Roads.of(metric, engine_kind)
    local: Sequence[int] = np.flatnonzero(metric.local[: network.base_count]).tolist()
    oracle = ClosureOracle(network, NORMAL, [], streets, hour=hour, local=local)
    for _ in range(3):
        question = data.draw(questions(metric))
        found = roads.nearest_to(question.ends, question.starts, question.limit)
        expected = oracle.nearest(question.ends, question.starts, question.limit)
        assert [(one.vehicle, one.total_ms) for one in found] == expected
        for arrival in found:
            oracle.check_drive(arrival, question.starts, question.ends)
