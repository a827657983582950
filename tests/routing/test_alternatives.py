"""Alternative ways: driven as the rules say, different enough, not much longer, nowhere foolish."""

from itertools import pairwise

import numpy as np
import pytest

from routing.alternatives import LOCALLY_FASTEST, LONGER, MAX_ALTERNATIVES, SHARED
from routing.bucket_search import BucketSearch
from routing.engine import Arrival, Ends, Starts
from routing.metric import Metric
from routing.network import RoadNetwork
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap
from tests.drawing import Drawing, draw, street
from tests.routing.oracle import Oracle

DRIVING = load_profiles()["blue_light"]
SIDE = 9


def jittered_grid(seed: int) -> Drawing:
    """Streets 200 m apart, up to twice as long as drawn, some faster, a few one-way."""
    rng = np.random.default_rng(seed)
    lines = range(SIDE)
    ways = [f"{x}.{y}{{}}{x + 1}.{y}" for x in lines[:-1] for y in lines]
    ways += [f"{x}.{y}{{}}{x}.{y + 1}" for x in lines for y in lines[:-1]]
    return draw(
        {f"{x}.{y}": (200 * x, 200 * y) for x in lines for y in lines},
        *(
            street(
                way.format(">" if rng.random() < 0.05 else "-"),
                length_m=float(rng.uniform(200, 400)),
                highway=str(rng.choice(["residential", "residential", "tertiary", "primary"])),
            )
            for way in ways
        ),
    )


@pytest.mark.parametrize("seed", range(8))
def test_alternatives_keep_what_they_promise(seed: int) -> None:
    town = jittered_grid(seed)
    metric, oracle = Metric.of(town.network, DRIVING), Oracle(town.network, DRIVING)
    roads = Roads.of(metric, BucketSearch)
    rng = np.random.default_rng(seed)
    open_segments = np.flatnonzero(metric.usable)
    found_any = 0
    for _ in range(6):
        start, target = (
            Snap((int(rng.choice(open_segments)),), (float(rng.random()),), 0.0, 0.0, 0.0)
            for _ in range(2)
        )
        fastest = roads.route(start, target)
        assert fastest is not None
        others = roads.alternatives(fastest, start, target)
        assert len(others) <= MAX_ALTERNATIVES
        found_any += len(others)
        for other in others:
            check(oracle, metric.network, fastest, other, start, target)
        for one, other in pairwise([fastest, *others]):
            assert shared_ms(metric, one, other) <= SHARED * fastest.drive_ms
        for other in others:
            assert shared_ms(metric, fastest, other) <= SHARED * fastest.drive_ms
    assert found_any > 0


def check(
    oracle: Oracle,
    network: RoadNetwork,
    fastest: Arrival,
    other: Arrival,
    start: Snap,
    target: Snap,
) -> None:
    ends = Ends.at(target, network)
    oracle.check_drive(other, Starts.at([start]), ends)
    assert fastest.drive_ms <= other.drive_ms <= (1 + LONGER) * fastest.drive_ms
    assert len(set(other.segments.tolist())) == len(other.segments)
    way = other.segments.tolist()[:-1]
    longest_ms = LOCALLY_FASTEST * fastest.drive_ms
    for first, begin in enumerate(way):
        driven_ms, last = 0, first
        while last + 1 < len(way):
            turns = dict(oracle.turns_out_of((way[last],)))
            leg_ms = turns[way[last + 1]] + oracle.segment_ms[way[last + 1]]
            if driven_ms + leg_ms > longest_ms:
                break
            driven_ms, last = driven_ms + leg_ms, last + 1
        end = Ends(np.asarray([way[last]]), np.ones(1), np.zeros(1, dtype=np.int64))
        assert oracle.arrive_ms(end, [(begin, 1.0)]) == [driven_ms]


def shared_ms(metric: Metric, one: Arrival, other: Arrival) -> int:
    both = np.intersect1d(one.segments, other.segments)
    return int(metric.segment_ms[both].sum())


def ways(town: Drawing, start: Snap, target: Snap) -> list[str]:
    roads = Roads.of(Metric.of(town.network, DRIVING), BucketSearch)
    fastest = roads.route(start, target)
    assert fastest is not None
    return [town.way(one) for one in (fastest, *roads.alternatives(fastest, start, target))]


def test_the_other_bridge_is_an_alternative_and_a_detour_round_the_block_is_not() -> None:
    bridges = draw(
        {
            "a": (0, 0),
            "b": (0, 1000),
            "c": (1100, 1000),
            "d": (1100, 2000),
            "e": (0, 2000),
            "f": (0, 3000),
            "g": (100, 2000),
            "h": (100, 2200),
            "i": (0, 2200),
        },
        *("a-b", "b-e", "e-i", "i-f"),
        *("b-c", "c-d", "d-g", "g-e"),
        *("g-h", "h-i"),
    )
    near = ways(bridges, bridges.on("a-b", 50), bridges.on("i-f", 750))
    assert near == ["a>b b>e e>i i>f"]  # the other bridge is more than a quarter longer

    twins = draw(
        {
            "a": (0, 0),
            "b": (0, 200),
            "w": (-900, 1500),
            "e": (1000, 1500),
            "y": (0, 2800),
            "z": (0, 3000),
        },
        *("a-b", "b-w", "w-y", "b-e", "e-y", "y-z"),
    )
    assert ways(twins, twins.on("a-b", 50), twins.on("y-z", 150)) == [
        "a>b b>w w>y y>z",
        "a>b b>e e>y y>z",
    ]


def test_there_is_no_other_way_along_one_street() -> None:
    lane = draw({"a": (0, 0), "b": (900, 0)}, "a-b")
    assert len(ways(lane, lane.on("a-b", 100), lane.on("a-b", 700))) == 1


def test_no_more_are_given_than_asked_for() -> None:
    town = jittered_grid(1)
    roads = Roads.of(Metric.of(town.network, DRIVING), BucketSearch)
    start = town.on("0.0-1.0", 100)
    target = town.on("7.8-8.8", 100)
    fastest = roads.route(start, target)
    assert fastest is not None
    assert roads.alternatives(fastest, start, target, limit=0) == []
    assert len(roads.alternatives(fastest, start, target, limit=1)) == 1
