"""In which directions a way may be driven, by OpenStreetMap's one-way tags."""

from collections.abc import Mapping
from enum import Enum

from geo_data.osm import CONTRAFLOW_TAGS, ONE_WAY_TAGS


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


def direction_of(tags: Mapping[str, str]) -> Direction:
    """Return the directions in which a way with these tags may be driven by motor vehicles."""
    for key in ONE_WAY_TAGS:
        tagged = TAGGED.get(tags.get(key, ""))
        if tagged is not None:
            return tagged
    if tags.get("junction") in ONE_WAY_JUNCTIONS or tags.get("highway") in ONE_WAY_CLASSES:
        return Direction.FORWARD
    return Direction.BOTH


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
