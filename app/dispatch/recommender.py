"""From a call and a fleet to a ranked, explained recommendation."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from app.dispatch.approaches import Approach, Approaches, Scene, find_approaches
from app.dispatch.area import CoveredArea
from app.dispatch.eta import ArrivalTimes
from app.dispatch.explain import reasons
from app.dispatch.fleet import Fleet, RowNumbers
from app.dispatch.model import Call
from app.dispatch.notices import notices
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommendation import (
    Eta,
    Exclusion,
    ExclusionReason,
    Option,
    Recommendation,
    RoutePath,
    Shortfall,
    ShortfallReason,
)
from app.dispatch.suitability import RULES, SUITABLE, Demand, exclusion, judge, margin, shift_end
from app.dispatch.wording import REASON_WORDS, distance, duration, join
from routing.closure_places import titles
from routing.engine import Arrival
from routing.roads import Disturbance
from routing.router import Router

Verdicts = NDArray[np.int8]


def _random_id() -> str:
    return str(uuid4())


class Recommender:
    """Answers calls on one network under one policy; safe to call from several threads.

    Parameters
    ----------
    router, policy
        The same as those of every fleet it is asked about.
    new_id
        Names recommendations; random (version 4) UUIDs by default.
    """

    def __init__(
        self, router: Router, policy: DispatchPolicy, *, new_id: Callable[[], str] = _random_id
    ) -> None:
        self.router = router
        self.policy = policy
        self._new_id = new_id
        self._area = CoveredArea.around(router.network.extent, policy.area.margin_m)

    def recommend(
        self,
        call: Call,
        fleet: Fleet,
        *,
        limit: int,
        include_routes: bool,
        explain: bool,
        now: datetime,
    ) -> Recommendation:
        """
        Rank the vehicles that may be sent by when they arrive.

        Parameters
        ----------
        limit
            How many options to give, 1 or more.
        include_routes
            Whether each routed option carries its way.
        explain
            Whether options carry their reasons, and the vehicles left out theirs.
        now
            The moment of decision; nothing else tells the time.

        Raises
        ------
        ValueError
            The fleet was placed on another network or under another policy.
        """
        if fleet.router is not self.router or fleet.policy is not self.policy:
            msg = "the fleet belongs to another router or policy than the recommender"
            raise ValueError(msg)
        demand = Demand.of(call, self.policy, now)
        verdicts = judge(demand, fleet.rows)
        suitable = np.flatnonzero(verdicts == SUITABLE)
        scene = self._scene(demand, fleet, suitable)
        approaches = find_approaches(demand, fleet, suitable, scene, limit)
        left_out = sum(
            len(group)
            for group in (approaches.too_late, approaches.out_of_reach, approaches.cut_off)
        )
        options = self._options(
            demand, fleet, approaches.best, include_routes=include_routes, explain=explain
        )
        return Recommendation(
            recommendation_id=self._new_id(),
            call=call,
            decided_at=now,
            options=tuple(options),
            suitable=len(suitable) - left_out,
            excluded=_exclusions(demand, fleet, verdicts, approaches) if explain else (),
            shortfall=_shortfall(verdicts, approaches, limit),
            warnings=notices(demand, fleet, self._area, scene, approaches.best, options),
            network_name=self.router.network.name,
            network_version=self.router.network.version,
            network_approximate=self.router.network.provenance.approximate,
            policy_version=self.policy.version,
        )

    def _scene(self, demand: Demand, fleet: Fleet, suitable: RowNumbers) -> Scene:
        place = demand.call.location
        profiles = {demand.category.profile}
        if not fleet.rows["blue_light_trained"][suitable].all():
            profiles.add(self.policy.drivers.untrained_profile)
        covered = self._area.covers(place)
        snaps = {
            profile: self.router.snap(
                place.lat, place.lon, profile=profile, radius_m=fleet.access.call_radius_m
            )
            if covered
            else None
            for profile in profiles
        }
        return Scene(snaps, covered)

    def _options(
        self,
        demand: Demand,
        fleet: Fleet,
        best: Sequence[Approach],
        *,
        include_routes: bool,
        explain: bool,
    ) -> list[Option]:
        return [
            Option(
                rank=place + 1,
                vehicle=fleet.vehicles[approach.row],
                eta=eta,
                distance_m=approach.distance_m,
                arrives_at=demand.now + timedelta(milliseconds=approach.total_ms),
                reasons=reasons(demand, fleet, best, place) if explain else (),
                route=self._route(approach.arrival) if include_routes else None,
                closures=approach.closures,
            )
            for place, (approach, eta) in enumerate(
                zip(best, _etas(demand, fleet, best), strict=True)
            )
        ]

    def _route(self, arrival: Arrival | None) -> RoutePath | None:
        return None if arrival is None else RoutePath.of(self.router.path(arrival))


def _etas(demand: Demand, fleet: Fleet, best: Sequence[Approach]) -> list[Eta]:
    parts_s = (
        np.array([(one.mobilisation_ms, one.drive_ms, one.access_ms, one.total_ms) for one in best])
        .reshape(-1, 4)
        .T
        / 1000
    )
    mobilisation_s, drive_s, access_s, total_s = parts_s
    estimated = [one.estimated for one in best]
    spread, arrival = demand.policy.spread, demand.policy.arrival
    times = ArrivalTimes.of_parts(
        mobilisation_s=mobilisation_s,
        mobilisation_p90_s=fleet.rows["mobilisation_p90_ms"][[one.row for one in best]] / 1000,
        drive_s=drive_s,
        drive_sigma=np.where(estimated, spread.straight_line_sigma, spread.road_sigma),
        stopping_s=arrival.stopping_s,
        stopping_sd_s=arrival.stopping_sd_s,
        access_s=access_s - arrival.stopping_s,
    )
    standard_s = demand.category.standard_p90_s
    chance = times.chance_within(standard_s - demand.waited_s)
    standards_s = np.full(len(best), standard_s)
    columns = (mobilisation_s, drive_s, access_s, total_s, times.p90_s(), standards_s, chance)
    rows = zip(*(column.tolist() for column in columns), estimated, strict=True)
    return [Eta(*row) for row in rows]


def _exclusions(
    demand: Demand, fleet: Fleet, verdicts: Verdicts, approaches: Approaches
) -> tuple[Exclusion, ...]:
    broken = np.flatnonzero(verdicts != SUITABLE)
    found = {
        row: exclusion(demand, fleet.vehicles[row], place)
        for row, place in zip(broken.tolist(), verdicts[broken].tolist(), strict=True)
    }
    found |= {one.row: _too_late(demand, fleet, one) for one in approaches.too_late}
    found |= {row: _out_of_reach(demand, fleet, row) for row in approaches.out_of_reach.tolist()}
    found |= {row: _cut_off(fleet, row, one) for row, one in approaches.cut_off.items()}
    return tuple(found[row] for row in sorted(found))


def _too_late(demand: Demand, fleet: Fleet, approach: Approach) -> Exclusion:
    vehicle = fleet.vehicles[approach.row]
    arrival = f"it would arrive in {duration(approach.total_ms / 1000)}"
    detail = f"{arrival}; {shift_end(demand, vehicle)}, {margin(demand)}"
    return Exclusion(vehicle.vehicle_id, ExclusionReason.SHIFT_ENDING, detail)


def _out_of_reach(demand: Demand, fleet: Fleet, row: int) -> Exclusion:
    reach = distance(demand.policy.estimate.reach_m)
    detail = f"no way by road, and further than {reach} away in a straight line"
    return Exclusion(fleet.vehicles[row].vehicle_id, ExclusionReason.UNREACHABLE, detail)


def _cut_off(fleet: Fleet, row: int, disturbance: Disturbance) -> Exclusion:
    detail = f"no way by road: {titles(disturbance.closures)}"
    return Exclusion(fleet.vehicles[row].vehicle_id, ExclusionReason.CUT_OFF_BY_CLOSURE, detail)


def _shortfall(verdicts: Verdicts, approaches: Approaches, limit: int) -> Shortfall | None:
    found = len(approaches.best)
    if found >= limit:
        return None
    if len(verdicts) == 0:
        return Shortfall(
            ShortfallReason.EMPTY_FLEET, limit, found, "there are no vehicles in the fleet"
        )
    reason = ShortfallReason.FEWER_THAN_LIMIT if found else ShortfallReason.NONE_SUITABLE
    detail = f"{found} of {len(verdicts)} vehicles may be sent"
    left_out = _left_out(verdicts, approaches)
    if left_out:
        detail += f"; left out: {join(left_out)}"
    return Shortfall(reason, limit, found, detail)


def _left_out(verdicts: Verdicts, approaches: Approaches) -> list[str]:
    """How many vehicles each reason left out: "12 with a stale position"."""
    broken = np.bincount(verdicts[verdicts != SUITABLE], minlength=len(RULES)).tolist()
    counts = Counter({rule.reason: number for rule, number in zip(RULES, broken, strict=True)})
    counts[ExclusionReason.SHIFT_ENDING] += len(approaches.too_late)
    counts[ExclusionReason.UNREACHABLE] += len(approaches.out_of_reach)
    counts[ExclusionReason.CUT_OFF_BY_CLOSURE] += len(approaches.cut_off)
    return [f"{counts[one]} {REASON_WORDS[one]}" for one in ExclusionReason if counts[one]]
