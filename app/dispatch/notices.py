"""What a dispatcher should know before trusting an answer."""

from collections.abc import Iterator, Sequence

from app.dispatch.approaches import Approach, Scene, call_access_ms
from app.dispatch.area import CoveredArea
from app.dispatch.fleet import Fleet
from app.dispatch.model import ATTENDING
from app.dispatch.recommendation import Notice, Option, WarningCode
from app.dispatch.suitability import Demand
from app.dispatch.wording import (
    STATUS_WORDS,
    against_traffic,
    approximate_network,
    distance,
    duration,
    rough_duration,
)
from routing.closure_places import titles
from routing.paths import stretches_against_traffic
from routing.snapping import NO_SEGMENT

_PER_CENT = 100


def notices(
    demand: Demand,
    fleet: Fleet,
    area: CoveredArea,
    scene: Scene,
    best: Sequence[Approach],
    options: Sequence[Option],
) -> tuple[Notice, ...]:
    """Notices about the call and the network first, then about the options in their order."""
    found = [*_about_network(fleet), *_about_time(demand), *_about_scene(demand, fleet, scene)]
    found += _about_standard(demand, options)
    found += _about_closures(fleet, best)
    for place, approach in enumerate(best):
        found += _about_vehicle(demand, fleet, area, scene, approach)
        guessed = approach.estimated and approach.keeps_to_roads
        if guessed and not all(later.estimated for later in best[place:]):
            found.append(_estimate_ahead(fleet, approach))
    return tuple(found)


def _about_network(fleet: Fleet) -> Iterator[Notice]:
    network = fleet.router.network
    if network.provenance.approximate:
        yield Notice(
            WarningCode.APPROXIMATE_NETWORK,
            approximate_network(network.name),
        )


def _about_time(demand: Demand) -> Iterator[Notice]:
    age_s = demand.now_s - demand.call.received_at.timestamp()
    rule = demand.policy.notices
    if age_s < -rule.call_ahead_s:
        yield Notice(
            WarningCode.CALL_TIME_IMPLAUSIBLE,
            f"the call is dated {rough_duration(-age_s)} ahead of now; it is taken as new",
        )
    elif age_s > rule.call_behind_s:
        yield Notice(
            WarningCode.CALL_TIME_IMPLAUSIBLE,
            f"the call is dated {rough_duration(age_s)} ago; its response time counts from then",
        )


def _about_scene(demand: Demand, fleet: Fleet, scene: Scene) -> Iterator[Notice]:
    if not scene.covered:
        yield Notice(
            WarningCode.CALL_OUTSIDE_AREA,
            f"the call is outside the area of the network {fleet.router.network.name}: "
            "all times are straight-line estimates",
        )
        return
    snap = scene.snaps[demand.category.profile]
    if snap is None:
        yield Notice(
            WarningCode.CALL_OFF_NETWORK,
            f"no road within {distance(fleet.access.call_radius_m)} of the call: "
            "times are straight-line estimates",
        )
    elif snap.distance_m > fleet.access.far_from_road_m:
        extra = duration(call_access_ms(fleet, snap) / 1000)
        yield Notice(
            WarningCode.CALL_OFF_NETWORK,
            f"the call is {distance(snap.distance_m)} from the nearest road in the network; "
            f"{extra} is counted for it",
        )


def _about_standard(demand: Demand, options: Sequence[Option]) -> Iterator[Notice]:
    if not options:
        return
    chance = max(option.eta.meets_standard_probability for option in options)
    if chance < demand.policy.notices.standard_at_risk_below:
        standard = duration(demand.category.standard_p90_s)
        yield Notice(
            WarningCode.STANDARD_AT_RISK,
            f"the best chance of arriving within {standard} of the {demand.call.category} call "
            f"is {chance * _PER_CENT:.0f} %",
        )


def _about_closures(fleet: Fleet, best: Sequence[Approach]) -> Iterator[Notice]:
    drives = [(one, one.arrival, one.disturbance) for one in best if one.arrival]
    for _, arrival, disturbance in drives:
        if arrival.last_stretch and disturbance:
            yield Notice(
                WarningCode.CALL_IN_CLOSURE,
                "the call lies inside what is closed: the last stretch leads through it "
                f"({titles(disturbance.closures)})",
            )
            break
    for approach, arrival, disturbance in drives:
        vehicle_id = fleet.vehicles[approach.row].vehicle_id
        if arrival.first_stretch and disturbance:
            yield Notice(
                WarningCode.VEHICLE_IN_CLOSURE,
                "it stands inside what is closed: its way leads out through it "
                f"({titles(disturbance.closures)})",
                vehicle_id,
            )
        if approach.closures and round(approach.closures.delay_s):
            yield Notice(WarningCode.CLOSURE_DELAY, approach.closures.detail, vehicle_id)


def _about_drive(fleet: Fleet, approach: Approach) -> Iterator[Notice]:
    if approach.arrival is None:
        return
    stretches = stretches_against_traffic(fleet.router.network, approach.arrival)
    if stretches:
        yield Notice(
            WarningCode.AGAINST_TRAFFIC,
            against_traffic(stretches),
            fleet.vehicles[approach.row].vehicle_id,
        )


def _about_vehicle(
    demand: Demand, fleet: Fleet, area: CoveredArea, scene: Scene, approach: Approach
) -> Iterator[Notice]:
    vehicle = fleet.vehicles[approach.row]
    if vehicle.status in ATTENDING:
        yield Notice(
            WarningCode.ON_ANOTHER_CALL,
            f"it is {STATUS_WORDS[vehicle.status]}: sending it takes it from another call",
            vehicle.vehicle_id,
        )
    age_s = demand.now_s - float(fleet.rows["fix_at_s"][approach.row])
    limits = demand.policy.positions.limits(vehicle.status)
    if age_s > limits.ageing_after_s:
        yield Notice(
            WarningCode.POSITION_AGEING,
            f"its last fix is {rough_duration(age_s)} old; "
            f"from {rough_duration(limits.unusable_after_s)} on it is not used",
            vehicle.vehicle_id,
        )
    snap = fleet.snaps[approach.profile][approach.row]
    if not approach.estimated:
        if snap["heading_ignored"]:
            yield Notice(
                WarningCode.HEADING_IGNORED,
                "no road in reach runs the way it is heading; either direction is assumed",
                vehicle.vehicle_id,
            )
        yield from _about_drive(fleet, approach)
        return
    yield from _about_estimate(fleet, area, scene, approach)


def _about_estimate(
    fleet: Fleet, area: CoveredArea, scene: Scene, approach: Approach
) -> Iterator[Notice]:
    vehicle = fleet.vehicles[approach.row]
    assert vehicle.fix is not None
    if not approach.keeps_to_roads:
        return
    if not area.covers(vehicle.fix.place):
        yield Notice(
            WarningCode.VEHICLE_OUTSIDE_AREA,
            "it is outside the area of the network: its time is a straight-line estimate",
            vehicle.vehicle_id,
        )
    elif fleet.snaps[approach.profile]["segment"][approach.row, 0] == NO_SEGMENT:
        yield Notice(
            WarningCode.VEHICLE_OFF_NETWORK,
            f"no road within {distance(fleet.access.vehicle_radius_m)} of it: "
            "its time is a straight-line estimate",
            vehicle.vehicle_id,
        )
    elif scene.snaps[approach.profile] is not None:
        yield Notice(
            WarningCode.NO_ROUTE,
            "the network has no way by road from it to the call: "
            "its time is a straight-line estimate",
            vehicle.vehicle_id,
        )


def _estimate_ahead(fleet: Fleet, approach: Approach) -> Notice:
    return Notice(
        WarningCode.ESTIMATE_AHEAD_OF_ROUTE,
        "its straight-line estimate ranks ahead of a routed vehicle: even its 90th percentile, "
        f"{duration(approach.ranked_by_ms / 1000)}, is sooner",
        fleet.vehicles[approach.row].vehicle_id,
    )
