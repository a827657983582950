"""Nearest vehicles and one route: the default engine beside the reference and NetworkX."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.london import random_places
from benchmarks.networkx_peer import NetworkxPeer
from benchmarks.timing import Timing, measure
from routing.bucket_search import BucketSearch
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
FLEETS = (50, 500, 1000)
QUESTIONS = 1000
REFERENCE_QUESTIONS = 30
PEER_QUESTIONS = 10
STANDING_DELAY_MS = 60_000
MOVING_DELAY_MS = 15_000


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table."""

    task: str
    engine: str
    timing: Timing


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
    metric = Metric.of(network, load_profiles()[PROFILE])
    snapper = Snapper(metric)
    ours, reference, peer = BucketSearch(metric), ScipySearch(metric), NetworkxPeer(metric)
    measured = []
    for size in FLEETS:
        task = f"nearest {NEAREST} of {size}"
        questions = _questions(network, snapper, size)
        _agree(ours, reference, questions[:REFERENCE_QUESTIONS])  # warms both up, too
        for label, ask, count in (
            ("early-stopping search", _nearest(ours), QUESTIONS),
            ("the same, with the routes", _nearest_with_routes(ours), QUESTIONS),
            ("SciPy reference", _nearest(reference), REFERENCE_QUESTIONS),
            ("NetworkX, positions on junctions already", _nearest_by_peer(peer), PEER_QUESTIONS),
            ("OSMnx for the positions, then NetworkX", _located_by_peer(peer), PEER_QUESTIONS),
        ):
            measured.append(Measured(task, label, measure(ask, questions[:count])))
    questions = _questions(network, snapper, 1)
    for label, ask, count in (
        ("early-stopping search", _route(ours), QUESTIONS),
        ("SciPy reference", _route(reference), REFERENCE_QUESTIONS),
        ("NetworkX, positions on junctions already", _route_by_peer(peer), PEER_QUESTIONS),
    ):
        timing = measure(ask, questions[:count])
        measured.append(Measured("one route with its path", label, timing))
    return measured


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


def _nearest_by_peer(peer: NetworkxPeer) -> Callable[[_Question], object]:
    return lambda asked: peer.nearest(asked.call_junction, asked.fleet_junctions, NEAREST)


def _located_by_peer(peer: NetworkxPeer) -> Callable[[_Question], object]:
    def ask(asked: _Question) -> object:
        call, *fleet = peer.junctions(asked.places)
        return peer.nearest(call, fleet, NEAREST)

    return ask


def _route(engine: SearchEngine) -> Callable[[_Question], object]:
    network, roads = engine.metric.network, Roads(engine)

    def ask(asked: _Question) -> object:
        start = Snap(
            tuple(asked.fleet.segment.tolist()), tuple(asked.fleet.fraction.tolist()), 0.0, 0.0, 0.0
        )
        arrival = roads.route(start, asked.call)
        return arrival and path_of(network, arrival)

    return ask


def _route_by_peer(peer: NetworkxPeer) -> Callable[[_Question], object]:
    return lambda asked: peer.route(asked.fleet_junctions[0], asked.call_junction)
