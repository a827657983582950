"""How many vehicles are on duty, as a fleet file says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.dispatch.time_of_week import LONDON
from app.replay.decision_table import table_of
from app.replay.duty import on_duty, vehicle_marks
from app.replay.fleet_file import FleetTimeline, read_fleet
from app.replay.tally import summarise
from tests.replay.made_up import STANDARDS, attended, unattended

BEGIN = datetime(2021, 1, 18, tzinfo=UTC)
END = datetime(2021, 1, 19, 23, 59, tzinfo=UTC)

FLEET = """\
vehicle_id,vehicle_type,driver_agency,status,lat,lon,begins_at,ends_at
L1,emergency_ambulance,LAS,available_at_station,51.5,-0.12,,
L2,emergency_ambulance,LAS,available_at_station,51.5,-0.12,2021-01-18 09:00,2021-01-18 17:30
L2,emergency_ambulance,LAS,break,51.5,-0.12,2021-01-18 12:00,2021-01-18 12:30
M1,emergency_ambulance,MPS,available_at_station,51.6,-0.10,2021-01-19 08:15,2021-01-19 09:00
M2,emergency_ambulance,MPS,out_of_service,51.6,-0.10,,
"""


@pytest.fixture
def fleet(tmp_path: Path) -> FleetTimeline:
    (tmp_path / "fleet.csv").write_text(FLEET)
    return read_fleet(tmp_path / "fleet.csv", LONDON)


def test_vehicles_on_duty_are_averaged_over_the_days(fleet: FleetTimeline) -> None:
    duty = on_duty(fleet, BEGIN, END)
    assert set(duty) == {"LAS", "MPS"}
    las, mps = duty["LAS"], duty["MPS"]
    assert las[:18] == (1.0,) * 18
    assert las[18:35] == (1.5,) * 17  # breaks included
    assert las[35:] == (1.0,) * 13
    assert mps[16:18] == (0.25, 0.5)
    assert sum(mps) == 0.75


def test_marks_stand_where_vehicles_are(fleet: FleetTimeline) -> None:
    marks = {(one.lat, one.lon, one.agency) for one in vehicle_marks(fleet)}
    assert (51.6, -0.1, "MPS") in marks
    assert (51.5, -0.12, "LAS") in marks


def test_a_day_tells_of_agencies_on_duty_that_nobody_called_for(fleet: FleetTimeline) -> None:
    nine = BEGIN + timedelta(hours=9)
    busy = attended(
        received_at=nine,
        assigned_at=nine,
        cleared_at=nine + timedelta(hours=1),
        driver_agency="LAS",
    )
    table = table_of([busy, unattended(received_at=END)])
    (scenario,) = summarise(
        [table], STANDARDS, {"recorded": lambda begin, end: on_duty(fleet, begin, end)}
    ).scenarios
    las, mps = scenario.busy
    assert (las.agency, mps.agency) == ("LAS", "MPS")
    assert las.busy[18:20] == (0.5, 0.5)
    assert las.on_duty is not None
    assert las.on_duty[18] == 1.5
    assert sum(mps.busy) == 0
