"""Which hour of London's week a moment lies in."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")

_HOURS_PER_DAY: Final = 24


def hour_of_week(moment: datetime) -> int:
    """0 to 167, from Monday 00:00 by London's clock."""
    local = moment.astimezone(LONDON)
    return local.weekday() * _HOURS_PER_DAY + local.hour
