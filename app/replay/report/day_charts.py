"""What happens over London's day: calls, and vehicles busy."""

from collections.abc import Sequence
from typing import Final

from app.replay.report.frame import WIDTH, Frame
from app.replay.report.svg import Picture, Point
from app.replay.report.words import count, number, share
from app.replay.summary import AgencyDay, HourSummary

_TOP, _BOTTOM, _HEIGHT = 26.0, 150.0, 182.0
_HOURS: Final = 24.0
_ROOM_ABOVE: Final = 1.08


def calls_chart(hours: Sequence[HourSummary]) -> Picture:
    """Draw the calls of each hour, those reached late and those nobody came to apart."""
    most = max(hour.calls for hour in hours)
    busiest = max(hours, key=lambda hour: hour.calls)
    label = f"Calls by hour of the day; most from {busiest.hour}:00, {count(busiest.calls)}"
    picture = Picture(WIDTH, _HEIGHT, label=label)
    frame = Frame.drawn(
        picture, across=(0, _HOURS), up=(0, max(most * _ROOM_ABOVE, 4)), top=_TOP, bottom=_BOTTOM
    )
    frame.rule_counts("calls")
    for hour in hours:
        _draw_hour(frame, hour)
    frame.hours_across()
    picture.text((408, 178), "hour of the day, London time", "note end")
    return picture


def _draw_hour(frame: Frame, hour: HourSummary) -> None:
    on_time = hour.attended - hour.late
    parts = ((on_time, "bar"), (hour.late, "bar late"), (hour.calls - hour.attended, "bar nobody"))
    late = share(hour.late / hour.attended) if hour.attended else "none attended"
    said = f"{hour.hour:02}:00: {count(hour.calls)} calls, late {late}"
    below, left, width = 0, frame.x(hour.hour) + 1, frame.x(hour.hour + 1) - frame.x(hour.hour) - 2
    for calls, css in parts:
        if calls:
            up = frame.y(below + calls)
            frame.picture.box((left, up), width, frame.y(below) - up, css, title=said)
            below += calls


def busy_chart(day: AgencyDay) -> Picture:
    """Draw the vehicles of one agency that are busy in each half hour, of those on duty."""
    most = max(*day.busy, *(day.on_duty or (0.0,)))
    picture = Picture(WIDTH, _HEIGHT, label=busy_said(day))
    frame = Frame.drawn(
        picture, across=(0, _HOURS), up=(0, max(most * _ROOM_ABOVE, 1)), top=_TOP, bottom=_BOTTOM
    )
    zero = [(frame.x(0), frame.y(0)), (frame.x(_HOURS), frame.y(0))]
    if day.on_duty is not None:
        picture.area(_steps(frame, day.on_duty), zero, "duty")
    picture.area(_steps(frame, day.busy), zero, "busy")
    picture.curve(_steps(frame, day.busy), "busy-line")
    frame.rule_counts("vehicles")
    frame.hours_across()
    picture.text((408, 178), "hour of the day, London time", "note end")
    return picture


def busy_said(day: AgencyDay) -> str:
    """The busiest half hour in words, as a share of those on duty where that is known."""
    duty = day.on_duty if day.on_duty is not None and any(day.on_duty) else None
    load = day.busy if duty is None else [_load(*one) for one in zip(day.busy, duty, strict=True)]
    slot = max(range(len(load)), key=load.__getitem__)
    at = f"{slot // 2:02}:{slot % 2 * 30:02}"
    if duty is None:
        return f"busiest at {at}: {number(day.busy[slot])} vehicles on a call"
    if load[slot] > 1:
        return (
            f"busiest at {at}: {number(day.busy[slot])} on a call, {number(duty[slot])} on duty; "
            "crews still on a call after their shift are counted too"
        )
    return f"busiest at {at}: {share(load[slot])} of {number(duty[slot])} on duty"


def _load(busy: float, on_duty: float) -> float:
    """Part of those on duty that is busy; 0 where nobody is, as after the last shift."""
    return busy / on_duty if on_duty else 0.0


def _steps(frame: Frame, values: Sequence[float]) -> list[Point]:
    hours = _HOURS / len(values)
    return [
        (frame.x(edge * hours), frame.y(value))
        for slot, value in enumerate(values)
        for edge in (slot, slot + 1)
    ]
