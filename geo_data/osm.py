"""Roads as OpenStreetMap draws them, before anything is made of them.

Every reader of OpenStreetMap data (files, Overpass) fills the same `OsmExtract`, and asks the
tables below what to keep. What a tag *means* for a vehicle is not decided here: a street closed
to motor traffic stays in, because the driving profile may let an ambulance pass it.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geo_data.access_hours import access_doubts
from geo_data.directed_tags import DIRECTED_TAGS
from geo_data.errors import RoadFileError
from geo_data.restriction_relations import Member, OsmRestriction, restriction_of
from routing.hours_of_week import CONDITIONAL
from routing.junction_delays import is_signal_crossing, passed_kind

LICENCE = "ODbL-1.0"
ATTRIBUTION = "© OpenStreetMap contributors"
"""Credit asked for by openstreetmap.org/copyright."""

COORDINATE_STEPS_PER_DEGREE = 10_000_000
"""OpenStreetMap stores coordinates in steps of 1e-7 degrees (about a centimetre)."""

ROAD_CLASSES: Mapping[str, str] = {
    "motorway": "restricted-access main road",
    "motorway_link": "its slip roads",
    "trunk": "primary A road of national importance",
    "trunk_link": "its slip roads",
    "primary": "A road",
    "primary_link": "its slip roads",
    "secondary": "B road",
    "secondary_link": "its slip roads",
    "tertiary": "busy unclassified road",
    "tertiary_link": "its slip roads",
    "unclassified": "minor through road",
    "residential": "road that serves homes",
    "living_street": "shared street with priority for people on foot",
    "service": "forecourts, drives, alleys, car parks: the last metres to most doors",
    "road": "road not yet classified by a surveyor",
    "busway": "road for buses, which ambulances share in an emergency",
    "pedestrian": "street built for vehicles and given to people on foot: crews drive in",
    "track": "unmade road wide enough for a vehicle: parks, commons, river banks",
}
"""Values of `highway` on which an ambulance can physically drive, and what they are. Guided
busways are missing on purpose: their kerbs trap other vehicles."""

EMERGENCY_PATH_CLASSES = frozenset({"footway", "path", "cycleway", "bridleway"})
"""Paths that become roads when surveyed as built for emergency vehicles."""

EMERGENCY_PATH_VALUES = frozenset({"yes", "designated", "official"})
"""Values of `emergency` by which a path is one."""

DROPPED_CLASSES: Mapping[str, str] = {
    **dict.fromkeys(EMERGENCY_PATH_CLASSES, "footways, paths and cycleways"),
    "steps": "steps",
    "proposed": "proposed or under construction",
    "planned": "proposed or under construction",
    "construction": "proposed or under construction",
}
"""Why a `highway` that is not a road is left out; others are `OTHER_CLASS`."""

OTHER_CLASS = "not roads (platforms, corridors, race tracks, guided busways, ...)"
AREA = "areas, not lines"
REVERSIBLE = "one-way by the hour, in a direction the map does not tell"
ONE_WAY_BY_HOUR = "ways that are one-way at some hours, taken to be so at all"
UNKNOWN_NODE = "stretches to a point that the data does not hold"
NO_STRETCH = "ways without any stretch of road"

WAY_TAGS: Mapping[str, str] = {
    "highway": "class of road",
    "service": "what a service road serves (alley, driveway, emergency_access, ...)",
    "junction": "roundabout, circular",
    "access": "who may use it",
    "vehicle": "which vehicles may",
    "motor_vehicle": "which motor vehicles may",
    "motorcar": "whether motor cars may",
    "emergency": "whether emergency vehicles may",
    "psv": "whether buses and taxis may",
    "bus": "whether buses may",
    "access:conditional": "who may use it, at which hours",
    "vehicle:conditional": "which vehicles may, at which hours",
    "motor_vehicle:conditional": "school streets and market hours",
    "motorcar:conditional": "whether motor cars may, at which hours",
    "maxspeed": "speed limit",
    "maxspeed:type": "speed limit by kind of area",
    "lanes": "number of lanes",
    "surface": "what it is paved with",
    "width": "width of the carriageway",
    "maxwidth": "width limit",
    "maxwidth:physical": "width that fits",
    "maxheight": "height limit",
    "maxheight:physical": "height that fits",
    "maxweight": "weight limit",
    "traffic_calming": "humps, tables, cushions, chicanes along it",
    "bridge": "bridge",
    "tunnel": "tunnel",
    "ford": "runs through water",
}
"""Tags of a way that become tags of a street."""

NAME_TAGS = ("name", "ref")
"""Tags of a way that become a street's name and road number."""

ONE_WAY_TAGS = ("oneway:motorcar", "oneway:motor_vehicle", "oneway:vehicle", "oneway")
"""Tags of a way that say in which direction it is driven; the first present one counts."""

ONE_WAY_HOURS_TAGS = tuple(f"{key}{CONDITIONAL}" for key in ONE_WAY_TAGS)
"""The same by the hour."""

CONTRAFLOW_TAGS: Mapping[str, tuple[str, str]] = {
    "oneway:emergency": ("no", "emergency"),
    "oneway:psv": ("no", "psv"),
    "oneway:bus": ("no", "bus"),
    "busway": ("opposite_lane", "bus"),
    "busway:left": ("opposite_lane", "bus"),
    "busway:right": ("opposite_lane", "bus"),
}
"""Tags by which a one-way street is driven against its direction by some: with which value, and
the access tag of those who may."""

ROUTED_WAY_TAGS = (
    *WAY_TAGS,
    *DIRECTED_TAGS,
    *NAME_TAGS,
    *ONE_WAY_TAGS,
    *ONE_WAY_HOURS_TAGS,
    *CONTRAFLOW_TAGS,
)
"""All tags of a way that readers keep."""

STOPPING_NODE_VALUES: Mapping[str, frozenset[str] | None] = {
    "barrier": None,
    "highway": frozenset({"traffic_signals", "stop", "give_way", "mini_roundabout"}),
    "railway": frozenset({"level_crossing"}),
    "ford": None,
    "access": None,
    "vehicle": None,
    "motor_vehicle": None,
    "motorcar": None,
    "access:conditional": None,
    "vehicle:conditional": None,
    "motor_vehicle:conditional": None,
    "motorcar:conditional": None,
    "maxwidth": None,
    "maxwidth:physical": None,
    "maxheight": None,
    "maxheight:physical": None,
    "maxweight": None,
}
"""Tags that make a point on a road matter to a driver: by these values, or by any (None).

Zebra crossings and humps are not among them: there are tens of thousands, each would end a
street, and none stops an ambulance. They are counted along the street instead (`passed_kind`).
Pedestrian crossings with signals are among them."""

HARMLESS_BARRIERS = frozenset({"kerb", "no", "entrance"})
"""Values of `barrier` on a carriageway that stop nobody."""

PASSED_NODE_KEYS = ("crossing", "crossing:markings", "traffic_calming")
"""Tags of points that slow a driver without ending a street."""

NODE_TAGS = (
    *STOPPING_NODE_VALUES,
    *PASSED_NODE_KEYS,
    "crossing:signals",
    "emergency",
    "psv",
    "bus",
    "bollard",
    "locked",
    "locked:conditional",
)
"""Tags kept of a point that matters. The direction a sign faces is not: it is told by the way's
drawing order, which a street made of several ways does not keep."""

Int64Array = NDArray[np.int64]
Int32Array = NDArray[np.int32]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OsmWay:
    """One OpenStreetMap way that is a road: its id and the tags in `ROUTED_WAY_TAGS`."""

    way_id: int
    tags: Mapping[str, str]


@dataclass(frozen=True, eq=False, slots=True)
class OsmExtract:
    """The roads of an area as N points, W ways, and L links between consecutive points.

    Attributes
    ----------
    node_id : int64[N]
        OpenStreetMap node ids, ascending.
    node_lat, node_lon : float64[N]
        WGS84 degrees, in steps of 1e-7.
    node_tags
        Tags that matter to a driver, by node id; most nodes have none.
    link_from, link_to : int32[L]
        Index into `node_id`, in the order in which the way is drawn.
    link_way : int32[L]
        Index into `ways`.
    ways
        Every way that has a link.
    osm_timestamp
        Age of the data, RFC 3339; empty when the source does not say.
    dropped
        How much of the source was left out, by reason in plain English.
    restrictions
        Turn restrictions that are understood, by relation id; their members may be missing.
    """

    node_id: Int64Array
    node_lat: FloatArray
    node_lon: FloatArray
    node_tags: Mapping[int, Mapping[str, str]]
    link_from: Int32Array
    link_to: Int32Array
    link_way: Int32Array
    ways: tuple[OsmWay, ...]
    osm_timestamp: str = ""
    dropped: Mapping[str, int] = field(default_factory=dict)
    restrictions: tuple[OsmRestriction, ...] = ()


class ReadableTags(Protocol):
    """Tags of one way, in whatever form a reader has them."""

    def get(self, key: str, /) -> str | None:
        """Return the value of a tag, None when there is none."""
        ...


def reason_to_drop(tags: ReadableTags) -> str | None:
    """Why a way with a `highway` tag is not a road, or None when it is one."""
    highway = tags.get("highway") or ""
    if tags.get("area") == "yes":
        return AREA
    if highway in ROAD_CLASSES:
        return None
    if highway in EMERGENCY_PATH_CLASSES and tags.get("emergency") in EMERGENCY_PATH_VALUES:
        return None
    return DROPPED_CLASSES.get(highway, OTHER_CLASS)


def driver_tags_of_node(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Return what a point tells a driver; empty when it is no more than a bend in the road."""
    if not ends_street(tags) and not passed_kind(tags):
        return {}
    return {key: tags[key] for key in NODE_TAGS if key in tags}


def ends_street(tags: Mapping[str, str]) -> bool:
    """Whether a point with these tags matters so much to a driver that a street ends there."""
    return is_signal_crossing(tags) or any(
        key in tags
        and (values is None or tags[key] in values)
        and not (key == "barrier" and tags[key] in HARMLESS_BARRIERS)
        for key, values in STOPPING_NODE_VALUES.items()
    )


def shown_name(value: str) -> str:
    """First of the names in one tag, which semicolons part ("London Street;South Wharf Road")."""
    names = (name.strip() for name in value.split(";"))
    return next((name for name in names if name), "")


class RoadCollector:
    """Takes ways and relations as a reader meets them, keeps what roads are, counts the rest.

    Attributes
    ----------
    dropped
        How much was left out, by reason.
    """

    def __init__(self) -> None:
        self.dropped: Counter[str] = Counter()
        self._ways: list[OsmWay] = []
        self._restrictions: dict[int, OsmRestriction | None] = {}
        self._tag_sets: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}
        self._from = array("q")
        self._to = array("q")
        self._way = array("i")

    def add_way(self, way_id: int, tags: Mapping[str, str]) -> int | None:
        """Keep a way if it is a road; return its number for `add_links`, or None."""
        reason = reason_to_drop(tags)
        if reason is not None:
            self.dropped[reason] += 1
            return None
        kept = tuple((key, tags[key]) for key in ROUTED_WAY_TAGS if key in tags)
        shared = self._tag_sets.setdefault(kept, dict(kept))
        self.dropped.update(access_doubts(shared))
        self._ways.append(OsmWay(way_id, shared))
        return len(self._ways) - 1

    def add_links(self, way: int, nodes: Sequence[int]) -> None:
        """Add the stretches between consecutive points of a way, in drawing order."""
        self._from.extend(nodes[:-1])
        self._to.extend(nodes[1:])
        self._way.extend([way] * (len(nodes) - 1))

    def add_restriction(
        self, relation_id: int, tags: Mapping[str, str], members: Iterable[Member]
    ) -> None:
        """Keep a relation that restricts a turn, if it is understood; each counts once."""
        if relation_id not in self._restrictions:
            found, doubts = restriction_of(relation_id, tags, members)
            self._restrictions[relation_id] = found
            self.dropped.update(doubts)

    def extract(
        self,
        node_id: Int64Array,
        node_lat: FloatArray,
        node_lon: FloatArray,
        node_tags: Mapping[int, Mapping[str, str]],
        osm_timestamp: str,
    ) -> OsmExtract:
        """Join the roads with their points, which may come in any order and more than once.

        Tags of points that are on none of the roads are left behind.

        Raises
        ------
        RoadFileError
            No stretch of road is left.
        """
        id_sorted, first = np.unique(node_id, return_index=True)
        from_node = np.asarray(self._from, dtype=np.int64)
        to_node = np.asarray(self._to, dtype=np.int64)
        way = np.asarray(self._way, dtype=np.int32)
        moves = from_node != to_node
        link_from, from_known = _positions(id_sorted, from_node[moves])
        link_to, to_known = _positions(id_sorted, to_node[moves])
        known = from_known & to_known
        if not known.any():
            msg = "no roads: the data has no way with a highway tag on which a vehicle can drive"
            raise RoadFileError(msg)
        dropped = Counter(self.dropped)
        dropped[UNKNOWN_NODE] = int(np.count_nonzero(~known))
        used, link_way = np.unique(way[moves][known], return_inverse=True)
        dropped[NO_STRETCH] = len(self._ways) - len(used)
        tags_known = _of_known(id_sorted, node_tags)
        dropped.update(doubt for tags in tags_known.values() for doubt in access_doubts(tags))
        return OsmExtract(
            node_id=id_sorted,
            node_lat=_to_osm_steps(node_lat[first]),
            node_lon=_to_osm_steps(node_lon[first]),
            node_tags=tags_known,
            link_from=link_from[known],
            link_to=link_to[known],
            link_way=link_way.astype(np.int32),
            ways=tuple(self._ways[number] for number in used.tolist()),
            osm_timestamp=osm_timestamp,
            dropped={reason: count for reason, count in sorted(dropped.items()) if count},
            restrictions=tuple(
                one for _, one in sorted(self._restrictions.items()) if one is not None
            ),
        )


def _positions(id_sorted: Int64Array, wanted: Int64Array) -> tuple[Int32Array, NDArray[np.bool_]]:
    if not len(id_sorted):
        return np.zeros(len(wanted), dtype=np.int32), np.zeros(len(wanted), dtype=np.bool_)
    position = np.minimum(np.searchsorted(id_sorted, wanted), len(id_sorted) - 1)
    return position.astype(np.int32), id_sorted[position] == wanted


def _to_osm_steps(degrees: FloatArray) -> FloatArray:
    return np.asarray(np.rint(degrees * COORDINATE_STEPS_PER_DEGREE) / COORDINATE_STEPS_PER_DEGREE)


def _of_known(
    id_sorted: Int64Array, node_tags: Mapping[int, Mapping[str, str]]
) -> dict[int, Mapping[str, str]]:
    tagged = np.fromiter(node_tags, dtype=np.int64, count=len(node_tags))
    _, known = _positions(id_sorted, tagged)
    return {node: node_tags[node] for node in tagged[known].tolist()}
