"""Each call judged against the fleet as it was when the call was received.

Calls do not affect each other: the fleet is what the files say it was, whoever would have been sent
to the calls before. The answer is that of the very `Recommender` that answers live calls.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from app.dispatch.fleet import Fleet
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommendation import Eta, Option, Recommendation
from app.dispatch.recommender import Recommender
from app.replay.calls import RecordedCall
from app.replay.decision_table import Decision, Outcome
from app.replay.fleet_cursor import FleetCursor
from app.replay.fleet_file import FleetTimeline, Spell
from app.replay.stations import Stations
from routing.router import Router

RECORDED = "recorded"
"""The scenario of a replay with the fleet that the files tell of."""

UNKNOWN_OBSERVED_VEHICLE = "unknown_observed_vehicle"
"""Warning of a call whose attending vehicle is in no file: what it took is not held against us."""


class IndependentJudge:
    """Answers past calls one by one.

    Parameters
    ----------
    router, policy
        Roads and rules.
    fleet
        The vehicles that might be sent.
    attended
        The vehicles that the record says did attend, where it is not of `fleet`.
    stations
        What the record calls vehicles that are called as their stations are.
    """

    def __init__(
        self,
        router: Router,
        policy: DispatchPolicy,
        fleet: FleetTimeline,
        *,
        attended: FleetTimeline | None = None,
        stations: Stations | None = None,
    ) -> None:
        self._policy = policy
        self._recommender = Recommender(router, policy, new_id=lambda: "")
        self._cursor = FleetCursor(fleet, router, policy)
        self._attended = fleet if attended is None else attended
        self._stations = stations
        self._alone = _Alone(router, policy)

    def judge(self, calls: Sequence[RecordedCall]) -> list[Decision]:
        """What would have been decided for each call, in their order."""
        decisions: dict[int, Decision] = {}
        in_time = sorted(range(len(calls)), key=lambda place: calls[place].call.received_at)
        for place in in_time:
            decisions[place] = self._judge(calls[place])
        return [decisions[place] for place in range(len(calls))]

    def _judge(self, recorded: RecordedCall) -> Decision:
        moment = recorded.call.received_at
        self._cursor.move_to(moment)
        answer = self._recommend(recorded, self._cursor.fleet, moment)
        observed_id, observed, unknown = self._observed(recorded, moment)
        codes = [*(notice.code.value for notice in answer.warnings), *recorded.warnings, *unknown]
        call = recorded.call
        nobody = Decision(
            scenario=RECORDED,
            seed=0,
            call_id=call.call_id,
            received_at=moment,
            category=call.category.value,
            lat=call.location.lat,
            lon=call.location.lon,
            outcome=Outcome.NO_SUITABLE,
            suitable=answer.suitable,
            shortfall=answer.shortfall.reason.value if answer.shortfall else "",
            warnings=";".join(dict.fromkeys(codes)),
            observed_s=recorded.observed_s,
            observed_vehicle_id=observed_id,
            observed_eta_s=observed.total_s if observed else None,
            observed_eta_p90_s=observed.p90_s if observed else None,
            extras=recorded.extras,
        )
        return _attended(nobody, answer.options[0]) if answer.options else nobody

    def _recommend(self, recorded: RecordedCall, fleet: Fleet, now: datetime) -> Recommendation:
        return self._recommender.recommend(
            recorded.call, fleet, limit=1, include_routes=False, explain=False, now=now
        )

    def _observed(
        self, recorded: RecordedCall, moment: datetime
    ) -> tuple[str, Eta | None, Sequence[str]]:
        """Who attended, what would have been predicted for it, and warnings."""
        name = recorded.observed_vehicle_id
        if not name:
            return "", None, ()
        if self._stations is not None:
            name = self._stations.named(name) or name
        if name not in self._attended:
            return name, None, (UNKNOWN_OBSERVED_VEHICLE,)
        spell = self._attended.spell_at(name, moment.timestamp())
        if spell is None:
            return name, None, ()
        fleet = self._alone.fleet_of(spell, moment)
        options = self._recommend(recorded, fleet, moment).options
        by_road = [one.eta for one in options if not one.eta.estimated]
        return name, by_road[0] if by_road else None, ()


def _attended(nobody: Decision, option: Option) -> Decision:
    """The decision when a vehicle can go at once."""
    vehicle, eta = option.vehicle, option.eta
    return replace(
        nobody,
        outcome=Outcome.ATTENDED,
        vehicle_id=vehicle.vehicle_id,
        driver_agency=vehicle.driver_agency.value,
        vehicle_type=vehicle.vehicle_type.value,
        assigned_at=nobody.received_at,
        arrived_at=option.arrives_at,
        waited_s=0.0,
        mobilisation_s=eta.mobilisation_s,
        drive_s=eta.drive_s,
        access_s=eta.access_s,
        response_s=eta.total_s,
        eta_p90_s=eta.p90_s,
        distance_m=option.distance_m,
        estimated=eta.estimated,
        late=eta.total_s > eta.standard_s,
    )


class _Alone:
    """Fleets of one vehicle."""

    def __init__(self, router: Router, policy: DispatchPolicy) -> None:
        self._fleet = Fleet(router, policy)
        self._spell: Spell | None = None

    def fleet_of(self, spell: Spell, moment: datetime) -> Fleet:
        """A fleet of the vehicle of a spell as it was at a moment of it."""
        fleet = self._fleet
        if self._spell is not spell:
            if self._spell is not None:
                fleet.remove(self._spell.vehicle.vehicle_id)
            fleet.put(spell.vehicle)
            self._spell = spell
        if spell.reports_steadily and spell.vehicle.fix is not None:
            fleet.report_again(np.ones(1, np.bool_), moment)
        return fleet
