"""Areas that can be reached in time, for planners and for whoever moves vehicles to standby."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool

from app.api.answers import NetworkName
from app.api.problems import OF_BODIES, Problem, documented
from app.api.road_answers import IsochroneAnswer, IsochroneFeature
from app.api.road_examples import ISOCHRONE_EXAMPLES
from app.api.road_questions import require_offered, snapped
from app.api.road_requests import FLEET, IsochroneRequest
from app.api.service import Service, ServiceOf
from app.dispatch.coverage import Origin
from app.dispatch.time_of_week import hour_of_week
from routing.engine import Starts
from routing.isochrones import Isochrone

_ANSWER = TypeAdapter(IsochroneAnswer)
_FEATURE = TypeAdapter(IsochroneFeature)

router = APIRouter(prefix="/v1", tags=["Roads"])


@router.post(
    "/isochrones",
    operation_id="isochrones",
    response_model=IsochroneAnswer,
    summary="What can be reached in time?",
    response_description="One GeoJSON feature for each limit, in the order asked for.",
    responses=documented(
        *OF_BODIES, Problem.OUTSIDE_AREA, Problem.PROFILE_NOT_OFFERED, Problem.OFF_NETWORK
    ),
)
async def isochrones(
    body: Annotated[IsochroneRequest, Body(openapi_examples=ISOCHRONE_EXAMPLES)],
    service: ServiceOf,
) -> Response:
    """Draw the areas that can be reached within some times, from a place or by the whole fleet.

    From a place, the time is the drive. From the fleet, it counts from now, and without `at` at
    the speeds of this hour: the available vehicles move off, each after its mobilisation, and the
    first to arrive counts. An area is
    what lies within `off_road_m` of a road reached in time; nothing is added for the way from the
    road to the patient.
    """
    now = datetime.now(UTC)
    origin = _origin(body, service, now)
    at = now if body.at is None and body.from_ == FLEET else body.at
    answer = await run_in_threadpool(_drawn, body, service, origin, at)
    return Response(answer, media_type="application/json")


def _origin(body: IsochroneRequest, service: Service, now: datetime) -> Origin:
    if body.from_ == FLEET:
        needs = body.needs.needs()
        return Origin.available(service.fleet.columns, body.category, needs, now)
    require_offered(service, body.profile)
    start = snapped(service, body.from_, "from", body.profile)
    return Origin({body.profile: Starts.at([start])})


def _drawn(body: IsochroneRequest, service: Service, origin: Origin, at: datetime | None) -> bytes:
    limits_ms = [round(limit_s * 1000) for limit_s in body.limits_s]
    hour = None if at is None else hour_of_week(at)
    reached = origin.coverage(service.router, limits_ms, body.off_road_m, hour)
    about = IsochroneAnswer(
        vehicles=origin.vehicles if body.from_ == FLEET else None,
        closures=[one.closure.closure_id for one in reached.closures],
        network=NetworkName.of(service.router.network),
        features=[],
    )
    return _written(about, zip(reached.areas, body.limits_s, strict=True))


def _written(about: IsochroneAnswer, areas: Iterable[tuple[Isochrone, float]]) -> bytes:
    """Write an answer one feature after the other: in between, calls get their turn."""
    opened = _ANSWER.dump_json(about, exclude={"features"}).removesuffix(b"}")
    features = (_FEATURE.dump_json(IsochroneFeature.of(*area)) for area in areas)
    return b'%s,"features":[%s]}' % (opened, b",".join(features))
