"""London's clock, for what is told by the hour of the day."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.dispatch.time_of_week import LONDON

LongArray = NDArray[np.int64]

HOUR_S: Final = 3600
HOURS_PER_DAY: Final = 24


def london_hour(seconds: LongArray) -> LongArray:
    """Hour of London's day, 0 to 23, at times in seconds since 1970."""
    return (seconds + london_offset_s(seconds)) // HOUR_S % HOURS_PER_DAY


def london_offset_s(seconds: LongArray) -> LongArray:
    """London's offset from UTC, in seconds, at times in seconds since 1970."""
    # It changes on the hour.
    hours, where = np.unique(seconds // HOUR_S, return_inverse=True)
    offsets = np.array([_offset_s(int(hour) * HOUR_S) for hour in hours], dtype=np.int64)
    return offsets[where]


@lru_cache(maxsize=100_000)
def _offset_s(second: int) -> int:
    offset = datetime.fromtimestamp(second, UTC).astimezone(LONDON).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())
