"""Who is on duty when: a fleet over time, as a simulation needs to know it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isinf

from app.dispatch.model import Place, Status, Vehicle
from app.replay.errors import ReplayError
from app.replay.fleet_file import FleetTimeline, Spell


@dataclass(frozen=True, slots=True)
class Break:
    """A rest that is taken when it is due and the crew is free, for as long as it lasts."""

    due_at: datetime
    lasts: timedelta

    @property
    def ends_at(self) -> datetime:
        """When it is over, if it is taken when it is due."""
        return self.due_at + self.lasts


@dataclass(frozen=True, slots=True)
class Shift:
    """One spell of duty.

    Attributes
    ----------
    vehicle
        What stays the same: its status, position and end of shift are the simulation's.
    home
        Where it begins and where the crew returns to.
    starts_at, ends_at
        None where it begins before, or ends after, the simulation.
    """

    vehicle: Vehicle
    home: Place
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True)
class RosteredVehicle:
    """A vehicle's shifts in order of time, at least one, none overlapping another."""

    vehicle_id: str
    shifts: tuple[Shift, ...]


def roster_of(timeline: FleetTimeline) -> list[RosteredVehicle]:
    """
    The shifts that a fleet file tells of.

    A shift is a stretch without a gap in which a vehicle is not out of service. Its crew and its
    home are those of its beginning; a spell with the status of a break is a break. What else the
    file says of it, the simulation decides anew. Vehicles that are never in service are left out.

    Raises
    ------
    ReplayError
        A shift begins nowhere.
    """
    roster = []
    for vehicle_id in timeline:
        stretches = _in_service(timeline.spells(vehicle_id))
        shifts = tuple(_shift(stretch) for stretch in stretches)
        if shifts:
            roster.append(RosteredVehicle(vehicle_id, shifts))
    return roster


def _in_service(spells: Sequence[Spell]) -> Iterator[list[Spell]]:
    stretch: list[Spell] = []
    for spell in spells:
        serves = spell.vehicle.status is not Status.OUT_OF_SERVICE
        if stretch and not (serves and stretch[-1].ends_s == spell.begins_s):
            yield stretch
            stretch = []
        if serves:
            stretch.append(spell)
    if stretch:
        yield stretch


def _shift(stretch: Sequence[Spell]) -> Shift:
    vehicle = stretch[0].vehicle
    starts_at, ends_at = _moment(stretch[0].begins_s), _moment(stretch[-1].ends_s)
    if vehicle.fix is None:
        msg = (
            f"{vehicle.vehicle_id} has no place at the beginning of its shift"
            f"{f' at {starts_at:%Y-%m-%d %H:%M}' if starts_at else ''}: "
            "a simulation needs lat and lon, or easting and northing"
        )
        raise ReplayError(msg)
    told = vehicle.shift_ends_at
    if told is not None and (ends_at is None or told < ends_at):
        ends_at = told
    breaks = tuple(
        Break(datetime.fromtimestamp(spell.begins_s, UTC), timedelta(seconds=lasts_s))
        for spell in stretch
        if spell.vehicle.status is Status.BREAK
        and not isinf(lasts_s := spell.ends_s - spell.begins_s)
    )
    return Shift(vehicle, vehicle.fix.place, starts_at, ends_at, breaks)


def _moment(seconds: float) -> datetime | None:
    return None if isinf(seconds) else datetime.fromtimestamp(seconds, UTC)
