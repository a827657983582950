"""Tiny OpenStreetMap files drawn by hand, one trap each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.streets import Street, StreetMap

Tags = Mapping[str, str]
RESIDENTIAL: Tags = {"highway": "residential"}


@dataclass
class Drawing:
    """Points along a line near Charing Cross, a thousandth of a degree apart, and ways.

    Attributes
    ----------
    ways
        Way id, points, tags.
    node_tags
        Tags of points that have any.
    missing
        Points that ways name and the file does not hold.
    relations
        Relation id, tags, members: "from 10", "via node 3", "via 20".
    """

    ways: Sequence[tuple[int, Sequence[int], Tags]]
    node_tags: Mapping[int, Tags] = field(default_factory=dict)
    missing: frozenset[int] = frozenset()
    relations: Sequence[tuple[int, Tags, Sequence[str]]] = ()

    def xml(self) -> str:
        points = sorted({node for _, nodes, _ in self.ways for node in nodes} - self.missing)
        lines = ['<?xml version="1.0"?>', '<osm version="0.6">']
        for node in points:
            lat, lon = place(node)
            lines.append(f'<node id="{node}" lat="{lat}" lon="{lon}">')
            lines += [*_tags(self.node_tags.get(node, {})), "</node>"]
        for way, nodes, tags in self.ways:
            lines.append(f'<way id="{way}">')
            lines += [f'<nd ref="{node}"/>' for node in nodes]
            lines += [*_tags(tags), "</way>"]
        for relation, tags, members in self.relations:
            lines.append(f'<relation id="{relation}">')
            for role, *kind, ref in map(str.split, members):
                lines.append(f'<member type="{"".join(kind) or "way"}" ref="{ref}" role="{role}"/>')
            lines += [*_tags(tags), "</relation>"]
        return "\n".join([*lines, "</osm>"])

    def street_map(self, directory: Path) -> StreetMap:
        """Return the streets that the file gives, read back from disk."""
        path = directory / "drawn.osm"
        path.write_text(self.xml())
        return streets_from_osm(read_osm_file(path))


def place(node: int) -> tuple[float, float]:
    """Latitude and longitude of a point."""
    return round(51.5 + node / 1000, 7), -0.125


def drawn(street: Street) -> str:
    """Street as text: `1 - 3` driven both ways, `1 > 3` only as it is drawn."""
    sign = {(True, True): "-", (True, False): ">", (False, True): "<"}
    return f"{street.from_node} {sign[street.forward, street.backward]} {street.to_node}"


def all_drawn(streets: StreetMap) -> list[str]:
    """Every street as text, in order."""
    return sorted(drawn(street) for street in streets.streets)


def _tags(tags: Tags) -> list[str]:
    return [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]
