"""The application: settings in, a wired FastAPI app out."""

import asyncio
import gc
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

from app.api import (
    body_limit,
    closures,
    docs,
    health,
    isochrones,
    matrix,
    network,
    positions,
    problems,
    recommendations,
    replays,
    routes,
    vehicles,
)
from app.api.area import ServedArea
from app.api.lane import Lane
from app.api.openapi import DESCRIPTION, TAGS, TITLE, DocumentedApp
from app.api.replay_service import ReplayService
from app.api.service import Service
from app.chores import again_and_again
from app.demo_shift import DemoShift
from app.dispatch.fleet import Fleet
from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Place,
    PositionFix,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.policy import load_policy
from app.dispatch.recommender import Recommender
from app.hours_ahead import HoursAhead
from app.replay.jobs.queue import JobQueue
from app.settings import Settings
from app.store.decisions import RecentDecisions
from app.store.held_fleet import HeldFleet
from app.store.memory import MemoryFleetStore
from geo_data.builder import installed_version
from geo_data.strategic import embedded_london
from routing.router import Router
from routing.storage import load_network

_log = logging.getLogger(__name__)

REPLAYS_TENDED_EVERY_S = 0.5


def build_service(settings: Settings) -> Service:
    """
    Load the network and the policy, and warm up.

    Raises
    ------
    DamagedNetworkError
        The network directory is incomplete, altered, or of another format.
    PolicyError
        The policy file cannot be used.
    NetworkError
        A driving profile may drive no street of the network.
    """
    policy = load_policy(settings.policy)
    streets = embedded_london() if settings.network is None else load_network(settings.network)
    router = Router(streets)
    policy.require_profiles(router.profiles)
    router.warm_up()
    HoursAhead(router, policy).prepare(datetime.now(UTC))
    service = Service(
        version=installed_version(),
        router=router,
        policy=policy,
        recommender=Recommender(router, policy),
        fleet=HeldFleet(
            MemoryFleetStore(),
            Fleet(router, policy),
            clock_tolerance=timedelta(seconds=policy.positions.clock_tolerance_s),
        ),
        decisions=RecentDecisions(settings.remembered_decisions),
        area=ServedArea(streets.name, streets.extent, settings.call_margin_m),
        replays=ReplayService(
            JobQueue(
                settings.replays,
                at_once=settings.replays_at_once,
                waiting=settings.replays_waiting,
            ),
            policy,
            inputs=settings.replay_inputs,
            network=settings.network,
            policy_file=settings.policy,
            call_margin_m=settings.call_margin_m,
        ),
        dispatch_lane=Lane(at_once=1),
    )
    _warm_up(service)
    return service


def _warm_up(service: Service) -> None:
    """Answer one made-up call, so that the first real one does not wait for anything."""
    lat, lon = service.router.network.segment_shape(0)
    place, now = Place(float(lat[0]), float(lon[0])), datetime.now(UTC)
    vehicle = Vehicle(
        "warm-up",
        VehicleType.EMERGENCY_AMBULANCE,
        DriverAgency.LAS,
        Status.AVAILABLE_MOBILE,
        PositionFix(place, now),
    )
    fleet = Fleet(service.router, service.policy)
    fleet.put(vehicle)
    call = Call("warm-up", place, Category.C1, now)
    recommendation = service.recommender.recommend(
        call, fleet, limit=1, include_routes=True, explain=True, now=now
    )
    recommendations.written(recommendation)


async def _serve(app: FastAPI, settings: Settings) -> None:
    """Load the service, then look after what it needs while it runs.

    What is loaded stays for good: the garbage collector need not look at it at every turn.
    """
    try:
        await asyncio.to_thread(app.openapi)  # who opens /docs first holds up no call
        service = await asyncio.to_thread(build_service, settings)
        shift = DemoShift(service.fleet)
        if settings.starts_with_demo_fleet:
            await shift.begin()
    except Exception as exc:
        app.state.failure = str(exc) or repr(exc)
        _log.critical("The service cannot answer calls: %s", exc, exc_info=True)
        raise
    gc.collect()
    gc.freeze()
    app.state.service = service
    network = service.router.network
    _log.info(
        "Ready: %s, version %s, %d vehicles", network.name, network.version, len(service.fleet)
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(HoursAhead(service.router, service.policy).run())
        tasks.create_task(_tend(service.replays.queue))
        if settings.starts_with_demo_fleet:
            tasks.create_task(shift.run())


async def _tend(queue: JobQueue) -> None:
    """Look after the replays for as long as the service runs."""
    await again_and_again(
        lambda: asyncio.to_thread(queue.tend),
        every_s=REPLAYS_TENDED_EVERY_S,
        complaint="Replays cannot be looked after",
    )


def _keep_a_processor_for_calls() -> None:
    """Let no more questions of planners be worked on at once than there are other processors.

    More would not be answered sooner, would slow down calls, and need working memory for each.
    What a dispatcher waits for has a lane of its own (`Service.dispatch_lane`).
    """
    current_default_thread_limiter().total_tokens = max(1, (os.cpu_count() or 1) - 1)


def _lifespan(settings: Settings) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        _keep_a_processor_for_calls()
        serving = asyncio.create_task(_serve(app, settings))
        yield
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        service: Service | None = getattr(app.state, "service", None)
        if service is not None:
            await asyncio.to_thread(service.replays.queue.stop)

    return lifespan


def create_app(settings: Settings | None = None) -> FastAPI:
    """Wire an application; without settings, from the environment."""
    settings = settings or Settings()
    app = DocumentedApp(
        title=TITLE,
        version=installed_version(),
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(settings),
    )
    app.add_middleware(
        body_limit.BodyLimit,
        limit_bytes=settings.body_limit_bytes,
        exceptions={replays.router.prefix: settings.replay_upload_limit_bytes},
    )
    problems.install(app)
    docs.install(app)
    for module in (
        recommendations,
        vehicles,
        positions,
        routes,
        matrix,
        isochrones,
        closures,
        network,
        replays,
        health,
    ):
        app.include_router(module.router)
    return app
