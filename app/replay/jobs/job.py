"""One replay job: a directory that says what was asked for, how far it is and how it ended.

`job.json` is written once, when the job is asked for. While a process works on it, it holds a lock
on `lock` and tells in `progress.json` how far it is. `outcome.json` says how it ended. The state
follows from these files alone, so it outlives the service.
"""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from app.replay.whole_file import write_whole_text

JOB: Final = "job.json"
OUTCOME: Final = "outcome.json"
PROGRESS: Final = "progress.json"
LOCK: Final = "lock"
PROCESS_ID: Final = "pid"
LOG: Final = "log.txt"
INPUTS: Final = "inputs"
RUN: Final = "run"


class JobState(StrEnum):
    """How far a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What was asked for.

    Attributes
    ----------
    settings
        Of the replay, by name.
    """

    replay_id: str
    title: str
    created_at: datetime
    settings: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobProgress:
    """How far a job is: a stage in words, and how much of it; `total` 0 when not known."""

    stage: str
    done: int
    total: int
    at: datetime


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """How a job ended, and why where it failed."""

    state: JobState
    detail: str
    at: datetime


_REQUEST: Final = TypeAdapter(JobRequest)
_PROGRESS: Final = TypeAdapter(JobProgress)
_OUTCOME: Final = TypeAdapter(JobOutcome)


class JobDirectory:
    """A job on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def run(self) -> Path:
        """Where the replay itself is kept."""
        return self.path / RUN

    @property
    def inputs(self) -> Path:
        """Where uploaded files are kept."""
        return self.path / INPUTS

    def request(self) -> JobRequest:
        """What was asked for; OSError or ValueError where this is no job."""
        return _REQUEST.validate_json((self.path / JOB).read_bytes())

    def progress(self) -> JobProgress | None:
        """How far it is, None before it has begun."""
        file = self.path / PROGRESS
        return _PROGRESS.validate_json(file.read_bytes()) if file.is_file() else None

    def outcome(self) -> JobOutcome | None:
        """How it ended, None before."""
        file = self.path / OUTCOME
        return _OUTCOME.validate_json(file.read_bytes()) if file.is_file() else None

    def state(self) -> JobState:
        """How far it is in a word."""
        outcome = self.outcome()
        if outcome is not None:
            return outcome.state
        return JobState.RUNNING if self.is_worked_on() else JobState.QUEUED

    def process_id(self) -> int | None:
        """The process that works on it, or did."""
        file = self.path / PROCESS_ID
        return int(file.read_text()) if file.is_file() else None

    def is_worked_on(self) -> bool:
        """Whether a process holds the lock."""
        descriptor = self.locked()
        if descriptor is None:
            return True
        os.close(descriptor)
        return False

    def locked(self) -> int | None:
        """Take the lock; it lasts while the descriptor returned is open anywhere. None if taken."""
        descriptor = os.open(self.path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def say_request(self, request: JobRequest) -> None:
        """Write what is asked for, which makes the directory a job."""
        _write(self.path / JOB, asdict(request))

    def say_progress(self, stage: str, done: int, total: int) -> None:
        """Write how far it is."""
        _write(self.path / PROGRESS, asdict(JobProgress(stage, done, total, _now())))

    def say_outcome(self, state: JobState, detail: str = "") -> None:
        """Write how it ended."""
        _write(self.path / OUTCOME, asdict(JobOutcome(state, detail, _now())))

    def say_process(self, process_id: int) -> None:
        """Write which process works on it."""
        (self.path / PROCESS_ID).write_text(str(process_id))


def _write(file: Path, content: Mapping[str, Any]) -> None:
    write_whole_text(file, json.dumps(content, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _now() -> datetime:
    return datetime.now(UTC)
