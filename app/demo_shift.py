"""Keeps the made-up fleet on duty, so that the service can be tried at any hour."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.store.demo_fleet import demo_fleet
from app.store.held_fleet import HeldFleet

if TYPE_CHECKING:
    from app.dispatch.model import Vehicle

REPORTING_INTERVAL_S = 30.0

_log = logging.getLogger(__name__)


class DemoShift:
    """Lets the vehicles of the demo fleet report again and again.

    A vehicle that someone has changed or removed since is theirs, and left alone.
    """

    def __init__(self, fleet: HeldFleet) -> None:
        self._fleet = fleet
        self._reported: list[Vehicle] = []

    async def begin(self) -> None:
        """Put the whole demo fleet on duty."""
        self._reported = list(demo_fleet(datetime.now(UTC)))
        await self._fleet.put_many(self._reported)

    async def report(self) -> None:
        """Renew what nobody has touched."""
        now = {vehicle.vehicle_id: vehicle for vehicle in demo_fleet(datetime.now(UTC))}
        self._reported = await self._fleet.renew(
            (vehicle, now[vehicle.vehicle_id]) for vehicle in self._reported
        )

    async def run(self) -> None:
        """Report until cancelled; what ends it otherwise is logged."""
        try:
            while True:
                await asyncio.sleep(REPORTING_INTERVAL_S)
                await self.report()
        except Exception:
            _log.exception("The demo fleet has stopped reporting")
            raise
