"""What a recommendation says: a ranked, explained answer and why the others were left out."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from app.dispatch.model import Call, Vehicle
from routing.closure_places import titles
from routing.engine import Arrival
from routing.geometry import COORDINATE_DECIMALS
from routing.paths import Path
from routing.roads import Disturbance


class ExclusionReason(StrEnum):
    """Why a vehicle may not be sent to this call."""

    STATUS = "status"
    NO_POSITION = "no_position"
    POSITION_STALE = "position_stale"
    CANNOT_CONVEY = "cannot_convey"
    VEHICLE_TYPE = "vehicle_type"
    SKILLS = "skills"
    NO_CLINICIAN = "no_clinician"
    SHIFT_ENDING = "shift_ending"
    UNREACHABLE = "unreachable"
    CUT_OFF_BY_CLOSURE = "cut_off_by_closure"


class ShortfallReason(StrEnum):
    """Why there are fewer options than asked for."""

    EMPTY_FLEET = "empty_fleet"
    NONE_SUITABLE = "none_suitable"
    FEWER_THAN_LIMIT = "fewer_than_limit"


class WarningCode(StrEnum):
    """What a dispatcher should know before trusting the answer."""

    APPROXIMATE_NETWORK = "approximate_network"
    CALL_OFF_NETWORK = "call_off_network"
    CALL_OUTSIDE_AREA = "call_outside_area"
    VEHICLE_OFF_NETWORK = "vehicle_off_network"
    VEHICLE_OUTSIDE_AREA = "vehicle_outside_area"
    ON_ANOTHER_CALL = "on_another_call"
    POSITION_AGEING = "position_ageing"
    HEADING_IGNORED = "heading_ignored"
    NO_ROUTE = "no_route"
    ESTIMATE_AHEAD_OF_ROUTE = "estimate_ahead_of_route"
    CALL_TIME_IMPLAUSIBLE = "call_time_implausible"
    STANDARD_AT_RISK = "standard_at_risk"
    CALL_IN_CLOSURE = "call_in_closure"
    VEHICLE_IN_CLOSURE = "vehicle_in_closure"
    CLOSURE_DELAY = "closure_delay"
    AGAINST_TRAFFIC = "against_traffic"
    REPEATED_CALL = "repeated_call"


@dataclass(frozen=True, slots=True)
class Notice:
    """One warning, typed and in plain English; `vehicle_id` is empty when it is about the call."""

    code: WarningCode
    detail: str
    vehicle_id: str = ""


@dataclass(frozen=True, slots=True)
class Eta:
    """Seconds until a vehicle is with the patient.

    Attributes
    ----------
    mobilisation_s, drive_s, access_s
        The parts of the median: until moving, on the road, and the rest: from an off-road position
        to the road, from the road to the patient, and stopping there.
    total_s, p90_s
        Median and 90th percentile.
    standard_s
        The 90th-centile standard of the call's category, from when the call was received.
    meets_standard_probability
        Chance that it arrives within that standard.
    estimated
        True when the network could not answer and this is a straight-line estimate.
    """

    mobilisation_s: float
    drive_s: float
    access_s: float
    total_s: float
    p90_s: float
    standard_s: float
    meets_standard_probability: float
    estimated: bool


@dataclass(frozen=True, slots=True)
class RoutePath:
    """The way a vehicle would take: `(lat, lon)` points in degrees and street names in order."""

    distance_m: float
    shape: tuple[tuple[float, float], ...]
    streets: tuple[str, ...]

    @classmethod
    def of(cls, path: Path) -> Self:
        """From the routing core's path."""
        lat, lon = (degrees.round(COORDINATE_DECIMALS).tolist() for degrees in (path.lat, path.lon))
        return cls(path.distance_m, tuple(zip(lat, lon, strict=True)), path.streets)


@dataclass(frozen=True, slots=True)
class ClosureEffect:
    """What closures do to one drive.

    Attributes
    ----------
    closure_ids
        Those on the way it would take without any, and on the way it takes.
    delay_s
        By how much they make it later, all together.
    detail
        The same for people: "Tower Bridge closed: +214 s", or where they meet if they cost nothing.
    """

    closure_ids: tuple[str, ...]
    delay_s: float
    detail: str

    @classmethod
    def of(cls, disturbance: Disturbance, drive: Arrival) -> Self:
        """From what the routing core says of a drive that is not cut off."""
        assert disturbance.delay_ms is not None
        closure_ids = tuple(one.closure.closure_id for one in disturbance.closures)
        delay_s = disturbance.delay_ms / 1000
        what = f"{round(delay_s):+d} s" if round(delay_s) else _without_delay(drive)
        return cls(closure_ids, delay_s, f"{titles(disturbance.closures)}: {what}")


def _without_delay(drive: Arrival) -> str:
    if drive.last_stretch:
        return "the last stretch leads onto it"
    return "the first stretch leads off it" if drive.first_stretch else "no delay"


@dataclass(frozen=True, slots=True)
class Option:
    """A vehicle that may be sent."""

    rank: int
    vehicle: Vehicle
    eta: Eta
    distance_m: float
    arrives_at: datetime
    reasons: tuple[str, ...]
    route: RoutePath | None
    closures: ClosureEffect | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A vehicle that may not be sent, and why."""

    vehicle_id: str
    reason: ExclusionReason
    detail: str


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Fewer options than asked for: how many there are, and why."""

    reason: ShortfallReason
    wanted: int
    found: int
    detail: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The answer to one call.

    Attributes
    ----------
    options
        Best first, at most as many as asked for.
    suitable
        How many vehicles of the fleet may be sent to this call, options included: every vehicle
        is an option, excluded, or suitable and beyond the number asked for.
    excluded
        By vehicle_id; empty when no explanation was asked for.
    """

    recommendation_id: str
    call: Call
    decided_at: datetime
    options: tuple[Option, ...]
    suitable: int
    excluded: tuple[Exclusion, ...]
    shortfall: Shortfall | None
    warnings: tuple[Notice, ...]
    network_name: str
    network_version: str
    network_approximate: bool
    policy_version: str
