"""What differs between two scenarios, and how sure that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.replay.comparison import EVERY_CATEGORY, UNATTENDED, CategoryComparison, Measure
from app.replay.report.svg import Picture, Scale
from app.replay.report.words import NOTHING, clock, share, signed_clock, signed_points

_WIDTH, _HEIGHT = 96.0, 22.0
_ROOM: Final = 1.25


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One measure under both scenarios, as it is written.

    Attributes
    ----------
    between
        Ends of the confidence interval of the difference; empty where there is none.
    css
        `better` or `worse` where the interval leaves nought out, else `unclear`; so is a difference
        of times where nobody came to many calls.
    picture
        The difference and its interval, nought in the middle; None without a difference.
    """

    label: str
    base: str
    other: str
    difference: str
    between: str
    css: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one measure is called, and how its values and differences are written."""

    label: str
    value: Callable[[float], str]
    difference: Callable[[float], str]
    unit: str = ""


def _calls(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")


def _signed_calls(number: float) -> str:
    sign = "+" if number > 0 else "\N{MINUS SIGN}" if number < 0 else ""
    return f"{sign}{_calls(abs(number))}"


_KINDS: Final[Mapping[str, _Kind]] = {
    "mean_s": _Kind("mean", clock, signed_clock),
    "p90_s": _Kind("90th centile", clock, signed_clock),
    "late_share": _Kind("late", share, signed_points, " points"),
    "unattended": _Kind("nobody came", _calls, _signed_calls),
}


def difference_rows(category: CategoryComparison) -> list[DifferenceRow]:
    """The measures of one category, in their order."""
    times_count = not _many_unattended(category)
    return [
        _row(one, _KINDS[one.name], is_judged=times_count or one.name == UNATTENDED)
        for one in category.measures
        if one.name in _KINDS
    ]


def _many_unattended(category: CategoryComparison) -> bool:
    """Whether nobody came to more than one in ten, so that times are of too few to be judged."""
    numbers = (
        number or 0.0
        for one in category.measures
        if one.name == UNATTENDED
        for number in (one.base, one.other)
    )
    return 10 * max(numbers, default=0.0) > category.calls


def category_name(category: CategoryComparison) -> str:
    """The category, or that it is all of them."""
    return "All calls" if category.category == EVERY_CATEGORY else category.category


def _row(measure: Measure, kind: _Kind, *, is_judged: bool) -> DifferenceRow:
    base, other = (
        NOTHING if value is None else kind.value(value) for value in (measure.base, measure.other)
    )
    if measure.difference is None:
        return DifferenceRow(kind.label, base, other, NOTHING, "", "unclear", None)
    css = "unclear"
    if measure.is_clear and is_judged:
        css = "worse" if measure.difference > 0 else "better"
    said = kind.difference(measure.difference) + kind.unit
    between = ""
    if measure.low is not None and measure.high is not None:
        between = f"{kind.difference(measure.low)} to {kind.difference(measure.high)}"
    label = f"{kind.label} {said}{f', {between}' if between else ', how sure is not known'}"
    picture = _strip(measure, measure.difference, css, label)
    return DifferenceRow(kind.label, base, other, said, between, css, picture)


def _strip(measure: Measure, difference: float, css: str, label: str) -> Picture:
    """The difference as a dot and its interval as a bar, better to the left."""
    low = difference if measure.low is None else measure.low
    high = difference if measure.high is None else measure.high
    reach = max(abs(low), abs(high)) * _ROOM or 1.0
    x, at = Scale(-reach, reach, 4.0, _WIDTH - 4.0), _HEIGHT / 2
    picture = Picture(_WIDTH, _HEIGHT, label=label)
    picture.line((_WIDTH / 2, 0), (_WIDTH / 2, _HEIGHT), "base")
    picture.line((x(low), at), (x(high), at), f"interval {css}")
    picture.dot((x(difference), at), 4.5, f"mark {css}")
    return picture
