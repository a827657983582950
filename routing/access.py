"""Where a kind of vehicle may drive: streets closed by rule, barriers, and gaps it fits through.

The rules are data (`profiles.toml`, with their sources).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, Self

from routing.hours_of_week import ALWAYS, CONDITIONAL, HOURS_OF_WEEK, NEVER, WeekRule, tagged_hours
from routing.measures import metres, tonnes
from routing.toml_reader import TomlReader

VEHICLE_KEYS = ("vehicle", "motor_vehicle", "motorcar")
"""Access tags that say of vehicles what `access` says of everybody
(wiki.openstreetmap.org/wiki/Key:access#Transport_mode_hierarchy)."""


class Access(Enum):
    """What a kind of vehicle may do on a street.

    `LOCAL`: begin or end its drive there, and not pass through.
    """

    OPEN = "open"
    LOCAL = "local"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class AccessHours:
    """When a street is closed, and when nobody passes through it.

    Attributes
    ----------
    closed
        When its tags close it.
    barred
        When they close it or open it only to drives that begin or end there.
    """

    closed: WeekRule
    barred: WeekRule

    def at(self, hour: int | None) -> Access:
        """What may be done in an hour of the week; with None, in most hours of the day.

        What closes at any time of the hour closes it. A street that is open for most of the day is
        `LOCAL` in its closed hours: whoever has business there gets in (a school street's
        residents do; assumption for all others), and every place stays reached.
        """
        if self.closed.holds(hour) and self.closed.holds(None):
            return Access.CLOSED
        return Access.LOCAL if self.barred.holds(hour) else Access.OPEN

    @property
    def by_hour(self) -> tuple[Access, ...]:
        """What may be done in each hour of the week."""
        return tuple(self.at(hour) for hour in range(HOURS_OF_WEEK))


@dataclass(frozen=True)
class AccessRules:
    """Which streets are closed by rule.

    Attributes
    ----------
    keys
        Access tags in order of precedence: the first that a street has, plain or conditional,
        decides.
    closed
        Values of those keys that close it.
    local
        Values of those keys that open it only to drives that begin or end there.
    closed_classes, closed_service
        Values of `highway` and `service` that are closed unless a key opens them.
    """

    keys: tuple[str, ...]
    closed: frozenset[str]
    local: frozenset[str]
    closed_classes: frozenset[str]
    closed_service: frozenset[str]

    @classmethod
    def read(cls, read: TomlReader, table: Mapping[str, Any]) -> Self:
        """Take the rules out of a profile's `access` table."""
        return cls(
            keys=read.strings(table, "keys"),
            closed=frozenset(read.strings(table, "closed")),
            local=frozenset(read.strings(table, "local")),
            closed_classes=frozenset(read.strings(table, "closed_classes")),
            closed_service=frozenset(read.strings(table, "closed_service")),
        )

    def at(self, tags: Mapping[str, str], hour: int | None = None) -> Access:
        """What may be done on a street with these tags in an hour of the week, or on average.

        Examples
        --------
        >>> rules = router.profiles["normal_road"].access
        >>> school_street = {"motor_vehicle:conditional": "no @ (Mo-Fr 08:15-09:15)"}
        >>> rules.at(school_street, hour=8), rules.at(school_street, hour=10)
        (<Access.LOCAL: 'local'>, <Access.OPEN: 'open'>)
        >>> rules.at({"access": "private"})
        <Access.CLOSED: 'closed'>
        """
        if self.varies(tags):
            return self.hours(tags).at(hour)
        return self._by_value(self.deciding(tags), tags)

    def varies(self, tags: Mapping[str, str]) -> bool:
        """Whether a conditional tag may make hours differ."""
        return not self._conditional_keys.isdisjoint(tags)

    @cached_property
    def _conditional_keys(self) -> frozenset[str]:
        return frozenset(key + CONDITIONAL for key in self.keys)

    def hours(self, tags: Mapping[str, str]) -> AccessHours:
        """When a street with these tags is closed or barred to those who pass."""
        found = dict.fromkeys(Access, frozenset[int]())
        undecided = ALWAYS.hours
        for key in self.keys:
            when = tagged_hours(tags, key)
            for value in when.keys() - {""}:
                found[self._by_value(value, tags)] |= when[value].hours & undecided
            undecided &= when.get("", NEVER).hours
        found[self._by_value(None, tags)] |= undecided
        closed = found[Access.CLOSED]
        return AccessHours(WeekRule(closed), WeekRule(closed | found[Access.LOCAL]))

    def _by_value(self, deciding: str | None, tags: Mapping[str, str]) -> Access:
        if deciding is not None:
            if deciding in self.closed:
                return Access.CLOSED
            return Access.LOCAL if deciding in self.local else Access.OPEN
        by_class = (
            tags.get("highway", "") in self.closed_classes
            or tags.get("service", "") in self.closed_service
        )
        return Access.CLOSED if by_class else Access.OPEN

    def deciding(self, tags: Mapping[str, str]) -> str | None:
        """Value of the plain access tag that counts, None where there is none."""
        return next((tags[key] for key in self.keys if key in tags), None)


@dataclass(frozen=True, slots=True)
class ContraflowRules:
    """Where one may drive against the traffic of a one-way street, and how fast.

    Attributes
    ----------
    classes
        Values of `highway`.
    speed_mph
        At most, whatever the street.
    """

    classes: frozenset[str]
    speed_mph: float

    @classmethod
    def read(cls, read: TomlReader, table: Mapping[str, Any]) -> Self:
        """Take the rules out of a profile's `contraflow` table."""
        return cls(frozenset(read.strings(table, "classes")), read.number(table, "speed_mph"))


NO_CONTRAFLOW = ContraflowRules(frozenset(), 0.0)


@dataclass(frozen=True, slots=True)
class BarrierRules:
    """What a barrier across a street does.

    Attributes
    ----------
    stops
        Kinds of barrier that end the drive.
    opened_by
        Values of an access key on the barrier that let the vehicle through all the same.
    opened_s
        Seconds lost at a kind that stops others and is opened to the vehicle.
    shut_by
        Tags by which a kind that is passed elsewhere is shut; `access` is none of them where one of
        `VEHICLE_KEYS` says other than "no".
    carries_keys
        Whether what is open to the vehicle opens though it is shut to others.
    delay_s
        Seconds lost at kinds that are passed.
    """

    stops: frozenset[str]
    opened_by: frozenset[str]
    opened_s: float
    shut_by: Mapping[str, frozenset[str]]
    carries_keys: bool
    delay_s: Mapping[str, float]

    @classmethod
    def read(cls, read: TomlReader, table: Mapping[str, Any]) -> Self:
        """Take the rules out of a profile's `barriers` table."""
        shut_by = read.table(table, "shut_by")
        return cls(
            stops=frozenset(read.strings(table, "stops")),
            opened_by=frozenset(read.strings(table, "opened_by")),
            opened_s=read.number(table, "opened_s", at_least_zero=True),
            shut_by={key: frozenset(read.strings(shut_by, key)) for key in shut_by},
            carries_keys=read.value(table, "carries_keys", bool),
            delay_s=read.numbers(table, "delay_s", at_least_zero=True),
        )

    def time_lost_s(self, tags: Mapping[str, str], access: str | None) -> float | None:
        """Seconds lost at a barrier with these tags, or None where nobody gets through.

        Parameters
        ----------
        tags
            Tags of the point, a barrier or not.
        access
            Value of its access tag that counts for the vehicle.
        """
        kind = tags.get("barrier")
        if kind is None:
            return 0.0
        opened = access in self.opened_by
        lets_vehicles_in = any(tags.get(key, "no") != "no" for key in VEHICLE_KEYS)
        shut = any(
            tags.get(key) in values and not (key == "access" and lets_vehicles_in)
            for key, values in self.shut_by.items()
        )
        if (shut and not (opened and self.carries_keys)) or (kind in self.stops and not opened):
            return None
        return self.delay_s.get(kind, self.opened_s if kind in self.stops else 0.0)


@dataclass(frozen=True, slots=True)
class VehicleSize:
    """How large a vehicle is, and which tags say what fits.

    Attributes
    ----------
    width_m, height_m
        Metres, mirrors folded in.
    weight_t
        Tonnes, laden.
    width_tags, height_tags, weight_tags
        Tags that limit each.
    weight_counts_on
        Tags with which a weight limit counts, whatever their value but "no".
    waived_tags, waived_by
        Limits that do not count where `emergency` has one of these values.
    """

    width_m: float
    height_m: float
    weight_t: float
    width_tags: tuple[str, ...]
    height_tags: tuple[str, ...]
    weight_tags: tuple[str, ...]
    weight_counts_on: tuple[str, ...]
    waived_tags: frozenset[str]
    waived_by: frozenset[str]

    @classmethod
    def read(cls, read: TomlReader, table: Mapping[str, Any]) -> Self:
        """Take the size out of a profile's `size` table."""
        return cls(
            width_m=read.number(table, "width_m"),
            height_m=read.number(table, "height_m"),
            weight_t=read.number(table, "weight_t"),
            width_tags=read.strings(table, "width_tags"),
            height_tags=read.strings(table, "height_tags"),
            weight_tags=read.strings(table, "weight_tags"),
            weight_counts_on=read.strings(table, "weight_counts_on"),
            waived_tags=frozenset(read.strings(table, "waived_tags")),
            waived_by=frozenset(read.strings(table, "waived_by")),
        )

    def fits(self, tags: Mapping[str, str]) -> bool:
        """Whether the vehicle fits through a street or point with these tags."""
        waived = self.waived_tags if tags.get("emergency") in self.waived_by else frozenset()
        limits = {key: tags[key] for key in (*self.width_tags, *self.height_tags) if key in tags}
        for key, limit in limits.items():
            needed_m = self.width_m if key in self.width_tags else self.height_m
            if metres(limit) < needed_m and key not in waived:
                return False
        return all(
            tonnes(tags[key]) >= self.weight_t or key in waived
            for key in self.weight_tags
            if key in tags and any(tags.get(where, "no") != "no" for where in self.weight_counts_on)
        )
