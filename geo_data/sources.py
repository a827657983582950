"""From what somebody asked for to a road network: the one place that picks a reader."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from geo_data.area import read_polygon
from geo_data.builder import builder
from geo_data.contraflow import with_contraflow
from geo_data.errors import RoadFileError
from geo_data.graphml import GRAPHML_SUFFIXES, read_graphml
from geo_data.osm import ATTRIBUTION, LICENCE, OsmExtract
from geo_data.osm_files import OSM_FILE_SUFFIXES, read_osm_file
from geo_data.osmnx_session import Download
from geo_data.overpass import download_place, download_polygon
from geo_data.street_builder import streets_from_osm
from geo_data.synthetic import synthesise, synthetic_provenance
from routing.build import build_network
from routing.contraction import contracted
from routing.network import Provenance, RoadNetwork
from routing.progress import Progress, silent
from routing.streets import StreetMap


@dataclass(frozen=True, slots=True)
class RoadFile:
    """Roads in a file: OpenStreetMap XML or PBF, or OSMnx GraphML, told apart by its name."""

    path: Path


@dataclass(frozen=True, slots=True)
class Place:
    """Roads inside the boundary of a place that OpenStreetMap knows by name."""

    name: str
    download: Download


@dataclass(frozen=True, slots=True)
class PolygonFile:
    """Roads inside the polygons of a GeoJSON file."""

    path: Path
    download: Download


Source = RoadFile | Place | PolygonFile


@dataclass(frozen=True, slots=True)
class _Found:
    streets: StreetMap
    description: str
    timestamp: str


def build_from(
    source: Source, *, name: str = "", contraflow: bool = False, progress: Progress = silent
) -> RoadNetwork:
    """Build the road network of a source of OpenStreetMap data.

    Parameters
    ----------
    source
        What was asked for.
    name
        Name of the network; by default that of the place or file.
    contraflow
        Whether to keep the other way of one-way streets, for a profile that may drive it.
    progress
        Told what is being done, and how far it is.

    Raises
    ------
    SourceError
        The source cannot be read or downloaded (`geo_data.errors` has the kinds).
    NetworkError
        Its streets do not form a network.
    """
    found = _find(source, progress)
    provenance = Provenance(
        source=found.description,
        source_timestamp=found.timestamp,
        licence=LICENCE,
        attribution=ATTRIBUTION,
        builder=builder(),
        dropped=found.streets.dropped,
    )
    streets = with_contraflow(found.streets) if contraflow else found.streets
    network = build_network(
        streets, name=name or _default_name(source), provenance=provenance, progress=progress
    )
    return contracted(network, progress)


def build_synthetic(
    junctions: int, seed: int, *, name: str = "", progress: Progress = silent
) -> RoadNetwork:
    """Build a network for load tests: London's main roads with made-up local streets between.

    Raises
    ------
    ValueError
        When fewer or more junctions are asked for than possible.
    """
    network = build_network(
        synthesise(junctions, seed, progress),
        name=name or "Synthetic London",
        provenance=synthetic_provenance(junctions, seed),
        progress=progress,
    )
    return contracted(network, progress)


def file_reader(path: Path) -> Callable[[Path, Progress], OsmExtract | StreetMap]:
    """Return what reads a file of this name.

    Raises
    ------
    RoadFileError
        No reader knows its ending.
    """
    name = path.name.lower()
    if name.endswith(GRAPHML_SUFFIXES):
        return read_graphml
    if name.endswith(OSM_FILE_SUFFIXES):
        return read_osm_file
    accepted = ", ".join((*OSM_FILE_SUFFIXES, *GRAPHML_SUFFIXES))
    msg = f"{path}: no reader for this kind of file; accepted endings: {accepted}"
    raise RoadFileError(msg)


def _find(source: Source, progress: Progress) -> _Found:
    if isinstance(source, RoadFile):
        return _streets(file_reader(source.path)(source.path, progress), source.path.name, progress)
    if isinstance(source, Place):
        extract = download_place(source.name, source.download, progress)
        return _streets(extract, f"Overpass: {source.name}", progress)
    area = read_polygon(source.path)
    extract = download_polygon(area, source.download, progress)
    return _streets(extract, f"Overpass: {source.path.name}", progress)


def _streets(found: OsmExtract | StreetMap, description: str, progress: Progress) -> _Found:
    if isinstance(found, StreetMap):
        return _Found(found, description, "")
    return _Found(streets_from_osm(found, progress), description, found.osm_timestamp)


def _default_name(source: Source) -> str:
    if isinstance(source, Place):
        return source.name
    name = source.path.name
    known = (*OSM_FILE_SUFFIXES, *GRAPHML_SUFFIXES, ".geojson.gz", ".geojson", ".json")
    ending = max((end for end in known if name.lower().endswith(end)), key=len, default="")
    return name[: len(name) - len(ending)] or name
