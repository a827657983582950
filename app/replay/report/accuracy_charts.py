"""Measured against predicted journeys."""

from collections.abc import Sequence
from typing import Final

from app.replay.accuracy import BANDS, EtaAccuracy, EtaBand
from app.replay.report.frame import RIGHT, WIDTH, Frame
from app.replay.report.svg import Picture
from app.replay.report.words import clock, count, nice_step, share, signed_clock

_TOP, _BOTTOM, _HEIGHT = 26.0, 176.0, 208.0
_FEW: Final = 10
"""Bands of fewer journeys say too little to be drawn."""

_MOST_OF_THEM: Final = 0.98
_ERROR_BARS: Final = 60
_BAR_WIDTHS_S: Final = (30, 60, 120, 300, 600, 1800, 3600)


def calibration_chart(accuracy: EtaAccuracy) -> Picture | None:
    """Draw what journeys took against what was predicted; None where there are too few."""
    bands = [one for one in accuracy.by_eta if one.n >= _FEW and one.to_s < BANDS * 60]
    if len(bands) < 2:  # noqa: PLR2004 (a line needs two points)
        return None
    end_s = bands[-1].to_s
    top_s = max(max(one.observed_p90_s, one.predicted_p90_s) for one in bands) * 1.05
    label = f"Measured times by predicted time, {count(accuracy.n)} journeys"
    picture = Picture(WIDTH, _HEIGHT, label=label)
    frame = Frame.drawn(picture, across=(0, end_s), up=(0, top_s), top=_TOP, bottom=_BOTTOM)
    frame.rule_times("measured, min")
    middle = [frame.x((one.from_s + one.to_s) / 2) for one in bands]
    picture.area(
        [(x, frame.y(one.observed_p90_s)) for x, one in zip(middle, bands, strict=True)],
        [(x, frame.y(one.observed_p10_s)) for x, one in zip(middle, bands, strict=True)],
        "band",
    )
    until_s = min(end_s, top_s)
    picture.line((frame.x(0), frame.y(0)), (frame.x(until_s), frame.y(until_s)), "standard")
    picture.curve(
        [(x, frame.y(one.predicted_p90_s)) for x, one in zip(middle, bands, strict=True)], "p90"
    )
    picture.curve(
        [(x, frame.y(one.observed_median_s)) for x, one in zip(middle, bands, strict=True)],
        "median",
    )
    for x, one in zip(middle, bands, strict=True):
        picture.dot((x, frame.y(one.observed_median_s)), 2.4, "mark first")
    frame.times_across()
    picture.text((RIGHT, _HEIGHT - 2), "predicted", "note end")
    _name_lines(frame, bands)
    return picture


def _name_lines(frame: Frame, bands: Sequence[EtaBand]) -> None:
    last = bands[-1]
    lines = (
        ("median measured", last.observed_median_s, "label first end"),
        ("predicted 90th", last.predicted_p90_s, "label second end"),
    )
    taken: list[float] = []
    for words, value_s, css in sorted(lines, key=lambda line: line[1]):
        at = frame.y(value_s) - 6
        while any(abs(at - other) < 12 for other in taken):  # noqa: PLR2004 (a line of text)
            at -= 12
        taken.append(at)
        frame.picture.text((RIGHT, max(at, 18)), words, css)


def error_chart(accuracy: EtaAccuracy) -> Picture:
    """Draw how many journeys took how much longer, or less long, than predicted."""
    bins = {one.from_s: one.n for one in accuracy.errors}
    reach_s = _reach_s(bins, accuracy.n)
    width_s = int(nice_step(2 * reach_s, _ERROR_BARS, _BAR_WIDTHS_S))
    reach_s = -(-reach_s // width_s) * width_s
    inside = _merged({b: n for b, n in bins.items() if -reach_s <= b < reach_s}, width_s)
    label = (
        f"Errors of {count(accuracy.n)} predictions: mean {signed_clock(accuracy.bias_s)}, "
        f"mean size {clock(accuracy.mean_absolute_s)}"
    )
    picture = Picture(WIDTH, _HEIGHT, label=label)
    frame = Frame.drawn(
        picture,
        across=(-reach_s, reach_s),
        up=(0, max(inside.values(), default=0) * 1.06 + 1),
        top=_TOP,
        bottom=_BOTTOM,
    )
    frame.rule_counts("journeys")
    for begin, n in inside.items():
        left, right, up = frame.x(begin), frame.x(begin + width_s), frame.y(n)
        said = f"{count(n)}: {signed_clock(begin)} to {signed_clock(begin + width_s)}"
        picture.box((left + 0.5, up), right - left - 1, frame.y.at_low - up, "bar", title=said)
    picture.line((frame.x(0), _TOP - 8), (frame.x(0), _BOTTOM), "standard")
    picture.text((frame.x(0) - 6, _TOP), "sooner", "label end")
    picture.text((frame.x(0) + 6, _TOP), "later than predicted", "label start")
    frame.times_across()
    beyond = accuracy.n - sum(inside.values())
    if beyond:
        said = f"{count(beyond)} ({share(beyond / accuracy.n)}) further off"
        picture.text((RIGHT, _TOP + 14), said, "label end")
    picture.text((RIGHT, _HEIGHT - 2), "measured minus predicted", "note end")
    return picture


def _merged(bins: dict[int, int], width_s: int) -> dict[int, int]:
    merged: dict[int, int] = {}
    for begin, n in bins.items():
        wider = begin // width_s * width_s
        merged[wider] = merged.get(wider, 0) + n
    return merged


def _reach_s(bins: dict[int, int], n: int) -> int:
    """How far from zero nearly all errors lie, in whole minutes."""
    reach_s = 60
    while sum(of for begin, of in bins.items() if -reach_s <= begin < reach_s) < _MOST_OF_THEM * n:
        reach_s += 60
    return reach_s


def hourly_error_chart(accuracy: EtaAccuracy) -> Picture | None:
    """Draw the middle half of the errors by the hour of the day; None where none has enough."""
    hours = [one for one in accuracy.by_hour if one.n >= _FEW]
    if not hours:
        return None
    quarters = [
        value
        for one in hours
        for value in (one.quarter_s, one.three_quarters_s)
        if value is not None
    ]
    low_s, high_s = min(0, *quarters), max(0, *quarters)
    room_s = max(0.12 * (high_s - low_s), 10.0)
    picture = Picture(WIDTH, _HEIGHT, label="Errors of predictions by hour of the day")
    frame = Frame.drawn(
        picture,
        across=(0, 24),
        up=(low_s - room_s, high_s + room_s),
        top=_TOP,
        bottom=_BOTTOM,
    )
    frame.rule_times("error, min")
    for one in hours:
        assert one.quarter_s is not None
        assert one.three_quarters_s is not None
        assert one.median_s is not None
        left, right = frame.x(one.hour) + 3, frame.x(one.hour + 1) - 3
        up, down = frame.y(one.three_quarters_s), frame.y(one.quarter_s)
        said = f"{one.hour:02}:00: {count(one.n)} journeys, median {signed_clock(one.median_s)}"
        picture.box((left, up), right - left, down - up, "band", title=said)
        at = frame.y(one.median_s)
        picture.line((left - 1.5, at), (right + 1.5, at), "median")
    frame.hours_across()
    note = "middle half of the errors, and the median; London time"
    picture.text((RIGHT, _HEIGHT - 2), note, "note end")
    return picture
