"""Past calls replayed, file to file: how many a second as recorded, how long simulated days take.

`python -m benchmarks.replay` measures each in a fresh process and keeps the raw results;
`benchmarks.tables` makes the README's table of them.
"""

import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from app.replay.inputs import Inputs
from app.replay.partnership.scenario import PartnershipRequest, play
from app.replay.replay import Hands, Mode, ReplayRequest, replay
from benchmarks.kept import keep
from benchmarks.london import london, stored_at
from benchmarks.past_days import CALLS_PER_DAY, calls, logged, on_shifts, written
from benchmarks.resident import largest_mb, peak_mb
from routing.network import RoadNetwork

FLEET_SIZE = 500
ON_DUTY = 450
"""Crews in the simulated day."""

SHIFTS_DAYS, LOG_DAYS = 7, 4
SEEDS = 20

PROJECTED = (
    f"{SEEDS} times the processor time that two processes took for one seed of both scenarios, "
    "halved, as with many seeds neither waits for the other; once what the first process took"
)

Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class AsRecorded:
    """How fast calls were judged one by one, once every process was at work.

    Attributes
    ----------
    calls_per_s
        Between the first part that was done and the last; an hour's roads are made meanwhile when
        its first call comes.
    largest_process_mb
        Memory at most of the process that reads and stores, or of one that judges.
    grown_mb
        How much of it came after the first part, with one process.
    """

    fleet: str
    processes: int
    calls: int
    calls_per_s: float
    largest_process_mb: float
    grown_mb: float


@dataclass(frozen=True, slots=True)
class SimulatedDay:
    """A day in which calls compete for crews, file to file, by one process."""

    calls: int
    crews_on_duty: int
    seconds: float
    largest_process_mb: float


@dataclass(frozen=True, slots=True)
class FiveWeeks:
    """The scenario of winter 2021 on the embedded London, as one command plays it.

    Attributes
    ----------
    calls
        Of both scenarios.
    simulating_s
        Processor time of the processes that simulate.
    other_s
        That of the one that starts them, joins what they found and writes the report.
    projected_s
        For so many seeds; `projected_how` says from what.
    """

    seeds: int
    processes: int
    calls: int
    seconds: float
    simulating_s: float
    other_s: float
    largest_process_mb: float
    projected_seeds: int
    projected_s: float
    projected_how: str


def main(
    junctions: Annotated[int, typer.Option(help="Size of the synthesised London.")] = 130_000,
) -> None:
    """Measure replays and keep the raw results."""
    network = london(junctions)
    with tempfile.TemporaryDirectory() as scratch:
        raw = {
            "network": {"version": network.version, "segments": network.segment_count},
            "as_recorded": [
                asdict(one) for one in as_recorded(network, stored_at(junctions), Path(scratch))
            ],
            "simulated_day": asdict(simulated_day(network, stored_at(junctions), Path(scratch))),
            "five_weeks": asdict(_alone(_five_weeks, Path(scratch))),
        }
    print(f"see {keep(f'replays-{junctions}', raw)}")


def as_recorded(network: RoadNetwork, directory: Path, scratch: Path) -> list[AsRecorded]:
    """Replay days against crews on shifts, and against a log of all they do."""
    shifts = "fleet on shifts with breaks", SHIFTS_DAYS, on_shifts(network, FLEET_SIZE, SHIFTS_DAYS)
    log = (
        "fleet by a log, something new of each every 20 minutes",
        LOG_DAYS,
        logged(network, FLEET_SIZE, LOG_DAYS),
    )
    measured = []
    for name, days, rows in (shifts, log):
        count = days * CALLS_PER_DAY
        file = written(scratch / "calls.csv", calls(network, count))
        inputs = Inputs(directory, fleet=written(scratch / "fleet.csv", rows))
        for processes in (1, 2):
            output = scratch / f"{days}-days-{processes}"
            told = _alone(_judged, ReplayRequest(file, inputs), output, processes)
            measured.append(AsRecorded(name, processes, count, *told))
            print(measured[-1])
    return measured


def simulated_day(network: RoadNetwork, directory: Path, scratch: Path) -> SimulatedDay:
    """Simulate a day."""
    file = written(scratch / "calls.csv", calls(network, CALLS_PER_DAY))
    inputs = Inputs(directory, fleet=written(scratch / "fleet.csv", on_shifts(network, ON_DUTY, 2)))
    request = ReplayRequest(file, inputs, Mode.SIMULATE)
    told = _alone(_simulated, request, scratch / "simulated")
    print(found := SimulatedDay(CALLS_PER_DAY, ON_DUTY, *told))
    return found


def _alone(measure: Callable[..., Told], *given: object) -> Told:
    """Measure in a fresh process, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, *given).result()


def _judged(request: ReplayRequest, output: Path, processes: int) -> tuple[float, float, float]:
    """Calls a second between the first part that was done and the last; memory, and its growth."""
    seen: list[tuple[float, int, float]] = []

    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        if done:
            seen.append((time.perf_counter(), done, peak_mb()))

    replay(request, output, hands=Hands(processes), resume=False, progress=progress)
    (begin, first, begin_mb), (end, last, end_mb) = seen[0], seen[-1]
    return (last - first) / (end - begin), largest_mb(), end_mb - begin_mb


def _simulated(request: ReplayRequest, output: Path) -> tuple[float, float]:
    """Seconds for everything, and memory."""
    begin = time.perf_counter()
    replay(request, output, hands=Hands(1), resume=False, progress=lambda *_: None)
    return time.perf_counter() - begin, largest_mb()


def _five_weeks(scratch: Path) -> FiveWeeks:
    request, processes = PartnershipRequest(seeds=1), 2
    heard: list[int] = []

    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        heard.append(done)

    begin = time.perf_counter()
    play(request, scratch / "winter", hands=Hands(processes), resume=False, progress=progress)
    seconds = time.perf_counter() - begin
    simulating_s, other_s = map(_processor_s, (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    return FiveWeeks(
        seeds=request.seeds,
        processes=processes,
        calls=max(heard),
        seconds=seconds,
        simulating_s=simulating_s,
        other_s=other_s,
        largest_process_mb=largest_mb(),
        projected_seeds=SEEDS,
        projected_s=other_s + SEEDS / request.seeds * simulating_s / processes,
        projected_how=PROJECTED,
    )


def _processor_s(who: int) -> float:
    """Of this process, or of those it started that are over."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":  # worker processes import this module too
    typer.run(main)
