"""What streets are made of hand-drawn ways, each drawing named after its trap."""

import itertools
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo_data.access_hours import HOLIDAYS, UNKNOWN_HOURS
from geo_data.errors import RoadFileError
from geo_data.osm import ONE_WAY_BY_HOUR, REVERSIBLE, RoadCollector
from geo_data.street_builder import streets_from_osm
from routing.build import build_network
from routing.geometry import polyline_length_m
from routing.metric import BLOCKED, Metric
from routing.profiles import load_profiles
from routing.streets import Street, StreetMap
from tests.drawing import DRAWN
from tests.geo_data.drawn_osm import RESIDENTIAL, Drawing, Tags, all_drawn, place


def tagged(**tags: str) -> Tags:
    return {**RESIDENTIAL, **{key.replace("__", ":"): value for key, value in tags.items()}}


def test_points_along_a_street_give_it_shape_and_length(tmp_path: Path) -> None:
    streets = Drawing([(10, [1, 2, 3], tagged(name="Strand", ref="A4"))]).street_map(tmp_path)
    (strand,) = streets.streets
    assert strand.shape == [place(1), place(2), place(3)]
    assert strand.length_m == pytest.approx(polyline_length_m(strand.shape), abs=1e-9)
    assert strand.length_m == pytest.approx(222.4, abs=0.1)
    assert (strand.name, strand.ref, strand.way_id) == ("Strand", "A4", 10)
    assert strand.tags == RESIDENTIAL
    assert set(streets.junctions) == {1, 3}


def test_a_street_drawn_as_two_ways_is_one_street(tmp_path: Path) -> None:
    streets = Drawing([(11, [2, 3], RESIDENTIAL), (10, [2, 1], RESIDENTIAL)]).street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 3"]
    assert streets.streets[0].way_id == 10


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("London Street;South Wharf Road", "London Street"),
        ("; South Wharf Road ;London Street", "South Wharf Road"),
        ("Strand", "Strand"),
        (";", ""),
    ],
)
def test_of_several_names_in_one_tag_the_first_is_shown(
    value: str, shown: str, tmp_path: Path
) -> None:
    streets = Drawing([(10, [1, 2], tagged(name=value))]).street_map(tmp_path)
    assert [street.name for street in streets.streets] == [shown]


def test_a_street_ends_where_its_further_names_change(tmp_path: Path) -> None:
    ways = [(10, [1, 2], tagged(name="Strand;Aldwych")), (11, [2, 3], tagged(name="Strand"))]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 2", "2 - 3"]
    assert {street.name for street in streets.streets} == {"Strand"}


@pytest.mark.parametrize("change", [{"maxspeed": "20 mph"}, {"name": "Strand"}, {"ref": "A4"}])
def test_a_change_of_limit_name_or_number_ends_a_street(
    change: dict[str, str], tmp_path: Path
) -> None:
    ways = [(10, [1, 2], RESIDENTIAL), (11, [2, 3], tagged(**change))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 2", "2 - 3"]


def test_a_change_in_a_tag_no_driver_cares_for_does_not_end_a_street(tmp_path: Path) -> None:
    ways = [(10, [1, 2], RESIDENTIAL), (11, [2, 3], tagged(lit="yes", cycleway="lane"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 3"]


def test_a_side_street_makes_a_junction(tmp_path: Path) -> None:
    ways = [(10, [1, 2, 3], RESIDENTIAL), (11, [4, 2], RESIDENTIAL)]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 2", "2 - 3", "2 - 4"]


def test_a_bridge_over_a_road_shares_no_junction_with_it(tmp_path: Path) -> None:
    ways = [(10, [1, 2], RESIDENTIAL), (11, [3, 4], tagged(bridge="yes", layer="1"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 2", "3 - 4"]


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"oneway": "yes"}, "1 > 3"),
        ({"oneway": "true"}, "1 > 3"),
        ({"oneway": "1"}, "1 > 3"),
        ({"oneway": "-1"}, "3 > 1"),
        ({"oneway": "reverse"}, "3 > 1"),
        ({"oneway": "no"}, "1 - 3"),
        ({"oneway": "alternating"}, "1 - 3"),
        ({"junction": "roundabout"}, "1 > 3"),
        ({"junction": "circular"}, "1 > 3"),
        ({"junction": "roundabout", "oneway": "no"}, "1 - 3"),
        ({"highway": "motorway"}, "1 > 3"),
        ({"highway": "motorway", "oneway": "no"}, "1 - 3"),
        ({"highway": "motorway_link"}, "1 - 3"),
        ({"oneway": "yes", "oneway__bicycle": "no"}, "1 > 3"),
        ({"oneway": "yes", "oneway__motor_vehicle": "no"}, "1 - 3"),
        ({"oneway__motor_vehicle": "yes"}, "1 > 3"),
    ],
)
def test_one_way_rules(tags: dict[str, str], expected: str, tmp_path: Path) -> None:
    streets = Drawing([(10, [1, 2, 3], tagged(**tags))]).street_map(tmp_path)
    assert all_drawn(streets) == [expected]
    assert not {key for key in streets.streets[0].tags if key.startswith("oneway")}


def test_a_reversed_one_way_is_drawn_in_its_driving_direction(tmp_path: Path) -> None:
    streets = Drawing([(10, [1, 2, 3], tagged(oneway="-1"))]).street_map(tmp_path)
    assert streets.streets[0].shape == [place(3), place(2), place(1)]


def test_a_lane_that_is_one_way_by_the_hour_is_left_out_and_counted(tmp_path: Path) -> None:
    ways = [(10, [1, 2, 3], tagged(oneway="reversible")), (11, [3, 4], RESIDENTIAL)]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["3 - 4"]
    assert streets.dropped == {"one-way by the hour, in a direction the map does not tell": 2}


@pytest.mark.parametrize(
    ("tags", "vehicles"),
    [
        ({"oneway": "yes", "oneway__bus": "no"}, {"bus"}),
        ({"oneway": "yes", "oneway__psv": "no"}, {"psv"}),
        (
            {"oneway": "yes", "oneway__emergency": "no", "busway": "opposite_lane"},
            {"bus", "emergency"},
        ),
    ],
)
def test_a_contraflow_lane_is_a_street_closed_to_other_traffic(
    tags: dict[str, str], vehicles: set[str], tmp_path: Path
) -> None:
    ways = [(10, [1, 2], tagged(**tags)), (11, [2, 3], tagged(**tags))]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["1 > 3", "3 > 1"]
    open_to_all, lane = sorted(streets.streets, key=lambda one: one.from_node)
    assert open_to_all.tags == RESIDENTIAL
    assert lane.tags == {
        **RESIDENTIAL,
        "motorcar": "no",
        "motor_vehicle": "no",
        **dict.fromkeys(vehicles, "yes"),
    }
    assert lane.shape == open_to_all.shape[::-1]
    profiles = load_profiles()
    assert profiles["blue_light"].speed_mps(lane.tags)
    assert not profiles["normal_road"].speed_mps(lane.tags)


def test_a_contraflow_tag_on_a_two_way_street_changes_nothing(tmp_path: Path) -> None:
    ways = [(10, [1, 2], tagged(oneway__bus="no"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 2"]


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        (
            {"motor_vehicle:backward": "no", "bus:backward": "yes"},
            {},
            {"motor_vehicle": "no", "bus": "yes"},
        ),
        (
            {"motor_vehicle": "destination", "motor_vehicle:forward": "yes"},
            {"motor_vehicle": "yes"},
            {"motor_vehicle": "destination"},
        ),
        (
            {"maxspeed": "20 mph", "maxspeed:forward": "30 mph"},
            {"maxspeed": "30 mph"},
            {"maxspeed": "20 mph"},
        ),
        (
            {"motor_vehicle:forward:conditional": "no @ (Mo-Fr 07:00-19:00)"},
            {"motor_vehicle:conditional": "no @ (Mo-Fr 07:00-19:00)"},
            {},
        ),
    ],
)
def test_a_street_that_differs_by_direction_is_one_for_each(
    tags: Tags, forward: Tags, backward: Tags, tmp_path: Path
) -> None:
    """However it is drawn: as one way, or as two of which one is drawn against the other."""
    other = {turned_key(key): value for key, value in tags.items()}
    for second in ((11, [2, 3], {**RESIDENTIAL, **tags}), (11, [3, 2], {**RESIDENTIAL, **other})):
        ways = [(10, [1, 2], {**RESIDENTIAL, **tags}), second]
        streets = Drawing(ways).street_map(tmp_path)
        assert all_drawn(streets) == ["1 > 3", "3 > 1"]
        out, back = sorted(streets.streets, key=lambda one: one.from_node)
        assert (out.tags, back.tags) == ({**RESIDENTIAL, **forward}, {**RESIDENTIAL, **backward})
        assert (out.shape, out.way_id) == (back.shape[::-1], back.way_id)


def turned_key(key: str) -> str:
    swap = {"forward": "backward", "backward": "forward"}
    return ":".join(swap.get(part, part) for part in key.split(":"))


def test_what_differs_by_direction_ends_where_it_no_longer_does(tmp_path: Path) -> None:
    gate = tagged(motor_vehicle__backward="no")
    ways = [(10, [1, 2], RESIDENTIAL), (11, [2, 3], gate), (12, [4, 3], gate)]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == [
        "1 - 2",
        "2 > 3",
        "3 > 2",
        "3 > 4",
        "4 > 3",
    ]


def test_a_one_way_street_is_tagged_as_for_those_who_drive_it(tmp_path: Path) -> None:
    tags = tagged(oneway="-1", maxspeed__forward="20 mph", maxspeed__backward="30 mph")
    (street,) = Drawing([(10, [1, 2, 3], tags)]).street_map(tmp_path).streets
    assert street.tags == {**RESIDENTIAL, "maxspeed": "30 mph"}


def test_a_bus_gate_in_one_direction_is_passed_by_blue_lights_both_ways(tmp_path: Path) -> None:
    gate = tagged(motor_vehicle__backward="no", bus__backward="yes")
    ways = [(10, [1, 2], RESIDENTIAL), (11, [2, 3], gate), (12, [3, 4], RESIDENTIAL)]
    network = build_network(Drawing(ways).street_map(tmp_path), name="gate", provenance=DRAWN)
    there, back = (
        int(
            np.flatnonzero(
                (network.junction_id[network.segment_from] == start)
                & (network.segment_way_id == 11)
            )[0]
        )
        for start in (2, 3)
    )
    assert network.segment_twin[there] == back
    for profile, open_both_ways in (("blue_light", True), ("normal_road", False)):
        segment_ms = Metric.of(network, load_profiles()[profile]).segment_ms
        assert segment_ms[there] != BLOCKED
        assert (segment_ms[back] != BLOCKED) == open_both_ways


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"oneway:conditional": "yes @ (Mo-Fr 07:00-10:00)"}, ["1 > 3"]),
        ({"oneway": "no", "oneway:motor_vehicle:conditional": "-1 @ (07:00-10:00)"}, ["3 > 1"]),
        (
            {"oneway": "yes", "oneway:motor_vehicle:conditional": "no @ (Mo-Fr 07:00-19:00)"},
            ["1 > 3"],
        ),
        ({"oneway:conditional": "yes @ wet; no @ (Sa,Su)"}, ["1 > 3"]),
        ({"oneway:motor_vehicle": "no", "oneway:conditional": "yes @ (07:00-10:00)"}, ["1 - 3"]),
    ],
)
def test_a_street_that_is_one_way_at_some_hours_is_so_at_all_and_told(
    tags: Tags, expected: list[str], tmp_path: Path
) -> None:
    streets = Drawing([(10, [1, 2, 3], {**RESIDENTIAL, **tags})]).street_map(tmp_path)
    assert all_drawn(streets) == expected
    one_way = expected != ["1 - 3"]
    assert streets.dropped.get(ONE_WAY_BY_HOUR, 0) == int(one_way)


def test_a_street_whose_one_way_turns_round_is_left_out(tmp_path: Path) -> None:
    tidal = {**RESIDENTIAL, "oneway:conditional": "yes @ (07:00-10:00); -1 @ (16:00-19:00)"}
    ways = [(10, [1, 2, 3], tidal), (11, [3, 4], RESIDENTIAL)]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["3 - 4"]
    assert streets.dropped == {REVERSIBLE: 2}


def test_the_end_of_a_contraflow_lane_ends_the_street(tmp_path: Path) -> None:
    ways = [
        (10, [1, 2], tagged(oneway="yes", oneway__bus="no")),
        (11, [2, 3], tagged(oneway="yes")),
    ]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 > 2", "2 > 1", "2 > 3"]


def test_a_one_way_stretch_ends_the_two_way_street(tmp_path: Path) -> None:
    ways = [(10, [1, 2], RESIDENTIAL), (11, [2, 3], tagged(oneway="yes"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 2", "2 > 3"]


def test_one_way_ways_drawn_against_each_other_join_when_they_drive_the_same_way(
    tmp_path: Path,
) -> None:
    ways = [(10, [1, 2], tagged(oneway="yes")), (11, [3, 2], tagged(oneway="-1"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 > 3"]


def test_one_way_streets_that_meet_head_on_do_not_join(tmp_path: Path) -> None:
    ways = [(10, [1, 2], tagged(oneway="yes")), (11, [3, 2], tagged(oneway="yes"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 > 2", "3 > 2"]


@pytest.mark.parametrize(
    "tags",
    [
        {"barrier": "bollard"},
        {"barrier": "gate", "access": "private"},
        {"highway": "traffic_signals"},
        {"highway": "give_way"},
        {"highway": "mini_roundabout"},
        {"highway": "crossing", "crossing": "traffic_signals"},
        {"motor_vehicle": "no"},
        {"vehicle:conditional": "no @ (Mo-Fr 07:00-23:00)"},
        {"barrier": "gate", "locked:conditional": "yes @ (22:00-06:00)"},
        {"maxwidth": "2.0"},
        {"railway": "level_crossing"},
    ],
)
def test_a_point_that_matters_to_a_driver_ends_a_street(
    tags: dict[str, str], tmp_path: Path
) -> None:
    drawing = Drawing([(10, [1, 2, 3], RESIDENTIAL)], {2: {**tags, "created_by": "somebody"}})
    streets = drawing.street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 2", "2 - 3"]
    assert streets.junctions[2].tags == tags


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "crossing", "crossing": "zebra"},
        {"traffic_calming": "hump"},
        {"barrier": "kerb"},
        {"highway": "bus_stop"},
        {"crossing": "traffic_signals"},
    ],
)
def test_a_point_that_stops_nobody_is_a_bend_in_the_road(
    tags: dict[str, str], tmp_path: Path
) -> None:
    drawing = Drawing([(10, [1, 2, 3], RESIDENTIAL)], {2: tags})
    assert all_drawn(drawing.street_map(tmp_path)) == ["1 - 3"]


def test_hours_of_a_point_that_are_not_understood_are_kept_and_told(tmp_path: Path) -> None:
    gate = {
        "barrier": "gate",
        "access:conditional": "no @ sunset",
        "vehicle:conditional": "no @ PH",
    }
    drawing = Drawing([(10, [1, 2, 3], RESIDENTIAL)], {2: gate})
    streets = drawing.street_map(tmp_path)
    assert streets.junctions[2].tags == gate
    assert streets.dropped == {UNKNOWN_HOURS: 1, HOLIDAYS: 1}


def test_a_dead_end_stays(tmp_path: Path) -> None:
    ways = [(10, [1, 2, 3], RESIDENTIAL), (11, [2, 5, 6], RESIDENTIAL)]
    assert "2 - 6" in all_drawn(Drawing(ways).street_map(tmp_path))


def test_a_loop_street_is_cut_at_its_middle_point(tmp_path: Path) -> None:
    ways = [(10, [1, 2], RESIDENTIAL), (11, [2, 5, 4, 3, 2], RESIDENTIAL)]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 2", "2 - 4", "2 - 4"]


def test_a_turning_loop_of_one_point_and_two_one_way_links_is_cut_there(tmp_path: Path) -> None:
    ways = [(10, [1, 2, 1], tagged(oneway="yes"))]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 > 2", "2 > 1"]


def test_a_ring_without_a_junction_gets_two(tmp_path: Path) -> None:
    two_way = Drawing([(10, [3, 4, 1, 2, 3], RESIDENTIAL)]).street_map(tmp_path)
    assert all_drawn(two_way) == ["1 - 3", "1 - 3"]
    one_way = Drawing([(10, [3, 4, 1, 2, 3], tagged(oneway="yes"))]).street_map(tmp_path)
    assert all_drawn(one_way) == ["1 > 3", "3 > 1"]


def test_a_roundabout_is_cut_at_every_arm(tmp_path: Path) -> None:
    ways = [
        (10, [1, 2, 3, 4, 1], tagged(junction="roundabout")),
        (11, [9, 1], RESIDENTIAL),
        (12, [3, 8], RESIDENTIAL),
    ]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 9", "1 > 3", "3 - 8", "3 > 1"]


def test_parallel_streets_between_the_same_junctions_are_all_kept(tmp_path: Path) -> None:
    ways = [(10, [1, 2, 4], RESIDENTIAL), (11, [1, 3, 4], RESIDENTIAL), (12, [4, 5], RESIDENTIAL)]
    drawing = Drawing(ways, {1: {"highway": "traffic_signals"}})
    assert all_drawn(drawing.street_map(tmp_path)) == ["1 - 4", "1 - 4", "4 - 5"]


def test_a_way_drawn_twice_counts_once_under_its_smallest_id(tmp_path: Path) -> None:
    ways = [(12, [3, 2, 1], RESIDENTIAL), (11, [1, 2, 3], RESIDENTIAL)]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 3"]
    assert streets.streets[0].way_id == 11
    assert streets.dropped == {"stretches drawn twice": 2}


def test_both_directions_drawn_as_one_way_ways_on_the_same_points_are_kept(
    tmp_path: Path,
) -> None:
    ways = [(10, [1, 2], tagged(oneway="yes")), (11, [2, 1], tagged(oneway="yes"))]
    drawing = Drawing(ways, {1: {"barrier": "gate"}, 2: {"barrier": "gate"}})
    assert all_drawn(drawing.street_map(tmp_path)) == ["1 > 2", "2 > 1"]


def test_a_way_with_a_missing_point_keeps_its_other_stretches(tmp_path: Path) -> None:
    drawing = Drawing([(10, [1, 2, 3, 4, 5], RESIDENTIAL)], missing=frozenset({3}))
    streets = drawing.street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 2", "4 - 5"]
    assert streets.dropped == {"stretches to a point that the data does not hold": 2}


def test_a_way_that_repeats_a_point_has_no_street_of_no_length(tmp_path: Path) -> None:
    streets = Drawing([(10, [1, 2, 2, 3], RESIDENTIAL)]).street_map(tmp_path)
    assert all_drawn(streets) == ["1 - 3"]


def test_what_is_not_a_road_is_counted_by_reason(tmp_path: Path) -> None:
    others = ["footway", "cycleway", "steps", "construction", "proposed", "platform"]
    ways: list[tuple[int, list[int], Tags]] = [
        (20 + number, [1, 2], {"highway": highway}) for number, highway in enumerate(others)
    ]
    ways += [(10, [3, 4], RESIDENTIAL), (11, [5, 6, 5], {"highway": "pedestrian", "area": "yes"})]
    streets = Drawing(ways).street_map(tmp_path)
    assert all_drawn(streets) == ["3 - 4"]
    assert streets.dropped == {
        "areas, not lines": 1,
        "footways, paths and cycleways": 2,
        "not roads (platforms, corridors, race tracks, guided busways, ...)": 1,
        "proposed or under construction": 2,
        "steps": 1,
    }


@pytest.mark.parametrize("highway", ["footway", "path", "cycleway", "bridleway"])
def test_a_path_built_for_emergency_vehicles_is_a_road(highway: str, tmp_path: Path) -> None:
    ways = [(10, [1, 2], {"highway": highway, "emergency": "designated", "motor_vehicle": "no"})]
    assert all_drawn(Drawing(ways).street_map(tmp_path)) == ["1 - 2"]


def test_a_street_closed_to_traffic_stays_for_the_profile_to_decide(tmp_path: Path) -> None:
    ways = [(10, [1, 2], tagged(motor_vehicle="no", access="private"))]
    (street,) = Drawing(ways).street_map(tmp_path).streets
    assert street.tags == {"highway": "residential", "motor_vehicle": "no", "access": "private"}


def test_data_without_roads_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RoadFileError, match="no roads"):
        Drawing([(10, [1, 2], {"highway": "steps"})]).street_map(tmp_path)


WAYS = st.lists(
    st.tuples(
        st.lists(st.integers(1, 7), min_size=2, max_size=6),
        st.sampled_from(["", "yes", "-1"]),
        st.sampled_from(["A", "B"]),
    ),
    min_size=1,
    max_size=6,
).filter(lambda ways: any(len(set(nodes)) > 1 for nodes, _, _ in ways))


def links_of(ways: list[tuple[list[int], str, str]]) -> list[tuple[int, int, int]]:
    return [
        (start, end, way)
        for way, (nodes, _, _) in enumerate(ways)
        for start, end in itertools.pairwise(nodes)
    ]


def built(ways: list[tuple[list[int], str, str]], links: list[tuple[int, int, int]]) -> StreetMap:
    collector = RoadCollector()
    for way_id, (_, oneway, name) in enumerate(ways):
        oneway_tag = {"oneway": oneway} if oneway else {}
        collector.add_way(way_id, {**RESIDENTIAL, "name": name, **oneway_tag})
    for start, end, way in links:
        collector.add_links(way, (start, end))
    points = np.arange(1, 8)
    lat, lon = 51.5 + points / 1000, -0.1 - points**2 / 10000
    tags = {4: {"highway": "traffic_signals"}}
    return streets_from_osm(collector.extract(points, lat, lon, tags, ""))


def key(street: Street) -> tuple[object, ...]:
    return (
        street.from_node,
        street.to_node,
        street.forward,
        street.backward,
        tuple(street.shape),
        street.length_m,
        street.name,
        street.way_id,
    )


@given(WAYS, st.randoms(use_true_random=False))
def test_the_order_of_input_changes_nothing(
    ways: list[tuple[list[int], str, str]], random: Random
) -> None:
    links = links_of(ways)
    shuffled = list(links)
    random.shuffle(shuffled)
    one, other = built(ways, links), built(ways, shuffled)
    assert sorted(map(key, one.streets)) == sorted(map(key, other.streets))
    assert dict(one.junctions) == dict(other.junctions)


@given(WAYS)
def test_no_drivable_link_is_lost_and_every_street_has_two_ends(
    ways: list[tuple[list[int], str, str]],
) -> None:
    streets = built(ways, links_of(ways))
    expected = set()
    for nodes, oneway, name in ways:
        for start, end in itertools.pairwise(nodes):
            if start != end:
                expected |= {(start, end, name)} if oneway != "-1" else set()
                expected |= {(end, start, name)} if oneway != "yes" else set()
    driven = set()
    number = {(51.5 + n / 1000, -0.1 - n**2 / 10000): n for n in range(1, 8)}
    number = {(round(lat, 7), round(lon, 7)): n for (lat, lon), n in number.items()}
    for street in streets.streets:
        assert street.from_node != street.to_node
        points = [number[round(lat, 7), round(lon, 7)] for lat, lon in street.shape]
        assert (points[0], points[-1]) == (street.from_node, street.to_node)
        for start, end in itertools.pairwise(points):
            driven |= {(start, end, street.name)} if street.forward else set()
            driven |= {(end, start, street.name)} if street.backward else set()
    assert driven == expected
