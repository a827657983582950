"""London's main roads, carried with the program so that it can start with nothing else.

The tables in `geo_data/london` were authored for this project from public facts: which motorways,
A and B roads join which junctions, by which Thames crossings, at which limits. Positions are
approximate (`geo_data/london/README.md` says how good they are), and so is every answer given on
this network.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_data.builder import builder
from geo_data.csv_tables import Row, read_rows
from geo_data.places import position
from routing.build import build_network
from routing.geometry import polyline_length_m
from routing.network import Provenance, RoadNetwork
from routing.streets import Street, StreetMap, SurveyedJunction

FloatArray = NDArray[np.float64]

JUNCTION_COLUMNS = ("junction_id", "name", "latitude", "longitude")
ROAD_COLUMNS = (
    "from_junction",
    "to_junction",
    "road_number",
    "road_name",
    "road_class",
    "speed_limit_mph",
    "carriageway",
    "crossing",
    "shape",
)
THAMES_COLUMNS = ("latitude", "longitude")

ROAD_CLASSES = ("motorway", "trunk", "primary", "secondary")
CARRIAGEWAYS = ("single", "dual", "one_way")
SPEED_LIMITS_MPH = ("5", "10", "15", "20", "30", "40", "50", "60", "70")

LICENCE = "MIT AND OGL-UK-3.0"
ATTRIBUTION = (
    "The nearest-crew authors. Contains public sector information (Department for Transport road "
    "traffic count points) licensed under the Open Government Licence v3.0"
)
"""Credit for positions, as `geo_data/london/README.md` explains."""


@dataclass(frozen=True, slots=True)
class NamedJunction:
    """A junction of main roads.

    Attributes
    ----------
    key
        What the table of roads calls it.
    name
        What Londoners call it.
    lat, lon
        WGS84 degrees, approximate.
    """

    key: str
    name: str
    lat: float
    lon: float

    @property
    def node(self) -> int:
        """Number that stays the same while the key does."""
        return stable_number("junction", self.key)


def read_junctions(path: Path) -> Mapping[str, NamedJunction]:
    """Read the table of junctions, by key.

    Raises
    ------
    TableError
        Naming the cell that is wrong.
    """
    junctions: dict[str, NamedJunction] = {}
    column = "junction_id"
    for row in read_rows(path, JUNCTION_COLUMNS):
        if row.text(column) in junctions:
            raise row.fault(column, "used once only")
        key = row.text(column)
        junctions[key] = NamedJunction(key, row.optional("name"), *position(row))
    return junctions


def read_roads(path: Path, junctions: Mapping[str, NamedJunction]) -> tuple[Street, ...]:
    """Read the table of roads between those junctions.

    Raises
    ------
    TableError
        Naming the cell that is wrong.
    """
    repeats: Counter[str] = Counter()
    return tuple(_street(row, junctions, repeats) for row in read_rows(path, ROAD_COLUMNS))


def read_thames(path: Path) -> tuple[FloatArray, FloatArray]:
    """Read the centreline of the tidal Thames: latitudes and longitudes, west to east.

    Raises
    ------
    TableError
        Naming the cell that is wrong.
    """
    points = np.asarray([position(row) for row in read_rows(path, THAMES_COLUMNS)])
    return points[:, 0], points[:, 1]


@cache
def main_junctions() -> Mapping[str, NamedJunction]:
    """Junctions of London's main roads, by key."""
    with as_file(files("geo_data") / "london" / "junctions.csv") as path:
        return read_junctions(path)


@cache
def strategic_streets() -> StreetMap:
    """London's main roads as surveyed streets."""
    junctions = main_junctions()
    with as_file(files("geo_data") / "london" / "roads.csv") as path:
        streets = read_roads(path, junctions)
    used = {node for street in streets for node in (street.from_node, street.to_node)}
    return StreetMap(
        junctions={
            junction.node: SurveyedJunction(junction.lat, junction.lon)
            for junction in junctions.values()
            if junction.node in used
        },
        streets=streets,
    )


@cache
def thames_centreline() -> tuple[FloatArray, FloatArray]:
    """Latitudes and longitudes along the middle of the Thames, west to east."""
    with as_file(files("geo_data") / "london" / "thames.csv") as path:
        return read_thames(path)


def embedded_london() -> RoadNetwork:
    """Build the network of London's main roads, which needs no download."""
    return build_network(
        strategic_streets(),
        name="Greater London, main roads only",
        provenance=own_provenance("main roads of Greater London, authored from public facts"),
    )


def own_provenance(source: str) -> Provenance:
    """Provenance of a network made from this project's own tables."""
    return Provenance(
        source=source,
        licence=LICENCE,
        attribution=ATTRIBUTION,
        builder=builder(),
        approximate=True,
    )


def stable_number(*words: str) -> int:
    """Return a number between 2**47 and 2**48 that depends on nothing but these words."""
    digest = hashlib.blake2b("\n".join(words).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") | 1 << 47


def _street(row: Row, junctions: Mapping[str, NamedJunction], repeats: Counter[str]) -> Street:
    start = _junction(row, "from_junction", junctions)
    end = _junction(row, "to_junction", junctions)
    if start == end:
        column = "to_junction"
        raise row.fault(column, "another junction than from_junction")
    identity = "\n".join((start.key, end.key, row.optional("road_number")))
    repeats[identity] += 1
    shape = ((start.lat, start.lon), *_bends(row), (end.lat, end.lon))
    return Street(
        from_node=start.node,
        to_node=end.node,
        forward=True,
        backward=row.one_of("carriageway", CARRIAGEWAYS) != "one_way",
        shape=shape,
        length_m=polyline_length_m(shape),
        tags=_tags(row),
        name=row.optional("road_name"),
        ref=row.optional("road_number"),
        way_id=stable_number("road", identity, str(repeats[identity])),
    )


def _junction(row: Row, column: str, junctions: Mapping[str, NamedJunction]) -> NamedJunction:
    if row.text(column) not in junctions:
        raise row.fault(column, "a junction_id of the table of junctions")
    return junctions[row.text(column)]


def _bends(row: Row) -> Sequence[tuple[float, float]]:
    """Points of the road between its two junctions, from a cell such as `51.5 -0.1;51.6 -0.1`."""
    if not row.optional("shape"):
        return ()
    return [_bend(row, point.split()) for point in row.optional("shape").split(";")]


def _bend(row: Row, numbers: Sequence[str]) -> tuple[float, float]:
    column = "shape"
    if len(numbers) != len(("latitude", "longitude")):
        raise row.fault(column, "points of latitude and longitude: 'lat lon;lat lon'")
    point = Row(row.file, row.line, {"latitude": numbers[0], "longitude": numbers[1]})
    return position(point)


def _tags(row: Row) -> Mapping[str, str]:
    crossing = row.optional("crossing")
    if crossing.endswith("Ferry"):
        return {"highway": "ferry", "route": "ferry"}
    tags = {
        "highway": row.one_of("road_class", ROAD_CLASSES),
        "maxspeed": f"{row.one_of('speed_limit_mph', SPEED_LIMITS_MPH)} mph",
    }
    if row.text("carriageway") == "dual":
        tags["dual_carriageway"] = "yes"
    if crossing:
        tags["tunnel" if "Tunnel" in crossing else "bridge"] = "yes"
    return tags
