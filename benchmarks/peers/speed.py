"""Ourselves, OSRM, Valhalla and NetworkX asked the same questions in the same run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.networkx_peer import NetworkxPeer
from benchmarks.peers.drive import Peer, Position
from benchmarks.peers.osrm_peer import OsrmPeer
from benchmarks.peers.ours import Ours
from benchmarks.peers.valhalla_peer import ValhallaPeer
from benchmarks.resident import resident_mb
from benchmarks.timing import Measured, Timing, measure
from routing.engine import Starts
from routing.network import RoadNetwork

NEAREST = 5
FLEETS = (5, 50, 500, 1_000)
QUESTIONS = 200
PEER_QUESTIONS = 20
"""Peers take up to a second over a question: so many tell their median and their worst."""
NETWORKX_QUESTIONS = 5
MATRIX = 500, 50
MATRICES = 10
PEER_MATRICES = 2
ISOCHRONE_MIN = 15.0
ISOCHRONES = 20
CLOSINGS = 20
REPRICINGS = 5

NEAREST_TASK = "nearest {} of {}"
ROUTE_TASK = "one route with its path"
ISOCHRONE_TASK = f"area within {ISOCHRONE_MIN:.0f} minutes"


@dataclass(frozen=True, slots=True)
class Ready:
    """What it takes an engine to be ready.

    Attributes
    ----------
    memory_mb
        By how much the process grew from before it was loaded until it had answered everything.
    """

    engine: str
    build_s: float
    load_s: float
    memory_mb: float


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions, as places in degrees."""

    calls: Sequence[Position]
    fleets: Mapping[int, Sequence[Position]]

    @classmethod
    def on(cls, network: RoadNetwork) -> "Asked":
        """Calls and fleets all over a network: the middles of streets."""
        rng = np.random.default_rng(1)
        segments = rng.integers(0, network.segment_count, 2 * QUESTIONS + sum(FLEETS))
        point = network.shape_first[segments]
        lat = (network.shape_lat[point] + network.shape_lat[point + 1]) / 2
        lon = (network.shape_lon[point] + network.shape_lon[point + 1]) / 2
        places = list(zip(lat.tolist(), lon.tolist(), strict=True))
        fleets, first = {}, 2 * QUESTIONS
        for size in FLEETS:
            fleets[size] = places[first : first + size]
            first += size
        return cls(places[: 2 * QUESTIONS], fleets)

    def routes(self, count: int) -> list[tuple[Position, Position]]:
        """Places to drive between."""
        return list(zip(self.calls[::2], self.calls[1::2], strict=True))[:count]


def measure_engines(pbf: Path, directory: Path) -> tuple[list[Measured], list[Ready]]:
    """Every task on every engine, ours first, each built from the same file."""
    ours = Ours.build(pbf, directory / "ours")
    readiness: list[Ready] = []
    measured: list[Measured] = []
    asked = Asked.on(ours.network)
    engines: list[Callable[[], Peer]] = [
        lambda: ours,
        lambda: OsrmPeer.build(pbf, directory / "osrm", shortest=False),
        lambda: ValhallaPeer.build(pbf, directory / "valhalla", shortest=False),
    ]
    before_mb = ours.before_mb
    for engine in engines:
        peer = engine()
        measured += _measure(peer, asked)
        grown_mb = resident_mb() - before_mb
        readiness.append(Ready(peer.name, peer.build_s, peer.load_s, grown_mb))
        before_mb = resident_mb()
    measured += [*_measure_changes(ours), *_measure_networkx(ours, asked)]
    return measured, readiness


def _measure(peer: Peer, asked: Asked) -> Iterator[Measured]:
    own = isinstance(peer, Ours)
    count = QUESTIONS if own else PEER_QUESTIONS
    for size, fleet in asked.fleets.items():
        task = NEAREST_TASK.format(NEAREST, size)
        if isinstance(peer, Ours):
            held = peer.held(fleet)
            ask = _nearest_held(peer, held)
            ask(asked.calls[0])
            yield Measured(task, peer.name, measure(ask, asked.calls[:count]))
        label = f"{peer.name}, every place looked up anew" if own else peer.name
        yield Measured(task, label, _nearest(peer, fleet, asked.calls[:count]))
    routes = asked.routes(count)
    peer.drive(*routes[0])
    timing = measure(lambda ends: peer.drive(*ends), routes)
    yield Measured(ROUTE_TASK, peer.name, timing)
    starts, ends = asked.fleets[MATRIX[0]], asked.fleets[MATRIX[1]]
    peer.matrix_s(starts[:2], ends[:2])
    matrices = range(MATRICES if own else PEER_MATRICES)
    timing = measure(lambda _: peer.matrix_s(starts, ends), matrices)
    yield Measured(f"matrix of {len(starts)} x {len(ends)}", peer.name, timing)
    if isinstance(peer, Ours | ValhallaPeer):
        area = peer.isochrone
        area(asked.calls[0], ISOCHRONE_MIN)
        centres = asked.calls[:ISOCHRONES]
        timing = measure(lambda centre: area(centre, ISOCHRONE_MIN), centres)
        yield Measured(ISOCHRONE_TASK, peer.name, timing)


def _nearest(peer: Peer, fleet: Sequence[Position], calls: Sequence[Position]) -> Timing:
    return measure(lambda call: peer.nearest(call, fleet, NEAREST), calls)


def _nearest_held(ours: Ours, fleet: Starts) -> Callable[[Position], object]:
    return lambda call: ours.nearest_held(call, fleet, NEAREST)


def _measure_changes(ours: Ours) -> Iterator[Measured]:
    """What peers have no call for: OSRM and Valhalla are built again."""
    rng = np.random.default_rng(2)
    segments = rng.choice(np.flatnonzero(ours.roads.metric.usable), CLOSINGS).tolist()
    ours.close(segments.pop())
    yield Measured(
        "one street shut, until in every answer", ours.name, measure(ours.close, segments)
    )
    timing = measure(lambda _: ours.price_anew(), range(REPRICINGS))
    yield Measured("everything priced anew", ours.name, timing)


def _measure_networkx(ours: Ours, asked: Asked) -> Iterator[Measured]:
    peer = NetworkxPeer(ours.roads.metric)
    name = "OSMnx for the places, then NetworkX"
    for size, fleet in asked.fleets.items():

        def nearest(call: Position, fleet: Sequence[Position] = fleet) -> object:
            at, *vehicles = peer.junctions([call, *fleet])
            return peer.nearest(at, vehicles, NEAREST)

        timing = measure(nearest, asked.calls[:NETWORKX_QUESTIONS])
        yield Measured(NEAREST_TASK.format(NEAREST, size), name, timing)
    timing = measure(
        lambda ends: peer.route(*peer.junctions(ends)), asked.routes(NETWORKX_QUESTIONS)
    )
    yield Measured(ROUTE_TASK, name, timing)
