"""What a drive looks like on the map."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.bucket_search import BucketSearch
from routing.build import build_network
from routing.geometry import great_circle_m
from routing.metric import Metric
from routing.network import FloatArray
from routing.paths import Path as Way
from routing.paths import path_of
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper
from tests.drawing import DRAWN, Drawing, draw, street

BLUE = load_profiles()["blue_light"]


def path(drawing: Drawing, start: Snap, target: Snap) -> Way:
    drive = Roads.of(Metric.of(drawing.network, BLUE), BucketSearch).route(start, target)
    assert drive is not None
    return path_of(drawing.network, drive)


def steps_m(lat: FloatArray, lon: FloatArray) -> FloatArray:
    return great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])


def apart_m(one: Sequence[float], other: Sequence[float]) -> float:
    return float(steps_m(np.asarray([one[0], other[0]]), np.asarray([one[1], other[1]]))[0])


TOWN = draw(
    {"a": (0, 0), "b": (0, 400), "c": (300, 400), "d": (300, 0), "e": (600, 0)},
    street("a-b", name="High Street"),
    street("b-c", name="High Street", via=[(100, 450), (200, 450)]),
    street("c-d"),
    street("d-e", name="High Street", ref="A1"),
)


def test_a_path_begins_and_ends_where_the_drive_does_and_follows_every_bend() -> None:
    way = path(TOWN, TOWN.on("a-b", 100), TOWN.on("c-d", 150))
    drawn = [(0, 100), (0, 400), (100, 450), (200, 450), (300, 400), (300, 250)]
    assert len(way.lat) == len(drawn)
    for lat, lon, place in zip(way.lat, way.lon, drawn, strict=True):
        assert apart_m((lat, lon), TOWN.position(*place)) < 0.1
    bends_m = 2 * float(np.hypot(100, 50)) + 100
    assert way.distance_m == pytest.approx(300 + bends_m + 150, abs=0.01)


def test_a_drive_along_one_street_is_a_piece_of_it() -> None:
    way = path(TOWN, TOWN.on("a-b", 100), TOWN.on("a-b", 350))
    assert way.distance_m == pytest.approx(250, abs=0.01)
    assert apart_m((way.lat[0], way.lon[0]), TOWN.position(0, 100)) < 0.1
    assert apart_m((way.lat[-1], way.lon[-1]), TOWN.position(0, 350)) < 0.1
    assert way.streets == ("High Street",)


def test_a_drive_to_where_one_is_has_no_length_but_two_points() -> None:
    way = path(TOWN, TOWN.on("a-b", 100), TOWN.on("a-b", 100))
    assert way.distance_m == 0
    assert len(way.lat) == len(way.lon) == 2
    assert way.lat[0] == way.lat[1]


@pytest.mark.parametrize("metres", [0.0, 400.0])
def test_a_drive_from_the_very_end_of_a_street_is_complete(metres: float) -> None:
    way = path(TOWN, TOWN.on("a-b", metres), TOWN.on("d-e", 300))
    north = 400 - metres
    assert way.distance_m == pytest.approx(
        north + 2 * float(np.hypot(100, 50)) + 100 + 700, abs=0.01
    )
    assert steps_m(way.lat, way.lon).sum() == pytest.approx(way.distance_m, rel=1e-3)


def test_past_the_call_on_a_one_way_street_the_path_goes_all_the_way_round() -> None:
    ring = draw({"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)}, "a>b>c>d>a")
    way = path(ring, ring.on("a>b", 300), ring.on("a>b", 100))
    assert way.distance_m == pytest.approx(1400, abs=0.01)
    assert steps_m(way.lat, way.lon).sum() == pytest.approx(1400, rel=1e-3)
    assert len(way.lat) == 6


def test_a_street_of_no_length_leaves_no_gap() -> None:
    kerb = draw({"a": (0, 0), "b": (100, 0), "c": (100, 0), "d": (200, 0)}, "a-b", "b-c", "c-d")
    way = path(kerb, kerb.on("a-b", 50), kerb.on("c-d", 50))
    assert way.distance_m == pytest.approx(100)
    there = path(kerb, kerb.on("b-c", 0), kerb.on("c-d", 50))
    assert there.distance_m == pytest.approx(50)
    assert steps_m(there.lat, there.lon).max() == pytest.approx(50, abs=0.01)


def test_no_street_is_named_twice_in_a_row_and_a_number_stands_in_for_a_name() -> None:
    way = path(TOWN, TOWN.on("a-b", 100), TOWN.on("c-d", 150))
    assert way.streets == ("High Street",)
    through_unnamed = path(TOWN, TOWN.on("b-c", 100), TOWN.on("d-e", 150))
    assert through_unnamed.streets == ("High Street",)
    there_and_back = draw(
        {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)},
        street("a-b", name="High Street"),
        street("b-c", ref="B401"),
        street("c-d", name="High Street"),
    )
    three = path(there_and_back, there_and_back.on("a-b", 1), there_and_back.on("c-d", 9))
    assert three.streets == ("High Street", "B401", "High Street")


def test_a_drive_along_nameless_streets_names_none() -> None:
    way = path(TOWN, TOWN.on("c-d", 10), TOWN.on("c-d", 100))
    assert way.streets == ()


def test_a_long_bent_street_is_cut_where_the_position_was_snapped() -> None:
    """Twenty kilometres with a corner: lengths east and north must be measured alike."""
    far = draw({"a": (0, 0), "b": (10_000, 10_000), "c": (0, 10)}, street("a-b", via=[(10_000, 0)]))
    metric = Metric.of(far.network, BLUE)
    snapper = Snapper(metric)
    start = snapper.snap(*far.position(9000, -3), radius_m=50)
    target = snapper.snap(*far.position(9999, 5000), radius_m=50)
    assert start is not None
    assert target is not None
    way = path(far, start, target)
    assert apart_m((way.lat[0], way.lon[0]), (start.lat, start.lon)) < 0.01
    assert apart_m((way.lat[-1], way.lon[-1]), (target.lat, target.lon)) < 0.01


def test_every_path_in_clerkenwell_joins_its_ends_without_a_gap(london_data: Path) -> None:
    streets = streets_from_osm(read_osm_file(london_data / "clerkenwell_raw.osm.gz"))
    network = build_network(streets, name="Clerkenwell", provenance=DRAWN)
    metric = Metric.of(network, BLUE)
    snapper, roads = Snapper(metric), Roads.of(metric, BucketSearch)
    rng = np.random.default_rng(12)
    extent = network.extent
    positions = rng.uniform(
        (extent.south, extent.west), (extent.north, extent.east), size=(400, 2)
    ).tolist()
    snaps = [snapper.snap(lat, lon, radius_m=80.0) for lat, lon in positions]
    places = [snap for snap in snaps if snap is not None]
    longest_piece_m = steps_m(network.shape_lat, network.shape_lon)
    longest_piece_m = np.delete(longest_piece_m, network.shape_first[1:-1] - 1).max()
    traced = 0
    for start, target in pairwise(places):
        drive = roads.route(start, target)
        assert drive is not None
        way = path_of(network, drive)
        assert apart_m((way.lat[0], way.lon[0]), (start.lat, start.lon)) < 0.05
        assert apart_m((way.lat[-1], way.lon[-1]), (target.lat, target.lon)) < 0.05
        along_m = steps_m(way.lat, way.lon)
        assert along_m.max() <= longest_piece_m + 0.01
        assert along_m.sum() == pytest.approx(way.distance_m, rel=1e-3, abs=0.05)
        assert all(one != other for one, other in pairwise(way.streets))
        traced += 1
    assert traced > 200
