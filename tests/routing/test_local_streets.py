"""Access-only streets: drives begin and end there, and do not pass through."""

from collections.abc import Mapping, Sequence

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings

from routing.bucket_search import BucketSearch
from routing.closure_places import PlacedClosure
from routing.engine import UNREACHED, Arrival, Ends, Starts
from routing.matrix import NO_WAY
from routing.metric import Metric
from routing.overlay import Overlay
from routing.profiles import Profile, load_profiles
from routing.roads import Roads
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.drawing import Drawing, DrawnStreet, draw, restriction, street
from tests.routing.closure_oracle import ClosureOracle
from tests.routing.engines import ENGINES, EngineOf, by_density
from tests.routing.oracle import Oracle
from tests.routing.random_closures import placed_closures, town_maps
from tests.routing.random_networks import (
    access_only,
    network_of,
    questions,
    restricted,
    restricted_street_maps,
    street_maps,
)
from tests.routing.test_pockets import both, shut

PROFILES: Mapping[str, Profile] = load_profiles()
NORMAL = PROFILES["normal_road"]

MAPS = st.one_of(
    access_only(town_maps()),
    access_only(street_maps()),
    access_only(restricted(town_maps())),
    access_only(restricted_street_maps()),
)


def local_of(metric: Metric) -> list[int]:
    """Numbers of the access-only segments."""
    numbers: list[int] = np.flatnonzero(metric.local[: metric.network.base_count]).tolist()
    return numbers


@pytest.mark.parametrize("engine_kind", ENGINES)
@settings(max_examples=80, deadline=None, derandomize=True)
@given(streets=MAPS, data=st.data())
def test_every_drive_among_access_only_streets_and_closures_is_the_oracles(
    engine_kind: EngineOf, streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    assume(any(NORMAL.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, NORMAL)
    roads = Roads.of(metric, engine_kind)
    for closures in ([], data.draw(placed_closures(network)), data.draw(placed_closures(network))):
        roads = roads.under(Overlay.of(closures))
        oracle = ClosureOracle(network, NORMAL, closures, streets, local=local_of(metric))
        for _ in range(3):
            question = data.draw(questions(metric))
            ends, starts = question.ends, question.starts
            found = roads.nearest_to(ends, starts, question.limit)
            expected = oracle.nearest(ends, starts, question.limit)
            assert [(one.vehicle, one.total_ms) for one in found] == expected
            for arrival in found:
                oracle.check_drive(arrival, starts, ends)
                assert roads.price(arrival).drive_ms == arrival.drive_ms
                assert sum(step.duration_ms for step in roads.steps(arrival)) == arrival.drive_ms


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=MAPS, data=st.data())
def test_areas_and_matrices_among_access_only_streets_are_the_oracles(
    streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    assume(any(NORMAL.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, NORMAL)
    closures = data.draw(placed_closures(network))
    roads = Roads.of(metric, by_density).under(Overlay.of(closures))
    oracle = ClosureOracle(network, NORMAL, closures, streets, local=local_of(metric))
    question = data.draw(questions(metric))
    starts, targets = question.starts, data.draw(questions(metric)).ends
    reach = roads.reach(starts, UNREACHED)
    for row, segment in enumerate(targets.segment.tolist()):
        end = Ends(targets.segment[[row]], targets.fraction[[row]], np.zeros(1, dtype=np.int64))
        first = [] if oracle.is_shut(segment) else oracle.nearest(end, starts, 1)
        reached_ms = int(reach.at(end.segment, end.fraction)[0])
        assert reached_ms == (first[0][1] if first else UNREACHED)
    places = [snap_of(starts, row) for row in range(len(starts.segment))]
    found = list(roads.matrix(places, [snap_of(targets, 0)]))
    cells = np.concatenate(found)[:, 0].tolist() if places else []
    ends = Ends.at(snap_of(targets, 0), network)
    drives = dict(oracle.nearest(ends, Starts.at(places), len(places)))
    assert cells == [drives.get(row, NO_WAY) for row in range(len(places))]


def snap_of(rows: Starts | Ends, row: int) -> Snap:
    return Snap((int(rows.segment[row]),), (float(rows.fraction[row]),), 0.0, 0.0, 0.0)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(streets=st.one_of(access_only(town_maps()), access_only(street_maps())))
def test_streets_are_access_only_by_rule_or_because_such_alone_lead_there(
    streets: StreetMap,
) -> None:
    network = network_of(streets)
    assume(any(NORMAL.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, NORMAL)
    by_rule = {
        segment
        for segment in Oracle(network, NORMAL).segment_ms
        for tags in [network.tag_sets[network.segment_tags[segment]]]
        if tags.get("motor_vehicle", tags.get("access")) in {"destination", "customers"}
    }
    usable, twin = set(np.flatnonzero(metric.usable).tolist()), network.segment_twin.tolist()
    ways = ways_of(Oracle(network, NORMAL, shut=by_rule))
    parts = [part & usable for part in nx.strongly_connected_components(ways)]
    largest = max(map(len, parts), default=0)

    def expected(core: set[int]) -> set[int]:
        leaves = core.union(*(nx.ancestors(ways, one) for one in core))
        reached = core.union(*(nx.descendants(ways, one) for one in core))
        return by_rule | {
            segment
            for segment in usable - by_rule
            if segment not in leaves or not reached & {segment, twin[segment]}
        }

    local = set(local_of(metric))
    assert local in [expected(part) for part in parts if len(part) == largest > 0] or (
        local == (by_rule | usable if by_rule else set()) and not largest
    )


def ways_of(oracle: Oracle) -> "nx.DiGraph[int]":
    """Which segments may be driven after which."""
    ways: nx.DiGraph[int] = nx.DiGraph()
    ways.add_nodes_from(oracle.segment_ms)
    for segment in oracle.segment_ms:
        ways.add_edges_from((segment, onward) for onward, _ in oracle.turns_out_of((segment,)))
    return ways


@pytest.mark.parametrize("profile", ["blue_light", "blue_light_contraflow"])
def test_on_blue_lights_no_street_is_access_only(profile: str) -> None:
    metric = Metric.of(RAT_RUN.network, PROFILES[profile])
    assert not metric.local.any()
    searched: list[Metric] = []

    def engine(passable: Metric) -> BucketSearch:
        searched.append(passable)
        return BucketSearch(passable)

    Roads.of(metric, engine)
    assert searched == [metric]


def access_street(way: str, name: str = "Mews", value: str = "destination") -> DrawnStreet:
    return street(way, name=name, motor_vehicle=value)


RAT_RUN = draw(
    {"a": (0, 0), "b": (400, 0), "c": (400, 400), "d": (0, 400), "m": (200, 200), "x": (0, 500)},
    "a-b-c-d-a",
    "d-x",
    access_street("a-m"),
    access_street("m-c", value="customers"),
)
"""A square with a short cut through two access-only streets, one after the other."""


def drive(
    town: Drawing, start: Snap, target: Snap, closures: Sequence[PlacedClosure] = ()
) -> Arrival | None:
    """The drive of normal traffic between two places, checked against the oracle."""
    metric = Metric.of(town.network, NORMAL)
    found = Roads.of(metric, BucketSearch).under(Overlay.of(closures)).route(start, target)
    oracle = ClosureOracle(town.network, NORMAL, closures, town.streets, local=local_of(metric))
    starts, ends = Starts.at([start]), Ends.at(target, town.network)
    assert oracle.nearest(ends, starts, 1) == ([] if found is None else [(0, found.total_ms)])
    if found is not None:
        oracle.check_drive(found, starts, ends)
    return found


def way(
    town: Drawing, start: Snap, target: Snap, closures: Sequence[PlacedClosure] = ()
) -> str | None:
    found = drive(town, start, target, closures)
    return None if found is None else town.way(found)


def test_an_access_only_street_is_no_rat_run() -> None:
    start, target = RAT_RUN.on("d-a", 399), RAT_RUN.on("b-c", 390)
    assert way(RAT_RUN, start, target) == "d>a a>b b>c"
    blue = Roads.of(Metric.of(RAT_RUN.network, PROFILES["blue_light"]), BucketSearch)
    on_blue_lights = blue.route(start, target)
    assert on_blue_lights is not None
    assert RAT_RUN.way(on_blue_lights) == "d>a a>m m>c c>b"


def test_a_drive_ends_and_begins_on_it_and_two_of_them_are_one_stretch() -> None:
    inside, outside = RAT_RUN.on("m-c", 100), RAT_RUN.on("d-a", 399)
    into, out = drive(RAT_RUN, outside, inside), drive(RAT_RUN, inside, outside)
    assert into is not None
    assert out is not None
    assert RAT_RUN.way(into) == "d>a a>m m>c"
    assert RAT_RUN.way(out) == "c>m m>a a>d"
    assert {into.first_stretch, into.last_stretch, out.first_stretch, out.last_stretch} == {0}


def test_a_street_behind_access_only_ones_is_reached_and_no_rat_run_either() -> None:
    town = draw(
        {
            "a": (0, 0),
            "b": (900, 0),
            "c": (300, 100),
            "d": (600, 100),
            "x": (-50, 0),
            "y": (950, 0),
        },
        street("a-b", via=[(450, -2000)]),
        "x-a",
        "b-y",
        access_street("a-c"),
        street("c-d", name="Close"),
        access_street("d-b"),
    )
    metric = Metric.of(town.network, NORMAL)
    assert metric.local[[town.segment("c>d"), town.segment("d>c")]].all()
    assert way(town, town.on("x-a", 10), town.on("c-d", 50)) == "x>a a>c c>d"
    assert way(town, town.on("c-d", 50), town.on("b-y", 10)) == "c>d d>b b>y"
    assert way(town, town.on("x-a", 10), town.on("b-y", 10)) == "x>a a>b b>y"


def test_one_turns_round_in_front_of_an_access_only_street() -> None:
    line = draw(
        {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0)}, "a-b-c", access_street("c-d")
    )
    assert way(line, line.on("b>c", 50), line.on("b>a", 50)) == "b>c c>b b>a"


def test_nobody_turns_round_in_an_access_only_street_to_come_back_on_the_right_side() -> None:
    """From w one may not turn left into k-j, but drive on into the mews and turn there."""
    town = draw(
        {
            "w": (-300, 0),
            "k": (0, 0),
            "j": (0, 300),
            "l": (200, 0),
            "n": (-300, 300),
            "m": (0, -300),
        },
        street("w>k"),
        street("k>m"),
        "m-w",
        street("k-j", name="Close"),
        access_street("k-l"),
        street("j-n", via=[(0, 900), (-300, 900)]),
        "n-w",
        restrictions=[restriction("w>k k>j", "no_left_turn")],
    )
    assert way(town, town.on("n-w", 100), town.on("k-j", 10)) == "w>n n>j j>k"


ESTATE = draw(
    {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0), "e": (400, 0), "far": (200, 900)},
    "a-b",
    access_street("b-c"),
    access_street("c-d"),
    "d-e",
    street("b-d", via=[(200, 900)]),
)
"""Two access-only streets between open ones, and a long way round."""


def test_an_access_only_street_is_no_way_through_a_closure() -> None:
    cordon = [shut(ESTATE, *both("b-c"))]
    start, target = ESTATE.on("a-b", 50), ESTATE.on("c-d", 50)
    assert way(ESTATE, start, target) == "a>b b>c c>d"
    assert way(ESTATE, start, target, cordon) == "a>b b>d d>c"


def test_only_a_closure_is_told_of() -> None:
    cordon = [shut(ESTATE, *both("c-d"))]
    start, beside, inside = ESTATE.on("a-b", 50), ESTATE.on("b-c", 50), ESTATE.on("c-d", 10)
    into = drive(ESTATE, start, inside, cordon)
    assert into is not None
    assert ESTATE.way(into) == "a>b b>c c>d"
    assert (into.first_stretch, into.last_stretch) == (0, 1)
    out = drive(ESTATE, inside, beside, cordon)
    assert out is not None
    assert ESTATE.way(out) == "d>c c>b"
    assert (out.first_stretch, out.last_stretch) == (1, 0)


def roads_of(town: Drawing) -> Roads:
    return Roads.of(Metric.of(town.network, NORMAL), BucketSearch)


def test_a_closure_on_an_access_only_street_is_named_with_what_it_costs() -> None:
    near, elsewhere = shut(ESTATE, *both("b-c")), shut(ESTATE, *both("d-e"), closure_id="elsewhere")
    start, target = ESTATE.on("a-b", 50), ESTATE.on("c-d", 50)
    open_roads = roads_of(ESTATE)
    roads = open_roads.under(Overlay.of([near, elsewhere]))
    starts = Starts.at([start])
    found = roads.nearest(target, starts, 1)
    (disturbance,) = roads.disturbances(target, starts, found).values()
    assert disturbance.closures == (near,)
    (usual,) = open_roads.nearest(target, starts, 1)
    assert disturbance.delay_ms == found[0].total_ms - usual.total_ms > 0


def test_a_drive_on_blue_lights_through_an_access_only_street_is_none_of_normal_traffic() -> None:
    blue = Roads.of(Metric.of(RAT_RUN.network, PROFILES["blue_light"]), BucketSearch)
    outside, beyond, inside = (
        RAT_RUN.on("d-a", 399),
        RAT_RUN.on("b-c", 390),
        RAT_RUN.on("m-c", 100),
    )
    through, into = blue.route(outside, beyond), blue.route(outside, inside)
    assert through is not None
    assert into is not None
    priced = roads_of(RAT_RUN).price(through)
    assert priced.drive_ms is None
    assert priced.closed.tolist() == [False, True, True, False]
    assert priced.leg_ms[0] > 0
    allowed = drive(RAT_RUN, outside, inside)
    assert allowed is not None
    assert roads_of(RAT_RUN).price(into).drive_ms == allowed.drive_ms


def test_other_ways_lead_from_and_to_access_only_streets_and_through_none() -> None:
    bridges = draw(
        {
            "s": (0, -100),
            "a": (0, 0),
            "b": (1000, 0),
            "c": (1000, 1500),
            "d": (0, 1500),
            "t": (1000, 1600),
            "m": (500, 0),
            "n": (500, 1500),
            "x": (0, 2000),
            "e": (1000, 750),
            "w": (0, 750),
        },
        access_street("s-a"),
        "a-m-b",
        street("b-e", name="East Bridge"),
        street("e-c", name="East Bridge"),
        street("a-w", name="West Bridge"),
        street("w-d", name="West Bridge"),
        access_street("m-n", name="Private Bridge"),
        "x-d-n-c",
        access_street("c-t"),
    )
    roads = roads_of(bridges)
    start, target = bridges.on("s-a", 50), bridges.on("c-t", 50)
    fastest = roads.route(start, target)
    assert fastest is not None
    others = roads.alternatives(fastest, start, target)
    ways = {bridges.way(one) for one in (fastest, *others)}
    assert ways == {"s>a a>m m>b b>e e>c c>t", "s>a a>w w>d d>n n>c c>t"}
    for other in others:
        assert roads.price(other).drive_ms == other.drive_ms >= fastest.drive_ms
