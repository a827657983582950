"""The main job inside the process: suitability, search, ETA and explanation, without HTTP."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from app.dispatch.fleet import Fleet
from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Place,
    PositionFix,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.policy import load_policy
from app.dispatch.recommender import Recommender
from benchmarks.london import random_places
from benchmarks.search import NEAREST, QUESTIONS
from benchmarks.timing import Measured, measure
from routing.network import RoadNetwork
from routing.router import Router

FLEET_SIZE = 500
AVAILABLE_SHARE = 0.6
TASK = f"recommendation in the process, nearest {NEAREST} of {FLEET_SIZE} vehicles"


def measure_recommendation(network: RoadNetwork) -> list[Measured]:
    """Recommend for calls over town; before each, one vehicle reports from somewhere else."""
    router, policy = Router(network), load_policy()
    recommender, fleet = Recommender(router, policy), Fleet(router, policy)
    vehicles = _vehicles(network)
    fleet.put_many(vehicles)
    now = datetime.now(UTC)
    calls = [
        Call(f"BENCH-{i}", Place(*place), Category.C2, now)
        for i, place in enumerate(random_places(network, QUESTIONS, seed=6))
    ]
    moved = [
        replace(vehicles[i % FLEET_SIZE], fix=PositionFix(Place(*place), now))
        for i, place in enumerate(random_places(network, QUESTIONS, seed=7))
    ]

    def asking(*, explained: bool) -> Callable[[tuple[Call, Vehicle]], object]:
        def ask(question: tuple[Call, Vehicle]) -> object:
            call, vehicle = question
            fleet.put(vehicle)
            return recommender.recommend(
                call, fleet, limit=NEAREST, include_routes=explained, explain=explained, now=now
            )

        return ask

    questions = list(zip(calls, moved, strict=True))
    asking(explained=True)(questions[0])  # compiles
    return [
        Measured(TASK, "vehicles and ETAs", measure(asking(explained=False), questions)),
        Measured(
            TASK, "with routes, reasons, exclusions", measure(asking(explained=True), questions)
        ),
    ]


def _vehicles(network: RoadNetwork) -> list[Vehicle]:
    rng = np.random.default_rng(5)
    now = datetime.now(UTC)
    return [
        Vehicle(
            vehicle_id=f"V{i:03}",
            vehicle_type=VehicleType.EMERGENCY_AMBULANCE,
            driver_agency=DriverAgency.LAS,
            status=Status.AVAILABLE_MOBILE if rng.random() < AVAILABLE_SHARE else Status.AT_SCENE,
            fix=PositionFix(Place(*place), now),
            skills=frozenset({Skill.PARAMEDIC}),
        )
        for i, place in enumerate(random_places(network, FLEET_SIZE, seed=4))
    ]
