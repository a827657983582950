"""All engines on real streets of London, against the oracle."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.bucket_search import BucketSearch
from routing.build import build_network
from routing.closure_places import ClosurePlacer
from routing.closures import AlongLine, Closure, InArea, NamedStreet, Shut, Slowed, TheseSegments
from routing.engine import UNREACHED, Ends, Starts
from routing.isochrones import isochrones
from routing.metric import Metric
from routing.network import RoadNetwork
from routing.overlay import Overlay
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper
from tests.drawing import DRAWN
from tests.routing.closure_oracle import LOCAL, ClosureOracle
from tests.routing.engines import ENGINES, by_density
from tests.routing.oracle import Oracle, summary

TARGETS = 40
FLEETS = (5, 50, 500)
ROUTES_TO_EACH = 3
LIMIT = 5


@pytest.fixture(scope="module")
def central_london(london_data: Path) -> RoadNetwork:
    streets = streets_from_osm(read_osm_file(london_data / "central_london_drive.osm.gz"))
    return build_network(streets, name="central London", provenance=DRAWN)


def scattered(
    network: RoadNetwork, metric: Metric, count: int, rng: np.random.Generator
) -> list[Snap]:
    """Places all over the network, half of them with a heading."""
    extent = network.extent
    lat = rng.uniform(extent.south, extent.north, 4 * count).tolist()
    lon = rng.uniform(extent.west, extent.east, 4 * count).tolist()
    heading = np.where(rng.random(4 * count) < 0.5, rng.uniform(0, 360, 4 * count), np.nan)
    found = Snapper(metric).snap_many(lat, lon, heading_deg=heading.tolist(), radius_m=150.0)
    snaps = [snap for snap in found if snap is not None][:count]
    assert len(snaps) == count
    return snaps


def with_delays(snaps: Sequence[Snap], rng: np.random.Generator) -> Starts:
    """A fleet at these places, mobilisation as by status: moving, on station, just told."""
    return Starts.at(snaps, rng.choice([0, 15_000, 45_000, 60_000], len(snaps)).tolist())


@pytest.mark.parametrize("profile", ["normal_road", "blue_light"])
def test_nearest_vehicles_among_gates_and_service_roads_are_the_oracles(
    london_data: Path, profile: str
) -> None:
    """Muswell Hill with all its tags: dead ends, lift gates, streets closed to one profile."""
    rng = np.random.default_rng(17)
    streets = streets_from_osm(read_osm_file(london_data / "muswell_hill_raw.osm.gz"))
    network = build_network(streets, name="Muswell Hill", provenance=DRAWN)
    driving = load_profiles()[profile]
    metric, oracle = Metric.of(network, driving), Oracle(network, driving)
    engines = [engine(metric) for engine in ENGINES]
    places = scattered(network, metric, 60, rng)
    for target in scattered(network, metric, 15, rng):
        starts, ends = with_delays(places, rng), Ends.at(target, network)
        expected = oracle.nearest(ends, starts, LIMIT)
        assert len(expected) == LIMIT
        for engine in engines:
            found = engine.nearest(ends, starts, LIMIT)
            assert summary(found) == expected
            for one in found:
                oracle.check_drive(one, starts, ends)


@pytest.mark.parametrize("profile", ["normal_road", "blue_light"])
def test_nearest_vehicles_and_routes_in_central_london_are_the_oracles(
    central_london: RoadNetwork, profile: str
) -> None:
    rng = np.random.default_rng(999)
    driving = load_profiles()[profile]
    metric = Metric.of(central_london, driving)
    oracle = Oracle(central_london, driving)
    engines = [engine(metric) for engine in ENGINES]
    targets = scattered(central_london, metric, TARGETS, rng)
    places = scattered(central_london, metric, max(FLEETS), rng)
    routes = 0
    for target in targets:
        ends = Ends.at(target, central_london)
        for size in FLEETS:
            starts = with_delays([places[i] for i in rng.permutation(len(places))[:size]], rng)
            expected = oracle.nearest(ends, starts, LIMIT)
            assert len(expected) == LIMIT
            for engine in engines:
                found = engine.nearest(ends, starts, LIMIT)
                assert summary(found) == expected
                for arrival in found:
                    oracle.check_drive(arrival, starts, ends)
        for place in rng.permutation(len(places))[:ROUTES_TO_EACH]:
            start = Starts.at([places[place]])
            expected = oracle.nearest(ends, start, 1)
            for engine in engines:
                (drive,) = engine.nearest(ends, start, 1)
                assert summary([drive]) == expected
                oracle.check_drive(drive, start, ends)
            routes += 1
    assert routes == TARGETS * ROUTES_TO_EACH


CORDON = shapely.Point(-0.1281, 51.5079).buffer(0.004)
"""Trafalgar Square and some 300 m around."""

CLOSURES = (
    Closure("cordon", Shut(), InArea(CORDON)),
    Closure("bridge", Shut(), NamedStreet("Waterloo Bridge")),
    Closure("one side", Shut(), NamedStreet("Whitehall", heading_deg=0.0)),
    Closure("jam", Slowed(time_factor=4.0), NamedStreet("Victoria Embankment")),
    Closure(
        "works",
        Slowed(speed_mps=2.0),
        AlongLine(shapely.LineString([(-0.1586, 51.5136), (-0.1419, 51.5153)]), tolerance_m=25),
    ),
)


def test_drives_among_closures_in_central_london_are_the_oracles(
    central_london: RoadNetwork,
) -> None:
    rng = np.random.default_rng(17)
    driving = load_profiles()["blue_light"]
    metric = Metric.of(central_london, driving)
    placer = ClosurePlacer(central_london)
    closures = [placer.place(closure) for closure in CLOSURES]
    streets = {one.closure.closure_id: one.streets[0] for one in closures}
    assert streets["works"] == "Oxford Street"
    oracle = ClosureOracle(central_london, driving, closures)
    roads = [Roads.of(metric, engine).under(Overlay.of(closures)) for engine in ENGINES]
    places = scattered(central_london, metric, 900, rng)
    inside = [one for one in places if CORDON.contains(shapely.Point(one.lon, one.lat))]
    assert len(inside) >= 3
    seen = Counter[str]()
    for target in [*inside, *places[:12]]:
        for fleet in (places[20:70], inside):
            starts, ends = with_delays(fleet, rng), Ends.at(target, central_london)
            expected = oracle.nearest(ends, starts, LIMIT)
            for one in roads:
                found = one.nearest(target, starts, LIMIT)
                assert [(arrival.vehicle, arrival.total_ms) for arrival in found] == expected
                for arrival in found:
                    oracle.check_drive(arrival, starts, ends)
                    seen["out"] += arrival.first_stretch > 0
                    seen["into"] += arrival.last_stretch > 0
    assert min(seen["out"], seen["into"]) > 20


@pytest.mark.parametrize("extract", ["central_london_drive.osm.gz", "muswell_hill_raw.osm.gz"])
def test_normal_drives_to_and_from_access_only_streets_are_the_oracles(
    london_data: Path, extract: str
) -> None:
    rng = np.random.default_rng(3)
    streets = streets_from_osm(read_osm_file(london_data / extract))
    network = build_network(streets, name=extract, provenance=DRAWN)
    driving = load_profiles()["normal_road"]
    metric = Metric.of(network, driving)
    local = np.flatnonzero(metric.local & metric.usable)
    assert len(local) >= 4
    cordon = shapely.Point(network.shape_lon[0], network.shape_lat[0]).buffer(0.003)
    placer = ClosurePlacer(network)
    closures = [
        placer.place(Closure("cordon", Shut(), InArea(cordon))),
        placer.place(Closure("works", Shut(), TheseSegments((int(local[0]),)))),
    ]
    on_local = [Snap((one,), (0.5,), 0.0, 0.0, 0.0) for one in local.tolist()]
    places = [*scattered(network, metric, 25, rng), *on_local[:25]]
    roads = [
        Roads.of(metric, engine).under(Overlay.of(closures))
        for engine in (BucketSearch, by_density)
    ]
    oracle = ClosureOracle(network, driving, closures, local=np.flatnonzero(metric.local).tolist())
    kinds = Counter[int]()
    for target in [*on_local[:5], *places[:3]]:
        starts, ends = with_delays(places, rng), Ends.at(target, network)
        expected = oracle.nearest(ends, starts, len(places))
        for one in roads:
            found = one.nearest(target, starts, len(places))
            assert [(arrival.vehicle, arrival.total_ms) for arrival in found] == expected
            for arrival in found:
                oracle.check_drive(arrival, starts, ends)
                assert one.price(arrival).drive_ms == arrival.drive_ms
                kinds.update(oracle.kind[end] for end in arrival.segments[[0, -1]].tolist())
    assert kinds[LOCAL] > 100


def test_areas_matrices_and_other_ways_in_central_london_are_the_oracles(
    central_london: RoadNetwork,
) -> None:
    rng = np.random.default_rng(7)
    driving = load_profiles()["blue_light"]
    metric = Metric.of(central_london, driving)
    roads, oracle = Roads.of(metric, BucketSearch), Oracle(central_london, driving)
    places = scattered(central_london, metric, 60, rng)
    for fleet in (places[:1], places[:20]):
        starts = with_delays(fleet, rng)
        reach = roads.reach(starts, 900_000)
        for found, expected in zip(
            (reach.enter_ms, reach.leave_ms), oracle.reached_ms(starts), strict=True
        ):
            within = {segment: time for segment, time in expected.items() if time <= 900_000}
            reached = np.flatnonzero(found < UNREACHED)
            assert dict(zip(reached.tolist(), found[reached].tolist(), strict=True)) == within
        short, long = isochrones(reach, [180_000, 420_000])
        assert short.area.is_valid
        assert long.area.is_valid
        assert long.area.covers(short.area)
        assert all(long.area.covers(shapely.Point(one.lon, one.lat)) for one in fleet)
    rows = np.concatenate(list(roads.matrix(places[:8], places[8:20])))
    other_ways = 0
    for row, start in enumerate(places[:8]):
        for column, target in enumerate(places[8:20]):
            fastest = roads.route(start, target)
            assert fastest is not None
            assert rows[row, column] == fastest.drive_ms
            for other in roads.alternatives(fastest, start, target):
                assert roads.price(other).drive_ms == other.drive_ms
                assert fastest.drive_ms <= other.drive_ms <= 1.25 * fastest.drive_ms
                other_ways += 1
    assert other_ways > 50
