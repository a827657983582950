"""How much memory this process has."""

import os
from pathlib import Path


def resident_mb() -> float:
    """Megabytes of this process in memory now (Linux, proc(5): statm)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
