"""Why an option stands where it stands, in plain English."""

from collections.abc import Sequence

from app.dispatch.approaches import Approach
from app.dispatch.fleet import Fleet
from app.dispatch.model import DriverAgency, Vehicle
from app.dispatch.policy import DispatchPolicy
from app.dispatch.suitability import Demand
from app.dispatch.wording import (
    STATUS_WORDS,
    VEHICLE_TYPE_WORDS,
    distance,
    duration,
    skill_list,
)

_DRIVEN_BY = {
    DriverAgency.LAS: "LAS",
    DriverAgency.MPS: "police-driven (MPS)",
    DriverAgency.LFB: "fire-driven (LFB)",
}


def reasons(demand: Demand, fleet: Fleet, best: Sequence[Approach], place: int) -> tuple[str, ...]:
    """
    Say why one option stands where it stands.

    Parameters
    ----------
    best
        All options in order.
    place
        Which of them to explain, from 0.
    """
    approach = best[place]
    vehicle = fleet.vehicles[approach.row]
    said = [
        _headline(approach, place),
        crew(vehicle, demand.policy),
        "can convey" if vehicle.vehicle_type in demand.policy.conveying_types else "",
        _mobilisation(approach, vehicle),
        _driving(demand, approach, vehicle),
        "" if approach.closures is None else approach.closures.detail,
        _compared(fleet, best, place),
    ]
    return tuple(reason for reason in said if reason)


def crew(vehicle: Vehicle, policy: DispatchPolicy) -> str:
    """Who comes with what: "police-driven (MPS) ambulance with paramedic aboard"."""
    what = f"{_DRIVEN_BY[vehicle.driver_agency]} {VEHICLE_TYPE_WORDS[vehicle.vehicle_type]}"
    included = {
        lesser
        for skill in vehicle.skills
        for lesser in policy.skills_of(frozenset({skill})) - {skill}
    }
    highest = vehicle.skills - included
    if highest:
        return f"{what} with {skill_list(highest)} aboard"
    return f"{what} with {'a' if vehicle.clinician_aboard else 'no'} clinician aboard"


def _headline(approach: Approach, place: int) -> str:
    total = duration(approach.total_ms / 1000)
    if not approach.keeps_to_roads:
        return f"needs no roads: {total} in a straight line, {distance(approach.distance_m)}"
    if approach.estimated:
        cautious = duration(approach.ranked_by_ms / 1000)
        return f"straight-line estimate: {total}; ranked by its 90th percentile, {cautious}"
    soonest = "nearest by road" if place == 0 else "by road"
    return f"{soonest}: {total}, {distance(approach.distance_m)}"


def _mobilisation(approach: Approach, vehicle: Vehicle) -> str:
    if approach.mobilisation_ms == 0:
        return "already moving: no mobilisation"
    wait = duration(approach.mobilisation_ms / 1000)
    return f"{STATUS_WORDS[vehicle.status]}: {wait} to move off"


def _driving(demand: Demand, approach: Approach, vehicle: Vehicle) -> str:
    if vehicle.blue_light_trained or approach.profile == demand.category.profile:
        return ""
    return "driver not trained for blue lights: timed at normal speed"


def _compared(fleet: Fleet, best: Sequence[Approach], place: int) -> str:
    """How far ahead of the next the first is, and how far behind the first the others."""
    if len(best) == 1:
        return ""
    other = best[1 if place == 0 else 0]
    name = fleet.vehicles[other.row].vehicle_id
    gap_s = (other.total_ms - best[place].total_ms) / 1000
    gap = duration(abs(gap_s))
    rival = f"next: {name}" if place == 0 else f"first: {name}"
    if round(abs(gap_s)) == 0:
        return f"as soon as {rival}"
    return f"{gap} {'sooner' if gap_s > 0 else 'later'} than {rival}"
