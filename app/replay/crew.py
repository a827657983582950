"""A vehicle and its crew in the course of a simulated day."""

from collections import deque
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

import simpy

from app.dispatch.model import Place, PositionFix, Status, Vehicle
from app.replay.roster import RosteredVehicle, Shift
from app.replay.tasks import Task
from app.replay.ways import Drive

AVAILABLE = frozenset({Status.AVAILABLE_AT_STATION, Status.AVAILABLE_MOBILE})


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A drive that has begun."""

    drive: Drive
    begun_at: datetime
    lasts_s: float

    def at(self, now: datetime) -> tuple[Place, float | None]:
        """Place and heading at a moment; at its end from then on."""
        gone_s = (now - self.begun_at).total_seconds()
        return self.drive.at(gone_s / self.lasts_s if gone_s < self.lasts_s else 1.0)

    @property
    def speed_mps(self) -> float:
        """Its even speed."""
        return self.drive.distance_m / self.lasts_s if self.lasts_s else 0.0


@dataclass(slots=True, eq=False)
class Crew:
    """What one vehicle is doing, and where.

    Attributes
    ----------
    row
        Its row in the fleet.
    vehicle, home
        Of the shift it is on, was on last, or will be on first.
    place
        Where it stands, or stood last.
    under_way
        Its drive, while it has one.
    shift
        The one it is on, None off duty.
    task
        What it is sent to, from being sent until it is free again.
    process
        What it is busy with: a task, the way home or a break.
    breaks_due
        Breaks it could not take yet.
    """

    roster: RosteredVehicle
    row: int
    vehicle: Vehicle
    home: Place
    place: Place
    status: Status = Status.OUT_OF_SERVICE
    under_way: UnderWay | None = None
    shift: Shift | None = None
    task: Task | None = None
    process: simpy.Process | None = None
    breaks_due: deque[timedelta] = field(default_factory=deque)

    @classmethod
    def before(cls, roster: RosteredVehicle, row: int) -> Self:
        """A crew before its first shift."""
        first = roster.shifts[0]
        return cls(roster, row, first.vehicle, first.home, first.home)

    @property
    def vehicle_id(self) -> str:
        """Its vehicle's."""
        return self.roster.vehicle_id

    @property
    def available(self) -> bool:
        """Whether it is on duty with nothing to do."""
        return self.status in AVAILABLE

    def take_over(self) -> None:
        """Be the crew of the shift it is on."""
        if self.shift is not None:
            self.vehicle, self.home = self.shift.vehicle, self.shift.home

    def depart(self, drive: Drive, lasts_s: float, now: datetime) -> None:
        """Set out."""
        self.under_way = UnderWay(drive, now, lasts_s)

    def stand_at(self, place: Place) -> None:
        """Be at a place."""
        self.place, self.under_way = place, None

    def halt(self, now: datetime) -> None:
        """Stand where it is."""
        if self.under_way is not None:
            place, _ = self.under_way.at(now)
            self.stand_at(place)

    def as_vehicle(self, now: datetime) -> Vehicle:
        """The vehicle as it would report itself at a moment."""
        fix = PositionFix(self.place, now)
        if self.under_way is not None:
            place, heading_deg = self.under_way.at(now)
            fix = PositionFix(place, now, heading_deg, self.under_way.speed_mps)
        return replace(
            self.vehicle,
            status=self.status,
            fix=fix,
            shift_ends_at=self.shift.ends_at if self.shift else None,
        )
