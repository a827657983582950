"""Reading the tables of main roads: what each column becomes, and what is refused."""

from pathlib import Path

import pytest

from geo_data.csv_tables import TableError
from geo_data.strategic import read_junctions, read_roads, read_thames
from routing.streets import Street

JUNCTIONS = """junction_id,name,latitude,longitude
a,Alpha Circus,51.50,-0.12
b,Beta Bridge,51.51,-0.12
c,Gamma Gate,51.52,-0.11
"""
ROAD_HEADER = (
    "from_junction,to_junction,road_number,road_name,road_class,speed_limit_mph,"
    "carriageway,crossing,shape\n"
)
PLAIN = "a,b,A1,Plain Road,primary,30,single,,"


def roads(tmp_path: Path, *lines: str) -> tuple[Street, ...]:
    (tmp_path / "junctions.csv").write_text(JUNCTIONS)
    (tmp_path / "roads.csv").write_text(ROAD_HEADER + "\n".join(lines) + "\n")
    return read_roads(tmp_path / "roads.csv", read_junctions(tmp_path / "junctions.csv"))


def test_a_single_carriageway_is_driven_both_ways_at_its_limit(tmp_path: Path) -> None:
    (street,) = roads(tmp_path, PLAIN)
    assert (street.forward, street.backward) == (True, True)
    assert street.tags == {"highway": "primary", "maxspeed": "30 mph"}
    assert (street.name, street.ref) == ("Plain Road", "A1")
    assert street.shape == ((51.50, -0.12), (51.51, -0.12))
    assert street.length_m == pytest.approx(1_112, abs=1)


def test_a_one_way_road_is_driven_from_first_to_second_only(tmp_path: Path) -> None:
    (street,) = roads(tmp_path, "b,a,A1,,trunk,40,one_way,,")
    assert (street.forward, street.backward) == (True, False)
    assert street.shape[0] == (51.51, -0.12)


def test_a_dual_carriageway_is_two_way_and_says_so(tmp_path: Path) -> None:
    (street,) = roads(tmp_path, "a,b,M1,,motorway,70,dual,,")
    assert street.backward
    assert street.tags["dual_carriageway"] == "yes"


@pytest.mark.parametrize(
    ("crossing", "tag"), [("Beta Bridge", "bridge"), ("Beta Tunnel", "tunnel")]
)
def test_a_crossing_is_a_bridge_or_a_tunnel(tmp_path: Path, crossing: str, tag: str) -> None:
    (street,) = roads(tmp_path, f"a,b,A1,,primary,30,single,{crossing},")
    assert {"bridge", "tunnel"} & street.tags.keys() == {tag}


def test_a_ferry_is_its_own_slow_class_without_a_limit(tmp_path: Path) -> None:
    (street,) = roads(tmp_path, "a,b,A1,,secondary,20,single,Beta Ferry,")
    assert street.tags == {"highway": "ferry", "route": "ferry"}


def test_bends_are_kept_and_counted_in_the_length(tmp_path: Path) -> None:
    (street,) = roads(tmp_path, PLAIN + "51.505 -0.12;51.505 -0.11")
    assert street.shape[1:-1] == ((51.505, -0.12), (51.505, -0.11))
    assert street.length_m > 2_000


def test_way_ids_do_not_change_when_other_roads_are_added_or_moved(tmp_path: Path) -> None:
    (alone,) = roads(tmp_path, PLAIN)
    _, among = roads(tmp_path, "b,c,A2,,primary,30,single,,", PLAIN)
    assert among == alone


def test_two_roads_of_one_number_between_two_junctions_differ(tmp_path: Path) -> None:
    first, second = roads(tmp_path, PLAIN, PLAIN + "51.505 -0.13")
    assert first.way_id != second.way_id


@pytest.mark.parametrize(
    ("line", "column", "accepted"),
    [
        ("a,x,A1,,primary,30,single,,", "to_junction", "a junction_id of the table"),
        ("a,a,A1,,primary,30,single,,", "to_junction", "another junction"),
        ("a,b,A1,,tertiary,30,single,,", "road_class", "motorway, trunk, primary, secondary"),
        ("a,b,A1,,primary,25,single,,", "speed_limit_mph", "20, 30"),
        ("a,b,A1,,primary,30,triple,,", "carriageway", "single, dual, one_way"),
        ("a,b,A1,,primary,30,single,,51.5", "shape", "points of latitude and longitude"),
        ("a,b,A1,,primary,30,single,,-0.1 51.5", "latitude", "a number from 51.22 to 51.75"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path: Path, line: str, column: str, accepted: str) -> None:
    with pytest.raises(TableError) as caught:
        roads(tmp_path, PLAIN, line)
    assert (caught.value.file, caught.value.line) == ("roads.csv", 3)
    assert caught.value.column == column
    assert accepted in caught.value.accepted


def test_a_junction_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "junctions.csv").write_text(JUNCTIONS + "a,Again,51.5,-0.1\n")
    with pytest.raises(TableError, match="line 5: junction_id is 'a'"):
        read_junctions(tmp_path / "junctions.csv")


def test_the_thames_is_read_from_west_to_east(tmp_path: Path) -> None:
    (tmp_path / "thames.csv").write_text("latitude,longitude\n51.46,-0.3\n51.5,-0.1\n")
    lat, lon = read_thames(tmp_path / "thames.csv")
    assert lat.tolist() == [51.46, 51.5]
    assert lon.tolist() == [-0.3, -0.1]
