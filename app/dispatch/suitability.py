"""Which vehicles may be sent to a call: hard rules, as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.dispatch.fleet import skill_bits, status_bits, vehicle_type_bits
from app.dispatch.model import Call, Vehicle, VehicleType
from app.dispatch.policy import CategoryPolicy, DispatchPolicy
from app.dispatch.recommendation import Exclusion, ExclusionReason
from app.dispatch.time_of_week import hour_of_week
from app.dispatch.wording import (
    STATUS_WORDS,
    VEHICLE_TYPE_WORDS,
    duration,
    join,
    rough_duration,
    skill_list,
    with_article,
)

BoolArray = NDArray[np.bool_]

SUITABLE = -1

EXCLUSIONS_KEPT = 4096
"""Exclusions remembered: of a large fleet, for more than one reason each."""


@dataclass(frozen=True, slots=True)
class Demand:
    """A call at a moment in time, with what the policy makes of it.

    Attributes
    ----------
    now_s
        Seconds since 1970.
    hour
        Hour of the week, by which roads are priced.
    sendable_statuses, conveying_types, wanted_types, wanted_skills
        Bits as in the rows of a `Fleet`.
    """

    call: Call
    now: datetime
    policy: DispatchPolicy
    category: CategoryPolicy
    now_s: float
    hour: int
    sendable_statuses: int
    conveying_types: int
    wanted_types: int
    wanted_skills: int

    @property
    def waited_s(self) -> float:
        """Seconds since the call was received; 0 when it is dated ahead of now."""
        return max(0.0, self.now_s - self.call.received_at.timestamp())

    @classmethod
    def of(cls, call: Call, policy: DispatchPolicy, now: datetime) -> Self:
        """What this call demands of a vehicle at this moment."""
        return cls(
            call=call,
            now=now,
            policy=policy,
            category=policy.categories[call.category],
            now_s=now.timestamp(),
            hour=hour_of_week(now),
            sendable_statuses=status_bits(policy.sendable_statuses),
            conveying_types=vehicle_type_bits(policy.conveying_types),
            wanted_types=vehicle_type_bits(_wanted_types(call, policy)),
            wanted_skills=skill_bits(call.needs.skills),
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One hard rule.

    Attributes
    ----------
    broken_by
        Which of N rows of a fleet break it, bool[N].
    detail
        Why one vehicle that breaks it does, in plain English.
    """

    reason: ExclusionReason
    broken_by: Callable[[Demand, NDArray[np.void]], BoolArray]
    detail: Callable[[Demand, Vehicle], str]


def judge(demand: Demand, rows: NDArray[np.void]) -> NDArray[np.int8]:
    """The first rule each vehicle breaks, as its place in `RULES`, or `SUITABLE`; int8[N]."""
    verdict = np.full(len(rows), SUITABLE, np.int8)
    for place in reversed(range(len(RULES))):
        verdict[RULES[place].broken_by(demand, rows)] = place
    return verdict


def exclusion(demand: Demand, vehicle: Vehicle, place: int) -> Exclusion:
    """Why a vehicle is left out, given the place in `RULES` of the rule it breaks."""
    rule = RULES[place]
    return _told(vehicle.vehicle_id, rule.reason, rule.detail(demand, vehicle))


_told = lru_cache(maxsize=EXCLUSIONS_KEPT)(Exclusion)
"""What is said again of a vehicle, call after call, is made once."""


def _wanted_types(call: Call, policy: DispatchPolicy) -> frozenset[VehicleType]:
    return call.needs.vehicle_types or policy.types_for[call.category]


def _status_not_sendable(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    broken: BoolArray = (rows["status"] & demand.sendable_statuses) == 0
    return broken


def _no_position(_: Demand, rows: NDArray[np.void]) -> BoolArray:
    broken: BoolArray = np.isnan(rows["fix_at_s"])
    return broken


def _position_stale(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    age_s = demand.now_s - rows["fix_at_s"]
    ahead = age_s < -demand.policy.positions.clock_tolerance_s
    broken: BoolArray = ahead | (age_s > rows["fix_usable_for_s"])
    return broken


def _cannot_convey(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    if not demand.call.needs.conveyance:
        return np.zeros(len(rows), np.bool_)
    broken: BoolArray = (rows["vehicle_type"] & demand.conveying_types) == 0
    return broken


def _wrong_type(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    broken: BoolArray = (rows["vehicle_type"] & demand.wanted_types) == 0
    return broken


def _lacks_skills(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    broken: BoolArray = (rows["skills"] & demand.wanted_skills) != demand.wanted_skills
    return broken


def _no_clinician(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    broken: BoolArray = ~rows["clinician_aboard"] & demand.category.clinician_required
    return broken


def _shift_ending(demand: Demand, rows: NDArray[np.void]) -> BoolArray:
    broken: BoolArray = rows["shift_ends_at_s"] < demand.now_s + demand.category.shift_margin_s
    return broken


def _status_detail(_: Demand, vehicle: Vehicle) -> str:
    return f"it is {STATUS_WORDS[vehicle.status]}"


def _no_position_detail(_: Demand, __: Vehicle) -> str:
    return "it has not reported a position"


def _stale_detail(demand: Demand, vehicle: Vehicle) -> str:
    assert vehicle.fix is not None
    age_s = demand.now_s - vehicle.fix.reported_at.timestamp()
    positions = demand.policy.positions
    if age_s < 0:
        limit = rough_duration(positions.clock_tolerance_s)
        return f"last fix is dated {rough_duration(-age_s)} ahead of now, limit {limit}"
    limit = rough_duration(positions.limits(vehicle.status).unusable_after_s)
    return f"last fix {rough_duration(age_s)} ago, limit {limit}"


def _conveyance_detail(_: Demand, vehicle: Vehicle) -> str:
    return f"{with_article(VEHICLE_TYPE_WORDS[vehicle.vehicle_type])} cannot convey a patient"


def _type_detail(demand: Demand, vehicle: Vehicle) -> str:
    asked_for = demand.call.needs.vehicle_types
    own = with_article(VEHICLE_TYPE_WORDS[vehicle.vehicle_type])
    if not asked_for:
        return f"{own} is not sent to {demand.call.category} unless asked for"
    names = [words for kind, words in VEHICLE_TYPE_WORDS.items() if kind in asked_for]
    return f"it is {own}; the call asks for {join(names)}"


def _skills_detail(demand: Demand, vehicle: Vehicle) -> str:
    missing = demand.call.needs.skills - demand.policy.skills_of(vehicle.skills)
    return f"no {skill_list(missing)} aboard"


def _clinician_detail(_: Demand, __: Vehicle) -> str:
    return "no clinician aboard"


def _shift_detail(demand: Demand, vehicle: Vehicle) -> str:
    return f"{shift_end(demand, vehicle)}, {margin(demand)}"


def shift_end(demand: Demand, vehicle: Vehicle) -> str:
    """When a vehicle's shift ends, seen from now."""
    assert vehicle.shift_ends_at is not None
    left_s = vehicle.shift_ends_at.timestamp() - demand.now_s
    if left_s < 0:
        return f"shift ended {rough_duration(-left_s)} ago"
    return f"shift ends in {rough_duration(left_s)}"


def margin(demand: Demand) -> str:
    """How much of the shift must be left after arrival at this call."""
    wanted = duration(demand.category.shift_margin_s)
    return f"{wanted} must be left on arrival at {with_article(demand.call.category)} call"


RULES: tuple[Rule, ...] = (
    Rule(ExclusionReason.STATUS, _status_not_sendable, _status_detail),
    Rule(ExclusionReason.NO_POSITION, _no_position, _no_position_detail),
    Rule(ExclusionReason.POSITION_STALE, _position_stale, _stale_detail),
    Rule(ExclusionReason.CANNOT_CONVEY, _cannot_convey, _conveyance_detail),
    Rule(ExclusionReason.VEHICLE_TYPE, _wrong_type, _type_detail),
    Rule(ExclusionReason.SKILLS, _lacks_skills, _skills_detail),
    Rule(ExclusionReason.NO_CLINICIAN, _no_clinician, _clinician_detail),
    Rule(ExclusionReason.SHIFT_ENDING, _shift_ending, _shift_detail),
)
"""Hard rules in the order in which they are told: the first one broken is the reason given."""
