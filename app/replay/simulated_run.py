"""Simulations as parts of a replay: one for each scenario and seed, to be done anywhere."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from app.replay.errors import ReplayError
from app.replay.rows import Rejection
from app.replay.run_directory import RunDirectory
from app.replay.workers import Setup, Workers
from routing.progress import Progress

STAGE = "simulating scenarios"

MOST_SEEDS = 1000


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
        msg = f"seeds is {seeds}; it must be from 1 to {MOST_SEEDS}"
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
    done = len(cases) - len(missing)
    progress(STAGE, done, len(cases))
    for number, table in workers.results(setup, missing):
        run.write_part(number, table, () if number else rejected)
        done += 1
        progress(STAGE, done, len(cases))
    return len(cases)
