"""Replays of past calls as jobs: asked for, watched, fetched and cancelled over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from starlette.responses import FileResponse

from app.api.examples import RESULT_FILE_EXAMPLE
from app.api.problems import Problem, ProblemError, documented
from app.api.replay_answers import (
    ReplayAnswer,
    ReplayJobAnswer,
    ReplayList,
    ReplayResults,
    ResultFile,
    newest_first,
)
from app.api.replay_requests import ReplayForm
from app.api.replay_service import RESULT_FILES
from app.api.service import ServiceOf
from app.replay.jobs.job import JobDirectory, JobState

router = APIRouter(prefix="/v1/replays", tags=["Replays"])

_MULTIPART = "multipart/form-data"
_WITHOUT_FILES = "application/x-www-form-urlencoded"

ReplayId = Annotated[
    str, Path(max_length=64, description="`replay_id` of an answer to `POST /v1/replays`.")
]


@router.post(
    "",
    operation_id="start_replay",
    summary="Replay past calls",
    response_description="It is queued; watch it under its id.",
    status_code=202,
    responses=documented(
        Problem.UNREADABLE_BODY,
        Problem.BODY_TOO_LARGE,
        Problem.UNSUPPORTED_MEDIA_TYPE,
        Problem.INVALID_REQUEST,
        Problem.TOO_MANY_REPLAYS,
        Problem.REPLAYS_NOT_KEPT,
    ),
)
async def start_replay(
    body: Annotated[ReplayForm, Form(media_type=_MULTIPART)],
    service: ServiceOf,
    request: Request,
    response: Response,
) -> ReplayJobAnswer:
    """Queue a replay: who would have been sent to each past call, and how soon there.

    It runs in a process of its own, so that live calls do not wait, and outlives the service.
    """
    _require_form(request)
    job = await service.replays.lane.run(lambda: service.replays.submit(body))
    answer = ReplayJobAnswer.of(job)
    response.headers["location"] = f"{request.url.path}/{answer.replay_id}"
    return answer


@router.get(
    "",
    operation_id="list_replays",
    summary="Which replays are there?",
    response_description="All of them, the newest first.",
    responses=documented(),
)
async def list_replays(service: ServiceOf) -> ReplayList:
    """List replays that wait, run, or have ended."""
    replays = service.replays
    return ReplayList(await replays.lane.run(lambda: newest_first(replays.queue.jobs())))


@router.get(
    "/{replay_id}/results",
    operation_id="get_replay_results",
    summary="What did this replay find?",
    response_description="The figures that matter most, and the files to fetch.",
    responses=documented(
        Problem.INVALID_REQUEST, Problem.UNKNOWN_REPLAY, Problem.REPLAY_NOT_FINISHED
    ),
)
async def get_replay_results(
    replay_id: ReplayId, service: ServiceOf, request: Request
) -> ReplayResults:
    """Give the results of a finished replay; `report.html` among the files is for people."""
    replays = service.replays

    def results() -> ReplayResults:
        job = _finished(replays.job(replay_id))
        files = [
            ResultFile(name, f"{request.url.path}/{name}", (job.run / name).stat().st_size)
            for name in RESULT_FILES
            if (job.run / name).is_file()
        ]
        return ReplayResults(replay_id, replays.figures(job), files)

    return await replays.lane.run(results)


@router.get(
    "/{replay_id}/results/{file}",
    operation_id="get_replay_file",
    summary="Fetch a file of results",
    response_description="The file.",
    response_class=FileResponse,
    responses=documented(
        Problem.INVALID_REQUEST,
        Problem.UNKNOWN_REPLAY,
        Problem.UNKNOWN_RESULT,
        Problem.REPLAY_NOT_FINISHED,
    ),
)
async def get_replay_file(
    replay_id: ReplayId,
    file: Annotated[
        str,
        Path(
            max_length=64,
            description="`name` of a file in the replay's results.",
            openapi_examples=RESULT_FILE_EXAMPLE,
        ),
    ],
    service: ServiceOf,
) -> FileResponse:
    """Give one file of a finished replay, byte for byte."""
    replays = service.replays
    job = await replays.lane.run(lambda: _finished(replays.job(replay_id)))
    if file not in RESULT_FILES or not (job.run / file).is_file():
        known = ", ".join(name for name in RESULT_FILES if (job.run / name).is_file())
        detail = f"{file!r:.80} is no file of this replay; there are: {known}."
        raise ProblemError(Problem.UNKNOWN_RESULT, detail)
    return FileResponse(job.run / file, media_type=RESULT_FILES[file])


@router.get(
    "/{replay_id}",
    operation_id="get_replay",
    summary="How far is this replay?",
    response_description="Its state and progress, and what it has found so far.",
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_REPLAY),
)
async def get_replay(replay_id: ReplayId, service: ServiceOf) -> ReplayAnswer:
    """Tell how far a replay is, with the response times of the calls replayed so far."""
    replays = service.replays

    def told() -> ReplayAnswer:
        job = replays.job(replay_id)
        answer = ReplayJobAnswer.of(job)
        return ReplayAnswer(answer, replays.figures(job))

    return await replays.lane.run(told)


@router.delete(
    "/{replay_id}",
    operation_id="cancel_replay",
    summary="Cancel a replay, or delete its results",
    response_description="It is gone, with everything it had found.",
    status_code=204,
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_REPLAY),
)
async def cancel_replay(replay_id: ReplayId, service: ServiceOf) -> None:
    """Stop a replay where it runs, and delete all of it."""
    replays = service.replays
    await replays.lane.run(lambda: replays.queue.remove(replays.job(replay_id)))


def _finished(job: JobDirectory) -> JobDirectory:
    state = job.state()
    if state is not JobState.FINISHED:
        detail = f"The replay is {state.value}; it has results once it is finished."
        raise ProblemError(Problem.REPLAY_NOT_FINISHED, detail)
    return job


def _require_form(request: Request) -> None:
    sent = request.headers.get("content-type", "")
    if not sent.lower().startswith((_MULTIPART, _WITHOUT_FILES)):
        what = f"The body was sent as {sent!r:.80}" if sent else "The body was sent without a type"
        raise ProblemError(Problem.UNSUPPORTED_MEDIA_TYPE, f"{what}; send {_MULTIPART}.")
