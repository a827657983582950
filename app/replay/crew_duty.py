"""What crews do in a simulation: shifts, breaks, and everything between two calls."""

from datetime import timedelta

from app.dispatch.model import Category, Place, Status
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommendation import Option, Recommendation
from app.dispatch.time_of_week import hour_of_week
from app.replay.control_room import ControlRoom
from app.replay.crew import Crew
from app.replay.roster import Shift
from app.replay.simulation_clock import Happening, SimulationClock
from app.replay.simulation_rules import SimulationRules
from app.replay.tasks import Meeting, Task
from app.replay.turnout import Turnout
from app.replay.ways import Ways


class CrewDuty:
    """Lets crews do what a control room and their rosters tell them.

    What a crew begins to do takes effect at once, and the process that follows only waits for its
    end: so a crew that is interrupted is left in a state that is true at that moment.
    """

    def __init__(
        self,
        control_room: ControlRoom,
        clock: SimulationClock,
        *,
        policy: DispatchPolicy,
        rules: SimulationRules,
        ways: Ways,
        seed: int,
    ) -> None:
        self._control_room = control_room
        self._clock = clock
        self._policy = policy
        self._rules = rules
        self._ways = ways
        self._seed = seed
        self._turnout = Turnout(policy, vary=rules.journeys.vary)
        control_room.send = self.send

    def on_roster(self, crew: Crew) -> Happening:
        """A crew's shifts and breaks, one after the other."""
        for shift in crew.roster.shifts:
            if shift.starts_at is not None:
                yield self._clock.at(shift.starts_at)
            if shift.ends_at is not None and shift.ends_at <= self._clock.now:
                continue
            self._comes_on(crew, shift)
            for pause in shift.breaks:
                if pause.ends_at > self._clock.now:
                    yield self._clock.at(pause.due_at)
                    self._break_is_due(crew, min(pause.lasts, pause.ends_at - self._clock.now))
            if shift.ends_at is not None:
                yield self._clock.at(shift.ends_at)
                self._shift_ends(crew)

    def send(self, crew: Crew, task: Task, answer: Recommendation, option: Option) -> None:
        """Let a crew leave what it does for a task."""
        crew.task = task
        crew.halt(self._clock.now)
        self._begins(crew, Status.MOBILISING, self._attending(crew, task, answer, option))

    def _becomes(self, crew: Crew, status: Status) -> None:
        crew.status = status
        self._control_room.report([crew])

    def _begins(self, crew: Crew, status: Status, happening: Happening) -> None:
        """Let a crew do something else; what it did before ends."""
        self._clock.interrupt(crew.process)
        self._becomes(crew, status)
        crew.process = self._clock.start(happening)

    def _comes_on(self, crew: Crew, shift: Shift) -> None:
        crew.shift = shift
        if crew.task is None:
            crew.take_over()
            crew.stand_at(crew.home)
            self._control_room.release(crew)
            self._becomes(crew, Status.AVAILABLE_AT_STATION)
            self._control_room.serve_waiting()

    def _shift_ends(self, crew: Crew) -> None:
        crew.shift = None
        crew.breaks_due.clear()
        if crew.task is None:
            self._goes_off(crew)

    def _goes_off(self, crew: Crew) -> None:
        self._clock.interrupt(crew.process)
        crew.halt(self._clock.now)
        self._becomes(crew, Status.OUT_OF_SERVICE)

    def _break_is_due(self, crew: Crew, lasts: timedelta) -> None:
        crew.breaks_due.append(lasts)
        if crew.available:
            self._is_free(crew)

    def _resting(self, crew: Crew, lasts: timedelta) -> Happening:
        yield self._clock.after(lasts.total_seconds())
        self._is_free(crew)

    def _is_free(self, crew: Crew) -> None:
        """Go off, rest, take what waits, or go home: the first of these that there is."""
        crew.task = None
        crew.take_over()
        crew.halt(self._clock.now)
        self._control_room.release(crew)
        if crew.shift is None:
            self._goes_off(crew)
        elif crew.breaks_due:
            self._begins(crew, Status.BREAK, self._resting(crew, crew.breaks_due.popleft()))
        else:
            self._becomes(crew, Status.AVAILABLE_MOBILE)
            self._control_room.serve_waiting()
            if crew.task is None:
                self._goes_home(crew)

    def _goes_home(self, crew: Crew) -> None:
        drive = self._ways.between(
            crew.place, crew.home, self._rules.journeys.homeward_profile, self._hour
        )
        crew.depart(drive, drive.drive_s, self._clock.now)
        crew.process = self._clock.start(self._homeward(crew, drive.drive_s))

    def _homeward(self, crew: Crew, drive_s: float) -> Happening:
        yield self._clock.after(drive_s)
        crew.stand_at(crew.home)
        self._becomes(crew, Status.AVAILABLE_AT_STATION)

    def _attending(
        self, crew: Crew, task: Task, answer: Recommendation, option: Option
    ) -> Happening:
        sent_at, parts = self._clock.now, self._turnout.parts(option, task.luck)
        yield self._clock.after(parts.mobilisation_s)
        self._becomes(crew, Status.EN_ROUTE)
        scene, profile = task.call.location, self._profile(crew, task.call.category)
        drive = self._ways.ahead(crew.place, scene, profile, self._hour, option)
        crew.depart(drive, parts.drive_s, self._clock.now)
        yield self._clock.after(parts.drive_s + parts.access_s)
        crew.stand_at(scene)
        self._control_room.keep(crew)
        self._becomes(crew, Status.AT_SCENE)
        if task.meeting is None:
            task.attendance.begin(answer, option, parts, sent_at, self._clock.now)
            yield from self._treating(crew, task)
        else:
            task.meeting.there.succeed()
            yield task.meeting.ready
            yield from self._conveying(crew, task)
        self._is_free(crew)

    def _treating(self, crew: Crew, task: Task) -> Happening:
        conveys = crew.vehicle.vehicle_type in self._policy.conveying_types
        if not task.course.conveyed or conveys:
            yield self._clock.after(task.course.scene_s)
            if task.course.conveyed:
                yield from self._conveying(crew, task)
            else:
                task.attendance.cleared_at = self._clock.now
            return
        meeting = Meeting(there=self._clock.event(), ready=self._clock.event())
        self._control_room.ask_for(task.to_fetch(meeting, self._clock.now, self._seed))
        yield self._clock.after(task.course.scene_s)
        meeting.ready.succeed()
        yield meeting.there

    def _conveying(self, crew: Crew, task: Task) -> Happening:
        course, attendance = task.course, task.attendance
        rule = self._rules.conveyance.profile[task.call.category]
        profile = rule if crew.vehicle.blue_light_trained else self._untrained_profile
        hospital, drive = self._ways.to_hospital(
            crew.place, profile, self._hour, task.record.hospital
        )
        lasts_s = course.conveyance_s
        if lasts_s is None:
            lasts_s = self._turnout.conveyance_s(drive.drive_s, task.luck)
        self._becomes(crew, Status.CONVEYING)
        crew.depart(drive, lasts_s, self._clock.now)
        yield self._clock.after(lasts_s)
        crew.stand_at(Place(hospital.lat, hospital.lon))
        self._becomes(crew, Status.AT_HOSPITAL)
        attendance.conveyed_to = hospital.name
        yield self._clock.after(course.at_hospital_s)
        attendance.cleared_at = self._clock.now

    @property
    def _hour(self) -> int:
        return hour_of_week(self._clock.now)

    def _profile(self, crew: Crew, category: Category) -> str:
        if not crew.vehicle.blue_light_trained:
            return self._untrained_profile
        return self._policy.categories[category].profile

    @property
    def _untrained_profile(self) -> str:
        return self._policy.drivers.untrained_profile
