"""What differs between two scenarios, and how sure that is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from app.replay.comparison import EVERY_CATEGORY, CategoryComparison, Comparison, Measure
from app.replay.report.frame import WIDTH
from app.replay.report.svg import Picture, Scale
from app.replay.report.words import NOTHING, clock, share, signed_clock, signed_points

_LANE: Final = 40.0
_TOP: Final = 44.0
_BASE, _OTHER = 130.0, 192.0
_STRIP: Final = (204.0, 280.0)
_SAID: Final = 287.0
_ROOM: Final = 1.25


@dataclass(frozen=True, slots=True)
class _Kind:
    """How one measure is called, and how its values and differences are written."""

    label: str
    value: Callable[[float], str]
    difference: Callable[[float], str]


def _calls(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")


def _signed_calls(number: float) -> str:
    sign = "+" if number > 0 else "\N{MINUS SIGN}" if number < 0 else ""
    return f"{sign}{_calls(abs(number))}"


_KINDS: Final[Mapping[str, _Kind]] = {
    "mean_s": _Kind("mean", clock, signed_clock),
    "p90_s": _Kind("90th centile", clock, signed_clock),
    "late_share": _Kind("late", share, signed_points),
    "unattended": _Kind("nobody came", _calls, _signed_calls),
}


def difference_chart(comparison: Comparison, category: CategoryComparison) -> Picture:
    """Draw each measure of one category under both scenarios, and the difference on a strip."""
    measures = [one for one in category.measures if one.name in _KINDS]
    picture = Picture(WIDTH, _TOP + _LANE * len(measures) + 14, label=_said(comparison, category))
    bottom = _TOP + _LANE * len(measures) - 8
    middle = sum(_STRIP) / 2
    # One above the other: names may be longer than their columns are wide.
    picture.text((_BASE, 12), _shortened(comparison.base, 20), "lane first end")
    picture.text((_OTHER, 26), _shortened(comparison.other, 30), "lane second end")
    picture.text((middle, 26), "difference", "axis middle")
    picture.line((middle, 32), (middle, bottom), "base")
    for number, measure in enumerate(measures):
        _draw_lane(picture, _TOP + _LANE * number + 10, measure)
    picture.text((middle - 6, bottom + 14), "better", "note end")
    picture.text((middle + 6, bottom + 14), "worse", "note start")
    return picture


def category_name(category: CategoryComparison) -> str:
    """The category, or that it is all of them."""
    return "All calls" if category.category == EVERY_CATEGORY else category.category


def _draw_lane(picture: Picture, at: float, measure: Measure) -> None:
    kind = _KINDS[measure.name]
    picture.text((0, at + 4), kind.label, "row start")
    for where, value in ((_BASE, measure.base), (_OTHER, measure.other)):
        said = NOTHING if value is None else kind.value(value)
        picture.text((where, at + 4), said, "value end")
    if measure.difference is None:
        picture.text((_SAID, at + 4), NOTHING, "value start")
        return
    css = "unclear"
    if measure.is_clear:
        css = "worse" if measure.difference > 0 else "better"
    low = measure.difference if measure.low is None else measure.low
    high = measure.difference if measure.high is None else measure.high
    reach = max(abs(low), abs(high)) * _ROOM or 1.0
    x = Scale(-reach, reach, *_STRIP)
    picture.line((x(low), at), (x(high), at), f"interval {css}")
    picture.dot((x(measure.difference), at), 4.5, f"mark {css}")
    unit = " points" if measure.name == "late_share" else ""
    picture.text(
        (_SAID, at + 1), f"{kind.difference(measure.difference)}{unit}", f"said {css} start"
    )
    if measure.low is not None and measure.high is not None:
        between = f"{kind.difference(low)} to {kind.difference(high)}"
        picture.text((_SAID, at + 14), between, "note start")


def _said(comparison: Comparison, category: CategoryComparison) -> str:
    told = []
    for one in category.measures:
        kind = _KINDS.get(one.name)
        if kind is not None and one.difference is not None:
            told.append(f"{kind.label} {kind.difference(one.difference)}")
    return (
        f"{category_name(category)}, {comparison.other} less {comparison.base}: {', '.join(told)}"
    )


def _shortened(name: str, letters: int) -> str:
    return name if len(name) <= letters else f"{name[: letters - 1]}\N{HORIZONTAL ELLIPSIS}"
