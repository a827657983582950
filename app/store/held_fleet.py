"""The fleet the service holds: what is kept, and the columns that recommendations read."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.dispatch.fleet import Fleet
from app.dispatch.model import PositionFix, Vehicle
from app.store.fleet_store import FleetStore, VehicleFilter

PLACED_AT_ONCE = 20
"""Vehicles placed on the network before other work gets a turn: about a millisecond's worth, so
that a batch of two thousand does not hold up a call."""


class UnknownVehicleError(LookupError):
    """An id under which no vehicle is held."""

    def __init__(self, vehicle_id: str) -> None:
        super().__init__(f"No vehicle is held as {vehicle_id}")


class FixRefusedError(ValueError):
    """A position that is older than the one held, or from the future."""


class IgnoredBecause(StrEnum):
    """Why a position fix was not taken over."""

    OLDER = "older"
    FUTURE = "future"
    OUTSIDE_AREA = "outside_area"
    UNKNOWN_VEHICLE = "unknown_vehicle"


_REFUSALS = {
    IgnoredBecause.OLDER: "The position held was reported later",
    IgnoredBecause.FUTURE: "The position is dated in the future",
}


@dataclass(frozen=True, slots=True)
class IgnoredFix:
    """A position fix that was not taken over, by its place in the request."""

    row: int
    vehicle_id: str
    reason: IgnoredBecause


class HeldFleet:
    """Keeps a store and the columns of a `Fleet` in step, one write at a time.

    The store is written first: what it has accepted is then put in the columns, which cannot
    refuse it. A large batch reaches them a few vehicles at a time.
    """

    def __init__(self, store: FleetStore, columns: Fleet, *, clock_tolerance: timedelta) -> None:
        self.columns = columns
        self._store = store
        self._clock_tolerance = clock_tolerance
        self._writing = asyncio.Lock()

    def __len__(self) -> int:
        return len(self.columns)

    async def get(self, vehicle_id: str) -> Vehicle:
        """
        One vehicle.

        Raises
        ------
        UnknownVehicleError
            None is held under the id.
        """
        vehicle = await self._store.get(vehicle_id)
        if vehicle is None:
            raise UnknownVehicleError(vehicle_id)
        return vehicle

    async def page(
        self, which: VehicleFilter, *, offset: int, limit: int
    ) -> tuple[Sequence[Vehicle], int]:
        """One page of the vehicles that are meant, by id, and how many there are in all."""
        return await self._store.list(which, offset=offset, limit=limit)

    def is_in_future(self, moment: datetime, now: datetime) -> bool:
        """Whether a moment is later than clocks that differ a little can explain."""
        return moment > now + self._clock_tolerance

    async def put(self, vehicle: Vehicle) -> bool:
        """Hold a vehicle in place of any with its id; True when there was none."""
        return await self.put_many([vehicle]) == 1

    async def put_many(self, vehicles: Sequence[Vehicle]) -> int:
        """Hold all of the vehicles or none; returns how many were not held before."""
        async with self._writing:
            before = len(self.columns)
            await self._keep(vehicles)
            return len(self.columns) - before

    async def renew(self, renewals: Iterable[tuple[Vehicle, Vehicle]]) -> list[Vehicle]:
        """Replace each vehicle by its newer self if it is still held as given; those that were."""
        async with self._writing:
            renewed = [
                newer for held, newer in renewals if await self._store.get(held.vehicle_id) == held
            ]
            await self._keep(renewed)
            return renewed

    async def change(self, vehicle_id: str, changes: Mapping[str, Any], now: datetime) -> Vehicle:
        """
        Change some fields of a vehicle, all at once.

        Raises
        ------
        UnknownVehicleError
            None is held under the id.
        FixRefusedError
            The new position is older than the one held, or from the future; nothing was changed.
        """
        async with self._writing:
            vehicle = await self.get(vehicle_id)
            changed = replace(vehicle, **changes)
            if reason := self._reason_to_ignore(changes.get("fix"), vehicle.fix, now):
                raise FixRefusedError(_REFUSALS[reason])
            await self._keep([changed])
            return changed

    async def report(
        self,
        fixes: Sequence[tuple[str, PositionFix]],
        now: datetime,
        *,
        outside: Collection[int] = frozenset(),
    ) -> list[IgnoredFix]:
        """
        Take over position fixes, the newest of each vehicle; returns those that were not.

        Of fixes with one time the last counts: many vehicles tell time in whole seconds.

        Parameters
        ----------
        outside
            Which of the fixes, by their place in the request, lie outside the area served.
        """
        async with self._writing:
            held = {vehicle_id: await self._store.get(vehicle_id) for vehicle_id, _ in fixes}
            moved: dict[str, Vehicle] = {}
            ignored = []
            for row, (vehicle_id, fix) in enumerate(fixes):
                vehicle = moved.get(vehicle_id) or held[vehicle_id]
                reason: IgnoredBecause | None
                if vehicle is None:
                    reason = IgnoredBecause.UNKNOWN_VEHICLE
                elif row in outside:
                    reason = IgnoredBecause.OUTSIDE_AREA
                else:
                    reason = self._reason_to_ignore(fix, vehicle.fix, now)
                    if reason is None:
                        moved[vehicle_id] = replace(vehicle, fix=fix)
                if reason is not None:
                    ignored.append(IgnoredFix(row, vehicle_id, reason))
            await self._keep(list(moved.values()))
            return ignored

    async def remove(self, vehicle_id: str) -> None:
        """
        Hold a vehicle no longer.

        Raises
        ------
        UnknownVehicleError
            None is held under the id.
        """
        async with self._writing:
            if not await self._store.remove(vehicle_id):
                raise UnknownVehicleError(vehicle_id)
            self.columns.remove(vehicle_id)

    async def _keep(self, vehicles: Sequence[Vehicle]) -> None:
        await self._store.put_many(vehicles)
        for first in range(0, len(vehicles), PLACED_AT_ONCE):
            self.columns.put_many(vehicles[first : first + PLACED_AT_ONCE])
            await asyncio.sleep(0)

    def _reason_to_ignore(
        self, fix: PositionFix | None, held: PositionFix | None, now: datetime
    ) -> IgnoredBecause | None:
        """A wrong clock must neither displace a good position nor hold back later ones."""
        if fix is None:
            return None
        if self.is_in_future(fix.reported_at, now):
            return IgnoredBecause.FUTURE
        if held is None or self.is_in_future(held.reported_at, now):
            return None
        return IgnoredBecause.OLDER if fix.reported_at < held.reported_at else None
