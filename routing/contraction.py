"""Contracting a network into its hierarchy, once, when the network is built."""

from dataclasses import replace
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.dissection import dissection_order
from routing.hierarchy import NO_ARC, NO_PARENT, Hierarchy
from routing.network import IntArray, RoadNetwork
from routing.progress import Progress, silent

_ARCS_PER_TURN = 4
"""Arcs that room is made for at first, per turn; a London has about two of each direction."""


def contract(network: RoadNetwork, progress: Progress = silent) -> Hierarchy:
    """Contract a network; the same network always gets the same hierarchy."""
    segment = dissection_order(network, progress)
    progress("contracting segments", 0, len(segment))
    rank = np.empty_like(segment)
    rank[segment] = np.arange(len(segment), dtype=np.int32)
    come_from, lead_into = rank[network.turn_from], rank[network.turn_into]
    climbs, descents = _closed(come_from, lead_into, len(rank))
    to_first, climb_below, below_climb = climbs.by_higher_end()
    from_first, descent_below, below_descent = descents.by_higher_end()
    climb_count = np.int32(len(climbs.higher))
    hierarchy = Hierarchy(
        rank=rank,
        segment=segment,
        parent=_elimination_tree(come_from, lead_into, len(rank)),
        climb_first=climbs.first,
        descent_first=descents.first + climb_count,
        higher=np.concatenate([climbs.higher, descents.higher]),
        climbs_to_first=to_first,
        descents_from_first=from_first + climb_count,
        arc_below=np.concatenate([climb_below, descent_below + climb_count]),
        lower=np.concatenate([below_climb, below_descent]),
        turn_arc=np.where(
            come_from < lead_into,
            climbs.find(come_from, lead_into),
            descents.find(lead_into, come_from) + climb_count,
        ).astype(np.int32),
    )
    hierarchy.turn_arc[come_from == lead_into] = NO_ARC
    for array in hierarchy:
        array.setflags(write=False)
    progress("hierarchy ready", len(segment), len(segment))
    return hierarchy


def contracted(network: RoadNetwork, progress: Progress = silent) -> RoadNetwork:
    """A network with its hierarchy."""
    return replace(network, hierarchy=contract(network, progress))


class _Arcs(NamedTuple):
    """Arcs of one direction: those whose lower end is rank `r` are `first[r]` to `first[r + 1]`.

    Attributes
    ----------
    first : int32[S + 1]
    higher : int32[N]
        Higher ends, in order within a rank.
    """

    first: IntArray
    higher: IntArray

    @classmethod
    def between(cls, lower: IntArray, higher: IntArray, size: int) -> Self:
        """Of every two ranks one arc."""
        key = np.unique(lower.astype(np.int64) * size + higher)
        first = np.searchsorted(key, np.arange(size + 1, dtype=np.int64) * size)
        return cls(first.astype(np.int32), (key % size).astype(np.int32))

    @property
    def lower(self) -> IntArray:
        """Lower ends, int32[N]; worked out anew each time."""
        return np.repeat(np.arange(len(self.first) - 1, dtype=np.int32), np.diff(self.first))

    def by_higher_end(self) -> tuple[IntArray, IntArray, IntArray]:
        """Where each rank's arcs from below begin; those arcs; their lower ends."""
        arc = np.argsort(self.higher, kind="stable").astype(np.int32)
        first = np.searchsorted(self.higher[arc], np.arange(len(self.first)))
        return first.astype(np.int32), arc, self.lower[arc]

    def find(self, lower: IntArray, higher: IntArray) -> NDArray[np.int64]:
        """The arc between each two ranks; any number where there is none."""
        size = len(self.first) - 1
        key = self.lower.astype(np.int64) * size + self.higher
        return np.searchsorted(key, lower.astype(np.int64) * size + higher)


def _closed(come_from: IntArray, lead_into: IntArray, size: int) -> tuple[_Arcs, _Arcs]:
    """Climbs and descents: the turns and all shortcuts."""
    climbing, descending = come_from < lead_into, come_from > lead_into
    turns = (
        _Arcs.between(come_from[climbing], lead_into[climbing], size),
        _Arcs.between(lead_into[descending], come_from[descending], size),
    )
    room = 1 + _ARCS_PER_TURN * len(come_from)
    while True:
        climbs, descents, complete = _close_all(*turns, room)
        if complete:
            return _Arcs(*climbs), _Arcs(*descents)
        room *= 2


@njit(nogil=True, cache=True)
def _close_all(climbs: Any, descents: Any, room: int) -> Any:
    """Close both directions rank by rank; the last value is False when `room` is too small."""
    size = len(climbs.first) - 1
    new_climbs, new_descents = _empty_side(size, room), _empty_side(size, room)
    found, is_found = np.empty(size, dtype=np.int32), np.zeros(size, dtype=np.bool_)
    complete = True
    for rank in range(size):
        complete &= _close(rank, climbs, new_climbs, new_descents, found, is_found)
        complete &= _close(rank, descents, new_descents, new_climbs, found, is_found)
        if not complete:
            break
    return _arrays(new_climbs), _arrays(new_descents), complete


@njit(nogil=True, cache=True)
def _empty_side(size: int, room: int) -> Any:
    """First arc of each rank, its higher and lower ends, and those to one rank as a chain."""
    return (
        np.zeros(size + 1, dtype=np.int32),
        np.empty(room, dtype=np.int32),
        np.empty(room, dtype=np.int32),
        np.full(size, NO_ARC, dtype=np.int32),
        np.empty(room, dtype=np.int32),
    )


@njit(nogil=True, cache=True)
def _arrays(side: Any) -> Any:
    """The columns of `_Arcs`."""
    first, higher = side[0], side[1]
    return first, higher[: first[-1]].copy()


@njit(nogil=True, cache=True)
def _close(rank: int, turns: Any, side: Any, other: Any, found: Any, is_found: Any) -> bool:
    """Add one rank's arcs of one direction: its turns, and shortcuts over every lower rank.

    A shortcut goes over a rank that an arc of the other direction joins to this one from below,
    and on by an arc of this direction.
    """
    first, higher, lower, last_below, next_below = side
    count = 0
    for turn in range(turns.first[rank], turns.first[rank + 1]):
        found[count] = turns.higher[turn]
        is_found[found[count]] = True
        count += 1
    below = other[3][rank]
    while below != NO_ARC:
        over = other[2][below]
        for arc in range(first[over + 1] - 1, first[over] - 1, -1):
            end = higher[arc]
            if end <= rank:
                break
            if not is_found[end]:
                is_found[end] = True
                found[count] = end
                count += 1
        below = other[4][below]
    found[:count].sort()
    begin = first[rank]
    is_found[found[:count]] = False
    if begin + count > len(higher):
        return False
    for i in range(count):
        arc, end = begin + i, found[i]
        higher[arc], lower[arc] = end, rank
        next_below[arc], last_below[end] = last_below[end], arc
    first[rank + 1] = begin + count
    return True


def _elimination_tree(come_from: IntArray, lead_into: IntArray, size: int) -> IntArray:
    """The next rank up for each rank, as if turns led both ways (Liu 1986)."""
    lower, higher = np.minimum(come_from, lead_into), np.maximum(come_from, lead_into)
    order = np.argsort(higher, kind="stable")
    return np.asarray(_parents(lower[order], higher[order], size))


@njit(nogil=True, cache=True)
def _parents(lower: Any, higher: Any, size: int) -> Any:
    """Join trees from below, by pairs in order of their higher end."""
    parent = np.full(size, NO_PARENT, dtype=np.int32)
    ancestor = np.full(size, NO_PARENT, dtype=np.int32)
    for pair in range(len(lower)):
        rank = lower[pair]
        while rank != NO_PARENT and rank < higher[pair]:
            up, ancestor[rank] = ancestor[rank], higher[pair]
            if up == NO_PARENT:
                parent[rank] = higher[pair]
            rank = up
    return parent
