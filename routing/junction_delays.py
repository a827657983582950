"""What junctions, crossings and humps cost a kind of vehicle in time.

The numbers are data (`profiles.toml`, with their sources).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

from routing.errors import ProfileError
from routing.streets import passed_on
from routing.toml_reader import TomlReader


class Side(Enum):
    """The side of the road on which traffic drives."""

    LEFT = "left"
    RIGHT = "right"


SIGNAL_CROSSINGS = frozenset({"traffic_signals", "pelican", "puffin", "toucan", "pegasus"})
"""Values of `crossing` with lights, the animals being British."""


def is_signals(tags: Mapping[str, str]) -> bool:
    """Whether traffic lights of a junction stand at a point."""
    return tags.get("highway") == "traffic_signals"


def is_signal_crossing(tags: Mapping[str, str]) -> bool:
    """Whether a crossing with lights is at a point."""
    return tags.get("highway") == "crossing" and (
        tags.get("crossing") in SIGNAL_CROSSINGS or tags.get("crossing:signals") == "yes"
    )


def passed_kind(tags: Mapping[str, str]) -> str:
    """What is passed at a point that slows a driver without stopping one; empty for nothing."""
    if "traffic_calming" in tags:
        return tags["traffic_calming"].partition(";")[0].strip().replace(" ", "_")
    marked = "zebra" in tags.get("crossing:markings", "")
    if marked or tags.get("crossing") in ("zebra", "uncontrolled"):
        return "" if is_signal_crossing(tags) else "zebra"
    return ""


@dataclass(frozen=True, slots=True)
class JunctionDelays:
    """Seconds lost, on average, at what a driver meets.

    Attributes
    ----------
    drives_on
        Which side: turning to the other crosses the oncoming traffic.
    signals_s, signal_crossing_s
        At traffic lights of a junction and of a crossing.
    one_junction_m
        Lights within so many metres of the last ones belong to the same junction and cost nothing
        again: a large junction has many.
    across_traffic_s, turning_from_deg
        Turning across the oncoming traffic, and from which change of heading on one turns.
    roundabout_s, mini_roundabout_s
        Entering one.
    turn_round_s
        Turning round at a dead end.
    passing_s
        Passing a zebra crossing or a hump, by kind (`passed_kind`).
    """

    drives_on: Side
    signals_s: float
    signal_crossing_s: float
    one_junction_m: float
    across_traffic_s: float
    turning_from_deg: float
    roundabout_s: float
    mini_roundabout_s: float
    turn_round_s: float
    passing_s: Mapping[str, float]

    @classmethod
    def read(cls, read: TomlReader, table: Mapping[str, Any]) -> Self:
        """Take the delays out of a profile's `delays` table."""
        side = read.value(table, "drives_on", str)
        if side not in [one.value for one in Side]:
            msg = f"{read.place}: drives_on is {side!r}; it must be 'left' or 'right'"
            raise ProfileError(msg)

        def seconds(key: str) -> float:
            return read.number(table, key, at_least_zero=True)

        return cls(
            drives_on=Side(side),
            signals_s=seconds("signals_s"),
            signal_crossing_s=seconds("signal_crossing_s"),
            one_junction_m=seconds("one_junction_m"),
            across_traffic_s=seconds("across_traffic_s"),
            turning_from_deg=read.number(table, "turning_from_deg"),
            roundabout_s=seconds("roundabout_s"),
            mini_roundabout_s=seconds("mini_roundabout_s"),
            turn_round_s=seconds("turn_round_s"),
            passing_s=read.numbers(table, "passing_s", at_least_zero=True),
        )

    def lights_s(self, tags: Mapping[str, str]) -> float:
        """Seconds lost at the traffic lights of a point, 0 where there are none."""
        if is_signals(tags):
            return self.signals_s
        return self.signal_crossing_s if is_signal_crossing(tags) else 0.0

    def passing_point_s(self, tags: Mapping[str, str]) -> float:
        """Seconds lost at a junction to a hump, a zebra crossing or a mini-roundabout on it."""
        mini = self.mini_roundabout_s if tags.get("highway") == "mini_roundabout" else 0.0
        return mini + self.passing_s.get(passed_kind(tags), 0.0)

    def along_street_s(self, tags: Mapping[str, str]) -> float:
        """Seconds lost to the humps and zebra crossings of a street between its junctions.

        A stretch that is itself tagged as traffic calming is passed once.
        """
        passed = passed_on(tags)
        points = sum(count * self.passing_s.get(kind, 0.0) for kind, count in passed.items())
        return points + self.passing_s.get(passed_kind(tags), 0.0)
