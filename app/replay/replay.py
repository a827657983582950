"""A whole replay, from what was asked for to a directory with everything found."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from app.replay.call_reader import CallReader
from app.replay.decision_table import read_decisions
from app.replay.duty import on_duty, vehicle_marks
from app.replay.errors import ReplayError
from app.replay.independent import RECORDED
from app.replay.independent_run import ROWS_PER_PART, IndependentSetup, run_independently
from app.replay.inputs import Inputs, World, sha256_of
from app.replay.origin import origin_of
from app.replay.results import write_results
from app.replay.rows import Rejection, RowFile, row_file
from app.replay.run_directory import DECISIONS, RunDirectory, RunState, rejections
from app.replay.selection import EVERY_CALL, Selection
from app.replay.simulated_replay import (
    PLAIN_SIMULATION,
    SimulatedSetup,
    SimulationOptions,
)
from app.replay.simulated_run import run_cases
from app.replay.workers import Workers, local_workers, workers_at
from routing.progress import Progress

PARTS_WORTH_A_WORKER = 2
"""Starting a process takes about as long as this many parts: with no more, none is started."""


Fingerprint = tuple[tuple[str, str], ...]
"""What decides a result, by name, as pairs."""


class Mode(StrEnum):
    """What calls have to do with each other."""

    INDEPENDENT = "independent"
    SIMULATE = "simulate"


def mode_of(name: str) -> Mode:
    """
    The mode of a name.

    Raises
    ------
    ReplayError
        There is none of that name.
    """
    try:
        return Mode(name)
    except ValueError as error:
        msg = f"no mode is called {name}; known: {', '.join(Mode)}"
        raise ReplayError(msg) from error


@dataclass(frozen=True, slots=True)
class ReplayRequest:
    """What is to be replayed.

    Attributes
    ----------
    calls
        CSV, NDJSON or Parquet.
    selection
        Which of them.
    strict
        Whether to refuse a file with a row that cannot be used, before anything is written.
    as_csv
        Whether to write the decisions as CSV too.
    title
        Heads the report; empty: the name of the file of calls.
    simulation
        What is asked for where calls compete for crews.
    """

    calls: Path
    inputs: Inputs
    mode: Mode = Mode.INDEPENDENT
    selection: Selection = EVERY_CALL
    strict: bool = False
    as_csv: bool = False
    title: str = ""
    simulation: SimulationOptions = PLAIN_SIMULATION

    def identity(self, simulation: SimulationOptions | None) -> Mapping[str, Any]:
        """What decides the result besides the files; without a simulation calls are judged each."""
        return {
            "mode": self.mode.value,
            **({"rows per part": ROWS_PER_PART} if simulation is None else simulation.identity()),
            **self.selection.identity(),
            "call_margin_m": self.inputs.call_margin_m,
        }

    def told(self) -> Mapping[str, Any]:
        """As plain values, for whoever goes on with it."""
        files = {
            "calls": self.calls,
            "network": self.inputs.network,
            "policy": self.inputs.policy,
            "fleet": self.inputs.fleet,
            "stations": self.inputs.stations,
        }
        return {
            **{name: None if file is None else str(file.resolve()) for name, file in files.items()},
            "format": self.inputs.call_format,
            "time_zone": self.inputs.time_zone,
            "mode": self.mode.value,
            **self.selection.identity(),
            "call_margin_m": self.inputs.call_margin_m,
            "strict": self.strict,
            "as_csv": self.as_csv,
            "title": self.title,
            **(self.simulation.told() if self.mode is Mode.SIMULATE else {}),
        }


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does the work.

    Attributes
    ----------
    processes
        On this machine; None: as many as processors, where there is enough to do.
    scheduler
        Address of a Dask scheduler, whose workers do it instead.
    """

    processes: int | None = None
    scheduler: str = ""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay: calls by outcome, and rows that were no calls."""

    outcomes: Mapping[str, int]
    rejected: int


def replay(
    request: ReplayRequest,
    output: Path,
    *,
    hands: Hands,
    resume: bool,
    progress: Progress,
) -> Replayed:
    """
    Replay calls into a directory, or go on with the replay there.

    Raises
    ------
    ReplayError
        Something asked for cannot be done, or no call is left to replay; the message says what and
        why.
    RoutingError, PolicyError, OSError
        The network, the policy or a file cannot be used.
    """
    progress("loading the network and the fleet", 0, 0)
    simulation = request.simulation.checked(request.mode is Mode.SIMULATE)
    calls = row_file(request.calls)
    world = request.inputs.load()
    world.call_format.require_columns(calls)
    fingerprint = request.inputs.fingerprint(world)
    request.inputs.keep(world, fingerprint.items())
    hashes = {"calls": sha256_of(request.calls), **fingerprint}
    if simulation is not None:
        simulation.check_files(world)  # a fault is told before anything is written
    if request.strict:
        _require_every_row(calls, CallReader(world, request.selection), progress)
    identity = {**request.identity(simulation), **hashes}
    run = RunDirectory.begin(output, identity, request.told(), resume=resume)
    if run.state is not RunState.FINISHED:
        judge = _judge_each if simulation is None else _simulate
        parts = judge(request, calls, world, tuple(fingerprint.items()), run, hands, progress)
        progress("joining the parts", 0, 0)
        run.join(parts)
        if not _has_a_call(output):
            reason = _why_no_call(request, output)
            run.discard()
            raise ReplayError(reason)
        progress("writing the report", 0, 0)
        _report(request, output, world, hashes)
        run.close()
    if request.as_csv:
        run.write_csv()
    return _replayed(output)


def _require_every_row(calls: RowFile, reader: CallReader, progress: Progress) -> None:
    progress("checking every row", 0, 0)
    rejected = reader.first_rejected(calls)
    if rejected is not None:
        raise ReplayError(rejected.told(calls.path.name))


def _has_a_call(output: Path) -> bool:
    return any(table.num_rows for table in read_decisions(output / DECISIONS, ["call_id"]))


def _why_no_call(request: ReplayRequest, output: Path) -> str:
    """Why no row of the file is a call that is asked for."""
    name, rejected = request.calls.name, _rejected(output)
    why = []
    if request.selection != EVERY_CALL:
        why.append("none is of the time (since, until) and place (inside) asked for")
    if rejected:
        first = next(rejections(output)).told(name)
        why.append(f"rows that cannot be used: {rejected:,}, the first: {first}")
    return f"{name}: no call to replay: {'; '.join(why) or 'it has no rows'}"


def _judge_each(
    request: ReplayRequest,
    calls: RowFile,
    _: World,
    fingerprint: Fingerprint,
    run: RunDirectory,
    hands: Hands,
    progress: Progress,
) -> int:
    setup = IndependentSetup(request.inputs, fingerprint, request.selection)
    with workers_of(hands, os.cpu_count() or 1 if _is_long(calls) else 1) as workers:
        return run_independently(calls, setup, run, workers, progress=progress)


def _simulate(
    request: ReplayRequest,
    calls: RowFile,
    world: World,
    fingerprint: Fingerprint,
    run: RunDirectory,
    hands: Hands,
    progress: Progress,
) -> int:
    options = request.simulation
    read = CallReader(world, request.selection).read_all(calls)
    rejected = [one for one in read if isinstance(one, Rejection)]
    setup = SimulatedSetup(request.inputs, fingerprint, request.calls, request.selection, options)
    cases = options.cases
    with workers_of(hands, min(os.cpu_count() or 1, len(cases))) as workers:
        return run_cases(cases, setup, run, workers, rejected=rejected, progress=progress)


@contextmanager
def workers_of(hands: Hands, processes: int) -> Iterator[Workers]:
    """Whoever does the work; where it is left open, so many processes on this machine."""
    if hands.scheduler:
        if hands.processes is not None:
            msg = "a Dask scheduler has workers of its own: give --scheduler or --workers, not both"
            raise ReplayError(msg)
        with workers_at(hands.scheduler) as workers:
            yield workers
        return
    with local_workers(hands.processes or processes) as workers:
        yield workers


def _report(request: ReplayRequest, output: Path, world: World, hashes: Mapping[str, str]) -> None:
    simulated = request.mode is Mode.SIMULATE
    fleets = request.simulation.fleets(world) if simulated else {RECORDED: world.fleet}
    write_results(
        output / DECISIONS,
        output,
        origin=origin_of(request.told(), hashes, rejected=_rejected(output)),
        policy=world.policy,
        network=world.router.network,
        vehicles={name: vehicle_marks(fleet) for name, fleet in fleets.items()},
        on_duty={name: partial(on_duty, fleet) for name, fleet in fleets.items()}
        if simulated
        else None,
    )


def _is_long(calls: RowFile) -> bool:
    enough = PARTS_WORTH_A_WORKER * ROWS_PER_PART
    return sum(1 for _ in islice(calls, enough + 1)) > enough


def _replayed(output: Path) -> Replayed:
    outcomes: Counter[str] = Counter()
    for table in read_decisions(output / DECISIONS, ["outcome"]):
        for one in table["outcome"].value_counts().to_pylist():
            outcomes[one["values"]] += one["counts"]
    return Replayed(dict(outcomes), _rejected(output))


def _rejected(output: Path) -> int:
    return sum(1 for _ in rejections(output))
