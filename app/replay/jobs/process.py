"""The process that works on one job: `python -m app.replay.jobs.process DIRECTORY`."""

import logging
import os
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from app.dispatch.policy import PolicyError
from app.replay.errors import ReplayError
from app.replay.inputs import Inputs
from app.replay.jobs.job import JobDirectory, JobState
from app.replay.replay import Hands, ReplayRequest, mode_of, replay
from app.replay.run_directory import RUN
from app.replay.selection import Selection
from app.replay.simulated_replay import SimulationOptions
from routing.errors import RoutingError

POLITENESS: Final = 10
"""Added to the process's niceness, so that live calls come first."""

_EVERY_S: Final = 0.5

_log = logging.getLogger(__name__)


def work_on(job: JobDirectory) -> None:
    """Do a job from where it was left, and say how it ended."""
    settings = job.request().settings
    try:
        replay(
            request_of(settings),
            job.run,
            hands=Hands(processes=1),
            resume=(job.run / RUN).is_file(),
            progress=_Telling(job),
        )
    except (ReplayError, RoutingError, PolicyError, OSError) as error:
        _log.exception("The replay failed")
        job.say_outcome(JobState.FAILED, str(error))
    except Exception as error:
        job.say_outcome(JobState.FAILED, f"The replay failed unexpectedly: {error!r}")
        raise
    else:
        job.say_outcome(JobState.FINISHED)


def request_of(settings: Mapping[str, Any]) -> ReplayRequest:
    """The replay that a job's settings ask for, as `ReplayRequest.told` tells them."""
    files = {name: _path(settings[name]) for name in ("network", "policy", "fleet", "stations")}
    return ReplayRequest(
        calls=Path(settings["calls"]),
        inputs=Inputs(
            **files,
            call_format=settings["format"],
            time_zone=settings["time_zone"],
            call_margin_m=settings["call_margin_m"],
        ),
        mode=mode_of(settings["mode"]),
        selection=Selection(
            since=_moment(settings["since"]),
            until=_moment(settings["until"]),
            inside=settings["inside"],
        ),
        strict=settings["strict"],
        as_csv=settings["as_csv"],
        title=settings["title"],
        simulation=SimulationOptions(
            **{name: _path(settings[name]) for name in ("versus", "rules", "hospitals")},
            without=tuple(settings["without"]),
            seeds=settings["seeds"],
        ),
    )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


class _Telling:
    """Writes progress down, not more often than anyone looks."""

    def __init__(self, job: JobDirectory) -> None:
        self._job = job
        self._stage = ""
        self._told_at = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage or now - self._told_at >= _EVERY_S:
            self._job.say_progress(stage, done, total)
            self._stage, self._told_at = stage, now


def main() -> None:
    """Work on the job whose directory is the argument."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.nice(POLITENESS)
    (directory,) = sys.argv[1:]
    work_on(JobDirectory(Path(directory)))


if __name__ == "__main__":  # worker processes import this module too
    main()
