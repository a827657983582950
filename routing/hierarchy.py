"""The customizable contraction hierarchy of a network: all of it that no weight changes.

Segments are contracted one after the other; whatever could be driven through a contracted segment
becomes a shortcut between those left (Dibbelt, Strasser and Wagner 2016, "Customizable Contraction
Hierarchies"; Bläsius, Buchhold, Wagner, Zeitz and Zündorf 2025, "Customizable Contraction
Hierarchies - A Survey"). Shortcuts are kept by direction: half of those that an undirected
elimination adds could never be driven, because turns lead one way only.

Every turn of the network is in it, so it serves every profile, hour and closure. Segments go by
*rank* here: 0 is contracted first.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

_Ints = NDArray[np.int32]

NO_PARENT = -1
NO_ARC = -1


class Hierarchy(NamedTuple):
    """The arcs between S segments in their order of rank: A of them, C climbs and A - C descents.

    An arc is a turn or a shortcut. A *climb* leads from its lower to its higher end, a *descent*
    from its higher to its lower; arcs 0 to C are climbs, the others descents. Of the arcs between
    one segment and any two others, the third is in here too.

    Attributes
    ----------
    rank : int32[S]
        Rank of each segment.
    segment : int32[S]
        Segment of each rank.
    parent : int32[S]
        The next rank up the elimination tree, or `NO_PARENT`: all arcs of a rank lead to
        ancestors of it.
    climb_first, descent_first : int32[S + 1]
        Arcs whose lower end is rank `r` are `climb_first[r]` to `climb_first[r + 1]` (exclusive)
        and as many descents, each in order of its higher end.
    higher : int32[A]
        Rank of the higher end of each arc.
    climbs_to_first, descents_from_first : int32[S + 1]
        Where, in `arc_below` and `lower`, the arcs begin whose *higher* end is rank `r`; each in
        order of the lower end.
    arc_below, lower : int32[A]
        Such an arc, and its lower end.
    turn_arc : int32[T]
        The arc of each turn, or `NO_ARC` for a turn from a segment into itself.
    """

    rank: _Ints
    segment: _Ints
    parent: _Ints
    climb_first: _Ints
    descent_first: _Ints
    higher: _Ints
    climbs_to_first: _Ints
    descents_from_first: _Ints
    arc_below: _Ints
    lower: _Ints
    turn_arc: _Ints

    @property
    def nbytes(self) -> int:
        """Memory it takes, shared between processes where it stays on disk."""
        return sum(array.nbytes for array in self)


@njit(nogil=True, cache=True)
def arc_between(hierarchy: Any, come_from: int, lead_into: int) -> Any:
    """The arc from one rank to another, or `NO_ARC`."""
    lower, upper = min(come_from, lead_into), max(come_from, lead_into)
    first = hierarchy.climb_first if come_from < lead_into else hierarchy.descent_first
    begin, end = first[lower], first[lower + 1]
    arc = begin + np.searchsorted(hierarchy.higher[begin:end], upper)
    return arc if arc < end and hierarchy.higher[arc] == upper else np.int64(NO_ARC)
