"""Hours of turn restrictions in the tags that were used before conditional ones.

`day_on` and `day_off` are the first and the last day, `hour_on` and `hour_off` the times of day
between which a relation restricts; several times are parted by semicolons. Weekdays are named as
Valhalla reads them (its conf/relations.lua).
"""

import re
from collections.abc import Mapping

from routing.errors import HoursError
from routing.hours_of_week import CONDITIONAL

OLD_CONDITIONS = ("day_on", "day_off", "hour_on", "hour_off")

_DAYS = {
    name: day
    for day, names in {
        "Mo": "mo mon monday",
        "Tu": "tu tue tues tuesday",
        "We": "we wed weds wednesday",
        "Th": "th thu thur thurs thursday",
        "Fr": "fr fri friday",
        "Sa": "sa sat saturday",
        "Su": "su sun sunday",
    }.items()
    for name in names.split()
}
_TIME = re.compile(r"(?P<hour>\d{1,2})(?::(?P<minute>\d{2}))?")


def with_conditions_of_today(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Tags of a restriction, with what the old tags say of each value put into its condition.

    A value that has a condition of today already keeps it.

    Raises
    ------
    HoursError
        The old tags are not understood.
    """
    if not any(key in tags for key in OLD_CONDITIONS):
        return tags
    hours = _opening_hours(tags)
    written: dict[str, str] = {}
    for key, value in tags.items():
        plain = key == "restriction" or key.startswith("restriction:")
        if plain and not key.endswith(CONDITIONAL) and key + CONDITIONAL not in tags:
            written[key + CONDITIONAL] = f"{value} @ ({hours})"
        elif key not in OLD_CONDITIONS:
            written[key] = value
    return written


def _opening_hours(tags: Mapping[str, str]) -> str:
    first, last = (_day(tags, key) for key in ("day_on", "day_off"))
    starts, ends = (_times(tags, key) for key in ("hour_on", "hour_off"))
    if (first is None) != (last is None) or len(starts) != len(ends):
        given = " ".join(f"{key}={tags[key]}" for key in OLD_CONDITIONS if key in tags)
        msg = f"{given!r} says when something begins without saying when it ends, or the other way"
        raise HoursError(msg)
    days = "" if first is None else first if first == last else f"{first}-{last}"
    spans = ",".join(f"{start}-{end}" for start, end in zip(starts, ends, strict=True))
    return " ".join(part for part in (days, spans) if part)


def _day(tags: Mapping[str, str], key: str) -> str | None:
    if key not in tags:
        return None
    try:
        return _DAYS[tags[key].strip().lower()]
    except KeyError:
        msg = f"{key} is {tags[key]!r}; it should be one day of the week"
        raise HoursError(msg) from None


def _times(tags: Mapping[str, str], key: str) -> list[str]:
    """Times of day as opening hours have them."""
    if key not in tags:
        return []
    times = []
    for one in tags[key].split(";"):
        found = _TIME.fullmatch(one.strip())
        if not found:
            msg = f"{key} is {tags[key]!r}; it should be a time of day (7, 07:00), or several"
            raise HoursError(msg)
        times.append(f"{int(found['hour']):02}:{found['minute'] or '00'}")
    return times
