"""What is told, where a network is built, of access that depends on the hour.

The tags are kept as they are; `routing.access` reads them.
"""

from collections.abc import Mapping

from routing.errors import HoursError
from routing.hours_of_week import CONDITIONAL, conditional_hours

UNKNOWN_HOURS = "rules of access with a condition that is not understood"
HOLIDAYS = "rules of access whose hours on holidays are not kept"


def access_doubts(tags: Mapping[str, str]) -> set[str]:
    """Return what is not kept of the conditions among the tags of a street or point.

    One-way streets are not asked: what is one-way at some hours is taken to be so at all.
    """
    doubts = set()
    for key, value in tags.items():
        if key.endswith(CONDITIONAL) and not key.startswith("oneway"):
            try:
                hours = conditional_hours(value, otherwise="")
            except HoursError:
                doubts.add(UNKNOWN_HOURS)
            else:
                if any(one.passes_holidays_over for one in hours.values()):
                    doubts.add(HOLIDAYS)
    return doubts
