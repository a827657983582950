"""Reading OpenStreetMap files, good and bad."""

import gzip
from pathlib import Path

import osmium
import pytest

from geo_data.errors import RoadFileError
from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from tests.geo_data.drawn_osm import RESIDENTIAL, Drawing, place

STRAND = Drawing([(10, [1, 2, 3], {**RESIDENTIAL, "name": "Strand"})])


def test_a_file_gives_points_links_and_ways(tmp_path: Path) -> None:
    path = tmp_path / "strand.osm"
    path.write_text(STRAND.xml())
    extract = read_osm_file(path)
    assert extract.node_id.tolist() == [1, 2, 3]
    assert list(zip(extract.node_lat, extract.node_lon, strict=True)) == [
        place(n) for n in (1, 2, 3)
    ]
    assert extract.link_from.tolist() == [0, 1]
    assert extract.link_to.tolist() == [1, 2]
    assert extract.link_way.tolist() == [0, 0]
    assert extract.ways[0].way_id == 10
    assert extract.ways[0].tags == {"highway": "residential", "name": "Strand"}
    assert extract.dropped == {}


def test_ways_may_come_before_their_points(tmp_path: Path) -> None:
    lines = STRAND.xml().splitlines()
    way = next(number for number, line in enumerate(lines) if line.startswith("<way"))
    path = tmp_path / "ways_first.osm"
    path.write_text("\n".join([*lines[:2], *lines[way:-1], *lines[2:way], lines[-1]]))
    extract = read_osm_file(path)
    assert extract.node_id.tolist() == [1, 2, 3]
    assert len(extract.link_from) == 2


def test_points_may_come_in_any_order(tmp_path: Path) -> None:
    lines = STRAND.xml().splitlines()
    points = [number for number, line in enumerate(lines) if line.startswith("<node")]
    blocks = [lines[number : number + 2] for number in points]
    shuffled = [line for block in blocks[::-1] for line in block]
    path = tmp_path / "unsorted.osm"
    path.write_text("\n".join([*lines[:2], *shuffled, *lines[points[-1] + 2 :]]))
    assert read_osm_file(path).node_lat.tolist() == [place(n)[0] for n in (1, 2, 3)]


def test_tags_that_no_driver_needs_are_left_behind(tmp_path: Path) -> None:
    drawing = Drawing(
        [(10, [1, 2], {**RESIDENTIAL, "lit": "yes", "cycleway": "lane"})],
        {2: {"barrier": "gate", "material": "wood"}},
    )
    path = tmp_path / "drawn.osm"
    path.write_text(drawing.xml())
    extract = read_osm_file(path)
    assert extract.ways[0].tags == RESIDENTIAL
    assert extract.node_tags == {2: {"barrier": "gate"}}


def test_a_gate_on_a_footpath_is_left_behind(tmp_path: Path) -> None:
    drawing = Drawing(
        [(10, [1, 2], RESIDENTIAL), (11, [2, 3], {"highway": "footway"})], {3: {"barrier": "gate"}}
    )
    path = tmp_path / "drawn.osm"
    path.write_text(drawing.xml())
    assert read_osm_file(path).node_tags == {}


def test_the_age_of_an_overpass_file_is_known(tmp_path: Path) -> None:
    meta = '<osm version="0.6">\n<meta osm_base="2024-02-17T03:10:39Z"/>'
    xml = STRAND.xml().replace('<osm version="0.6">', meta)
    plain, packed = tmp_path / "aged.osm", tmp_path / "aged.osm.gz"
    plain.write_text(xml)
    packed.write_bytes(gzip.compress(xml.encode()))
    assert read_osm_file(plain).osm_timestamp == "2024-02-17T03:10:39Z"
    assert read_osm_file(packed).osm_timestamp == "2024-02-17T03:10:39Z"


def test_the_age_of_a_pbf_extract_is_known(tmp_path: Path) -> None:
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2026-01-01T20:21:22Z")
    drawn, path = tmp_path / "strand.osm", tmp_path / "strand.osm.pbf"
    drawn.write_text(STRAND.xml())
    with osmium.SimpleWriter(str(path), header=header) as writer:
        for one in osmium.FileProcessor(drawn):
            writer.add(one)
    assert read_osm_file(path).osm_timestamp == "2026-01-01T20:21:22Z"


def test_the_age_is_left_empty_when_the_file_does_not_tell(tmp_path: Path) -> None:
    path = tmp_path / "strand.osm"
    path.write_text(STRAND.xml())
    assert read_osm_file(path).osm_timestamp == ""


def test_progress_is_reported(london_data: Path) -> None:
    told: list[tuple[str, int]] = []
    read_osm_file(
        london_data / "central_london_drive.osm.gz",
        lambda stage, done, _: told.append((stage, done)),
    )
    assert list(dict.fromkeys(stage for stage, _ in told)) == [
        "reading points",
        "reading roads",
        "reading turn restrictions",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RoadFileError, match=r"nowhere\.osm does not exist"):
        read_osm_file(tmp_path / "nowhere.osm")


def test_a_file_of_another_kind_is_refused_with_what_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "roads.shp"
    path.write_text("")
    with pytest.raises(RoadFileError, match=r"roads\.shp is not .* accepted endings: \.osm\.pbf"):
        read_osm_file(path)


@pytest.mark.parametrize("name", ["page.osm", "page.osm.gz", "page.osm.bz2", "page.osm.pbf"])
@pytest.mark.parametrize("content", [b"", b"<html>not a map</html>", b"\x00\xff" * 50])
def test_content_that_is_no_map_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RoadFileError, match="damaged or cut short"):
        read_osm_file(path)


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.pbf"])
def test_a_file_cut_short_is_refused(ending: str, london_data: Path, tmp_path: Path) -> None:
    source = london_data / "clerkenwell_raw.osm.gz"
    whole = tmp_path / f"whole{ending}"
    with osmium.SimpleWriter(str(whole)) as writer:
        for one in osmium.FileProcessor(source):
            writer.add(one)
    cut = tmp_path / f"cut{ending}"
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(RoadFileError, match="damaged or cut short"):
        read_osm_file(cut)


def test_a_file_without_roads_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "paths.osm"
    path.write_text(Drawing([(10, [1, 2], {"highway": "footway"})]).xml())
    with pytest.raises(RoadFileError, match=r"paths\.osm: no roads"):
        read_osm_file(path)


def test_muswell_hill_keeps_the_filters_that_ambulances_may_pass(london_data: Path) -> None:
    streets = streets_from_osm(read_osm_file(london_data / "muswell_hill_raw.osm.gz"))
    filters = [
        street
        for street in streets.streets
        if street.tags.get("emergency") == "yes" and street.tags.get("motor_vehicle") == "no"
    ]
    assert {"Blake Road", "Palmerston Road", "Gordon Road"} <= {one.name for one in filters}
    barriers = [one.tags.get("barrier") for one in streets.junctions.values()]
    assert barriers.count("bollard") == 12
    assert barriers.count("gate") == 125
    assert sum(street.length_m for street in streets.streets) == pytest.approx(160_894, abs=1)
    assert streets.dropped["footways, paths and cycleways"] == 1964
