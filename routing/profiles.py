"""Driving profiles: what the map's tags mean to a kind of vehicle.

The numbers and rules are data (`profiles.toml`, with their sources); this module reads them and
applies them to one tag set at a time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from routing.access import (
    NO_CONTRAFLOW,
    Access,
    AccessRules,
    BarrierRules,
    ContraflowRules,
    VehicleSize,
)
from routing.errors import ProfileError
from routing.hours_of_week import HOURS_OF_WEEK, tags_at
from routing.junction_delays import JunctionDelays
from routing.measures import MPS_PER_MPH, speed_limit_mps
from routing.streets import CONTRAFLOW
from routing.toml_reader import TomlReader, toml_tables
from routing.traffic import PACKAGED_TRAFFIC, FeltTraffic, Traffic, load_traffic
from routing.turn_rules import TurnRules

PACKAGED_PROFILES = Path(__file__).with_name("profiles.toml")


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
    delays
        What is lost at junctions and humps.
    at_junctions
        Share of the door-to-door time that is spent so by road class; `default` for the others.
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
    contraflow: ContraflowRules
    turns: TurnRules
    size: VehicleSize
    traffic: FeltTraffic
    delays: JunctionDelays
    at_junctions: Mapping[str, float]

    def slot(self, hour: int | None) -> int | None:
        """The first hour of the week at which every street is driven as fast as at this one.

        None, the average over the week, is a slot of its own. Turns, and what is closed, may differ
        within a slot (`routing.metric.hour_slots`).

        Raises
        ------
        ProfileError
            When `hour` is not an hour of the week.
        """
        check_hour(hour)
        return None if hour is None else self.traffic.slot(hour)

    def speed_mps(self, tags: Mapping[str, str], hour: int | None = None) -> float | None:
        """Metres per second on a street with these tags, or None where it may not be driven.

        `hour` is the hour of the week, 0 to 167; None is the average over the week.

        Examples
        --------
        A bus gate is closed to most, not to an ambulance on blue lights.

        >>> bus_gate = {"highway": "residential", "motor_vehicle": "no", "bus": "yes"}
        >>> router.profiles["normal_road"].speed_mps(bus_gate) is None
        True
        >>> router.profiles["blue_light"].speed_mps(bus_gate) > 0
        True
        """
        road_class = tags["highway"]
        typical = self.speed_mph.get(road_class)
        if typical is None or not self.size.fits(tags):
            return None
        if CONTRAFLOW in tags and road_class not in self.contraflow.classes:
            return None
        if self.access.at(tags, hour) is Access.CLOSED:
            return None
        limit = self.limit_mps(tags.get("maxspeed", ""))
        free = max(typical * MPS_PER_MPH, self.open_road.speed_mps(road_class, limit))
        normal = min(free / self.traffic.time_factor(road_class, hour), limit)
        speed = normal / self.time_ratio.get(road_class, self.time_ratio["default"])
        if CONTRAFLOW in tags:
            return min(speed, self.contraflow.speed_mph * MPS_PER_MPH)
        return min(speed, limit) if self.obeys_speed_limit else speed

    @property
    def drives_against_traffic(self) -> bool:
        """Whether one-way streets are driven both ways, where the network has the other way."""
        return bool(self.contraflow.classes)

    def between_junctions_mps(
        self, tags: Mapping[str, str], hour: int | None = None
    ) -> float | None:
        """`speed_mps` without the time spent at junctions, for maps that say where they are."""
        speed = self.speed_mps(tags, hour)
        if speed is None or CONTRAFLOW in tags:
            return speed
        road_class = tags["highway"]
        at_junctions = self.at_junctions.get(road_class, self.at_junctions["default"])
        moving = speed / (1 - at_junctions)
        limit = self.limit_mps(tags.get("maxspeed", ""))
        return max(speed, min(moving, limit)) if self.obeys_speed_limit else moving

    def limit_mps(self, maxspeed: str) -> float:
        """Speed limit in metres per second; infinite where the tag gives none that is understood.

        A bare number is km/h, as in OpenStreetMap. Of several values the lowest counts.
        """
        return speed_limit_mps(maxspeed, self.limit_mph)

    def barrier_delay_s(self, tags: Mapping[str, str], hour: int | None = None) -> float | None:
        """Seconds lost at a point with these tags, or None where nobody gets through.

        Lights and crossings are not in it (`delays`). What stops at any time of the hour of the
        week stops; with None, what does for most of the day.

        Examples
        --------
        >>> by_night = {"barrier": "gate", "locked:conditional": "yes @ (22:00-06:00)"}
        >>> [router.profiles["blue_light"].barrier_delay_s(by_night, hour) for hour in (3, 12)]
        [None, 20.0]
        """
        each = [self._point_s(one) for one in tags_at(tags, hour)]
        passed = [seconds for seconds in each if seconds is not None]
        return max(passed) if len(passed) == len(each) else None

    def _point_s(self, tags: Mapping[str, str]) -> float | None:
        access = self.access.deciding(tags)
        if not self.size.fits(tags) or ("barrier" not in tags and access in self.access.closed):
            return None
        return self.barriers.time_lost_s(tags, access)


def check_hour(hour: int | None) -> None:
    """Raise `ProfileError` unless this is an hour of the week, or None for the average."""
    if hour is not None and hour not in range(HOURS_OF_WEEK):
        msg = f"hour is {hour}; it must be an hour of the week, 0 to {HOURS_OF_WEEK - 1}"
        raise ProfileError(msg)


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
    table = _extended(read, tables, name)
    based_on = read.value(table, "based_on", str) if "based_on" in table else name
    if based_on not in tables:
        msg = f"profile {name}: based_on is {based_on!r}; there is no such profile"
        raise ProfileError(msg)
    base = read.table(tables, based_on)
    return Profile(
        name=name,
        description=read.value(table, "description", str),
        speed_mph=read.numbers(base, "speed_mph"),
        open_road=_open_road(read, base),
        limit_mph=read.numbers(base, "limit_mph"),
        time_ratio=_by_class(read, table, "time_ratio", 1.0),
        obeys_speed_limit=read.value(table, "obeys_speed_limit", bool),
        access=AccessRules.read(read, read.table(table, "access")),
        barriers=BarrierRules.read(read, read.table(table, "barriers")),
        size=VehicleSize.read(read, {**read.table(base, "size"), **table.get("size", {})}),
        contraflow=ContraflowRules.read(read, read.table(table, "contraflow"))
        if "contraflow" in table
        else NO_CONTRAFLOW,
        turns=_turn_rules(read, read.table(table, "turns")),
        traffic=traffic.felt(read.number(table, "congestion_felt", at_least_zero=True)),
        delays=JunctionDelays.read(read, read.table(table, "delays")),
        at_junctions=_shares(read, table),
    )


def _turn_rules(read: TomlReader, turns: Mapping[str, Any]) -> TurnRules:
    return TurnRules(
        keys=read.strings(turns, "keys"),
        obeyed=frozenset(read.strings(turns, "obeyed")),
        excepted=frozenset(read.strings(turns, "excepted")),
    )


def _extended(read: TomlReader, tables: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A profile's table, with what it leaves out taken from the profile that it `extends`."""
    table = read.table(tables, name)
    if "extends" not in table:
        return table
    extends = read.value(table, "extends", str)
    if extends not in tables or "extends" in read.table(tables, extends):
        msg = f"{read.place}: extends is {extends!r}; it must be a profile that extends no other"
        raise ProfileError(msg)
    return {**read.table(tables, extends), **table}


def _by_class(
    read: TomlReader, table: Mapping[str, Any], key: str, otherwise: float
) -> dict[str, float]:
    """Numbers by road class, with a default for the others."""
    if key not in table:
        return {"default": otherwise}
    numbers = read.numbers(table, key, at_least_zero=otherwise == 0)
    if "default" not in numbers:
        msg = f"{read.place}: {key}.default is missing"
        raise ProfileError(msg)
    return numbers


def _shares(read: TomlReader, table: Mapping[str, Any]) -> dict[str, float]:
    shares = _by_class(read, table, "at_junctions", 0.0)
    for road_class, share in shares.items():
        if share >= 1:
            msg = f"{read.place}: at_junctions.{road_class} is {share}; it must be below 1"
            raise ProfileError(msg)
    return shares


def _open_road(read: TomlReader, table: Mapping[str, Any]) -> OpenRoad:
    if "open_road" not in table:
        return NO_OPEN_ROAD
    open_road = read.table(table, "open_road")
    return OpenRoad(
        classes=frozenset(read.strings(open_road, "classes")),
        from_limit_mph=read.number(open_road, "from_limit_mph"),
        share_of_limit=read.number(open_road, "share_of_limit"),
    )
