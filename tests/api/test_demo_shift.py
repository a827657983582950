"""The made-up fleet keeps reporting, and keeps its hands off what is somebody's."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.demo_shift import DemoShift
from app.dispatch.fleet import Fleet
from app.dispatch.model import Status
from app.dispatch.policy import load_policy
from app.store.fleet_store import VehicleFilter
from app.store.held_fleet import HeldFleet
from app.store.memory import MemoryFleetStore
from geo_data.strategic import embedded_london
from routing.router import Router


def held_fleet() -> HeldFleet:
    columns = Fleet(Router(embedded_london()), load_policy())
    return HeldFleet(MemoryFleetStore(), columns, clock_tolerance=timedelta(seconds=60))


def test_only_vehicles_nobody_has_touched_report_again() -> None:
    async def shift() -> None:
        fleet = held_fleet()
        demo = DemoShift(fleet)
        await demo.begin()
        begun = len(fleet)
        before = await fleet.get("F101")
        changed = await fleet.change("F102", {"status": Status.AT_SCENE}, datetime.now(UTC))
        await fleet.remove("E101")
        await demo.report()
        await demo.report()
        after = await fleet.get("F101")
        assert after.fix is not None
        assert before.fix is not None
        assert after.fix.reported_at > before.fix.reported_at
        assert replace(after, fix=None, shift_ends_at=None) == replace(
            before, fix=None, shift_ends_at=None
        )
        assert await fleet.get("F102") == changed
        assert len(fleet) == begun - 1

    asyncio.run(shift())


def test_store_and_columns_hold_the_same_fleet() -> None:
    async def shift() -> None:
        fleet = held_fleet()
        await DemoShift(fleet).begin()
        await fleet.remove("F101")
        stored, total = await fleet.page(VehicleFilter(), offset=0, limit=1000)
        assert total == len(fleet) > 100
        assert list(stored) == fleet.columns.vehicles

    asyncio.run(shift())
