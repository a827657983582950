"""Roads from OpenStreetMap files: XML, plain or compressed, and PBF."""

import gzip
import re
from array import array
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import osmium

from geo_data.errors import RoadFileError
from geo_data.osm import (
    PASSED_NODE_KEYS,
    STOPPING_NODE_VALUES,
    OsmExtract,
    RoadCollector,
    driver_tags_of_node,
    reason_to_drop,
)
from geo_data.restriction_relations import RELATION_TYPE
from routing.progress import Progress, silent

OSM_FILE_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
"""File names that `read_osm_file` accepts; libosmium tells the formats apart by them."""

_REPORT_EVERY = 20_000
_XML_HEAD_BYTES = 4096
_OVERPASS_TIMESTAMP = re.compile(rb'<meta\s+osm_base="([^"]+)"')


def read_osm_file(path: Path, progress: Progress = silent) -> OsmExtract:
    """Read all roads of an OpenStreetMap file.

    Points and ways may come in any order. Only roads reach Python; the places of all other
    points stay in libosmium's index, at 16 bytes each.

    Parameters
    ----------
    path
        A file whose name ends in one of `OSM_FILE_SUFFIXES`.
    progress
        Told how many tagged points and roads have been read; the whole is not known in advance.

    Raises
    ------
    RoadFileError
        The file is missing, of another kind, cut short, or has no roads.
    """
    if not path.name.lower().endswith(OSM_FILE_SUFFIXES):
        accepted = ", ".join(OSM_FILE_SUFFIXES)
        msg = f"{path} is not an OpenStreetMap file by its name; accepted endings: {accepted}"
        raise RoadFileError(msg)
    if not path.is_file():
        msg = f"{path} does not exist or is not a file"
        raise RoadFileError(msg)
    try:
        return _Reading(path, progress).extract()
    except (RuntimeError, UnicodeDecodeError, EOFError, gzip.BadGzipFile) as error:
        msg = f"{path} cannot be read as OpenStreetMap data: it is damaged or cut short ({error})"
        raise RoadFileError(msg) from error
    except RoadFileError as error:
        msg = f"{path}: {error}"
        raise RoadFileError(msg) from error


class _Reading:
    """One file being read: first its points, then its ways with the points' places."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path = path
        self._progress = progress
        self._places = osmium.NodeLocationsForWays(osmium.index.create_map("flex_mem"))
        self._places.ignore_errors()  # points outside an extract are counted, not fatal
        self._collector = RoadCollector()
        self._node_id, self._lat, self._lon = array("q"), array("d"), array("d")

    def extract(self) -> OsmExtract:
        node_tags = self._read_points()
        self._read_ways()
        self._read_restrictions()
        return self._collector.extract(
            np.asarray(self._node_id, dtype=np.int64),
            np.asarray(self._lat, dtype=np.float64),
            np.asarray(self._lon, dtype=np.float64),
            node_tags,
            _timestamp(self._path),
        )

    def _read_points(self) -> dict[int, Mapping[str, str]]:
        self._progress("reading points", 0, 0)
        node_tags: dict[int, Mapping[str, str]] = {}
        tagged = osmium.filter.KeyFilter(*STOPPING_NODE_VALUES, *PASSED_NODE_KEYS)
        with osmium.io.Reader(self._path, osmium.osm.NODE) as reader:
            nodes = osmium.OsmFileIterator(reader, self._places, tagged)
            for number, node in enumerate(nodes, start=1):
                if kept := driver_tags_of_node({tag.k: tag.v for tag in node.tags}):
                    node_tags[node.id] = kept
                if number % _REPORT_EVERY == 0:
                    self._progress("reading points", number, 0)
        return node_tags

    def _read_ways(self) -> None:
        self._progress("reading roads", 0, 0)
        highways = osmium.filter.KeyFilter("highway")
        with osmium.io.Reader(self._path, osmium.osm.WAY) as reader:
            ways = osmium.OsmFileIterator(reader, self._places, highways)
            for number, way in enumerate(ways, start=1):
                assert isinstance(way, osmium.osm.Way)
                self._read_way(way)
                if number % _REPORT_EVERY == 0:
                    self._progress("reading roads", number, 0)

    def _read_restrictions(self) -> None:
        self._progress("reading turn restrictions", 0, 0)
        restricting = osmium.filter.TagFilter(("type", RELATION_TYPE))
        with osmium.io.Reader(self._path, osmium.osm.RELATION) as reader:
            relations = osmium.OsmFileIterator(reader, restricting)
            for relation in relations:
                assert isinstance(relation, osmium.osm.Relation)
                self._collector.add_restriction(
                    relation.id,
                    {tag.k: tag.v for tag in relation.tags},
                    [(member.type, member.ref, member.role) for member in relation.members],
                )

    def _read_way(self, way: osmium.osm.Way) -> None:
        reason = reason_to_drop(way.tags)
        if reason is not None:
            self._collector.dropped[reason] += 1
            return
        index = self._collector.add_way(way.id, {tag.k: tag.v for tag in way.tags})
        assert index is not None
        nodes = []
        for node in way.nodes:
            ref = node.ref
            nodes.append(ref)
            if node.location.valid():
                self._node_id.append(ref)
                self._lat.append(node.lat)
                self._lon.append(node.lon)
        self._collector.add_links(index, nodes)


def _timestamp(path: Path) -> str:
    """Age as PBF extracts (Geofabrik) and Overpass answers state it in their first lines."""
    with osmium.io.Reader(path, osmium.osm.NOTHING) as reader:
        header = reader.header()
        stated: str = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    if stated or path.name.lower().endswith((".pbf", ".bz2")):
        return stated
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as file:
        found = _OVERPASS_TIMESTAMP.search(file.read(_XML_HEAD_BYTES))
    return found.group(1).decode() if found else ""
