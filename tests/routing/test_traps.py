"""The traps of routing in a city, each drawn by hand and named after what it would catch."""

from dataclasses import dataclass
from typing import Protocol

import pytest

from routing.engine import Arrival, Starts
from routing.metric import Metric
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper
from tests.drawing import Drawing, draw, street
from tests.routing.engines import EngineOf

PROFILES = load_profiles()
BOTH = pytest.mark.parametrize("profile", ["normal_road", "blue_light"])


@dataclass(frozen=True)
class Driving:
    """A drawing with its roads and a snapper for one profile."""

    drawing: Drawing
    roads: Roads
    snapper: Snapper

    def way(self, start: Snap, target: Snap) -> str | None:
        """The streets driven, as drawn, or None when there is no way."""
        drive = self.roads.route(start, target)
        return None if drive is None else self.drawing.way(drive)

    def drive_ms(self, start: Snap, target: Snap) -> int:
        drive = self.roads.route(start, target)
        assert drive is not None
        return drive.drive_ms

    def nearest(self, target: Snap, *starts: Snap, delay_s: list[int] | None = None) -> list[int]:
        """Numbers of the vehicles at these places in the order of their arrival."""
        delay_ms = None if delay_s is None else [1000 * delay for delay in delay_s]
        return [one.vehicle for one in self.arrivals(Starts.at(starts, delay_ms), target)]

    def arrivals(self, starts: Starts, target: Snap) -> list[Arrival]:
        return self.roads.nearest(target, starts, limit=10)


class Drive(Protocol):
    def __call__(self, drawing: Drawing, profile: str = "blue_light") -> Driving: ...


@pytest.fixture
def drive(engine_of: EngineOf) -> Drive:
    """Makes a drawing drivable by one engine."""

    def made(drawing: Drawing, profile: str = "blue_light") -> Driving:
        metric = Metric.of(drawing.network, PROFILES[profile])
        return Driving(drawing, Roads.of(metric, engine_of), Snapper(metric))

    return made


# One-way streets and dual carriageways


@BOTH
def test_a_one_way_street_is_not_driven_the_wrong_way_round(drive: Drive, profile: str) -> None:
    block = draw({"a": (0, 0), "b": (100, 0), "c": (100, 500), "d": (0, 500)}, "a>b", "b-c-d-a")
    on = drive(block, profile)
    assert on.way(block.on("a-d", 10), block.on("b-c", 10)) == "d>a a>b b>c"
    assert on.way(block.on("b-c", 10), block.on("a-d", 10)) == "b>c c>d d>a"


@BOTH
def test_the_other_carriageway_is_reached_at_the_next_gap_not_across_the_reservation(
    drive: Drive, profile: str
) -> None:
    dual = draw(
        {"w": (0, 0), "x": (0, 12), "e": (800, 0), "f": (800, 12)},
        "w>e",  # eastbound
        "f>x",  # westbound, 12 m to the north
        "e-f",
        "x-w",
    )
    on = drive(dual, profile)
    assert on.way(dual.on("w>e", 400), dual.on("f>x", 400)) == "w>e e>f f>x"
    nearer_but_past = dual.on("w>e", 410)
    farther_but_before = dual.on("w>e", 200)
    call = dual.on("w>e", 400)
    assert on.nearest(call, nearer_but_past, farther_but_before) == [1, 0]


def test_a_call_on_one_carriageway_snaps_to_its_side_when_the_crew_drives_the_other(
    drive: Drive,
) -> None:
    dual = draw(
        {"w": (0, 0), "x": (0, 12), "e": (800, 0), "f": (800, 12)}, "w>e", "f>x", "e-f", "x-w"
    )
    snapper = drive(dual).snapper
    lat, lon = dual.position(400, 5)
    eastbound = snapper.snap(lat, lon, heading_deg=90, radius_m=50)
    westbound = snapper.snap(lat, lon, heading_deg=270, radius_m=50)
    assert eastbound is not None
    assert westbound is not None
    assert eastbound.segments == (dual.segment("w>e"),)
    assert westbound.segments == (dual.segment("f>x"),)


# Where a street is left


@BOTH
def test_an_island_is_unreachable_and_nothing_snaps_to_it(drive: Drive, profile: str) -> None:
    island = draw(
        {"a": (0, 0), "b": (0, 300), "c": (200, 0), "i": (50, 100), "j": (50, 200)},
        "b-a-c",
        "i-j",
    )
    on = drive(island, profile)
    assert on.way(island.on("i-j", 10), island.on("a-b", 10)) is None
    assert on.way(island.on("a-b", 10), island.on("i-j", 10)) is None
    assert on.nearest(island.on("a-b", 10), island.on("i-j", 10), island.on("a-c", 10)) == [1]
    beside_the_island = on.snapper.snap(*island.position(49, 150), radius_m=100)
    assert beside_the_island is not None
    assert set(beside_the_island.segments) == {island.segment("a>b"), island.segment("b>a")}
    assert beside_the_island.distance_m == pytest.approx(49, rel=0.005)


def test_a_street_that_can_be_entered_but_not_left_is_not_snapped_to(drive: Drive) -> None:
    sink = draw({"a": (0, 0), "b": (0, 300), "c": (50, 300), "d": (0, 600)}, "a-b-d", "b>c")
    beside_the_sink = drive(sink).snapper.snap(*sink.position(40, 299), radius_m=100)
    assert beside_the_sink is not None
    assert set(beside_the_sink.segments) == {sink.segment("a>b"), sink.segment("b>a")}


@BOTH
def test_a_u_turn_is_made_at_the_dead_end_only(drive: Drive, profile: str) -> None:
    close = draw({"a": (0, 0), "b": (0, 300), "c": (0, 600), "d": (200, 300)}, "a-b-c", "b-d")
    on = drive(close, profile)
    heading_away = close.on("b>c", 10)
    assert on.way(heading_away, close.on("b>a", 10)) == "b>c c>b b>a"
    # At b one could turn round into a-b again, but b leads on: through it to the end and back.
    assert on.way(close.on("a>b", 290), close.on("b>a", 10)) == "a>b b>d d>b b>a"


def test_a_u_turn_is_made_in_front_of_a_bollard(drive: Drive) -> None:
    closed_off = draw(
        {"a": (0, 0), "b": (0, 300), "c": (0, 600)},
        "a-b-c",
        junction_tags={"b": {"barrier": "bollard"}},
    )
    assert drive(closed_off).way(closed_off.on("a>b", 200), closed_off.on("b>a", 10)) == "a>b b>a"


def test_a_bus_lane_against_a_one_way_street_is_no_place_to_turn_round(drive: Drive) -> None:
    town = draw(
        {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (200, 100)},
        street("a>b", way_id=7),
        street("b>a", way_id=7, motor_vehicle="no", bus="yes"),
        "b-c-d",
    )
    driven = drive(town)
    assert driven.way(town.on("a>b", 90), town.on("b>a", 10)) == "a>b b>c c>d d>c c>b b>a"
    assert driven.way(town.on("a>b", 10), town.on("c-d", 10)) == "a>b b>c c>d"


def test_a_call_above_a_tunnel_is_on_the_street_not_in_the_tunnel(drive: Drive) -> None:
    town = draw(
        {"a": (0, 0), "b": (200, 0), "c": (0, 30), "d": (200, 30), "e": (0, 90), "f": (200, 90)},
        street("a-b", tunnel="yes"),
        "a-c-e",
        "b-d-f",
        "c-d",
    )
    driven = drive(town)
    snap = driven.snapper.snap(*town.position(100, 0), radius_m=100)
    assert snap is not None
    assert set(snap.segments) == {town.segment("c>d"), town.segment("d>c")}
    assert snap.distance_m == pytest.approx(30, abs=0.1)
    assert driven.way(town.on("c>a", 10), town.on("b>d", 10)) == "c>a a>b b>d"


@BOTH
def test_the_heading_decides_which_way_a_crew_sets_out(drive: Drive, profile: str) -> None:
    ring = draw(
        {"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400), "end": (800, 400)},
        "a-b-c-d-a",
        "c-end",
    )
    on = drive(ring, profile)
    call = ring.on("a-d", 50)
    assert on.way(ring.on("a-b", 100), call) == "b>a a>d"
    assert on.way(ring.on("a>b", 100), call) == "a>b b>c c>d d>a"
    lat, lon = ring.position(100, 3)
    east = on.snapper.snap(lat, lon, heading_deg=95, radius_m=20)
    west = on.snapper.snap(lat, lon, heading_deg=265, radius_m=20)
    assert east is not None
    assert west is not None
    assert on.way(east, call) == "a>b b>c c>d d>a"
    assert on.way(west, call) == "b>a a>d"


# Crew and call on the same street


@BOTH
def test_a_crew_before_the_call_on_its_street_drives_straight_on(
    drive: Drive, profile: str
) -> None:
    one_street = draw({"a": (0, 0), "b": (0, 1000)}, "a-b")
    on = drive(one_street, profile)
    assert on.way(one_street.on("a>b", 200), one_street.on("a>b", 700)) == "a>b"
    whole = on.drive_ms(one_street.on("a>b", 0), one_street.on("a>b", 1000))
    half = on.drive_ms(one_street.on("a>b", 200), one_street.on("a>b", 700))
    assert half == pytest.approx(whole / 2, abs=1)


@BOTH
def test_a_crew_past_the_call_on_a_two_way_street_just_drives_back(
    drive: Drive, profile: str
) -> None:
    one_street = draw({"a": (0, 0), "b": (0, 1000)}, "a-b")
    on = drive(one_street, profile)
    assert on.way(one_street.on("a-b", 700), one_street.on("a-b", 200)) == "b>a"


@BOTH
def test_a_crew_known_to_head_away_from_the_call_turns_at_the_end(
    drive: Drive, profile: str
) -> None:
    one_street = draw({"a": (0, 0), "b": (0, 1000)}, "a-b")
    on = drive(one_street, profile)
    away, call = one_street.on("a>b", 700), one_street.on("a-b", 200)
    assert on.way(away, call) == "a>b b>a"
    back, ahead = on.drive_ms(away, call), on.drive_ms(one_street.on("b>a", 300), call)
    assert back > 2 * ahead


@BOTH
def test_a_crew_just_past_the_call_on_a_one_way_street_drives_all_the_way_round(
    drive: Drive, profile: str
) -> None:
    ring = draw({"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)}, "a>b>c>d>a")
    on = drive(ring, profile)
    assert on.way(ring.on("a>b", 201), ring.on("a>b", 200)) == "a>b b>c c>d d>a a>b"
    assert on.way(ring.on("a>b", 200), ring.on("a>b", 200)) == "a>b"
    assert on.drive_ms(ring.on("a>b", 200), ring.on("a>b", 200)) == 0
    # Behind the call by a street is nearer than past it by a metre.
    assert on.nearest(ring.on("a>b", 200), ring.on("a>b", 201), ring.on("d>a", 100)) == [1, 0]


# What is closed, and to whom


def river(closed: dict[str, str]) -> Drawing:
    """Two banks, a bridge near the crew and a call, and another bridge 2 km upstream."""
    return draw(
        {"n": (0, 300), "s": (0, 0), "up": (-2000, 300), "low": (-2000, 0)},
        "n-up",
        "s-low",
        street("n-s", name="Near Bridge", tags=closed),
        street("up-low", name="Far Bridge"),
    )


def test_an_open_bridge_is_taken(drive: Drive) -> None:
    banks = river({})
    assert drive(banks).way(banks.on("n-up", 10), banks.on("s-low", 10)) == "up>n n>s s>low"


@BOTH
@pytest.mark.parametrize(
    "closed", [{"highway": "footway"}, {"emergency": "no", "access": "no"}], ids=["class", "access"]
)
def test_a_closed_bridge_forces_the_other_bridge(
    drive: Drive, profile: str, closed: dict[str, str]
) -> None:
    banks = river(closed)
    on = drive(banks, profile)
    assert on.way(banks.on("n-up", 10), banks.on("s-low", 10)) == "n>up up>low low>s"


def test_at_the_end_of_a_street_nobody_turns_into_a_lane_closed_to_them(drive: Drive) -> None:
    lane = draw(
        {"a": (0, 0), "b": (0, 300), "c": (300, 0)},
        street("a>b"),
        street("b>a", access="no", bus="yes"),
        "a-c",
    )
    start, target = lane.on("a>b", 100), lane.on("a-c", 100)
    assert drive(lane, "normal_road").way(start, target) is None
    assert drive(lane, "blue_light").way(start, target) == "a>b b>a a>c"


def test_a_crew_left_on_a_street_closed_to_it_is_out_of_reach_not_at_hand(drive: Drive) -> None:
    banks = river({"access": "no"})
    on = drive(banks, "normal_road")
    stranded = banks.on("n-s", 150)
    assert on.way(stranded, banks.on("s-low", 10)) is None
    assert on.way(banks.on("s-low", 10), stranded) is None
    assert on.nearest(banks.on("s-low", 10), stranded, banks.on("n-up", 10)) == [1]


def filtered(*, node: dict[str, str] | None = None, link: dict[str, str] | None = None) -> Drawing:
    """Crew near a, call near b: a short way past a filter at f, and a long way round it."""
    return draw(
        {"a": (0, 0), "f": (0, 100), "b": (0, 200), "c": (1500, 0), "d": (1500, 200)}
        | {"x": (-100, 0), "y": (-100, 200)},
        "x-a-c-d-b-y",
        street("a-f", tags=link),
        street("f-b", tags=link),
        junction_tags={"f": node or {}},
    )


THROUGH, ROUND = "x>a a>f f>b b>y", "x>a a>c c>d d>b b>y"
BOLLARD = {"barrier": "bollard"}
CAMERA = {"motor_vehicle": "no"}
BUS_GATE = {"access": "no", "bus": "yes", "psv": "yes"}
GATE = {"barrier": "lift_gate"}
GATE_FOR_EMERGENCIES = {"barrier": "bollard", "emergency": "yes"}


@pytest.mark.parametrize(
    ("profile", "node", "link", "expected"),
    [
        pytest.param("normal_road", {}, {}, THROUGH, id="nothing lets everybody through"),
        pytest.param("blue_light", BOLLARD, {}, ROUND, id="a bollard stops an ambulance"),
        pytest.param("normal_road", BOLLARD, {}, ROUND, id="a bollard stops everybody"),
        pytest.param("blue_light", {}, CAMERA, THROUGH, id="a camera does not on blue lights"),
        pytest.param("normal_road", {}, CAMERA, ROUND, id="a camera is obeyed otherwise"),
        pytest.param("blue_light", BOLLARD, CAMERA, ROUND, id="a bollard stops under a camera"),
        pytest.param("blue_light", {}, BUS_GATE, THROUGH, id="a bus gate opens to blue lights"),
        pytest.param("normal_road", {}, BUS_GATE, ROUND, id="a bus gate is obeyed otherwise"),
        pytest.param("blue_light", GATE, {}, THROUGH, id="a lift gate is raised for blue lights"),
        pytest.param("normal_road", GATE, {}, ROUND, id="a lift gate is closed otherwise"),
        pytest.param("blue_light", GATE_FOR_EMERGENCIES, {}, THROUGH, id="a bollard with a key"),
        pytest.param("normal_road", GATE_FOR_EMERGENCIES, {}, ROUND, id="and none for others"),
    ],
)
def test_what_stands_across_a_street_stops_whom_it_should(
    drive: Drive, profile: str, node: dict[str, str], link: dict[str, str], expected: str
) -> None:
    town = filtered(node=node, link=link)
    assert drive(town, profile).way(town.on("x-a", 10), town.on("b-y", 10)) == expected


def test_waiting_at_a_lift_gate_is_counted(drive: Drive) -> None:
    gated, plain = filtered(node=GATE), filtered()
    waits_ms = 1000 * PROFILES["blue_light"].barriers.delay_s["lift_gate"]
    assert waits_ms > 0
    slow = drive(gated).drive_ms(gated.on("x-a", 10), gated.on("b-y", 10))
    fast = drive(plain).drive_ms(plain.on("x-a", 10), plain.on("b-y", 10))
    assert slow - fast == waits_ms


def test_a_long_wait_at_a_gate_makes_the_way_round_the_faster(drive: Drive) -> None:
    town = draw(
        {"a": (0, 0), "f": (0, 100), "b": (0, 200), "c": (60, 100)},
        "a-f-b",
        "a-c-b",
        junction_tags={"f": {"barrier": "swing_gate"}},
    )
    assert drive(town).way(town.on("a>f", 1), town.on("f>b", 99)) == "a>f f>b"
    assert drive(town).way(town.on("f>a", 99), town.on("b>f", 1)) == "f>a a>c c>b b>f"


@BOTH
def test_a_ferry_is_slower_than_a_long_way_round_by_bridge(drive: Drive, profile: str) -> None:
    places = {"n": (0, 500), "s": (0, 0), "up": (-1000, 500), "low": (-1000, 0)}
    woolwich = draw(
        places, "n-up", "s-low", street("n-s", highway="ferry"), street("up-low", highway="primary")
    )
    on = drive(woolwich, profile)
    assert on.way(woolwich.on("n-up", 10), woolwich.on("s-low", 10)) == "n>up up>low low>s"
    without_bridge = draw(places, "n-up", "s-low", street("n-s", highway="ferry"))
    on = drive(without_bridge, profile)
    way = on.way(without_bridge.on("n-up", 10), without_bridge.on("s-low", 10))
    assert way == "up>n n>s s>low"


# Streets of awkward shape


@BOTH
def test_of_parallel_streets_between_the_same_junctions_the_faster_is_driven(
    drive: Drive, profile: str
) -> None:
    parallel = draw(
        {"a": (0, 0), "b": (500, 0), "x": (-100, 0), "y": (600, 0)},
        "x-a",
        "b-y",
        street("a-b", name="Crescent", via=[(250, 300)]),
        street("a-b", name="High Street"),
        street("a-b", name="Alley", highway="living_street", length_m=499),
    )
    on = drive(parallel, profile)
    arrival = on.roads.route(parallel.on("x-a", 10), parallel.on("b-y", 10))
    assert arrival is not None
    names = [parallel.network.street_name(s) for s in arrival.segments.tolist()]
    assert names == ["", "High Street", ""]
    call = parallel.on("a-b", 100, name="Crescent")
    assert on.way(parallel.on("a-b", 90, name="High Street"), call) == "b>a a>b"


@BOTH
def test_a_crew_on_the_twin_of_a_parallel_street_is_not_taken_to_be_on_the_calls_street(
    drive: Drive, profile: str
) -> None:
    parallel = draw(
        {"a": (0, 0), "b": (500, 0)},
        street("a-b", name="North Side", via=[(250, 50)]),
        street("a-b", name="South Side", via=[(250, -50)]),
    )
    on = drive(parallel, profile)
    here, there = (parallel.on("a-b", 250, name=name) for name in ("North Side", "South Side"))
    whole = on.drive_ms(here, there)
    assert whole > 0
    # Leaving by the north side and coming back by the south side is no U-turn.
    one_way = parallel.on("a>b", 300, name="North Side"), parallel.on("b>a", 200, name="South Side")
    assert on.way(*one_way) == "a>b b>a"


@BOTH
def test_a_loop_that_begins_and_ends_at_one_junction_can_be_driven_both_ways_round(
    drive: Drive, profile: str
) -> None:
    loop = draw(
        {"a": (0, 0), "b": (0, 300)},
        "a-b",
        street("b-b", name="Loop", via=[(100, 400), (0, 500), (-100, 400)]),
    )
    network = loop.network
    ways_round = [s for s in range(network.segment_count) if network.street_name(s) == "Loop"]
    assert len(ways_round) == 2
    on = drive(loop, profile)
    for segment in ways_round:
        quarter = Snap((segment,), (0.25,), 0.0, 0.0, 0.0)
        past_it = Snap((segment,), (0.5,), 0.0, 0.0, 0.0)
        assert on.way(loop.on("a-b", 10), quarter) == "a>b b>b"
        assert on.way(quarter, loop.on("a-b", 10)) == "b>b b>a"
        assert on.way(past_it, quarter) == "b>b b>b"
    # Round the loop is the way to turn round: no U-turn at b, which leads on.
    assert on.way(loop.on("a>b", 10), loop.on("b>a", 10)) == "a>b b>b b>a"


@BOTH
def test_a_network_of_one_one_way_loop_is_driven_round(drive: Drive, profile: str) -> None:
    loop = draw({"a": (0, 0)}, street("a>a", via=[(100, 100), (0, 200), (-100, 100)]))
    on = drive(loop, profile)
    assert on.way(loop.on("a>a", 200), loop.on("a>a", 100)) == "a>a a>a"
    assert on.way(loop.on("a>a", 100), loop.on("a>a", 200)) == "a>a"


@BOTH
def test_a_street_of_no_length_is_passed_in_the_shortest_time_there_is(
    drive: Drive, profile: str
) -> None:
    kerb = draw(
        {"a": (0, 0), "b": (100, 0), "c": (100, 0), "d": (200, 0)}, "a-b", street("b-c"), "c-d"
    )
    on = drive(kerb, profile)
    start, target = kerb.on("a>b", 100), kerb.on("c>d", 0)
    assert on.way(start, target) == "a>b b>c c>d"
    assert on.drive_ms(start, target) == 50
    assert on.way(kerb.on("b-c", 0), kerb.on("b-c", 0)) == "b>c"


# Who is first


@BOTH
def test_a_crew_on_the_move_beats_a_nearer_one_that_must_first_mobilise(
    drive: Drive, profile: str
) -> None:
    road = draw({"a": (0, 0), "b": (0, 2000)}, street("a-b", highway="primary"))
    on = drive(road, profile)
    call, near, far = road.on("a-b", 1000), road.on("a-b", 900), road.on("a-b", 1200)
    assert on.nearest(call, near, far) == [0, 1]
    assert on.nearest(call, near, far, delay_s=[60, 0]) == [1, 0]


@BOTH
def test_crews_that_arrive_in_the_same_millisecond_rank_by_number(
    drive: Drive, profile: str
) -> None:
    road = draw({"a": (0, 0), "b": (0, 400), "c": (0, 800)}, "a-b-c")
    on = drive(road, profile)
    here, there = road.on("a-b", 300), road.on("b-c", 100)
    call = road.on("a-b", 400)
    starts = Starts.at([there, here, there, here])
    arrivals = on.arrivals(starts, call)
    assert len({one.total_ms for one in arrivals}) == 1
    assert [one.vehicle for one in arrivals] == [0, 1, 2, 3]
    assert [one.vehicle for one in on.roads.nearest(call, starts, 2)] == [0, 1]


@BOTH
def test_a_tie_of_drive_and_delay_still_ranks_by_number(drive: Drive, profile: str) -> None:
    road = draw({"a": (0, 0), "b": (0, 2000)}, "a-b")
    on = drive(road, profile)
    call, near, far = road.on("a>b", 2000), road.on("a>b", 1500), road.on("a>b", 500)
    head_start_ms = on.drive_ms(far, call) - on.drive_ms(near, call)
    starts = Starts.at([near, far], [head_start_ms, 0])
    first, second = on.arrivals(starts, call)
    assert (first.vehicle, second.vehicle) == (0, 1)
    assert first.total_ms == second.total_ms


# Where the call is


@BOTH
def test_a_call_at_a_junction_is_reached_from_every_side(drive: Drive, profile: str) -> None:
    star = draw(
        {"m": (0, 0), "n": (0, 500), "e": (500, 0), "s": (0, -500), "w": (-500, 0)},
        "n-m-s",
        "e-m-w",
    )
    on = drive(star, profile)
    call = star.on("n-m", 500)
    crews = [star.on(f"{arm}-m", 200) for arm in "nesw"]
    # The call is on the end of n-m: from the other three it is the beginning of m>n.
    ways = [on.way(crew, call) for crew in crews]
    assert ways == ["n>m", "e>m m>n", "s>m m>n", "w>m m>n"]
    drives = [on.drive_ms(crew, call) for crew in crews]
    assert len(set(drives)) == 1


@BOTH
def test_a_call_at_the_very_start_of_a_one_way_street_is_reached_from_before_it(
    drive: Drive, profile: str
) -> None:
    ring = draw({"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)}, "a>b>c>d>a")
    on = drive(ring, profile)
    assert on.way(ring.on("d>a", 399), ring.on("a>b", 0)) == "d>a a>b"
    assert on.way(ring.on("a>b", 0), ring.on("a>b", 0)) == "a>b"
    assert on.way(ring.on("a>b", 1), ring.on("a>b", 0)) == "a>b b>c c>d d>a a>b"


@BOTH
def test_a_crew_at_the_end_of_its_street_still_passes_the_junction(
    drive: Drive, profile: str
) -> None:
    ring = draw({"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400)}, "a>b>c>d>a")
    on = drive(ring, profile)
    assert on.way(ring.on("a>b", 400), ring.on("b>c", 0)) == "a>b b>c"
    assert on.drive_ms(ring.on("a>b", 400), ring.on("b>c", 0)) == 0


def test_a_street_that_is_reached_on_one_side_only_is_left_on_both(drive: Drive) -> None:
    # Nothing turns into b>a: c leads into b, and b>a would be its U-turn.
    half = draw({"a": (0, 0), "b": (0, 300), "c": (300, 300), "d": (300, 0)}, "a-b", "b>c>d>a")
    on = drive(half)
    snap = on.snapper.snap(*half.position(2, 150), radius_m=50)
    assert snap is not None
    assert snap.segments == (half.segment("a>b"), half.segment("b>a"))
    heading_down = on.snapper.snap(*half.position(2, 150), heading_deg=180, radius_m=50)
    assert heading_down is not None
    assert heading_down.segments == snap.segments
    assert heading_down.heading_ignored
    assert on.way(half.on("c>d", 100), snap) == "c>d d>a a>b"
    assert on.way(half.on("b>a", 200), half.on("a>b", 100)) == "b>a a>b"
