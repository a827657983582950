"""What a fleet file says of the whole fleet: where vehicles stand, how many are on duty when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import numpy as np

from app.dispatch.model import Status
from app.replay.busy import SLOT_S, BusyTime
from app.replay.fleet_file import FleetTimeline, Spell
from app.replay.report.maps import VehicleMark

_OFF_DUTY: Final = Status.OUT_OF_SERVICE


def on_duty(
    fleet: FleetTimeline, begin: datetime, end: datetime
) -> Mapping[str, tuple[float, ...]]:
    """Vehicles crewed on average in each half hour of London's day, by driver agency.

    Parameters
    ----------
    begin, end
        The period; half hours that it touches count as covered.
    """
    window_s = begin.timestamp() // SLOT_S * SLOT_S, (end.timestamp() // SLOT_S + 1) * SLOT_S
    crewed: dict[str, list[tuple[float, float]]] = {}
    for spell in _spells(fleet):
        begins_s, ends_s = max(spell.begins_s, window_s[0]), min(spell.ends_s, window_s[1])
        if spell.vehicle.status is not _OFF_DUTY and begins_s < ends_s:
            crewed.setdefault(spell.vehicle.driver_agency.value, []).append((begins_s, ends_s))
    return {agency: _by_time_of_day(spells, begin, end) for agency, spells in crewed.items()}


def vehicle_marks(fleet: FleetTimeline) -> list[VehicleMark]:
    """Where each vehicle is when it is first on duty; those without a place are left out."""
    first = (fleet.spells(vehicle_id)[0].vehicle for vehicle_id in fleet)
    return [
        VehicleMark(one.fix.place.lat, one.fix.place.lon, one.driver_agency.value)
        for one in first
        if one.fix is not None
    ]


def _spells(fleet: FleetTimeline) -> list[Spell]:
    return [spell for vehicle_id in fleet for spell in fleet.spells(vehicle_id)]


def _by_time_of_day(
    spells: list[tuple[float, float]], begin: datetime, end: datetime
) -> tuple[float, ...]:
    time = BusyTime()
    times_ms = np.rint(np.array(spells) * 1000).astype(np.int64)
    time.add(times_ms[:, 0], times_ms[:, 1])
    return time.by_time_of_day(begin, end, seeds=1)
