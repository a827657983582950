"""A day, or many, of calls and crews, as if every recommendation were followed.

Every call is answered by the recommender of live calls, and the first vehicle on its list goes: it
mobilises, drives, stays with the patient, conveys, hands over, clears, and returns. Whoever cannot
be answered waits, the most urgent category first, then the oldest call, until somebody suitable is
free. A vehicle on its way is taken away only where the policy lets its status be sent, and only for
a more urgent call. Nothing but the inputs and the seed decides what happens.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommender import Recommender
from app.replay.calls import RecordedCall
from app.replay.control_room import ControlRoom
from app.replay.crew import Crew
from app.replay.crew_duty import CrewDuty
from app.replay.decision_table import Decision
from app.replay.errors import ReplayError
from app.replay.outcome import decision_of
from app.replay.roster import RosteredVehicle
from app.replay.simulation_clock import Happening, SimulationClock
from app.replay.simulation_rules import SimulationRules
from app.replay.tasks import Task
from app.replay.ways import Ways
from routing.progress import Progress


@dataclass(frozen=True)
class Simulation:
    """What is simulated.

    Attributes
    ----------
    recommender, rules, ways
        How calls are answered, what crews do, and where they drive.
    roster
        Who is on duty when.
    scenario, seed
        Names in the result; the seed also decides the luck of each call.
    """

    recommender: Recommender
    rules: SimulationRules
    ways: Ways
    roster: Sequence[RosteredVehicle]
    scenario: str = "recorded"
    seed: int = 0

    def run(self, calls: Iterable[RecordedCall], progress: Progress) -> list[Decision]:
        """
        Simulate until nothing is left to happen.

        Parameters
        ----------
        progress
            Told how many calls have been received.

        Returns
        -------
        list[Decision]
            One for each call, in order of receipt, then of `call_id`.

        Raises
        ------
        ReplayError
            A `call_id` or `vehicle_id` comes twice, or the rules name a driving profile that the
            policy does not.
        """
        records = sorted(calls, key=lambda one: (one.call.received_at, one.call.call_id))
        policy = self.recommender.policy
        _require_unique("call_id", [record.call.call_id for record in records])
        _require_unique("vehicle_id", [one.vehicle_id for one in self.roster])
        _require_profiles(self.rules, policy)
        if not records:
            return []
        conveyable = any(
            shift.vehicle.vehicle_type in policy.conveying_types
            for one in self.roster
            for shift in one.shifts
        )
        tasks = [
            Task.of(record, self.rules, self.seed, conveyable=conveyable) for record in records
        ]
        self._let_happen(tasks, progress)
        return [
            decision_of(
                task,
                scenario=self.scenario,
                seed=self.seed,
                standard_p90_s=policy.categories[task.call.category].standard_p90_s,
            )
            for task in tasks
        ]

    def _let_happen(self, tasks: Sequence[Task], progress: Progress) -> None:
        clock = SimulationClock(tasks[0].call.received_at)
        roster = sorted(self.roster, key=lambda one: one.vehicle_id)
        crews = [Crew.before(one, row) for row, one in enumerate(roster)]
        control_room = ControlRoom(self.recommender, crews, clock)
        duty = CrewDuty(
            control_room,
            clock,
            policy=self.recommender.policy,
            rules=self.rules,
            ways=self.ways,
            seed=self.seed,
        )
        for crew in crews:
            clock.start(duty.on_roster(crew))
        clock.start(_receiving(tasks, control_room, clock, progress))
        clock.run()


def _receiving(
    tasks: Sequence[Task], control_room: ControlRoom, clock: SimulationClock, progress: Progress
) -> Happening:
    for received, task in enumerate(tasks, start=1):
        yield clock.at(task.call.received_at)
        control_room.ask_for(task)
        progress("simulating", received, len(tasks))


def _require_unique(column: str, found: Sequence[str]) -> None:
    twice = [value for value, times in Counter(found).items() if times > 1]
    if twice:
        msg = f"{column} {twice[0]!r} comes twice; in a simulation each may come once"
        raise ReplayError(msg)


def _require_profiles(rules: SimulationRules, policy: DispatchPolicy) -> None:
    known = policy.estimate.profiles
    unknown = sorted(rules.profiles.difference(known))
    if unknown:
        msg = (
            f"simulation rules: no driving profile {', '.join(unknown)} in the policy; "
            f"known: {', '.join(known)}"
        )
        raise ReplayError(msg)
