"""How much of the scenario is made up, and the random numbers for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np

from app.replay.errors import ReplayError
from app.replay.partnership.figures import Figures

LONDON = ZoneInfo("Europe/London")


class Purpose(IntEnum):
    """What random numbers are for: each purpose has its own, so that no draw disturbs another."""

    CALLS = 1
    OFFICERS_OFF = 2
    SPECIALS_OFF = 3


def random_numbers(seed: int, purpose: Purpose, *which: int) -> np.random.Generator:
    """Return the stream of a seed for one purpose and one item."""
    return np.random.default_rng([seed, purpose, *which])


@dataclass(frozen=True, slots=True)
class Period:
    """The first days of the scenario, with a part of its calls and crews.

    Attributes
    ----------
    days
        Midnights in London that begin them.
    scale
        1 for as many calls and crews as there were.
    """

    days: tuple[datetime, ...]
    scale: float

    @classmethod
    def of(cls, figures: Figures, days: int | None = None, scale: float = 1.0) -> "Period":
        """
        The first so many days, all by default.

        Raises
        ------
        ReplayError
            Fewer days than one or more than there were, or a scale that is not above 0 and up to 1.
        """
        most = figures.days.value
        count = most if days is None else days
        if not 1 <= count <= most:
            msg = f"--days is {count}; it must be from 1 to {most}"
            raise ReplayError(msg)
        if not 0 < scale <= 1:
            msg = f"--scale is {scale:g}; it must be above 0 and at most 1"
            raise ReplayError(msg)
        first = figures.begins_on.value
        return cls(tuple(_midnight(first + timedelta(days=day)) for day in range(count)), scale)

    def part_of(self, figures: Figures) -> str:
        """How much that is of the whole scenario, in words; empty for all of it."""
        days, most = len(self.days), figures.days.value
        if days == most and self.scale == 1:
            return ""
        part = "all calls" if self.scale == 1 else f"{100 * self.scale:g} % of calls and crews"
        return f"{days} of {most} days at {part}"

    def used(self, figures: Figures) -> Mapping[str, float]:
        """What stands in the place of figures that count days, calls or crews, where it differs."""
        crews = ("las_crews_by_day", "las_crews_late", "las_crews_by_night", "officers", "specials")
        used = {
            "days": len(self.days),
            "calls_per_day": figures.calls_per_day.value * self.scale,
            **{name: self.scaled(getattr(figures, name).value) for name in crews},
        }
        return {name: n for name, n in used.items() if n != getattr(figures, name).value}

    def scaled(self, crews: int) -> int:
        """So many crews, to scale, but one at least where there are any."""
        return max(1, round(crews * self.scale)) if crews else 0


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)
