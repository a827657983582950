"""A dispatch fleet that follows a timeline: at any moment the vehicles as they were then."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from math import inf

import numpy as np
from numpy.typing import NDArray

from app.dispatch.fleet import Fleet
from app.dispatch.policy import DispatchPolicy
from app.replay.fleet_file import FleetTimeline, Spell
from routing.router import Router


class FleetCursor:
    """Moves a fleet along a timeline; what it shows depends on the moment alone.

    Moving on costs what changed since; moving back, or far, costs a look at every vehicle.

    Attributes
    ----------
    fleet
        The vehicles on duty at the moment last moved to.
    """

    def __init__(self, timeline: FleetTimeline, router: Router, policy: DispatchPolicy) -> None:
        self.fleet = Fleet(router, policy)
        self._timeline = timeline
        self._changes = timeline.changes()
        self._changes_at_s = [at_s for at_s, _, _ in self._changes]
        self._now_s = -inf
        self._on_duty: dict[str, Spell] = {}
        self._silent: set[str] = set()

    def move_to(self, moment: datetime) -> None:
        """Show the fleet as it was at a moment."""
        moment_s = moment.timestamp()
        first = bisect_right(self._changes_at_s, self._now_s)
        last = bisect_right(self._changes_at_s, moment_s)
        if self._now_s == -inf or last < first or last - first > len(self._timeline):
            self._apply({one: self._timeline.spell_at(one, moment_s) for one in self._timeline})
        elif first < last:
            self._apply({one: spell for _, one, spell in self._changes[first:last]})
        self._now_s = moment_s
        self.fleet.report_again(self._reporting(), moment)

    def _reporting(self) -> NDArray[np.bool_]:
        """Which vehicles are where they are said to be at every moment; bool by row."""
        reporting: NDArray[np.bool_] = ~np.isnan(self.fleet.rows["fix_at_s"])
        if self._silent:
            reporting &= [one.vehicle_id not in self._silent for one in self.fleet.vehicles]
        return reporting

    def _apply(self, latest: Mapping[str, Spell | None]) -> None:
        changed = []
        for vehicle_id, spell in latest.items():
            before = self._on_duty.get(vehicle_id)
            if spell is before:
                continue
            if spell is not None:
                self._on_duty[vehicle_id] = spell
                changed.append(spell.vehicle)
            elif before is not None:
                del self._on_duty[vehicle_id]
                self.fleet.remove(vehicle_id)
        self.fleet.put_many(changed)
        self._silent.difference_update(latest)
        self._silent.update(
            vehicle_id
            for vehicle_id, spell in latest.items()
            if spell is not None and not spell.reports_steadily
        )
