"""How much memory this process has."""

import os
import re
import resource
from pathlib import Path


def resident_mb() -> float:
    """Megabytes of this process in memory now (Linux, proc(5): statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def peak_mb() -> float:
    """Megabytes of this process in memory at most (Linux, proc(5): VmHWM).

    Not `getrusage`, in which a process inherits the peak of the one that started it.
    """
    (peak,) = re.findall(
        r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE
    )
    return int(peak) * 1024 / 1e6


def largest_mb() -> float:
    """The peak of this process, or of one that it started and that has ended."""
    of_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
    return max(peak_mb(), of_children)
