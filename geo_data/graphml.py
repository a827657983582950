"""Streets from GraphML files that OSMnx wrote (releases 1 and 2).

A simplified graph has lost what OSMnx merged away: tags of points that are not junctions
(barriers, signals half-way), and which part of a merged street had which tag. What is left is
kept as it is, lengths above all, because some sources draw straight lines with true lengths. An
unsimplified graph still has every point, and is treated like any other OpenStreetMap data.
"""

import gzip
import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError

import networkx as nx
import numpy as np
import osmnx

from geo_data.access_hours import access_doubts
from geo_data.directed_tags import DIRECTED_TAGS, UNDIRECTED, driven
from geo_data.errors import RoadFileError
from geo_data.osm import (
    CONTRAFLOW_TAGS,
    NAME_TAGS,
    OTHER_CLASS,
    ROAD_CLASSES,
    WAY_TAGS,
    RoadCollector,
    driver_tags_of_node,
    reason_to_drop,
    shown_name,
)
from geo_data.street_builder import streets_from_osm
from routing.geometry import COORDINATE_DECIMALS, polyline_length_m
from routing.hours_of_week import CONDITIONAL
from routing.progress import Progress, silent
from routing.streets import Street, StreetMap, SurveyedJunction

if TYPE_CHECKING:
    from shapely.geometry import LineString

GRAPHML_SUFFIXES = (".graphml", ".graphml.gz")
"""File names that `read_graphml` accepts."""

STRICTEST_FIRST = (
    "no",
    "private",
    "military",
    "permit",
    "agricultural",
    "forestry",
    "emergency",
    "psv",
    "bus",
    "delivery",
    "customers",
    "destination",
    "permissive",
    "designated",
    "yes",
)
"""Of several values of an access tag on one merged street, the first of these holds for all."""

ACCESS_TAGS = frozenset({"access", "vehicle", "motor_vehicle", "motorcar", "psv", "bus"})

SHAPELESS_LOOP = "loops without a shape"
MISSING_DIRECTION = "opposite directions of two-way streets that the graph does not hold"

SAME_LENGTH_M = 0.01
"""Two directions of one street may differ in length by rounding."""

_BETWEEN_NAMES = " / "
_NO_VALUE = frozenset({"", "nan", "None"})
_REPORT_EVERY = 20_000

Place = tuple[float, float]
Shape = tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Edge:
    """One edge of the graph, driven from `start` to `end`."""

    start: int
    end: int
    one_way: bool
    osm_ids: tuple[int, ...]
    shape: Shape
    length_m: float
    tags: Mapping[str, str]
    name: str
    ref: str

    @property
    def stretch(self) -> tuple[object, ...]:
        """The same for both directions of one street."""
        ends = (min(self.start, self.end), max(self.start, self.end))
        return (ends, self.osm_ids, min(self.shape, self.shape[::-1]))

    @property
    def along(self) -> bool:
        """Whether it runs along the stretch, not against it."""
        return (self.start, self.shape) <= (self.end, self.shape[::-1])

    def street(self, *, two_way: bool) -> Street:
        return Street(
            from_node=self.start,
            to_node=self.end,
            forward=True,
            backward=two_way,
            shape=self.shape,
            length_m=self.length_m,
            tags=self.tags,
            name=self.name,
            ref=self.ref,
            way_id=self.osm_ids[0],
        )


def read_graphml(path: Path, progress: Progress = silent) -> StreetMap:
    """Read the streets of an OSMnx GraphML file, plain or gzipped.

    - The two edges of a two-way street become one street; they are known by their ends, way
      ids, shape and length. Where tags for one direction make them differ, they are two; OSMnx
      does not tell which one-way streets were drawn against their direction, so these are read as
      drawn along it.
    - Where OSMnx merged ways that differ, the lowest road class, the strictest access and all
      other values, joined by semicolons, hold for the whole street.
    - A street that returns to its own junction is cut in two at its middle point, which becomes
      a junction with a negative id.

    Parameters
    ----------
    path
        A file whose name ends in one of `GRAPHML_SUFFIXES`.
    progress
        Told how many edges have been read.

    Raises
    ------
    RoadFileError
        The file is missing, is not such a graph, or has no roads.
    """
    graph = _load(path)
    try:
        if graph.graph.get("simplified") is True or nx.get_edge_attributes(graph, "geometry"):
            return _from_simplified(graph, progress)
        return _from_unsimplified(graph)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"{path} is not a street graph as OSMnx writes it ({type(error).__name__}: {error})"
        raise RoadFileError(msg) from error


def _load(path: Path) -> "nx.MultiDiGraph[int]":
    if not path.name.lower().endswith(GRAPHML_SUFFIXES):
        msg = f"{path} is not GraphML by its name; accepted endings: {', '.join(GRAPHML_SUFFIXES)}"
        raise RoadFileError(msg)
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.name.lower().endswith(".gz") else content).decode()
        graph: nx.MultiDiGraph[int] = osmnx.load_graphml(
            graphml_str=text, edge_dtypes={"oneway": str, "reversed": str, "length": str}
        )
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise RoadFileError(msg) from error
    except (ParseError, EOFError, zlib.error, ValueError, KeyError, nx.NetworkXError) as error:
        msg = f"{path} cannot be read as GraphML: it is damaged or of another kind ({error})"
        raise RoadFileError(msg) from error
    if osmnx.projection.is_projected(graph.graph.get("crs", "epsg:4326")):
        return osmnx.project_graph(graph, to_latlong=True)
    return graph


def _from_simplified(graph: "nx.MultiDiGraph[int]", progress: Progress) -> StreetMap:
    dropped: Counter[str] = Counter()
    stretches: defaultdict[tuple[object, ...], list[_Edge]] = defaultdict(list)
    places = {node: _place(tags) for node, tags in graph.nodes(data=True)}
    for count, (start, end, attributes) in enumerate(graph.edges(data=True), start=1):
        tags = _tags(attributes)
        reason = reason_to_drop(tags) if tags.get("highway") else OTHER_CLASS
        if reason is None:
            edge = _edge(start, end, attributes, tags, places)
            stretches[edge.stretch].append(edge)
        else:
            dropped[reason] += 1
        if count % _REPORT_EVERY == 0:
            progress("reading edges", count, graph.number_of_edges())
    joined = [street for edges in stretches.values() for street in _joined(edges, dropped)]
    if not joined:
        msg = "it has no roads on which a vehicle can drive"
        raise ValueError(msg)
    junctions = {
        node: SurveyedJunction(*places[node], driver_tags_of_node(_strings(graph.nodes[node])))
        for node in sorted({node for one in joined for node in (one.from_node, one.to_node)})
    }
    tagged = [one.tags for one in joined] + [one.tags for one in junctions.values()]
    dropped.update(doubt for tags in tagged for doubt in access_doubts(tags))
    return _without_loops(StreetMap(junctions, joined, dropped))


def _edge(
    start: int,
    end: int,
    attributes: Mapping[str, Any],
    tags: Mapping[str, str],
    places: Mapping[int, Place],
) -> _Edge:
    shape = _shape(attributes.get("geometry"), places[start], places[end])
    here = driven(tags, forward=attributes.get("reversed") != "True")
    return _Edge(
        start=start,
        end=end,
        one_way=_is_one_way(attributes),
        osm_ids=_osm_ids(attributes.get("osmid", 0)),
        shape=shape,
        length_m=_length_m(attributes.get("length"), shape),
        tags={key: here[key] for key in WAY_TAGS if key in here},
        name=_shown_names(tags.get("name", "")),
        ref=tags.get("ref", ""),
    )


def _joined(edges: Sequence[_Edge], dropped: Counter[str]) -> Iterable[Street]:
    """Streets from all edges on one stretch: pairs of opposite ones become two-way."""
    yield from (edge.street(two_way=False) for edge in edges if edge.one_way)
    two_way = sorted((edge for edge in edges if not edge.one_way), key=lambda one: one.length_m)
    out_and_back = edges[0].shape == edges[0].shape[::-1]
    along = two_way[::2] if out_and_back else [edge for edge in two_way if edge.along]
    against = two_way[1::2] if out_and_back else [edge for edge in two_way if not edge.along]
    for edge in along:
        partner = next((one for one in against if _same_length(edge, one)), None)
        if partner is None:
            dropped[MISSING_DIRECTION] += 1
            yield edge.street(two_way=False)
            continue
        against.remove(partner)
        alike = edge.tags == partner.tags
        yield edge.street(two_way=alike)
        if not alike:
            yield partner.street(two_way=False)
    for edge in against:
        dropped[MISSING_DIRECTION] += 1
        yield edge.street(two_way=False)


def _same_length(one: _Edge, other: _Edge) -> bool:
    return math.isclose(one.length_m, other.length_m, abs_tol=SAME_LENGTH_M)


def _without_loops(streets: StreetMap) -> StreetMap:
    """Cut every street that returns to its own junction in two at its middle point."""
    junctions, dropped = dict(streets.junctions), dict(streets.dropped)
    open_streets = [one for one in streets.streets if one.from_node != one.to_node]
    loops = [one for one in streets.streets if one.from_node == one.to_node]
    loops.sort(key=lambda one: (one.from_node, one.way_id, tuple(one.shape)))
    for number, loop in enumerate(loops, start=1):
        middle = len(loop.shape) // 2
        halves = loop.shape[: middle + 1], loop.shape[middle:]
        drawn_m = [polyline_length_m(half) for half in halves]
        if len(loop.shape) <= 2 or not sum(drawn_m):  # noqa: PLR2004
            dropped[SHAPELESS_LOOP] = dropped.get(SHAPELESS_LOOP, 0) + 1
            continue
        junctions[-number] = SurveyedJunction(*loop.shape[middle])
        share = drawn_m[0] / sum(drawn_m)
        first = replace(loop, to_node=-number, shape=halves[0], length_m=loop.length_m * share)
        second = replace(
            loop, from_node=-number, shape=halves[1], length_m=loop.length_m * (1 - share)
        )
        open_streets += [first, second]
    return StreetMap(junctions, open_streets, dropped)


def _from_unsimplified(graph: "nx.MultiDiGraph[int]") -> StreetMap:
    collector = RoadCollector()
    ways: dict[tuple[int, bool], int | None] = {}
    for start, end, attributes in graph.edges(data=True):
        one_way = _is_one_way(attributes)
        if not one_way and attributes.get("reversed") == "True":
            continue
        key = (_osm_ids(attributes.get("osmid", 0))[0], one_way)
        if key not in ways:
            tags = {**_tags(attributes), "oneway": "yes" if one_way else "no"}
            ways[key] = collector.add_way(key[0], tags)
        way = ways[key]
        if way is not None:
            collector.add_links(way, (start, end))
    places = [_place(tags) for _, tags in graph.nodes(data=True)]
    node_tags = {node: driver_tags_of_node(_strings(tags)) for node, tags in graph.nodes(data=True)}
    return streets_from_osm(
        collector.extract(
            np.fromiter(graph.nodes, dtype=np.int64),
            np.asarray([lat for lat, _ in places], dtype=np.float64),
            np.asarray([lon for _, lon in places], dtype=np.float64),
            {node: tags for node, tags in node_tags.items() if tags},
            "",
        )
    )


def _is_one_way(attributes: Mapping[str, Any]) -> bool:
    value = attributes.get("oneway", "False")
    if value not in ("True", "False"):
        msg = (
            f"oneway is {value!r}, not True or False: the graph was made with OSMnx's all_oneway "
            "setting, which does not say in which directions streets are driven"
        )
        raise ValueError(msg)
    return bool(value == "True")


def _osm_ids(osmid: int | list[int]) -> tuple[int, ...]:
    return tuple(sorted({int(one) for one in osmid} if isinstance(osmid, list) else {int(osmid)}))


def _place(attributes: Mapping[str, Any]) -> Place:
    return (
        round(float(attributes["y"]), COORDINATE_DECIMALS),
        round(float(attributes["x"]), COORDINATE_DECIMALS),
    )


def _shape(geometry: "LineString | None", start: Place, end: Place) -> Shape:
    if geometry is None:
        return (start, end)
    points = [
        (round(lat, COORDINATE_DECIMALS), round(lon, COORDINATE_DECIMALS))
        for lon, lat in geometry.coords
    ]
    if start != end and points[0] == end and points[-1] == start:
        points.reverse()
    return (start, *points[1:-1], end)


def _length_m(length: str | None, shape: Shape) -> float:
    given = float(length) if length is not None else math.nan
    return given if math.isfinite(given) and given > 0 else polyline_length_m(shape)


def _tags(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Tags of an edge; those by direction only where all of it was drawn in one."""
    tags: dict[str, str] = {}
    directed = DIRECTED_TAGS if attributes.get("reversed") in ("True", "False") else ()
    for key in ("area", *WAY_TAGS, *directed, *NAME_TAGS, *CONTRAFLOW_TAGS):
        given = attributes.get(key)
        values = {str(one) for one in (given if isinstance(given, list) else [given])} - _NO_VALUE
        if values:
            tags[key] = _merged(UNDIRECTED.get(key, key), sorted(values))
    return tags


def _merged(key: str, values: Sequence[str]) -> str:
    """One value for a street that OSMnx merged from ways with several."""
    if key == "highway":
        return _last_in(tuple(ROAD_CLASSES), values)
    if key in ACCESS_TAGS:
        return _last_in(STRICTEST_FIRST[::-1], values)
    if key.endswith(CONDITIONAL):  # of those that apply at one time, the last counts
        return "; ".join(sorted(values, key=_strictness))
    return (_BETWEEN_NAMES if key in NAME_TAGS else ";").join(values)


def _strictness(conditional: str) -> int:
    value = conditional.partition("@")[0].strip()
    return -STRICTEST_FIRST.index(value) if value in STRICTEST_FIRST else -len(STRICTEST_FIRST)


def _shown_names(merged: str) -> str:
    return _BETWEEN_NAMES.join(dict.fromkeys(map(shown_name, merged.split(_BETWEEN_NAMES))))


def _last_in(order: Sequence[str], values: Sequence[str]) -> str:
    ranked = [value for value in order if value in values]
    return ranked[-1] if ranked else values[0]


def _strings(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in attributes.items() if isinstance(value, str)}
