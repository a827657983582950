"""The control room of a simulation: it asks the recommender, sends crews, and keeps the queue."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from app.dispatch.fleet import Fleet, status_bits
from app.dispatch.model import Call, Category, Needs, Status
from app.dispatch.recommendation import Option, Recommendation
from app.dispatch.recommender import Recommender
from app.dispatch.suitability import SUITABLE, Demand, judge
from app.replay.crew import Crew
from app.replay.simulation_clock import SimulationClock
from app.replay.tasks import Task, Waiting, urgency

Send = Callable[[Crew, Task, Recommendation, Option], None]

OPTIONS_AT_FIRST = 3
OPTIONS_FACTOR = 4
"""More are asked for only where all of these are on their way to calls as urgent."""

SERVES_NOBODY = np.iinfo(np.int8).max
NOT_TO_BE_TAKEN = -1

_AT_STATION = status_bits([Status.AVAILABLE_AT_STATION])


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

    def report(self, crews: Iterable[Crew]) -> None:
        """Take note of what crews are doing, and where."""
        now, sendable = self._clock.now, self._policy.sendable_statuses
        vehicles = []
        for crew in crews:
            if crew.status in sendable:
                vehicles.append(crew.as_vehicle(now))
            else:  # nobody asks where it is
                vehicles.append(replace(self._fleet.vehicles[crew.row], status=crew.status))
        self._fleet.put_many(vehicles)

    def ask_for(self, task: Task) -> None:
        """Send somebody to a new task, or let it wait."""
        if not self._sends(task):
            self._waiting.add(task)

    def serve_waiting(self) -> None:
        """Send whoever is free to what waits, in the order of the queue."""
        hopeless: set[tuple[Category, Needs]] = set()
        for task in self._waiting:
            if task.kind in hopeless:
                continue
            if not self._anyone_for(task.call):
                hopeless.add(task.kind)
            elif self._sends(task):
                self._waiting.remove(task)

    def keep(self, crew: Crew) -> None:
        """Take a crew away from its task no more: it is with the patient."""
        self._serves[crew.row] = NOT_TO_BE_TAKEN

    def release(self, crew: Crew) -> None:
        """Take note that a crew serves nobody."""
        self._serves[crew.row] = SERVES_NOBODY

    def _anyone_for(self, call: Call) -> bool:
        """Whether any crew that may be taken passes the hard rules, wherever it is."""
        verdicts = judge(Demand.of(call, self._policy, self._clock.now), self._fleet.rows)
        return bool(((verdicts == SUITABLE) & (self._serves > urgency(call.category))).any())

    def _sends(self, task: Task) -> bool:
        """Send the first recommended crew that may be taken; False when there is none."""
        self.report(self._crews[row] for row in self._due_to_report())
        limit = OPTIONS_AT_FIRST
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
            self._clock.next(self.serve_waiting)

    def _due_to_report(self) -> list[int]:
        """Rows of crews that may be sent: on the road, or at a station with an old position."""
        rows, now_s = self._fleet.rows, self._clock.now.timestamp()
        may_be_sent = (rows["status"] & self._sendable) != 0
        on_the_road = rows["status"] != _AT_STATION
        age_s = now_s - rows["fix_at_s"]
        due = may_be_sent & (on_the_road | (age_s > self._at_station_for_s))
        return np.flatnonzero(due).tolist()
