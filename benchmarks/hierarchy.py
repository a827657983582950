"""What the hierarchy costs to make, to weigh and to change, and matrices, beside RoutingKit's."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from benchmarks.routingkit_peer import RoutingKitPeer, Topologies
from benchmarks.timing import Measured, measure
from routing.bucket_search import BucketSearch
from routing.cch_search import CchSearch
from routing.contraction import contract
from routing.engine import Ends, SearchEngine, Starts
from routing.metric import BLOCKED, Metric
from routing.network import IntArray, RoadNetwork
from routing.snapping import Snap

REPEATS = 10
SLOW_REPEATS = 2
STREETS = 100

HIERARCHY = "contraction hierarchy"
EARLY = "early-stopping search"
ROUTINGKIT = "RoutingKit's hierarchy"

Street = tuple[Metric, IntArray]
"""The metric with a street shut, and the turns that differ."""


def measure_contraction(network: RoadNetwork) -> tuple[list[Measured], Topologies]:
    """How long both take to contract a network, and what the peer made of it."""
    made: list[Topologies] = []
    contract(network)  # compiles
    measured = [
        Measured("contract the network", label, measure(make, [network]))
        for label, make in (
            (HIERARCHY, contract),
            (f"{ROUTINGKIT}, along and against", lambda one: made.append(Topologies(one))),
        )
    ]
    return measured, made[0]


def measure_hierarchy(
    ours: CchSearch, peer: RoutingKitPeer, starts: Sequence[Snap], ends: Sequence[Snap]
) -> Iterator[Measured]:
    """All other lines about the hierarchy, and a matrix from and to these places."""
    yield from _weighing(ours, peer)
    yield from _closing(ours, peer)
    yield from _matrices(ours, peer, starts, ends)


def _weighing(ours: CchSearch, peer: RoutingKitPeer) -> Iterator[Measured]:
    metric, hierarchy = ours.metric, ours.hierarchy

    def price(_: object) -> object:
        return CchSearch.of(Metric.of(metric.network, metric.profile, metric.hour), hierarchy)

    for label, weigh in (
        (f"{HIERARCHY}, prices of streets and turns included", price),
        (f"{HIERARCHY}, prices known", lambda _: CchSearch.of(metric, hierarchy)),
        (f"{EARLY}, prices known", lambda _: BucketSearch(metric)),
        (f"{ROUTINGKIT}, prices known", lambda _: peer.reprice()),
    ):
        yield Measured("price everything anew", label, measure(weigh, range(REPEATS)))


def _closing(ours: CchSearch, peer: RoutingKitPeer) -> Iterator[Measured]:
    task = "shut one street"
    streets = list(_shut_streets(ours.metric))

    def shut(street: Street) -> object:
        return ours.repriced(*street)

    def shut_by_peer(street: Street) -> None:
        changed = street[1]
        peer.change(changed, np.full(len(changed), 2**31 - 1, dtype=np.int32))

    yield Measured(task, f"{HIERARCHY}, on a copy", measure(shut, streets))
    yield Measured(task, f"{ROUTINGKIT}, in place", measure(shut_by_peer, streets))
    peer.reprice()


def _shut_streets(metric: Metric) -> Iterator[Street]:
    """Streets all over town, each shut on its own, both ways."""
    network = metric.network
    into, rng = network.turn_into, np.random.default_rng(8)
    for segment in rng.choice(np.flatnonzero(metric.usable), STREETS, replace=False).tolist():
        both = [segment, int(network.segment_twin[segment])]
        touched = np.isin(into, both) | np.isin(network.turn_from, both)
        turns = np.flatnonzero(touched & (metric.entry_ms != BLOCKED)).astype(np.int32)
        entry_ms = metric.entry_ms.copy()
        entry_ms[turns] = BLOCKED
        yield replace(metric, entry_ms=entry_ms), turns


def _matrices(
    ours: CchSearch, peer: RoutingKitPeer, starts: Sequence[Snap], ends: Sequence[Snap]
) -> Iterator[Measured]:
    network = ours.metric.network
    rows, columns = (
        [Starts.at([snap]) for snap in starts],
        [Ends.at(snap, network) for snap in ends],
    )
    outwards = BucketSearch(ours.metric)

    def ask(engine: SearchEngine) -> Callable[[object], IntArray]:
        return lambda _: np.concatenate(list(engine.matrix(rows, columns)))

    first = [int(row.segment[0]) for row in rows], [int(one.segment[0]) for one in columns]
    segments = np.asarray(first[0]), np.asarray(first[1])
    assert np.array_equal(ask(ours)(None), ask(outwards)(None))
    for label, compute, repeats in (
        (HIERARCHY, ask(ours), REPEATS),
        ("a search outwards for each row", ask(outwards), SLOW_REPEATS),
        (f"{ROUTINGKIT}, one direction of each street", lambda _: peer.matrix(*segments), REPEATS),
    ):
        task = f"matrix of {len(rows)} x {len(columns)}"
        yield Measured(task, label, measure(compute, range(repeats)))
