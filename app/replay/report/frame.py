"""The plot area that charts share: axes, grid lines and their words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.replay.report.svg import Picture, Scale
from app.replay.report.words import COUNT_STEPS, TIME_STEPS_S, nice_step

WIDTH: Final = 420.0
LEFT, RIGHT = 44.0, 408.0
"""Charts are drawn this wide so that their words stay readable on a telephone."""

_WORDS_BELOW: Final = 15.0
_UNIT_ROOM: Final = 14.0
_ROWS: Final = 4
_TIMES: Final = 7
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Frame:
    """A plot area in a picture: values across, values up."""

    picture: Picture
    x: Scale
    y: Scale

    @classmethod
    def drawn(
        cls,
        picture: Picture,
        *,
        across: tuple[float, float],
        up: tuple[float, float],
        top: float,
        bottom: float,
    ) -> "Frame":
        """Lay out an area between two heights of a picture."""
        return cls(picture, Scale(*across, LEFT, RIGHT), Scale(*up, bottom, top))

    def rule_counts(self, unit: str) -> None:
        """Draw level lines for counts from 0 up, with their numbers and unit."""
        step = nice_step(self.y.high, _ROWS, COUNT_STEPS)
        self._rule(0, self.y.high, step, lambda value: f"{value:,.0f}")
        self.picture.text((0, self.y.at_high - 8), unit, "axis start")

    def rule_times(self, unit: str) -> None:
        """Draw level lines for seconds, written as minutes."""
        step = nice_step(self.y.high - self.y.low, _ROWS, TIME_STEPS_S)
        first = -(-self.y.low // step) * step
        self._rule(first, self.y.high, step, _minutes)
        self.picture.text((0, self.y.at_high - 8), unit, "axis start")

    def times_across(self) -> None:
        """Write times of seconds below the area, in minutes or hours."""
        span = self.x.high - self.x.low
        step = nice_step(span, _TIMES, TIME_STEPS_S)
        hours = step % _HOUR_S == 0
        unit = "h" if hours else "min"
        value = -(-self.x.low // step) * step
        below = self.y.at_low + _WORDS_BELOW
        while value <= self.x.high:
            said = f"{value / _HOUR_S:g}" if hours else _minutes(value)
            at = self.x(value)
            self.picture.line((at, self.y.at_low), (at, self.y.at_low + 3), "tick")
            last = value + step > self.x.high
            words, side = said, "middle"
            if last:
                words = f"{said} {unit}"
                if at > RIGHT - _UNIT_ROOM:
                    at, side = RIGHT + _UNIT_ROOM / 2, "end"
            self.picture.text((at, below), words, f"axis {side}")
            value += step

    def hours_across(self) -> None:
        """Write the hours of a day below the area; the scale across is in hours."""
        for hour in range(0, 25, 3):
            at = self.x(hour)
            self.picture.line((at, self.y.at_low), (at, self.y.at_low + 3), "tick")
            self.picture.text((at, self.y.at_low + _WORDS_BELOW), f"{hour:02}", "axis middle")

    def _rule(self, first: float, high: float, step: float, said: Callable[[float], str]) -> None:
        value = first
        while value <= high:
            at = self.y(value)
            self.picture.line((LEFT, at), (RIGHT, at), "base" if value == 0 else "grid")
            self.picture.text((LEFT - 6, at + 3.5), said(value), "axis end")
            value += step


def _minutes(seconds: float) -> str:
    if seconds % _MINUTE_S:
        return f"{seconds / _MINUTE_S:.1f}".replace("-", "\N{MINUS SIGN}")
    return f"{seconds / _MINUTE_S:g}".replace("-", "\N{MINUS SIGN}")
