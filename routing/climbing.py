"""Walking up the elimination tree of a hierarchy, with labels."""

from typing import Any

from numba import njit

from routing.engine import UNREACHED
from routing.hierarchy import NO_PARENT


@njit(nogil=True, cache=True)
def meet(hierarchy: Any, rank: int, is_met: Any, met: Any, count: int) -> int:
    """Add a rank and its ancestors, but those met before, to the first `count` of `met`.

    Returns how many there are now.
    """
    while rank != NO_PARENT and not is_met[rank]:
        is_met[rank] = True
        met[count] = rank
        count += 1
        rank = hierarchy.parent[rank]
    return count


@njit(nogil=True, cache=True)
def rise(hierarchy: Any, weight: Any, first: Any, ranks: Any, label: Any, before: Any) -> None:
    """Carry labels up along all arcs of one direction.

    Parameters
    ----------
    hierarchy, weight
    first : int32[S + 1]
        `climb_first` to drive on from the labelled, `descent_first` to find who drives to them.
    ranks : int32[N]
        In ascending order, with all their ancestors.
    label : int32[S]
        Milliseconds by rank, `UNREACHED` where there is no label.
    before : int32[S]
        Where a label is lowered, the rank that it comes from.
    """
    for rank in ranks:
        if label[rank] == UNREACHED:
            continue
        for arc in range(first[rank], first[rank + 1]):
            higher, cost = hierarchy.higher[arc], label[rank] + weight[arc]
            if cost < label[higher]:
                label[higher], before[higher] = cost, rank
