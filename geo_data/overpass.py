"""Roads downloaded from OpenStreetMap by OSMnx, through an Overpass server."""

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import osmnx
import requests
from shapely.geometry import MultiPolygon, Polygon

from geo_data.area import check_degrees
from geo_data.errors import AreaError, DownloadError, RoadFileError
from geo_data.one_way import TAGGED, Direction
from geo_data.osm import (
    EMERGENCY_PATH_CLASSES,
    EMERGENCY_PATH_VALUES,
    ROAD_CLASSES,
    OsmExtract,
    RoadCollector,
    driver_tags_of_node,
)
from geo_data.osmnx_session import Download, osmnx_session
from routing.progress import Progress, silent

if TYPE_CHECKING:
    import networkx as nx

_TIMESTAMP = re.compile(r'"timestamp_osm_base":\s*"([^"]+)"')
_ANSWER_HEAD_CHARACTERS = 4096
_REPORT_EVERY = 50_000


def _one_of(values: frozenset[str] | tuple[str, ...]) -> str:
    return f"^({'|'.join(sorted(values))})$"


_ROADS = f'["highway"~"{_one_of(tuple(ROAD_CLASSES))}"]["area"!="yes"]'
_EMERGENCY_PATHS = (
    f'["highway"~"{_one_of(EMERGENCY_PATH_CLASSES)}"]'
    f'["emergency"~"{_one_of(EMERGENCY_PATH_VALUES)}"]["area"!="yes"]'
)
ROAD_FILTERS = (_ROADS, _EMERGENCY_PATHS)
"""What Overpass is asked for: the same ways that `geo_data.osm.reason_to_drop` lets pass."""


def download_place(place: str, download: Download, progress: Progress = silent) -> OsmExtract:
    """Download all roads inside the boundary of a named place ("Camden, London").

    Raises
    ------
    AreaError
        The place is not known, has no boundary, or has no roads.
    DownloadError
        A server cannot be reached, stays busy, or sends something unusable.
    """
    progress(f"looking up {place}", 0, 0)
    url = download.nominatim_url
    with osmnx_session(download, download.cache_dir, progress), _explained(download, url):
        try:
            boundary = osmnx.geocode_to_gdf(place).union_all()
        except TypeError as error:
            msg = f"place {place!r} has no boundary on the map; name a district or give a polygon"
            raise AreaError(msg) from error
        except ValueError as error:
            if "0 results" not in str(error):
                raise
            msg = f"place {place!r} is not known to {url}"
            raise AreaError(msg) from error
    return download_polygon(boundary, download, progress)


def download_polygon(
    area: Polygon | MultiPolygon, download: Download, progress: Progress = silent
) -> OsmExtract:
    """Download all roads inside an area.

    Answers are cached as they come: a second run asks nothing, one that was interrupted goes on
    where it stopped.

    Parameters
    ----------
    area
        WGS84 longitude and latitude in degrees.
    download
        Server, cache and date.
    progress
        Told what is waited for, and how much has been converted.

    Raises
    ------
    AreaError
        The area is not in degrees, or has no roads.
    DownloadError
        The server cannot be reached, stays busy, or sends something unusable.
    """
    check_degrees(area, "asked for")
    cache = download.cache_of(area.wkt)
    try:
        with osmnx_session(download, cache, progress), _explained(download, download.overpass_url):
            graph = osmnx.graph_from_polygon(
                area,
                simplify=False,
                retain_all=True,
                truncate_by_edge=True,
                custom_filter=list(ROAD_FILTERS),
            )
        timestamp = download.timestamp or _oldest_timestamp(cache)
        return _extract(graph, _relations(cache), timestamp, progress)
    except (AreaError, RoadFileError) as error:
        shutil.rmtree(cache, ignore_errors=True)  # the next run shall ask again
        msg = f"there are no roads in the area asked for ({error})"
        raise AreaError(msg) from error


@contextmanager
def _explained(download: Download, url: str) -> Iterator[None]:
    """Turn what OSMnx and the network below it raise into errors that say what to do."""
    try:
        yield
    except requests.exceptions.JSONDecodeError as error:
        raise download.unusable(url, "not JSON") from error
    except requests.RequestException as error:
        raise download.unreachable(url, error) from error
    except json.JSONDecodeError as error:
        msg = f"an answer kept in {osmnx.settings.cache_folder} is damaged ({error}); delete it"
        raise DownloadError(msg) from error
    except (DownloadError, AreaError):
        raise
    except ValueError as error:
        if isinstance(error.__cause__, ValueError):
            raise download.unusable(url, "not JSON") from error
        raise AreaError(str(error)) from error


def _extract(
    graph: "nx.MultiDiGraph[int]",
    relations: Iterable[dict[str, Any]],
    timestamp: str,
    progress: Progress,
) -> OsmExtract:
    collector = RoadCollector()
    for one in relations:
        members = [(part["type"][0], part["ref"], part["role"]) for part in one.get("members", [])]
        collector.add_restriction(one["id"], one.get("tags", {}), members)
    ways: dict[int, int | None] = {}
    for count, (start, end, tags) in enumerate(graph.edges(data=True), start=1):
        way_id = tags["osmid"]
        if way_id not in ways:
            ways[way_id] = collector.add_way(way_id, tags)
        way = ways[way_id]
        if way is not None:
            collector.add_links(way, _as_drawn(start, end, tags))
        if count % _REPORT_EVERY == 0:
            progress("converting roads", count, graph.number_of_edges())
    places = graph.nodes
    node_tags = {node: driver_tags_of_node(tags) for node, tags in places(data=True)}
    return collector.extract(
        np.fromiter(places, dtype=np.int64),
        np.fromiter((tags["y"] for _, tags in places(data=True)), dtype=np.float64),
        np.fromiter((tags["x"] for _, tags in places(data=True)), dtype=np.float64),
        {node: tags for node, tags in node_tags.items() if tags},
        timestamp,
    )


def _relations(cache: Path) -> Iterator[dict[str, Any]]:
    """Turn restrictions in the answers that the download was made of, some more than once."""
    for answer in sorted(cache.glob("*.json")):
        with answer.open(encoding="utf-8") as file:
            elements = json.load(file)["elements"]
        yield from (one for one in elements if one["type"] == "relation")


def _as_drawn(start: int, end: int, tags: dict[str, Any]) -> tuple[int, int]:
    """Undo OSMnx's turning round of ways that are one-way against their drawing order."""
    turned = TAGGED.get(tags.get("oneway", "")) is Direction.BACKWARD
    return (end, start) if turned else (start, end)


def _oldest_timestamp(cache: Path) -> str:
    """Age of the oldest answer that the download was made of; empty when none says."""
    stated: list[str] = []
    for answer in cache.glob("*.json"):
        with answer.open(encoding="utf-8") as file:
            stated += _TIMESTAMP.findall(file.read(_ANSWER_HEAD_CHARACTERS))
    return min(stated, default="")
