"""The time of a simulation: SimPy's clock in whole milliseconds, told as aware datetimes."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta

import simpy

Happening = Generator[simpy.Event, object, None]
"""What takes time: yields the events that it waits for."""

_MILLISECOND = timedelta(milliseconds=1)


class SimulationClock:
    """Starts at a moment and runs from event to event."""

    def __init__(self, begins_at: datetime) -> None:
        self._begins_at = begins_at
        self._env = simpy.Environment()

    @property
    def now(self) -> datetime:
        """The moment it is."""
        return self._begins_at + int(self._env.now) * _MILLISECOND

    def after(self, seconds: float) -> simpy.Event:
        """So many seconds from now, rounded to a millisecond."""
        return self._env.timeout(round(seconds * 1000))

    def at(self, moment: datetime) -> simpy.Event:
        """A moment, not before the millisecond it lies in is over; now, if it has passed."""
        return self._env.timeout(max(0, -((self.now - moment) // _MILLISECOND)))

    def event(self) -> simpy.Event:
        """Something that happens when it is told to."""
        return self._env.event()

    def next(self, action: Callable[[], None]) -> None:
        """Do something at this moment, when what is being done is done."""
        self._env.timeout(0).callbacks.append(lambda _: action())

    def start(self, happening: Happening) -> simpy.Process:
        """Let something happen beside everything else; an interruption ends it."""
        return self._env.process(_until_interrupted(happening))

    def interrupt(self, process: simpy.Process | None) -> None:
        """End something that is happening, unless it is what is being done."""
        if process is not None and process.is_alive and process is not self._env.active_process:
            process.interrupt()

    def run(self) -> None:
        """Until nothing is left to happen."""
        self._env.run()


def _until_interrupted(happening: Happening) -> Happening:
    try:
        yield from happening
    except simpy.Interrupt:
        return
