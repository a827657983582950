"""The queue of replay jobs, with real processes that do as they are told."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.replay.jobs.inputs import InputPathError, kept_name, server_file
from app.replay.jobs.job import OUTCOME, JobDirectory, JobRequest, JobState
from app.replay.jobs.queue import KEPT_TRYING, JobQueue, QueueFullError

PATIENCE_S = 20.0

WORKER = """
import sys, time
from pathlib import Path
from app.replay.jobs.job import JobDirectory, JobState
job = JobDirectory(Path(sys.argv[1]))
job.say_progress("waiting to be let go", 1, 2)
while not (job.path / "go").exists():
    time.sleep(0.01)
job.say_outcome(JobState.FINISHED)
"""
"""Works until a file `go` is put into the job's directory."""


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Callable[..., JobQueue]]:
    """Makes queues over one directory, as services that start one after the other do."""
    script = tmp_path / "worker.py"
    script.write_text(WORKER)
    made: list[JobQueue] = []

    def make(at_once: int = 1, waiting: int = 10) -> JobQueue:
        command = (sys.executable, str(script))
        queue = JobQueue(tmp_path / "jobs", at_once=at_once, waiting=waiting, command=command)
        made.append(queue)
        return queue

    yield make
    for queue in made:
        queue.stop()


@pytest.fixture(autouse=True)
def _project_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))


def submitted(queue: JobQueue, name: str, minute: int = 0) -> JobDirectory:
    created_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    job = queue.new(name)
    job.say_request(JobRequest(name, name, created_at, {}))
    return queue.submit(job)


def wait_until(done: Callable[[], bool], tend: JobQueue | None = None) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline
        if tend is not None:
            tend.tend()
        time.sleep(0.01)


def let_go(job: JobDirectory) -> None:
    (job.path / "go").touch()


def is_alive(process_id: int) -> bool:
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process_id)], capture_output=True, text=True, check=False
    ).stdout
    return bool(state) and not state.startswith("Z")


def test_jobs_wait_their_turn_the_oldest_first(queues: Callable[..., JobQueue]) -> None:
    queue = queues()
    later, sooner = submitted(queue, "b", minute=2), submitted(queue, "a", minute=1)
    queue.tend()
    assert (sooner.state(), later.state()) == (JobState.RUNNING, JobState.QUEUED)
    let_go(sooner)
    wait_until(lambda: sooner.state() is JobState.FINISHED)
    wait_until(lambda: later.state() is JobState.RUNNING, tend=queue)
    assert [job.path.name for job in queue.jobs()] == ["a", "b"]


def test_several_run_side_by_side_where_they_may(queues: Callable[..., JobQueue]) -> None:
    queue = queues(at_once=2)
    jobs = [submitted(queue, name) for name in "abc"]
    queue.tend()
    states = [job.state() for job in jobs]
    assert states == [JobState.RUNNING, JobState.RUNNING, JobState.QUEUED]


def test_a_stopped_service_goes_on_with_its_jobs(queues: Callable[..., JobQueue]) -> None:
    first = queues()
    job = submitted(first, "a")
    first.tend()
    first.stop()
    assert job.state() is JobState.QUEUED
    second = queues()
    second.tend()
    let_go(job)
    wait_until(lambda: job.state() is JobState.FINISHED)


def test_a_stopped_queue_starts_nothing_that_nobody_would_end(
    queues: Callable[..., JobQueue],
) -> None:
    """Whoever looks after it may be a moment late."""
    queue = queues()
    job = submitted(queue, "a")
    queue.stop()
    queue.tend()
    assert not job.is_worked_on()
    assert job.state() is JobState.QUEUED


def test_a_killed_service_finds_its_job_still_running(queues: Callable[..., JobQueue]) -> None:
    """Nothing of the first queue is told to stop, as after `kill -9`: its process lives on."""
    first = queues()
    job = submitted(first, "a")
    first.tend()
    process_id = job.process_id()
    assert first._runner_lock is not None
    os.close(first._runner_lock)
    first._runner_lock = None
    second = queues()
    second.tend()
    assert job.state() is JobState.RUNNING
    assert job.process_id() == process_id
    let_go(job)
    wait_until(lambda: job.state() is JobState.FINISHED)
    second.remove(job)
    assert second.jobs() == []


def test_of_two_services_one_runs_the_jobs(queues: Callable[..., JobQueue]) -> None:
    first, second = queues(), queues()
    job = submitted(second, "a")
    first.tend()
    second.tend()
    assert first._processes.keys() == {"a"}
    assert second._processes == {}
    assert [one.state() for one in second.jobs()] == [JobState.RUNNING]
    first.stop()
    second.tend()
    assert second._processes.keys() == {"a"}
    let_go(job)


def test_removing_a_running_job_ends_its_process_and_leaves_nothing(
    queues: Callable[..., JobQueue], tmp_path: Path
) -> None:
    queue = queues()
    job = submitted(queue, "a")
    queue.tend()
    process_id = job.process_id()
    assert process_id is not None
    queue.remove(job)
    assert not is_alive(process_id)
    assert queue.job("a") is None
    assert [one.name for one in (tmp_path / "jobs").iterdir()] == [".runner"]


def test_another_service_may_remove_a_running_job(queues: Callable[..., JobQueue]) -> None:
    runner, other = queues(), queues()
    job = submitted(runner, "a")
    runner.tend()
    process_id = job.process_id()
    assert process_id is not None
    other.remove(job)
    runner.tend()
    assert not is_alive(process_id)
    assert runner.jobs() == []


def test_a_job_that_is_killed_is_tried_again_but_not_for_ever(
    queues: Callable[..., JobQueue],
) -> None:
    queue = queues()
    job = submitted(queue, "a")
    for _ in range(KEPT_TRYING):
        wait_until(job.is_worked_on, tend=queue)
        process_id = job.process_id()
        assert process_id is not None
        os.killpg(process_id, signal.SIGKILL)
        wait_until(lambda: not job.is_worked_on())
    wait_until(lambda: job.state() is JobState.FAILED, tend=queue)
    outcome = job.outcome()
    assert outcome is not None
    assert f"{KEPT_TRYING} times" in outcome.detail


def test_more_jobs_than_may_wait_are_refused(queues: Callable[..., JobQueue]) -> None:
    queue = queues(waiting=2)
    first = submitted(queue, "a")
    submitted(queue, "b")
    with pytest.raises(QueueFullError, match="2 replays"):
        queue.new("c")
    first.say_outcome(JobState.FINISHED)
    assert queue.new("c")


def test_what_is_not_submitted_is_no_job(queues: Callable[..., JobQueue]) -> None:
    queue = queues()
    job = queue.new("a")
    assert queue.jobs() == []
    queue.drop(job)
    assert not job.path.exists()


@pytest.mark.parametrize("replay_id", ["", "..", ".runner", "../jobs/a", "a/../a", "%2e", "a\0"])
def test_no_id_leads_out_of_the_directory(queues: Callable[..., JobQueue], replay_id: str) -> None:
    queue = queues()
    submitted(queue, "a")
    assert queue.job(replay_id) is None


def test_a_queue_that_was_never_used_makes_no_directory(tmp_path: Path) -> None:
    queue = JobQueue(tmp_path / "none", at_once=1, waiting=1)
    queue.tend()
    assert queue.jobs() == []
    assert not (tmp_path / "none").exists()


def test_what_a_removal_left_is_tidied_up(queues: Callable[..., JobQueue], tmp_path: Path) -> None:
    left = tmp_path / "jobs" / ".removed-a"
    left.mkdir(parents=True)
    (left / OUTCOME).touch()
    queues().tend()
    assert not left.exists()


def test_only_files_among_the_inputs_may_be_named(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    (inputs / "january").mkdir(parents=True)
    calls = inputs / "january" / "calls.csv"
    calls.touch()
    secret = tmp_path / "secret.csv"
    secret.touch()
    (inputs / "link.csv").symlink_to(secret)
    (inputs / "loop.csv").symlink_to(inputs / "loop.csv")
    assert server_file(inputs, "january/calls.csv") == calls
    assert server_file(inputs, "january/../january/calls.csv") == calls
    for name in (
        "../secret.csv",
        str(secret),
        "link.csv",
        "loop.csv",
        "january",
        "none.csv",
        "",
        "a\0b",
        "a" * 999,
    ):
        with pytest.raises(InputPathError):
            server_file(inputs, name)
    with pytest.raises(InputPathError, match="send the file"):
        server_file(None, "january/calls.csv")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("January.CSV", "calls.csv"),
        ("a.b.csv.gz", "calls.csv.gz"),
        ("../../etc/passwd", "calls"),
        ("calls.csv/../../x", "calls"),
        ("x.c\0sv", "calls"),
        (None, "calls"),
        ("", "calls"),
    ],
)
def test_an_upload_is_kept_under_a_name_of_ours(given: str | None, kept: str) -> None:
    assert kept_name("calls", given) == kept
