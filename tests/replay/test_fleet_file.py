"""Vehicles over time, from rows that overlap."""

from datetime import UTC, datetime
from math import inf
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.dispatch.model import DriverAgency, Place, Skill, Status, Vehicle, VehicleType
from app.replay.errors import ReplayError
from app.replay.fleet_cursor import FleetCursor
from app.replay.fleet_file import FleetTimeline, read_fleet
from tests.town import BLOCK_M, at, policy, router

LONDON = ZoneInfo("Europe/London")
HEADER = "vehicle_id,begins_at,ends_at,status,lat,lon,vehicle_type,shift_ends_at,skills,reported_at"
AMBULANCE = "51.5,-0.1,emergency_ambulance"


def fleet(tmp_path: Path, *rows: str, header: str = HEADER) -> FleetTimeline:
    """The fleet of rows whose times are hours and minutes of one winter's day."""
    file = tmp_path / "fleet.csv"
    full = [
        ",".join(f"2021-01-17 {one}" if ":" in one else one for one in row.split(","))
        + "," * (header.count(",") - row.count(","))
        for row in rows
    ]
    file.write_text("\n".join([header, *full]) + "\n")
    return read_fleet(file, LONDON)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2021-01-17T{text}:00+00:00")


def told(timeline: FleetTimeline, vehicle_id: str = "A1") -> list[tuple[str, str, str]]:
    """Spells as begin, end and status."""

    def hours(seconds: float) -> str:
        return "" if abs(seconds) == inf else f"{datetime.fromtimestamp(seconds, UTC):%H:%M}"

    return [
        (hours(one.begins_s), hours(one.ends_s), one.vehicle.status.value)
        for one in timeline.spells(vehicle_id)
    ]


def vehicle(timeline: FleetTimeline, at_time: str, vehicle_id: str = "A1") -> Vehicle | None:
    spell = timeline.spell_at(vehicle_id, clock(at_time).timestamp())
    return spell.vehicle if spell else None


def test_a_plain_list_of_vehicles_has_always_held(tmp_path: Path) -> None:
    timeline = fleet(tmp_path, f"A2,,,available_mobile,{AMBULANCE}", f"A1,,,break,{AMBULANCE}")
    assert list(timeline) == ["A1", "A2"]
    assert told(timeline, "A2") == [("", "", "available_mobile")]
    (spell,) = timeline.spells("A2")
    assert spell.reports_steadily
    assert spell.vehicle.shift_ends_at is None
    assert spell.vehicle.vehicle_type is VehicleType.EMERGENCY_AMBULANCE
    assert spell.vehicle.driver_agency is DriverAgency.LAS


def test_a_break_lies_within_a_shift_and_the_shift_goes_on(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        f"A1,07:00,19:00,available_at_station,{AMBULANCE}",
        "A1,12:00,12:30,break",
        "A1,15:00,15:20,break,51.6,-0.2",
    )
    assert told(timeline) == [
        ("07:00", "12:00", "available_at_station"),
        ("12:00", "12:30", "break"),
        ("12:30", "15:00", "available_at_station"),
        ("15:00", "15:20", "break"),
        ("15:20", "19:00", "available_at_station"),
    ]
    resting, back = vehicle(timeline, "15:10"), vehicle(timeline, "15:30")
    assert resting is not None
    assert resting.fix is not None
    assert resting.fix.place == Place(51.6, -0.2)
    assert back is not None
    assert back.fix is not None
    assert back.fix.place == Place(51.5, -0.1)
    assert vehicle(timeline, "06:59") is None
    assert vehicle(timeline, "19:00") is None


def test_a_log_of_events_needs_no_ends(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        "A1,08:20,,at_scene,51.6,-0.2",
        f"A1,08:00,,en_route,{AMBULANCE}",
        "A1,09:00,,available_mobile",
        "A1,10:00,10:30,break",
    )
    assert told(timeline) == [
        ("08:00", "08:20", "en_route"),
        ("08:20", "09:00", "at_scene"),
        ("09:00", "10:00", "available_mobile"),
        ("10:00", "10:30", "break"),
    ]
    free = vehicle(timeline, "09:30")
    assert free is not None
    assert free.fix is not None
    assert free.fix.place == Place(51.6, -0.2)


def test_events_within_a_shift_end_with_it(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        f"A1,07:00,19:00,available_at_station,{AMBULANCE}",
        "A1,18:00,,at_scene",
        "A1,18:30,,available_mobile",
    )
    assert told(timeline)[-2:] == [
        ("18:00", "18:30", "at_scene"),
        ("18:30", "19:00", "available_mobile"),
    ]


def test_the_row_that_began_last_counts_where_rows_overlap_in_part(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        f"A1,07:00,10:00,available_at_station,{AMBULANCE}",
        "A1,09:00,11:00,available_mobile",
    )
    assert told(timeline) == [
        ("07:00", "09:00", "available_at_station"),
        ("09:00", "11:00", "available_mobile"),
    ]


def test_a_shift_ends_where_duty_does_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        f"A1,07:00,12:00,available_at_station,{AMBULANCE}",
        "A1,12:00,13:00,available_mobile",
        "A1,15:00,16:00,available_mobile",
        f"A2,07:00,12:00,available_mobile,{AMBULANCE},18:00",
    )
    ends = [one.vehicle.shift_ends_at for one in timeline.spells("A1")]
    assert ends == [clock("13:00"), clock("13:00"), clock("16:00")]
    (spell,) = timeline.spells("A2")
    assert spell.vehicle.shift_ends_at == clock("18:00")


def test_an_empty_cell_keeps_what_was_and_none_takes_skills_away(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        f"A1,07:00,19:00,available_mobile,{AMBULANCE},,paramedic",
        "A1,09:00,10:00,break",
        "A1,11:00,12:00,available_mobile,,,,,none",
        "A1,20:00,21:00,",
    )
    crews = [one.vehicle.skills for one in timeline.spells("A1")]
    paramedic = frozenset({Skill.PARAMEDIC})
    assert crews == [paramedic, paramedic, paramedic, frozenset(), paramedic, paramedic]
    assert told(timeline)[-1] == ("20:00", "21:00", "available_mobile")


def test_a_position_with_a_time_of_report_grows_older(tmp_path: Path) -> None:
    timeline = fleet(
        tmp_path,
        f"A1,08:00,,available_mobile,{AMBULANCE},,,07:59",
        "A1,09:00,,available_mobile,51.6,-0.2",
        "A1,10:00,,available_mobile,,,,,,09:58",
    )
    fixes = [
        (one.reports_steadily, one.vehicle.fix and one.vehicle.fix.reported_at)
        for one in timeline.spells("A1")
    ]
    assert fixes == [(False, clock("07:59")), (True, clock("09:00")), (False, clock("09:58"))]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([f"A1,,,sleeping,{AMBULANCE}"], "line 2: status is 'sleeping'"),
        ([f"A1,09:00,08:00,break,{AMBULANCE}"], "line 2: ends_at .* it must be after begins_at"),
        (
            ["A1,,,break,51.5,-0.1"],
            "line 2: vehicle_type is '': it must be filled in, in",
        ),
        ([f"A1,,,,{AMBULANCE}"], "line 2: status is ''"),
        ([f"A1,,,break,{AMBULANCE}"] * 2, "line 3: begins_at is '': it must be filled in, for"),
        ([f"A 1,,,break,{AMBULANCE}"], "line 2: vehicle_id is 'A 1': accepted: letters and digits"),
        (["A1,,,break,51.5"], "line 2: lon is '': lat was sent without lon"),
        (["A1,,,break,51.5,-0.1,emergency_ambulance,,juggler"], "line 2: skills is 'juggler'"),
        (["A1,,,break,51.5,-0.1,emergency_ambulance,,,,,"], "line 2: line is .* 12 cells where"),
        ([], "no vehicles in it"),
    ],
)
def test_a_faulty_row_stops_the_replay_before_it_begins(
    tmp_path: Path, rows: list[str], message: str
) -> None:
    with pytest.raises(ReplayError, match=rf"^fleet\.csv.*{message}"):
        fleet(tmp_path, *rows)


def shifting() -> list[str]:
    """Shifts, breaks, moves and hand-overs of five vehicles."""
    here, there = at(0, 0), at(BLOCK_M, BLOCK_M)
    return [
        f"A1,,,available_at_station,{here.lat},{here.lon},emergency_ambulance",
        f"A2,07:00,19:00,available_at_station,{here.lat},{here.lon},emergency_ambulance",
        "A2,12:00,12:30,break",
        f"A3,08:00,,en_route,{here.lat},{here.lon},motorcycle",
        f"A3,08:30,,available_mobile,{there.lat},{there.lon}",
        "A3,14:00,14:30,break",
        f"A4,10:00,11:00,available_mobile,{there.lat},{there.lon},pedal_cycle,,,09:59",
        "A4,16:00,17:00,available_mobile",
        "A5,10:00,16:00,available_mobile,,,emergency_ambulance",
    ]


def test_a_cursor_shows_the_same_fleet_whichever_way_it_came(tmp_path: Path) -> None:
    timeline = fleet(tmp_path, *shifting())
    forth = FleetCursor(timeline, router(), policy())
    moments = [clock(f"{hour:02}:{minute:02}") for hour in range(6, 20) for minute in (0, 15, 30)]
    jumps = [moments[(17 * i) % len(moments)] for i in range(len(moments))]
    back = FleetCursor(timeline, router(), policy())
    for moment, jump in zip(moments, jumps, strict=True):
        back.move_to(jump)
        back.move_to(moment)
        forth.move_to(moment)
        expected = [
            spell.vehicle
            for one in timeline
            if (spell := timeline.spell_at(one, moment.timestamp()))
        ]
        assert forth.fleet.vehicles == expected
        assert back.fleet.vehicles == expected
        assert forth.fleet.rows.tobytes() == back.fleet.rows.tobytes()
        for profile, snaps in forth.fleet.snaps.items():
            assert snaps.tobytes() == back.fleet.snaps[profile].tobytes()


def test_positions_without_a_time_of_report_are_fresh_and_others_are_not(tmp_path: Path) -> None:
    cursor = FleetCursor(fleet(tmp_path, *shifting()), router(), policy())
    cursor.move_to(clock("10:30"))
    ages_s = {
        one.vehicle_id: clock("10:30").timestamp() - row["fix_at_s"]
        for one, row in zip(cursor.fleet.vehicles, cursor.fleet.rows, strict=True)
    }
    assert ages_s["A1"] == ages_s["A2"] == ages_s["A3"] == 0
    assert ages_s["A4"] == 31 * 60
    assert ages_s["A5"] != ages_s["A5"]  # it has no position at all


def test_status_words_are_those_of_dispatch(tmp_path: Path) -> None:
    timeline = fleet(tmp_path, *(f"V{i},,,{one},{AMBULANCE}" for i, one in enumerate(Status)))
    assert len(timeline) == len(Status)


def test_an_agency_is_left_out_spell_by_spell(tmp_path: Path) -> None:
    header = "vehicle_id,begins_at,ends_at,status,lat,lon,vehicle_type,driver_agency"
    place = "51.5,-0.1,emergency_ambulance"
    timeline = fleet(
        tmp_path,
        f"A1,07:00,12:00,available_at_station,{place},LAS",
        f"A1,13:00,19:00,available_at_station,{place},MPS",
        f"P1,07:00,19:00,available_at_station,{place},MPS",
        header=header,
    )
    left = timeline.without(frozenset({"MPS"}))
    assert told(left) == [("07:00", "12:00", "available_at_station")]
    assert "P1" not in left
    assert list(timeline.without(frozenset())) == ["A1", "P1"]
