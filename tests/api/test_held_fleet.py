"""Whatever is done in whatever order, store and columns agree and the newest position stands."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.dispatch.fleet import Fleet
from app.dispatch.model import (
    DriverAgency,
    Place,
    PositionFix,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.policy import load_policy
from app.store.fleet_store import VehicleFilter
from app.store.held_fleet import PLACED_AT_ONCE, FixRefusedError, HeldFleet, UnknownVehicleError
from app.store.memory import MemoryFleetStore
from routing.router import Router
from tests.drawing import draw

NOW = datetime(2021, 1, 17, 18, 42, tzinfo=UTC)
TOWN = draw({"a": (0, 0), "b": (0, 1000)}, "a-b")
ROUTER = Router(TOWN.network)
POLICY = load_policy()
TOLERANCE = timedelta(seconds=60)


def held_fleet() -> HeldFleet:
    return HeldFleet(MemoryFleetStore(), Fleet(ROUTER, POLICY), clock_tolerance=TOLERANCE)


def fix(seconds: int) -> PositionFix:
    lat, lon = TOWN.position(0, 100)
    return PositionFix(Place(lat, lon), NOW + timedelta(seconds=seconds))


def ambulance(vehicle_id: str, position: PositionFix | None = None) -> Vehicle:
    return Vehicle(
        vehicle_id,
        VehicleType.EMERGENCY_AMBULANCE,
        DriverAgency.MPS,
        Status.AVAILABLE_MOBILE,
        position,
    )


async def stored(fleet: HeldFleet) -> list[Vehicle]:
    vehicles, _ = await fleet.page(VehicleFilter(), offset=0, limit=10_000)
    return list(vehicles)


async def attempt(doing: Awaitable[object]) -> None:
    """Do it, unless it is refused."""
    try:
        await doing
    except (UnknownVehicleError, FixRefusedError):
        return


IDS = st.sampled_from(["A1", "A2", "A3"])
SECONDS = st.integers(-300, 300)
STEPS = st.one_of(
    st.tuples(st.just("put"), IDS, st.none() | SECONDS),
    st.tuples(st.just("status"), IDS, st.none()),
    st.tuples(st.just("report"), IDS, SECONDS),
    st.tuples(st.just("remove"), IDS, st.none()),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_store_and_columns_never_part(steps: list[tuple[str, str, int | None]]) -> None:
    async def live() -> None:
        fleet = held_fleet()
        for kind, vehicle_id, seconds in steps:
            position = None if seconds is None else fix(seconds)
            if kind == "put":
                await fleet.put(ambulance(vehicle_id, position))
            elif kind == "status":
                await attempt(fleet.change(vehicle_id, {"status": Status.BREAK}, NOW))
            elif kind == "report":
                assert position is not None
                await attempt(fleet.report([(vehicle_id, position)], NOW))
            else:
                await attempt(fleet.remove(vehicle_id))
            assert fleet.columns.vehicles == await stored(fleet)

    asyncio.run(live())


@settings(max_examples=60, deadline=None)
@given(st.lists(SECONDS, min_size=1, max_size=12))
def test_the_newest_credible_fix_stands_in_whatever_order_they_come(seconds: list[int]) -> None:
    async def live() -> None:
        fleet = held_fleet()
        await fleet.put(ambulance("A1"))
        await fleet.report([("A1", fix(moment)) for moment in seconds], NOW)
        held = (await fleet.get("A1")).fix
        credible = [moment for moment in seconds if moment <= TOLERANCE.total_seconds()]
        assert held == (fix(max(credible)) if credible else None)

    asyncio.run(live())


def test_of_fixes_with_one_time_the_last_to_arrive_stands() -> None:
    async def live() -> None:
        fleet = held_fleet()
        await fleet.put(ambulance("A1", fix(0)))
        for metres in (200, 300, 400):
            lat, lon = TOWN.position(0, metres)
            later = PositionFix(Place(lat, lon), fix(0).reported_at)
            assert await fleet.report([("A1", later)], NOW) == []
            assert (await fleet.get("A1")).fix == later

    asyncio.run(live())


def test_a_position_held_from_the_future_holds_no_later_one_back() -> None:
    async def live() -> None:
        fleet = held_fleet()
        await fleet.put(ambulance("A1", fix(86_400)))
        assert await fleet.report([("A1", fix(0))], NOW) == []
        assert (await fleet.get("A1")).fix == fix(0)

    asyncio.run(live())


def test_a_call_is_answered_while_a_large_batch_is_placed() -> None:
    async def live() -> None:
        fleet = held_fleet()
        batch = [ambulance(f"A{i:03}", fix(0)) for i in range(10 * PLACED_AT_ONCE)]
        placing = asyncio.create_task(fleet.put_many(batch))
        seen = set()
        while not placing.done():
            seen.add(len(fleet))
            await asyncio.sleep(0)
        assert len(seen) > 5
        assert len(fleet) == len(batch)

    asyncio.run(live())


def test_two_changes_at_once_both_count() -> None:
    async def live() -> None:
        fleet = held_fleet()
        await fleet.put(ambulance("A1", fix(-60)))
        await asyncio.gather(
            fleet.change("A1", {"status": Status.AT_SCENE}, NOW),
            fleet.change("A1", {"driver_agency": DriverAgency.LFB}, NOW),
            fleet.report([("A1", fix(0))], NOW),
        )
        expected = replace(
            ambulance("A1", fix(0)), status=Status.AT_SCENE, driver_agency=DriverAgency.LFB
        )
        assert await fleet.get("A1") == expected

    asyncio.run(live())
