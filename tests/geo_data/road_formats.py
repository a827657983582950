"""One OpenStreetMap extract written in every form in which roads can be had."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium
import osmnx

from geo_data.directed_tags import DIRECTED_TAGS
from geo_data.osm import NAME_TAGS, NODE_TAGS, ROUTED_WAY_TAGS, WAY_TAGS, driver_tags_of_node
from tests.geo_data.overpass_server import Answer, elements

if TYPE_CHECKING:
    import networkx as nx


_KINDS = {"n": "node", "w": "way", "r": "relation"}


def write_osm(source: Path, target: Path) -> Path:
    """Write all points, ways and relations of a file in the format of another name."""
    with osmium.SimpleWriter(str(target)) as writer:
        for one in osmium.FileProcessor(source):
            writer.add(one)
    return target


def overpass_answer(source: Path, timestamp: str = "") -> Answer:
    """Return what an Overpass server with just this file would send."""
    parts: list[dict[str, Any]] = []
    for one in osmium.FileProcessor(source):
        part: dict[str, Any] = {"id": one.id, "tags": {tag.k: tag.v for tag in one.tags}}
        if isinstance(one, osmium.osm.Node):
            part |= {"type": "node", "lat": one.lat, "lon": one.lon}
        elif isinstance(one, osmium.osm.Way):
            part |= {"type": "way", "nodes": [node.ref for node in one.nodes]}
        elif part["tags"].get("type") == "restriction":
            assert isinstance(one, osmium.osm.Relation)
            members = [
                {"type": _KINDS[member.type], "ref": member.ref, "role": member.role}
                for member in one.members
            ]
            part |= {"type": "relation", "members": members}
        else:
            continue
        parts.append(part)
    return elements(parts, timestamp)


@contextmanager
def osmnx_keeps_our_tags() -> Iterator[None]:
    """Let OSMnx keep all tags that routing needs, for one block."""
    settings = osmnx.settings
    before = settings.useful_tags_node, settings.useful_tags_way
    settings.useful_tags_node, settings.useful_tags_way = list(NODE_TAGS), list(ROUTED_WAY_TAGS)
    try:
        yield
    finally:
        settings.useful_tags_node, settings.useful_tags_way = before


def unsimplified_graph(source: Path) -> "nx.MultiDiGraph[int]":
    """Return the graph that OSMnx makes of a file, with all points and all tags we use."""
    with osmnx_keeps_our_tags():
        graph: nx.MultiDiGraph[int] = osmnx.graph_from_xml(source, simplify=False, retain_all=True)
    for _, attributes in graph.nodes(data=True):
        if not driver_tags_of_node(attributes):
            for key in set(attributes) - {"x", "y", "street_count"}:
                del attributes[key]
    return graph


def simplified_graph(graph: "nx.MultiDiGraph[int]") -> "nx.MultiDiGraph[int]":
    """Simplify as OSMnx can be told to: streets end where tags change and where points matter."""
    return osmnx.simplify_graph(
        graph,
        node_attrs_include=list(NODE_TAGS),
        edge_attrs_differ=[*WAY_TAGS, *DIRECTED_TAGS, *NAME_TAGS],
        remove_rings=False,
    )


def save_graphml(graph: "nx.MultiDiGraph[int]", path: Path) -> Path:
    osmnx.save_graphml(graph, path)
    return path
