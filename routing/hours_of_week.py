"""Which hours of the week a rule of the road holds in, as OpenStreetMap writes it.

The part of OpenStreetMap's opening hours and conditional tags that road signs use is understood
(wiki.openstreetmap.org/wiki/Key:opening_hours/specification and .../wiki/Conditional_restrictions):
weekdays, times of day, several of each, times over midnight, `24/7`, `off`. Seasons, sunrise,
weights and the like are refused by name. Public and school holidays are no days of the week: what
is said of them is passed over, and told (`WeekRule.passes_holidays_over`).

    conditional_hours("no @ (Mo-Fr 08:30-09:15,15:00-16:00)", otherwise="yes")["no"].hours
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from routing.errors import HoursError

HOURS_OF_WEEK = 168
"""Hour 0 begins on Monday at 00:00 local time."""

DAYTIME = range(7, 19)
"""Hours of the day that speak for a whole week (assumption: when London's signs apply most and
its streets are busiest)."""

CONDITIONAL = ":conditional"
"""Ends the key of a tag that holds at some hours only."""

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_HOLIDAYS = frozenset({"PH", "SH"})
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES
_LATEST_MINUTE = 48 * 60

_TIME = r"\d{1,2}:\d{2}"
_SPAN = rf"{_TIME}\s*-\s*{_TIME}"
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_DAY_SPAN = rf"{_DAY}(?:\s*-\s*{_DAY})?"
_RULE = re.compile(
    rf"(?P<days>{_DAY_SPAN}(?:\s*,\s*{_DAY_SPAN})*)?"
    rf"(?:\s*:)?\s*(?P<times>{_SPAN}(?:\s*,\s*{_SPAN})*)?"
    r"\s*(?P<state>off|closed|open)?"
)
_AND_ALSO = re.compile(rf"(?<=\d)\s*,\s*(?={_DAY})")
"""A comma after times, where days with times of their own begin."""
_CLAUSE = re.compile(
    r"\s*(?P<value>[^@;()]+?)\s*@\s*(?:\((?P<in_brackets>[^()]*)\)|(?P<bare>[^();]*))\s*"
)

Minutes = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class WeekRule:
    """Hours of the week in which something holds.

    Attributes
    ----------
    hours
        Every hour, 0 to 167, in which it holds at any time.
    passes_holidays_over
        Whether the text also speaks of public or school holidays.
    """

    hours: frozenset[int]
    passes_holidays_over: bool = False

    def holds(self, hour: int | None) -> bool:
        """Whether it holds in an hour; with None, in most daytime hours of the week."""
        return _is_most_of_the_day(self.hours) if hour is None else hour in self.hours


@cache
def _is_most_of_the_day(hours: frozenset[int]) -> bool:
    by_day = sum(one % 24 in DAYTIME for one in hours)
    return 2 * by_day > len(_DAYS) * len(DAYTIME)


ALWAYS = WeekRule(frozenset(range(HOURS_OF_WEEK)))
NEVER = WeekRule(frozenset())


def week_hours(opening_hours: str) -> WeekRule:
    """Read opening hours: `Mo-Fr 07:00-10:00,16:00-19:00; Sa 08:00-12:00`.

    Of several rules for one day, the last one holds (those after a comma add to it).

    Raises
    ------
    HoursError
        When a part of it is not understood.

    Examples
    --------
    >>> sorted(week_hours("Mo-Tu 07:30-09:00; Tu off").hours)
    [7, 8]
    >>> week_hours("Mo sunrise-sunset")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    routing.errors.HoursError: 'Mo sunrise-sunset' in ... is not understood as weekdays and times...
    """
    minutes, holidays = _week_minutes(opening_hours)
    return _rule(minutes, passes_holidays_over=holidays)


@cache
def conditional_hours(conditional: str, otherwise: str) -> Mapping[str, WeekRule]:
    """Read a conditional tag: when each of its values holds.

    Parameters
    ----------
    conditional
        `value @ (opening hours)`, several of them parted by semicolons; of those that apply at
        one time, the last one counts.
    otherwise
        Value at all other times.

    Raises
    ------
    HoursError
        When a part of it is not understood.

    Examples
    --------
    >>> school_street = conditional_hours("no @ (Mo-Fr 08:15-09:15)", otherwise="yes")
    >>> 8 in school_street["no"].hours, 10 in school_street["no"].hours
    (True, False)
    >>> school_street["no"].holds(None), school_street["yes"].holds(None)  # on average
    (False, True)
    """
    value_at = np.full(_WEEK_MINUTES, 0, dtype=np.int32)
    values = [otherwise]
    told_of_holidays = False
    for value, condition in _clauses(conditional):
        minutes, holidays = _week_minutes(condition)
        values.append(value)
        value_at[minutes] = len(values) - 1
        told_of_holidays |= holidays
    return {
        value: _rule(
            np.isin(value_at, [i for i, one in enumerate(values) if one == value]),
            passes_holidays_over=told_of_holidays,
        )
        for value in dict.fromkeys(values)
    }


def tagged_hours(tags: Mapping[str, str], key: str) -> Mapping[str, WeekRule]:
    """When each value of a tag holds, which may have a conditional tag beside it.

    A condition that is not understood is not applied; `network build` tells of it. The value is
    empty where neither tag says anything.

    Examples
    --------
    >>> tags = {"access": "destination", "access:conditional": "no @ (07:00-10:00)"}
    >>> {value: len(rule.hours) for value, rule in tagged_hours(tags, "access").items()}
    {'destination': 147, 'no': 21}
    """
    plain, conditional = tags.get(key, ""), tags.get(key + CONDITIONAL)
    if conditional is None:
        return {plain: ALWAYS}
    try:
        return conditional_hours(conditional, otherwise=plain)
    except HoursError:
        return {plain: ALWAYS}


def tags_at(tags: Mapping[str, str], hour: int | None) -> Sequence[Mapping[str, str]]:
    """Tags as they are at any time of an hour, or for most of the day (None).

    Conditional ones stand as plain ones; one mapping, but for hours in which a value changes.

    Examples
    --------
    >>> gate = {"barrier": "gate", "locked": "no", "locked:conditional": "yes @ (22:00-06:30)"}
    >>> [one["locked"] for one in tags_at(gate, hour=6)], tags_at(gate, hour=12)
    (['no', 'yes'], [{'barrier': 'gate', 'locked': 'no'}])
    """
    keys = [key.removesuffix(CONDITIONAL) for key in tags if key.endswith(CONDITIONAL)]
    if not keys:
        return [tags]
    plain = {key: value for key, value in tags.items() if not key.endswith(CONDITIONAL)}
    return [
        plain | {key: value for key, value in zip(keys, values, strict=True) if value}
        for values in product(*(_values_at(tags, key, hour) for key in keys))
    ]


def _values_at(tags: Mapping[str, str], key: str, hour: int | None) -> Sequence[str]:
    holding = [value for value, when in tagged_hours(tags, key).items() if when.holds(hour)]
    return holding or [tags.get(key, "")]


def _rule(minutes: Minutes, *, passes_holidays_over: bool) -> WeekRule:
    hours = np.flatnonzero(minutes.reshape(HOURS_OF_WEEK, 60).any(axis=1))
    return WeekRule(frozenset(hours.tolist()), passes_holidays_over)


def _clauses(conditional: str) -> Iterator[tuple[str, str]]:
    rest = conditional
    while rest.strip():
        found = _CLAUSE.match(rest)
        ending = rest[found.end() :] if found else ""
        if not found or (ending and not ending.startswith(";")):
            msg = f"{conditional!r} is not of the form 'value @ (hours); value @ (hours)'"
            raise HoursError(msg)
        yield found["value"], found["in_brackets"] or found["bare"] or ""
        rest = ending[1:]
    if not conditional.strip():
        msg = "a condition is empty; it should be of the form 'value @ (hours)'"
        raise HoursError(msg)


def _week_minutes(opening_hours: str) -> tuple[Minutes, bool]:
    """Minutes of the week in which it holds, and whether it speaks of holidays."""
    minutes = np.zeros(_WEEK_MINUTES, dtype=np.bool_)
    told_of_holidays = False
    for replacing in opening_hours.split(";"):
        for number, text in enumerate(_AND_ALSO.split(replacing)):
            days, spans, is_open, holidays = _read_rule(text.strip(), opening_hours)
            told_of_holidays |= holidays
            if number == 0:
                for day in days:
                    minutes[day * _DAY_MINUTES : (day + 1) * _DAY_MINUTES] = False
            for day in days if is_open else ():
                for start, end in spans:
                    at = np.arange(day * _DAY_MINUTES + start, day * _DAY_MINUTES + end)
                    minutes[at % _WEEK_MINUTES] = True
    return minutes, told_of_holidays


def _read_rule(text: str, whole: str) -> tuple[list[int], list[tuple[int, int]], bool, bool]:
    """Days of one rule, its times in minutes of the day, whether open, whether of holidays."""
    if text == "24/7":
        return list(range(7)), [(0, _DAY_MINUTES)], True, False
    found = _RULE.fullmatch(text)
    if not text or not found:
        msg = f"{text!r} in {whole!r} is not understood as weekdays and times of day"
        raise HoursError(msg)
    named = re.split(r"\s*,\s*", found["days"]) if found["days"] else ["Mo-Su"]
    days = [day for name in named if name not in _HOLIDAYS for day in _days(name, whole)]
    times = re.split(r"\s*,\s*", found["times"]) if found["times"] else ["00:00-24:00"]
    is_open = found["state"] not in {"off", "closed"}
    return days, [_span(one, whole) for one in times], is_open, bool(_HOLIDAYS & set(named))


def _days(name: str, whole: str) -> list[int]:
    """Numbers of the days in "Mo" or "Sa-Mo"."""
    first, *last = re.split(r"\s*-\s*", name)
    if _HOLIDAYS & {first, *last}:
        msg = f"{name!r} in {whole!r} is no span of weekdays"
        raise HoursError(msg)
    start = _DAYS.index(first)
    count = (_DAYS.index(last[0]) - start) % 7 + 1 if last else 1
    return [(start + i) % 7 for i in range(count)]


def _span(text: str, whole: str) -> tuple[int, int]:
    """Minutes of the day at which "22:00-06:00" starts and ends, the end after the start."""
    start, end = (60 * int(hour) + int(minute) for hour, minute in re.findall(r"(\d+):(\d+)", text))
    minutes_given = [int(minute) for minute in re.findall(r":(\d+)", text)]
    if start > _DAY_MINUTES or end > _LATEST_MINUTE or max(minutes_given) >= 60:  # noqa: PLR2004
        msg = f"{text!r} in {whole!r} is no time of day"
        raise HoursError(msg)
    return start, end if end > start else end + _DAY_MINUTES
