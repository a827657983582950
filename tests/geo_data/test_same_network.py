"""The same roads give the same network, whichever way they come in."""

import gzip
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from shapely.geometry import box, mapping

from geo_data.graphml import read_graphml
from geo_data.osm_files import read_osm_file
from geo_data.osmnx_session import Download
from geo_data.sources import Place, PolygonFile, RoadFile, build_from
from geo_data.street_builder import streets_from_osm
from routing.network import RoadNetwork
from routing.streets import StreetMap
from tests.geo_data.drawn_osm import RESIDENTIAL, Drawing
from tests.geo_data.helsinki import HELSINKI
from tests.geo_data.overpass_server import OverpassServer
from tests.geo_data.road_formats import (
    overpass_answer,
    save_graphml,
    simplified_graph,
    unsimplified_graph,
    write_osm,
)

if TYPE_CHECKING:
    import networkx as nx

LARGER_THAN_THE_DATA = box(-0.35, 51.40, 0.05, 51.68)
"""About 28 by 31 km: small enough for one request."""


THROUGH_A_STREET = Drawing(
    ways=[
        (10, [1, 2, 3], RESIDENTIAL),
        (20, [3, 4, 5], RESIDENTIAL),
        (30, [5, 6, 7], RESIDENTIAL),
    ],
    relations=[
        (1, {"type": "restriction", "restriction": "no_u_turn"}, ["from 10", "via 20", "to 30"])
    ],
)


BUS_GATE = {**RESIDENTIAL, "motor_vehicle:backward": "no", "bus:backward": "yes"}
BY_DIRECTION = Drawing(
    ways=[
        (10, [1, 2], RESIDENTIAL),
        (20, [2, 3, 4], BUS_GATE),
        (30, [6, 5, 4], {**RESIDENTIAL, "maxspeed:forward": "30 mph", "maxspeed": "20 mph"}),
        (40, [6, 7, 8], {**BUS_GATE, "oneway": "yes"}),
        (50, [8, 9], RESIDENTIAL),
    ],
)
"""A bus gate, a limit that differs, and a one-way street that says more than it must."""


def through_overpass(source: Path, directory: Path) -> RoadNetwork:
    area = directory / "area.geojson"
    area.write_text(json.dumps(mapping(LARGER_THAN_THE_DATA)))
    with OverpassServer([overpass_answer(source)]).running() as server:
        download = Download(directory / "cache", server.overpass_url)
        return build_from(PolygonFile(area, download))


@pytest.fixture(scope="module")
def central(london_data: Path) -> Path:
    return london_data / "central_london_drive.osm.gz"


@pytest.fixture(scope="module")
def central_version(central: Path) -> str:
    network = build_from(RoadFile(central))
    assert network.junction_count > 6000
    return network.version


@pytest.fixture(scope="module")
def central_graph(central: Path) -> "nx.MultiDiGraph[int]":
    return unsimplified_graph(central)


def test_central_london_as_pbf_is_the_same_network(
    central: Path, central_version: str, tmp_path: Path
) -> None:
    written = write_osm(central, tmp_path / "central.osm.pbf")
    assert build_from(RoadFile(written)).version == central_version


def test_central_london_through_overpass_is_the_same_network(
    central: Path, central_version: str, tmp_path: Path
) -> None:
    assert through_overpass(central, tmp_path).version == central_version


def test_central_london_as_unsimplified_graph_is_the_same_network(
    central_graph: "nx.MultiDiGraph[int]", central_version: str, tmp_path: Path
) -> None:
    written = save_graphml(central_graph, tmp_path / "points.graphml")
    assert build_from(RoadFile(written)).version == central_version


def test_central_london_as_simplified_graph_has_the_same_streets(
    central: Path, central_graph: "nx.MultiDiGraph[int]", tmp_path: Path
) -> None:
    """All but halves of loops: a simplified graph has no id for the point where they are cut."""
    written = save_graphml(simplified_graph(central_graph), tmp_path / "merged.graphml")
    from_osm = streets_from_osm(read_osm_file(central))
    from_graph = read_graphml(written)
    expected, found = comparable(from_osm), comparable(from_graph)
    halves = found - expected
    assert all(min(start, end) < 0 for start, end, *_ in halves)
    assert 0 < halves.total() == (expected - found).total() < 50
    assert kilometres(from_graph) == pytest.approx(kilometres(from_osm), abs=1e-3)
    shared = set(from_osm.junctions) & set(from_graph.junctions)
    assert all(from_osm.junctions[one] == from_graph.junctions[one] for one in shared)


def kilometres(streets: StreetMap) -> float:
    return sum(street.length_m for street in streets.streets) / 1000


def comparable(streets: StreetMap) -> Counter[tuple[Any, ...]]:
    return Counter(
        (
            street.from_node,
            street.to_node,
            street.forward,
            street.backward,
            tuple(street.shape),
            round(street.length_m, 2),
            tuple(sorted(street.tags.items())),
            street.name,
            street.ref,
            street.way_id,
        )
        for street in streets.streets
    )


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_raw_data_with_barriers_is_one_network_in_every_file_format(
    ending: str, london_data: Path, tmp_path: Path
) -> None:
    source = london_data / "muswell_hill_raw.osm.gz"
    written = write_osm(source, tmp_path / f"muswell{ending}")
    assert build_from(RoadFile(written)).version == build_from(RoadFile(source)).version


def test_raw_data_with_barriers_comes_through_overpass_unchanged(
    london_data: Path, tmp_path: Path
) -> None:
    source = london_data / "muswell_hill_raw.osm.gz"
    assert through_overpass(source, tmp_path).version == build_from(RoadFile(source)).version


def test_a_place_gives_the_network_of_its_boundary(
    london_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osmnx._nominatim.time.sleep", lambda _: None)
    source = london_data / "clerkenwell_raw.osm.gz"
    found = {
        "importance": 1.0,
        "lat": "51.5",
        "lon": "-0.1",
        "boundingbox": ["51", "52", "-1", "1"],
        "geojson": mapping(LARGER_THAN_THE_DATA),
    }
    server = OverpassServer(
        [overpass_answer(source, "2018-03-01T00:00:00Z")], places={"Clerkenwell": [found]}
    )
    with server.running():
        download = Download(tmp_path, server.overpass_url, server.nominatim_url)
        network = build_from(Place("Clerkenwell", download))
    assert network.version == build_from(RoadFile(source)).version
    assert network.name == "Clerkenwell"
    assert network.provenance.source == "Overpass: Clerkenwell"
    assert network.provenance.source_timestamp == "2018-03-01T00:00:00Z"


def test_a_network_names_its_source_and_licence(london_data: Path, tmp_path: Path) -> None:
    shutil.copy(london_data / "muswell_hill_raw.osm.gz", tmp_path / "Muswell Hill.osm.gz")
    network = build_from(RoadFile(tmp_path / "Muswell Hill.osm.gz"))
    assert network.name == "Muswell Hill"
    provenance = network.provenance
    assert provenance.source == "Muswell Hill.osm.gz"
    assert provenance.source_timestamp == "2026-07-26T10:58:30Z"
    assert (provenance.licence, provenance.approximate) == ("ODbL-1.0", False)
    assert provenance.attribution == "© OpenStreetMap contributors"
    assert provenance.builder.startswith("nearest-crew")
    assert provenance.dropped["steps"] == 97


def test_gzip_does_not_change_a_graph(london_data: Path, tmp_path: Path) -> None:
    packed = london_data / "westminster_drive_osmnx_1_9.graphml.gz"
    plain = tmp_path / "westminster.graphml"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    assert build_from(RoadFile(plain)).version == build_from(RoadFile(packed)).version


def test_helsinki_with_its_turn_restrictions_is_the_same_network_as_xml(tmp_path: Path) -> None:
    network = build_from(RoadFile(HELSINKI))
    assert len(network.turn_rules) > 1
    written = write_osm(HELSINKI, tmp_path / "helsinki.osm.gz")
    assert build_from(RoadFile(written)).version == network.version


@pytest.mark.parametrize("ending", [".osm", ".osm.pbf"])
def test_turn_restrictions_through_streets_are_the_same_however_they_come(
    ending: str, tmp_path: Path
) -> None:
    source = tmp_path / "drawn.osm.gz"
    source.write_bytes(gzip.compress(THROUGH_A_STREET.xml().encode()))
    network = build_from(RoadFile(source))
    assert network.segment_count == network.base_count + 1
    assert (
        build_from(RoadFile(write_osm(source, tmp_path / f"x{ending}"))).version == network.version
    )
    assert through_overpass(source, tmp_path).version == network.version
    without = replace(THROUGH_A_STREET, relations=()).street_map(tmp_path)
    assert len(without.streets) < len(THROUGH_A_STREET.street_map(tmp_path).streets)


def test_what_holds_in_one_direction_is_the_same_however_it_comes(tmp_path: Path) -> None:
    streets = BY_DIRECTION.street_map(tmp_path)
    assert len(streets.streets) == 7
    source = tmp_path / "drawn.osm"
    network = build_from(RoadFile(source))
    written = write_osm(source, tmp_path / "drawn.osm.pbf")
    graph = unsimplified_graph(source)
    points = save_graphml(graph, tmp_path / "points.graphml")
    merged = save_graphml(simplified_graph(graph), tmp_path / "merged.graphml")
    assert build_from(RoadFile(written)).version == network.version
    assert through_overpass(source, tmp_path).version == network.version
    assert build_from(RoadFile(points)).version == network.version
    assert comparable(read_graphml(merged)) == comparable(streets)
