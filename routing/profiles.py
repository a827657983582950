"""Driving profiles: what the map's tags mean to a kind of vehicle.

The numbers and rules are data (`profiles.toml`, with their sources); this module reads them and
applies them to one tag set at a time.
"""

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from routing.errors import ProfileError

MPS_PER_MPH = 0.44704
"""Exact, by the international mile of 1,609.344 m (Weights and Measures Act 1985, sch. 1)."""
MPS_PER_KMH = 1 / 3.6

PACKAGED_PROFILES = Path(__file__).with_name("profiles.toml")

_Kind = TypeVar("_Kind")

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

    def speed_mps(self, tags: Mapping[str, str]) -> float | None:
        """Metres per second on a street with these tags, or None where it may not be driven."""
        road_class = tags["highway"]
        typical = self.speed_mph.get(road_class)
        if typical is None or self.access.closes(tags):
            return None
        limit = self.limit_mps(tags.get("maxspeed", ""))
        free = max(typical * MPS_PER_MPH, self.open_road.speed_mps(road_class, limit))
        normal = min(free, limit)
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


def load_profiles(path: Path = PACKAGED_PROFILES) -> Mapping[str, Profile]:
    """Read driving profiles from a TOML file shaped like the packaged one.

    Raises
    ------
    ProfileError
        When the file is not TOML, or a profile is incomplete or out of range.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        msg = f"{path}: {error}"
        raise ProfileError(msg) from error
    return {name: _profile(name, tables) for name in tables}


def _profile(name: str, tables: Mapping[str, Any]) -> Profile:
    read = _Reader(f"profile {name}")
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
    )


def _open_road(read: "_Reader", table: Mapping[str, Any]) -> OpenRoad:
    if "open_road" not in table:
        return NO_OPEN_ROAD
    open_road = read.table(table, "open_road")
    return OpenRoad(
        classes=frozenset(read.strings(open_road, "classes")),
        from_limit_mph=read.number(open_road, "from_limit_mph"),
        share_of_limit=read.number(open_road, "share_of_limit"),
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Takes checked values out of TOML tables; `place` begins every message."""

    place: str

    def value(self, table: Mapping[str, Any], key: str, kind: type[_Kind]) -> _Kind:
        found = table.get(key)
        if not isinstance(found, kind):
            what = (
                "is missing" if key not in table else f"is {found!r}; it must be a {kind.__name__}"
            )
            msg = f"{self.place}: {key} {what}"
            raise ProfileError(msg)
        return found

    def table(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        return self.value(table, key, dict)

    def strings(self, table: Mapping[str, Any], key: str) -> tuple[str, ...]:
        found = self.value(table, key, list)
        if not all(isinstance(one, str) for one in found):
            msg = f"{self.place}: {key} is {found!r}; it must be a list of strings"
            raise ProfileError(msg)
        return tuple(found)

    def numbers(
        self, table: Mapping[str, Any], key: str, *, at_least_zero: bool = False
    ) -> dict[str, float]:
        found = self.table(table, key)
        return {
            name: self.number(found, name, within=f"{key}.", at_least_zero=at_least_zero)
            for name in found
        }

    def number(
        self, table: Mapping[str, Any], key: str, *, within: str = "", at_least_zero: bool = False
    ) -> float:
        number: Any = table.get(key)
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not (0 < number < math.inf or (at_least_zero and number == 0)):
            accepted = "0 or more" if at_least_zero else "above 0"
            msg = f"{self.place}: {within}{key} is {number!r}; it must be a number {accepted}"
            raise ProfileError(msg)
        return float(number)
