"""Driving profiles: what the map's tags mean to a kind of vehicle.

The numbers and rules are data (`profiles.toml`, with their sources); this module reads them and
applies them to one tag set at a time.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.errors import ProfileError
from routing.toml_reader import TomlReader, toml_tables
from routing.traffic import HOURS_OF_WEEK, PACKAGED_TRAFFIC, FeltTraffic, Traffic, load_traffic
from routing.turn_rules import TurnRules

MPS_PER_MPH = 0.44704
"""Exact, by the international mile of 1,609.344 m (Weights and Measures Act 1985, sch. 1)."""
MPS_PER_KMH = 1 / 3.6

PACKAGED_PROFILES = Path(__file__).with_name("profiles.toml")

_MAXSPEED = re.compile(r"^(?P<value>\d+(?:\.\d+)?)\s*(?P<unit>mph|km/h|kmh|kph)?$")


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Which streets are closed by rule.

    Attributes
    ----------
    keys
        Access tags in order of precedence: the first that a street has decides.
    closed
        Values of those keys that close it.
    closed_classes, closed_service
        Values of `highway` and `service` that are closed unless a key opens them.
    """

    keys: tuple[str, ...]
    closed: frozenset[str]
    closed_classes: frozenset[str]
    closed_service: frozenset[str]

    def closes(self, tags: Mapping[str, str]) -> bool:
        """Whether a street with these tags may not be driven."""
        for key in self.keys:
            if key in tags:
                return tags[key] in self.closed
        return (
            tags.get("highway", "") in self.closed_classes
            or tags.get("service", "") in self.closed_service
        )


@dataclass(frozen=True, slots=True)
class BarrierRules:
    """What a barrier across a street does.

    Attributes
    ----------
    stops
        Kinds of barrier that end the drive.
    opened_by
        Values of an access key on the barrier that let the vehicle through all the same.
    delay_s
        Seconds lost at kinds that are passed.
    """

    stops: frozenset[str]
    opened_by: frozenset[str]
    delay_s: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class OpenRoad:
    """Roads built for speed, told by their limit.

    Attributes
    ----------
    classes
        Values of `highway` that may be such roads.
    from_limit_mph
        The lowest limit that tells one.
    share_of_limit
        What is driven of the limit there.
    """

    classes: frozenset[str]
    from_limit_mph: float
    share_of_limit: float

    def speed_mps(self, road_class: str, limit_mps: float) -> float:
        """Metres per second on a road of this class and limit; 0 where it is no open road."""
        lowest_mps = self.from_limit_mph * MPS_PER_MPH
        is_open = road_class in self.classes and lowest_mps <= limit_mps < math.inf
        return self.share_of_limit * limit_mps if is_open else 0.0


NO_OPEN_ROAD = OpenRoad(frozenset(), from_limit_mph=math.inf, share_of_limit=0.0)


@dataclass(frozen=True, slots=True)
class Profile:
    """How a kind of vehicle drives.

    Attributes
    ----------
    speed_mph
        Typical door-to-door speed by road class, before limit and ratio.
    open_road
        Where more than that is driven.
    limit_mph
        Speed limits that the map gives by name.
    time_ratio
        Driving time as a share of normal driving time by road class; `default` for the others.
    obeys_speed_limit
        Whether the limit caps the speed after the ratio too; it always caps normal driving.
    traffic
        How the hour of the week changes driving times.
    """

    name: str
    description: str
    speed_mph: Mapping[str, float]
    open_road: OpenRoad
    limit_mph: Mapping[str, float]
    time_ratio: Mapping[str, float]
    obeys_speed_limit: bool
    access: AccessRules
    barriers: BarrierRules
    turns: TurnRules
    traffic: FeltTraffic

    def slot(self, hour: int | None) -> int | None:
        """The first hour of the week at which every street is driven as fast as at this one.

        None, the average over the week, is a slot of its own. Turns may differ within a slot
        (`routing.metric.hour_slots`).

        Raises
        ------
        ProfileError
            When `hour` is not an hour of the week.
        """
        if hour is None:
            return None
        if not 0 <= hour < HOURS_OF_WEEK:
            msg = f"hour is {hour}; it must be an hour of the week, 0 to {HOURS_OF_WEEK - 1}"
            raise ProfileError(msg)
        return self.traffic.slot(hour)

    def speed_mps(self, tags: Mapping[str, str], hour: int | None = None) -> float | None:
        """Metres per second on a street with these tags, or None where it may not be driven.

        `hour` is the hour of the week, 0 to 167; None is the average over the week.
        """
        road_class = tags["highway"]
        typical = self.speed_mph.get(road_class)
        if typical is None or self.access.closes(tags):
            return None
        limit = self.limit_mps(tags.get("maxspeed", ""))
        free = max(typical * MPS_PER_MPH, self.open_road.speed_mps(road_class, limit))
        normal = min(free / self.traffic.time_factor(road_class, hour), limit)
        speed = normal / self.time_ratio.get(road_class, self.time_ratio["default"])
        return min(speed, limit) if self.obeys_speed_limit else speed

    def limit_mps(self, maxspeed: str) -> float:
        """Speed limit in metres per second; infinite where the tag gives none that is understood.

        A bare number is km/h, as in OpenStreetMap. Of several values the lowest counts.
        """
        limits = [self._one_limit_mps(value.strip()) for value in re.split(r"[;|]", maxspeed)]
        return min(limits, default=math.inf)

    def _one_limit_mps(self, maxspeed: str) -> float:
        if maxspeed in self.limit_mph:
            return self.limit_mph[maxspeed] * MPS_PER_MPH
        found = _MAXSPEED.match(maxspeed)
        if not found or float(found["value"]) == 0:
            return math.inf
        unit = MPS_PER_MPH if found["unit"] == "mph" else MPS_PER_KMH
        return float(found["value"]) * unit

    def barrier_delay_s(self, tags: Mapping[str, str]) -> float | None:
        """Seconds lost at a junction with these tags, or None where nobody gets through."""
        kind = tags.get("barrier", "")
        if kind in self.barriers.stops and not self._opened(tags):
            return None
        return self.barriers.delay_s.get(kind, 0.0)

    def _opened(self, tags: Mapping[str, str]) -> bool:
        for key in self.access.keys:
            if key in tags:
                return tags[key] in self.barriers.opened_by
        return False


def load_profiles(
    path: Path = PACKAGED_PROFILES, traffic: Path = PACKAGED_TRAFFIC
) -> Mapping[str, Profile]:
    """Read driving profiles, and the traffic they drive in, from TOML files shaped like ours.

    Raises
    ------
    ProfileError
        When a file is not TOML, or what it says is incomplete or out of range.
    """
    tables = toml_tables(path)
    by_hour = load_traffic(traffic)
    return {name: _profile(name, tables, by_hour) for name in tables}


def _profile(name: str, tables: Mapping[str, Any], traffic: Traffic) -> Profile:
    read = TomlReader(f"profile {name}")
    table = read.table(tables, name)
    based_on = read.value(table, "based_on", str) if "based_on" in table else name
    if based_on not in tables:
        msg = f"profile {name}: based_on is {based_on!r}; there is no such profile"
        raise ProfileError(msg)
    base = read.table(tables, based_on)
    access, barriers = read.table(table, "access"), read.table(table, "barriers")
    time_ratio = read.numbers(table, "time_ratio") if "time_ratio" in table else {"default": 1.0}
    if "default" not in time_ratio:
        msg = f"profile {name}: time_ratio.default is missing"
        raise ProfileError(msg)
    return Profile(
        name=name,
        description=read.value(table, "description", str),
        speed_mph=read.numbers(base, "speed_mph"),
        open_road=_open_road(read, base),
        limit_mph=read.numbers(base, "limit_mph"),
        time_ratio=time_ratio,
        obeys_speed_limit=read.value(table, "obeys_speed_limit", bool),
        access=AccessRules(
            keys=read.strings(access, "keys"),
            closed=frozenset(read.strings(access, "closed")),
            closed_classes=frozenset(read.strings(access, "closed_classes")),
            closed_service=frozenset(read.strings(access, "closed_service")),
        ),
        barriers=BarrierRules(
            stops=frozenset(read.strings(barriers, "stops")),
            opened_by=frozenset(read.strings(barriers, "opened_by")),
            delay_s=read.numbers(barriers, "delay_s", at_least_zero=True),
        ),
        turns=_turn_rules(read, read.table(table, "turns")),
        traffic=traffic.felt(read.number(table, "congestion_felt", at_least_zero=True)),
    )


def _turn_rules(read: TomlReader, turns: Mapping[str, Any]) -> TurnRules:
    return TurnRules(
        keys=read.strings(turns, "keys"),
        obeyed=frozenset(read.strings(turns, "obeyed")),
        excepted=frozenset(read.strings(turns, "excepted")),
    )


def _open_road(read: TomlReader, table: Mapping[str, Any]) -> OpenRoad:
    if "open_road" not in table:
        return NO_OPEN_ROAD
    open_road = read.table(table, "open_road")
    return OpenRoad(
        classes=frozenset(read.strings(open_road, "classes")),
        from_limit_mph=read.number(open_road, "from_limit_mph"),
        share_of_limit=read.number(open_road, "share_of_limit"),
    )
