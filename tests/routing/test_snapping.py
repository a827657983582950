"""From a position to a place on a street."""

import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings

from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.bucket_search import BucketSearch
from routing.build import build_network
from routing.errors import CoordinateError
from routing.metric import Metric
from routing.network import NO_TWIN, RoadNetwork
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import (
    HEADING_DETOUR_M,
    HEADING_TOLERANCE_DEG,
    Snap,
    Snapper,
    _snaps,
)
from routing.streets import StreetMap
from tests.drawing import DRAWN, ORIGIN_LAT, ORIGIN_LON, Drawing, draw, street
from tests.routing.random_networks import network_of, street_maps

BLUE = load_profiles()["blue_light"]


def snapper_of(drawing: Drawing) -> Snapper:
    return Snapper(Metric.of(drawing.network, BLUE))


def found(snap: Snap | None) -> Snap:
    assert snap is not None
    return snap


CROSSING = draw(
    {"m": (0, 0), "n": (0, 500), "e": (500, 0), "s": (0, -500), "w": (-500, 0)}, "n-m-s", "e-m-w"
)
ONE_WAY = draw({"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)}, "a>b>c>d>a")


# Which street


def test_the_nearest_street_is_taken_not_the_one_with_the_nearest_junction() -> None:
    mews = draw(
        {"a": (-200, 0), "b": (200, 0), "c": (0, 30), "d": (0, 400), "e": (200, 400)},
        street("a-b", name="Long Road"),
        street("c-d", name="Mews"),
        "d-e-b",
    )
    snap = found(snapper_of(mews).snap(*mews.position(4, 10), radius_m=50))
    assert mews.network.street_name(snap.segments[0]) == "Long Road"
    assert snap.distance_m == pytest.approx(10, abs=0.01)
    assert sorted(snap.fractions) == pytest.approx([196 / 400, 204 / 400], abs=1e-5)


def test_a_snap_says_where_on_the_street_it_lies() -> None:
    snap = found(snapper_of(CROSSING).snap(*CROSSING.position(7, 200), radius_m=50))
    place = dict(zip(snap.segments, snap.fractions, strict=True))
    assert place[CROSSING.segment("m>n")] == pytest.approx(0.4, abs=1e-5)
    assert place[CROSSING.segment("n>m")] == pytest.approx(0.6, abs=1e-5)
    assert (snap.lat, snap.lon) == pytest.approx(CROSSING.position(0, 200), abs=1e-8)
    assert snap.distance_m == pytest.approx(7, abs=0.01)
    assert not snap.heading_ignored


def test_a_position_beyond_the_end_of_all_streets_snaps_to_the_very_end() -> None:
    snap = found(snapper_of(CROSSING).snap(*CROSSING.position(0, 530), radius_m=50))
    place = dict(zip(snap.segments, snap.fractions, strict=True))
    assert place[CROSSING.segment("m>n")] == 1.0
    assert place[CROSSING.segment("n>m")] == 0.0


def test_a_bend_is_followed() -> None:
    bent = draw({"a": (0, 0), "b": (300, 300)}, street("a-b", via=[(300, 0)]))
    snap = found(snapper_of(bent).snap(*bent.position(290, 150), radius_m=50))
    place = dict(zip(snap.segments, snap.fractions, strict=True))
    assert place[bent.segment("a>b")] == pytest.approx(0.75, abs=1e-5)


@pytest.mark.parametrize(("radius_m", "is_found"), [(19.9, False), (20.1, True)])
def test_beyond_the_radius_there_is_no_street(radius_m: float, is_found: object) -> None:
    snap = snapper_of(CROSSING).snap(*CROSSING.position(200, 20), radius_m=radius_m)
    assert (snap is not None) is is_found


def test_the_radius_is_round_not_square() -> None:
    corner = draw({"a": (0, 0), "b": (-100, 0)}, "a-b")
    assert snapper_of(corner).snap(*corner.position(9, 9), radius_m=10) is None
    assert snapper_of(corner).snap(*corner.position(9, 9), radius_m=13) is not None


def test_of_streets_equally_near_the_lowest_number_is_taken() -> None:
    parallel = draw(
        {"a": (0, 0), "b": (100, 0)}, street("a-b", name="One"), street("a-b", name="Two")
    )
    snap = found(snapper_of(parallel).snap(*parallel.position(50, 3), radius_m=10))
    assert 0 in snap.segments


@pytest.mark.parametrize(
    ("lat", "lon"), [(math.nan, 0.0), (0.0, math.nan), (math.inf, 0.0), (91.0, 0.0), (0.0, -181.0)]
)
def test_a_position_that_is_not_on_earth_is_refused(lat: float, lon: float) -> None:
    with pytest.raises(CoordinateError):
        snapper_of(CROSSING).snap(lat, lon, radius_m=50)


@pytest.mark.parametrize(
    ("lat", "lon"), [(-ORIGIN_LAT, 180 + ORIGIN_LON), (90.0, 0.0), (-90.0, 0.0), (0.0, 180.0)]
)
def test_a_position_elsewhere_on_earth_is_near_no_street(lat: float, lon: float) -> None:
    assert snapper_of(CROSSING).snap(lat, lon, radius_m=1000) is None


def test_only_streets_open_to_the_profile_are_snapped_to() -> None:
    both = draw(
        {"a": (0, 0), "b": (500, 0), "c": (500, 50), "d": (0, 50)},
        "a-b-c",
        street("c-d", motor_vehicle="no"),
    )
    camera_side = both.position(250, 40)
    normal = Snapper(Metric.of(both.network, load_profiles()["normal_road"]))
    assert found(snapper_of(both).snap(*camera_side, radius_m=100)).distance_m < 11
    assert found(normal.snap(*camera_side, radius_m=100)).distance_m > 39


# Headings


@pytest.mark.parametrize(
    ("heading_deg", "way"),
    [
        (0, "m>n"),
        (59, "m>n"),
        (301, "m>n"),
        (360, "m>n"),
        (180, "n>m"),
        (125, "n>m"),
        (-170, "n>m"),
    ],
)
def test_a_heading_picks_the_direction_on_a_two_way_street(heading_deg: float, way: str) -> None:
    snap = snapper_of(CROSSING).snap(
        *CROSSING.position(3, 200), heading_deg=heading_deg, radius_m=50
    )
    assert found(snap).segments == (CROSSING.segment(way),)
    assert not found(snap).heading_ignored


def test_a_heading_across_the_only_street_is_ignored_and_said_to_be() -> None:
    snap = snapper_of(CROSSING).snap(*CROSSING.position(3, 200), heading_deg=90, radius_m=50)
    assert len(found(snap).segments) == 2
    assert found(snap).heading_ignored


def test_a_heading_against_a_one_way_street_is_ignored_and_said_to_be() -> None:
    position = ONE_WAY.position(200, -2)
    along = found(snapper_of(ONE_WAY).snap(*position, heading_deg=90, radius_m=20))
    against = found(snapper_of(ONE_WAY).snap(*position, heading_deg=270, radius_m=20))
    assert along.segments == against.segments == (ONE_WAY.segment("a>b"),)
    assert (along.heading_ignored, against.heading_ignored) == (False, True)


def test_near_a_corner_the_heading_picks_the_street() -> None:
    position = CROSSING.position(12, 9)
    snapper = snapper_of(CROSSING)
    for heading_deg, way in ((90, "m>e"), (270, "e>m"), (0, "m>n"), (180, "n>m")):
        snap = found(snapper.snap(*position, heading_deg=heading_deg, radius_m=50))
        assert snap.segments == (CROSSING.segment(way),), heading_deg


def test_a_street_that_fits_the_heading_is_not_taken_from_far_away() -> None:
    far = HEADING_DETOUR_M + 5
    tee = draw({"a": (0, -300), "m": (0, 0), "b": (0, 300), "e": (300, 0)}, "a-m-b", "m-e")
    snapper = snapper_of(tee)
    near = found(snapper.snap(*tee.position(1, 20), heading_deg=90, radius_m=200))
    assert near.segments == (tee.segment("m>e"),)
    away = found(snapper.snap(*tee.position(1, far), heading_deg=90, radius_m=200))
    assert away.heading_ignored
    assert set(away.segments) == {tee.segment("m>b"), tee.segment("b>m")}
    outside = found(snapper.snap(*tee.position(1, 20), heading_deg=90, radius_m=15))
    assert outside.heading_ignored


def test_on_a_bent_street_the_heading_is_held_against_the_stretch_nearby() -> None:
    bent = draw({"a": (0, 0), "b": (300, 300)}, street("a-b", via=[(300, 0)]))
    snapper = snapper_of(bent)
    position = bent.position(298, 4)
    east = found(snapper.snap(*position, heading_deg=90, radius_m=50))
    north = found(snapper.snap(*position, heading_deg=0, radius_m=50))
    assert east.segments == north.segments == (bent.segment("a>b"),)
    assert east.fractions[0] < 0.5 < north.fractions[0]
    assert found(snapper.snap(*position, heading_deg=180, radius_m=50)).segments == (
        bent.segment("b>a"),
    )


def test_a_point_drawn_twice_has_no_direction() -> None:
    """A stretch of no length must not pass for one that runs north."""
    doubled = draw({"a": (0, 0), "b": (200, 0)}, street("a-b", via=[(100, 0), (100, 0)]))
    snap = snapper_of(doubled).snap(*doubled.position(100, 1), heading_deg=0, radius_m=50)
    assert found(snap).heading_ignored
    assert len(found(snap).segments) == 2


@pytest.mark.parametrize("heading_deg", [math.nan, None])
def test_an_unknown_heading_leaves_both_directions(heading_deg: float | None) -> None:
    snap = snapper_of(CROSSING).snap(
        *CROSSING.position(3, 200), heading_deg=heading_deg, radius_m=50
    )
    assert len(found(snap).segments) == 2
    assert not found(snap).heading_ignored


# Many at once


def test_no_way_of_asking_waits_for_a_compiler_once_another_has_been_used() -> None:
    snapper = snapper_of(CROSSING)
    lat, lon = CROSSING.position(3, 200)
    snapper.snap(lat, lon, radius_m=50.0)
    compiled = list(_snaps.signatures)
    snapper.snap(lat, lon, radius_m=50, heading_deg=0)
    snapper.snap_many([lat] * 3, [lon] * 3, heading_deg=[0.0, 90.0, math.nan], radius_m=500)
    snapper.snap_many(
        np.full(3, lat).tolist(), np.full(3, lon).tolist(), heading_deg=[0] * 3, radius_m=5
    )
    assert list(_snaps.signatures) == compiled


def test_where_all_streets_are_tunnels_the_whole_world_is_near_none() -> None:
    tunnel = draw({"a": (0, 0), "b": (0, 100)}, street("a-b", tunnel="yes"))
    at = tunnel.position(0, 50)
    assert snapper_of(tunnel).snap(*at, radius_m=math.inf) is None


def test_no_positions_no_snaps() -> None:
    assert snapper_of(CROSSING).snap_many([], [], heading_deg=[], radius_m=50) == []


@pytest.fixture(scope="module")
def clerkenwell(london_data: Path) -> Snapper:
    streets = streets_from_osm(read_osm_file(london_data / "clerkenwell_raw.osm.gz"))
    network = build_network(streets, name="Clerkenwell", provenance=DRAWN)
    return Snapper(Metric.of(network, BLUE))


def test_many_at_once_are_the_same_as_one_by_one_from_any_thread(clerkenwell: Snapper) -> None:
    rng = np.random.default_rng(4)
    extent = clerkenwell._network.extent
    lat = rng.uniform(extent.south, extent.north, 300).tolist()
    lon = rng.uniform(extent.west, extent.east, 300).tolist()
    heading = np.where(rng.random(300) < 0.5, rng.uniform(0, 360, 300), np.nan).tolist()
    together = clerkenwell.snap_many(lat, lon, heading_deg=heading, radius_m=60.0)
    assert None in together
    assert sum(snap is not None and snap.heading_ignored for snap in together) > 5

    def one(place: tuple[float, float, float]) -> Snap | None:
        return clerkenwell.snap(place[0], place[1], heading_deg=place[2], radius_m=60.0)

    places = list(zip(lat, lon, heading, strict=True))
    assert [one(place) for place in places] == together
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, places)) == together


def test_in_clerkenwell_the_distance_is_shapelys_and_no_open_street_is_nearer(
    clerkenwell: Snapper,
) -> None:
    rng = np.random.default_rng(6)
    network = clerkenwell._network
    usable = np.flatnonzero(Metric.of(network, BLUE).usable).tolist()
    lines = [line_of(network, s) for s in usable]
    tree = shapely.STRtree(lines)
    extent = network.extent
    for _ in range(300):
        lat = float(rng.uniform(extent.south, extent.north))
        lon = float(rng.uniform(extent.west, extent.east))
        point = shapely.Point(network.projection.point_to_xy_m(lat, lon))
        nearest_m = point.distance(lines[int(tree.nearest(point))])
        snap = found(clerkenwell.snap(lat, lon, radius_m=2000.0))
        assert snap.distance_m == pytest.approx(nearest_m, abs=1e-6)
        assert point.distance(lines[usable.index(snap.segments[0])]) == pytest.approx(
            nearest_m, abs=1e-6
        )


def line_of(network: RoadNetwork, segment: int) -> shapely.LineString:
    """A segment on the metre grid."""
    points = slice(network.shape_first[segment], network.shape_first[segment + 1])
    x_m, y_m = network.shape_x_m[points], network.shape_y_m[points]
    return shapely.LineString(np.column_stack([x_m, y_m]).astype(np.float64))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    streets=street_maps(),
    north=st.integers(-20, 60),
    east=st.integers(-20, 60),
    heading=st.sampled_from([math.nan, 0.0, 45.0, 90.0, 200.0, 359.0]),
)
def test_every_snap_keeps_its_promises(
    streets: StreetMap, north: int, east: int, heading: float
) -> None:
    assume(any(BLUE.speed_mps(street.tags) for street in streets.streets))
    network = network_of(streets)
    metric = Metric.of(network, BLUE)
    lat, lon = ORIGIN_LAT + north * 1e-4, ORIGIN_LON + east * 1e-4
    radius_m = 300.0
    snap = Snapper(metric).snap(lat, lon, heading_deg=heading, radius_m=radius_m)
    point = shapely.Point(network.projection.point_to_xy_m(lat, lon))
    begins, ends = network.either_way(metric.is_left), network.either_way(metric.is_reached)
    away_m = {
        s: point.distance(line_of(network, s))
        for s in np.flatnonzero((begins & ends)[: network.base_count]).tolist()
        if network.tag_sets[network.segment_tags[s]]["highway"] != "ferry"
    }
    nearest_m = min(away_m.values(), default=math.inf)
    if snap is None:
        assert nearest_m > radius_m
        return
    detour_m = 0.0 if math.isnan(heading) or snap.heading_ignored else HEADING_DETOUR_M
    assert nearest_m - 1e-5 <= snap.distance_m <= min(radius_m, nearest_m + detour_m) + 1e-5
    here = shapely.Point(network.projection.point_to_xy_m(snap.lat, snap.lon))
    assert point.distance(here) == pytest.approx(snap.distance_m, abs=0.01)
    assert all(s in away_m for s in snap.segments)
    assert all(metric.is_left[s] or metric.is_reached[s] for s in snap.segments)
    assert all(0.0 <= fraction <= 1.0 for fraction in snap.fractions)
    if len(snap.segments) == 2:
        assert network.segment_twin[snap.segments[0]] == snap.segments[1]
        assert sum(snap.fractions) == pytest.approx(1.0)
    elif math.isnan(heading) or snap.heading_ignored:
        twin = network.segment_twin[snap.segments[0]]
        assert twin == NO_TWIN or not (metric.is_left[twin] or metric.is_reached[twin])


def test_the_tolerance_of_headings_leaves_no_street_with_two_directions() -> None:
    assert HEADING_TOLERANCE_DEG < 90


# At the edge of an extract


EDGE = draw(
    {
        "a": (0, 0),
        "b": (400, 0),
        "c": (400, -300),
        "d": (700, -300),
        "x": (400, 300),
        "out": (400, 600),
        "in": (700, 300),
    },
    "a-b-c-a",
    "c-d",
    street("b-x", name="Edge Road"),
    "x>out",
    "in>x",
)
"""Edge Road leads on out of the extract and in from it: who leaves by it does not come back."""


def test_a_drive_ends_on_the_side_that_leads_out_and_begins_on_the_side_that_leads_in() -> None:
    on_edge = found(snapper_of(EDGE).snap(*EDGE.position(400, 100), radius_m=20))
    assert set(on_edge.segments) == {EDGE.segment("b>x"), EDGE.segment("x>b")}
    roads = Roads.of(Metric.of(EDGE.network, BLUE), BucketSearch)
    inside = EDGE.on("a-b", 100)
    there, back = roads.route(inside, on_edge), roads.route(on_edge, inside)
    assert there is not None
    assert back is not None
    assert EDGE.way(there) == "a>b b>x"
    assert EDGE.way(back) == "x>b b>a"


def test_no_position_is_put_where_a_drive_could_only_begin_or_only_end() -> None:
    snapper = snapper_of(EDGE)
    for beyond in (EDGE.position(400, 500), EDGE.position(600, 300)):
        assert snapper.snap(*beyond, radius_m=20) is None
        snap = found(snapper.snap(*beyond, radius_m=500))
        assert EDGE.network.street_name(snap.segments[0]) == "Edge Road"


def test_a_vehicle_that_heads_out_may_be_on_either_side_and_one_that_heads_in_is_on_that() -> None:
    snapper = snapper_of(EDGE)
    place = EDGE.position(400, 100)
    heading_in = found(snapper.snap(*place, heading_deg=180.0, radius_m=20))
    assert heading_in.segments == (EDGE.segment("x>b"),)
    heading_out = found(snapper.snap(*place, heading_deg=0.0, radius_m=20))
    assert heading_out.heading_ignored
    assert len(heading_out.segments) == 2
