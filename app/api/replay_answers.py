"""How replays are told of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field

from app.replay.jobs.job import JobDirectory, JobState

if TYPE_CHECKING:
    from app.replay.summary import Summary


@dataclass(frozen=True, slots=True)
class ProgressAnswer:
    """How far a replay is."""

    stage: Annotated[str, Field(description="What is being done, in words.")]
    done: int
    total: Annotated[int, Field(description="0 while it is not known; may be an estimate.")]
    at: datetime


@dataclass(frozen=True, slots=True)
class ResponseFigures:
    """Response times of the calls of one category; mean, 90th centile and late share together."""

    category: str
    calls: int
    attended: int
    unattended: Annotated[int, Field(description="To which nobody came: in no figure below.")]
    mean_s: Annotated[float | None, Field(description="Seconds from receipt to the patient.")]
    p90_s: Annotated[float | None, Field(description="Seconds within which nine in ten were.")]
    late_share: Annotated[
        float | None, Field(description="Reached after the category's 90th-centile standard.")
    ]


@dataclass(frozen=True, slots=True)
class ScenarioFigures:
    """What was found under one scenario."""

    scenario: str
    categories: Sequence[ResponseFigures]


@dataclass(frozen=True, slots=True)
class ReplayJobAnswer:
    """A replay as it stands."""

    replay_id: str
    title: str
    state: JobState
    created_at: datetime
    ended_at: Annotated[datetime | None, Field(description="Null until it is finished or failed.")]
    detail: Annotated[str, Field(description="Why it failed, else empty.")]
    progress: Annotated[
        ProgressAnswer | None,
        Field(description="Null before it has begun and once it is finished."),
    ]

    @classmethod
    def of(cls, job: JobDirectory) -> Self:
        """Tell of a job."""
        request, outcome, state = job.request(), job.outcome(), job.state()
        progress = None if state is JobState.FINISHED else job.progress()
        return cls(
            replay_id=request.replay_id,
            title=request.title,
            state=state,
            created_at=request.created_at,
            ended_at=outcome.at if outcome else None,
            detail=outcome.detail if outcome else "",
            progress=None
            if progress is None
            else ProgressAnswer(progress.stage, progress.done, progress.total, progress.at),
        )


@dataclass(frozen=True, slots=True)
class ReplayAnswer:
    """A replay as it stands, with what it has found so far."""

    job: ReplayJobAnswer
    so_far: Annotated[
        Sequence[ScenarioFigures],
        Field(description="Of the calls replayed so far; of all of them once it is finished."),
    ]


@dataclass(frozen=True, slots=True)
class ReplayList:
    """All replays, the newest first."""

    replays: Sequence[ReplayJobAnswer]


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A file to fetch."""

    name: str
    path: Annotated[str, Field(examples=["/v1/replays/4f1c/results/report.html"])]
    bytes: int


@dataclass(frozen=True, slots=True)
class ReplayResults:
    """What a finished replay found."""

    replay_id: str
    scenarios: Sequence[ScenarioFigures]
    files: Sequence[ResultFile]


def figures(summary: "Summary") -> list[ScenarioFigures]:
    """The response times of a summary."""
    return [
        ScenarioFigures(
            one.scenario,
            [
                ResponseFigures(
                    of.category,
                    of.response.calls,
                    of.response.attended,
                    of.response.unattended,
                    of.response.mean_s,
                    of.response.p90_s,
                    of.response.late_share,
                )
                for of in one.categories
            ],
        )
        for one in summary.scenarios
    ]


def newest_first(jobs: Iterable[JobDirectory]) -> list[ReplayJobAnswer]:
    """Tell of jobs that are given oldest first."""
    return [ReplayJobAnswer.of(job) for job in jobs][::-1]
