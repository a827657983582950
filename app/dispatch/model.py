"""The words of a control room as types: calls, vehicles, and what they need and offer.

Values here are already valid (the HTTP edge and the file readers see to that); nothing deeper
checks them again. Times are aware datetimes, places WGS84 degrees.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Category(StrEnum):
    """Ambulance Response Programme category (NHS England, 2017). C5 sends no vehicle."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"


class Status(StrEnum):
    """What a vehicle is doing."""

    AVAILABLE_AT_STATION = "available_at_station"
    AVAILABLE_MOBILE = "available_mobile"
    MOBILISING = "mobilising"
    EN_ROUTE = "en_route"
    AT_SCENE = "at_scene"
    CONVEYING = "conveying"
    AT_HOSPITAL = "at_hospital"
    BREAK = "break"
    OUT_OF_SERVICE = "out_of_service"


ATTENDING = frozenset({Status.MOBILISING, Status.EN_ROUTE, Status.AT_SCENE, Status.CONVEYING})
"""What vehicles do for a call that they are on already."""


class DriverAgency(StrEnum):
    """Who employs the driver. Data for people: no rule depends on it."""

    LAS = "LAS"
    MPS = "MPS"
    LFB = "LFB"


class VehicleType(StrEnum):
    """Kinds of response, after the NHS Data Dictionary's AMBULANCE CALL RESPONSE TYPE."""

    EMERGENCY_AMBULANCE = "emergency_ambulance"
    RAPID_RESPONSE_VEHICLE = "rapid_response_vehicle"
    PATIENT_TRANSPORT = "patient_transport"
    COMMUNITY_RESPONDER = "community_responder"
    PEDAL_CYCLE = "pedal_cycle"
    MOTORCYCLE = "motorcycle"
    OFFICER = "officer"
    HAZARDOUS_AREA_RESPONSE = "hazardous_area_response"
    BASICS_DOCTOR = "basics_doctor"
    OTHER_CONVEYING = "other_conveying"
    OTHER_NON_CONVEYING = "other_non_conveying"
    FIRE_CO_RESPONDER = "fire_co_responder"
    MENTAL_HEALTH_CAR = "mental_health_car"


class Skill(StrEnum):
    """What the crew can do."""

    EMERGENCY_MEDICAL_TECHNICIAN = "emergency_medical_technician"
    PARAMEDIC = "paramedic"
    ADVANCED_PARAMEDIC = "advanced_paramedic"
    DOCTOR = "doctor"
    HAZARDOUS_AREA = "hazardous_area"
    BARIATRIC = "bariatric"


@dataclass(frozen=True, slots=True)
class Place:
    """A WGS84 position in degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Needs:
    """What a call demands of a vehicle; empty fields demand nothing."""

    conveyance: bool = False
    skills: frozenset[Skill] = frozenset()
    vehicle_types: frozenset[VehicleType] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """One 999 incident to be served."""

    call_id: str
    location: Place
    category: Category
    received_at: datetime
    needs: Needs = field(default_factory=Needs)


@dataclass(frozen=True, slots=True)
class PositionFix:
    """Where a vehicle last reported itself.

    Attributes
    ----------
    heading_deg
        Clockwise from north, 0 up to 360, or None when unknown; noise of one that stands still.
    speed_mps
        Metres per second, or None when unknown.
    """

    place: Place
    reported_at: datetime
    heading_deg: float | None = None
    speed_mps: float | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Anything that can be sent.

    Attributes
    ----------
    fix
        None until it has reported a position.
    clinician_aboard
        Whether someone aboard may treat patients; a police driver alone may not.
    blue_light_trained
        Whether its driver may use emergency driving exemptions; otherwise it is driven normally.
    shift_ends_at
        None when it has no end in sight.
    """

    vehicle_id: str
    vehicle_type: VehicleType
    driver_agency: DriverAgency
    status: Status
    fix: PositionFix | None = None
    clinician_aboard: bool = True
    skills: frozenset[Skill] = frozenset()
    blue_light_trained: bool = True
    shift_ends_at: datetime | None = None
    station: str = ""
