"""Every engine asked the same questions in the same run, each in a process of its own."""

import multiprocessing
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.asked import MATRIX, Asked
from benchmarks.peers.drive import ChangesByTool, ChangesLive, DrawsAreas, Peer, Position
from benchmarks.peers.engines import ENGINES, OURS, Ground
from benchmarks.peers.ours import Ours
from benchmarks.resident import resident_mb
from benchmarks.timing import Measured, Timing, measure
from routing.engine import Starts
from routing.storage import load_network

NEAREST = 5
REPEATS = 10
ISOCHRONE_MIN = 15.0
ISOCHRONES = 200

PATIENCE_S = 5.0
"""No further question of a kind is asked once so much time was spent on it."""

NEAREST_TASK = "nearest {} of {:,}"
ROUTE_TASK = "one route with its path"
MATRIX_TASK = "matrix of {} x {}".format(*MATRIX)
ISOCHRONE_TASK = f"area within {ISOCHRONE_MIN:.0f} minutes"
CLOSE_TASK = "one street shut, until in every answer"
PRICE_TASK = "everything priced anew"
CONTRACT_TASK = "contract the network"
LOAD_TASK = "load the stored network, its files checked"

NOBODY: Mapping[str, str] = {}

ANEW = f"{OURS}, every place looked up anew"


@dataclass(frozen=True, slots=True)
class Speed:
    """What it takes one engine to be ready, and to answer.

    Attributes
    ----------
    disk_mb
        Files that it answers from.
    memory_mb
        By how much a fresh process grew by loading it and answering one question of each kind;
        pages of files that processes share are counted.
    """

    engine: str
    build_s: float
    disk_mb: float
    load_s: float
    memory_mb: float
    measured: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class SpeedOn:
    """All engines on one extract.

    Attributes
    ----------
    left_out
        Why an engine could not be measured.
    """

    extract: str
    junctions: int
    segments: int
    turns: int
    engines: tuple[Speed, ...]
    left_out: dict[str, str]


def measure_on(
    name: str, pbf: Path, engines: Iterable[str], hopeless: Mapping[str, str] = NOBODY
) -> SpeedOn:
    """Build engines from one file, one after another, and ask them.

    Parameters
    ----------
    hopeless
        Engines that are not even tried, and why.
    """
    speeds, left_out = [], dict(hopeless)
    with tempfile.TemporaryDirectory() as scratch:
        ground = Ground.of(name, pbf, Path(scratch))
        for number, engine in enumerate(one for one in engines if one not in hopeless):
            directory = Path(scratch) / f"engine-{number}"  # OSRM takes no names with spaces
            try:
                speeds.append(_in_a_process_of_its_own(engine, ground, directory))
            except subprocess.TimeoutExpired as stopped:
                tool = Path(stopped.cmd[0]).name
                left_out[engine] = f"{tool} was stopped after {stopped.timeout / 60:.0f} minutes"
        network = load_network(ground.network)
        return SpeedOn(
            name,
            network.junction_count,
            network.base_count,
            network.turn_count,
            tuple(speeds),
            left_out,
        )


def compile_on(pbf: Path) -> None:
    """Build and ask ourselves once, so that no compiling is measured: it is kept from then on."""
    measure_on("", pbf, [OURS])


def _in_a_process_of_its_own(engine: str, ground: Ground, directory: Path) -> Speed:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as process:
        return process.submit(measure_engine, engine, ground, directory).result()


def measure_engine(engine: str, ground: Ground, directory: Path) -> Speed:
    """Make one engine ready and ask it everything; memory is that of this process."""
    asked = Asked.on(load_network(ground.network))
    before_mb = resident_mb()
    peer = ENGINES[engine](ground, directory)
    _ask_once(peer, asked)
    memory_mb = resident_mb() - before_mb
    measured = [*_questions(peer, engine, asked), *_changes(peer, engine, asked)]
    stored = ground.network if engine == OURS else directory
    return Speed(engine, peer.build_s, _size_mb(stored), peer.load_s, memory_mb, tuple(measured))


def _ask_once(peer: Peer, asked: Asked) -> None:
    """Let the engine compile, and read, what it only does when first asked."""
    (call, *_), (few, *_) = asked.calls, asked.fleets[NEAREST]
    peer.nearest(call, few, NEAREST)
    peer.drive(call, few[0])
    peer.matrix_s(few, few)
    if isinstance(peer, DrawsAreas):
        peer.isochrone(call, ISOCHRONE_MIN)


def _size_mb(directory: Path) -> float:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file()) / 1e6


def _questions(peer: Peer, engine: str, asked: Asked) -> Iterator[Measured]:
    for size in asked.fleets:
        task, questions = NEAREST_TASK.format(NEAREST, size), asked.nearest(size)
        label = engine
        if isinstance(peer, Ours):
            yield Measured(task, engine, _nearest_held(peer, asked, size))
            label = ANEW
        timing = measure(lambda one: peer.nearest(*one, NEAREST), questions, PATIENCE_S)
        yield Measured(task, label, timing)
    timing = measure(lambda ends: peer.drive(*ends), asked.routes, PATIENCE_S)
    yield Measured(ROUTE_TASK, engine, timing)
    timing = measure(lambda one: peer.matrix_s(*one), [asked.matrix] * REPEATS, PATIENCE_S)
    yield Measured(MATRIX_TASK, engine, timing)
    if isinstance(peer, DrawsAreas):
        area, centres = peer.isochrone, asked.calls[:ISOCHRONES]
        timing = measure(lambda centre: area(centre, ISOCHRONE_MIN), centres, PATIENCE_S)
        yield Measured(ISOCHRONE_TASK, engine, timing)


def _nearest_held(ours: Ours, asked: Asked, size: int) -> Timing:
    """The fleet's places are known, as the service keeps them; the call's is looked up."""
    held = {id(fleet): ours.held(fleet) for fleet in asked.fleets[size]}
    questions = [(call, held[id(fleet)]) for call, fleet in asked.nearest(size)]

    def ask(question: tuple[Position, Starts]) -> object:
        return ours.nearest_held(*question, NEAREST)

    ask(questions[0])
    return measure(ask, questions, PATIENCE_S)


def _changes(peer: Peer, engine: str, asked: Asked) -> Iterator[Measured]:
    if isinstance(peer, ChangesLive):
        first, *streets = asked.streets
        peer.close(first)
        closing = measure(peer.close, streets, PATIENCE_S)
        pricing = measure(lambda _: peer.price_anew(), range(REPEATS), PATIENCE_S)
    elif isinstance(peer, ChangesByTool):
        closing = pricing = Timing.of([peer.change_s])
    yield Measured(CLOSE_TASK, engine, closing)
    yield Measured(PRICE_TASK, engine, pricing)
    if isinstance(peer, Ours):
        contracting = measure(lambda _: peer.contract(), range(REPEATS), PATIENCE_S)
        loading = measure(lambda _: peer.load(), range(REPEATS), PATIENCE_S)
        yield Measured(CONTRACT_TASK, engine, contracting)
        yield Measured(LOAD_TASK, engine, loading)
