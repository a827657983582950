"""Streets as surveyed: what every source of roads is turned into before it becomes a network.

A `StreetMap` says what is on the ground and in which directions it may be driven. It knows
nothing of travel times or turns; `routing.build.build_network` makes the directed, turn-aware
`RoadNetwork` from it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SurveyedJunction:
    """A place where streets meet, end, or change.

    Attributes
    ----------
    lat, lon
        WGS84 degrees.
    tags
        OpenStreetMap tags that matter to a driver (`barrier`, `highway=traffic_signals`, ...).
    """

    lat: float
    lon: float
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Street:
    """A stretch of road between two junctions, with nothing in between that a driver could take.

    Attributes
    ----------
    from_node, to_node
        Keys into `StreetMap.junctions`; `forward` means from the first to the second.
    forward, backward
        The directions in which one-way rules let it be driven; at least one is true.
    shape
        `(lat, lon)` points in degrees from `from_node` to `to_node`, both ends included.
    length_m
        Metres along the shape.
    tags
        OpenStreetMap tags that matter to a driver (`highway`, `maxspeed`, `access`, ...);
        `highway` is always there. Name, ref and one-way tags are not among them.
    name, ref
        Street name and road number; empty when there is none.
    way_id
        Identifier in the source (OpenStreetMap way id), 0 when it has none.
    """

    from_node: int
    to_node: int
    forward: bool
    backward: bool
    shape: Sequence[tuple[float, float]]
    length_m: float
    tags: Mapping[str, str]
    name: str = ""
    ref: str = ""
    way_id: int = 0


@dataclass(frozen=True, slots=True)
class TurnRestriction:
    """A way through several streets that must not be driven, or must not be left.

    Attributes
    ----------
    path
        The streets in driving order, at least two, each beginning where the one before ends: its
        index in `StreetMap.streets`, and whether it is driven forward.
    mandatory
        Whether all who drive its first street must drive the whole path (`only_*` of
        OpenStreetMap; through streets as GraphHopper reads it, see its OSMRestrictionConverter:
        no branching out anywhere); else the last street must not follow all others (`no_*`).
    tags
        What OpenStreetMap says of it: `restriction`, `except`, `restriction:conditional`, ...
    """

    path: Sequence[tuple[int, bool]]
    mandatory: bool
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StreetMap:
    """All surveyed streets of an area.

    Attributes
    ----------
    junctions
        By the source's node id.
    streets
        In any order: the network built from them does not depend on it.
    dropped
        How many elements of the source were left out, by reason in plain English.
    restrictions
        In any order. What restricts a street holds for all that run along the same line of the
        same way.
    """

    junctions: Mapping[int, SurveyedJunction]
    streets: Sequence[Street]
    dropped: Mapping[str, int] = field(default_factory=dict)
    restrictions: Sequence[TurnRestriction] = ()


CONTRAFLOW = "contraflow"
"""Tag, with the value "yes", of a one-way street's other direction, which is there only for those
who may drive against the traffic. It is ours."""

PASSES = "passes"
"""Tag of a street that says what a driver passes on it between its junctions, which do not end it:
humps, zebra crossings ("hump=3 zebra=1"). It is ours: OpenStreetMap has them as points."""


def passes_tag(kinds: Iterable[str]) -> str:
    """Value of the tag `PASSES` for all that is passed on a street."""
    return " ".join(f"{kind}={count}" for kind, count in sorted(Counter(kinds).items()))


def passed_on(tags: Mapping[str, str]) -> Mapping[str, int]:
    """How many of each kind are passed on a street with these tags."""
    given = (one.split("=") for one in tags.get(PASSES, "").split())
    return {kind: int(count) for kind, count in given}
