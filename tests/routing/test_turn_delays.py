"""What lights, right turns, roundabouts and humps cost, junction by junction."""

from dataclasses import replace

import pytest

from routing.junction_delays import Side, passed_kind
from routing.metric import BLOCKED, Metric
from routing.profiles import Profile, load_profiles
from tests.drawing import Drawing, draw, street

PROFILES = load_profiles()
NORMAL = PROFILES["normal_road"]
LOST = NORMAL.delays
LIGHTS = {"highway": "traffic_signals"}
LIT_CROSSING = {"highway": "crossing", "crossing": "puffin"}
FAR_LIGHTS = {"y": LIGHTS}
"""Lights somewhere, so that the map is one that shows them."""


def delay_s(
    drawing: Drawing, way: str, profile: Profile = NORMAL, hour: int | None = None
) -> float:
    """Seconds lost at the turn "a>b b>c", beyond driving the second street."""
    before, after = (drawing.segment(one) for one in way.split())
    network, metric = drawing.network, Metric.of(drawing.network, profile, hour)
    (turn,) = (
        turn
        for turn in range(network.turn_first[after], network.turn_first[after + 1])
        if network.turn_from[turn] == before
    )
    assert metric.entry_ms[turn] != BLOCKED
    return float(metric.entry_ms[turn] - metric.segment_ms[after]) / 1000


def crossroads(**junction_tags: dict[str, str]) -> Drawing:
    """Four streets of 200 m that meet in m, and lights far off."""
    return draw(
        {
            "m": (0, 0),
            "n": (0, 200),
            "e": (200, 0),
            "s": (0, -200),
            "w": (-200, 0),
            "x": (5000, 0),
            "y": (5200, 0),
        },
        "n-m-s",
        "e-m-w",
        "e-x-y",
        junction_tags={**FAR_LIGHTS, **junction_tags},
    )


def test_lights_cost_whoever_passes_them() -> None:
    lit = crossroads(m=LIGHTS)
    assert delay_s(lit, "s>m m>n") == LOST.signals_s
    assert delay_s(lit, "s>m m>w") == LOST.signals_s
    assert delay_s(lit, "s>m m>e") == LOST.signals_s + LOST.across_traffic_s
    assert delay_s(crossroads(m=LIT_CROSSING), "s>m m>n") == LOST.signal_crossing_s


def test_a_right_turn_crosses_the_traffic_and_a_left_turn_does_not() -> None:
    plain = crossroads()
    assert delay_s(plain, "s>m m>e") == LOST.across_traffic_s
    assert delay_s(plain, "s>m m>w") == 0
    assert delay_s(plain, "s>m m>n") == 0


def test_where_traffic_drives_on_the_right_it_is_the_left_turn() -> None:
    abroad = replace(NORMAL, delays=replace(LOST, drives_on=Side.RIGHT))
    assert delay_s(crossroads(), "s>m m>w", abroad) == LOST.across_traffic_s
    assert delay_s(crossroads(), "s>m m>e", abroad) == 0


def test_a_bend_is_no_turn() -> None:
    bend = draw(
        {"a": (0, 0), "b": (0, 100), "c": (100, 100), "x": (5000, 100), "y": (5200, 100)},
        "a-b-c-x-y",
        junction_tags=FAR_LIGHTS,
    )
    assert delay_s(bend, "a>b b>c") == 0


def test_from_one_way_into_one_way_nobody_comes_towards() -> None:
    grid = draw(
        {
            "a": (0, 0),
            "b": (0, 100),
            "c": (100, 100),
            "d": (0, 200),
            "x": (5000, 0),
            "y": (5200, 0),
        },
        "a>b>c",
        "b>d-c-x-y-a",
        junction_tags=FAR_LIGHTS,
    )
    assert delay_s(grid, "a>b b>c") == 0


def dual_carriageways(middle_m: float) -> Drawing:
    """Two dual carriageways that cross: four sets of lights, one large junction."""
    half = middle_m / 2
    return draw(
        {
            "a": (-half, -half),
            "b": (half, -half),
            "c": (half, half),
            "d": (-half, half),
            "s": (-half, -300),
            "n": (-half, 300),
            "w": (-300, -half),
            "e": (300, -half),
            "n2": (half, 300),
            "s2": (half, -300),
            "e2": (300, half),
            "w2": (-300, half),
        },
        "s>a>d>n",
        "n2>c>b>s2",
        "w>a>b>e",
        "e2>c>d>w2",
        "n-n2",
        "s-s2",
        "e-e2",
        "w-w2",
        junction_tags=dict.fromkeys("abcd", LIGHTS),
    )


def test_the_many_lights_of_one_large_junction_cost_once() -> None:
    large = dual_carriageways(20)
    assert delay_s(large, "s>a a>d") == LOST.signals_s
    assert delay_s(large, "a>d d>n") == 0
    far_apart = dual_carriageways(LOST.one_junction_m + 10)
    assert delay_s(far_apart, "a>d d>n") == LOST.signals_s


def test_a_crossing_just_before_the_lights_of_a_junction_is_part_of_it() -> None:
    road = draw(
        {"a": (0, 0), "b": (0, 200), "c": (0, 230), "d": (0, 260), "e": (0, 500)},
        "a-b-c-d-e",
        junction_tags={"b": LIT_CROSSING, "c": LIGHTS, "d": LIT_CROSSING},
    )
    along = [delay_s(road, way) for way in ("a>b b>c", "b>c c>d", "c>d d>e")]
    assert along == [LOST.signal_crossing_s, LOST.signals_s - LOST.signal_crossing_s, 0]
    assert sum(along) == LOST.signals_s


def test_entering_a_roundabout_costs_and_driving_round_it_does_not() -> None:
    ring = {"highway": "primary", "junction": "roundabout"}
    roundabout = draw(
        {"a": (0, -15), "b": (-15, 0), "c": (0, 15), "s": (0, -200), "w": (-200, 0), "n": (0, 200)},
        street("a>b", tags=ring),
        street("b>c", tags=ring),
        street("c>a", tags=ring, via=[(15, 0)]),
        "s-a",
        "w-b",
        "c-n",
        junction_tags={"n": LIGHTS},
    )
    assert delay_s(roundabout, "s>a a>b") == LOST.roundabout_s
    assert delay_s(roundabout, "a>b b>c") == 0
    assert delay_s(roundabout, "b>c c>n") == 0


def test_humps_and_zebras_cost_time_along_a_street_and_right_on_a_junction() -> None:
    calmed = street("m-n", tags={"highway": "residential", "passes": "hump=2 zebra=1"})
    road = draw({"l": (0, 0), "m": (0, 100), "n": (0, 200)}, "l-m", calmed)
    plain, slow = (
        int(Metric.of(road.network, NORMAL).segment_ms[road.segment(way)]) for way in ("l>m", "m>n")
    )
    lost_s = 2 * LOST.passing_s["hump"] + LOST.passing_s["zebra"]
    assert slow - plain == round(lost_s * 1000)
    raised = crossroads(m={"traffic_calming": "table"})
    assert delay_s(raised, "s>m m>n") == LOST.passing_s["table"]


def test_a_mini_roundabout_costs_whoever_passes_it() -> None:
    mini = crossroads(m={"highway": "mini_roundabout"})
    assert delay_s(mini, "s>m m>n") == LOST.mini_roundabout_s


def test_delays_grow_in_the_rush_hour() -> None:
    lit = crossroads(m=LIGHTS)
    night, rush = (delay_s(lit, "s>m m>n", hour=hour) for hour in (3, 17))
    assert night < LOST.signals_s < rush


def test_on_a_map_without_lights_door_to_door_speeds_hold_and_turns_are_free() -> None:
    places = {"m": (0.0, 0.0), "n": (0.0, 200.0), "e": (200.0, 0.0), "s": (0.0, -200.0)}
    unlit = draw(places, "n-m-s", "e-m")
    lit = draw(places, "n-m-s", "e-m", junction_tags={"n": LIGHTS})
    assert delay_s(unlit, "s>m m>e") == 0
    there, here = (
        float(Metric.of(one.network, NORMAL).segment_ms[one.segment("s>m")]) for one in (unlit, lit)
    )
    assert here / there == pytest.approx(1 - NORMAL.at_junctions["default"], abs=0.001)


def test_turning_round_takes_time_where_the_map_shows_lights() -> None:
    lit = crossroads()
    assert delay_s(lit, "m>n n>m") == LOST.turn_round_s


def test_normal_driving_never_beats_the_limit_between_junctions() -> None:
    limited = {"highway": "primary", "maxspeed": "20 mph"}
    assert NORMAL.between_junctions_mps(limited) == NORMAL.limit_mps("20 mph")
    blue = PROFILES["blue_light"]
    usual, moving = blue.speed_mps(limited), blue.between_junctions_mps(limited)
    assert usual is not None
    assert moving is not None
    assert moving > usual


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"traffic_calming": "speed bump"}, "speed_bump"),
        ({"traffic_calming": "table;choker"}, "table"),
        ({"highway": "crossing", "crossing": "uncontrolled"}, "zebra"),
        ({"crossing:markings": "zebra;dots"}, "zebra"),
        ({"highway": "crossing", "crossing": "zebra", "crossing:signals": "yes"}, ""),
        ({"highway": "crossing", "crossing": "unmarked"}, ""),
        ({}, ""),
    ],
)
def test_what_is_passed_at_a_point(tags: dict[str, str], kind: str) -> None:
    assert passed_kind(tags) == kind


def test_angles_are_told_right_from_left() -> None:
    drawn = crossroads()
    network = drawn.network
    before = drawn.segment("s>m")
    angles = {
        after: float(network.turn_angle_deg[turn])
        for after in (drawn.segment(f"m>{letter}") for letter in "nesw")
        for turn in range(network.turn_first[after], network.turn_first[after + 1])
        if network.turn_from[turn] == before
    }
    assert [angles[drawn.segment(f"m>{letter}")] for letter in "nesw"] == pytest.approx(
        [0, 90, 180, -90], abs=0.2
    )
