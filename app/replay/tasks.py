"""What waits to be done in a simulation: calls to answer, patients to fetch from a scene."""

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import simpy

from app.dispatch.model import Call, Category, Needs
from app.dispatch.recommendation import Option, Recommendation
from app.replay.calls import RecordedCall
from app.replay.luck import Luck, drawn_s
from app.replay.simulation_rules import SimulationRules
from app.replay.turnout import Parts

_URGENCY = {category: place for place, category in enumerate(Category)}


def urgency(category: Category) -> int:
    """0 for the most urgent category, then 1, 2, ..."""
    return _URGENCY[category]


@dataclass(frozen=True, slots=True)
class Course:
    """What happens once somebody is with the patient, whoever it is.

    Attributes
    ----------
    scene_s
        With the patient until leaving or, where nobody is conveyed, being free.
    conveyance_s
        The drive to hospital, None where it is to be found on the roads.
    at_hospital_s
        From arriving there to being free.
    """

    conveyed: bool
    scene_s: float
    conveyance_s: float | None
    at_hospital_s: float

    @classmethod
    def of(
        cls, record: RecordedCall, rules: SimulationRules, luck: Luck, *, conveyable: bool
    ) -> "Course":
        """From the file where it says, else drawn; nobody is conveyed where nobody can convey."""
        share = rules.conveyance.share[record.call.category] if conveyable else 0.0
        conveyed = luck.conveyed < share if record.conveyed is None else record.conveyed
        scene_s, at_hospital_s = record.on_scene_s, record.handover_s
        if scene_s is None:
            scene = rules.scene.conveyed if conveyed else rules.scene.not_conveyed
            scene_s = drawn_s(scene, luck.scene)
        if at_hospital_s is None:
            handover_s = drawn_s(rules.hospital.handover, luck.handover)
            at_hospital_s = handover_s + drawn_s(rules.hospital.clearing, luck.clearing)
        return cls(conveyed, scene_s, record.conveyance_s, at_hospital_s)


@dataclass(slots=True, eq=False)
class Attendance:
    """How the first vehicle came to the patient, as far as is known.

    Attributes
    ----------
    answer
        What was recommended when the vehicle that came was sent; at first, while nobody has come.
    option, parts
        Who came, and how long its way took.
    """

    answer: Recommendation | None = None
    option: Option | None = None
    parts: Parts | None = None
    assigned_at: datetime | None = None
    arrived_at: datetime | None = None
    conveyed_to: str = ""
    cleared_at: datetime | None = None

    def begin(
        self,
        answer: Recommendation,
        option: Option,
        parts: Parts,
        assigned_at: datetime,
        arrived_at: datetime,
    ) -> None:
        """Take down who is with the patient."""
        self.answer, self.option, self.parts = answer, option, parts
        self.assigned_at, self.arrived_at = assigned_at, arrived_at


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two crews with one patient: the second takes over when it is there and may move them."""

    there: simpy.Event
    ready: simpy.Event


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A call to answer, or a patient to fetch from a crew that cannot convey.

    Attributes
    ----------
    call
        What is asked of the recommender.
    luck
        Of the way to it.
    record, course, attendance
        The patient's: shared by both tasks that one call may give.
    meeting
        Of a task that fetches: with the crew that is there.
    """

    call: Call
    luck: Luck
    record: RecordedCall
    course: Course
    attendance: Attendance
    meeting: Meeting | None = None

    @classmethod
    def of(
        cls, record: RecordedCall, rules: SimulationRules, seed: int, *, conveyable: bool
    ) -> "Task":
        """The task to answer a call, with a fleet that can, or cannot, convey a patient."""
        luck = Luck.of(seed, record.call.call_id)
        course = Course.of(record, rules, luck, conveyable=conveyable)
        return cls(record.call, luck, record, course, Attendance())

    def to_fetch(self, meeting: Meeting, now: datetime, seed: int) -> "Task":
        """The task to take this patient to hospital; any crew will do that can convey."""
        call = replace(
            self.call,
            call_id=f"{self.call.call_id}/conveyance",
            received_at=now,
            needs=Needs(conveyance=True),
        )
        return replace(self, call=call, luck=Luck.of(seed, call.call_id), meeting=meeting)

    @property
    def kind(self) -> tuple[Category, Needs]:
        """Tasks of one kind suit the same vehicles, place and end of shift apart."""
        return self.call.category, self.call.needs

    @property
    def place_in_queue(self) -> tuple[int, datetime, str]:
        """The most urgent category first, then the oldest call."""
        return urgency(self.call.category), self.record.call.received_at, self.call.call_id


class Waiting:
    """Tasks that nobody could be sent to yet, in the order in which they are served."""

    def __init__(self) -> None:
        self._tasks: list[Task] = []

    def __iter__(self) -> Iterator[Task]:
        """Those waiting now: tasks may be added and removed meanwhile."""
        return iter(tuple(self._tasks))

    def add(self, task: Task) -> None:
        """Let a task wait."""
        insort(self._tasks, task, key=lambda one: one.place_in_queue)

    def remove(self, task: Task) -> None:
        """Let a task wait no longer."""
        self._tasks.remove(task)
