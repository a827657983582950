"""Roads from OpenStreetMap files: XML, plain or compressed, and PBF."""

import gzip
import re
from array import array
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium

from geo_data.errors import RoadFileError
from geo_data.osm import OsmExtract, RoadCollector, driver_tags_of_node
from routing.progress import Progress, silent

OSM_FILE_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
"""File names that `read_osm_file` accepts; libosmium tells the formats apart by them."""

_REPORT_EVERY = 20_000
_XML_HEAD_BYTES = 4096
_OVERPASS_TIMESTAMP = re.compile(rb'<meta\s+osm_base="([^"]+)"')


def read_osm_file(path: Path, progress: Progress = silent) -> OsmExtract:
    """Read all roads of an OpenStreetMap file.

    The file is read twice, first its ways, then only the points they use, so that memory grows
    with the roads and not with everything else an extract holds.

    Parameters
    ----------
    path
        A file whose name ends in one of `OSM_FILE_SUFFIXES`.
    progress
        Told how many roads and points have been read.

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
        return _read(path, progress)
    except RuntimeError as error:  # all that libosmium raises
        msg = f"{path} cannot be read as OpenStreetMap data: it is damaged or cut short ({error})"
        raise RoadFileError(msg) from error
    except RoadFileError as error:
        msg = f"{path}: {error}"
        raise RoadFileError(msg) from error


def _read(path: Path, progress: Progress) -> OsmExtract:
    timestamp = _timestamp(path)
    collector = RoadCollector()
    for number, way in enumerate(_highways(path), start=1):
        index = collector.add_way(way.id, {tag.k: tag.v for tag in way.tags})
        if index is not None:
            nodes = [node.ref for node in way.nodes]
            for pair in pairwise(nodes):
                collector.add_link(*pair, index)
        if number % _REPORT_EVERY == 0:
            progress("reading roads", number, 0)
    return _with_points(path, collector, timestamp, progress)


def _with_points(
    path: Path, collector: RoadCollector, timestamp: str, progress: Progress
) -> OsmExtract:
    wanted = collector.node_ids()
    ids, lats, lons = array("q"), array("d"), array("d")
    tags: dict[int, Mapping[str, str]] = {}
    for node in _nodes(path, wanted.tolist()):
        ids.append(node.id)
        lats.append(node.lat)
        lons.append(node.lon)
        if len(node.tags) and (kept := driver_tags_of_node({tag.k: tag.v for tag in node.tags})):
            tags[node.id] = kept
        if len(ids) % _REPORT_EVERY == 0:
            progress("reading points", len(ids), len(wanted))
    progress("reading points", len(wanted), len(wanted))
    return collector.extract(
        np.asarray(ids, dtype=np.int64), np.asarray(lats), np.asarray(lons), tags, timestamp
    )


def _highways(path: Path) -> Iterator[Any]:
    processor = osmium.FileProcessor(path, osmium.osm.WAY)
    return iter(processor.with_filter(osmium.filter.KeyFilter("highway")))


def _nodes(path: Path, node_ids: list[int]) -> Iterator[Any]:
    processor = osmium.FileProcessor(path, osmium.osm.NODE)
    return iter(processor.with_filter(osmium.filter.IdFilter(node_ids)))


def _timestamp(path: Path) -> str:
    """Age as PBF extracts (Geofabrik) and Overpass answers state it in their first lines."""
    header = osmium.FileProcessor(path).header
    stated: str = header.get("osmosis_replication_timestamp") or header.get("timestamp")
    if stated or path.name.lower().endswith((".pbf", ".bz2")):
        return stated
    opener = gzip.open if path.name.lower().endswith(".gz") else open
    with opener(path, "rb") as file:
        found = _OVERPASS_TIMESTAMP.search(file.read(_XML_HEAD_BYTES))
    return found.group(1).decode() if found else ""
