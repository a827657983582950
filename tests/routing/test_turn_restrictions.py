"""Turn restrictions: each trap drawn by hand and named after what it would catch."""

from collections.abc import Callable
from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.build import build_network
from routing.engine import Ends, Starts
from routing.errors import NetworkError
from routing.metric import BLOCKED, Metric, hour_slots
from routing.network import NO_RULE
from routing.profiles import load_profiles
from routing.router import Router
from routing.snapping import Snap, Snapper
from routing.streets import StreetMap, TurnRestriction
from tests.drawing import DRAWN, Drawing, DrawnRestriction, draw, restriction, street
from tests.routing.engines import EngineOf
from tests.routing.oracle import Oracle, summary
from tests.routing.random_networks import network_of, restricted_street_maps

PROFILES = load_profiles()
DRIVERS = ("normal_road", "blue_light")
BOTH = pytest.mark.parametrize("profile", DRIVERS)
MONDAY_AT_8, MONDAY_AT_3, SUNDAY_AT_8 = 8, 3, 6 * 24 + 8
CONDITIONAL = "restriction:conditional"

Way = Callable[..., str | None]


@pytest.fixture
def way(engine_of: EngineOf) -> Way:
    """The streets driven between two places, checked by the oracle; None when there is no way."""

    def driven(
        drawing: Drawing,
        start: Snap,
        target: Snap,
        profile: str = "normal_road",
        hour: int | None = None,
    ) -> str | None:
        driving, network = PROFILES[profile], drawing.network
        engine = engine_of(Metric.of(network, driving, hour))
        oracle = Oracle(network, driving, hour, drawing.streets)
        starts, ends = Starts.at([start]), Ends.at(target, network)
        found = engine.nearest(ends, starts, 1)
        assert summary(found) == oracle.nearest(ends, starts, 1)
        for one in found:
            oracle.check_drive(one, starts, ends)
        return drawing.way(found[0]) if found else None

    return driven


# Through a junction


def block(*restrictions: DrawnRestriction) -> Drawing:
    """A street from the west to the corner `a` of a block."""
    return draw(
        {"w": (-100, 0), "a": (0, 0), "b": (0, 100), "c": (100, 100), "d": (100, 0)},
        "w-a-b-c-d-a",
        restrictions=restrictions,
    )


STRAIGHT, ROUND_THE_BLOCK = "w>a a>b", "w>a a>d d>c c>b b>a"


def round_the_block(
    way: Way, restricted: DrawnRestriction, profile: str, hour: int | None = None
) -> bool:
    """Whether the first turn to the left has to be made up for by three to the right."""
    drawing = block(restricted)
    driven = way(drawing, drawing.on("w>a", 10), drawing.on("a-b", 10), profile, hour)
    assert driven in {STRAIGHT, ROUND_THE_BLOCK}
    return driven == ROUND_THE_BLOCK


def test_a_banned_left_turn_sends_a_car_round_the_block_and_a_crew_on_blue_lights_left(
    way: Way,
) -> None:
    no_left_turn = restriction("w>a a>b", "no_left_turn")
    assert round_the_block(way, no_left_turn, "normal_road")
    assert not round_the_block(way, no_left_turn, "blue_light")


def test_only_straight_on_bans_every_other_turn(way: Way) -> None:
    only_straight_on = restriction("w>a a>d", "only_straight_on")
    assert round_the_block(way, only_straight_on, "normal_road")
    assert not round_the_block(way, only_straight_on, "blue_light")


def test_a_ban_for_those_from_one_street_holds_for_nobody_else(way: Way) -> None:
    drawing = block(restriction("w>a a>b", "no_left_turn"))
    assert way(drawing, drawing.on("d>a", 90), drawing.on("a-b", 10)) == "d>a a>b"


@BOTH
@pytest.mark.parametrize("value", ["no_entry", "no_exit", "no_u_turn"])
def test_no_entry_and_no_u_turn_hold_on_blue_lights_too(way: Way, value: str, profile: str) -> None:
    assert round_the_block(way, restriction("w>a a>b", value), profile)


@pytest.mark.parametrize(
    ("excepted", "freed"),
    [
        ("psv", set()),
        ("psv;bicycle", set()),
        ("emergency", {"blue_light"}),
        ("psv; emergency", {"blue_light"}),
        ("motorcar;bicycle", {"normal_road"}),
        ("motor_vehicle", {"blue_light", "normal_road"}),
    ],
)
def test_those_excepted_may_turn(way: Way, excepted: str, freed: set[str]) -> None:
    no_entry = restriction("w>a a>b", "no_entry", {"except": excepted})
    bound = {one for one in DRIVERS if round_the_block(way, no_entry, one)}
    assert bound == set(DRIVERS) - freed


@pytest.mark.parametrize(
    ("hour", "banned"),
    [(MONDAY_AT_8, True), (MONDAY_AT_3, False), (SUNDAY_AT_8, False), (None, True)],
)
def test_a_turn_banned_by_day_is_free_at_night(way: Way, hour: int | None, *, banned: bool) -> None:
    by_day = restriction("w>a a>b", tags={CONDITIONAL: "no_left_turn @ (Mo-Fr 07:00-19:00)"})
    assert round_the_block(way, by_day, "normal_road", hour) is banned


@pytest.mark.parametrize(
    ("hour", "banned"), [(MONDAY_AT_8, False), (MONDAY_AT_3, True), (None, False)]
)
def test_a_ban_lifted_by_day_holds_at_night(way: Way, hour: int | None, *, banned: bool) -> None:
    by_night = restriction("w>a a>b", "no_left_turn", {CONDITIONAL: "none @ (Mo-Su 07:00-19:00)"})
    assert round_the_block(way, by_night, "normal_road", hour) is banned


def test_a_condition_that_is_not_understood_is_not_applied(way: Way) -> None:
    heavy = restriction("w>a a>b", tags={CONDITIONAL: "no_left_turn @ (weight>7.5)"})
    assert not round_the_block(way, heavy, "normal_road", MONDAY_AT_8)
    lighter = restriction("w>a a>b", "no_left_turn", {CONDITIONAL: "none @ (weight<3)"})
    assert round_the_block(way, lighter, "normal_road", MONDAY_AT_8)


@pytest.mark.parametrize(
    ("tags", "banned"),
    [
        ({"restriction:hgv": "no_left_turn"}, False),
        ({"restriction:motorcar": "no_left_turn"}, True),
        ({"restriction:motor_vehicle": "no_left_turn"}, True),
        ({"restriction": "no_left_turn", "restriction:motorcar": "none"}, False),
        ({"restriction": "no_right_turn_on_red"}, False),
    ],
)
def test_a_restriction_for_some_vehicles_holds_for_these(
    way: Way, tags: dict[str, str], *, banned: bool
) -> None:
    assert round_the_block(way, restriction("w>a a>b", tags=tags), "normal_road") is banned


# Dead ends


def test_a_street_all_turns_of_which_are_banned_is_a_dead_end(way: Way) -> None:
    restricted = [restriction("w>a a>b", "no_left_turn"), restriction("w>a a>c", "no_right_turn")]
    tee = draw(
        {"v": (-200, 0), "w": (-100, 0), "a": (0, 0), "b": (0, 100), "c": (0, -100)},
        "v-w-a",
        "b-a-c",
        restrictions=restricted,
    )
    assert way(tee, tee.on("w>a", 50), tee.on("v-w", 50)) == "w>a a>w w>v"
    assert way(tee, tee.on("w>a", 50), tee.on("a-b", 50)) is None
    assert way(tee, tee.on("b>a", 50), tee.on("v-w", 50)) == "b>a a>w w>v"


def test_a_crew_made_to_go_where_it_cannot_turns_round_instead(way: Way) -> None:
    to_nowhere = draw(
        {"w": (-100, 0), "a": (0, 0), "b": (0, 100), "c": (100, 0)},
        "w-a-b",
        street("a-c", highway="footway"),
        restrictions=[restriction("w>a a>c", "only_straight_on")],
    )
    assert way(to_nowhere, to_nowhere.on("w>a", 50), to_nowhere.on("w-a", 10)) == "w>a a>w"
    assert way(to_nowhere, to_nowhere.on("w>a", 50), to_nowhere.on("a-b", 10)) is None


def test_a_banned_u_turn_at_a_dead_end_lets_nobody_out_who_heads_in(way: Way) -> None:
    cul_de_sac = draw(
        {"a": (0, 0), "b": (100, 0), "end": (50, 80)},
        street("a-b", via=[(50, -50)]),
        street("a-b", via=[(50, -90)], name="Other"),
        "a-end",
        restrictions=[restriction("a>end end>a", "no_u_turn")],
    )
    ahead, behind = cul_de_sac.on("a>end", 50), cul_de_sac.on("a>end", 10)
    assert way(cul_de_sac, ahead, behind) is None
    metric = Metric.of(cul_de_sac.network, PROFILES["normal_road"])
    assert not metric.usable[cul_de_sac.segment("a>end")]
    snap = Snapper(metric).snap(*cul_de_sac.position(50, 80), radius_m=200)
    assert snap is not None
    assert set(snap.segments) == {cul_de_sac.segment("a>end"), cul_de_sac.segment("end>a")}
    assert way(cul_de_sac, cul_de_sac.on("a-b", 10, name="Other"), snap) is not None
    assert way(cul_de_sac, snap, cul_de_sac.on("a-b", 10, name="Other")) is not None


# Through streets


def dual_carriageway(*restrictions: DrawnRestriction, side_street: bool = True) -> Drawing:
    """Eastbound `w>x>e`, westbound `f>y>v`, a gap `x-y` and one at the east end."""
    return draw(
        {
            "w": (-200, 0),
            "x": (0, 0),
            "e": (200, 0),
            "f": (200, 20),
            "y": (0, 20),
            "v": (-200, 20),
            "n": (0, 120),
            "s": (0, -100),
        },
        "w>x>e>f>y>v>w",
        "x-y>n",
        "s>x" if side_street else "s>e",
        restrictions=restrictions or [restriction("w>x x>y y>v", "no_u_turn")],
    )


@BOTH
def test_no_u_turn_through_the_gap_leaves_all_other_ways_through_it(way: Way, profile: str) -> None:
    dual = dual_carriageway()
    eastbound, westbound = dual.on("w>x", 100), dual.on("y>v", 100)
    assert way(dual, eastbound, westbound, profile) == "w>x x>e e>f f>y y>v"
    assert way(dual, eastbound, dual.on("y>n", 50), profile) == "w>x x>y y>n"
    assert way(dual, dual.on("s>x", 50), westbound, profile) == "s>x x>y y>v"


@BOTH
def test_who_stands_in_the_gap_may_leave_it_either_way(way: Way, profile: str) -> None:
    dual = dual_carriageway()
    assert way(dual, dual.on("x>y", 10), dual.on("y>v", 100), profile) == "x>y y>v"


@BOTH
def test_a_call_in_the_gap_is_reached_by_those_who_must_not_turn_there_and_by_others(
    way: Way, profile: str
) -> None:
    dual = dual_carriageway()
    for target in ("x-y", "x>y"):
        call = dual.on(target, 10)
        assert way(dual, dual.on("w>x", 100), call, profile) == "w>x x>y"
        assert way(dual, dual.on("s>x", 50), call, profile) == "s>x x>y"
    assert way(dual, dual.on("f>y", 100), dual.on("x-y", 10), profile) == "f>y y>x"
    assert way(dual, dual.on("x>y", 15), dual.on("x>y", 5), profile) == "x>y y>v v>w w>x x>y"


def test_the_nearer_of_two_who_remember_different_ways_is_sent(engine_of: EngineOf) -> None:
    dual = dual_carriageway()
    engine = engine_of(Metric.of(dual.network, PROFILES["normal_road"]))
    ends = Ends.at(dual.on("x>y", 10), dual.network)
    for first, second in (("w>x", "s>x"), ("s>x", "w>x")):
        starts = Starts.at([dual.on(first, 60), dual.on(second, 50)])
        farther_first = dual.network.segment_length_m[dual.segment(first)] - 60 > 50
        order = [one.vehicle for one in engine.nearest(ends, starts, 2)]
        assert order == ([1, 0] if farther_first else [0, 1])


def test_a_gap_that_is_only_reached_under_a_restriction_is_still_a_place(way: Way) -> None:
    dual = dual_carriageway(side_street=False)
    metric = Metric.of(dual.network, PROFILES["normal_road"])
    gap = dual.segment("x>y")
    into_the_gap = dual.network.turn_from[slice(*dual.network.turn_first[gap : gap + 2])]
    assert into_the_gap.tolist() == [dual.segment("y>x")]  # only a U-turn leads to no copy
    snap = Snapper(metric).snap(*dual.position(0, 10), radius_m=5)
    assert snap is not None
    assert set(snap.segments) == {gap, dual.segment("y>x")}
    assert way(dual, dual.on("w>x", 100), snap) == "w>x x>y"


def test_two_restrictions_that_share_a_street_are_told_apart_by_where_one_came_from(
    way: Way,
) -> None:
    shared = draw(
        {"a": (-100, 0), "b": (100, 0), "x": (0, 0), "y": (0, 60), "c": (-100, 60), "d": (100, 60)},
        "a>x",
        "b>x",
        "x-y",
        "c-y-d",
        street("c-d", via=[(0, 300)]),
        restrictions=[
            restriction("a>x x>y y>c", "no_left_turn"),
            restriction("b>x x>y y>d", "no_right_turn"),
        ],
    )
    to_c, to_d = shared.on("c-y", 10), shared.on("d-y", 10)
    assert way(shared, shared.on("a>x", 50), to_d) == "a>x x>y y>d"
    assert way(shared, shared.on("b>x", 50), to_c) == "b>x x>y y>c"
    assert way(shared, shared.on("a>x", 50), to_c) == "a>x x>y y>d d>c c>y"
    assert way(shared, shared.on("b>x", 50), to_d) == "b>x x>y y>c c>d d>y"


def test_a_longer_memory_does_not_forget_a_shorter_restriction(way: Way) -> None:
    """`a>b b>c c>d` is begun by all who are banned from `c>e` because they came by `b`."""
    places = {"a": (0, 0), "b": (100, 0), "c": (200, 0), "d": (300, 0), "e": (200, 100)}
    both = draw(
        places | {"f": (100, 100)},
        "a-b-c-d",
        "c-e",
        street("d-e", via=[(500, 50)]),
        "f>b",
        restrictions=[
            restriction("a>b b>c c>d", "no_straight_on"),
            restriction("b>c c>e", "no_left_turn"),
        ],
    )
    assert way(both, both.on("a>b", 50), both.on("c-d", 10)) is None
    assert way(both, both.on("f>b", 10), both.on("c-d", 10)) == "f>b b>c c>d"
    assert way(both, both.on("f>b", 10), both.on("c-e", 10)) == "f>b b>c c>d d>e e>c"
    assert way(both, both.on("a>b", 50), both.on("c-e", 10)) is None


def test_the_longest_way_remembered_counts_when_one_restriction_begins_within_another(
    way: Way,
) -> None:
    chain = draw(
        {one: (100 * i, 0) for i, one in enumerate("abcde")} | {"s": (100, -50)},
        "a-b-c-d-e",
        "s>b",
        street("a-e", via=[(200, 900)]),
        restrictions=[
            restriction("a>b b>c c>d d>e", "no_straight_on"),
            restriction("b>c c>d d>e", "no_entry", {"except": "motorcar"}),
        ],
    )
    target = chain.on("d-e", 10)
    assert way(chain, chain.on("s>b", 10), target) == "s>b b>c c>d d>e"
    assert way(chain, chain.on("s>b", 10), target, "blue_light") == "s>b b>a a>e e>d"
    assert way(chain, chain.on("a>b", 10), target) == "a>b b>c c>d d>c c>b b>a a>e e>d"
    assert way(chain, chain.on("a>b", 10), chain.on("d>e", 10)) is None


def test_a_mandatory_way_through_streets_must_not_be_left_anywhere(way: Way) -> None:
    dual = dual_carriageway(restriction("w>x x>y y>n", "only_straight_on"))
    assert way(dual, dual.on("w>x", 100), dual.on("y>n", 50)) == "w>x x>y y>n"
    assert way(dual, dual.on("w>x", 100), dual.on("x>e", 50)) is None
    assert way(dual, dual.on("w>x", 100), dual.on("y>v", 50)) is None
    assert way(dual, dual.on("s>x", 50), dual.on("x>e", 50)) == "s>x x>e"
    assert way(dual, dual.on("s>x", 50), dual.on("y>v", 50)) == "s>x x>y y>v"


def test_hours_share_their_weights_unless_a_ban_begins_or_ends_between_them() -> None:
    by_day = {CONDITIONAL: "no_left_turn @ (Mo-Su 12:00-13:00)"}
    driving = PROFILES["normal_road"]
    free, banned = block(), block(restriction("w>a a>b", tags=by_day))
    noon, after = next(
        (h, h + 1) for h in range(12, 168, 24) if driving.slot(h + 1) == driving.slot(h)
    )
    for drawing, alike in ((free, True), (banned, False)):
        network = drawing.network
        slots = hour_slots(network, driving)
        assert (slots[noon] == slots[after]) is alike
        router = Router(network)
        kept = [router.roads("normal_road", hour) for hour in (noon, after)]
        assert (kept[0] is kept[1]) is alike
        weights = [Metric.of(network, driving, hour).entry_ms.tolist() for hour in (noon, after)]
        assert (weights[0] == weights[1]) is alike


# What a network with copies is


def test_copies_are_not_counted_as_streets() -> None:
    with_copy, without = dual_carriageway(), dual_carriageway(restriction("w>x x>y", "no_entry"))
    assert with_copy.network.segment_count == without.network.segment_count + 1
    assert with_copy.network.base_count == without.network.base_count
    assert with_copy.network.street_kilometres == without.network.street_kilometres
    gap = with_copy.segment("x>y")
    assert with_copy.network.with_copies(gap) == (gap, with_copy.network.base_count)
    assert without.network.with_copies(gap) == (gap,)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(streets=restricted_street_maps())
def test_every_network_with_copies_is_well_formed(streets: StreetMap) -> None:
    network = network_of(streets)
    base = network.segment_base.tolist()
    assert base[: network.base_count] == list(range(network.base_count))
    assert all(one < network.base_count for one in base)
    for copy in range(network.base_count, network.segment_count):
        for field in ("from", "to", "twin", "length_m", "tags", "name", "ref", "way_id"):
            array = getattr(network, f"segment_{field}")
            assert array[copy] == array[base[copy]]
        assert (
            network.segment_shape(copy)[0].tolist() == network.segment_shape(base[copy])[0].tolist()
        )
        assert copy in network.with_copies(base[copy])
    onward = sorted(
        (one, other)
        for one in range(network.segment_count)
        for other in range(network.base_count)
        if network.segment_to[one] == network.segment_from[other]
    )
    into = network.segment_base[network.turn_into].tolist()
    assert sorted(zip(network.turn_from.tolist(), into, strict=True)) == onward
    assert network.turn_rules[NO_RULE] == ()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=restricted_street_maps(), data=st.data())
def test_the_order_of_streets_and_restrictions_does_not_matter(
    streets: StreetMap, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(streets.streets))))
    place = {number: i for i, number in enumerate(order)}
    moved = [
        replace(one, path=[(place[number], forward) for number, forward in one.path])
        for one in streets.restrictions
    ]
    shuffled = StreetMap(
        junctions=dict(reversed(list(streets.junctions.items()))),
        streets=[streets.streets[number] for number in order],
        restrictions=data.draw(st.permutations(moved)),
    )
    assert network_of(shuffled).version == network_of(streets).version


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=restricted_street_maps())
def test_every_usable_place_can_be_reached_from_every_other(
    profile: str, streets: StreetMap
) -> None:
    driving = PROFILES[profile]
    assume(any(driving.speed_mps(one.tags) for one in streets.streets))
    network = network_of(streets)
    metric = Metric.of(network, driving)
    usable = np.flatnonzero(metric.usable).tolist()
    assert usable
    assert max(usable) < network.base_count
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(network.segment_count))
    is_open = metric.entry_ms != BLOCKED
    graph.add_edges_from(zip(network.turn_from[is_open], network.turn_into[is_open], strict=True))
    for one in usable:
        reached = {int(network.segment_base[other]) for other in nx.descendants(graph, one)}
        assert set(usable) <= reached | {one}


def test_a_restriction_changes_the_version_and_so_do_its_tags() -> None:
    versions = {
        draw({"a": (0, 0), "b": (9, 0), "c": (9, 9)}, "a-b-c", restrictions=one).network.version
        for one in (
            [],
            [restriction("a>b b>c", "no_entry")],
            [restriction("c>b b>a", "no_entry")],
            [restriction("a>b b>c", "no_exit")],
            [restriction("a>b b>c", "no_entry", {"except": "psv"})],
            [restriction("a>b b>c", "only_straight_on")],
        )
    }
    assert len(versions) == 5  # an only_straight_on that leaves no other choice says nothing
    twice = [restriction("a>b b>c", "no_entry")] * 2
    drawn = draw({"a": (0, 0), "b": (9, 0), "c": (9, 9)}, "a-b-c", restrictions=twice)
    assert drawn.network.version in versions


def test_what_restricts_a_street_holds_for_the_same_street_drawn_twice(way: Way) -> None:
    drawn_twice = draw(
        {"a": (0, 0), "b": (100, 0), "c": (100, 100)},
        "a-b",
        street("b-c", way_id=7, tags={"service": "alley"}),
        street("b-c", way_id=7),
        restrictions=[restriction("a>b b>c", "no_left_turn")],
    )
    assert drawn_twice.network.segment_way_id.tolist().count(7) == 4
    for segment in np.flatnonzero(drawn_twice.network.segment_way_id == 7).tolist():
        call = Snap((segment,), (0.5,), 0.0, 0.0, 0.0)
        assert way(drawn_twice, drawn_twice.on("a>b", 50), call) is None


# Restrictions that are none


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ([], "0 streets; at least 2"),
        ([(0, True)], "1 streets; at least 2"),
        ([(0, True), (9, True)], "no street 9"),
        ([(0, True), (-1, True)], "no street -1"),
        ([(0, True), (2, True)], "do not follow each other"),
        ([(0, False), (1, True)], "do not follow each other"),
        ([(1, True), (2, False)], "street 2 is not driven that way"),
    ],
)
def test_a_restriction_on_no_way_is_refused(path: list[tuple[int, bool]], complaint: str) -> None:
    streets = draw({one: (100 * i, 0) for i, one in enumerate("abcd")}, "a-b-c", "c>d").streets
    tags = {"restriction": "no_u_turn"}
    wrong = replace(streets, restrictions=[TurnRestriction(path, mandatory=False, tags=tags)])
    with pytest.raises(NetworkError, match=complaint):
        build_network(wrong, name="wrong", provenance=DRAWN)
