"""Turns between segments, and segments that remember how they were reached.

A restriction through a node forbids a turn. One through streets forbids a turn only to those who
came a certain way, and a search that knows nothing but the segment it is on cannot tell who did.
So every stretch of a restricted way, from its second segment to its last but one, gets a *copy*
of that segment for those who drove the way so far. Turns lead into the copy that remembers most
of what has been driven; everybody else is on the segment itself. (This is the automaton of Aho
and Corasick 1975, CACM 18:333, over segments instead of letters.)

A turn that completes restricted ways carries them as its *rule*; whether a rule binds is for a
profile to say (`routing.turn_rules`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from routing.network import NO_RULE, IntArray
from routing.numbering import offsets

Tags = tuple[tuple[str, str], ...]
Way = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RestrictedWay:
    """A way that must not be driven to its end, or that must be once it was begun.

    Attributes
    ----------
    segments
        For each step of the way the segments it may be, all alike, in ascending order.
    mandatory
        Whether every step after the first must follow the one before (but for a U-turn at a dead
        end: nobody is to be trapped); else the last step must not follow all others.
    tags
        Of the restriction, in order of key.
    """

    segments: Sequence[Sequence[int]]
    mandatory: bool
    tags: Tags


@dataclass(frozen=True, eq=False, slots=True)
class Turns:
    """The turns of a network, by the segment into which they lead.

    Attributes
    ----------
    segment_base : int32[S]
        For each segment itself, for each copy (they come last) the segment it is a copy of.
    first : int32[S + 1]
    came_from, rule : int32[T]
        As in `RoadNetwork`.
    rules
        Sets of restrictions that one turn completes; number 0 is the empty one.
    """

    segment_base: IntArray
    first: IntArray
    came_from: IntArray
    rule: IntArray
    rules: tuple[tuple[Tags, ...], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Joints:
    """Which segments meet where; `start` never decreases.

    Attributes
    ----------
    start, end : int32[B]
        Junctions at which each of B segments starts and ends.
    twin : int32[B]
        The same stretch driven the other way.
    """

    start: IntArray
    end: IntArray
    twin: IntArray

    def onward(self, segment: int) -> range:
        """Segments that start where this one ends."""
        first, last = np.searchsorted(self.start, [self.end[segment], self.end[segment] + 1])
        return range(int(first), int(last))

    def turns(self, junction_count: int) -> tuple[IntArray, IntArray]:
        """`first` and `came_from` of all turns: every segment that ends where another starts.

        U-turns are among them: whether one may be made depends on who drives (`routing.metric`).
        """
        arriving = np.argsort(self.end, kind="stable").astype(np.int32)
        arriving_first = np.searchsorted(self.end[arriving], np.arange(junction_count + 1))
        count = np.diff(arriving_first)[self.start]
        first = offsets(count, "turns")
        within = np.arange(first[-1]) - np.repeat(first[:-1], count)
        came_from = arriving[np.repeat(arriving_first[:-1][self.start], count) + within]
        return first, came_from


def join_by_turns(
    joints: Joints, junction_count: int, restricted: Iterable[RestrictedWay]
) -> Turns:
    """Join segments by turns under restrictions, which may come in any order."""
    memory = _Memory(joints, restricted)
    first, came_from = joints.turns(junction_count)
    into = np.repeat(np.arange(len(joints.start), dtype=np.int32), np.diff(first))
    rule = np.full(len(into), NO_RULE, dtype=np.int32)
    for one, other in memory.watched_turns():
        turns_into = slice(first[other], first[other + 1])
        turn = first[other] + int(np.searchsorted(came_from[turns_into], one))
        into[turn], rule[turn] = memory.state((one, other)), memory.rule((one, other))
    more = np.asarray(list(memory.turns_of_copies()), dtype=np.int32).reshape(-1, 3)
    came_from, into, rule = np.concatenate([np.stack([came_from, into, rule], axis=1), more]).T
    order = np.lexsort((came_from, into))
    copies = [way[-1] for way in memory.remembered]
    segment_base = np.concatenate([np.arange(len(joints.start)), copies]).astype(np.int32)
    return Turns(
        segment_base=segment_base,
        first=offsets(np.bincount(into, minlength=len(segment_base)), "turns"),
        came_from=came_from[order],
        rule=rule[order],
        rules=memory.rules,
    )


class _Memory:
    """What copies remember, and what each turn completes.

    Attributes
    ----------
    remembered
        Number of every copy by the way it remembers; copies of one segment follow each other.
    rules
        As in `Turns`.
    """

    def __init__(self, joints: Joints, restricted: Iterable[RestrictedWay]) -> None:
        self._joints = joints
        self._forbidden = _forbidden_ways(joints, restricted)
        begun = {way[:length] for way in self._forbidden for length in range(2, len(way))}
        in_order = sorted(begun, key=lambda way: (way[-1], way))
        self.remembered = {way: len(joints.start) + i for i, way in enumerate(in_order)}
        driven = [*self.watched_turns(), *(way for way, _ in self._onward_from_copies())]
        self.rules = tuple(sorted({(), *map(self._completed, driven)}))
        self._number = {rule: number for number, rule in enumerate(self.rules)}

    def state(self, driven: Way) -> int:
        """The segment or copy that remembers most of a way driven."""
        endings = (driven[start:] for start in range(len(driven) - 1))
        return next((self.remembered[way] for way in endings if way in self.remembered), driven[-1])

    def rule(self, driven: Way) -> int:
        """Number of the rule on the last turn of a way driven."""
        return self._number[self._completed(driven)]

    def watched_turns(self) -> Iterator[tuple[int, int]]:
        """Turns between segments themselves that begin or complete a restricted way."""
        return iter(sorted({(way[0], way[1]) for way in self._forbidden}))

    def turns_of_copies(self) -> Iterator[tuple[int, int, int]]:
        """Where each turn out of a copy comes from and leads to, and its rule."""
        for driven, copy in self._onward_from_copies():
            yield copy, self.state(driven), self.rule(driven)

    def _onward_from_copies(self) -> Iterator[tuple[Way, int]]:
        for way, copy in self.remembered.items():
            for onward in self._joints.onward(way[-1]):
                yield (*way, onward), copy

    def _completed(self, driven: Way) -> tuple[Tags, ...]:
        endings = (driven[start:] for start in range(len(driven) - 1))
        return tuple(sorted({tags for way in endings for tags in self._forbidden.get(way, ())}))


def _forbidden_ways(joints: Joints, restricted: Iterable[RestrictedWay]) -> Mapping[Way, set[Tags]]:
    """Ways of which the last turn must not be made, with the restrictions that say so."""
    forbidden: defaultdict[Way, set[Tags]] = defaultdict(set)
    for one in restricted:
        for way in _turned_off(joints, one) if one.mandatory else product(*one.segments):
            forbidden[way].add(one.tags)
    return forbidden


def _turned_off(joints: Joints, mandatory: RestrictedWay) -> Iterator[Way]:
    """Every way that leaves a mandatory one between its beginning and its end."""
    for step in range(1, len(mandatory.segments)):
        for begun in product(*mandatory.segments[:step]):
            for onward in joints.onward(begun[-1]):
                if onward not in mandatory.segments[step] and onward != joints.twin[begun[-1]]:
                    yield (*begun, onward)
