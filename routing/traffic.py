"""How driving time varies over the week.

The numbers are data (`traffic.toml`, with their sources); this module reads them and says how much
of the variation a profile feels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from routing.hours_of_week import HOURS_OF_WEEK
from routing.toml_reader import TomlReader, toml_tables

PACKAGED_TRAFFIC = Path(__file__).with_name("traffic.toml")

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
DAYS = (*WEEKDAYS, "saturday", "sunday")
HOURS_OF_DAY = 24

OTHER_CLASSES = "minor"
"""The group of every road class that a table does not name."""

_DECIMALS = 2
"""Felt times are rounded to steps of 1 %: hours that differ by less are the same to everybody."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """Driving time by hour of the week, relative to the average over the week.

    Attributes
    ----------
    group_of
        Group of the road classes that are not `OTHER_CLASSES`.
    relative_time
        By group, 168 numbers whose mean is 1.
    """

    group_of: Mapping[str, str]
    relative_time: Mapping[str, tuple[float, ...]]

    def felt(self, share: float) -> "FeltTraffic":
        """The part of the variation that is felt by somebody who feels a share of it."""
        return FeltTraffic(
            self.group_of,
            {
                group: tuple(round(1 + share * (one - 1), _DECIMALS) for one in times)
                for group, times in self.relative_time.items()
            },
        )


@dataclass(frozen=True, slots=True)
class FeltTraffic:
    """What one profile feels of the traffic at each hour of the week.

    Attributes
    ----------
    group_of
        Group of the road classes that are not `OTHER_CLASSES`.
    relative_time
        By group, 168 numbers.
    """

    group_of: Mapping[str, str]
    relative_time: Mapping[str, tuple[float, ...]]

    def time_factor(self, road_class: str, hour: int | None) -> float:
        """By how much a drive on a road of this class takes longer than on average.

        Parameters
        ----------
        road_class
            Value of `highway`.
        hour
            Hour of the week; None is the average.
        """
        if hour is None:
            return 1.0
        return self.relative_time[self.group_of.get(road_class, OTHER_CLASSES)][hour]

    def slot(self, hour: int) -> int:
        """The first hour of the week at which everything takes as long as at this one."""
        rows = tuple(self.relative_time.values())
        now = [row[hour] for row in rows]
        return next(first for first in range(hour + 1) if [row[first] for row in rows] == now)


NO_TRAFFIC = Traffic({}, {OTHER_CLASSES: (1.0,) * HOURS_OF_WEEK})
"""Every hour is like any other."""


def load_traffic(path: Path = PACKAGED_TRAFFIC) -> Traffic:
    """Read a table of driving times by hour of the week, shaped like the packaged one.

    Raises
    ------
    ProfileError
        When the file is not TOML, a day or group is missing, or a row has not 24 numbers above 0.
    """
    tables = toml_tables(path)
    read = TomlReader(str(path))
    groups = read.table(tables, "groups")
    group_of = {one: group for group in groups for one in read.strings(groups, group)}
    days = [_Day.of(read, tables, day) for day in DAYS]
    return Traffic(
        group_of,
        {
            group: _relative([number for day in days for number in day.row(group)])
            for group in sorted({*groups, OTHER_CLASSES})
        },
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """The table that holds for one day of the week."""

    read: TomlReader
    rows: Mapping[str, Any]

    @classmethod
    def of(cls, read: TomlReader, tables: Mapping[str, Any], day: str) -> Self:
        name = day if day in tables or day not in WEEKDAYS else "weekday"
        return cls(TomlReader(f"{read.place}: {name}"), read.table(tables, name))

    def row(self, group: str) -> tuple[float, ...]:
        return self.read.row(self.rows, group, HOURS_OF_DAY)


def _relative(times: Sequence[float]) -> tuple[float, ...]:
    mean = sum(times) / len(times)
    return tuple(one / mean for one in times)
