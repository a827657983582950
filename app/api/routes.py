"""Ways through the network, for operators and planners."""

from typing import Annotated

from fastapi import APIRouter, Body
from starlette.concurrency import run_in_threadpool

from app.api.answers import RouteAnswer, SegmentAnswer, SnapAnswer
from app.api.examples import ROUTE_EXAMPLES, SNAP_EXAMPLES
from app.api.problems import OF_BODIES, Problem, ProblemError, documented
from app.api.requests import ProfileName, RouteRequest, SnapRequest
from app.api.service import Service, ServiceOf
from app.dispatch.model import Place
from routing.engine import Arrival
from routing.geometry import COORDINATE_DECIMALS
from routing.paths import Path
from routing.snapping import Snap

router = APIRouter(prefix="/v1", tags=["Roads"])


@router.post(
    "/routes",
    operation_id="route",
    summary="Which way, and how long?",
    response_description="The way, and how long it takes.",
    responses=documented(*OF_BODIES, Problem.OUTSIDE_AREA, Problem.OFF_NETWORK, Problem.NO_ROUTE),
)
async def route(
    body: Annotated[RouteRequest, Body(openapi_examples=ROUTE_EXAMPLES)], service: ServiceOf
) -> RouteAnswer:
    """Find the fastest way from one place to another, road to road.

    Nothing is added for mobilisation or for the steps from the kerb to the patient.
    """
    place = service.area.require(body.from_, "from")
    start = snapped(service, place, "from", body.profile)
    place = service.area.require(body.to, "to")
    target = snapped(service, place, "to", body.profile)
    found = await run_in_threadpool(_route, service, body.profile, start, target)
    if found is None:
        detail = f"No way leads from {_said(start)} to {_said(target)} with {body.profile}."
        raise ProblemError(Problem.NO_ROUTE, detail)
    arrival, path = found
    return RouteAnswer.of(arrival, path, start, target)


@router.post(
    "/snap",
    operation_id="snap",
    summary="Which road is this on?",
    response_description="Where on which road the position lies.",
    responses=documented(*OF_BODIES, Problem.OUTSIDE_AREA, Problem.OFF_NETWORK),
)
async def snap(
    body: Annotated[SnapRequest, Body(openapi_examples=SNAP_EXAMPLES)], service: ServiceOf
) -> SnapAnswer:
    """Put a position on the road, as recommendations do with vehicles and calls.

    A heading decides between the two sides of a street.
    """
    place = service.area.require(body.location, "location")
    found = snapped(service, place, "location", body.profile, body.heading_deg)
    network = service.router.network
    return SnapAnswer(
        location=Place(
            round(found.lat, COORDINATE_DECIMALS), round(found.lon, COORDINATE_DECIMALS)
        ),
        distance_m=round(found.distance_m, 1),
        segments=[
            SegmentAnswer(segment, round(fraction, 6), network.street_name(segment))
            for segment, fraction in zip(found.segments, found.fractions, strict=True)
        ],
        heading_ignored=found.heading_ignored,
    )


def _route(
    service: Service, profile: ProfileName, start: Snap, target: Snap
) -> tuple[Arrival, Path] | None:
    arrival = service.router.roads(profile).route(start, target)
    return None if arrival is None else (arrival, service.router.path(arrival))


def snapped(
    service: Service,
    place: Place,
    field: str,
    profile: ProfileName,
    heading_deg: float | None = None,
) -> Snap:
    """The road a place in a field of a request is on.

    Raises
    ------
    ProblemError
        `OFF_NETWORK` when no road of the profile is near enough.
    """
    radius_m = service.fleet.columns.access.call_radius_m
    found = service.router.snap(
        place.lat, place.lon, profile=profile, heading_deg=heading_deg, radius_m=radius_m
    )
    if found is None:
        detail = (
            f"{field}: no road for {profile} lies within {radius_m:,.0f} m of "
            f"{place.lat:g}, {place.lon:g}."
        )
        raise ProblemError(Problem.OFF_NETWORK, detail)
    return found


def _said(where: Snap) -> str:
    return f"{where.lat:.5f}, {where.lon:.5f}"
