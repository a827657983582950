"""Links: the stretches between consecutive points of ways, as they may be driven.

What a way says of one direction only is said of its links by which of their two points comes first,
so that it does not matter how ways are drawn.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from geo_data.directed_tags import driven
from geo_data.one_way import contraflow_of, direction_of, varies_by_hour
from geo_data.osm import WAY_TAGS, OsmExtract

IntArray = NDArray[np.int32]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Kind:
    """What two links must share to be the same street.

    Attributes
    ----------
    tags, tags_back
        Of who drives it from its `low` to its `high` point, and of who drives it back.
    name
        All names in the tag: where they change, a street ends in every format.
    contraflow
        Access tags of those who may drive a one-way street against its direction.
    """

    tags: Mapping[str, str]
    tags_back: Mapping[str, str]
    name: str
    ref: str
    contraflow: tuple[str, ...]

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Self:
        """What links of a way with these tags share where it is drawn from `low` to `high`."""
        out, back = (driven(tags, forward=forward) for forward in (True, False))
        kept, kept_back = ({key: one[key] for key in WAY_TAGS if key in one} for one in (out, back))
        name, ref = tags.get("name", ""), tags.get("ref", "")
        return cls(kept, kept_back, name, ref, contraflow_of(tags))

    def turned(self) -> "Kind":
        """What it is for those who drive the other way."""
        return replace(self, tags=self.tags_back, tags_back=self.tags)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for kinds that are alike."""
        tags = tuple(self.tags.items()), tuple(self.tags_back.items())
        return (*tags, self.name, self.ref, self.contraflow)


@dataclass(frozen=True, eq=False, slots=True)
class Kinds:
    """Distinct kinds by number, and the number of each of them turned round."""

    kinds: list[Kind]
    turned: IntArray


@dataclass(frozen=True, eq=False, slots=True)
class Links:
    """L links between points `low` < `high`, each drivable `up` (low to high), `down`, or both.

    `kind` numbers what they are for who drives up.
    """

    low: IntArray
    high: IntArray
    up: BoolArray
    down: BoolArray
    kind: IntArray
    way_id: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.low)

    def take(self, rows: NDArray[np.int64] | BoolArray) -> "Links":
        """Some of the links, by number or mask."""
        return Links(
            self.low[rows],
            self.high[rows],
            self.up[rows],
            self.down[rows],
            self.kind[rows],
            self.way_id[rows],
        )


def directed_links(extract: OsmExtract) -> tuple[Kinds, Links]:
    """All links of an extract, and what kinds of them there are."""
    tag_sets = {id(way.tags): way.tags for way in extract.ways}  # readers share equal ones
    kinds: list[Kind] = []
    numbers: dict[tuple[object, ...], int] = {}

    def number(kind: Kind) -> int:
        if kind.key not in numbers:
            numbers[kind.key] = len(kinds)
            kinds.append(kind)
        return numbers[kind.key]

    kind_of = {one: number(Kind.of(tags)) for one, tags in tag_sets.items()}
    for other in [kind.turned() for kind in kinds]:
        number(other)
    turned = np.asarray([number(kind.turned()) for kind in kinds], dtype=np.int32)
    direction_of_tags = {one: direction_of(tags) for one, tags in tag_sets.items()}
    way_kind = np.asarray([kind_of[id(way.tags)] for way in extract.ways], dtype=np.int32)
    directions = [direction_of_tags[id(way.tags)] for way in extract.ways]
    forward = np.asarray([one.forward for one in directions])[extract.link_way]
    backward = np.asarray([one.backward for one in directions])[extract.link_way]
    way_id = np.asarray([way.way_id for way in extract.ways], dtype=np.int64)
    drawn_up = extract.link_from < extract.link_to
    drawn = way_kind[extract.link_way]
    return Kinds(kinds, turned), Links(
        low=np.minimum(extract.link_from, extract.link_to),
        high=np.maximum(extract.link_from, extract.link_to),
        up=np.where(drawn_up, forward, backward),
        down=np.where(drawn_up, backward, forward),
        kind=np.where(drawn_up, drawn, turned[drawn]),
        way_id=way_id[extract.link_way],
    )


def without_duplicates(links: Links) -> tuple[Links, IntArray]:
    """Links that differ, and which of them each of the given ones is."""
    order = np.lexsort((links.way_id, links.kind, links.down, links.up, links.high, links.low))
    ordered = links.take(order)
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = False
    for column in (ordered.low, ordered.high, ordered.up, ordered.down, ordered.kind):
        first[1:] |= column[1:] != column[:-1]
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.cumsum(first) - 1
    return ordered.take(first), number


def one_way_by_hour(extract: OsmExtract) -> int:
    """How many ways are one-way at some hours only, and are taken to be so at all."""
    tag_sets = {id(way.tags): way.tags for way in extract.ways}
    varying = {
        one
        for one, tags in tag_sets.items()
        if varies_by_hour(tags) and (direction := direction_of(tags)).forward != direction.backward
    }
    return sum(id(way.tags) in varying for way in extract.ways)
