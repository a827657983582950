"""A drive told in steps, and priced under its own and other metrics."""

from collections.abc import Mapping

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from routing.bucket_search import BucketSearch
from routing.engine import Arrival
from routing.errors import NetworkError
from routing.metric import BLOCKED, Metric
from routing.paths import path_of
from routing.pricing import price
from routing.profiles import Profile, load_profiles
from routing.roads import Roads
from routing.steps import Step, steps_of
from routing.streets import StreetMap
from tests.drawing import Drawing, DrawnStreet, Point, draw, street
from tests.routing.oracle import Oracle
from tests.routing.random_networks import network_of, questions, street_maps

PROFILES: Mapping[str, Profile] = load_profiles()


def drive(drawing: Drawing, start: tuple[str, float], end: tuple[str, float]) -> list[Step]:
    metric = Metric.of(drawing.network, PROFILES["blue_light"])
    arrival = Roads.of(metric, BucketSearch).route(drawing.on(*start), drawing.on(*end))
    assert arrival is not None
    steps = steps_of(metric, arrival)
    check(metric, arrival, steps)
    return list(steps)


def check(metric: Metric, arrival: Arrival, steps: tuple[Step, ...]) -> None:
    """Whatever holds for all steps."""
    path = path_of(metric.network, arrival)
    assert sum(step.duration_ms for step in steps) == arrival.drive_ms
    assert sum(step.distance_m for step in steps) == pytest.approx(path.distance_m, abs=1e-6)
    points = [step.first_point for step in steps]
    assert points[0] == 0
    assert points[-1] == len(path.lat) - 1
    assert points == sorted(points)
    assert steps[0].instruction.startswith("head ")
    assert steps[-1].instruction.startswith("arrive")


def told(steps: list[Step]) -> list[str]:
    return [step.instruction for step in steps]


CROSSING: dict[str, Point] = {
    "s": (0, -300),
    "x": (0, 0),
    "n": (0, 300),
    "e": (300, 0),
    "w": (-300, 0),
}


@pytest.mark.parametrize(
    ("to", "instruction"),
    [
        ("e", "turn right into Mill Lane"),
        ("w", "turn left into Park Road"),
        ("n", "continue onto North Street"),
    ],
)
def test_a_turn_is_named_with_the_street_it_leads_into(to: str, instruction: str) -> None:
    crossing = draw(
        CROSSING,
        street("s-x", name="High Street"),
        street("x-n", name="North Street"),
        street("x-e", name="Mill Lane"),
        street("x-w", name="Park Road"),
    )
    steps = drive(crossing, ("s-x", 100), (f"x-{to}", 200))
    name = instruction.rpartition(" into ")[2].rpartition(" onto ")[2]
    assert told(steps) == ["head north on High Street", instruction, f"arrive, on {name}"]
    assert [step.street for step in steps] == ["High Street", name, name]
    assert [round(step.distance_m) for step in steps] == [200, 200, 0]


def test_a_bend_in_a_street_is_no_step_and_a_turn_within_one_is() -> None:
    bend = draw(
        {"a": (0, 0), "b": (0, 500), "c": (500, 500), "d": (500, 0), "e": (900, 500)},
        street("a-b", name="Ring Road"),
        street("b-c", name="Ring Road"),
        street("c-d", name="Ring Road"),
        street("c-e", name="Exit Road"),
    )
    steps = drive(bend, ("a-b", 100), ("c-d", 300))
    assert told(steps) == [
        "head north on Ring Road",
        "turn right to stay on Ring Road",
        "arrive, on Ring Road",
    ]


def test_streets_without_names_are_told_by_their_turns() -> None:
    nameless = draw(CROSSING, "s-x-n", "x-e")
    steps = drive(nameless, ("s-x", 100), ("x-e", 200))
    assert told(steps) == ["head north", "turn right", "arrive"]


def test_slight_and_sharp_turns_are_told_apart() -> None:
    fork = draw(
        {"s": (0, -300), "x": (0, 0), "n": (0, 300), "l": (-200, 260), "r": (200, -260)},
        street("s-x", name="High Street"),
        street("x-n", name="North Street"),
        street("x-l", name="Left Fork"),
        street("x-r", name="Back Lane"),
    )
    assert told(drive(fork, ("s-x", 100), ("x-l", 200)))[1] == "bear left onto Left Fork"
    assert told(drive(fork, ("s-x", 100), ("x-r", 200)))[1] == "turn sharp right into Back Lane"


def test_a_dead_end_is_left_by_a_u_turn() -> None:
    lane = draw({"a": (0, 0), "b": (500, 0)}, street("a-b", name="Cul-de-sac"))
    steps = drive(lane, ("a>b", 400), ("b>a", 300))
    assert told(steps) == ["head east on Cul-de-sac", "make a U-turn", "arrive, on Cul-de-sac"]


def test_a_slip_road_is_taken() -> None:
    road = draw(
        {"a": (0, 0), "b": (1000, 0), "c": (2000, 0), "d": (1500, -150)},
        street("a>b", ref="M1", highway="motorway"),
        street("b>c", ref="M1", highway="motorway"),
        street("b>d", highway="motorway_link"),
    )
    steps = drive(road, ("a>b", 500), ("b>d", 100))
    assert told(steps) == ["head east on M1", "take the slip road", "arrive"]


def roundabout() -> Drawing:
    """Clockwise, as in Britain, with a road in each direction of the compass."""
    places: dict[str, Point] = {"s": (0, -30), "w": (-30, 0), "n": (0, 30), "e": (30, 0)}
    outside = {name.upper(): (10 * east, 10 * north) for name, (east, north) in places.items()}
    circle: list[DrawnStreet] = [
        street(way, junction="roundabout") for way in ("s>w", "w>n", "n>e", "e>s")
    ]
    roads = [
        street(f"{name.upper()}-{name}", name=f"{word} Road")
        for name, word in (("s", "South"), ("w", "West"), ("n", "North"), ("e", "East"))
    ]
    return draw({**places, **outside}, *circle, *roads)


@pytest.mark.parametrize(
    ("to", "instruction"),
    [
        ("w", "at the roundabout take the first exit onto West Road"),
        ("n", "at the roundabout take the second exit onto North Road"),
        ("e", "at the roundabout take the third exit onto East Road"),
    ],
)
def test_exits_of_a_roundabout_are_counted(to: str, instruction: str) -> None:
    steps = drive(roundabout(), ("S-s", 100), (f"{to}-{to.upper()}", 200))
    street_name = instruction.rpartition(" onto ")[2]
    assert told(steps) == ["head north on South Road", instruction, f"arrive, on {street_name}"]


def test_drives_that_begin_or_end_on_a_roundabout_say_so() -> None:
    circle = roundabout()
    assert told(drive(circle, ("S-s", 100), ("w>n", 20)))[1] == "enter the roundabout"
    leaving = drive(circle, ("s>w", 10), ("n-N", 200))
    assert told(leaving)[1] == "leave the roundabout onto North Road"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps(), data=st.data(), other=st.sampled_from(sorted(PROFILES)))
def test_every_drive_adds_up_step_by_step_and_costs_what_the_rules_say(
    streets: StreetMap, data: st.DataObject, other: str
) -> None:
    network = network_of(streets)
    driving = PROFILES["blue_light"]
    assume(all(any(p.speed_mps(s.tags) for s in streets.streets) for p in PROFILES.values()))
    metric, elsewhere = Metric.of(network, driving), Metric.of(network, PROFILES[other])
    oracle = Oracle(network, PROFILES[other])
    question = data.draw(questions(metric))
    for arrival in BucketSearch(metric).nearest(question.ends, question.starts, 3):
        check(metric, arrival, steps_of(metric, arrival))
        assert price(metric, arrival).drive_ms == arrival.drive_ms
        found, way = price(elsewhere, arrival), arrival.segments.tolist()
        closed = [segment not in oracle.segment_ms for segment in way]
        assert found.closed.tolist() == closed
        turns = [dict(oracle.turns_out_of((segment,))) for segment in way if not any(closed)]
        no_turn = [onto not in out for onto, out in zip(way[1:], turns[:-1], strict=False)]
        if any(closed):
            assert found.drive_ms is None
        elif any(no_turn):
            assert found.drive_ms is None
            assert found.no_turn.tolist() == [False, *no_turn]
        else:
            cost = oracle.part_ms(way[-1], arrival.end_fraction)
            cost -= oracle.part_ms(way[0], arrival.start_fraction)
            cost += sum(oracle.segment_ms[segment] for segment in way[:-1])
            cost += sum(out[onto] for out, onto in zip(turns[:-1], way[1:], strict=True))
            assert found.drive_ms == cost


def test_a_filter_that_blue_lights_pass_is_named_when_priced_for_normal_traffic() -> None:
    town = draw(
        {"a": (0, 0), "b": (300, 0), "c": (600, 0), "d": (300, 800)},
        street("a-b", name="Low Road"),
        street("b-c", name="Filter Road", motor_vehicle="no"),
        street("a-d", name="Long Way"),
        street("d-c", name="Long Way"),
    )
    blue, normal = (Metric.of(town.network, PROFILES[p]) for p in ("blue_light", "normal_road"))
    arrival = Roads.of(blue, BucketSearch).route(town.on("a-b", 50), town.on("d-c", 850))
    assert arrival is not None
    assert town.way(arrival) == "a>b b>c c>d"
    found = price(normal, arrival)
    assert found.drive_ms is None
    assert found.closed.tolist() == [False, True, False]
    assert found.leg_ms[1] == BLOCKED
    assert (found.leg_ms[[0, 2]] > 0).all()


def test_a_drive_of_another_network_is_refused() -> None:
    town = draw({"a": (0, 0), "b": (300, 0), "c": (600, 0)}, "a-b-c")
    metric = Metric.of(town.network, PROFILES["blue_light"])
    segments = np.asarray([town.segment("a>b"), town.segment("c>b")], dtype=np.int32)
    with pytest.raises(NetworkError, match="no turn leads from segment"):
        price(metric, Arrival(0, 0, 0, 0, 0, segments, 0.0, 1.0))
