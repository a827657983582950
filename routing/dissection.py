"""The order in which the hierarchy contracts segments: nested dissection by inertial flow.

London is cut in two where the fewest segments cross (a river helps), each half again, and so on.
Nothing gets from one side to the other but over the cut, so the segments of a cut come after, and
rank above, everything on either side.

The cuts are minimum cuts between the outer parts of a region as seen from several directions
(Schild and Sommer 2015, "On Balanced Separators in Road Networks"). Junctions are cut apart
rather than segments: a cut of the street map is a separator of the turn-expanded graph whose
nodes are segments (Buchhold, Wagner, Zeitz and Zündorf 2020, "Customizable Contraction
Hierarchies with Turn Costs"), and the street map is several times smaller.
"""

from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.network import IntArray, LongArray, RoadNetwork
from routing.progress import Progress, silent

DIRECTIONS = ((1, 0), (0, 1), (1, 1), (1, -1))
"""East and north steps of the lines along which a region's two ends are looked for."""

END_SHARE = 4
"""One in so many of a region's junctions, on either side, is an end: no part is smaller."""

LARGE_PART = 4_096
"""Regions of more junctions report progress; smaller ones are cut up in one go."""

STEPS_PER_DEGREE = 10_000_000
"""Coordinates become whole numbers, so that the order does not depend on rounding."""

_UNSEEN = -1

_NEAR, _FAR, _LEAVING, _RETURNING = range(4)
"""Where a segment lies after a cut, in the order of the groups: on either side, or across."""


def dissection_order(network: RoadNetwork, progress: Progress = silent) -> IntArray:
    """All segments of a network from the first to be contracted to the last, int32[S].

    The same network always gets the same order.
    """
    streets = _Streets.of(network)
    parts = [(0, network.junction_count, 0, network.segment_count)]
    done = 0
    while parts:
        first_junction, last_junction, first, last = parts.pop()
        if last_junction - first_junction <= LARGE_PART:
            _dissect(streets, first_junction, last_junction, first, last)
            done += last - first
        else:
            middle_junction, middle, cut = _bisect(
                streets, first_junction, last_junction, first, last
            )
            parts.append((first_junction, middle_junction, first, middle))
            parts.append((middle_junction, last_junction, middle, cut))
            done += last - cut
        progress("cutting the network in halves", done, network.segment_count)
    return streets.segment


class _Streets(NamedTuple):
    """The street map without directions, its two orders so far, and working memory.

    Each of E edges joins two junctions by all the segments between them, and is kept once at
    either junction.

    Attributes
    ----------
    x, y : int64[J]
        Where junctions are, in steps of the same length.
    edge_first : int32[J + 1]
        Edges of junction `j` are `edge_first[j]` to `edge_first[j + 1]` (exclusive) below.
    edge_to, edge_back : int32[2 E]
        The junction at the other end, and the number of the edge as that junction has it.
    capacity, flow : int32[2 E]
        How many segments it stands for, and how many of them are in use.
    start, end : int32[S]
        Junctions of each segment.
    junction : int32[J]
        All junctions; those of one part stand together.
    segment : int32[S]
        All segments; those within one part stand together, those of a cut behind both its parts.
    part : int32[J]
        A number that the junctions of the part being cut have in common.
    level : int32[J]
        Steps from the source side, or `_UNSEEN`.
    is_sink : bool[J]
        Whether a junction is on the far end of the part being cut.
    next_edge : int32[J]
        The edge of each junction to be tried next.
    queue, stack : int32[J]
        Junctions reached, and edges of the way being tried.
    """

    x: LongArray
    y: LongArray
    edge_first: IntArray
    edge_to: IntArray
    edge_back: IntArray
    capacity: IntArray
    flow: IntArray
    start: IntArray
    end: IntArray
    junction: IntArray
    segment: IntArray
    part: IntArray
    level: IntArray
    is_sink: NDArray[np.bool_]
    next_edge: IntArray
    queue: IntArray
    stack: IntArray

    @classmethod
    def of(cls, network: RoadNetwork) -> Self:
        size = network.junction_count
        squeeze = np.cos(np.deg2rad(network.junction_lat.mean()))
        start, end = network.segment_from.astype(np.int64), network.segment_to.astype(np.int64)
        joins = start != end
        pairs = np.concatenate([start[joins] * size + end[joins], end[joins] * size + start[joins]])
        pair, capacity = np.unique(pairs, return_counts=True)
        tail, head = pair // size, pair % size
        return cls(
            x=np.rint(network.junction_lon * squeeze * STEPS_PER_DEGREE).astype(np.int64),
            y=np.rint(network.junction_lat * STEPS_PER_DEGREE).astype(np.int64),
            edge_first=np.searchsorted(tail, np.arange(size + 1)).astype(np.int32),
            edge_to=head.astype(np.int32),
            edge_back=np.searchsorted(pair, head * size + tail).astype(np.int32),
            capacity=capacity.astype(np.int32),
            flow=np.zeros(len(pair), dtype=np.int32),
            start=network.segment_from,
            end=network.segment_to,
            junction=np.arange(size, dtype=np.int32),
            segment=np.arange(network.segment_count, dtype=np.int32),
            part=np.zeros(size, dtype=np.int32),
            level=np.empty(size, dtype=np.int32),
            is_sink=np.zeros(size, dtype=np.bool_),
            next_edge=np.empty(size, dtype=np.int32),
            queue=np.empty(size, dtype=np.int32),
            stack=np.empty(size, dtype=np.int32),
        )


@njit(nogil=True, cache=True)
def _dissect(streets: Any, first_junction: int, last_junction: int, first: int, last: int) -> None:
    """Cut a part into single junctions."""
    parts = [(first_junction, last_junction, first, last)]
    while len(parts) > 0:
        first_junction, last_junction, first, last = parts.pop()
        if last - first <= 1 or last_junction - first_junction <= 1:
            continue
        middle_junction, middle, cut = _bisect(streets, first_junction, last_junction, first, last)
        parts.append((first_junction, middle_junction, first, middle))
        parts.append((middle_junction, last_junction, middle, cut))


@njit(nogil=True, cache=True)
def _bisect(streets: Any, first_junction: int, last_junction: int, first: int, last: int) -> Any:
    """Order a part's junctions and segments: one side, the other side, then the cut.

    Returns where the other side's junctions, its segments, and the cut begin.
    """
    junctions = streets.junction[first_junction:last_junction]
    begins = _arrange(junctions, _best_cut(streets, junctions, streets.part[junctions[0]]))
    # The two sides get numbers of their own: those of their places in the order are free.
    middle_junction = first_junction + begins[_FAR]
    for place in range(len(junctions)):
        is_far = place >= begins[_FAR]
        streets.part[junctions[place]] = middle_junction if is_far else first_junction

    segments = streets.segment[first:last]
    group = np.empty(len(segments), dtype=np.int8)
    for i in range(len(segments)):
        start, end = (
            streets.part[streets.start[segments[i]]],
            streets.part[streets.end[segments[i]]],
        )
        # Of a cut's segments, those that leave the near side come first: no two of them follow
        # each other, and that saves a quarter of the shortcuts among the cut's segments.
        if start == end:
            group[i] = _NEAR if start == first_junction else _FAR
        else:
            group[i] = _LEAVING if start == first_junction else _RETURNING
    begins = _arrange(segments, group)
    return middle_junction, first + begins[_FAR], first + begins[_LEAVING]


@njit(nogil=True, cache=True)
def _arrange(items: Any, group: Any) -> Any:
    """Order items by their group, in place; return where each group begins."""
    begins = np.zeros(_RETURNING + 2, dtype=np.int64)
    for one in group:
        begins[one + 1] += 1
    for one in range(_RETURNING + 1):
        begins[one + 1] += begins[one]
    place, before = begins.copy(), items.copy()
    for i in range(len(items)):
        items[place[group[i]]] = before[i]
        place[group[i]] += 1
    return begins


@njit(nogil=True, cache=True)
def _best_cut(streets: Any, junctions: Any, in_part: int) -> Any:
    """The side of the smallest cut that each junction is on: int8, `_NEAR` or `_FAR`."""
    size = len(junctions)
    ends = max(1, size // END_SHARE)
    order = np.empty(size, dtype=np.int32)
    side, best = np.empty(size, dtype=np.int8), np.zeros(size, dtype=np.int8)
    best_cut, best_smaller = 2**62, 0
    for east, north in DIRECTIONS:
        _line_up(streets, junctions, east, north, order)
        cut = _flow(streets, order, ends, in_part, best_cut)
        if cut > best_cut:
            continue
        far = 0
        for i in range(size):
            side[i] = _FAR if streets.level[junctions[i]] == _UNSEEN else _NEAR
            far += side[i]
        if cut < best_cut or min(far, size - far) > best_smaller:
            best[:], best_cut, best_smaller = side, cut, min(far, size - far)
    return best


@njit(nogil=True, cache=True)
def _line_up(streets: Any, junctions: Any, east: int, north: int, order: Any) -> None:
    """Order junctions along a direction, those at one height as they are."""
    size = len(junctions)
    key = np.empty(size, dtype=np.int64)
    for i in range(size):
        along = east * streets.x[junctions[i]] + north * streets.y[junctions[i]]
        key[i] = along * size + i  # a degree of a million junctions takes 44 of 63 bits
    key.sort()
    for i in range(size):
        order[i] = junctions[key[i] % size]


@njit(nogil=True, cache=True)
def _flow(streets: Any, order: Any, ends: int, in_part: int, enough: int) -> Any:
    """Maximum flow from the first to the last junctions of a part (Dinic 1970).

    Leaves `level` set on the source side of a minimum cut. Stops as soon as the flow exceeds
    `enough`.
    """
    for junction in order:
        streets.flow[streets.edge_first[junction] : streets.edge_first[junction + 1]] = 0
        streets.is_sink[junction] = False
    streets.is_sink[order[len(order) - ends :]] = True
    total = 0
    while total <= enough and _levels(streets, order, ends, in_part):
        total += _augment(streets, order[:ends], in_part)
    return total


@njit(nogil=True, cache=True)
def _levels(streets: Any, order: Any, ends: int, in_part: int) -> bool:
    """Number the junctions by their steps from a source; return whether a sink can be reached."""
    for junction in order:
        streets.level[junction] = _UNSEEN
        streets.next_edge[junction] = streets.edge_first[junction]
    streets.queue[:ends] = order[:ends]
    streets.level[order[:ends]] = 0
    taken, queued, reached = 0, ends, False
    while taken < queued:
        junction = streets.queue[taken]
        taken += 1
        for edge in range(streets.edge_first[junction], streets.edge_first[junction + 1]):
            onward = streets.edge_to[edge]
            if (
                streets.level[onward] == _UNSEEN
                and streets.part[onward] == in_part
                and streets.flow[edge] < streets.capacity[edge]
            ):
                streets.level[onward] = streets.level[junction] + 1
                streets.queue[queued] = onward
                queued += 1
                reached |= streets.is_sink[onward]
    return reached


@njit(nogil=True, cache=True)
def _augment(streets: Any, sources: Any, in_part: int) -> int:
    """Send as much as fits along shortest ways to sinks; return how much."""
    stack, total = streets.stack, 0
    for source in sources:
        junction, depth = source, 0
        while True:
            if streets.is_sink[junction]:
                total += _push(streets, stack[:depth])
                junction, depth = source, 0
                continue
            edge = streets.next_edge[junction]
            if edge < streets.edge_first[junction + 1]:
                onward = streets.edge_to[edge]
                if (
                    streets.level[onward] == streets.level[junction] + 1
                    and streets.part[onward] == in_part
                    and streets.flow[edge] < streets.capacity[edge]
                ):
                    stack[depth] = edge
                    junction, depth = onward, depth + 1
                else:
                    streets.next_edge[junction] += 1
            elif depth > 0:
                depth -= 1
                junction = streets.edge_to[streets.edge_back[stack[depth]]]
                streets.next_edge[junction] += 1
            else:
                break
    return total


@njit(nogil=True, cache=True)
def _push(streets: Any, way: Any) -> Any:
    """Use all that fits along a way; return how much."""
    fits = 2**31
    for edge in way:
        fits = min(fits, streets.capacity[edge] - streets.flow[edge])
    for edge in way:
        streets.flow[edge] += fits
        streets.flow[streets.edge_back[edge]] -= fits
    return fits
