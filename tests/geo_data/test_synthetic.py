"""Made-up local streets: repeatable, connected, dry, and like London's in their numbers."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo_data.strategic import strategic_streets, thames_centreline
from geo_data.synthesis.density import DensityModel
from geo_data.synthesis.plane import Plane
from geo_data.synthesis.skeleton import Skeleton
from geo_data.synthetic import grow, synthesise, synthetic_provenance
from routing.build import build_network
from routing.geometry import polyline_length_m
from routing.streets import Street, StreetMap, SurveyedJunction

ROOT = Path(__file__).resolve().parents[2]
SHEET = Plane(51.5, -0.12)
JUNCTIONS = 5_000


def toy_skeleton() -> Skeleton:
    """Draw a square of four main roads beside a river, with a bridge that leads to a fifth."""
    corners = {
        1: (51.50, -0.12),
        2: (51.50, -0.09),
        3: (51.52, -0.09),
        4: (51.52, -0.12),
        5: (51.485, -0.10),
    }
    roads = [(1, 2, "A1"), (2, 3, "A2"), (3, 4, "A3"), (4, 1, "A4"), (1, 5, "A5"), (5, 2, "A6")]
    street = {"highway": "primary", "maxspeed": "30 mph"}
    bridge = street | {"bridge": "yes"}
    streets = [
        Street(
            from_node=2**47 + start,
            to_node=2**47 + end,
            forward=True,
            backward=True,
            shape=(corners[start], corners[end]),
            length_m=polyline_length_m((corners[start], corners[end])),
            tags=bridge if 5 in (start, end) else street,
            ref=ref,
            way_id=2**47 + number,
        )
        for number, (start, end, ref) in enumerate(roads)
    ]
    junctions = {2**47 + n: SurveyedJunction(lat, lon) for n, (lat, lon) in corners.items()}
    river = np.asarray([51.4925, 51.4925]), np.asarray([-0.14, -0.07])
    return Skeleton.of(StreetMap(junctions, streets), river)


def fingerprint(streets: StreetMap) -> str:
    return hashlib.sha256(repr((streets.junctions, streets.streets)).encode()).hexdigest()


def toy_fingerprint() -> str:
    return fingerprint(grow(toy_skeleton(), np.zeros((1, 2)), 400, seed=3))


def line(street: Street) -> shapely.LineString:
    points = np.asarray(street.shape)
    return shapely.LineString(SHEET.to_xy_m(points[:, 0], points[:, 1]))


def is_made_up(street: Street) -> bool:
    return street.way_id < 2**47


@pytest.fixture(scope="module")
def london() -> StreetMap:
    return synthesise(JUNCTIONS, seed=7)


@pytest.fixture(scope="module")
def made_up(london: StreetMap) -> list[Street]:
    return [street for street in london.streets if is_made_up(street)]


def lengths_m(streets: list[Street]) -> NDArray[np.float64]:
    return np.asarray([s.length_m for s in streets for _ in range(s.forward + s.backward)])


def test_the_same_seed_gives_the_same_streets_to_the_byte() -> None:
    assert toy_fingerprint() == toy_fingerprint()


def test_the_order_of_sets_and_dicts_plays_no_part() -> None:
    script = "from tests.geo_data.test_synthetic import toy_fingerprint as f; print(f())"
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert printed == {toy_fingerprint()}


def test_another_seed_gives_other_streets() -> None:
    other = grow(toy_skeleton(), np.zeros((1, 2)), 400, seed=4)
    assert fingerprint(other) != toy_fingerprint()


def test_it_has_as_many_junctions_as_asked_for(london: StreetMap) -> None:
    assert len(london.junctions) == pytest.approx(JUNCTIONS, rel=0.002)


def test_every_place_is_reached_from_every_other(london: StreetMap) -> None:
    number = {node: i for i, node in enumerate(london.junctions)}
    ways = [(s.from_node, s.to_node) for s in london.streets if s.forward]
    ways += [(s.to_node, s.from_node) for s in london.streets if s.backward]
    pairs = np.asarray([(number[start], number[end]) for start, end in ways])
    graph = csr_array(
        (np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(number), len(number))
    )
    parts, _ = connected_components(graph, directed=True, connection="strong")
    assert parts == 1


def test_main_roads_are_kept_whole_and_only_split(london: StreetMap) -> None:
    given = {street.way_id: street.length_m for street in strategic_streets().streets}
    kept: dict[int, float] = dict.fromkeys(given, 0.0)
    for street in london.streets:
        if not is_made_up(street):
            kept[street.way_id] += street.length_m
    assert kept == pytest.approx(given, rel=1e-3, abs=0.5)


def test_motorways_and_crossings_are_joined_at_their_ends_only(london: StreetMap) -> None:
    def whole(streets: StreetMap) -> list[int]:
        closed = ({"highway", "motorway"}, {"bridge"}, {"tunnel"}, {"route"})
        return sorted(
            s.way_id
            for s in streets.streets
            if any(words <= {*s.tags, *s.tags.values()} for words in closed)
        )

    assert whole(london) == whole(strategic_streets())


def test_main_roads_in_the_middle_have_a_junction_every_100_to_200_m(london: StreetMap) -> None:
    centre = shapely.Point(SHEET.to_xy_m(np.asarray([51.507]), np.asarray([-0.128]))[0])
    pieces = [
        street.length_m
        for street in london.streets
        if street.tags["highway"] in ("primary", "trunk")
        and shapely.distance(line(street), centre) < 1_500.0
    ]
    assert len(pieces) > 100
    assert 60.0 < float(np.mean(pieces)) < 200.0


def test_the_thames_is_crossed_by_main_roads_alone(made_up: list[Street]) -> None:
    river = shapely.LineString(SHEET.to_xy_m(*thames_centreline()))
    nearest_m = min(float(shapely.distance(line(street), river)) for street in made_up)
    assert 25.0 < nearest_m < 500.0


def test_made_up_streets_are_as_long_as_londons(made_up: list[Street]) -> None:
    lengths = lengths_m(made_up)
    assert 55.0 <= np.median(lengths) <= 80.0
    assert lengths.min() > 5.0
    assert np.percentile(lengths, 99) < 450.0


def test_a_junction_has_about_two_and_a_half_segments(london: StreetMap) -> None:
    segments = sum(street.forward + street.backward for street in london.streets)
    assert segments / len(london.junctions) == pytest.approx(2.56, abs=0.12)


def test_classes_are_mixed_as_in_london(made_up: list[Street]) -> None:
    count = Counter(street.tags["highway"] for street in made_up)
    share = {name: number / len(made_up) for name, number in count.items()}
    assert 0.65 < share["residential"] < 0.85
    assert 0.03 < share["tertiary"] < 0.15
    assert 0.03 < share["service"] < 0.10
    assert share.keys() == {
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "living_street",
        "service",
    }


def test_only_main_roads_have_names(london: StreetMap, made_up: list[Street]) -> None:
    assert {(street.name, street.ref) for street in made_up} == {("", "")}
    main = [street for street in london.streets if not is_made_up(street)]
    given = strategic_streets().streets
    assert {(s.name, s.ref) for s in main} == {(s.name, s.ref) for s in given}


def test_some_streets_are_one_way(made_up: list[Street]) -> None:
    one_way = sum(street.forward != street.backward for street in made_up) / len(made_up)
    assert 0.12 < one_way < 0.30


def test_some_streets_are_dead_ends(london: StreetMap) -> None:
    arms = Counter(node for s in london.streets for node in (s.from_node, s.to_node))
    dead_ends = sum(count == 1 for count in arms.values())
    assert 0.05 < dead_ends / len(london.junctions) < 0.25


def test_signals_stand_at_main_roads(london: StreetMap) -> None:
    lit = {n for n, j in london.junctions.items() if j.tags.get("highway") == "traffic_signals"}
    assert 200 < len(lit) < 2_000
    main = {"trunk", "primary", "secondary"}
    on_main = {
        node
        for street in london.streets
        if street.tags["highway"] in main
        for node in (street.from_node, street.to_node)
    }
    assert lit <= on_main


def test_shapes_start_and_end_at_their_junctions_in_steps_of_a_centimetre(
    london: StreetMap,
) -> None:
    for street in london.streets:
        start, end = london.junctions[street.from_node], london.junctions[street.to_node]
        assert street.shape[0] == (start.lat, start.lon)
        assert street.shape[-1] == (end.lat, end.lon)
    assert all(
        round(value, 7) == value for s in london.streets for point in s.shape for value in point
    )


def test_a_network_can_be_built_of_it_that_says_it_is_made_up(london: StreetMap) -> None:
    provenance = synthetic_provenance(JUNCTIONS, seed=7)
    network = build_network(london, name="London, made up", provenance=provenance)
    assert network.junction_count == len(london.junctions)
    assert network.provenance.approximate
    assert "synthesised" in network.provenance.source
    assert "seed 7" in network.provenance.source


def test_far_too_dense_a_town_still_fits_between_its_roads() -> None:
    crowded = grow(toy_skeleton(), np.zeros((1, 2)), 6_000, seed=3)
    assert len(crowded.junctions) == pytest.approx(6_000, rel=0.1)


@pytest.mark.parametrize("junctions", [-1, 0, 100, 1_000_001])
def test_too_few_or_too_many_junctions_are_refused(junctions: int) -> None:
    with pytest.raises(ValueError, match="it must be a number from"):
        synthesise(junctions, seed=1)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(ValueError, match="seed is -1; it must be 0 or more"):
        synthesise(5_000, seed=-1)


def test_it_tells_how_far_it_is() -> None:
    told: list[str] = []

    def listen(stage: str, done: int, total: int) -> None:
        assert done >= 0
        assert total >= 0
        told.append(stage)

    grow(toy_skeleton(), np.zeros((1, 2)), 400, 3, listen)
    assert told[0] == "dividing London into quarters"
    assert told[-1] == "streets ready"


def test_density_falls_from_the_middle_to_the_edge() -> None:
    skeleton = Skeleton.of(strategic_streets(), thames_centreline())
    model = DensityModel(np.zeros(2), skeleton.node_xy_m, np.zeros((1, 2)))
    at = model.at(np.asarray([[0.0, 0.0], [8_000.0, 0.0], [22_000.0, -12_000.0]]))
    assert 1.0 >= at[0] > at[1] > at[2] >= 0.0
