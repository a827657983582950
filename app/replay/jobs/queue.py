"""The queue of replay jobs: directories on disk, worked on a few at a time.

No database and nothing held in memory decides anything: whoever starts the service again finds the
jobs where they were, and unfinished ones go on. Of several service processes one runs the jobs;
all of them can take new ones and tell of the others'.
"""

import fcntl
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from app.replay.jobs.job import JOB, LOG, JobDirectory, JobState

KEPT_TRYING: Final = 3
"""Times that a job may be killed from outside before it counts as failed."""

_RUNNER_LOCK: Final = ".runner"
_REMOVED: Final = ".removed-"
_BEING_MADE: Final = ".new-"
_PATIENCE_S: Final = 10.0

_log = logging.getLogger(__name__)


class QueueFullError(Exception):
    """As many jobs wait as may."""


class JobQueue:
    """Jobs in a directory.

    Parameters
    ----------
    root
        Made where it does not exist.
    at_once
        Jobs worked on at the same time.
    waiting
        Jobs that may wait or be worked on; more are refused.
    command
        Of the process that works on a job; the job's directory is added to it.
    """

    def __init__(
        self,
        root: Path,
        *,
        at_once: int,
        waiting: int,
        command: Sequence[str] = (sys.executable, "-m", "app.replay.jobs.process"),
    ) -> None:
        self._root = root
        self._at_once = at_once
        self._waiting = waiting
        self._command = tuple(command)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._killed: dict[str, int] = {}
        self._runner_lock: int | None = None
        self._stopped = False
        self._lock = Lock()

    def jobs(self) -> list[JobDirectory]:
        """All jobs, the oldest first."""
        return sorted(self._found(), key=lambda job: (job.request().created_at, job.path.name))

    def job(self, replay_id: str) -> JobDirectory | None:
        """One job, None where there is none with this id."""
        if not replay_id.isalnum():
            return None
        path = self._root / replay_id
        return JobDirectory(path) if (path / JOB).is_file() else None

    def new(self, replay_id: str) -> JobDirectory:
        """
        A directory to put a job's files into; it becomes a job by `submit`, or is dropped.

        Raises
        ------
        QueueFullError
            As many wait as may.
        """
        unfinished = [job for job in self._found() if job.outcome() is None]
        if len(unfinished) >= self._waiting:
            msg = f"{len(unfinished)} replays are waiting or running already"
            raise QueueFullError(msg)
        self._root.mkdir(parents=True, exist_ok=True)
        job = JobDirectory(self._root / f"{_BEING_MADE}{replay_id}")
        job.inputs.mkdir(parents=True)
        return job

    def place_of(self, replay_id: str) -> JobDirectory:
        """Where a job is once it is submitted."""
        return JobDirectory(self._root / replay_id)

    def submit(self, job: JobDirectory) -> JobDirectory:
        """Make a directory from `new`, its request written, a job."""
        submitted = self.place_of(job.request().replay_id)
        job.path.rename(submitted.path)
        return submitted

    def drop(self, job: JobDirectory) -> None:
        """Delete a directory from `new` that is not to become a job."""
        shutil.rmtree(job.path)

    def remove(self, job: JobDirectory) -> None:
        """Stop a job where it is being worked on, and delete all of it.

        Takes until its process has ended, at most some seconds.
        """
        gone = self._root / f"{_REMOVED}{job.path.name}"
        with self._lock:
            # Renamed, it is a job no longer: nobody sees or starts what is half deleted.
            job.path.rename(gone)
            process = self._processes.pop(job.path.name, None)
        removed = JobDirectory(gone)
        process_id = removed.process_id()
        if process_id is not None:
            _end(process_id, removed)
        if process is not None:
            process.wait()
        shutil.rmtree(gone)

    def tend(self) -> None:
        """Look after what runs, and start what waits where there is room. To be called often."""
        with self._lock:
            if self._stopped or not self._may_run():
                return
            self._reap()
            unfinished = [job for job in self.jobs() if job.outcome() is None]
            running = sum(job.is_worked_on() for job in unfinished)
            for job in unfinished:
                if running >= self._at_once:
                    return
                # A process lets go of the lock a moment before it can be seen to have ended.
                if job.path.name not in self._processes:
                    running += self._start(job)

    def stop(self) -> None:
        """End the processes that work on jobs, for good: a service that starts anew goes on."""
        with self._lock:
            self._stopped = True
            for process in self._processes.values():
                _signal_group(process.pid, signal.SIGTERM)
            for process in self._processes.values():
                try:
                    process.wait(_PATIENCE_S)
                except subprocess.TimeoutExpired:
                    _signal_group(process.pid, signal.SIGKILL)
                    process.wait()
            self._processes.clear()
            if self._runner_lock is not None:
                os.close(self._runner_lock)
                self._runner_lock = None

    def _found(self) -> Iterator[JobDirectory]:
        if self._root.is_dir():
            for path in self._root.iterdir():
                if not path.name.startswith(".") and (path / JOB).is_file():
                    yield JobDirectory(path)

    def _may_run(self) -> bool:
        """Whether this process is the one that runs jobs; the first time, tidy up."""
        if self._runner_lock is not None:
            return True
        if not self._root.is_dir():
            return False
        descriptor = os.open(self._root / _RUNNER_LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._runner_lock = descriptor
        for left_over in self._root.glob(f"{_REMOVED}*"):
            shutil.rmtree(left_over)
        return True

    def _start(self, job: JobDirectory) -> bool:
        """Start a process on a job; false where another has it already."""
        lock = job.locked()
        if lock is None:
            return False
        try:
            with (job.path / LOG).open("ab") as log:
                process = subprocess.Popen(  # noqa: S603 (a command of our own)
                    [*self._command, str(job.path)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(lock,),
                    start_new_session=True,
                )
            job.say_process(process.pid)
        finally:
            # The process holds the lock from here on, for exactly as long as it lives.
            os.close(lock)
        self._processes[job.path.name] = process
        _log.info("Replay %s: process %d works on it", job.path.name, process.pid)
        return True

    def _reap(self) -> None:
        for name, process in list(self._processes.items()):
            code = process.poll()
            if code is None:
                continue
            del self._processes[name]
            job = self.job(name)
            if job is None or job.outcome() is not None:
                continue
            self._killed[name] = self._killed.get(name, 0) + 1
            _log.warning("Replay %s: its process ended with code %d", name, code)
            if self._killed[name] >= KEPT_TRYING:
                why = f"Its process was ended from outside {KEPT_TRYING} times (code {code})."
                job.say_outcome(JobState.FAILED, why)


def _end(process_id: int, job: JobDirectory) -> None:
    """End the process that works on a job, if one still does."""
    for how, patience_s in ((signal.SIGTERM, _PATIENCE_S), (signal.SIGKILL, _PATIENCE_S)):
        deadline = time.monotonic() + patience_s
        if not job.is_worked_on():
            return
        _signal_group(process_id, how)
        while job.is_worked_on() and time.monotonic() < deadline:
            time.sleep(0.02)


def _signal_group(process_id: int, how: signal.Signals) -> None:
    try:
        os.killpg(process_id, how)
    except ProcessLookupError:
        _log.debug("Process %d has ended already", process_id)
