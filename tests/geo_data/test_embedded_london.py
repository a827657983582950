"""The main roads carried with the program, held against the real London."""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import KDTree

from geo_data.osm_files import read_osm_file
from geo_data.places import emergency_departments, las_stations
from geo_data.strategic import embedded_london, strategic_streets, thames_centreline
from geo_data.street_builder import streets_from_osm
from geo_data.synthesis.plane import Plane
from routing.build import build_network
from routing.network import Provenance, RoadNetwork
from routing.streets import Street, StreetMap

FloatArray = NDArray[np.float64]

FARTHEST_FROM_REAL_ROAD_M = 150.0
FARTHEST_FROM_ANY_ROAD_M = 1_800.0
"""Hornchurch station lies 1.6 km from the next A road, no other more than 1.5 km."""

KNOWN_TO_BE_OFF = {
    ("A4200", "Woburn Place"): "changes its name at every square, and has no number in the data",
}

THAMES_CROSSINGS = {
    "Albert Bridge",
    "Battersea Bridge",
    "Blackfriars Bridge",
    "Blackwall Tunnel northbound bore",
    "Blackwall Tunnel southbound bore",
    "Chelsea Bridge",
    "Chertsey Bridge",
    "Chiswick Bridge",
    "Dartford Tunnels",
    "Hampton Court Bridge",
    "Kew Bridge",
    "Kingston Bridge",
    "Lambeth Bridge",
    "London Bridge",
    "M3 Chertsey Bridge",
    "Putney Bridge",
    "Queen Elizabeth II Bridge",
    "Richmond Bridge",
    "Rotherhithe Tunnel",
    "Runnymede Bridge",
    "Silvertown Tunnel",
    "Southwark Bridge",
    "Staines Bridge",
    "Tower Bridge",
    "Twickenham Bridge",
    "Vauxhall Bridge",
    "Walton Bridge",
    "Wandsworth Bridge",
    "Waterloo Bridge",
    "Westminster Bridge",
    "Woolwich Ferry",
}
"""Every crossing for motor vehicles from Staines to Dartford, but Hammersmith Bridge (closed)."""

SHEET = Plane(51.5, -0.12)


def line(street: Street) -> shapely.LineString:
    points = np.asarray(street.shape)
    return shapely.LineString(SHEET.to_xy_m(points[:, 0], points[:, 1]))


def every_50_m(street: Street) -> NDArray[np.object_]:
    road = line(street)
    return np.asarray(shapely.line_interpolate_point(road, np.arange(0.0, road.length, 50.0)))


@dataclass(frozen=True)
class RealLondon:
    """The middle of London as OpenStreetMap draws it."""

    network: RoadNetwork
    covered: shapely.Geometry
    by_number_or_name: Mapping[str, shapely.Geometry]

    def of_the_same_road(self, street: Street) -> shapely.Geometry:
        """Real streets with a street's number or name, which part of the data lacks."""
        nowhere = shapely.Point()
        return shapely.union_all(
            [self.by_number_or_name.get(label, nowhere) for label in (street.ref, street.name)]
        )


@pytest.fixture(scope="module")
def main_roads() -> StreetMap:
    return strategic_streets()


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return embedded_london()


@pytest.fixture(scope="module")
def real(london_data: Path) -> RealLondon:
    streets = streets_from_osm(read_osm_file(london_data / "central_london_drive.osm.gz"))
    lines = [line(street) for street in streets.streets]
    labelled: dict[str, list[shapely.LineString]] = {}
    for street, shape in zip(streets.streets, lines, strict=True):
        for label in {*street.ref.split(";"), street.name} - {""}:
            labelled.setdefault(label.strip(), []).append(shape)
    around = shapely.union_all(shapely.buffer(np.asarray(lines), 100.0, quad_segs=2))
    nobody = Provenance(source="test", licence="", attribution="", builder="")
    return RealLondon(
        network=build_network(streets, name="middle of London", provenance=nobody),
        covered=shapely.buffer(around, -250.0),
        by_number_or_name={label: shapely.union_all(s) for label, s in labelled.items()},
    )


def one_way_distances(network: RoadNetwork) -> csr_array:
    size = (network.junction_count, network.junction_count)
    order = np.argsort(-network.segment_length_m, kind="stable")
    start, end = network.segment_from[order], network.segment_to[order]
    shortest = dict(
        zip(
            zip(start.tolist(), end.tolist(), strict=True),
            network.segment_length_m[order].tolist(),
            strict=True,
        )
    )
    pairs = np.asarray(list(shortest))
    return csr_array((list(shortest.values()), (pairs[:, 0], pairs[:, 1])), shape=size)


def by_road_m(network: RoadNetwork, pairs: NDArray[np.int64]) -> FloatArray:
    distances = dijkstra(one_way_distances(network), indices=pairs[:, 0])
    return np.asarray(distances[np.arange(len(pairs)), pairs[:, 1]])


def strong_parts(network: RoadNetwork) -> NDArray[np.int32]:
    _, part = connected_components(one_way_distances(network), directed=True, connection="strong")
    return np.asarray(part)


def boundary_of_greater_london(london_data: Path) -> shapely.Geometry:
    with gzip.open(london_data / "greater_london.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    outlines = [shapely.from_geojson(json.dumps(part["geometry"])) for part in features]

    def on_sheet(lon_lat: FloatArray) -> FloatArray:
        return SHEET.to_xy_m(lon_lat[:, 1], lon_lat[:, 0])

    return shapely.transform(shapely.union_all(outlines), on_sheet)


def within_the_m25(streets: Iterable[Street]) -> shapely.Geometry:
    ring = shapely.union_all([line(s) for s in streets if s.ref in ("M25", "A282")])
    return shapely.union_all(shapely.get_parts(shapely.polygonize([*shapely.get_parts(ring)])))


def test_it_says_that_it_is_approximate_and_whose_it_is(network: RoadNetwork) -> None:
    assert network.provenance.approximate
    assert "Open Government Licence" in network.provenance.attribution
    assert "main roads" in network.name


def test_it_has_the_main_junctions_of_london(network: RoadNetwork) -> None:
    assert network.junction_count >= 600
    assert network.segment_count >= 2 * network.junction_count


def test_every_junction_is_reached_from_every_other(network: RoadNetwork) -> None:
    assert strong_parts(network).max() == 0


def test_it_is_the_same_at_every_start(network: RoadNetwork) -> None:
    assert embedded_london().version == network.version


def test_every_junction_lies_in_greater_london_or_within_the_m25(
    main_roads: StreetMap, london_data: Path
) -> None:
    area = shapely.union_all(
        [boundary_of_greater_london(london_data), within_the_m25(main_roads.streets)]
    )
    near = shapely.buffer(area, FARTHEST_FROM_REAL_ROAD_M)
    places = main_roads.junctions.values()
    xy_m = SHEET.to_xy_m(np.asarray([p.lat for p in places]), np.asarray([p.lon for p in places]))
    outside = ~shapely.contains_xy(near, xy_m)
    assert np.flatnonzero(outside).tolist() == []


def test_every_road_runs_where_the_real_one_does(main_roads: StreetMap, real: RealLondon) -> None:
    off: dict[tuple[str, str], float] = {}
    compared = 0
    for street in main_roads.streets:
        points = every_50_m(street)
        points = points[shapely.contains(real.covered, points)]
        compared += len(points)
        if len(points):
            apart_m = shapely.distance(points, real.of_the_same_road(street))
            farthest = float(np.nan_to_num(apart_m, nan=np.inf).max())
            if farthest > FARTHEST_FROM_REAL_ROAD_M:
                off[street.ref, street.name] = farthest
    assert compared > 500
    assert off.keys() == KNOWN_TO_BE_OFF.keys(), off


def test_every_junction_is_on_its_real_roads(main_roads: StreetMap, real: RealLondon) -> None:
    off = set()
    compared = 0
    for street in main_roads.streets:
        for lat, lon in (street.shape[0], street.shape[-1]):
            place = shapely.Point(SHEET.to_xy_m(np.asarray([lat]), np.asarray([lon]))[0])
            if shapely.contains(real.covered, place):
                compared += 1
                apart_m = shapely.distance(place, real.of_the_same_road(street))
                if not apart_m <= FARTHEST_FROM_REAL_ROAD_M:
                    off.add((street.ref, street.name))
    assert compared > 150
    assert off <= KNOWN_TO_BE_OFF.keys()


def test_distances_by_road_are_those_of_the_real_streets(
    network: RoadNetwork, real: RealLondon
) -> None:
    ours = SHEET.to_xy_m(network.junction_lat, network.junction_lon)
    theirs = SHEET.to_xy_m(real.network.junction_lat, real.network.junction_lon)
    part = strong_parts(real.network)
    usable = np.flatnonzero(part == np.bincount(part).argmax())
    apart_m, nearest = KDTree(theirs[usable]).query(ours)
    central = np.flatnonzero(
        (apart_m < FARTHEST_FROM_REAL_ROAD_M) & shapely.contains_xy(real.covered, ours)
    )
    rng = np.random.default_rng(21)
    pairs = rng.choice(central, size=(400, 2))
    pairs = pairs[np.hypot(*(ours[pairs[:, 0]] - ours[pairs[:, 1]]).T) > 1_000.0][:200]
    assert len(pairs) == 200
    matched = usable[np.asarray(nearest)[pairs]]
    ratio = by_road_m(network, pairs) / by_road_m(real.network, matched)
    shares = (5, 25, 50, 75, 95)
    spread = dict(zip(shares, np.percentile(ratio, shares).round(3).tolist(), strict=True))
    print(f"embedded / real distance by road, percentiles: {spread}")  # noqa: T201
    assert 0.85 <= np.median(ratio) <= 1.15, spread


def test_every_station_and_hospital_is_near_a_road(main_roads: StreetMap) -> None:
    tree = shapely.STRtree([line(street) for street in main_roads.streets])
    places = [(p.name, p.lat, p.lon) for p in las_stations()]
    places += [(p.name, p.lat, p.lon) for p in emergency_departments()]
    xy_m = SHEET.to_xy_m(np.asarray([p[1] for p in places]), np.asarray([p[2] for p in places]))
    _, apart_m = tree.query_nearest(shapely.points(xy_m), return_distance=True, all_matches=False)
    far = {
        p[0]: round(d) for p, d in zip(places, apart_m, strict=True) if d > FARTHEST_FROM_ANY_ROAD_M
    }
    assert far == {}


def test_the_thames_is_crossed_only_by_its_real_crossings(main_roads: StreetMap) -> None:
    river = shapely.LineString(SHEET.to_xy_m(*thames_centreline()))
    crossing = [s for s in main_roads.streets if shapely.intersects(line(s), river)]
    assert len(crossing) >= 28
    unbridged = [s for s in crossing if not {"bridge", "tunnel", "route"} & s.tags.keys()]
    assert [(s.ref, s.name) for s in unbridged] == []


def test_every_named_crossing_is_a_real_one_and_none_is_missing() -> None:
    table = Path(__file__).parents[2] / "geo_data" / "london" / "roads.csv"
    rows = table.read_text(encoding="utf-8").splitlines()[1:]
    named = {row.split(",")[7] for row in rows} - {""}
    assert named == THAMES_CROSSINGS
