"""How soon places are reached: the oracle's answer to the last millisecond."""

from collections.abc import Mapping

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from routing.bucket_search import BucketSearch
from routing.closure_places import PlacedClosure
from routing.closures import Closure, Shut, TheseSegments
from routing.engine import UNREACHED, Starts
from routing.metric import Metric
from routing.network import FloatArray, IntArray
from routing.overlay import Overlay
from routing.profiles import Profile, load_profiles
from routing.reach import Reach, ReachSearch
from routing.roads import Roads
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.drawing import draw, restriction, street
from tests.routing.oracle import Oracle
from tests.routing.random_networks import (
    network_of,
    questions,
    restricted_street_maps,
    street_maps,
)

PROFILES: Mapping[str, Profile] = load_profiles()
DAY_MS = 24 * 60 * 60 * 1000


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    streets=st.one_of(street_maps(), restricted_street_maps()),
    data=st.data(),
    limit_ms=st.sampled_from((0, 1, 50, 20_000, 60_000, 700_000, DAY_MS)),
)
def test_every_segment_is_reached_when_the_oracle_says(
    profile: str, streets: StreetMap, data: st.DataObject, limit_ms: int
) -> None:
    network = network_of(streets)
    driving = PROFILES[profile]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, driving)
    oracle = Oracle(network, driving, streets=streets)
    starts = data.draw(questions(metric)).starts
    reach = ReachSearch(metric).reach(starts, limit_ms)
    expected = oracle.reached_ms(starts)
    for found, times in zip((reach.enter_ms, reach.leave_ms), expected, strict=True):
        within = {segment: time for segment, time in times.items() if time <= limit_ms}
        assert found.tolist() == [within.get(s, UNREACHED) for s in range(network.segment_count)]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(streets=st.one_of(street_maps(), restricted_street_maps()), data=st.data())
def test_every_place_is_reached_when_a_drive_there_arrives(
    streets: StreetMap, data: st.DataObject
) -> None:
    driving = PROFILES["blue_light"]
    network = network_of(streets)
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, driving)
    question = data.draw(questions(metric))
    ends = question.ends
    reach = ReachSearch(metric).reach(question.starts, UNREACHED)
    first = Oracle(network, driving, streets=streets).nearest(ends, question.starts, 1)
    reached_ms = reach.at(ends.segment, ends.fraction)
    arrived_ms = (reached_ms + ends.delay_ms)[reached_ms < UNREACHED]
    assert arrived_ms.min(initial=UNREACHED) == (first[0][1] if first else UNREACHED)


def reach_of(drawing_starts: Starts, metric: Metric, limit_ms: int = DAY_MS) -> Reach:
    return ReachSearch(metric).reach(drawing_starts, limit_ms)


def test_who_has_passed_a_place_on_a_one_way_street_gets_back_to_it_only_by_driving_round() -> None:
    ring = draw(
        {"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)},
        street("a>b", name="Ring"),
        "b>c>d>a",
    )
    metric = Metric.of(ring.network, PROFILES["blue_light"])
    start = ring.on("a>b", 100)
    reach = reach_of(Starts.at([start]), metric)
    segment = np.repeat(np.asarray(start.segments), 3)
    behind, here, ahead = reach.at(segment, np.asarray([0.2, 0.25, 0.5]))
    assert here == 0
    assert 0 < ahead < int(metric.segment_ms[segment[0]])
    assert behind > int(metric.segment_ms[ring.segment("b>c")]) * 3


@pytest.mark.parametrize("lane", ["access-only", "shut"])
def test_who_leaves_a_lane_onto_a_restricted_way_is_there_as_soon_as_the_drive(lane: str) -> None:
    """A copy of a>b, for those who came from the lane and may not turn into c, is where it ends."""
    tags = {"motor_vehicle": "destination"} if lane == "access-only" else {}
    town = draw(
        {
            "m": (0, 0),
            "a": (100, 0),
            "b": (500, 0),
            "c": (500, 200),
            "d": (100, 200),
            "e": (600, 0),
        },
        street("m-a", tags=tags),
        "a-b-c-d-a",
        "b-e",
        restrictions=[restriction("m>a a>b b>c", "no_left_turn")],
    )
    metric = Metric.of(town.network, PROFILES["normal_road"])
    closures = [] if lane == "access-only" else [closed(town.segment("m>a"), town.segment("a>m"))]
    roads = Roads.of(metric, BucketSearch).under(Overlay.of(closures))
    start, target = town.on("m>a", 40), town.on("a>b", 120)
    drive = roads.route(start, target)
    assert drive is not None
    reach = roads.reach(Starts.at([start]), DAY_MS)
    assert reach.at(*place_of(target)).tolist() == [drive.total_ms]
    assert np.concatenate(list(roads.matrix([start], [target]))).tolist() == [[drive.total_ms]]


def closed(*segments: int) -> PlacedClosure:
    return PlacedClosure(
        Closure("works", Shut(), TheseSegments(())), np.asarray(sorted(segments), np.int32), ()
    )


def place_of(snap: Snap) -> tuple[IntArray, FloatArray]:
    return np.asarray(snap.segments, dtype=np.int32), np.asarray(snap.fractions)


def test_the_first_of_a_fleet_counts_and_its_delay_with_it() -> None:
    line = draw({"a": (0, 0), "b": (3000, 0)}, "a-b")
    metric = Metric.of(line.network, PROFILES["blue_light"])
    ends = [line.on("a-b", metres) for metres in (0, 3000)]
    near_a, near_b = (np.asarray(end.segments[:1]) for end in ends)
    reach = reach_of(Starts.at(ends, [45_000, 20_000]), metric)
    assert reach.at(near_a, np.asarray([0.0]))[0] == 45_000
    assert reach.at(near_b, np.asarray([1.0]))[0] == 20_000


def test_what_a_search_keeps_counts_as_memory_held() -> None:
    line = draw({"a": (0, 0), "b": (3000, 0)}, "a-b")
    roads = Roads.of(Metric.of(line.network, PROFILES["blue_light"]), BucketSearch)
    before = roads.nbytes
    roads.reach(Starts.at([line.on("a-b", 10)]), 1_000)
    assert roads.nbytes > before


def test_nobody_reaches_anything() -> None:
    line = draw({"a": (0, 0), "b": (3000, 0)}, "a-b")
    metric = Metric.of(line.network, PROFILES["blue_light"])
    reach = reach_of(Starts.at([]), metric)
    assert (reach.enter_ms == UNREACHED).all()
    assert (reach.leave_ms == UNREACHED).all()
