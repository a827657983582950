"""Isochrones: held against the streets reached, drawn a second time with Shapely alone."""

from collections.abc import Sequence
from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from routing.engine import UNREACHED, Starts
from routing.errors import IsochroneError
from routing.isochrones import MAX_LIMITS, OFF_ROAD_M, Isochrone, isochrones
from routing.metric import Metric
from routing.network import FloatArray, RoadNetwork
from routing.profiles import load_profiles
from routing.reach import Reach, ReachSearch
from routing.streets import StreetMap
from tests.drawing import Drawing, draw
from tests.routing.random_networks import network_of, questions, street_maps

DRIVING = load_profiles()["blue_light"]
MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
ROUNDING_M = 0.05


def reach_from(drawing: Drawing, *places: tuple[str, float], limit_ms: int = DAY_MS) -> Reach:
    metric = Metric.of(drawing.network, DRIVING)
    snaps = [drawing.on(way, metres) for way, metres in places]
    return ReachSearch(metric).reach(Starts.at(snaps), limit_ms)


def in_metres(network: RoadNetwork, isochrone: Isochrone) -> shapely.MultiPolygon:
    def project(lon_lat: FloatArray) -> FloatArray:
        return np.stack(network.projection.to_xy_m(lon_lat[:, 1], lon_lat[:, 0]), axis=1)

    return shapely.transform(isochrone.area, project)


def streets_reached(reach: Reach, limit_ms: int) -> BaseGeometry:
    """Every stretch of street reached in time, as lines on the metre grid."""
    network, starts = reach.metric.network, reach.starts
    begins = [
        (segment, 0.0, time)
        for segment, time in enumerate(reach.enter_ms.tolist())
        if time < UNREACHED
    ]
    begins += zip(
        starts.segment.tolist(), starts.fraction.tolist(), starts.delay_ms.tolist(), strict=True
    )
    stretches = []
    for segment, fraction, time in begins:
        if time > limit_ms:
            continue
        points = slice(network.shape_first[segment], network.shape_first[segment + 1])
        line = shapely.LineString(
            np.stack([network.shape_x_m[points], network.shape_y_m[points]], axis=1).astype(float)
        )
        driven = (limit_ms - time) / int(reach.metric.segment_ms[segment])
        last = min(1.0, fraction + driven)
        place = line.length == 0 or fraction == last
        stretches.append(
            shapely.Point(line.interpolate(fraction, normalized=True).coords[0])
            if place
            else substring(line, fraction, last, normalized=True)
        )
    return shapely.union_all(stretches)


def near(reached: BaseGeometry, distance_m: float) -> BaseGeometry:
    """All within a distance. GEOS loses parts of several lines nearly on top of one another when it
    buffers them at once."""
    return shapely.union_all(shapely.buffer(shapely.get_parts(reached), distance_m))


def check(reach: Reach, limits_ms: Sequence[int], off_road_m: float) -> None:
    """Whatever holds for all isochrones."""
    network = reach.metric.network
    drawn = isochrones(reach, limits_ms, off_road_m=off_road_m)
    assert [one.limit_ms for one in drawn] == list(limits_ms)
    for one in drawn:
        assert one.area.is_valid
        assert all(shapely.is_ccw(part.exterior) for part in one.area.geoms)
        area, reached = in_metres(network, one), streets_reached(reach, one.limit_ms)
        cell_m = off_road_m / 2
        assert not reached.difference(area.buffer(ROUNDING_M)).length
        assert not area.difference(near(reached, off_road_m + 2**0.5 * cell_m)).area
        assert not near(reached, off_road_m).difference(area.buffer(cell_m)).area
    by_limit = sorted(drawn, key=lambda one: one.limit_ms)
    for shorter, longer in pairwise(by_limit):
        beyond = in_metres(network, shorter).difference(
            in_metres(network, longer).buffer(ROUNDING_M)
        )
        assert not beyond.area


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    streets=street_maps(),
    data=st.data(),
    limits_ms=st.lists(st.integers(0, 300_000), min_size=1, max_size=4),
)
def test_the_area_is_what_lies_near_the_streets_reached(
    streets: StreetMap, data: st.DataObject, limits_ms: list[int]
) -> None:
    network = network_of(streets)
    assume(any(DRIVING.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, DRIVING)
    starts = data.draw(questions(metric)).starts
    off_road_m = data.draw(st.sampled_from((20.0, 37.0, OFF_ROAD_M)))
    check(ReachSearch(metric).reach(starts, 300_000), limits_ms, off_road_m)


def town() -> Drawing:
    """Four streets around a park of a square kilometre, and a road out of town."""
    return draw(
        {"a": (0, 0), "b": (1000, 0), "c": (1000, 1000), "d": (0, 1000), "e": (-4000, 0)},
        "a-b-c-d-a-e",
    )


def test_a_park_is_a_hole() -> None:
    reach = reach_from(town(), ("a-b", 0))
    (drawn,) = isochrones(reach, [10 * MINUTE_MS])
    (part,) = drawn.area.geoms
    (park,) = part.interiors
    assert not park.is_ccw
    (in_town,) = in_metres(town().network, drawn).geoms
    assert shapely.Polygon(in_town.interiors[0]).area == pytest.approx(800 * 800, rel=0.05)


def test_nothing_is_reached_in_no_time_but_the_place_itself() -> None:
    reach = reach_from(town(), ("a-b", 500))
    (drawn,) = isochrones(reach, [0])
    lat, lon = town().position(500, 0)
    assert drawn.area.contains(shapely.Point(lon, lat))
    assert in_metres(town().network, drawn).area == pytest.approx(np.pi * OFF_ROAD_M**2, rel=0.15)


def test_a_vehicle_that_has_not_moved_off_in_time_reaches_nothing() -> None:
    metric = Metric.of(town().network, DRIVING)
    starts = Starts.at([town().on("a-b", 500)], delay_ms=[45_000])
    reach = ReachSearch(metric).reach(starts, 90_000)
    none, some = isochrones(reach, [44_999, 90_000])
    assert none.area.is_empty
    assert none.area.geom_type == "MultiPolygon"
    assert not some.area.is_empty


def test_a_day_reaches_the_whole_network_but_no_island() -> None:
    with_island = draw(
        {"a": (0, 0), "b": (2000, 0), "x": (0, 2000), "y": (500, 2000)}, "a-b", "x-y"
    )
    (drawn,) = isochrones(reach_from(with_island, ("a-b", 700)), [DAY_MS])
    area = in_metres(with_island.network, drawn)
    covered = [
        area.covers(shapely.Point(x, y))
        for x, y in zip(
            *with_island.network.projection.to_xy_m(
                with_island.network.shape_lat, with_island.network.shape_lon
            ),
            strict=True,
        )
    ]
    mainland = with_island.network.shape_lat < with_island.position(0, 1000)[0]
    assert covered == mainland.tolist()


def test_one_street_alone_has_an_isochrone() -> None:
    lane = draw({"a": (0, 0), "b": (300, 0)}, "a>b")
    check(reach_from(lane, ("a>b", 100)), [0, 5_000, DAY_MS], OFF_ROAD_M)


def test_two_places_far_apart_have_an_area_each() -> None:
    metric = Metric.of(town().network, DRIVING)
    starts = Starts.at([town().on("a-e", 3900), town().on("c-d", 500)])
    (drawn,) = isochrones(ReachSearch(metric).reach(starts, DAY_MS), [1_000])
    assert len(drawn.area.geoms) == 2


def test_the_same_question_gets_the_same_polygons() -> None:
    once, again = (
        [one.area.wkb for one in isochrones(reach_from(town(), ("a-b", 400)), [90_000, 30_000])]
        for _ in range(2)
    )
    assert once == again


def test_an_area_too_large_for_a_close_look_is_drawn_more_coarsely() -> None:
    motorway = draw({"a": (0, 0), "b": (60_000, 60_000)}, "a-b")
    (drawn,) = isochrones(reach_from(motorway, ("a-b", 0)), [DAY_MS], off_road_m=20.0)
    assert drawn.off_road_m == 80.0
    assert drawn.area.is_valid


@pytest.mark.parametrize(
    ("limits_ms", "off_road_m", "message"),
    [
        ([], OFF_ROAD_M, "0 limits; 1 to 10"),
        ([1_000] * (MAX_LIMITS + 1), OFF_ROAD_M, "11 limits; 1 to 10"),
        ([-1], OFF_ROAD_M, "limit -1 ms; it must be from 0 to the 60000 ms searched"),
        ([60_001], OFF_ROAD_M, "limit 60001 ms"),
        ([1_000], 19.0, "off_road_m is 19.0; it must be a number from 20 to 1000"),
        ([1_000], 1_001.0, "off_road_m is 1001.0"),
        ([1_000], float("nan"), "off_road_m is nan"),
    ],
)
def test_questions_without_an_answer_are_refused(
    limits_ms: list[int], off_road_m: float, message: str
) -> None:
    reach = reach_from(town(), ("a-b", 0), limit_ms=60_000)
    with pytest.raises(IsochroneError, match=message):
        isochrones(reach, limits_ms, off_road_m=off_road_m)


def test_a_street_without_length_is_reached_no_sooner_than_its_junction() -> None:
    doubled = draw({"a": (0, 0), "b": (2000, 0), "c": (2000, 0)}, "a-b-c")
    reach = reach_from(doubled, ("a-b", 0))
    soon, late = isochrones(reach, [10_000, DAY_MS])
    assert len(soon.area.geoms) == len(late.area.geoms) == 1
    check(reach, [10_000, DAY_MS], OFF_ROAD_M)
