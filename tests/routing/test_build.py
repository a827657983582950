"""From surveyed streets to a network: what is kept, in which order, and what is refused."""

import math
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from routing.build import build_network
from routing.errors import CoordinateError, NetworkError
from routing.network import NO_TWIN, RoadNetwork
from routing.streets import Street, StreetMap, SurveyedJunction
from tests.drawing import DRAWN, ORIGIN_LAT, ORIGIN_LON, DrawnStreet, draw, street
from tests.routing.random_networks import network_of, street_maps

ROOT = Path(__file__).resolve().parents[2]

TOWN = draw(
    {"a": (0, 0), "b": (0, 300), "c": (400, 300), "d": (400, 0)},
    street("a-b", name="High Street", ref="A1", highway="primary"),
    "b>c",
    street("c-d", maxspeed="20 mph"),
    "d-a",
    junction_tags={"c": {"highway": "traffic_signals"}},
)


def version_of(streets: StreetMap) -> str:
    return network_of(streets).version


def with_first(**changes: object) -> StreetMap:
    """The town with another first street."""
    first, *others = TOWN.streets.streets
    return replace(TOWN.streets, streets=[replace(first, **changes), *others])  # type: ignore[arg-type]


def as_one_street(length_m: float = 10.0, shape: Sequence[tuple[float, float]] = ()) -> StreetMap:
    junction = SurveyedJunction(ORIGIN_LAT, ORIGIN_LON)
    ends = [(ORIGIN_LAT, ORIGIN_LON)] * 2
    only = Street(1, 2, True, True, shape or ends, length_m, {"highway": "road"})
    return StreetMap({1: junction, 2: junction}, [only])


@settings(max_examples=150, deadline=None, derandomize=True)
@given(streets=street_maps(), seed=st.integers(0, 99))
def test_the_order_in_which_streets_are_given_does_not_matter(
    streets: StreetMap, seed: int
) -> None:
    shuffled = list(streets.streets)
    random.Random(seed).shuffle(shuffled)
    junctions = dict(sorted(streets.junctions.items(), reverse=True))
    one, other = network_of(streets), network_of(StreetMap(junctions, shuffled))
    assert one.version == other.version
    assert np.array_equal(one.segment_twin, other.segment_twin)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (street("a-b", name="North Row"), street("a-b", name="South Row")),
        (street("a-b", ref="A1"), street("a-b", ref="A2")),
        (street("a-b"), street("a-b", highway="primary")),
        (street("a-b"), street("a>b")),
        (street("a>b"), street("a-b", emergency="no")),
    ],
    ids=["name", "number", "tags", "direction", "tags and direction"],
)
def test_streets_that_differ_in_one_thing_only_may_come_in_any_order(
    one: DrawnStreet, other: DrawnStreet
) -> None:
    places = {"a": (0.0, 0.0), "b": (0.0, 100.0)}
    assert draw(places, one, other).network.version == draw(places, other, one).network.version


def test_the_version_depends_on_neither_name_nor_provenance() -> None:
    renamed = build_network(
        TOWN.streets, name="another name", provenance=replace(DRAWN, source="elsewhere")
    )
    assert renamed.version == TOWN.network.version


def test_the_version_is_the_same_in_another_process() -> None:
    program = "from tests.routing.test_build import TOWN; print(TOWN.network.version)"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "77", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == TOWN.network.version


def test_a_junction_that_no_street_meets_is_left_out() -> None:
    lonely = {**TOWN.streets.junctions, 7: SurveyedJunction(51.6, -0.2)}
    network = network_of(replace(TOWN.streets, junctions=lonely))
    assert network.version == TOWN.network.version
    assert network.junction_count == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"length_m": 301.0},
        {"name": "Low Street"},
        {"ref": "A2"},
        {"way_id": 5},
        {"backward": False},
        {"tags": {"highway": "secondary"}},
        {"tags": {"highway": "primary", "emergency": "no"}},
        {"from_node": 104},
    ],
    ids=str,
)
def test_another_content_is_another_version(changes: dict[str, object]) -> None:
    assert version_of(with_first(**changes)) != TOWN.network.version


def test_a_moved_junction_and_a_moved_bend_are_another_version() -> None:
    node = next(iter(TOWN.streets.junctions))
    moved = {**TOWN.streets.junctions, node: SurveyedJunction(ORIGIN_LAT, ORIGIN_LON + 1e-4)}
    bent = [*TOWN.streets.streets[0].shape]
    bent.insert(1, (ORIGIN_LAT, ORIGIN_LON + 1e-5))
    versions = {
        TOWN.network.version,
        version_of(replace(TOWN.streets, junctions=moved)),
        version_of(with_first(shape=bent)),
    }
    assert len(versions) == 3


def test_a_two_way_street_is_two_segments_that_know_each_other() -> None:
    there, back = TOWN.segment("a>b"), TOWN.segment("b>a")
    network = TOWN.network
    assert network.segment_twin[[there, back]].tolist() == [back, there]
    assert network.segment_length_m[[there, back]].tolist() == [300.0, 300.0]
    lat, lon = network.segment_shape(there)
    lat_back, lon_back = network.segment_shape(back)
    assert lat.tolist() == lat_back[::-1].tolist()
    assert lon.tolist() == lon_back[::-1].tolist()


def test_a_one_way_street_is_one_segment_without_a_twin() -> None:
    assert TOWN.network.segment_twin[TOWN.segment("b>c")] == NO_TWIN
    with pytest.raises(KeyError):
        TOWN.segment("c>b")
    backward_only = replace(TOWN.streets.streets[1], forward=False, backward=True)
    network = network_of(replace(TOWN.streets, streets=[backward_only]))
    assert network.segment_count == 1
    assert network.junction_id[network.segment_from].tolist() == [TOWN.node["c"]]


@pytest.mark.parametrize("way", ["a-b", "a>b"])
def test_the_directions_of_one_street_stay_together_beside_another_along_the_same_line(
    way: str,
) -> None:
    for highway in ("living_street", "trunk"):
        doubled = draw(
            {"a": (0, 0), "b": (0, 100)}, street("a-b"), street(way, highway=highway)
        ).network
        assert_twins_fit(doubled)
        paired = doubled.segment_twin != NO_TWIN
        tags = doubled.segment_tags
        assert np.array_equal(tags[paired], tags[doubled.segment_twin[paired]])
        assert (doubled.segment_twin == NO_TWIN).sum() == (way == "a>b")


def test_two_one_way_streets_along_one_line_of_one_way_are_each_others_twins() -> None:
    bus_lane = draw(
        {"a": (0, 0), "b": (0, 100)}, street("a>b"), street("b>a", access="no", bus="yes")
    )
    there, back = bus_lane.segment("a>b"), bus_lane.segment("b>a")
    assert bus_lane.network.segment_twin[[there, back]].tolist() == [back, there]


def test_one_way_streets_that_run_the_same_way_are_no_twins_even_without_length() -> None:
    kerb = draw(
        {"a": (0, 0), "b": (0, 0), "c": (0, 9)}, street("a>b"), street("a>b", name="Kerb"), "b-c"
    )
    same_way = [kerb.segment("a>b", name) for name in ("", "Kerb")]
    assert kerb.network.segment_twin[same_way].tolist() == [NO_TWIN, NO_TWIN]


def test_what_the_map_says_is_kept() -> None:
    network = TOWN.network
    segment = TOWN.segment("b>a")
    assert network.street_name(segment) == "High Street"
    assert network.labels[network.segment_ref[segment]] == "A1"
    assert network.tag_sets[network.segment_tags[segment]] == {"highway": "primary"}
    signals = network.junction_id.tolist().index(TOWN.node["c"])
    assert network.tag_sets[network.junction_tags[signals]] == {"highway": "traffic_signals"}
    assert network.tag_sets[0] == {}
    assert network.labels[0] == ""


def test_a_street_without_a_name_goes_by_its_number() -> None:
    numbered = draw({"a": (0, 0), "b": (0, 10)}, street("a-b", ref="B401"))
    assert numbered.network.street_name(0) == "B401"


def test_kilometres_count_a_two_way_street_once() -> None:
    assert TOWN.network.street_kilometres == pytest.approx((300 + 400 + 300 + 400) / 1000)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps())
def test_every_network_is_well_formed(streets: StreetMap) -> None:
    network = network_of(streets)
    numbers = np.arange(network.segment_count)
    assert network.segment_count == sum(s.forward + s.backward for s in streets.streets)
    assert (np.diff(network.segment_from) >= 0).all()
    assert_twins_fit(network)
    into = np.repeat(numbers, np.diff(network.turn_first))
    turns = set(zip(network.turn_from.tolist(), into.tolist(), strict=True))
    possible = {
        (s, t)
        for s in numbers.tolist()
        for t in numbers.tolist()
        if network.segment_to[s] == network.segment_from[t]
    }
    assert turns == possible
    assert len(turns) == network.turn_count


def assert_twins_fit(network: RoadNetwork) -> None:
    for segment, twin in enumerate(network.segment_twin.tolist()):
        if twin == NO_TWIN:
            continue
        assert twin != segment
        assert network.segment_twin[twin] == segment
        assert network.segment_from[twin] == network.segment_to[segment]
        assert network.segment_to[twin] == network.segment_from[segment]
        for field in ("segment_length_m", "segment_way_id"):
            assert getattr(network, field)[twin] == getattr(network, field)[segment]
        assert (
            network.segment_shape(twin)[0].tolist()
            == network.segment_shape(segment)[0][::-1].tolist()
        )


def test_nothing_in_a_network_can_be_written_to() -> None:
    everything = [getattr(TOWN.network, field.name) for field in fields(RoadNetwork)]
    arrays = [one for one in everything if isinstance(one, np.ndarray)]
    assert len(arrays) == 21
    for array in arrays:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    ("streets", "complaint"),
    [
        (StreetMap({}, []), "no street"),
        (replace(TOWN.streets, junctions={}), "junction 101 is not known"),
        (with_first(forward=False, backward=False), "neither direction"),
        (with_first(length_m=-1.0), "length is -1.0 m"),
        (with_first(length_m=math.nan), "length is nan m"),
        (with_first(length_m=math.inf), "length is inf m"),
        (with_first(tags={}), "no highway tag"),
        (with_first(shape=[]), "0 points"),
        (with_first(shape=[(51.5, -0.1)]), "1 points"),
        (with_first(shape=[(51.5, -0.1), (51.5, math.nan)]), "not on Earth"),
        (with_first(shape=[(51.5, -0.1), (91.0, -0.1)]), "not on Earth"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_streets_that_make_no_network_are_refused_with_the_reason(
    streets: StreetMap, complaint: str
) -> None:
    with pytest.raises(NetworkError, match=complaint):
        network_of(streets)


def test_the_message_names_the_street() -> None:
    with pytest.raises(NetworkError, match="High Street"):
        network_of(with_first(length_m=-1.0))


@pytest.mark.parametrize(("lat", "lon"), [(math.nan, 0.0), (0.0, math.inf), (90.5, 0.0)])
def test_a_junction_that_is_not_on_earth_is_refused(lat: float, lon: float) -> None:
    elsewhere = dict.fromkeys(TOWN.streets.junctions, SurveyedJunction(lat, lon))
    with pytest.raises(CoordinateError):
        network_of(replace(TOWN.streets, junctions=elsewhere))


def test_one_street_between_two_junctions_in_one_place_is_a_network() -> None:
    network = network_of(as_one_street(length_m=0.0))
    assert network.segment_count == 2
    assert network.extent.contains(ORIGIN_LAT, ORIGIN_LON)


def test_progress_is_told_stage_by_stage() -> None:
    stages: list[str] = []
    build_network(
        TOWN.streets,
        name="town",
        provenance=DRAWN,
        progress=lambda stage, _done, _total: stages.append(stage),
    )
    assert stages[-1] == "network ready"
    assert len(set(stages)) == len(stages) > 3
