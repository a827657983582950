"""How times, distances, vehicles and skills are said to a dispatcher."""

from collections.abc import Iterable, Sequence

from app.dispatch.model import Skill, Status, VehicleType
from app.dispatch.recommendation import ExclusionReason
from routing.paths import AgainstTraffic

STATUS_WORDS = {
    Status.AVAILABLE_AT_STATION: "available at its station",
    Status.AVAILABLE_MOBILE: "available and mobile",
    Status.MOBILISING: "mobilising",
    Status.EN_ROUTE: "en route to another call",
    Status.AT_SCENE: "at a scene",
    Status.CONVEYING: "conveying a patient",
    Status.AT_HOSPITAL: "at a hospital",
    Status.BREAK: "on a break",
    Status.OUT_OF_SERVICE: "out of service",
}

VEHICLE_TYPE_WORDS = {
    VehicleType.EMERGENCY_AMBULANCE: "ambulance",
    VehicleType.RAPID_RESPONSE_VEHICLE: "rapid response vehicle",
    VehicleType.PATIENT_TRANSPORT: "patient transport vehicle",
    VehicleType.COMMUNITY_RESPONDER: "community responder",
    VehicleType.PEDAL_CYCLE: "pedal cycle",
    VehicleType.MOTORCYCLE: "motorcycle",
    VehicleType.OFFICER: "officer",
    VehicleType.HAZARDOUS_AREA_RESPONSE: "hazardous area response vehicle",
    VehicleType.BASICS_DOCTOR: "BASICS doctor",
    VehicleType.OTHER_CONVEYING: "other conveying vehicle",
    VehicleType.OTHER_NON_CONVEYING: "other non-conveying vehicle",
    VehicleType.FIRE_CO_RESPONDER: "fire co-responder",
    VehicleType.MENTAL_HEALTH_CAR: "mental health car",
}

SKILL_WORDS = {
    Skill.EMERGENCY_MEDICAL_TECHNICIAN: "emergency medical technician",
    Skill.PARAMEDIC: "paramedic",
    Skill.ADVANCED_PARAMEDIC: "advanced paramedic",
    Skill.DOCTOR: "doctor",
    Skill.HAZARDOUS_AREA: "hazardous area team",
    Skill.BARIATRIC: "bariatric team",
}

REASON_WORDS = {
    ExclusionReason.STATUS: "in a status that is not sent",
    ExclusionReason.NO_POSITION: "without a position",
    ExclusionReason.POSITION_STALE: "with a stale position",
    ExclusionReason.CANNOT_CONVEY: "unable to convey",
    ExclusionReason.VEHICLE_TYPE: "of a type not wanted",
    ExclusionReason.SKILLS: "without the skills",
    ExclusionReason.NO_CLINICIAN: "without a clinician",
    ExclusionReason.SHIFT_ENDING: "near the end of their shift",
    ExclusionReason.UNREACHABLE: "out of reach",
    ExclusionReason.CUT_OFF_BY_CLOSURE: "cut off by closures",
}

_STREETS_NAMED = 3

_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400
_KILOMETRE_M = 1000


def duration(seconds: float) -> str:
    """Seconds as "45 s", "6 min 52 s" or "2 h 5 min"."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return _in_two_units(whole, _MINUTE_S, "min", "s")
    return _in_two_units(round(whole / _MINUTE_S), _MINUTE_S, "h", "min")


def rough_duration(seconds: float) -> str:
    """Seconds in whole minutes from two minutes on, in days from two days on.

    "45 s", "31 min", "2 h 5 min", "12 days".
    """
    if seconds < 2 * _MINUTE_S:
        return duration(seconds)
    if seconds >= 2 * _DAY_S:
        return f"{seconds // _DAY_S:,.0f} days"
    return duration(seconds // _MINUTE_S * _MINUTE_S)


def distance(metres: float) -> str:
    """Metres as "320 m" or "3.1 km"."""
    if round(metres) < _KILOMETRE_M:
        return f"{round(metres)} m"
    return f"{metres / _KILOMETRE_M:.1f} km"


def skill_list(skills: Iterable[Skill]) -> str:
    """Skills as "paramedic and bariatric team", in the order of the ladder."""
    wanted = frozenset(skills)
    return join([words for skill, words in SKILL_WORDS.items() if skill in wanted])


def with_article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def join(words: list[str]) -> str:
    """Words as "a", "a and b" or "a, b and c"."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _in_two_units(count: int, per_unit: int, unit: str, small_unit: str) -> str:
    units, rest = divmod(count, per_unit)
    return f"{units} {unit} {rest} {small_unit}" if rest else f"{units} {unit}"


def approximate_network(name: str) -> str:
    """That a network has no surveyed streets, and what this means."""
    return f"the network {name} is approximate: times and routes are indicative only"


def against_traffic(stretches: Sequence[AgainstTraffic]) -> str:
    """Which stretches of a way are driven against the traffic."""
    names = list(dict.fromkeys(one.street or "an unnamed street" for one in stretches))
    shown = ", ".join(names[:_STREETS_NAMED]) + (" and others" * (len(names) > _STREETS_NAMED))
    metres = distance(sum(one.distance_m for one in stretches))
    return f"{metres} are driven against the traffic of one-way streets: {shown}"
