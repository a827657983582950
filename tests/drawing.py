"""Road networks drawn by hand, a few streets at a time.

    crossing = draw(
        {"a": (0, 0), "b": (0, 100), "c": (80, 100)},
        "a-b",                                     # two-way
        "b>c",                                     # one-way from b to c
        street("a-c", name="Long Lane", highway="primary", maxspeed="20 mph", via=[(90, 0)]),
        junction_tags={"b": {"barrier": "bollard"}},
        restrictions=[restriction("a>b b>c", "no_left_turn")],
    )
    crossing.network                               # the RoadNetwork
    crossing.on("a-b", 30)                         # 30 m along, heading unknown
    crossing.on("b>a", 30)                         # 30 m from b, driving towards a
    crossing.position(0, 30)                       # the same place as WGS84 (lat, lon)
    crossing.way(arrival)                          # "a>b b>c"

Places are metres east and north of a point in London; a street is exactly as long as it is drawn
on that plane, unless told otherwise. Strings may chain streets: "a-b-c>d".
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from routing.build import build_network
from routing.engine import Arrival
from routing.geometry import EARTH_RADIUS_M
from routing.network import NO_TWIN, Provenance, RoadNetwork
from routing.snapping import Snap
from routing.streets import Street, StreetMap, SurveyedJunction, TurnRestriction

ORIGIN_LAT, ORIGIN_LON = 51.5074, -0.1278
"""Charing Cross, from where distances to London are measured."""

DRAWN = Provenance(
    source="drawn by hand", licence="none", attribution="nobody", builder="tests", approximate=True
)

Point = tuple[float, float]


@dataclass(frozen=True)
class DrawnStreet:
    """One street as drawn: `way` is "a-b" or "a>b"; `via` are the bends in between."""

    way: str
    name: str = ""
    ref: str = ""
    via: Sequence[Point] = ()
    length_m: float | None = None
    way_id: int = 0
    tags: Mapping[str, str] = field(default_factory=dict)


def street(
    way: str,
    *,
    name: str = "",
    ref: str = "",
    via: Sequence[Point] = (),
    length_m: float | None = None,
    way_id: int = 0,
    tags: Mapping[str, str] | None = None,
    **more_tags: str,
) -> DrawnStreet:
    """A street with more to say than its ends; other keywords are tags (residential by default)."""
    all_tags = {"highway": "residential", **(tags or {}), **more_tags}
    return DrawnStreet(way, name, ref, via, length_m, way_id, all_tags)


@dataclass(frozen=True)
class Drawing:
    """A drawn map and the network made of it."""

    streets: StreetMap
    node: Mapping[str, int]

    @cached_property
    def network(self) -> RoadNetwork:
        """The road network of all drawn streets."""
        return build_network(self.streets, name="drawing", provenance=DRAWN)

    def segment(self, way: str, name: str | None = None) -> int:
        """Number of the one segment that runs so ("a>b"), among parallel ones the one so named."""
        start, end = (self._junction[letter] for letter in way.split(">"))
        network = self.network
        found = [
            s
            for s in range(network.base_count)
            if network.segment_from[s] == start
            and network.segment_to[s] == end
            and name in (None, network.street_name(s))
        ]
        if len(found) != 1:
            msg = f"{len(found)} segments run {way} (name {name!r})"
            raise KeyError(msg)
        return found[0]

    def on(self, way: str, metres: float, name: str | None = None) -> Snap:
        """The place so many metres from the first-named end.

        "a>b" is driving that way, "a-b" may be driving either way where both are allowed.
        """
        letters = re.split("[->]", way)
        segment = self.segment(">".join(letters), name)
        network = self.network
        length_m = float(network.segment_length_m[segment])
        fraction = metres / length_m if length_m else 0.0
        if not 0 <= fraction <= 1:
            msg = f"{way} is {length_m} m long; {metres} m is not on it"
            raise ValueError(msg)
        twin = int(network.segment_twin[segment])
        headed = ">" in way or twin == NO_TWIN
        lat, lon = _along(network, segment, fraction)
        return Snap(
            segments=(segment,) if headed else (segment, twin),
            fractions=(fraction,) if headed else (fraction, 1.0 - fraction),
            lat=lat,
            lon=lon,
            distance_m=0.0,
        )

    def position(self, east_m: float, north_m: float) -> Point:
        """WGS84 `(lat, lon)` of a place on the drawing."""
        return _wgs84((east_m, north_m))

    def way(self, arrival: Arrival) -> str:
        """The segments driven, written "a>b b>c"."""
        letter = {junction: name for name, junction in self._junction.items()}
        network = self.network
        return " ".join(
            f"{letter[int(network.segment_from[s])]}>{letter[int(network.segment_to[s])]}"
            for s in arrival.segments.tolist()
        )

    @cached_property
    def _junction(self) -> Mapping[str, int]:
        number = {int(node): i for i, node in enumerate(self.network.junction_id)}
        return {name: number[node] for name, node in self.node.items() if node in number}


@dataclass(frozen=True)
class DrawnRestriction:
    """A turn restriction as drawn: the way "a>b b>c" and its tags."""

    way: str
    tags: Mapping[str, str]


def restriction(
    way: str, value: str = "", tags: Mapping[str, str] | None = None
) -> DrawnRestriction:
    """A restriction of this value on the streets of a way, no two of which join the same places."""
    return DrawnRestriction(way, {**({"restriction": value} if value else {}), **(tags or {})})


def draw(
    places: Mapping[str, Point],
    *streets: str | DrawnStreet,
    junction_tags: Mapping[str, Mapping[str, str]] | None = None,
    restrictions: Sequence[DrawnRestriction] = (),
) -> Drawing:
    """Draw streets between places given in metres east and north."""
    node = {name: 101 + i for i, name in enumerate(places)}
    tags = junction_tags or {}
    junctions = {
        node[name]: SurveyedJunction(*_wgs84(point), tags=tags.get(name, {}))
        for name, point in places.items()
    }
    drawn = [_street(one, places, node) for given in streets for one in _single(given)]
    restricted = [_restriction(one, drawn, node) for one in restrictions]
    return Drawing(StreetMap(junctions, drawn, restrictions=restricted), node)


def _single(given: str | DrawnStreet) -> Iterator[DrawnStreet]:
    """The streets of a chain, one by one."""
    if isinstance(given, DrawnStreet):
        yield given
        return
    parts = re.split("([->])", given)
    for start, kind, end in zip(parts[:-2:2], parts[1::2], parts[2::2], strict=True):
        yield street(f"{start}{kind}{end}")


def _street(drawn: DrawnStreet, places: Mapping[str, Point], node: Mapping[str, int]) -> Street:
    start, kind, end = re.split("([->])", drawn.way)
    points = [places[start], *drawn.via, places[end]]
    drawn_m = sum(math.dist(one, other) for one, other in pairwise(points))
    return Street(
        from_node=node[start],
        to_node=node[end],
        forward=True,
        backward=kind == "-",
        shape=[_wgs84(point) for point in points],
        length_m=drawn_m if drawn.length_m is None else drawn.length_m,
        tags=drawn.tags,
        name=drawn.name,
        ref=drawn.ref,
        way_id=drawn.way_id,
    )


def _restriction(
    drawn: DrawnRestriction, streets: Sequence[Street], node: Mapping[str, int]
) -> TurnRestriction:
    runs = {(one.from_node, one.to_node): number for number, one in enumerate(streets)}
    path = []
    for step in drawn.way.split():
        start, end = (node[letter] for letter in step.split(">"))
        forward = (start, end) in runs
        path.append((runs[(start, end) if forward else (end, start)], forward))
    values = [tags for key, tags in drawn.tags.items() if key.startswith("restriction")]
    return TurnRestriction(path, mandatory=values[0].startswith("only"), tags=drawn.tags)


def _wgs84(point: Point) -> Point:
    east_m, north_m = point
    lat = ORIGIN_LAT + math.degrees(north_m / EARTH_RADIUS_M)
    lon = ORIGIN_LON + math.degrees(east_m / EARTH_RADIUS_M / math.cos(math.radians(ORIGIN_LAT)))
    return lat, lon


def _along(network: RoadNetwork, segment: int, fraction: float) -> Point:
    """The point at a fraction of a segment's drawn length."""
    lat, lon = network.segment_shape(segment)
    x_m, y_m = network.projection.to_xy_m(lat, lon)
    corners = list(zip(x_m.tolist(), y_m.tolist(), lat.tolist(), lon.tolist(), strict=True))
    left_m = fraction * sum(math.dist(a[:2], b[:2]) for a, b in pairwise(corners))
    for a, b in pairwise(corners):
        step_m = math.dist(a[:2], b[:2])
        if left_m <= step_m:
            share = left_m / step_m if step_m else 0.0
            return a[2] + share * (b[2] - a[2]), a[3] + share * (b[3] - a[3])
        left_m -= step_m
    return corners[-1][2:]
