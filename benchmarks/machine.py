"""What the measurements were made on, and how much of it others had meanwhile."""

import os
import platform
import time
from pathlib import Path
from typing import Final, NamedTuple, Self


def machine() -> str:
    """The machine in a few words."""
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


class _Moment(NamedTuple):
    """Seconds: on the clock, and of processors since the machine and since we started."""

    clock_s: float
    machine_s: float
    own_s: float

    @classmethod
    def now(cls) -> Self:
        """Now (Linux, proc(5): the first line of /proc/stat)."""
        user, nice, system, _idle, _iowait, *other = map(
            int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
        )
        irq, softirq, steal, *_ = other
        ticks = user + nice + system + irq + softirq + steal
        return cls(time.monotonic(), ticks / os.sysconf("SC_CLK_TCK"), sum(os.times()[:4]))


_START: Final = _Moment.now()


def processors_of_others() -> float:
    """How many processors the rest of the machine kept busy on average since we started."""
    now = _Moment.now()
    others_s = (now.machine_s - _START.machine_s) - (now.own_s - _START.own_s)
    return max(0.0, others_s / (now.clock_s - _START.clock_s))
