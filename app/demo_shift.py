"""Keeps the made-up fleet on duty, so that the service can be tried at any hour."""

import asyncio
from datetime import UTC, datetime

from app.dispatch.model import Vehicle
from app.store.demo_fleet import demo_fleet
from app.store.held_fleet import HeldFleet, UnknownVehiclesError

REPORTING_INTERVAL_S = 30.0


class DemoShift:
    """Lets the vehicles of the demo fleet report again and again.

    A vehicle that someone has changed or removed since is theirs, and left alone.
    """

    def __init__(self, fleet: HeldFleet) -> None:
        self._fleet = fleet
        self._reported: dict[str, Vehicle] = {}

    async def begin(self) -> None:
        """Put the whole demo fleet on duty."""
        vehicles = demo_fleet(datetime.now(UTC))
        await self._fleet.put_many(vehicles)
        self._reported = {vehicle.vehicle_id: vehicle for vehicle in vehicles}

    async def report(self) -> None:
        """Renew what nobody has touched."""
        renewed = {vehicle.vehicle_id: vehicle for vehicle in demo_fleet(datetime.now(UTC))}
        for vehicle_id, last in list(self._reported.items()):
            if not await self._holds(last):
                del self._reported[vehicle_id]
        self._reported = {vehicle_id: renewed[vehicle_id] for vehicle_id in self._reported}
        await self._fleet.put_many(list(self._reported.values()))

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            await asyncio.sleep(REPORTING_INTERVAL_S)
            await self.report()

    async def _holds(self, vehicle: Vehicle) -> bool:
        try:
            return await self._fleet.get(vehicle.vehicle_id) == vehicle
        except UnknownVehiclesError:
            return False
