"""How long calls of a category waited for a crew, against the standards."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.replay.report.frame import RIGHT, WIDTH, Frame
from app.replay.report.svg import Picture, Point
from app.replay.report.words import clock, count, nice_step, share
from app.replay.summary import BIN_S, CategorySummary, Standard

_BARS: Final = 45
_BAR_WIDTHS_S: Final = (30, 60, 90, 120, 150, 180, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)
_MOST_BARS: Final = 2 * _BARS
"""Where bars as wide as the standard is long would be more, the axis is cut."""
_FAR_BELOW: Final = 0.4
"""Where the 90th centile is below this part of its standard, the standard is off the chart."""

_WORDS_AT: Final = 12.0
_FIRST_LANE, _LANE = 30.0, 13.0
_GAP: Final = 7.0
_LETTER: Final = 6.2


@dataclass(frozen=True, slots=True)
class _Bars:
    """Calls by intervals of equal width, and how many are later than the last."""

    width_s: int
    calls: tuple[int, ...]
    beyond: int


def response_chart(of_scenarios: Sequence[tuple[str, CategorySummary]]) -> Picture | None:
    """Draw one category: the first scenario as bars, others as outlines; None without a response.

    Above the plot, dots show the mean (hollow) and the 90th centile of each scenario; dashed lines
    the standards.
    """
    answered = [(name, one) for name, one in of_scenarios if one.response.attended]
    if not answered:
        return None
    standard = answered[0][1].standard
    until_s = max(_until_s(one) for _, one in answered)
    if standard is not None:
        until_s = min(until_s, _MOST_BARS * standard.p90_s)
    bars = [_bars(one.bins, until_s, standard) for _, one in answered]
    top = _FIRST_LANE + _LANE * len(answered) + 16
    picture = Picture(WIDTH, top + 152, label=_said(answered))
    highest = max(max(one.calls, default=0) for one in bars)
    width_s = bars[0].width_s
    end_s = width_s * max(len(one.calls) for one in bars)
    frame = Frame.drawn(
        picture, across=(0, end_s), up=(0, max(highest * 1.06, 4)), top=top, bottom=top + 116
    )
    frame.rule_counts("calls")
    _draw_bars(frame, bars[0], standard)
    for other in bars[1:]:
        picture.curve(_outline(frame, other), "outline")
    frame.times_across()
    picture.text(
        (RIGHT, top + 147), "from the call's receipt to a crew with the patient", "note end"
    )
    if standard is not None:
        _draw_standard(frame, standard, frame.y.at_low)
    for number, (_, one) in enumerate(answered):
        _draw_lane(frame, _FIRST_LANE + _LANE * number, one, "second" if number else "first")
    if bars[0].beyond:
        said = f"{count(bars[0].beyond)} later \N{RIGHTWARDS ARROW}"
        picture.text((RIGHT, top + 10), said, "label end")
    return picture


def _said(answered: Sequence[tuple[str, CategorySummary]]) -> str:
    return "; ".join(
        f"{one.category} {name}: mean {clock(one.response.mean_s)}, "
        f"90th centile {clock(one.response.p90_s)}, late {share(one.response.late_share)}"
        for name, one in answered
    )


def _until_s(category: CategorySummary) -> float:
    """Where the axis ends: past the bulk of the calls, and past the standard unless far off."""
    response, standard = category.response, category.standard
    assert response.p90_s is not None
    assert response.longest_s is not None
    bulk_s = min(1.7 * response.p90_s, response.longest_s) + BIN_S
    if standard is None or response.p90_s < _FAR_BELOW * standard.p90_s:
        return bulk_s
    return max(bulk_s, 1.12 * standard.p90_s)


def _bars(bins: Sequence[int], until_s: float, standard: Standard | None) -> _Bars:
    """Bars of a width that ends one of them at the standard, so that each is late or is not."""
    limit_s = standard.p90_s if standard else 0.0
    widths = [width_s for width_s in _BAR_WIDTHS_S if limit_s % width_s == 0]
    if widths and limit_s:
        widths.append(int(limit_s))
    width_s = int(nice_step(until_s, _BARS, widths or _BAR_WIDTHS_S))
    per_bar = width_s // BIN_S
    n = int(-(-until_s // width_s))
    padded = np.zeros(max(n * per_bar, len(bins)), dtype=np.int64)
    padded[: len(bins)] = bins
    shown = padded[: n * per_bar].reshape(n, per_bar).sum(axis=1)
    return _Bars(width_s, tuple(shown.tolist()), int(padded[n * per_bar :].sum()))


def _draw_bars(frame: Frame, bars: _Bars, standard: Standard | None) -> None:
    for number, calls in enumerate(bars.calls):
        if not calls:
            continue
        begin_s, end_s = number * bars.width_s, (number + 1) * bars.width_s
        late = standard is not None and begin_s >= standard.p90_s
        left, right, up = frame.x(begin_s), frame.x(end_s), frame.y(calls)
        frame.picture.box(
            (left + 0.5, up),
            right - left - 1,
            frame.y.at_low - up,
            "bar late" if late else "bar",
            title=f"{count(calls)} calls, {clock(begin_s)} to {clock(end_s)}",
        )


def _outline(frame: Frame, bars: _Bars) -> list[Point]:
    steps = [
        (frame.x(edge * bars.width_s), frame.y(calls))
        for number, calls in enumerate(bars.calls)
        for edge in (number, number + 1)
    ]
    return [(frame.x(0), frame.y(0)), *steps]


def _draw_standard(frame: Frame, standard: Standard, bottom: float) -> None:
    """Dashed lines where the standards lie, with their times beside them."""
    for value_s in (standard.mean_s, standard.p90_s):
        if value_s is not None and value_s <= frame.x.high:
            at = frame.x(value_s)
            frame.picture.line((at, _WORDS_AT), (at, bottom), "standard")
    for at, said, side in _words(frame, standard):
        frame.picture.text((at, _WORDS_AT + 3.5), said, f"label standard {side}")


def _words(frame: Frame, standard: Standard) -> list[tuple[float, str, str]]:
    """Where the standards are written: each beside its line, or both where there is room."""
    mean_s, p90_s = standard.mean_s, standard.p90_s
    mean_said, p90_said = f"mean {clock(mean_s)}", f"90th centile {clock(p90_s)}"
    if p90_s > frame.x.high:
        behind = (RIGHT, f"{p90_said} \N{RIGHTWARDS ARROW}", "end")
    elif frame.x(p90_s) + _GAP + _width(p90_said) <= WIDTH:
        behind = (frame.x(p90_s) + _GAP, p90_said, "start")
    else:
        behind = (frame.x(p90_s) - _GAP, p90_said, "end")
    if mean_s is None or mean_s > frame.x.high:
        return [behind]
    at, said, side = behind
    mean_at = frame.x(mean_s)
    if mean_at - _GAP < _width(mean_said):
        return [(at, f"{mean_said}, {said}", side)]
    if side == "end" and at - _width(said) < mean_at + _GAP:
        return [(mean_at - _GAP, f"{mean_said}, {said}", "end")]
    return [(mean_at - _GAP, mean_said, "end"), behind]


def _draw_lane(frame: Frame, at: float, category: CategorySummary, css: str) -> None:
    """Mean and 90th centile as dots on one line."""
    picture, response = frame.picture, category.response
    assert response.mean_s is not None
    assert response.p90_s is not None
    mean_at, p90_at = (
        frame.x(min(value_s, frame.x.high)) for value_s in (response.mean_s, response.p90_s)
    )
    picture.line((mean_at, at), (p90_at, at), f"link {css}")
    picture.dot((mean_at, at), 3.6, f"mark mean {css}")
    picture.dot((p90_at, at), 3.6, f"mark {css}")


def _width(words: str) -> float:
    """About how wide words are drawn."""
    return _LETTER * len(words)
