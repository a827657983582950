"""Calls from rows of files."""

import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from app.dispatch.model import Category, Needs, Place, Skill, VehicleType
from app.replay.calls import FORMATS, LFB_INCIDENTS, STANDARD, RecordedCall
from app.replay.errors import ReplayError
from app.replay.rows import Rejection, SourceRow, row_file

LONDON = ZoneInfo("Europe/London")
PLAIN = {
    "call_id": "CAD-1",
    "received_at": "2021-01-17 18:42:05",
    "category": "C2",
    "lat": "51.5079",
    "lon": "-0.1281",
}


def read(**cells: Any) -> RecordedCall | Rejection:
    """The call of a plain row with some cells changed, or left out where None."""
    given = {name: value for name, value in {**PLAIN, **cells}.items() if value is not None}
    return STANDARD.call(SourceRow(7, given), LONDON)


def accepted(**cells: Any) -> RecordedCall:
    call = read(**cells)
    assert isinstance(call, RecordedCall), call
    return call


def test_a_plain_row_is_a_call_that_needs_nothing() -> None:
    recorded = accepted()
    call = recorded.call
    assert (call.call_id, call.category, call.location) == (
        "CAD-1",
        Category.C2,
        Place(51.5079, -0.1281),
    )
    assert call.received_at.isoformat() == "2021-01-17T18:42:05+00:00"
    assert call.needs == Needs()
    assert recorded == RecordedCall(7, call)


def test_every_column_is_read() -> None:
    recorded = accepted(
        needs_conveyance="yes",
        needs_skills="paramedic; bariatric",
        needs_vehicle_types=["emergency_ambulance"],
        observed_s="423",
        observed_vehicle_id="A101",
        on_scene_s=1200,
        conveyance_s=600.5,
        handover_s="1800",
        conveyed="true",
        hospital="St Thomas'",
    )
    assert recorded.call.needs == Needs(
        conveyance=True,
        skills=frozenset({Skill.PARAMEDIC, Skill.BARIATRIC}),
        vehicle_types=frozenset({VehicleType.EMERGENCY_AMBULANCE}),
    )
    assert (recorded.observed_s, recorded.observed_vehicle_id) == (423.0, "A101")
    assert (recorded.on_scene_s, recorded.conveyance_s, recorded.handover_s) == (1200, 600.5, 1800)
    assert (recorded.conveyed, recorded.hospital) == (True, "St Thomas'")
    assert recorded.extras == "{}"


def test_other_columns_are_carried_along() -> None:
    recorded = accepted(borough="Hackney", score=3, nothing=float("inf"))
    assert json.loads(recorded.extras) == {"borough": "Hackney", "score": 3, "nothing": "inf"}


def test_a_place_may_be_on_the_national_grid() -> None:
    place = accepted(lat=None, lon=None, easting="530034", northing=180381).call.location
    assert place.lat == pytest.approx(51.5074, abs=1e-4)
    assert place.lon == pytest.approx(-0.1277, abs=1e-4)


def test_a_time_in_the_repeated_hour_is_taken_as_summer_time_and_flagged() -> None:
    recorded = accepted(received_at="2021-10-31 01:30:00")
    assert recorded.call.received_at.isoformat() == "2021-10-31T00:30:00+00:00"
    assert recorded.warnings == ("repeated_hour",)
    assert accepted(received_at="2021-10-31 01:30:00 GMT").warnings == ()


@pytest.mark.parametrize(
    ("cells", "column", "value", "reason"),
    [
        ({"call_id": None}, "call_id", "", "it must be filled in"),
        ({"call_id": "a\nb"}, "call_id", "a\nb", "on one line"),
        ({"received_at": None}, "received_at", "", "it must be filled in"),
        ({"received_at": "soon"}, "received_at", "soon", "not a time"),
        ({"received_at": "2021-03-28 01:30"}, "received_at", "2021-03-28 01:30", "no clock"),
        ({"category": "C5"}, "category", "C5", "telephone advice"),
        ({"category": "urgent"}, "category", "urgent", "'C1', 'C2', 'C3' or 'C4'"),
        ({"lat": None, "lon": None}, "lat, lon", "", "it must be filled in"),
        ({"lon": None}, "lon", "", "lat was sent without lon"),
        ({"lat": "north"}, "lat", "north", "valid number"),
        ({"lat": True}, "lat", "True", "valid number"),
        ({"lat": "nan"}, "lat", "nan", "finite"),
        ({"lat": "530034", "lon": "180381"}, "lat", "530034", "National Grid metres"),
        ({"easting": 530034, "northing": 180381}, "lat, lon", "", "both coordinate systems"),
        ({"needs_skills": "paramedik"}, "needs_skills", "paramedik", "'paramedic'"),
        ({"needs_conveyance": "perhaps"}, "needs_conveyance", "perhaps", "accepted: yes or no"),
        ({"observed_s": "-1"}, "observed_s", "-1", "greater than or equal to 0"),
        ({"on_scene_s": "1e9"}, "on_scene_s", "1e9", "less than or equal to"),
    ],
)
def test_a_row_that_cannot_be_read_says_which_value_and_why(
    cells: dict[str, Any], column: str, value: str, reason: str
) -> None:
    rejected = read(**cells)
    assert isinstance(rejected, Rejection), rejected
    assert (rejected.line, rejected.column, rejected.value) == (7, column, value)
    assert reason in rejected.reason


def test_a_file_without_the_columns_of_its_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("call_id,received_at,easting,northing\n")
    with pytest.raises(ReplayError, match="no column category; found: call_id"):
        STANDARD.require_columns(row_file(file))
    semicolons = tmp_path / "semicolons.csv"
    semicolons.write_text("call_id;received_at;category;lat;lon\n")
    with pytest.raises(ReplayError, match=r"found: call_id;.* \(columns are separated by commas"):
        STANDARD.require_columns(row_file(semicolons))
    with pytest.raises(ReplayError, match="no column incident_number, timestamp_of_call"):
        LFB_INCIDENTS.require_columns(row_file(file))


def test_real_fire_brigade_incidents_are_all_read(london_data: Path) -> None:
    file = row_file(london_data / "lfb_incidents_2017_jan_feb.csv.gz")
    LFB_INCIDENTS.require_columns(file)
    calls = [LFB_INCIDENTS.call(row, LONDON) for row in file if isinstance(row, SourceRow)]
    assert len(calls) == 15_558
    assert all(isinstance(call, RecordedCall) for call in calls)
    second = calls[1]
    assert isinstance(second, RecordedCall)
    assert second.call.call_id == "000004-01012017"
    assert second.call.category is Category.C1
    assert (second.observed_s, second.observed_vehicle_id) == (835.0, "Plumstead")
    extras = json.loads(second.extras)
    assert extras["borough_name"] == "GREENWICH"
    assert "lat" not in extras


def test_a_fault_in_a_foreign_format_is_told_in_its_own_words() -> None:
    row = SourceRow(3, {"incident_number": "1", "timestamp_of_call": "x", "lat": "1", "lon": "2"})
    rejected = FORMATS["lfb-incidents"].call(row, LONDON)
    assert isinstance(rejected, Rejection)
    assert (rejected.column, rejected.value) == ("timestamp_of_call", "x")


def test_half_a_character_in_another_column_is_kept_as_json_writes_it() -> None:
    extras = accepted(**{"cost \udca3": "3", "notes": ["\ud800"]}).extras
    assert json.loads(extras.encode()) == {"cost \udca3": "3", "notes": ["\ud800"]}
