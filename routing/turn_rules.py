"""Who must obey which turn restriction, and when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routing.hours_of_week import CONDITIONAL, tagged_hours


@dataclass(frozen=True, slots=True)
class TurnRules:
    """Which turn restrictions a kind of vehicle obeys.

    Attributes
    ----------
    keys
        Tags that may restrict it, the most specific first: the first that a restriction has,
        plain or conditional, decides.
    obeyed
        Values of those tags that it obeys.
    excepted
        Values of `except` that free it from the whole restriction.
    """

    keys: tuple[str, ...]
    obeyed: frozenset[str]
    excepted: frozenset[str]

    def ban(self, rule: Sequence[Mapping[str, str]], hour: int | None) -> bool:
        """Whether one of several restrictions binds at an hour of the week (None: on average)."""
        return any(self.binds(tags, hour) for tags in rule)

    def binds(self, tags: Mapping[str, str], hour: int | None) -> bool:
        """Whether a restriction with these tags binds at an hour of the week (None: on average).

        It does if it is in force at any time of the hour; on average, if in most hours of the
        day. A condition that is not understood is not applied.
        """
        if self.excepted & {one.strip() for one in tags.get("except", "").split(";")}:
            return False
        for key in self.keys:
            if key in tags or key + CONDITIONAL in tags:
                return any(
                    value in self.obeyed and hours.holds(hour)
                    for value, hours in tagged_hours(tags, key).items()
                )
        return False
