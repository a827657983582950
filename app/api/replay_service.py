"""Replay jobs of this service: taking them in, and telling of them.

What reads decisions is imported when it is first needed: a service that replays nothing starts
without it.
"""

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from app.api.faults import FieldFault
from app.api.lane import Lane
from app.api.problems import Problem, ProblemError
from app.api.replay_answers import ScenarioFigures, figures
from app.api.replay_requests import (
    CALLS,
    FLEET,
    NAMED_FILES,
    SINCE,
    STATIONS,
    VERSUS,
    CallFormatName,
    ReplayForm,
    ReplayMode,
)
from app.dispatch.policy import DispatchPolicy
from app.replay.errors import ReplayError
from app.replay.jobs.inputs import InputPathError, kept_name, server_file
from app.replay.jobs.job import JobDirectory, JobRequest
from app.replay.jobs.queue import JobQueue, QueueFullError
from app.settings import CALL_MARGIN_M

if TYPE_CHECKING:
    from fastapi import UploadFile

    from app.replay.jobs.so_far import SoFar

_log = logging.getLogger(__name__)

SIDE_BY_SIDE: Final = 2
"""Requests about replays that are worked on at once; more wait, and delay no live call."""

RESULT_FILES: Final = {
    "report.html": "text/html; charset=utf-8",
    "summary.json": "application/json",
    "decisions.parquet": "application/vnd.apache.parquet",
    "decisions.csv": "text/csv; charset=utf-8",
    "rejected.csv": "text/csv; charset=utf-8",
}
"""Files of a finished replay that can be fetched, with their media types."""


@dataclass(frozen=True)
class ReplayService:
    """Takes replays in.

    Attributes
    ----------
    inputs
        Directory of files that may be named; None: none may.
    network, policy_file, call_margin_m
        Of the service, for replays too.
    lane
        Where requests about replays are worked on.
    """

    queue: JobQueue
    policy: DispatchPolicy
    inputs: Path | None = None
    network: Path | None = None
    policy_file: Path | None = None
    call_margin_m: float = CALL_MARGIN_M
    lane: Lane = field(default_factory=lambda: Lane(SIDE_BY_SIDE))

    def submit(self, form: ReplayForm) -> JobDirectory:
        """
        Take in a replay; its uploaded files are read to their ends.

        Raises
        ------
        ProblemError
            Something asked for is wrong, too many replays wait already, or none can be kept.
        """
        try:
            return self._submitted(form)
        except OSError as error:
            _log.exception("A replay cannot be kept")
            detail = f"No replay can be kept at present: {error.strerror or error}."
            raise ProblemError(Problem.REPLAYS_NOT_KEPT, detail) from error

    def _submitted(self, form: ReplayForm) -> JobDirectory:
        replay_id = uuid4().hex
        try:
            job = self.queue.new(replay_id)
        except QueueFullError as error:
            detail = f"{error}; cancel one, or wait until one is finished."
            raise ProblemError(
                Problem.TOO_MANY_REPLAYS, detail, headers={"retry-after": "60"}
            ) from error
        try:
            files = self._put_files(form, job)
            _check_calls(form, files.get(CALLS))
            _check_fleet(form, files)
            _check_mode(form, files)
            _check_period(form)
            job.say_request(self._request(replay_id, form, job, files))
        except BaseException:
            self.queue.drop(job)
            raise
        return self.queue.submit(job)

    def job(self, replay_id: str) -> JobDirectory:
        """
        One job.

        Raises
        ------
        ProblemError
            There is none with this id.
        """
        job = self.queue.job(replay_id)
        if job is None:
            raise ProblemError(Problem.UNKNOWN_REPLAY, f"There is no replay {replay_id!r:.80}.")
        return job

    def figures(self, job: JobDirectory) -> list[ScenarioFigures]:
        """What a job has found so far."""
        return figures(self._so_far.summary(job))

    def _put_files(self, form: ReplayForm, job: JobDirectory) -> dict[str, Path]:
        """Store what was sent, and find what was named: paths by field."""
        found: dict[str, Path] = {}
        for name in NAMED_FILES:
            sent: UploadFile | None = getattr(form, name)
            path_field = f"{name}_path"
            path: str | None = getattr(form, path_field)
            if sent is not None and path is not None:
                raise _fault(path_field, path, f"Send {name} or name it, not both.")
            if sent is not None:
                found[name] = job.inputs / kept_name(name, sent.filename)
                with found[name].open("wb") as file:
                    shutil.copyfileobj(sent.file, file)
            elif path is not None:
                try:
                    found[name] = server_file(self.inputs, path)
                except InputPathError as error:
                    raise _fault(path_field, path, f"{error}.") from error
        return found

    def _request(
        self, replay_id: str, form: ReplayForm, job: JobDirectory, files: Mapping[str, Path]
    ) -> JobRequest:
        """What is asked for, with files where they will be once the job is submitted."""
        made = self.queue.place_of(replay_id).inputs
        told = {
            name: str(made / file.name if file.parent == job.inputs else file)
            for name, file in files.items()
        }
        title = form.title or _named(form)
        settings: dict[str, Any] = {
            **dict.fromkeys(NAMED_FILES),
            **told,
            "network": _resolved(self.network),
            "policy": _resolved(self.policy_file),
            "format": form.format.value,
            "time_zone": form.time_zone,
            "mode": form.mode.value,
            "since": form.since.isoformat() if form.since else "",
            "until": form.until.isoformat() if form.until else "",
            "inside": form.inside,
            "call_margin_m": self.call_margin_m,
            "strict": form.strict,
            "as_csv": form.csv,
            "title": title,
            "without": [agency.value for agency in form.without_agency],
            "seeds": form.seeds,
            "rules": None,
            "hospitals": None,
        }
        return JobRequest(replay_id, title, datetime.now(UTC), settings)

    @cached_property
    def _so_far(self) -> "SoFar":
        from app.replay.jobs.so_far import SoFar  # noqa: PLC0415
        from app.replay.results import standards_of  # noqa: PLC0415

        return SoFar(standards_of(self.policy))


def _check_calls(form: ReplayForm, calls: Path | None) -> None:
    """Open the calls now, so that who sent another kind of file hears of it at once."""
    from app.replay.calls import FORMATS  # noqa: PLC0415
    from app.replay.rows import row_file  # noqa: PLC0415

    if calls is None:
        raise _fault(CALLS, None, "This is required: send a file, or give calls_path.")
    try:
        FORMATS[form.format.value].require_columns(row_file(calls))
    except ReplayError as error:
        raise _fault(CALLS, calls.name, f"{error}.") from error


def _check_fleet(form: ReplayForm, files: Mapping[str, Path]) -> None:
    """Refuse calls that there would be no vehicle for."""
    if FLEET in files or STATIONS in files:
        return
    message = f"This is required: send a file, or give {FLEET}_path."
    if form.format is CallFormatName.LFB_INCIDENTS:
        message += f" Or send {STATIONS}, for one pump at each."
    raise _fault(FLEET, None, message)


def _check_period(form: ReplayForm) -> None:
    """Refuse bounds that no call lies between."""
    if form.since is not None and form.until is not None and form.since >= form.until:
        until = form.until.isoformat()
        raise _fault(SINCE, form.since.isoformat(), f"This must be before until, {until}.")


def _check_mode(form: ReplayForm, files: Mapping[str, Path]) -> None:
    """Refuse what only a simulation would do where none is asked for, and two second scenarios."""
    mode, without = "mode", "without_agency"
    if form.mode is ReplayMode.SIMULATE:
        if VERSUS in files and form.without_agency:
            raise _fault(without, form.without_agency, f"Give this or {VERSUS}, not both.")
        return
    given = {VERSUS: VERSUS in files, without: bool(form.without_agency), "seeds": form.seeds > 1}
    for name, is_given in given.items():
        if is_given:
            raise _fault(mode, form.mode.value, f"{name} is for simulations: mode simulate.")


def _fault(field: str, value: object, message: str) -> ProblemError:
    fault = FieldFault(field, value, message)
    return ProblemError(Problem.INVALID_REQUEST, f"{field}: {message}", faults=[fault])


def _resolved(path: Path | None) -> str | None:
    return None if path is None else str(path.resolve())


def _named(form: ReplayForm) -> str:
    """What the file of calls is called by who asks."""
    given = form.calls.filename if form.calls is not None else form.calls_path
    return Path(given or "calls").name
