"""From links between points to streets between junctions.

Ways are an accident of mapping: one street may be drawn as five, one way may cross ten streets,
and Overpass, OSMnx and a file deliver them differently. So streets are made from links alone: a
point ends a street when anything other than exactly two alike links meets there, or when it
carries a tag that matters to a driver. Every choice below follows ids, never the order of input.
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from geo_data.links import (
    IntArray,
    Kind,
    Kinds,
    Links,
    directed_links,
    one_way_by_hour,
    without_duplicates,
)
from geo_data.osm import ONE_WAY_BY_HOUR, REVERSIBLE, OsmExtract, ends_street, shown_name
from geo_data.turn_restrictions import NamedWays
from routing.geometry import great_circle_m
from routing.junction_delays import passed_kind
from routing.progress import Progress, silent
from routing.streets import PASSES, Street, StreetMap, SurveyedJunction, passes_tag

NO_TAGS: Mapping[str, str] = {}
DUPLICATE = "stretches drawn twice"

CLOSED_TO_OTHERS: Mapping[str, str] = {"motorcar": "no", "motor_vehicle": "no"}
"""Access to a contraflow lane for all whom its tags do not name."""

_REPORT_EVERY = 50_000
_PASSED_LINKS = 2


@dataclass(frozen=True, slots=True)
class _Chain:
    """Links in a row: the points passed, one more than links."""

    points: Sequence[int]
    links: Sequence[int]

    def reversed(self) -> "_Chain":
        return _Chain(self.points[::-1], self.links[::-1])


def streets_from_osm(extract: OsmExtract, progress: Progress = silent) -> StreetMap:
    """Join the links of an extract into streets.

    - Streets drawn twice with the same tags count once, under the smallest way id; different
      streets between the same junctions are all kept.
    - A street that returns to its own junction is cut in two at its middle point, and a ring
      without any junction gets one at its smallest point first, so that every street has two
      distinct ends.
    - Humps and zebra crossings do not end a street: it says how many are passed (`PASSES`).
    - A street is drawn in its driving direction; a two-way one from its smaller end.
    - A lane for buses or emergency vehicles against a one-way street is a street of its own, in
      its own direction and closed to other motor traffic; so is each direction of a two-way street
      where they differ in access, limit or size.
    - Where a turn restriction begins and ends, streets end, so that it is one between streets.

    Parameters
    ----------
    extract
        Roads from any reader.
    progress
        Told how many links have been joined.
    """
    kinds, links = directed_links(extract)
    dropped = dict(extract.dropped)
    drivable = links.up | links.down
    _count(dropped, REVERSIBLE, len(links) - int(drivable.sum()))
    _count(dropped, ONE_WAY_BY_HOUR, one_way_by_hour(extract))
    stretches = links.take(drivable)
    unique, number = without_duplicates(stretches)
    _count(dropped, DUPLICATE, int(drivable.sum()) - len(unique))
    node_id = extract.node_id
    ends = list(zip(node_id[unique.low].tolist(), node_id[unique.high].tolist(), strict=True))
    named = NamedWays(extract.restrictions, stretches.way_id, number, ends)
    across = _passages(unique, kinds.turned, extract, named.junctions)
    make = _StreetMaker(extract, unique, kinds)
    streets: list[Street] = []
    joined = 0
    for chain in _chains(unique, across):
        for part in _with_distinct_ends(chain):
            made = list(make.streets(part))
            named.note(part.links, range(len(streets), len(streets) + len(made)))
            streets += made
        if (joined + len(chain.links)) // _REPORT_EVERY > joined // _REPORT_EVERY:
            progress("joining streets", joined, len(unique))
        joined += len(chain.links)
    progress("joining streets", len(unique), len(unique))
    restrictions, unplaced = named.placed(streets)
    for reason, count in unplaced.items():
        _count(dropped, reason, count)
    return StreetMap(make.junctions(streets), streets, dropped, restrictions)


def _count(dropped: dict[str, int], reason: str, count: int) -> None:
    if count:
        dropped[reason] = dropped.get(reason, 0) + count


def _passages(
    links: Links, turned: IntArray, extract: OsmExtract, junctions: Collection[int]
) -> IntArray:
    """For each end of a link, the end at which the street goes on, or -1 at a junction.

    Points among the junctions, by node id, are never passed. Link `l` of L has its end at `low`
    numbered `l` and its end at `high` numbered `L + l`.
    """
    count = len(links)
    point = np.concatenate([links.low, links.high])
    into = np.concatenate([links.down, links.up])
    out_of = np.concatenate([links.up, links.down])
    kind_into = np.concatenate([turned[links.kind], links.kind])
    kind_out_of = np.concatenate([links.kind, turned[links.kind]])
    order = np.argsort(point, kind="stable")
    points, first, ends = np.unique(point[order], return_index=True, return_counts=True)
    ending = [node for node, tags in extract.node_tags.items() if ends_street(tags)]
    stops = np.asarray([*ending, *junctions], dtype=np.int64)
    passed = (ends == _PASSED_LINKS) & ~np.isin(extract.node_id[points], stops)
    one, other = order[first[passed]], order[first[passed] + 1]
    alike = kind_into[one] == kind_out_of[other]
    alike &= (into[one] == out_of[other]) & (out_of[one] == into[other])
    across = np.full(2 * count, -1, dtype=np.int32)
    across[one[alike]] = other[alike]
    across[other[alike]] = one[alike]
    return across


def _chains(links: Links, across: IntArray) -> Iterator[_Chain]:
    """Every street as a chain of links: first those between junctions, then rings without any."""
    count = len(links)
    point = [*links.low.tolist(), *links.high.tolist()]
    goes_on = across.tolist()
    seen = bytearray(count)

    def walk(end: int) -> _Chain:
        points, chain = [point[end]], list[int]()
        while end >= 0 and not seen[end % count]:
            link = end % count
            seen[link] = True
            chain.append(link)
            far = end + count if end < count else end - count
            points.append(point[far])
            end = goes_on[far]
        return _Chain(points, chain)

    for end in np.flatnonzero(across < 0).tolist():
        if not seen[end % count]:
            yield walk(end)
    for link in range(count):
        if not seen[link]:
            yield _from_smallest_point(walk(link))


def _from_smallest_point(ring: _Chain) -> _Chain:
    start = ring.points.index(min(ring.points))
    opened = ring.points[:-1]
    return _Chain(
        [*opened[start:], *opened[:start], opened[start]],
        [*ring.links[start:], *ring.links[:start]],
    )


def _with_distinct_ends(chain: _Chain) -> tuple[_Chain, ...]:
    if chain.points[0] != chain.points[-1]:
        return (chain,)
    loop = chain if chain.points[1] <= chain.points[-2] else chain.reversed()
    middle = len(loop.links) // 2
    return (
        _Chain(loop.points[: middle + 1], loop.links[:middle]),
        _Chain(loop.points[middle:], loop.links[middle:]),
    )


def _passed_points(extract: OsmExtract) -> dict[int, str]:
    """What is passed at points of an extract, by index."""
    kinds = {node: passed_kind(tags) for node, tags in extract.node_tags.items()}
    nodes = np.asarray([node for node, kind in kinds.items() if kind], dtype=np.int64)
    points = np.searchsorted(extract.node_id, nodes).tolist()
    return dict(zip(points, (kinds[node] for node in nodes.tolist()), strict=True))


class _StreetMaker:
    """Turns chains of links into streets, and the points at their ends into junctions."""

    def __init__(self, extract: OsmExtract, links: Links, kinds: Kinds) -> None:
        lat, lon = extract.node_lat, extract.node_lon
        length_m = great_circle_m(lat[links.low], lon[links.low], lat[links.high], lon[links.high])
        self._node_tags = extract.node_tags
        self._node_id: list[int] = extract.node_id.tolist()
        self._passed = _passed_points(extract)
        self._place = list(zip(lat.tolist(), lon.tolist(), strict=True))
        self._length_m: list[float] = length_m.tolist()
        self._low: list[int] = links.low.tolist()
        self._up: list[bool] = links.up.tolist()
        self._down: list[bool] = links.down.tolist()
        self._way_id: list[int] = links.way_id.tolist()
        self._kind = [kinds.kinds[number] for number in links.kind.tolist()]

    def streets(self, chain: _Chain) -> Iterator[Street]:
        """Yield the street of a chain, or its directions where they differ.

        Also the lane against its one-way where there is one.
        """
        forward, backward = self._directions(chain)
        if (backward and not forward) or (
            forward and backward and chain.points[0] > chain.points[-1]
        ):
            chain, forward, backward = chain.reversed(), backward, forward
        kind = self._kind_along(chain)
        street = self._street(chain, kind, backward=backward)
        if backward and kind.tags != kind.tags_back:
            yield replace(street, backward=False)
            yield _turned(street, self._tags(kind.tags_back, chain))
            return
        yield street
        if kind.contraflow:
            lane = {**CLOSED_TO_OTHERS, **dict.fromkeys(kind.contraflow, "yes")}
            yield _turned(street, {**self._tags(kind.tags_back, chain), **lane})

    def _kind_along(self, chain: _Chain) -> Kind:
        link = chain.links[0]
        kind: Kind = self._kind[link]
        return kind if chain.points[0] == self._low[link] else kind.turned()

    def _street(self, chain: _Chain, kind: Kind, *, backward: bool) -> Street:
        return Street(
            from_node=self._node_id[chain.points[0]],
            to_node=self._node_id[chain.points[-1]],
            forward=True,
            backward=backward,
            shape=[self._place[point] for point in chain.points],
            length_m=math.fsum(self._length_m[link] for link in chain.links),
            tags=self._tags(kind.tags, chain),
            name=shown_name(kind.name),
            ref=kind.ref,
            way_id=min(self._way_id[link] for link in chain.links),
        )

    def _tags(self, tags: Mapping[str, str], chain: _Chain) -> Mapping[str, str]:
        """Tags of a street, with what is passed between its ends."""
        between = (self._passed.get(point) for point in chain.points[1:-1])
        passed = [one for one in between if one]
        return {**tags, PASSES: passes_tag(passed)} if passed else tags

    def _directions(self, chain: _Chain) -> tuple[bool, bool]:
        link = chain.links[0]
        if chain.points[0] == self._low[link]:
            return self._up[link], self._down[link]
        return self._down[link], self._up[link]

    def junctions(self, streets: Sequence[Street]) -> dict[int, SurveyedJunction]:
        places = {street.from_node: street.shape[0] for street in streets}
        places |= {street.to_node: street.shape[-1] for street in streets}
        return {
            node: SurveyedJunction(*place, self._node_tags.get(node, NO_TAGS))
            for node, place in places.items()
        }


def _turned(street: Street, tags: Mapping[str, str]) -> Street:
    """The other direction of a street, as a street of its own."""
    return replace(
        street,
        from_node=street.to_node,
        to_node=street.from_node,
        backward=False,
        shape=street.shape[::-1],
        tags=tags,
    )
