"""From turn restrictions between ways to turn restrictions between streets.

A way may be cut into several streets, or be joined with others into one; a restriction names ways.
Which of its streets is meant follows from where they meet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from geo_data.restriction_relations import OsmRestriction
from routing.streets import Street, TurnRestriction

MISSING = "turn restrictions with a member that is no road, or outside the data"
APART = "turn restrictions whose members do not meet"
WRONG_WAY = "turn restrictions that only those who go against a one-way street could break"
SEVERAL_WAYS = "turn restrictions that could be about several turns"

Step = tuple[int, bool]
"""A street and whether it is driven forward."""


@dataclass(frozen=True, eq=False, slots=True)
class _Link:
    """A stretch between two points: their node ids, and the streets that run along it."""

    ends: tuple[int, int]
    streets: list[int] = field(default_factory=list)


class _UnclearError(Exception):
    """What a restriction is about cannot be told; the text is the reason."""


class NamedWays:
    """The ways that restrictions name, and the streets that come to run along them.

    Parameters
    ----------
    restrictions
        By what they name.
    way_id : int64[L]
        Way of each stretch between two points, as the ways are drawn.
    number : int32[L]
        Which of N different links each stretch is.
    ends
        Node ids at both ends of each of the N links.
    """

    def __init__(
        self,
        restrictions: Sequence[OsmRestriction],
        way_id: NDArray[np.int64],
        number: NDArray[np.int32],
        ends: Sequence[tuple[int, int]],
    ) -> None:
        self._restrictions = restrictions
        named = {
            way for one in restrictions for way in (*one.from_ways, *one.via_ways, *one.to_ways)
        }
        self._link: dict[int, _Link] = {}
        self._links_of: defaultdict[int, list[_Link]] = defaultdict(list)
        for stretch in np.flatnonzero(np.isin(way_id, sorted(named))).tolist():
            at = int(number[stretch])
            link = self._link.setdefault(at, _Link(ends[at]))
            self._links_of[int(way_id[stretch])].append(link)

    @property
    def junctions(self) -> set[int]:
        """Nodes at which streets must end for the restrictions to be ones between streets."""
        found = {one.via_node for one in self._restrictions if one.via_node is not None}
        for way in {way for one in self._restrictions for way in one.via_ways}:
            meeting = Counter(node for link in self._links_of[way] for node in link.ends)
            found |= {node for node, count in meeting.items() if count == 1}
        return found

    def note(self, links: Iterable[int], streets: Iterable[int]) -> None:
        """Take down which streets run along links."""
        for link in links:
            if link in self._link:
                self._link[link].streets.extend(streets)

    def placed(self, streets: Sequence[Street]) -> tuple[list[TurnRestriction], Counter[str]]:
        """Restrictions between streets, once for each pair of ways, and why others are none."""
        placer, found, unplaced = (
            _Placer(streets, self._links_of),
            list[TurnRestriction](),
            Counter[str](),
        )
        for one in self._restrictions:
            for from_way, to_way in product(one.from_ways, one.to_ways):
                try:
                    path = placer.path(one, from_way, to_way)
                except _UnclearError as reason:
                    unplaced[str(reason)] += 1
                else:
                    found.append(TurnRestriction(path, one.mandatory, one.tags))
        return found, unplaced


class _Placer:
    """Finds the streets that restrictions are about."""

    def __init__(self, streets: Sequence[Street], links_of: Mapping[int, Sequence[_Link]]) -> None:
        self._streets = streets
        self._links_of = links_of

    def path(self, one: OsmRestriction, from_way: int, to_way: int) -> tuple[Step, ...]:
        if not all(self._links_of.get(way) for way in (from_way, *one.via_ways, to_way)):
            raise _UnclearError(MISSING)
        if one.via_node is not None:
            middles: list[tuple[int, int, tuple[Step, ...] | None]]
            middles = [(one.via_node, one.via_node, ())]
        else:
            line = _in_line([link for way in one.via_ways for link in self._links_of[way]])
            middles = [self._along(nodes, links) for nodes, links in (line, _turned(line))]
        found, meet = [], False
        for start, end, middle in middles:
            meet |= bool(self._at(from_way, start)) and bool(self._at(to_way, end))
            if middle is not None:
                ways_in = self._driven(self._at(from_way, start), to=start)
                ways_out = self._driven(self._at(to_way, end), from_=end)
                found += [(step, *middle, out) for step in ways_in for out in ways_out]
        if len(found) > 1:
            raise _UnclearError(SEVERAL_WAYS)
        if not found:
            raise _UnclearError(WRONG_WAY if meet else APART)
        return found[0]

    def _at(self, way: int, node: int) -> set[int]:
        """Streets along the links of a way that end at a node."""
        links = (link for link in self._links_of[way] if node in link.ends)
        return {street for link in links for street in link.streets}

    def _driven(
        self, numbers: Iterable[int], *, from_: int | None = None, to: int | None = None
    ) -> list[Step]:
        """Streets as they may be driven from one node, or to one."""
        steps = []
        for number in sorted(numbers):
            street = self._streets[number]
            ends = street.from_node, street.to_node
            for forward, may in ((True, street.forward), (False, street.backward)):
                start, end = ends if forward else ends[::-1]
                if may and from_ in (None, start) and to in (None, end):
                    steps.append((number, forward))
        return steps

    def _along(
        self, nodes: Sequence[int], links: Sequence[_Link]
    ) -> tuple[int, int, tuple[Step, ...] | None]:
        """Both ends of a line, and its streets driven from one to the other, if they may be."""
        steps: list[Step] = []
        at = 0
        while at < len(links):
            onward = self._driven(links[at].streets, from_=nodes[at])
            if len(onward) != 1:
                return nodes[0], nodes[-1], None
            steps += onward
            street = self._streets[onward[0][0]]
            at = nodes.index(street.to_node if onward[0][1] else street.from_node)
        return nodes[0], nodes[-1], tuple(steps)


Line = tuple[Sequence[int], Sequence[_Link]]
"""Nodes in a row, and the links between them."""


def _in_line(links: Sequence[_Link]) -> Line:
    """Put links in a row, beginning at the end with the smaller id."""
    meeting: defaultdict[int, list[_Link]] = defaultdict(list)
    for link in links:
        for node in link.ends:
            meeting[node].append(link)
    ends = sorted(node for node, here in meeting.items() if len(here) == 1)
    if len(ends) != 2 or any(len(here) > 2 for here in meeting.values()):  # noqa: PLR2004
        raise _UnclearError(APART)
    nodes, row = [ends[0]], list[_Link]()
    while nodes[-1] != ends[1]:
        onward = next(link for link in meeting[nodes[-1]] if not row or link is not row[-1])
        row.append(onward)
        nodes.append(sum(onward.ends) - nodes[-1])
    if len(row) != len(links):
        raise _UnclearError(APART)
    return nodes, row


def _turned(line: Line) -> Line:
    nodes, links = line
    return nodes[::-1], links[::-1]
