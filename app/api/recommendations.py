"""The main job: which vehicles to send to a call."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Body, Path, Response
from pydantic import TypeAdapter

from app.api.answers import RecommendationAnswer
from app.api.area import ServedArea
from app.api.examples import RECOMMENDATION_ANSWER_EXAMPLE, RECOMMENDATION_EXAMPLES
from app.api.fleet_requests import VehicleIn
from app.api.problems import OF_BODIES, Problem, ProblemError, documented
from app.api.recommendation_requests import RecommendationRequest
from app.api.service import Service, ServiceOf
from app.dispatch.fleet import Fleet
from app.dispatch.model import Call, Vehicle
from app.dispatch.recommendation import Notice, Recommendation, WarningCode
from app.store.decisions import Decision

_ANSWER = TypeAdapter(RecommendationAnswer)


def written(recommendation: Recommendation) -> bytes:
    """The answer to the caller, JSON in UTF-8."""
    return _ANSWER.dump_json(RecommendationAnswer.of(recommendation))


router = APIRouter(prefix="/v1/recommendations", tags=["Recommendations"])

_WHERE_IDS_COME_FROM = "`recommendation_id` of an answer to `POST /v1/recommendations`."

INLINE_ON_THE_LOOP = 50
"""Vehicles sent along that are placed on the network without leaving the event loop; more go to
a thread, so that other calls are answered meanwhile."""


@router.post(
    "",
    operation_id="recommend",
    response_model=RecommendationAnswer,
    summary="Which vehicles should go to this call?",
    response_description="The vehicles that may be sent, best first, or why there are none.",
    responses=documented(*OF_BODIES, Problem.OUTSIDE_AREA) | RECOMMENDATION_ANSWER_EXAMPLE,
)
async def recommend(
    body: Annotated[RecommendationRequest, Body(openapi_examples=RECOMMENDATION_EXAMPLES)],
    service: ServiceOf,
) -> Response:
    """Name the suitable vehicles that can be with the patient first, best first.

    Each with its ETA in parts, the way it would take and the reasons for its rank; and, for
    every other vehicle, why it may not be sent. When nobody is suitable that is an answer too:
    no options, and a `shortfall` that says why. A `call_id` asked before is answered again and
    a warning names the earlier recommendation.
    """
    now = datetime.now(UTC)
    decide_at = body.at or now
    service.area.require(body.call.location, "call.location")
    call = body.call_at(decide_at, call_id=f"unnamed-{uuid4().hex[:12]}")
    if body.vehicles is None:
        fleet = service.fleet.columns
        recommendation = _recommend(service, body, call, fleet, decide_at)
    else:
        vehicles = _vehicles(body.vehicles, service.area)
        if len(vehicles) <= INLINE_ON_THE_LOOP:
            recommendation = _among(service, body, call, vehicles, decide_at)
        else:
            recommendation = await service.dispatch_lane.run(
                lambda: _among(service, body, call, vehicles, decide_at)
            )
    recommendation = await _noting_repetition(service, recommendation)
    answer = written(recommendation)
    decision = Decision(recommendation.recommendation_id, call.call_id, decide_at, answer)
    await service.decisions.record(decision)
    return Response(answer, media_type="application/json")


@router.get(
    "/{recommendation_id}",
    operation_id="get_recommendation",
    response_model=RecommendationAnswer,
    summary="What was recommended?",
    response_description="The answer, byte for byte.",
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_RECOMMENDATION)
    | RECOMMENDATION_ANSWER_EXAMPLE,
)
async def get_recommendation(
    recommendation_id: Annotated[str, Path(max_length=64, description=_WHERE_IDS_COME_FROM)],
    service: ServiceOf,
) -> Response:
    """Give a recommendation again as it was given, while it is remembered.

    Its `recommendation_id` stands first in the answer to `POST /v1/recommendations`: ask there
    first, then give the id here.
    """
    decision = await service.decisions.get(recommendation_id)
    if decision is None:
        detail = f"{recommendation_id!r:.80} was never given, or has been forgotten since."
        raise ProblemError(Problem.UNKNOWN_RECOMMENDATION, detail)
    return Response(decision.answer, media_type="application/json")


def _vehicles(sent: list[VehicleIn], area: ServedArea) -> list[Vehicle]:
    for row, vehicle in enumerate(sent):
        if vehicle.position is not None:
            area.refuse_swapped(vehicle.position.location, f"vehicles[{row}].position.location")
    return [vehicle.vehicle(vehicle.vehicle_id) for vehicle in sent]


def _among(
    service: Service,
    body: RecommendationRequest,
    call: Call,
    vehicles: list[Vehicle],
    decide_at: datetime,
) -> Recommendation:
    fleet = Fleet(service.router, service.policy)
    fleet.put_many(vehicles)
    return _recommend(service, body, call, fleet, decide_at)


def _recommend(
    service: Service, body: RecommendationRequest, call: Call, fleet: Fleet, decide_at: datetime
) -> Recommendation:
    return service.recommender.recommend(
        call,
        fleet,
        limit=body.limit,
        include_routes=body.include_routes,
        explain=body.explain,
        now=decide_at,
    )


async def _noting_repetition(service: Service, recommendation: Recommendation) -> Recommendation:
    earlier = await service.decisions.latest_for(recommendation.call.call_id)
    if earlier is None:
        return recommendation
    detail = (
        f"Call {earlier.call_id} was asked before: recommendation "
        f"{earlier.recommendation_id} answers it as of {earlier.decided_at:%Y-%m-%d %H:%M:%S} UTC."
    )
    notice = Notice(WarningCode.REPEATED_CALL, detail)
    return replace(recommendation, warnings=(*recommendation.warnings, notice))
