"""Simulations as parts of a replay: one for each scenario and seed, to be done anywhere."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from app.replay.errors import ReplayError
from app.replay.rows import Rejection
from app.replay.run_directory import RunDirectory
from app.replay.workers import Setup, Workers, tell
from routing.progress import Progress

STAGE = "simulating scenarios"

MOST_SEEDS = 1000

CALLS_BETWEEN_WORDS = 250
"""About twice a second."""


class Case(NamedTuple):
    """One simulation."""

    scenario: str
    seed: int


def cases_of(scenarios: Sequence[str], seeds: int) -> list[Case]:
    """
    Every scenario under seeds 1, 2, ..., in the order of their results.

    Raises
    ------
    ReplayError
        There are fewer seeds than one, or too many.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        msg = f"--seeds is {seeds}; it must be from 1 to {MOST_SEEDS}"
        raise ReplayError(msg)
    return [Case(scenario, seed) for scenario in scenarios for seed in range(1, seeds + 1)]


def run_cases(
    cases: Sequence[Case],
    setup: Setup[Case, pa.Table],
    run: RunDirectory,
    workers: Workers,
    *,
    rejected: Sequence[Rejection] = (),
    progress: Progress,
) -> int:
    """Simulate what the run has no part of yet; returns how many parts there are.

    Parameters
    ----------
    rejected
        Rows of the calls that cannot be used, stored with the first part.
    """
    missing = [(number, case) for number, case in enumerate(cases) if not run.has_part(number)]
    calls = _CallsSimulated(len(cases), len(missing), progress)
    for number, table in workers.results(setup, missing, heard=calls.heard):
        run.write_part(number, table, () if number else rejected)
        calls.heard(number, table.num_rows, table.num_rows)
    return len(cases)


class _CallsSimulated:
    """How many calls all simulations together have received, as each tells of its own."""

    def __init__(self, cases: int, missing: int, progress: Progress) -> None:
        self._cases = cases
        self._finished_before = cases - missing
        self._progress = progress
        self._done: dict[int, int] = {}
        progress(STAGE, 0, 0)

    def heard(self, number: int, done: int, total: int) -> None:
        """Take note of how far one is; all have about as many calls."""
        self._done[number] = max(done, self._done.get(number, 0))
        together = sum(self._done.values()) + total * self._finished_before
        self._progress(STAGE, together, total * self._cases)


def telling(stage: str, done: int, total: int) -> None:
    """Tell whoever waits for a simulation how far it is, now and then."""
    del stage
    if done % CALLS_BETWEEN_WORDS == 0:
        tell(done, total)
