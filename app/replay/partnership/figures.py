"""The figures that the scenario is made of, each with what it says and where it comes from."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

HOURS_A_DAY = 24


class _Figure(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    says: str
    source: str


class Count(_Figure):
    """A whole number of people, vehicles, days or minutes."""

    value: Annotated[int, Field(ge=0)]


class Number(_Figure):
    """One number."""

    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Share(_Figure):
    """A part of a whole."""

    value: Annotated[float, Field(gt=0, le=1)]


class CategoryShares(_Figure):
    """One part for each category."""

    value: Annotated[tuple[float, ...], Field(min_length=4, max_length=4)]


class HourWeights(_Figure):
    """One weight for each hour of the day."""

    value: Annotated[tuple[float, ...], Field(min_length=HOURS_A_DAY, max_length=HOURS_A_DAY)]


class Hours(_Figure):
    """Hours of the day."""

    value: Annotated[tuple[int, ...], Field(min_length=1)]


class Cycle(_Figure):
    """Days on day shifts, on night shifts, and off."""

    value: tuple[int, int, int]


class FirstDay(_Figure):
    """A date."""

    value: date


class Figures(BaseModel):
    """All of them, by the names of `figures.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    begins_on: FirstDay
    days: Count
    calls_per_day: Number
    category_shares: CategoryShares
    hour_weights: HourWeights
    place_spread_m: Number
    las_crews_by_day: Count
    las_crews_late: Count
    las_crews_by_night: Count
    day_starts: Hours
    late_starts: Hours
    night_starts: Hours
    shift_hours: Count
    break_minutes: Count
    officers: Count
    officer_groups: Count
    officers_begin_on_day: Count
    days_between_groups: Count
    officer_cycle: Cycle
    specials: Count
    specials_begin_on_day: Count
    days_between_special_shifts: Count
    share_at_work: Share
    reported_attended: Count

    def sentences(self, used: Mapping[str, float]) -> Iterator[str]:
        """Each figure as a sentence with its source; `used`: what stood in its place, by name."""
        for name in type(self).model_fields:
            figure = getattr(self, name)
            instead = f", of which {_said(used[name])} used here" if name in used else ""
            yield f"{figure.says}: {_said(figure.value)}{instead} ({figure.source})"


@cache
def figures() -> Figures:
    """The packaged figures."""
    text = (files("app.replay.partnership") / "figures.toml").read_text(encoding="utf-8")
    return Figures.model_validate(tomllib.loads(text))


def _said(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_said(one) for one in value)
    if isinstance(value, date):
        return f"{value:%d %B %Y}".lstrip("0")
    return f"{value:,}" if isinstance(value, int) else f"{value:,g}"
