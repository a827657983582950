"""Reading OSMnx GraphML, from tiny graphs and from real ones of two OSMnx generations."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import networkx as nx
import osmnx
import pytest
from shapely.geometry import LineString

from geo_data.access_hours import HOLIDAYS, UNKNOWN_HOURS
from geo_data.errors import RoadFileError
from geo_data.graphml import read_graphml
from routing.hours_of_week import conditional_hours
from routing.streets import StreetMap
from tests.geo_data.drawn_osm import all_drawn

CUT_SHORT = gzip.compress(b"<graphml>" * 99, mtime=0)[:-9]
"""With no time in it: test ids are to be the same in every process."""

PLACES = {1: (51.501, -0.12), 2: (51.502, -0.12), 3: (51.503, -0.12)}


def saved(
    path: Path,
    edges: list[tuple[int, int, dict[str, Any]]],
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
    **graph: Any,
) -> Path:
    """Write a graph as OSMnx does."""
    drawing: nx.MultiDiGraph[int] = nx.MultiDiGraph(
        **{"crs": "epsg:4326", "simplified": True, **graph}
    )
    for node, (lat, lon) in PLACES.items():
        drawing.add_node(node, y=lat, x=lon, **(node_tags or {}).get(node, {}))
    for start, end, attributes in edges:
        drawing.add_edge(start, end, **attributes)
    osmnx.save_graphml(drawing, path)
    return path


def line(*nodes: int) -> LineString:
    return LineString([PLACES[node][::-1] for node in nodes])


def street(osmid: Any = 10, *, oneway: Any = False, **attributes: Any) -> dict[str, Any]:
    return {
        "osmid": osmid,
        "oneway": oneway,
        "reversed": False,
        "highway": "residential",
        "length": 123.4,
        **attributes,
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "drawn.graphml"


def test_two_opposite_edges_are_one_two_way_street(path: Path) -> None:
    there = street(geometry=line(1, 2, 3), name="Strand", maxspeed="20 mph")
    back = {**there, "geometry": line(3, 2, 1), "reversed": True}
    streets = read_graphml(saved(path, [(3, 1, back), (1, 3, there)]))
    assert all_drawn(streets) == ["1 - 3"]
    (strand,) = streets.streets
    assert strand.shape == (PLACES[1], PLACES[2], PLACES[3])
    assert (strand.length_m, strand.name, strand.way_id) == (123.4, "Strand", 10)
    assert strand.tags == {"highway": "residential", "maxspeed": "20 mph"}
    assert streets.dropped == {}


def test_one_way_edges_against_each_other_stay_two_streets(path: Path) -> None:
    edges = [(1, 2, street(oneway=True)), (2, 1, street(oneway=True))]
    assert all_drawn(read_graphml(saved(path, edges))) == ["1 > 2", "2 > 1"]


def test_parallel_two_way_streets_are_paired_by_way_shape_and_length(path: Path) -> None:
    direct, bent = street(10, length=90.0), street(11, geometry=line(1, 3, 2), length=190.0)
    edges = [
        (1, 2, direct),
        (1, 2, bent),
        (2, 1, {**bent, "geometry": line(2, 3, 1)}),
        (2, 1, direct),
        (1, 2, {**direct, "length": 95.0}),
        (2, 1, {**direct, "length": 95.0}),
    ]
    streets = read_graphml(saved(path, edges))
    assert all_drawn(streets) == ["1 - 2", "1 - 2", "1 - 2"]
    assert sorted(one.length_m for one in streets.streets) == [90.0, 95.0, 190.0]


def test_a_two_way_edge_alone_is_driven_the_way_it_goes_and_counted(path: Path) -> None:
    streets = read_graphml(saved(path, [(2, 1, street())]))
    assert all_drawn(streets) == ["2 > 1"]
    assert streets.dropped == {
        "opposite directions of two-way streets that the graph does not hold": 1
    }


def test_a_length_is_kept_although_the_line_is_straight(path: Path) -> None:
    edges = [(1, 2, street(oneway=True, length=999.0))]
    assert read_graphml(saved(path, edges)).streets[0].length_m == 999.0


@pytest.mark.parametrize("length", ["nan", 0.0, -1.0])
def test_a_length_that_is_none_is_measured(length: Any, path: Path) -> None:
    edges = [(1, 2, street(oneway=True, length=length))]
    assert read_graphml(saved(path, edges)).streets[0].length_m == pytest.approx(111.2, abs=0.1)


def test_of_merged_values_the_careful_one_holds(path: Path) -> None:
    merged = street(
        [12, 10, 11],
        oneway=True,
        highway=["primary", "residential", "tertiary"],
        maxspeed=["30 mph", "20 mph"],
        access=["yes", "private"],
        name=["Strand", "Aldwych"],
        ref="nan",
        reversed=[True, False],
    )
    (one,) = read_graphml(saved(path, [(1, 2, merged)])).streets
    assert one.way_id == 10
    assert one.tags == {
        "highway": "residential",
        "maxspeed": "20 mph;30 mph",
        "access": "private",
    }
    assert (one.name, one.ref) == ("Aldwych / Strand", "")


def test_of_merged_conditions_that_apply_at_one_time_the_strictest_counts(path: Path) -> None:
    key = "motor_vehicle:conditional"
    given = ["yes @ (Sa)", "no @ (Mo-Fr 08:00-09:00)", "destination @ (Mo-Fr 08:00-10:00)"]
    streets = read_graphml(saved(path, [(1, 2, street([10, 11, 12], oneway=True, **{key: given}))]))
    condition = streets.streets[0].tags[key]
    assert condition == "yes @ (Sa); destination @ (Mo-Fr 08:00-10:00); no @ (Mo-Fr 08:00-09:00)"
    assert 8 in conditional_hours(condition, otherwise="")["no"].hours
    assert 8 not in conditional_hours(condition, otherwise="")["destination"].hours


@pytest.mark.parametrize("simplified", [True, False])
def test_conditions_that_are_not_understood_are_kept_and_told(
    path: Path, *, simplified: bool
) -> None:
    by_permit = {"access:conditional": "no @ residents", "motorcar:conditional": "no @ (PH)"}
    by_night = {"barrier": "gate", "locked:conditional": "yes @ sunset"}
    edges = [(1, 2, street(oneway=True, **by_permit)), (2, 3, street(11, oneway=True))]
    streets = read_graphml(saved(path, edges, {2: by_night}, simplified=simplified))
    assert by_permit.items() <= streets.streets[0].tags.items()
    assert streets.junctions[2].tags == by_night
    assert streets.dropped == {UNKNOWN_HOURS: 2, HOLIDAYS: 1}


def test_of_several_names_in_one_tag_the_first_is_shown(path: Path) -> None:
    tagged = street(oneway=True, name="London Street;South Wharf Road")
    merged = street(oneway=True, name=["Tanner Lane", "London Street;South Wharf Road"])
    streets = read_graphml(saved(path, [(1, 2, tagged), (2, 3, merged)])).streets
    assert sorted(one.name for one in streets) == ["London Street", "London Street / Tanner Lane"]


def test_a_loop_is_cut_at_a_new_junction(path: Path) -> None:
    loop = street(geometry=line(1, 2, 3, 1), length=500.0)
    back = {**loop, "geometry": line(1, 3, 2, 1)}
    streets = read_graphml(saved(path, [(1, 1, loop), (1, 1, back), (1, 2, street(oneway=True))]))
    assert all_drawn(streets) == ["-1 - 1", "1 - -1", "1 > 2"]
    halves = [one for one in streets.streets if -1 in (one.from_node, one.to_node)]
    assert sum(one.length_m for one in halves) == pytest.approx(500.0)


def test_a_loop_without_a_shape_is_left_out_and_counted(path: Path) -> None:
    edges = [(1, 1, street(oneway=True)), (1, 2, street(oneway=True))]
    streets = read_graphml(saved(path, edges))
    assert all_drawn(streets) == ["1 > 2"]
    assert streets.dropped == {"loops without a shape": 1}


def test_paths_in_the_graph_are_left_out_and_counted(path: Path) -> None:
    edges = [(1, 2, street(oneway=True)), (2, 3, street(highway="footway"))]
    streets = read_graphml(saved(path, edges))
    assert all_drawn(streets) == ["1 > 2"]
    assert streets.dropped == {"footways, paths and cycleways": 1}


def test_an_unsimplified_graph_is_joined_into_streets(path: Path) -> None:
    two_way = [(1, 2, street()), (2, 3, street())]
    back = [(end, start, {**one, "reversed": True}) for start, end, one in two_way]
    streets = read_graphml(saved(path, two_way + back, simplified=False))
    assert all_drawn(streets) == ["1 - 3"]
    assert streets.streets[0].shape == [PLACES[1], PLACES[2], PLACES[3]]


def test_a_projected_graph_is_brought_back_to_degrees(path: Path, tmp_path: Path) -> None:
    graph = osmnx.load_graphml(saved(path, [(1, 2, street(oneway=True))]))
    osmnx.save_graphml(osmnx.project_graph(graph), tmp_path / "metres.graphml")
    junctions = read_graphml(tmp_path / "metres.graphml").junctions
    assert (junctions[1].lat, junctions[1].lon) == pytest.approx(PLACES[1], abs=1e-6)


def test_a_graph_that_hides_directions_is_refused(path: Path) -> None:
    with pytest.raises(RoadFileError, match=r"oneway is '-1'.*all_oneway"):
        read_graphml(saved(path, [(1, 2, street(oneway="-1"))]))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("roads.graphml", b"", "damaged or of another kind"),
        ("roads.graphml", b"<html></html>", "damaged or of another kind"),
        ("roads.graphml", b"\xff\xfe\x00", "damaged or of another kind"),
        ("roads.graphml.gz", b"not gzip", "cannot be read"),
        (
            "roads.graphml.gz",
            CUT_SHORT,
            "damaged or of another kind",
        ),
        ("roads.xml", b"", r"accepted endings: \.graphml, \.graphml\.gz"),
    ],
)
def test_a_file_that_is_no_graph_is_refused(
    name: str, content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RoadFileError, match=message):
        read_graphml(path)


def test_a_graph_without_places_is_refused(path: Path) -> None:
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="epsg:4326", simplified=True)
    graph.add_edge(1, 2, **street())
    osmnx.save_graphml(graph, path)
    with pytest.raises(RoadFileError, match="not a street graph as OSMnx writes it"):
        read_graphml(path)


def test_a_graph_without_roads_is_refused(path: Path) -> None:
    with pytest.raises(RoadFileError, match="no roads on which a vehicle can drive"):
        read_graphml(saved(path, [(1, 2, street(highway="steps"))]))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RoadFileError, match=r"nowhere\.graphml cannot be read: No such file"):
        read_graphml(tmp_path / "nowhere.graphml")


def directed_kilometres(streets: StreetMap) -> float:
    return sum(one.length_m * (one.forward + one.backward) for one in streets.streets) / 1000


@pytest.mark.parametrize(
    ("name", "directions"),
    [
        ("westminster_drive_osmnx_1_9.graphml.gz", 7478),
        ("central_london_drive.graphml.gz", 11763),
    ],
)
def test_every_edge_of_a_real_graph_is_driven(
    name: str, directions: int, london_data: Path
) -> None:
    graph: nx.MultiDiGraph[int] = osmnx.load_graphml(
        graphml_str=gzip.decompress((london_data / name).read_bytes()).decode(),
        edge_dtypes={"oneway": str},
    )
    assert graph.number_of_edges() == directions
    loops = sum(1 for start, end in graph.edges() if start == end)
    metres = [attributes["length"] for _, _, attributes in graph.edges(data=True)]
    streets = read_graphml(london_data / name)
    driven = sum(one.forward + one.backward for one in streets.streets)
    assert driven == directions + loops
    assert directed_kilometres(streets) == pytest.approx(sum(metres) / 1000, abs=1e-3)
    assert {"Whitehall", "Strand"} <= {one.name for one in streets.streets}
