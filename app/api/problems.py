"""Every way a request can fail, as RFC 9457 problem details.

`PROBLEMS` is the one table of problem types: their stable URIs, statuses and titles. Code at the
edge raises `ProblemError`; everything else that can go wrong is turned into one by the handlers
that `install` adds, so a caller never meets another error format.
"""

import json
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount

from app.api.faults import FieldFault, as_sent, faults_in
from app.api.road_requests import ProfileName

MEDIA_TYPE: Final = "application/problem+json"
FAULTS_SHOWN: Final = 50
"""Faults listed in one problem; a batch wrong throughout would otherwise answer in megabytes."""

_log = logging.getLogger(__name__)


class Problem(StrEnum):
    """The stable `type` of each problem."""

    MALFORMED_JSON = "urn:nearest-crew:problem:malformed-json"
    UNREADABLE_BODY = "urn:nearest-crew:problem:unreadable-body"
    NO_SUCH_PATH = "urn:nearest-crew:problem:no-such-path"
    UNKNOWN_VEHICLE = "urn:nearest-crew:problem:unknown-vehicle"
    UNKNOWN_RECOMMENDATION = "urn:nearest-crew:problem:unknown-recommendation"
    UNKNOWN_CLOSURE = "urn:nearest-crew:problem:unknown-closure"
    UNKNOWN_REPLAY = "urn:nearest-crew:problem:unknown-replay"
    UNKNOWN_RESULT = "urn:nearest-crew:problem:unknown-result"
    METHOD_NOT_ALLOWED = "urn:nearest-crew:problem:method-not-allowed"
    FIX_REFUSED = "urn:nearest-crew:problem:fix-refused"
    REPLAY_NOT_FINISHED = "urn:nearest-crew:problem:replay-not-finished"
    BODY_TOO_LARGE = "urn:nearest-crew:problem:body-too-large"
    UNSUPPORTED_MEDIA_TYPE = "urn:nearest-crew:problem:unsupported-media-type"
    INVALID_REQUEST = "urn:nearest-crew:problem:invalid-request"
    OUTSIDE_AREA = "urn:nearest-crew:problem:outside-area"
    PROFILE_NOT_OFFERED = "urn:nearest-crew:problem:profile-not-offered"
    OFF_NETWORK = "urn:nearest-crew:problem:off-network"
    CLOSES_NOTHING = "urn:nearest-crew:problem:closes-nothing"
    SEVERAL_STREETS = "urn:nearest-crew:problem:several-streets"
    NO_ROUTE = "urn:nearest-crew:problem:no-route"
    TOO_MANY_REPLAYS = "urn:nearest-crew:problem:too-many-replays"
    REFUSED = "urn:nearest-crew:problem:refused"
    INTERNAL_ERROR = "urn:nearest-crew:problem:internal-error"
    NOT_READY = "urn:nearest-crew:problem:not-ready"
    REPLAYS_NOT_KEPT = "urn:nearest-crew:problem:replays-not-kept"

    @property
    def status(self) -> int:
        """HTTP status that goes with it."""
        return PROBLEMS[self][0]

    @property
    def meaning(self) -> str:
        """Its title, the same for every occurrence."""
        return PROBLEMS[self][1]


PROBLEMS: Final[Mapping[Problem, tuple[int, str]]] = {
    Problem.MALFORMED_JSON: (400, "The body is not JSON"),
    Problem.UNREADABLE_BODY: (400, "The body cannot be read"),
    Problem.NO_SUCH_PATH: (404, "There is nothing at this address"),
    Problem.UNKNOWN_VEHICLE: (404, "No vehicle with this id is held"),
    Problem.UNKNOWN_RECOMMENDATION: (404, "This recommendation is not remembered"),
    Problem.UNKNOWN_CLOSURE: (404, "No closure with this id is held"),
    Problem.UNKNOWN_REPLAY: (404, "There is no replay with this id"),
    Problem.UNKNOWN_RESULT: (404, "The replay has no such file"),
    Problem.METHOD_NOT_ALLOWED: (405, "This address does not support the method"),
    Problem.FIX_REFUSED: (409, "The position is older than the one held, or from the future"),
    Problem.REPLAY_NOT_FINISHED: (409, "The replay is not finished"),
    Problem.BODY_TOO_LARGE: (413, "The body is too large"),
    Problem.UNSUPPORTED_MEDIA_TYPE: (415, "The body was sent as a type that is not accepted here"),
    Problem.INVALID_REQUEST: (422, "The request has fields that cannot be accepted"),
    Problem.OUTSIDE_AREA: (422, "The place lies outside the area this service covers"),
    Problem.PROFILE_NOT_OFFERED: (422, "This network does not offer the driving profile"),
    Problem.OFF_NETWORK: (422, "No road lies near enough to the place"),
    Problem.CLOSES_NOTHING: (422, "No street lies where the closure is"),
    Problem.SEVERAL_STREETS: (422, "Several separate streets have this name"),
    Problem.NO_ROUTE: (422, "No way leads from one place to the other"),
    Problem.TOO_MANY_REPLAYS: (429, "As many replays wait as may"),
    Problem.REFUSED: (400, "The request was refused"),
    Problem.INTERNAL_ERROR: (500, "The service failed to answer"),
    Problem.NOT_READY: (503, "The service is not ready yet"),
    Problem.REPLAYS_NOT_KEPT: (503, "Replays cannot be kept at present"),
}

_BY_STATUS: Final[Mapping[int, Problem]] = {
    400: Problem.UNREADABLE_BODY,
    404: Problem.NO_SUCH_PATH,
    405: Problem.METHOD_NOT_ALLOWED,
    413: Problem.BODY_TOO_LARGE,
    415: Problem.UNSUPPORTED_MEDIA_TYPE,
    503: Problem.NOT_READY,
}


class ProblemError(Exception):
    """A request that cannot be served, and why."""

    def __init__(
        self,
        problem: Problem,
        detail: str,
        *,
        faults: Sequence[FieldFault] = (),
        places: "Sequence[StreetPlace]" = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
        self.faults = tuple(faults)
        self.places = tuple(places)
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One field that cannot be accepted."""

    field: Annotated[str, Field(examples=["call.location.lat"])]
    value: Annotated[Any, Field(description="What was sent, shortened when long.")]
    message: str
    accepted: Annotated[Any, Field(description="What would be accepted, where that can be said.")]


@dataclass(frozen=True, slots=True)
class StreetPlace:
    """One of several streets that have the same name."""

    lat: Annotated[float, Field(description="Of a point on it, WGS84 degrees.")]
    lon: float
    length_m: Annotated[float, Field(description="Metres; a two-way street counts once.")]
    bbox: Annotated[
        tuple[float, float, float, float], Field(description="West, south, east, north.")
    ]


@dataclass(frozen=True, slots=True)
class ProblemDetails:
    """An error, as RFC 9457 lays it out."""

    type: Annotated[Problem, Field(description="Stable: decide by this, not by the words.")]
    title: Annotated[str, Field(description="The same for every problem of this type.")]
    status: Annotated[int, Field(examples=[422])]
    detail: Annotated[str, Field(description="What was wrong this time, for people.")]
    instance: Annotated[str, Field(description="The address asked.")]
    errors: Annotated[
        tuple[FieldProblem, ...], Field(description="Each field at fault, when fields are.")
    ] = ()
    places: Annotated[
        tuple[StreetPlace, ...],
        Field(description="The streets of a name that several have, the longest first."),
    ] = ()
    correlation_id: Annotated[
        str | None, Field(description="Names the log entry of a failure of the service.")
    ] = None


def problem_response(error: ProblemError, instance: str, **members: str) -> Response:
    """Write a problem as `application/problem+json`."""
    body: dict[str, Any] = {
        "type": error.problem.value,
        "title": error.problem.meaning,
        "status": error.problem.status,
        "detail": error.detail,
        "instance": instance,
        **members,
    }
    if error.faults:
        body["errors"] = [
            {
                "field": fault.field,
                "value": _echo(fault.value),
                "message": fault.message,
                "accepted": fault.accepted,
            }
            for fault in error.faults[:FAULTS_SHOWN]
        ]
    if error.places:
        body["places"] = [asdict(place) for place in error.places]
    return Response(
        json.dumps(body, allow_nan=False),
        status_code=error.problem.status,
        headers=error.headers,
        media_type=MEDIA_TYPE,
    )


OF_BODIES: Final = (
    Problem.MALFORMED_JSON,
    Problem.UNREADABLE_BODY,
    Problem.BODY_TOO_LARGE,
    Problem.UNSUPPORTED_MEDIA_TYPE,
    Problem.INVALID_REQUEST,
)
"""What every operation that takes a body can answer."""


def documented(*problems: Problem) -> dict[int | str, dict[str, Any]]:
    """Describe problems of an operation for the OpenAPI document, those of the service added."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in (*problems, Problem.INTERNAL_ERROR, Problem.NOT_READY):
        entry = responses.setdefault(
            problem.status,
            {"description": "", "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": {}}}},
        )
        entry["description"] = "; ".join(filter(None, (entry["description"], problem.meaning)))
        slug = problem.value.rpartition(":")[2]
        entry["content"][MEDIA_TYPE]["examples"][slug] = {
            "summary": problem.meaning,
            "value": {
                "type": problem.value,
                "title": problem.meaning,
                "status": problem.status,
                "detail": f"{problem.meaning}.",
                "instance": "/v1/recommendations",
                **_EXTRA_MEMBERS.get(problem, {}),
            },
        }
    return responses


_EXTRA_MEMBERS: Final[Mapping[Problem, dict[str, Any]]] = {
    Problem.INVALID_REQUEST: {
        "detail": "call.category: 'c2' is not one of the words known here. Did you mean 'C2'?",
        "errors": [
            {
                "field": "call.category",
                "value": "c2",
                "message": "'c2' is not one of the words known here. Did you mean 'C2'?",
                "accepted": ["C1", "C2", "C3", "C4"],
            }
        ],
    },
    Problem.INTERNAL_ERROR: {"correlation_id": "2f1c0f5e3b0d4c7f9a51f4f3a9f2d6b7"},
}


_SCHEMA: Final = {"$ref": "#/components/schemas/ProblemDetails"}


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    app.add_exception_handler(ProblemError, _handler(_as_is))
    app.add_exception_handler(RequestValidationError, _handler(_from_validation))
    app.add_exception_handler(HTTPException, _handler(_from_http))
    app.add_exception_handler(Exception, _internal_error)


def _handler(
    translate: Callable[[Request, Any], ProblemError],
) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def handle(request: Request, exc: Exception) -> Response:
        return problem_response(translate(request, exc), request.url.path)

    return handle


def _as_is(_request: Request, exc: ProblemError) -> ProblemError:
    return exc


def _from_validation(request: Request, exc: RequestValidationError) -> ProblemError:
    if isinstance(exc.body, bytes):
        sent = request.headers.get("content-type", "")
        detail = f"The body was sent as {sent!r}" if sent else "The body was sent without a type"
        return ProblemError(Problem.UNSUPPORTED_MEDIA_TYPE, f"{detail}; send application/json.")
    errors = exc.errors()
    if errors[0]["type"] == "json_invalid":
        where, why = errors[0]["loc"][-1], errors[0]["ctx"]["error"]
        return ProblemError(Problem.MALFORMED_JSON, f"{why} at character {where} of the body.")
    faults = faults_in(errors[:FAULTS_SHOWN], request.scope["endpoint"], _not_offered(request))
    detail = f"{faults[0].field}: {faults[0].message}"
    if len(errors) > 1:
        detail += f" ({len(errors)} faults in all, {len(faults)} listed.)"
    return ProblemError(Problem.INVALID_REQUEST, detail, faults=faults)


def _not_offered(request: Request) -> list[str]:
    """Driving profiles that the network in service does not offer."""
    service = getattr(request.app.state, "service", None)
    offered = service.router.profiles if service else list(ProfileName)
    return [name.value for name in ProfileName if name not in offered]


def _from_http(request: Request, exc: HTTPException) -> ProblemError:
    problem = _BY_STATUS.get(exc.status_code, Problem.REFUSED)
    encoding = request.headers.get("content-encoding", "identity")
    if problem is Problem.UNREADABLE_BODY and encoding != "identity":
        detail = f"The body was sent in the content encoding {encoding!r:.40}; send it in none."
        return ProblemError(
            Problem.UNSUPPORTED_MEDIA_TYPE, detail, headers={"accept-encoding": "identity"}
        )
    is_form = request.headers.get("content-type", "").startswith("multipart/")
    detail = {
        Problem.NO_SUCH_PATH: f"Nothing is served at {request.url.path}; see /docs.",
        Problem.METHOD_NOT_ALLOWED: f"{request.method} is not supported at {request.url.path}.",
        Problem.UNREADABLE_BODY: f"The body is not a form that can be read: {exc.detail}"
        if is_form
        else "The body is not JSON text in UTF-8, or is nested too deeply.",
    }.get(problem, str(exc.detail))
    headers = exc.headers
    if problem is Problem.METHOD_NOT_ALLOWED:
        headers = {"allow": ", ".join(_methods_at(request))}
    return ProblemError(problem, detail, headers=headers)


def _methods_at(request: Request) -> Sequence[str]:
    """Every method that the address of a request supports; each has a route of its own."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]

    def supported(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    return list(filter(supported, _METHODS)) or _METHODS_OF_FILES


_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_METHODS_OF_FILES: Final = ("GET", "HEAD")
"""Of what is mounted: files of the documentation."""


async def _internal_error(request: Request, exc: Exception) -> Response:
    correlation_id = uuid4().hex
    _log.error("%s %r failed [%s]: %r", request.method, request.url.path, correlation_id, exc)
    error = ProblemError(
        Problem.INTERNAL_ERROR, "Nothing was decided; the failure has been logged."
    )
    return problem_response(error, request.url.path, correlation_id=correlation_id)


_ECHO_LENGTH: Final = 200


def _echo(value: Any) -> Any:
    """What was sent, in a form that JSON can say and a person will read."""
    if isinstance(value, float) and not math.isfinite(value):
        return as_sent(value)
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else _shortened(str(value))
    if isinstance(value, str):
        return _shortened(value)
    if isinstance(value, UploadFile):
        return _shortened(as_sent(value))
    return _shortened(json.dumps(value, default=as_sent))


def _shortened(text: str) -> str:
    return text if len(text) <= _ECHO_LENGTH else f"{text[: _ECHO_LENGTH - 1]}…"
