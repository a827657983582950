"""Turn restrictions as OpenStreetMap's relations state them, before streets are known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geo_data.old_conditions import with_conditions_of_today
from routing.errors import HoursError
from routing.hours_of_week import CONDITIONAL, conditional_hours

FORBIDDEN_KINDS = frozenset(
    {"no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"}
)
MANDATORY_KINDS = frozenset(
    {"only_left_turn", "only_right_turn", "only_straight_on", "only_u_turn"}
)
"""Values of `restriction` (https://wiki.openstreetmap.org/wiki/Relation:restriction)."""

LIFTED = frozenset({"", "no", "none"})
"""Values of a conditional restriction while nothing is restricted."""

SEVERAL_FROM, SEVERAL_TO = frozenset({"no_entry"}), frozenset({"no_exit"})
"""Kinds that may be about several ways in, or out."""

UNKNOWN_KIND = "turn restrictions of a kind that is not understood"
UNKNOWN_CONDITION = "turn restrictions with a condition that is not understood"
HOLIDAYS = "turn restrictions whose hours on holidays are not kept"
WRONG_MEMBERS = "turn restrictions without one way in, one way out, and what lies between"

RELATION_TYPE = "restriction"
"""Value of `type` of relations that restrict a turn."""

Member = tuple[str, int, str]
"""Kind (`n`, `w` or `r`), id and role of one member of a relation."""


@dataclass(frozen=True, slots=True)
class OsmRestriction:
    """One relation that restricts a turn.

    Attributes
    ----------
    tags
        All that begin with `restriction`, and `except`; conditions are written as today.
    mandatory
        Whether it says which turn must be made, not which must not.
    from_ways, to_ways
        Way ids; one each, but for some kinds.
    via_node
        Node id, None when the turn is made through ways.
    via_ways
        Way ids in any order.
    """

    relation_id: int
    tags: Mapping[str, str]
    mandatory: bool
    from_ways: tuple[int, ...]
    to_ways: tuple[int, ...]
    via_node: int | None
    via_ways: tuple[int, ...]


def restriction_of(
    relation_id: int, tags: Mapping[str, str], members: Iterable[Member]
) -> tuple[OsmRestriction | None, list[str]]:
    """Read a relation; also for which reasons it, or a part of it, is left out."""
    try:
        tags = with_conditions_of_today(tags)
    except HoursError:
        return None, [UNKNOWN_CONDITION]
    kept, doubts = _understood({key: value for key, value in tags.items() if _is_kept(key)})
    if UNKNOWN_CONDITION in doubts and not kept:
        return None, doubts
    kinds = _kinds(kept)
    if not kinds or not (kinds <= FORBIDDEN_KINDS or kinds <= MANDATORY_KINDS):
        return None, [UNKNOWN_KIND]
    listed = list(members)
    from_ways, to_ways, via_ways = (_ways(listed, role) for role in ("from", "to", "via"))
    via_nodes = [ref for kind, ref, role in listed if role == "via" and kind == "n"]
    fits = (
        (len(from_ways) == 1 or (from_ways and kinds <= SEVERAL_FROM))
        and (len(to_ways) == 1 or (to_ways and kinds <= SEVERAL_TO))
        and (len(via_nodes) == 1) != bool(via_ways)
    )
    if not fits:
        return None, [WRONG_MEMBERS]
    via_node = via_nodes[0] if via_nodes else None
    mandatory = kinds <= MANDATORY_KINDS
    return (
        OsmRestriction(relation_id, kept, mandatory, from_ways, to_ways, via_node, via_ways),
        doubts,
    )


def _is_kept(key: str) -> bool:
    return key in {"except", "restriction"} or key.startswith("restriction:")


def _understood(tags: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Tags without the conditions that are not understood, and what to tell of all conditions."""
    kept, doubts = dict(tags), set[str]()
    for key, value in tags.items():
        if key.endswith(CONDITIONAL):
            try:
                hours = conditional_hours(value, otherwise="")
            except HoursError:
                doubts.add(UNKNOWN_CONDITION)
                del kept[key]
            else:
                if any(one.passes_holidays_over for one in hours.values()):
                    doubts.add(HOLIDAYS)
    return (kept if set(kept) - {"except"} else {}), sorted(doubts)


def _kinds(tags: Mapping[str, str]) -> set[str]:
    """Every value that restricts."""
    values: set[str] = set()
    for key, value in tags.items():
        if key.endswith(CONDITIONAL):
            values |= conditional_hours(value, otherwise="").keys()
        elif key != "except":
            values.add(value)
    return values - LIFTED


def _ways(members: Iterable[Member], role: str) -> tuple[int, ...]:
    found = (ref for kind, ref, its_role in members if its_role == role and kind == "w")
    return tuple(dict.fromkeys(found))
