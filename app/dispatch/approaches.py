"""Ways for vehicles to reach a call: by road where the network can tell, else in a straight line.

A routed approach ranks by its total: mobilisation, drive and access, in whole milliseconds, and so
does a vehicle that keeps to no roads, which the policy times in a straight line. A straight line
that stands for a road drive knows nothing of rivers, railways or one-way streets, so it ranks by
its 90th percentile: it stands ahead of a routed approach only when it would be sooner even on a bad
day, and otherwise behind it, however good its median looks. Equal ranks go by `vehicle_id`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.dispatch.estimate import straight_lines
from app.dispatch.fleet import Fleet, RowNumbers
from app.dispatch.recommendation import ClosureEffect
from app.dispatch.suitability import Demand
from routing.engine import Arrival, Starts
from routing.paths import metres_driven
from routing.roads import Disturbance, Roads
from routing.snapping import NO_SEGMENT, Snap


@dataclass(frozen=True, eq=False, slots=True)
class Approach:
    """One vehicle's way to the call.

    Attributes
    ----------
    row
        The vehicle's row in the fleet.
    profile
        How it is driven.
    ranked_by_ms
        What approaches are ordered by.
    total_ms, mobilisation_ms, drive_ms, access_ms
        Medians; the first is the sum of the others.
    arrival
        The drive, or None for a straight-line estimate.
    distance_m
        Metres driven, or likely to be driven.
    keeps_to_roads
        False for a vehicle that is timed in a straight line because it needs no roads.
    disturbance
        What closures do to the drive; None where they do nothing.
    """

    row: int
    profile: str
    ranked_by_ms: int
    total_ms: int
    mobilisation_ms: int
    drive_ms: int
    access_ms: int
    arrival: Arrival | None
    distance_m: float
    keeps_to_roads: bool = True
    disturbance: Disturbance | None = None

    @property
    def estimated(self) -> bool:
        """Whether this is a straight-line estimate."""
        return self.arrival is None

    @property
    def closures(self) -> ClosureEffect | None:
        """What closures do to the drive, for people."""
        if self.arrival is None or self.disturbance is None:
            return None
        return ClosureEffect.of(self.disturbance, self.arrival)

    @property
    def place_in_order(self) -> tuple[int, int]:
        """Sorts approaches from the first to arrive to the last."""
        return self.ranked_by_ms, self.row


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a call lies on the network.

    Attributes
    ----------
    snaps
        Its place under each profile, None where no road is in reach.
    covered
        False when it lies outside the network's area.
    """

    snaps: Mapping[str, Snap | None]
    covered: bool


@dataclass(frozen=True, eq=False, slots=True)
class Approaches:
    """Ways found to a call.

    Attributes
    ----------
    best
        The first to arrive, in order, at most as many as asked for.
    too_late
        Those that would rank among the best, but not before the end of their shift.
    out_of_reach : intp[N]
        Rows that no road leads from, too far for an estimate.
    cut_off
        Rows from which only closures keep a road away, and which: no straight line leads round
        them.
    """

    best: tuple[Approach, ...]
    too_late: tuple[Approach, ...]
    out_of_reach: RowNumbers
    cut_off: Mapping[int, Disturbance]


def find_approaches(
    demand: Demand, fleet: Fleet, rows: RowNumbers, scene: Scene, limit: int
) -> Approaches:
    """The `limit` vehicles, of the given suitable rows, that reach the call first."""
    found: list[Approach] = []
    out_of_reach = [rows[:0]]
    routed: list[_Routed] = []
    for profile, group in by_profile(demand, fleet, rows):
        target = scene.snaps[profile]
        placed = fleet.snaps[profile]["segment"][group, 0] != NO_SEGMENT
        unrouted = group
        if target is not None and placed.any():
            routed.append(_by_road(demand, fleet, group[placed], profile, target, limit))
            found += routed[-1].approaches
            unrouted = np.concatenate([group[~placed], routed[-1].unreached])
        estimated, too_far = _in_a_straight_line(demand, fleet, unrouted, profile, limit)
        found += estimated
        out_of_reach.append(too_far)
    best, too_late = _first(demand, fleet, found, limit)
    for one in routed:
        best = one.disturbed(best)
    cut_off = {row: disturbance for one in routed for row, disturbance in one.cut_off.items()}
    return Approaches(tuple(best), tuple(too_late), np.concatenate(out_of_reach), cut_off)


@dataclass(frozen=True, eq=False, slots=True)
class _Routed:
    """What the network answers to one question.

    Attributes
    ----------
    roads, target, starts
        What was asked.
    approaches
        In order.
    unreached
        Rows it knows no way for, closed or not.
    cut_off
        Rows it would know a way for, but for closures.
    """

    roads: Roads
    target: Snap
    starts: Starts
    approaches: list[Approach]
    unreached: RowNumbers
    cut_off: Mapping[int, Disturbance]

    def disturbed(self, best: list[Approach]) -> list[Approach]:
        """Approaches, with what closures do to those among them that are of this question."""
        if not self.roads.closures:
            return best
        own = {one.row: one.arrival for one in self.approaches if one.arrival}
        arrivals = [own[one.row] for one in best if one.row in own]
        starts = self.starts.only([one.vehicle for one in arrivals])
        found = self.roads.disturbances(self.target, starts, arrivals)
        return [
            replace(one, disturbance=found[one.row]) if one.row in found else one for one in best
        ]


def by_profile(demand: Demand, fleet: Fleet, rows: RowNumbers) -> Iterator[tuple[str, RowNumbers]]:
    """Rows in groups driven alike."""
    trained, untrained = demand.category.profile, demand.policy.drivers.untrained_profile
    if trained == untrained:
        yield trained, rows
        return
    is_trained = fleet.rows["blue_light_trained"][rows]
    for profile, group in ((trained, rows[is_trained]), (untrained, rows[~is_trained])):
        if len(group):
            yield profile, group


def _by_road(
    demand: Demand, fleet: Fleet, rows: RowNumbers, profile: str, target: Snap, limit: int
) -> _Routed:
    """The first arrivals, reaching further out until `limit` of them are before a shift's end."""
    mobilisation_ms = fleet.rows["mobilisation_ms"][rows]
    at_scene_ms = call_access_ms(fleet, target) + demand.policy.arrival.stopping_ms
    access_ms = fleet.snaps[profile]["access_ms"][rows] + at_scene_ms
    starts = fleet.starts(profile, rows, mobilisation_ms + access_ms)
    roads, wanted = fleet.router.roads(profile, demand.hour), limit
    while True:
        arrivals = roads.nearest(target, starts, wanted)
        in_time = sum(_in_time(demand, fleet, one.vehicle, one.total_ms) for one in arrivals)
        if in_time >= limit or len(arrivals) < wanted:
            break
        wanted *= 2
    approaches = [_routed(fleet, profile, arrival) for arrival in arrivals]
    if len(arrivals) >= min(wanted, len(rows)):
        return _Routed(roads, target, starts, approaches, rows[:0], {})
    reached = np.array([arrival.vehicle for arrival in arrivals], np.intp)
    unreached = np.setdiff1d(rows, reached, assume_unique=True)
    cut_off = roads.disturbances(target, starts.only(unreached.tolist()), ())
    unreached = unreached[~np.isin(unreached, list(cut_off))]
    return _Routed(roads, target, starts, approaches, unreached, cut_off)


def _routed(fleet: Fleet, profile: str, arrival: Arrival) -> Approach:
    mobilisation_ms = int(fleet.rows["mobilisation_ms"][arrival.vehicle])
    return Approach(
        row=arrival.vehicle,
        profile=profile,
        ranked_by_ms=arrival.total_ms,
        total_ms=arrival.total_ms,
        mobilisation_ms=mobilisation_ms,
        drive_ms=arrival.drive_ms,
        access_ms=arrival.total_ms - arrival.drive_ms - mobilisation_ms,
        arrival=arrival,
        distance_m=metres_driven(fleet.router.network, arrival),
    )


def call_access_ms(fleet: Fleet, target: Snap) -> int:
    """From the road to the patient."""
    return round(target.distance_m / fleet.access.call_speed_mps * 1000)


def _in_a_straight_line(
    demand: Demand, fleet: Fleet, rows: RowNumbers, profile: str, limit: int
) -> tuple[list[Approach], RowNumbers]:
    """Estimates up to the `limit`-th that arrives in time, and the rows too far for one."""
    if len(rows) == 0:
        return [], rows
    lines = straight_lines(demand, fleet, rows, profile)
    within = lines.straight_m <= demand.policy.estimate.reach_m
    ranked_by_ms = lines.ranked_by_ms
    order = np.lexsort((rows, ranked_by_ms))
    order = order[within[order]]
    in_time = _in_time(demand, fleet, rows[order], lines.total_ms[order])
    enough = int(np.searchsorted(np.cumsum(in_time), limit)) + 1
    estimates = [
        Approach(
            row=int(rows[i]),
            profile=profile,
            ranked_by_ms=int(ranked_by_ms[i]),
            total_ms=int(lines.total_ms[i]),
            mobilisation_ms=int(fleet.rows["mobilisation_ms"][rows[i]]),
            drive_ms=int(lines.drive_ms[i]),
            access_ms=demand.policy.arrival.stopping_ms,
            arrival=None,
            distance_m=float(lines.road_m[i]),
            keeps_to_roads=bool(lines.keeps_to_roads[i]),
        )
        for i in order[:enough]
    ]
    return estimates, rows[~within]


def _in_time(demand: Demand, fleet: Fleet, row: Any, total_ms: Any) -> Any:
    """Whether a vehicle, or each of several, arrives with enough of its shift left."""
    needed_until_s = demand.now_s + total_ms / 1000 + demand.category.shift_margin_s
    return fleet.rows["shift_ends_at_s"][row] >= needed_until_s


def _first(
    demand: Demand, fleet: Fleet, found: list[Approach], limit: int
) -> tuple[list[Approach], list[Approach]]:
    """The best that arrive before their shift ends, and those too late that stood among them."""
    best: list[Approach] = []
    too_late: list[Approach] = []
    for approach in sorted(found, key=lambda one: one.place_in_order):
        if len(best) == limit:
            break
        in_time = _in_time(demand, fleet, approach.row, approach.total_ms)
        (best if in_time else too_late).append(approach)
    return best, too_late
