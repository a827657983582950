"""Streets that are shut or slowed for a while."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Final
from uuid import uuid4

from fastapi import APIRouter, Body, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from app.api.closure_answers import (
    ClosureAnswer,
    ClosurePage,
    ClosureReceipt,
    ClosureWarning,
    bbox,
)
from app.api.closure_requests import ClosureBatch, ClosureId, ClosureIn, ClosureQuery
from app.api.faults import FieldFault
from app.api.problems import OF_BODIES, Problem, ProblemError, StreetPlace, documented
from app.api.road_examples import CLOSURE_BATCH_EXAMPLES, CLOSURE_EXAMPLES, CLOSURE_ID_EXAMPLE
from app.api.service import Service, ServiceOf
from app.dispatch.wording import distance
from routing.closure_extent import Stretch
from routing.closure_places import PlacedClosure
from routing.errors import (
    ClosureError,
    NothingClosedError,
    SeveralStreetsError,
    UnknownClosureError,
)
from routing.geometry import COORDINATE_DECIMALS

router = APIRouter(prefix="/v1/closures", tags=["Roads"])

ClosureHeld = Annotated[ClosureId, Path(openapi_examples=CLOSURE_ID_EXAMPLE)]

PLACES_TOLD: Final = 20
"""Streets of one name listed in a problem, the longest first."""

_FIELD_OF: Final = {
    "where.polygon": "area",
    "where.line": "line",
    "where.tolerance_m": "tolerance_m",
    "where.name": "street.name",
    "where.within": "street.within",
    "where.everywhere": "street.everywhere",
    "where.segments": "segments",
    "where.heading_deg": "heading_deg",
    "effect.time_factor": "time_factor",
    "effect.speed_mps": "speed_mps",
}
"""What the routing core calls the fields of a closure, as a body does."""


@router.get(
    "",
    operation_id="list_closures",
    summary="What is closed?",
    response_description="The closures on this page, by id, and how many there are in all.",
    responses=documented(Problem.INVALID_REQUEST),
)
async def list_closures(query: Annotated[ClosureQuery, Query()], service: ServiceOf) -> ClosurePage:
    """List closures in force and planned, by id, one page at a time. Those over are gone."""
    return await run_in_threadpool(_page, service, query)


@router.post(
    "",
    operation_id="put_closure",
    summary="Shut or slow streets",
    response_description="It takes the place of the closure with its id.",
    responses={
        201: {"model": ClosureAnswer, "description": "It is new."},
        **documented(*OF_BODIES, Problem.CLOSES_NOTHING, Problem.SEVERAL_STREETS),
    },
)
async def put_closure(
    body: Annotated[ClosureIn, Body(openapi_examples=CLOSURE_EXAMPLES)],
    service: ServiceOf,
    request: Request,
    response: Response,
) -> ClosureAnswer:
    """Shut or slow streets, in place of any closure with the same id; sent twice it is as once.

    When this answers, every later answer knows of it; nothing waits meanwhile. Shut streets are
    not driven through, but a place on them is still reached, and a vehicle on them still leaves.
    Closures may overlap: shut wins, then the slowest. They start and end by themselves. They are
    held in memory by one process: after a restart, send them again.
    """
    closure_id = body.closure_id or f"closure-{uuid4().hex[:12]}"
    is_new, placed = await service.dispatch_lane.run(lambda: _close_one(service, closure_id, body))
    if is_new:
        response.status_code = 201
        response.headers["location"] = f"{request.url.path}/{closure_id}"
    return _answer(service, placed)


@router.post(
    "/batch",
    operation_id="put_closures",
    summary="Shut or slow many streets at once",
    response_description="All of them hold; some may reach further than was meant.",
    responses=documented(*OF_BODIES, Problem.CLOSES_NOTHING, Problem.SEVERAL_STREETS),
)
async def put_closures(
    body: Annotated[ClosureBatch, Body(openapi_examples=CLOSURE_BATCH_EXAMPLES)],
    service: ServiceOf,
) -> ClosureReceipt:
    """Shut or slow streets by many closures at once, or by none of them where one is at fault.

    Each takes the place of any with its id. One that is over by now is not held, and a warning
    says so: a list that was kept for a restart may be sent as it is. A thousand in one request
    are live about as soon as one.
    """
    return await service.dispatch_lane.run(lambda: _close_many(service, body.closures))


@router.get(
    "/{closure_id}",
    operation_id="get_closure",
    summary="What is this closure about?",
    response_description="The closure as it is held, and its streets.",
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_CLOSURE),
)
async def get_closure(closure_id: ClosureHeld, service: ServiceOf) -> ClosureAnswer:
    """Give a closure as it is held, in force or planned."""
    placed = service.router.closures.get(closure_id)
    if placed is None:
        raise _unknown(closure_id)
    return _answer(service, placed)


@router.delete(
    "/{closure_id}",
    operation_id="remove_closure",
    summary="Open the streets again",
    response_description="They are open, unless another closure is about them too.",
    status_code=204,
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_CLOSURE),
)
async def remove_closure(closure_id: ClosureHeld, service: ServiceOf) -> None:
    """Take a closure away: every later answer is as if it had never been."""
    try:
        await service.dispatch_lane.run(lambda: service.router.reopen(closure_id))
    except UnknownClosureError as exc:
        raise _unknown(closure_id) from exc


def _page(service: Service, query: ClosureQuery) -> ClosurePage:
    """A page of closures; each may have thousands of corners."""
    held = service.router.closures
    shown = sorted(held)[query.offset : query.offset + query.limit]
    closures = [_answer(service, held[closure_id]) for closure_id in shown]
    return ClosurePage(len(held), query.offset, closures)


def _answer(service: Service, placed: PlacedClosure) -> ClosureAnswer:
    in_force = placed.closure.closure_id in service.router.closures_in_force
    return ClosureAnswer.of(placed, in_force=in_force)


def _close_one(service: Service, closure_id: str, body: ClosureIn) -> tuple[bool, PlacedClosure]:
    """Close streets, and say whether the closure is new."""
    is_new = closure_id not in service.router.closures
    (placed,) = _close(service, {closure_id: body}, [""])
    return is_new, placed


def _close_many(service: Service, sent: Sequence[ClosureIn]) -> ClosureReceipt:
    """Close streets for as long as each closure says, and open those of which it is over."""
    now = datetime.now(UTC)
    ended = {str(one.closure_id): one.ends_at for one in sent if one.ends_at and one.ends_at <= now}
    current = {
        str(one.closure_id): (one, f"closures[{place}].")
        for place, one in enumerate(sent)
        if str(one.closure_id) not in ended
    }
    created = len(current.keys() - service.router.closures.keys())
    bodies = {closure_id: body for closure_id, (body, _) in current.items()}
    placed = _close(service, bodies, [path for _, path in current.values()])
    while gone := ended.keys() & service.router.closures.keys():
        with suppress(UnknownClosureError):  # one was over by itself just now: the others again
            service.router.reopen(*gone)
    over = itertools.starmap(ClosureWarning.of_one_over, ended.items())
    return ClosureReceipt.of(placed, created=created, over=over)


def _close(
    service: Service, bodies: Mapping[str, ClosureIn], paths: Sequence[str]
) -> tuple[PlacedClosure, ...]:
    """Close streets; `paths` tell where each closure stands in the request."""
    closures = []
    for path, (closure_id, body) in zip(paths, bodies.items(), strict=True):
        try:
            closures.append(body.closure(closure_id))
        except ClosureError as exc:
            raise _refused(exc, path) from exc
    try:
        return service.router.close(*closures)
    except ClosureError as exc:
        raise _refused(exc, paths[exc.place]) from exc


def _refused(exc: ClosureError, path: str) -> ProblemError:
    field = path + _FIELD_OF.get(exc.field, exc.field)
    value = exc.value.isoformat() if isinstance(exc.value, datetime) else exc.value
    message = exc.message if exc.message.endswith("?") else f"{exc.message}."
    fault = FieldFault(field, value, message, exc.accepted or None)
    accepted = f" Accepted: {exc.accepted}." if exc.accepted else ""
    detail = f"{field}: {message}{accepted}"
    if isinstance(exc, SeveralStreetsError):
        places = [_street_place(one) for one in exc.places[:PLACES_TOLD]]
        return ProblemError(
            Problem.SEVERAL_STREETS, f"{detail} {_said(places)}", faults=[fault], places=places
        )
    is_empty = isinstance(exc, NothingClosedError)
    problem = Problem.CLOSES_NOTHING if is_empty else Problem.INVALID_REQUEST
    return ProblemError(problem, detail, faults=[fault])


def _street_place(one: Stretch) -> StreetPlace:
    return StreetPlace(
        lat=round(one.lat, COORDINATE_DECIMALS),
        lon=round(one.lon, COORDINATE_DECIMALS),
        length_m=round(one.length_m, 1),
        bbox=bbox(one.extent),
    )


def _said(places: Sequence[StreetPlace]) -> str:
    said = [f"{distance(one.length_m)} at {one.lat:.4f}, {one.lon:.4f}" for one in places]
    return f"The longest: {'; '.join(said)}."


def _unknown(closure_id: str) -> ProblemError:
    detail = f"No closure is held as {closure_id!r}: it may be over."
    return ProblemError(Problem.UNKNOWN_CLOSURE, detail)
