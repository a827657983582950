"""Each hard rule: what breaks it, what just does not, and what is said about it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from app.dispatch.model import Call, Category, Needs, Skill, Status, Vehicle, VehicleType
from app.dispatch.recommendation import ExclusionReason
from app.dispatch.suitability import RULES
from tests.town import AMBULANCE, CALL, NOW, answer, fix

C2_MARGIN = "15 min must be left on arrival at a C2 call"
AT_STATION = replace(AMBULANCE, status=Status.AVAILABLE_AT_STATION)
CAR = replace(AMBULANCE, vehicle_type=VehicleType.RAPID_RESPONSE_VEHICLE)


def needing(
    *skills: Skill, conveyance: bool = False, types: frozenset[VehicleType] = frozenset()
) -> Call:
    return replace(
        CALL, needs=Needs(conveyance=conveyance, skills=frozenset(skills), vehicle_types=types)
    )


def of_category(category: Category) -> Call:
    return replace(CALL, category=category)


def off_duty_in(minutes: float) -> Vehicle:
    return replace(AMBULANCE, shift_ends_at=NOW + timedelta(minutes=minutes))


EXCLUDED = {
    "en route": (
        CALL,
        replace(AMBULANCE, status=Status.EN_ROUTE),
        ExclusionReason.STATUS,
        "it is en route to another call",
    ),
    "conveying": (
        CALL,
        replace(AMBULANCE, status=Status.CONVEYING),
        ExclusionReason.STATUS,
        "it is conveying a patient",
    ),
    "on a break": (
        CALL,
        replace(AMBULANCE, status=Status.BREAK),
        ExclusionReason.STATUS,
        "it is on a break",
    ),
    "never seen": (
        CALL,
        replace(AMBULANCE, fix=None),
        ExclusionReason.NO_POSITION,
        "it has not reported a position",
    ),
    "seen half an hour ago": (
        CALL,
        replace(AMBULANCE, fix=fix(0, 0, age_s=31 * 60)),
        ExclusionReason.POSITION_STALE,
        "last fix 31 min ago, limit 5 min",
    ),
    "seen at its station yesterday": (
        CALL,
        replace(AT_STATION, fix=fix(0, 0, age_s=25 * 3600)),
        ExclusionReason.POSITION_STALE,
        "last fix 25 h ago, limit 4 h",
    ),
    "seen in the future": (
        CALL,
        replace(AMBULANCE, fix=fix(0, 0, age_s=-12 * 60)),
        ExclusionReason.POSITION_STALE,
        "last fix is dated 12 min ahead of now, limit 1 min",
    ),
    "a car for a patient who must be conveyed": (
        needing(conveyance=True),
        CAR,
        ExclusionReason.CANNOT_CONVEY,
        "a rapid response vehicle cannot convey a patient",
    ),
    "a car where an ambulance or a motorcycle is asked for": (
        needing(types=frozenset({VehicleType.MOTORCYCLE, VehicleType.EMERGENCY_AMBULANCE})),
        CAR,
        ExclusionReason.VEHICLE_TYPE,
        "it is a rapid response vehicle; the call asks for ambulance and motorcycle",
    ),
    "planned transport for an emergency": (
        CALL,
        replace(AMBULANCE, vehicle_type=VehicleType.PATIENT_TRANSPORT),
        ExclusionReason.VEHICLE_TYPE,
        "a patient transport vehicle is not sent to C2 unless asked for",
    ),
    "a paramedic where a doctor and a bariatric team are needed": (
        needing(Skill.DOCTOR, Skill.BARIATRIC, Skill.PARAMEDIC),
        AMBULANCE,
        ExclusionReason.SKILLS,
        "no doctor and bariatric team aboard",
    ),
    "a technician where a paramedic is needed": (
        needing(Skill.PARAMEDIC),
        replace(AMBULANCE, skills=frozenset({Skill.EMERGENCY_MEDICAL_TECHNICIAN})),
        ExclusionReason.SKILLS,
        "no paramedic aboard",
    ),
    "a police driver alone": (
        CALL,
        replace(AMBULANCE, clinician_aboard=False),
        ExclusionReason.NO_CLINICIAN,
        "no clinician aboard",
    ),
    "off duty in ten minutes": (
        CALL,
        off_duty_in(10),
        ExclusionReason.SHIFT_ENDING,
        f"shift ends in 10 min, {C2_MARGIN}",
    ),
    "already off duty": (
        of_category(Category.C1),
        off_duty_in(-5),
        ExclusionReason.SHIFT_ENDING,
        "shift ended 5 min ago, 0 s must be left on arrival at a C1 call",
    ),
    "off duty just after it would arrive": (
        CALL,
        off_duty_in(20),
        ExclusionReason.SHIFT_ENDING,
        rf"it would arrive in \d min \d+ s; shift ends in 20 min, {C2_MARGIN}",
    ),
    "out of any reach": (
        CALL,
        replace(AMBULANCE, fix=fix(-30_000, 0)),
        ExclusionReason.UNREACHABLE,
        "no way by road, and further than 25.0 km away in a straight line",
    ),
}


@pytest.mark.parametrize(("call", "vehicle", "reason", "detail"), EXCLUDED.values(), ids=EXCLUDED)
def test_an_unsuitable_vehicle_is_left_out_and_told_why(
    call: Call, vehicle: Vehicle, reason: ExclusionReason, detail: str
) -> None:
    given = answer(call, vehicle)
    assert given.options == ()
    assert given.suitable == 0
    assert [(one.vehicle_id, one.reason) for one in given.excluded] == [("A101", reason)]
    assert re.fullmatch(detail, given.excluded[0].detail)


def test_every_reason_is_shown_by_an_example() -> None:
    shown = {reason for _, _, reason, _ in EXCLUDED.values()}
    assert shown == set(ExclusionReason) - {ExclusionReason.CUT_OFF_BY_CLOSURE}


SENT = {
    "free at its station": (CALL, AT_STATION),
    "free and mobile": (CALL, AMBULANCE),
    "mobilising": (CALL, replace(AMBULANCE, status=Status.MOBILISING)),
    "seen just within the limit": (CALL, replace(AMBULANCE, fix=fix(0, 0, age_s=300))),
    "seen at its station hours ago": (CALL, replace(AT_STATION, fix=fix(0, 0, age_s=3 * 3600))),
    "with a clock a little ahead": (CALL, replace(AMBULANCE, fix=fix(0, 0, age_s=-60))),
    "an advanced paramedic for a paramedic's call": (
        needing(Skill.PARAMEDIC),
        replace(AMBULANCE, skills=frozenset({Skill.ADVANCED_PARAMEDIC})),
    ),
    "an ambulance for a patient who must be conveyed": (needing(conveyance=True), AMBULANCE),
    "planned transport, asked for by name": (
        needing(types=frozenset({VehicleType.PATIENT_TRANSPORT})),
        replace(AMBULANCE, vehicle_type=VehicleType.PATIENT_TRANSPORT),
    ),
    "planned transport for the least urgent": (
        of_category(Category.C4),
        replace(AMBULANCE, vehicle_type=VehicleType.PATIENT_TRANSPORT),
    ),
    "off duty well after it arrives": (CALL, off_duty_in(40)),
    "off duty soon, when life is at risk": (of_category(Category.C1), off_duty_in(14)),
}


@pytest.mark.parametrize(("call", "vehicle"), SENT.values(), ids=SENT)
def test_a_suitable_vehicle_is_sent(call: Call, vehicle: Vehicle) -> None:
    given = answer(call, vehicle)
    assert [option.vehicle for option in given.options] == [vehicle]
    assert given.excluded == ()
    assert given.suitable == 1


def test_who_drives_makes_no_difference() -> None:
    agencies = {type(AMBULANCE.driver_agency)(name) for name in ("LAS", "MPS", "LFB")}
    answers = [answer(CALL, replace(AMBULANCE, driver_agency=agency)) for agency in agencies]
    assert len(answers) == 3
    assert len({one.options[0].eta for one in answers}) == 1


def test_of_several_broken_rules_the_first_in_the_table_is_told() -> None:
    broken = replace(
        CAR,
        status=Status.CONVEYING,
        fix=fix(0, 0, age_s=4000),
        skills=frozenset(),
        clinician_aboard=False,
        shift_ends_at=NOW,
    )
    call = needing(Skill.PARAMEDIC, conveyance=True, types=frozenset({VehicleType.OFFICER}))
    mended = {
        ExclusionReason.STATUS: {"status": Status.AVAILABLE_MOBILE},
        ExclusionReason.POSITION_STALE: {"fix": fix(0, 0)},
        ExclusionReason.CANNOT_CONVEY: {"vehicle_type": VehicleType.EMERGENCY_AMBULANCE},
        ExclusionReason.VEHICLE_TYPE: {},
        ExclusionReason.SKILLS: {"skills": frozenset({Skill.PARAMEDIC})},
        ExclusionReason.NO_CLINICIAN: {"clinician_aboard": True},
        ExclusionReason.SHIFT_ENDING: {"shift_ends_at": None},
    }
    for reason, mending in mended.items():
        assert [one.reason for one in answer(call, broken).excluded] == [reason]
        broken = replace(broken, **mending)  # type: ignore[arg-type]
        if reason is ExclusionReason.VEHICLE_TYPE:
            call = needing(Skill.PARAMEDIC, conveyance=True)
    assert answer(call, broken).suitable == 1


def test_the_table_speaks_of_every_reason_that_needs_no_road() -> None:
    reasons = [rule.reason for rule in RULES]
    assert len(reasons) == len(set(reasons))
    of_roads = {ExclusionReason.UNREACHABLE, ExclusionReason.CUT_OFF_BY_CLOSURE}
    assert set(reasons) == set(ExclusionReason) - of_roads
