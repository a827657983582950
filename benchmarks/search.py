"""Nearest vehicles and one route: both engines beside their peers, the reference and NetworkX."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.hierarchy import (
    EARLY,
    HIERARCHY,
    ROUTINGKIT,
    measure_contraction,
    measure_hierarchy,
)
from benchmarks.london import random_places
from benchmarks.networkx_peer import NetworkxPeer
from benchmarks.routingkit_peer import RoutingKitPeer
from benchmarks.timing import Measured, measure
from routing.bucket_search import BucketSearch
from routing.by_density import SPARSE_FLEET
from routing.cch_search import CchSearch
from routing.engine import Ends, SearchEngine, Starts
from routing.metric import Metric
from routing.network import RoadNetwork
from routing.paths import path_of
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.scipy_search import ScipySearch
from routing.snapping import Snap, Snapper

PROFILE = "blue_light"
NEAREST = 5
FLEETS = (5, 50, 500, 1000)
DENSE_FLEET = SPARSE_FLEET // 2
"""Vehicles, each in either direction of its street, up to which the hierarchy is asked."""

ROWS, COLUMNS = 500, 50
QUESTIONS = 1000
SOME_QUESTIONS = 100
REFERENCE_QUESTIONS = 30
PEER_QUESTIONS = 10
STANDING_DELAY_MS = 60_000
MOVING_DELAY_MS = 15_000


@dataclass(frozen=True, slots=True)
class _Question:
    """One call and a fleet that stands somewhere else than for the call before."""

    call: Snap
    standing: list[Snap]
    fleet: Starts
    call_junction: int
    fleet_junctions: list[int]

    @property
    def places(self) -> list[tuple[float, float]]:
        """The call and the fleet, in degrees."""
        return [(snap.lat, snap.lon) for snap in (self.call, *self.standing)]


def measure_search(network: RoadNetwork) -> list[Measured]:
    """All lines of the search table."""
    assert network.hierarchy is not None
    metric = Metric.of(network, load_profiles()[PROFILE])
    snapper = Snapper(metric)
    many, few = BucketSearch(metric), CchSearch.of(metric, network.hierarchy)
    starts, ends = (_snaps(network, snapper, size, seed=9) for size in (ROWS, COLUMNS))
    contraction, topologies = measure_contraction(network)
    routingkit = RoutingKitPeer(metric, topologies)
    about_hierarchy = [*contraction, *measure_hierarchy(few, routingkit, starts, ends)]
    reference, peer = ScipySearch(metric), NetworkxPeer(metric)
    measured = []
    for size in FLEETS:
        task = f"nearest {NEAREST} of {size}"
        questions = _questions(network, snapper, size)
        _agree(many, few, questions[:SOME_QUESTIONS])  # warms both up, too
        _agree(few, reference, questions[:REFERENCE_QUESTIONS])
        _agree_off_segment(few, routingkit, questions[:SOME_QUESTIONS])
        engines: list[tuple[str, SearchEngine]] = [(HIERARCHY, few), (EARLY, many)]
        if size > DENSE_FLEET:
            engines.reverse()
        chosen = engines[0][1]
        for label, ask, count in (
            (engines[0][0], _nearest(chosen), QUESTIONS),
            ("the same, with the routes", _nearest_with_routes(chosen), QUESTIONS),
            (engines[1][0], _nearest(engines[1][1]), QUESTIONS),
            (ROUTINGKIT, _nearest_by_routingkit(routingkit), QUESTIONS),
            ("SciPy reference", _nearest(reference), REFERENCE_QUESTIONS),
            ("NetworkX, positions on junctions already", _nearest_by_peer(peer), PEER_QUESTIONS),
            ("OSMnx for the positions, then NetworkX", _located_by_peer(peer), PEER_QUESTIONS),
        ):
            measured.append(Measured(task, label, measure(ask, questions[:count])))
    questions = _questions(network, snapper, 1)
    for label, ask, count in (
        (HIERARCHY, _route(few), QUESTIONS),
        (EARLY, _route(many), SOME_QUESTIONS),
        (f"{ROUTINGKIT}, numbers of turns only", _route_by_routingkit(routingkit), QUESTIONS),
        ("SciPy reference", _route(reference), REFERENCE_QUESTIONS),
        ("NetworkX, positions on junctions already", _route_by_peer(peer), PEER_QUESTIONS),
    ):
        timing = measure(ask, questions[:count])
        measured.append(Measured("one route with its path", label, timing))
    return [*measured, *about_hierarchy]


def _questions(network: RoadNetwork, snapper: Snapper, fleet_size: int) -> list[_Question]:
    """Calls over town; the fleet is drawn anew for each from four times as many places."""
    rng = np.random.default_rng(fleet_size)
    pool = _snaps(network, snapper, 4 * fleet_size + 16, seed=2)
    calls = _snaps(network, snapper, QUESTIONS + 1, seed=3)[:QUESTIONS]
    questions = []
    for call in calls:
        fleet = [pool[i] for i in rng.choice(len(pool), fleet_size, replace=False)]
        delays = rng.choice([MOVING_DELAY_MS, STANDING_DELAY_MS], fleet_size)
        questions.append(
            _Question(
                call,
                fleet,
                Starts.at(fleet, delays.tolist()),
                int(network.segment_from[call.segments[0]]),
                [int(network.segment_to[snap.segments[0]]) for snap in fleet],
            )
        )
    return questions


def _snaps(network: RoadNetwork, snapper: Snapper, count: int, seed: int) -> list[Snap]:
    lat, lon = zip(*random_places(network, count + count // 4 + 8, seed), strict=True)
    snaps = snapper.snap_many(lat, lon, heading_deg=[np.nan] * len(lat), radius_m=300.0)
    return [snap for snap in snaps if snap is not None][:count]


def _agree(one: SearchEngine, other: SearchEngine, questions: Sequence[_Question]) -> None:
    for question in questions:
        totals = [
            [
                (a.vehicle, a.total_ms)
                for a in engine.nearest(
                    Ends.at(question.call, engine.metric.network), question.fleet, NEAREST
                )
            ]
            for engine in (one, other)
        ]
        if totals[0] != totals[1]:
            msg = f"engines disagree: {totals[0]} and {totals[1]}"
            raise AssertionError(msg)


def _agree_off_segment(
    ours: SearchEngine, peer: RoutingKitPeer, questions: Sequence[_Question]
) -> None:
    """Hold the peer to our answers, where no vehicle stands on the call's own street."""
    for question in questions:
        ends, fleet = Ends.at(question.call, ours.metric.network), question.fleet
        if not np.isin(fleet.segment, ends.segment).any():
            totals = [total for _, total in peer.nearest(ends, fleet, NEAREST)]
            assert totals == [one.total_ms for one in ours.nearest(ends, fleet, NEAREST)]


def _nearest(engine: SearchEngine) -> Callable[[_Question], object]:
    return lambda asked: engine.nearest(
        Ends.at(asked.call, engine.metric.network), asked.fleet, NEAREST
    )


def _nearest_with_routes(engine: SearchEngine) -> Callable[[_Question], object]:
    network = engine.metric.network
    return lambda asked: [
        path_of(network, arrival)
        for arrival in engine.nearest(
            Ends.at(asked.call, engine.metric.network), asked.fleet, NEAREST
        )
    ]


def _nearest_by_routingkit(peer: RoutingKitPeer) -> Callable[[_Question], object]:
    return lambda asked: peer.nearest(
        Ends.at(asked.call, peer.metric.network), asked.fleet, NEAREST
    )


def _route_by_routingkit(peer: RoutingKitPeer) -> Callable[[_Question], object]:
    return lambda asked: peer.route(int(asked.fleet.segment[0]), asked.call.segments[0])


def _nearest_by_peer(peer: NetworkxPeer) -> Callable[[_Question], object]:
    return lambda asked: peer.nearest(asked.call_junction, asked.fleet_junctions, NEAREST)


def _located_by_peer(peer: NetworkxPeer) -> Callable[[_Question], object]:
    def ask(asked: _Question) -> object:
        call, *fleet = peer.junctions(asked.places)
        return peer.nearest(call, fleet, NEAREST)

    return ask


def _route(engine: SearchEngine) -> Callable[[_Question], object]:
    network, roads = engine.metric.network, Roads.of(engine.metric, lambda _: engine)

    def ask(asked: _Question) -> object:
        start = Snap(
            tuple(asked.fleet.segment.tolist()), tuple(asked.fleet.fraction.tolist()), 0.0, 0.0, 0.0
        )
        arrival = roads.route(start, asked.call)
        return arrival and path_of(network, arrival)

    return ask


def _route_by_peer(peer: NetworkxPeer) -> Callable[[_Question], object]:
    return lambda asked: peer.route(asked.fleet_junctions[0], asked.call_junction)
