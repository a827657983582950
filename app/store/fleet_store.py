"""Where the state of the fleet is kept, whatever keeps it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.dispatch.model import DriverAgency, Status, Vehicle, VehicleType


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """Which vehicles are meant; None accepts any."""

    status: Status | None = None
    driver_agency: DriverAgency | None = None
    vehicle_type: VehicleType | None = None

    def accepts(self, vehicle: Vehicle) -> bool:
        """Whether a vehicle is meant."""
        return (
            self.status in (None, vehicle.status)
            and self.driver_agency in (None, vehicle.driver_agency)
            and self.vehicle_type in (None, vehicle.vehicle_type)
        )


class FleetStore(Protocol):
    """Vehicles by id. Whatever a write has been accepted for is there at the next read."""

    async def get(self, vehicle_id: str) -> Vehicle | None:
        """The vehicle, or None when none is kept under the id."""
        ...

    async def list(
        self, which: VehicleFilter, *, offset: int, limit: int
    ) -> tuple[Sequence[Vehicle], int]:
        """One page of the vehicles that are meant, by id, and how many there are in all."""
        ...

    async def put_many(self, vehicles: Sequence[Vehicle]) -> None:
        """Keep all of the vehicles, each in place of any with its id, or, when that fails, none."""
        ...

    async def remove(self, vehicle_id: str) -> bool:
        """Forget a vehicle; False when none was kept under the id."""
        ...
