"""The control room of a simulation: it asks the recommender, sends crews, and keeps the queue."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.dispatch.fleet import Fleet, status_bits
from app.dispatch.model import Call, Category, Needs, Status
from app.dispatch.recommendation import Option, Recommendation
from app.dispatch.recommender import Recommender
from app.dispatch.suitability import SUITABLE, Demand, judge
from app.replay.crew import Crew
from app.replay.simulation_clock import SimulationClock
from app.replay.tasks import Task, Waiting, urgency

Send = Callable[[Crew, Task, Recommendation, Option], None]

MOST_OPTIONS_AT_FIRST = 3
OPTIONS_FACTOR = 4
"""More are asked for only where all of these are on their way to calls as urgent."""

REPORT_EVERY_S = 15.0
"""How often crews on the road say where they are (assumption; the policy takes them to do so at
least every minute). At a station twice in the time after which the policy calls a fix old."""

SERVES_NOBODY = np.iinfo(np.int8).max
NOT_TO_BE_TAKEN = -1

_Candidate = tuple[int, int]
"""A crew's row, and how often it has become free."""

_AT_STATION = status_bits(frozenset({Status.AVAILABLE_AT_STATION}))


class ControlRoom:
    """Knows all crews as they report themselves.

    Attributes
    ----------
    send
        What to do when a crew is chosen for a task.
    """

    def __init__(
        self,
        recommender: Recommender,
        crews: Sequence[Crew],
        clock: SimulationClock,
    ) -> None:
        self.send: Send
        self._recommender = recommender
        self._policy = recommender.policy
        self._clock = clock
        self._crews = crews
        self._crew_of = {crew.vehicle_id: crew for crew in crews}
        self._fleet = Fleet(recommender.router, recommender.policy)
        self._serves = np.full(len(crews), SERVES_NOBODY, np.int8)
        self._fleet.put_many(crew.as_vehicle(clock.now) for crew in crews)
        self._sendable = status_bits(recommender.policy.sendable_statuses)
        self._at_station_for_s = recommender.policy.positions.at_station.ageing_after_s / 2
        self._waiting = Waiting()
        self._times_free = np.zeros(len(crews), np.int64)
        self._in_vain: dict[Task, set[_Candidate]] = {}

    def report(self, crews: Iterable[Crew]) -> None:
        """Take note of what crews are doing, and where."""
        now, vehicles = self._clock.now, []
        for crew in crews:
            known = self._fleet.vehicles[crew.row]
            if self._may_be_sent(crew.status):
                vehicles.append(crew.as_vehicle(now))
            elif self._may_be_sent(known.status):  # from now on nobody asks where it is
                vehicles.append(replace(known, status=crew.status))
        if vehicles:
            self._fleet.put_many(vehicles)

    def _may_be_sent(self, status: Status) -> bool:
        return status in self._policy.sendable_statuses

    def ask_for(self, task: Task) -> None:
        """Send somebody to a new task, or let it wait."""
        if not self._sends(task):
            self._waiting.add(task)
            self._in_vain[task] = self._candidates(task.call)

    def serve_waiting(self) -> None:
        """Send whoever is free to what waits, in the order of the queue.

        Who could not be there before the end of its shift is not asked about again until it has
        been busy in between: on the way home it comes no nearer than time passes.
        """
        candidates: dict[tuple[Category, Needs], set[_Candidate]] = {}
        for task in self._waiting:
            if task.kind not in candidates:
                candidates[task.kind] = self._candidates(task.call)
            if candidates[task.kind] <= self._in_vain[task]:
                continue
            if self._sends(task):
                self._waiting.remove(task)
                del self._in_vain[task]
                candidates.clear()
            else:
                self._in_vain[task] |= candidates[task.kind]

    def keep(self, crew: Crew) -> None:
        """Take a crew away from its task no more: it is with the patient."""
        self._serves[crew.row] = NOT_TO_BE_TAKEN

    def release(self, crew: Crew) -> None:
        """Take note that a crew serves nobody, from now on."""
        self._serves[crew.row] = SERVES_NOBODY
        self._times_free[crew.row] += 1

    def _candidates(self, call: Call) -> set[_Candidate]:
        """Crews that may be taken and pass the hard rules, wherever they are."""
        free = np.flatnonzero(self._may_be_sent_now() & (self._serves > urgency(call.category)))
        if len(free) == 0:
            return set()
        demand = Demand.of(call, self._policy, self._clock.now)
        found = free[judge(demand, self._fleet.rows[free]) == SUITABLE]
        return set(zip(found.tolist(), self._times_free[found].tolist(), strict=True))

    def _sends(self, task: Task) -> bool:
        """Send the first recommended crew that may be taken; False when there is none."""
        self.report(self._crews[row] for row in self._due_to_report())
        limit = min(1 + self._on_their_way(task), MOST_OPTIONS_AT_FIRST)
        while True:
            answer = self._recommender.recommend(
                task.call,
                self._fleet,
                limit=limit,
                include_routes=False,
                explain=False,
                now=self._clock.now,
            )
            if task.attendance.answer is None:
                task.attendance.answer = answer
            for option in answer.options:
                crew = self._crew_of[option.vehicle.vehicle_id]
                if self._serves[crew.row] > urgency(task.call.category):
                    self._assign(crew, task, answer, option)
                    return True
            if len(answer.options) < limit:
                return False
            limit *= OPTIONS_FACTOR

    def _assign(self, crew: Crew, task: Task, answer: Recommendation, option: Option) -> None:
        displaced = crew.task
        self._serves[crew.row] = urgency(task.call.category)
        self.send(crew, task, answer, option)
        if displaced is not None:
            self._waiting.add(displaced)
            self._in_vain[displaced] = set()
            self._clock.next(self.serve_waiting)

    def _on_their_way(self, task: Task) -> int:
        """How many crews may be recommended that must not be taken from what they serve."""
        taken = self._may_be_sent_now() & (self._serves <= urgency(task.call.category))
        return int(np.count_nonzero(taken))

    def _may_be_sent_now(self) -> NDArray[np.bool_]:
        """Whether each crew's status is one to be sent from, by row."""
        may: NDArray[np.bool_] = (self._fleet.rows["status"] & self._sendable) != 0
        return may

    def _due_to_report(self) -> list[int]:
        """Rows of crews that may be sent and have not reported for as long as they may."""
        rows, now_s = self._fleet.rows, self._clock.now.timestamp()
        on_the_road = rows["status"] != _AT_STATION
        every_s = np.where(on_the_road, REPORT_EVERY_S, self._at_station_for_s)
        due = self._may_be_sent_now() & (now_s - rows["fix_at_s"] >= every_s)
        return np.flatnonzero(due).tolist()
