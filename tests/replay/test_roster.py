"""Shifts and breaks, from what a fleet file says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.replay.errors import ReplayError
from app.replay.fleet_file import read_fleet
from app.replay.roster import RosteredVehicle, roster_of

HEADER = "vehicle_id,begins_at,ends_at,status,lat,lon,vehicle_type,driver_agency"
PLACED = "51.5,-0.1,emergency_ambulance"


def roster(tmp_path: Path, *rows: str) -> list[RosteredVehicle]:
    file = tmp_path / "fleet.csv"
    full = [row + "," * (HEADER.count(",") - row.count(",")) for row in rows]
    file.write_text("\n".join([HEADER, *full]) + "\n")
    return roster_of(read_fleet(file, UTC))


def at(hour: int, day: int = 17) -> datetime:
    return datetime(2021, 1, day, hour, tzinfo=UTC)


def test_a_stretch_of_duty_is_a_shift_and_a_break_in_it_a_break(tmp_path: Path) -> None:
    (one,) = roster(
        tmp_path,
        f"A1,2021-01-17T07:00Z,2021-01-17T19:00Z,available_at_station,{PLACED}",
        "A1,2021-01-17T12:00Z,2021-01-17T13:00Z,break",
        "A1,2021-01-17T14:00Z,2021-01-17T15:00Z,at_scene,51.6,-0.2",
        "A1,2021-01-18T07:00Z,2021-01-18T19:00Z,available_at_station,51.7,-0.3,,MPS",
    )
    first, second = one.shifts
    assert (first.starts_at, first.ends_at) == (at(7), at(19))
    assert [(pause.due_at, pause.lasts) for pause in first.breaks] == [(at(12), timedelta(hours=1))]
    assert (first.home.lat, second.home.lat) == (51.5, 51.7)
    assert (second.starts_at, second.ends_at) == (at(7, 18), at(19, 18))
    assert [shift.vehicle.driver_agency.value for shift in one.shifts] == ["LAS", "MPS"]


def test_time_out_of_service_is_no_shift(tmp_path: Path) -> None:
    found = roster(
        tmp_path,
        f"A1,2021-01-17T07:00Z,,available_mobile,{PLACED}",
        "A1,2021-01-17T09:00Z,2021-01-17T10:00Z,out_of_service",
        "A1,2021-01-17T10:00Z,,available_mobile",
        f"A2,,,out_of_service,{PLACED}",
        f"A3,,,available_at_station,{PLACED}",
    )
    assert [one.vehicle_id for one in found] == ["A1", "A3"]
    times = [[(shift.starts_at, shift.ends_at) for shift in one.shifts] for one in found]
    assert times == [[(at(7), at(9)), (at(10), None)], [(None, None)]]


def test_a_shift_that_begins_nowhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match=r"A1 has no place .* at 2021-01-17 07:00"):
        roster(tmp_path, "A1,2021-01-17T07:00Z,,available_mobile,,,emergency_ambulance")
