"""Keeps the made-up fleet on duty, so that the service can be tried at any hour."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.chores import again_and_again
from app.store.demo_fleet import demo_fleet
from app.store.held_fleet import HeldFleet

if TYPE_CHECKING:
    from app.dispatch.model import Vehicle

REPORTING_INTERVAL_S = 30.0


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
        """Report until cancelled."""
        await again_and_again(
            self.report,
            every_s=REPORTING_INTERVAL_S,
            complaint="The demo fleet could not report",
        )
