"""A fleet kept in the memory of one process."""

from collections.abc import Sequence

from app.dispatch.model import Vehicle
from app.store.fleet_store import VehicleFilter


class MemoryFleetStore:
    """Vehicles in a dictionary: gone when the process ends, unknown to other processes."""

    def __init__(self) -> None:
        self._vehicles: dict[str, Vehicle] = {}

    async def get(self, vehicle_id: str) -> Vehicle | None:
        """The vehicle, or None when none is kept under the id."""
        return self._vehicles.get(vehicle_id)

    async def list(
        self, which: VehicleFilter, *, offset: int, limit: int
    ) -> tuple[Sequence[Vehicle], int]:
        """One page of the vehicles that are meant, by id, and how many there are in all."""
        meant = [
            self._vehicles[vehicle_id]
            for vehicle_id in sorted(self._vehicles)
            if which.accepts(self._vehicles[vehicle_id])
        ]
        return meant[offset : offset + limit], len(meant)

    async def put_many(self, vehicles: Sequence[Vehicle]) -> None:
        """Keep all of the vehicles, each in place of any with its id."""
        self._vehicles.update({vehicle.vehicle_id: vehicle for vehicle in vehicles})

    async def remove(self, vehicle_id: str) -> bool:
        """Forget a vehicle; False when none was kept under the id."""
        return self._vehicles.pop(vehicle_id, None) is not None
