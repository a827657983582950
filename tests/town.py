"""A small town to dispatch in: real streets, snapped and routed by the real router.

A grid of two-way residential streets, 500 m apart, 3 km by 3 km; places are metres east and north
of its south-west corner.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from app.dispatch.fleet import Fleet
from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Needs,
    Place,
    PositionFix,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.policy import DispatchPolicy, load_policy
from app.dispatch.recommendation import Recommendation
from app.dispatch.recommender import Recommender
from routing.network import RoadNetwork
from routing.router import Router
from tests.drawing import Drawing, draw, street

NOW = datetime(2021, 1, 17, 18, 42, 5, tzinfo=UTC)
BLOCK_M = 500
BLOCKS = 6
SIDE_M = BLOCK_M * BLOCKS


@cache
def grid() -> Drawing:
    """The streets: avenues run north, roads east."""
    lines = range(BLOCKS + 1)
    places = {f"{x}.{y}": (x * BLOCK_M, y * BLOCK_M) for x in lines for y in lines}
    avenues = [
        street(f"{x}.{y}-{x}.{y + 1}", name=f"Avenue {x}") for x in lines for y in range(BLOCKS)
    ]
    roads = [street(f"{x}.{y}-{x + 1}.{y}", name=f"Road {y}") for y in lines for x in range(BLOCKS)]
    return draw(places, *avenues, *roads)


def surveyed(network: RoadNetwork) -> RoadNetwork:
    """The same network, said to be complete."""
    return replace(network, provenance=replace(network.provenance, approximate=False))


@cache
def router() -> Router:
    """The router of the town."""
    return Router(surveyed(grid().network))


@cache
def policy() -> DispatchPolicy:
    """The packaged policy."""
    return load_policy()


def at(east_m: float, north_m: float) -> Place:
    """A place in town."""
    return Place(*grid().position(east_m, north_m))


def fix(
    east_m: float,
    north_m: float,
    *,
    age_s: float = 10,
    heading_deg: float | None = None,
    speed_mps: float | None = None,
) -> PositionFix:
    """A position reported so many seconds ago."""
    reported_at = NOW - timedelta(seconds=age_s)
    return PositionFix(at(east_m, north_m), reported_at, heading_deg, speed_mps)


AMBULANCE = Vehicle(
    vehicle_id="A101",
    vehicle_type=VehicleType.EMERGENCY_AMBULANCE,
    driver_agency=DriverAgency.LAS,
    status=Status.AVAILABLE_MOBILE,
    fix=fix(0, 0),
    skills=frozenset({Skill.PARAMEDIC}),
)
"""An ambulance that may be sent to anything."""

CALL = Call(
    call_id="CAD-1",
    location=at(1500, 1500),
    category=Category.C2,
    received_at=NOW - timedelta(seconds=60),
    needs=Needs(),
)
"""A call in the middle of town that any ambulance may answer."""


def fleet_of(
    *vehicles: Vehicle, on: Router | None = None, by: DispatchPolicy | None = None
) -> Fleet:
    """A fleet in town, or on another network, under the packaged policy or another."""
    fleet = Fleet(on or router(), by or policy())
    fleet.put_many(vehicles)
    return fleet


def answer(
    call: Call,
    *vehicles: Vehicle,
    limit: int = 5,
    include_routes: bool = False,
    explain: bool = True,
    on: Router | None = None,
    by: DispatchPolicy | None = None,
    now: datetime = NOW,
) -> Recommendation:
    """What is recommended for a call when these vehicles make up the fleet."""
    fleet = fleet_of(*vehicles, on=on, by=by)
    recommender = Recommender(fleet.router, fleet.policy, new_id=lambda: "answer-1")
    return recommender.recommend(
        call, fleet, limit=limit, include_routes=include_routes, explain=explain, now=now
    )
