"""In which directions a way may be driven, by OpenStreetMap's one-way tags."""

import re
from collections.abc import Mapping
from enum import Enum

from geo_data.osm import CONTRAFLOW_TAGS, ONE_WAY_TAGS
from routing.hours_of_week import CONDITIONAL


class Direction(Enum):
    """Directions of driving, relative to the order in which a way is drawn."""

    BOTH = (True, True)
    FORWARD = (True, False)
    BACKWARD = (False, True)
    UNKNOWN = (False, False)

    @property
    def forward(self) -> bool:
        """Whether the way may be driven as it is drawn."""
        return self.value[0]

    @property
    def backward(self) -> bool:
        """Whether the way may be driven against the order in which it is drawn."""
        return self.value[1]


TAGGED: Mapping[str, Direction] = {
    "yes": Direction.FORWARD,
    "true": Direction.FORWARD,
    "1": Direction.FORWARD,
    "F": Direction.FORWARD,
    "-1": Direction.BACKWARD,
    "reverse": Direction.BACKWARD,
    "T": Direction.BACKWARD,
    "no": Direction.BOTH,
    "false": Direction.BOTH,
    "0": Direction.BOTH,
    "alternating": Direction.BOTH,
    "reversible": Direction.UNKNOWN,
}
"""Values of `oneway`. The one-way ones are those OSMnx takes for one-way (its `_add_paths`).

`alternating` lets both directions through in turns. `reversible` runs one way at some hours and
the other way at others, so either guess would at times send a crew against the traffic; OSRM's
car profile does not route over it either (its taginfo.json)."""

ONE_WAY_JUNCTIONS = frozenset({"roundabout", "circular"})
ONE_WAY_CLASSES = frozenset({"motorway"})
"""Driven one way without being tagged so (wiki.openstreetmap.org/wiki/Key:oneway)."""


_VALUE_BY_HOUR = re.compile(r"(?:^|;)\s*([^@;()]+?)\s*@")
"""Each value in a conditional tag, whatever its condition."""


def direction_of(tags: Mapping[str, str]) -> Direction:
    """Return the directions in which a way with these tags may be driven by motor vehicles.

    What is one-way at some hours is so at all: nobody is to be sent against the traffic.
    """
    one_way = _directions_of(tags) - {Direction.BOTH}
    if not one_way:
        return Direction.BOTH
    return one_way.pop() if len(one_way) == 1 else Direction.UNKNOWN


def varies_by_hour(tags: Mapping[str, str]) -> bool:
    """Whether a way is driven in other directions at some hours than at others."""
    return len(_directions_of(tags)) > 1


def _directions_of(tags: Mapping[str, str]) -> set[Direction]:
    """The directions of a way at any hour."""
    found = set[Direction]()
    for key in ONE_WAY_TAGS:
        if key + CONDITIONAL in tags:
            by_hour = _VALUE_BY_HOUR.findall(tags[key + CONDITIONAL])
            found |= {TAGGED[value] for value in by_hour if value in TAGGED}
        tagged = TAGGED.get(tags.get(key, ""))
        if tagged is not None:
            return {*found, tagged}
    if tags.get("junction") in ONE_WAY_JUNCTIONS or tags.get("highway") in ONE_WAY_CLASSES:
        return {*found, Direction.FORWARD}
    return {*found, Direction.BOTH}


def contraflow_of(tags: Mapping[str, str]) -> tuple[str, ...]:
    """Return the access tags of those who may drive against a one-way; empty for other ways."""
    if direction_of(tags) not in (Direction.FORWARD, Direction.BACKWARD):
        return ()
    return tuple(
        sorted(
            {
                vehicles
                for key, (value, vehicles) in CONTRAFLOW_TAGS.items()
                if tags.get(key) == value
            }
        )
    )
