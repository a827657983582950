"""How numbers are written in the report."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.dispatch.time_of_week import LONDON

NOTHING: Final = "\N{EN DASH}"
"""Where there is no number."""

_MINUS: Final = "\N{MINUS SIGN}"
_HOUR_S: Final = 3600
_MINUTE_S: Final = 60
_SCARCE: Final = 0.1


def clock(seconds: float | None) -> str:
    """Seconds as minutes and seconds: "18:22", from an hour on "1:02:05"."""
    if seconds is None:
        return NOTHING
    sign = _MINUS if round(seconds) < 0 else ""
    whole = abs(round(seconds))
    hours, rest = divmod(whole, _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    if hours:
        return f"{sign}{hours}:{minutes:02}:{left:02}"
    return f"{sign}{minutes}:{left:02}"


def signed_clock(seconds: float) -> str:
    """A difference in seconds with its sign: "+0:42"."""
    return f"+{clock(seconds)}" if round(seconds) > 0 else clock(seconds)


def share(part: float | None) -> str:
    """A share as per cent: "6.2 %"."""
    if part is None:
        return NOTHING
    percent = 100 * part
    if 0 < percent < _SCARCE:
        return f"<\N{NO-BREAK SPACE}{_SCARCE}\N{NO-BREAK SPACE}%"
    return f"{percent:.1f}\N{NO-BREAK SPACE}%"


def signed_points(part: float) -> str:
    """A difference of shares in percentage points: "+1.3"."""
    said = f"{100 * abs(part):.1f}"
    if said == "0.0":
        return said
    return f"{'+' if part > 0 else _MINUS}{said}"


def count(number: int | None) -> str:
    """A whole number: "3,300"."""
    return NOTHING if number is None else f"{number:,}"


def number(mean: float) -> str:
    """A mean of counts: "312", below ten "3.4"."""
    return f"{mean:,.1f}".removesuffix(".0") if mean < 10 else f"{mean:,.0f}"  # noqa: PLR2004


def calls_of_seeds(by_seed: Sequence[int], calls: int) -> str:
    """How many calls in all: "998 calls x 2 seeds" where each has as many."""
    if len(by_seed) <= 1:
        return f"{calls:,} calls"
    low, high = min(by_seed), max(by_seed)
    if low == high:
        return f"{low:,} calls \N{MULTIPLICATION SIGN} {len(by_seed)} seeds"
    return f"{calls:,} calls over {len(by_seed)} seeds, {low:,} to {high:,} each"


def kilometres(number: float | None) -> str:
    """Kilometres with one decimal, without from a hundred on."""
    if number is None:
        return NOTHING
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.1f}"  # noqa: PLR2004


def period(first: datetime | None, last: datetime | None) -> str:
    """From when to when, by London's calendar: "1 to 31 January 2017"."""
    if first is None or last is None:
        return "no calls"
    begin, end = first.astimezone(LONDON), last.astimezone(LONDON)
    if begin.date() == end.date():
        return f"{begin.day} {begin:%B %Y}"
    if (begin.year, begin.month) == (end.year, end.month):
        return f"{begin.day} to {end.day} {end:%B %Y}"
    if begin.year == end.year:
        return f"{begin.day} {begin:%B} to {end.day} {end:%B %Y}"
    return f"{begin.day} {begin:%B %Y} to {end.day} {end:%B %Y}"


def nice_step(span: float, steps: int, choices: Sequence[float]) -> float:
    """The smallest of the choices that cuts `span` into at most `steps` parts, else the largest."""
    return next((choice for choice in choices if span / choice <= steps), choices[-1])


COUNT_STEPS: Final = tuple(base * 10**power for power in range(9) for base in (1, 2, 5))
TIME_STEPS_S: Final = (10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
