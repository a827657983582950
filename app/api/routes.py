"""Ways through the network, for operators and planners."""

from datetime import datetime
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Body
from starlette.concurrency import run_in_threadpool

from app.api.answers import NetworkName, RouteFeature
from app.api.problems import OF_BODIES, Problem, ProblemError, documented
from app.api.road_answers import (
    NotAllowed,
    Obstacle,
    PriceAnswer,
    RouteAnswer,
    RouteWarning,
    RouteWarningCode,
    SegmentAnswer,
    SnapAnswer,
    StepAnswer,
    WayAnswer,
)
from app.api.road_examples import ROUTE_EXAMPLES, SNAP_EXAMPLES
from app.api.road_questions import require_offered, roads_of, snapped
from app.api.road_requests import ProfileName, RouteRequest, SnapRequest
from app.api.service import Service, ServiceOf
from app.dispatch.model import Place
from app.dispatch.recommendation import ClosureEffect, RoutePath
from app.dispatch.wording import against_traffic, approximate_network
from routing.closure_places import titles
from routing.engine import Arrival, Starts
from routing.geometry import COORDINATE_DECIMALS
from routing.paths import Path, points_of
from routing.roads import Roads
from routing.snapping import Snap

router = APIRouter(prefix="/v1", tags=["Roads"])


@router.post(
    "/routes",
    operation_id="route",
    summary="Which way, and how long?",
    response_description="The way, and how long it takes.",
    responses=documented(
        *OF_BODIES,
        Problem.OUTSIDE_AREA,
        Problem.PROFILE_NOT_OFFERED,
        Problem.OFF_NETWORK,
        Problem.NO_ROUTE,
    ),
)
async def route(
    body: Annotated[RouteRequest, Body(openapi_examples=ROUTE_EXAMPLES)], service: ServiceOf
) -> RouteAnswer:
    """Find the fastest way from one place to another, road to road.

    Nothing is added for mobilisation or for the steps from the kerb to the patient. Alternatives
    differ from it and from each other for long, take at most a quarter longer, and make no detour
    on the way. The same ways can be priced as another driver or at another hour would drive them;
    where they may not, that is said.
    """
    require_offered(service, body.profile)
    for row, other in enumerate(body.also_priced_as):
        require_offered(service, other.profile, f"also_priced_as[{row}].profile")
    start = snapped(service, body.from_, "from", body.profile)
    target = snapped(service, body.to, "to", body.profile)
    return await run_in_threadpool(_route, service, body, start, target)


@router.post(
    "/snap",
    operation_id="snap",
    summary="Which road is this on?",
    response_description="Where on which road the position lies.",
    responses=documented(
        *OF_BODIES, Problem.OUTSIDE_AREA, Problem.PROFILE_NOT_OFFERED, Problem.OFF_NETWORK
    ),
)
async def snap(
    body: Annotated[SnapRequest, Body(openapi_examples=SNAP_EXAMPLES)], service: ServiceOf
) -> SnapAnswer:
    """Put a position on the road, as recommendations do with vehicles and calls.

    A heading decides between the two sides of a street.
    """
    require_offered(service, body.profile)
    found = snapped(service, body.location, "location", body.profile, body.heading_deg)
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
        network=NetworkName.of(network),
    )


def _route(service: Service, body: RouteRequest, start: Snap, target: Snap) -> RouteAnswer:
    roads = roads_of(service, body.profile, body.at)
    fastest = roads.route(start, target)
    found = [] if fastest is None else [fastest]
    disturbance = roads.disturbances(target, Starts.at([start]), found).get(0)
    if fastest is None:
        detail = f"No way leads from {_said(start)} to {_said(target)} with {body.profile}"
        why = f": {titles(disturbance.closures)}" if disturbance else ""
        raise ProblemError(Problem.NO_ROUTE, f"{detail}{why}.")
    others = roads.alternatives(fastest, start, target, body.alternatives)
    first, *more = (_way(service, body, roads, drive) for drive in (fastest, *others))
    return RouteAnswer(
        **first,
        from_road_m=round(start.distance_m, 1),
        to_road_m=round(target.distance_m, 1),
        alternatives=[WayAnswer(**way) for way in more],
        closures=None if disturbance is None else ClosureEffect.of(disturbance, fastest),
        begins_in_closure=fastest.first_stretch > 0,
        ends_in_closure=fastest.last_stretch > 0,
    )


def _way(service: Service, body: RouteRequest, roads: Roads, drive: Arrival) -> dict[str, Any]:
    """What is answered about one way."""
    path = service.router.path(drive)
    route = RouteFeature.of(RoutePath.of(path), drive.drive_ms / 1000)
    return {
        "warnings": [*_network_warnings(service), *against_traffic_warnings(path)],
        "distance_m": route.properties.distance_m,
        "duration_s": route.properties.duration_s,
        "streets": route.properties.streets,
        "route": route,
        "steps": [StepAnswer.of(step) for step in roads.steps(drive)] if body.steps else None,
        "also_priced_as": [
            _price(service, other.profile, other.at or body.at, drive)
            for other in body.also_priced_as
        ],
    }


def _network_warnings(service: Service) -> list[RouteWarning]:
    network = service.router.network
    if not network.provenance.approximate:
        return []
    detail = approximate_network(network.name)
    return [RouteWarning(RouteWarningCode.APPROXIMATE_NETWORK, detail)]


def against_traffic_warnings(path: Path) -> list[RouteWarning]:
    """What to know before a way is driven against the traffic of one-way streets."""
    if not path.against_traffic:
        return []
    detail = against_traffic(path.against_traffic)
    return [RouteWarning(RouteWarningCode.AGAINST_TRAFFIC, detail)]


def _price(
    service: Service, profile: ProfileName, at: datetime | None, drive: Arrival
) -> PriceAnswer:
    network = service.router.network
    found = roads_of(service, profile, at).price(drive)
    first_points = points_of(network, drive)
    obstacles = [
        Obstacle(
            network.street_name(int(drive.segments[place])),
            NotAllowed.STREET if found.closed[place] else NotAllowed.TURN,
            int(first_points[place]),
        )
        for place in np.flatnonzero(found.closed | found.no_turn).tolist()
    ]
    duration_s = None if found.drive_ms is None else found.drive_ms / 1000
    return PriceAnswer(profile, at, duration_s, obstacles)


def _said(where: Snap) -> str:
    return f"{where.lat:.5f}, {where.lon:.5f}"
