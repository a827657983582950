"""What the service does besides answering goes on, whatever goes wrong."""

import asyncio
from collections.abc import Callable
from datetime import datetime

import pytest

from app import demo_shift, hours_ahead
from app.chores import again_and_again
from app.dispatch.model import Vehicle
from app.main import create_app
from app.settings import Settings
from app.store.held_fleet import HeldFleet


def test_what_goes_wrong_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    tries = 0

    async def work() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            msg = "no radio"
            raise OSError(msg)
        if tries == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(again_and_again(work, every_s=0, complaint="The fleet could not report"))
    assert tries == 3
    assert [record.getMessage() for record in caplog.records] == [
        "The fleet could not report; trying again"
    ]
    assert "no radio" in caplog.text


def test_one_chore_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hours that cannot be priced ahead must not silence the demo fleet."""
    prepared: list[datetime] = []
    prepare = hours_ahead.HoursAhead.prepare

    def fails_later(self: hours_ahead.HoursAhead, now: datetime) -> None:
        prepared.append(now)
        if len(prepared) > 1:
            msg = "out of memory"
            raise MemoryError(msg)
        prepare(self, now)

    monkeypatch.setattr(hours_ahead.HoursAhead, "prepare", fails_later)
    monkeypatch.setattr(hours_ahead, "LOOK_AGAIN_S", 0.01)
    monkeypatch.setattr(demo_shift, "REPORTING_INTERVAL_S", 0.01)

    async def served() -> None:
        app = create_app(Settings())
        async with app.router.lifespan_context(app):
            assert await eventually(lambda: len(prepared) > 3)
            fleet: HeldFleet = app.state.service.fleet
            before = await fleet.get("F102")
            assert await eventually(lambda: fleet.columns.vehicles[row_of(fleet, before)] != before)

    asyncio.run(served())


async def eventually(is_so: Callable[[], bool]) -> bool:
    for _ in range(6000):
        if is_so():
            return True
        await asyncio.sleep(0.01)
    return False


def row_of(fleet: HeldFleet, vehicle: Vehicle) -> int:
    ids = [one.vehicle_id for one in fleet.columns.vehicles]
    return ids.index(vehicle.vehicle_id)
