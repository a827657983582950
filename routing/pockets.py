"""Drives that begin or end on streets that are shut to all who pass.

Who stands inside a closed area may leave it, and a place inside stays reachable: shut segments may
be driven as an unbroken first stretch out of where a vehicle stands, and as an unbroken last
stretch into the place asked for, and nowhere else. "Access only" streets are shut so, too.
Searches over the shut segments around an end turn both into rows that any engine understands: open
segments at which the drive through the open network ends or begins, with what the stretch still
adds.
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing import reused_memory
from routing.engine import UNREACHED, Arrival, Ends, Starts, arrival
from routing.metric import BLOCKED, Metric
from routing.network import IntArray, LongArray

_NONE = -1
_NO_SEGMENTS = np.zeros(0, dtype=np.int32)

EXITS_KEPT = 4096
"""Segments whose ways out are kept for the next vehicle that stands there."""

Answer = Callable[[Ends, Starts, int], list[Arrival]]
"""An engine's `nearest`."""

Drives = Callable[[Ends, Starts], list[Arrival]]
"""Some drives from starts to ends: the fastest ones, or others."""


class _Ways(NamedTuple):
    """Turns grouped by one of their segments, which is shut and numbered within the K shut ones.

    Attributes
    ----------
    first : int32[K + 1]
        Those of shut segment `k` are `first[k]` to `first[k + 1]` (exclusive) below.
    owner : int32[N]
        That segment.
    other : int32[N]
        The segment at their other end: numbered within the shut ones, or within the network.
    ms : int32[N]
        Delay of the turn and time for the whole segment it leads into.
    """

    first: IntArray
    owner: IntArray
    other: IntArray
    ms: IntArray

    def of_one(self, owner: int) -> slice:
        """The turns of one shut segment."""
        return slice(int(self.first[owner]), int(self.first[owner + 1]))


class _Reached(NamedTuple):
    """Shut segments by the time between their end and a place.

    Attributes
    ----------
    ms : int64[K]
        `UNREACHED` where there is no way.
    via : int64[K]
        The shut segment next on the way, or what the seed was marked with.
    """

    ms: LongArray
    via: LongArray


@dataclass(frozen=True, eq=False, slots=True)
class _LastStretch:
    """Ways through what is shut to the ends on it.

    Attributes
    ----------
    reached
        Towards the ends; a way is marked with `-2 - end` where it leads into one.
    segment, delay_ms, via
        Open segments from which one drives on into it, in ascending order: what that still takes
        from their end, and the way, as in `_Reached`.
    """

    reached: _Reached
    segment: IntArray
    delay_ms: LongArray
    via: LongArray


class Pockets:
    """The shut segments of a metric, how they hang together, and how with what is open.

    Parameters
    ----------
    through
        What everything would cost if nothing were shut; kept as an attribute.
    closed
        The same, priced as shut; what differs in openness is shut.
    """

    def __init__(self, through: Metric, closed: Metric) -> None:
        self.through = through
        network, entry_ms = through.network, through.entry_ms
        is_shut = (through.segment_ms != BLOCKED) & (closed.segment_ms == BLOCKED)
        self._shut = np.flatnonzero(is_shut).astype(np.int32)
        self._place = reused_memory.empty((network.segment_count,), np.int32)
        self._place[:] = _NONE
        self._place[self._shut] = np.arange(len(self._shut), dtype=np.int32)
        into = network.turn_first, None, network.turn_from
        back, enter = _group(self._shut, self._place, *into, entry_ms)
        on, leave = _group(self._shut, self._place, *network.turns_out, entry_ms)
        self._back, self._enter = _Ways(*back), _Ways(*enter)
        self._on, self._leave = _Ways(*on), _Ways(*leave)
        self._exits: dict[int, tuple[IntArray, LongArray]] = {}

    def _is_shut(self, segments: IntArray) -> NDArray[np.bool_]:
        is_shut: NDArray[np.bool_] = self._place[segments] != _NONE
        return is_shut

    @property
    def nbytes(self) -> int:
        """Memory held, `through` left out."""
        ways = (self._back, self._enter, self._on, self._leave)
        columns = [column for group in ways for column in group]
        return sum(array.nbytes for array in (self._place, *columns))

    def __len__(self) -> int:
        return len(self._shut)

    def nearest(self, answer: Answer, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """What an engine of the closed metric answers, with first and last stretches allowed.

        Parameters
        ----------
        answer
            The engine's `nearest`.
        ends
            Places on open or shut segments.
        """
        inside, outside = self._is_shut(ends.segment), self._is_shut(starts.segment)
        if not inside.any() and not outside.any():
            return answer(ends, starts, limit)
        last = self._last_stretch(ends) if inside.any() else None

        def fastest(ends: Ends, starts: Starts) -> list[Arrival]:
            return answer(ends, starts, limit)

        found = self._stitched(fastest, ends, starts, last)
        if last is not None:
            found += self._without_the_engine(ends, starts, last)
        best: dict[int, Arrival] = {}
        for one in sorted(found, key=lambda one: (one.total_ms, one.vehicle)):
            best.setdefault(one.vehicle, one)
        return list(best.values())[: max(limit, 0)]

    def stitched(self, drives: Drives, ends: Ends, starts: Starts) -> list[Arrival]:
        """Drives of the closed metric, with the first and last stretches that lead to them."""
        inside = self._is_shut(ends.segment).any()
        return self._stitched(drives, ends, starts, self._last_stretch(ends) if inside else None)

    def _stitched(
        self, drives: Drives, ends: Ends, starts: Starts, last: _LastStretch | None
    ) -> list[Arrival]:
        open_ends, end_of = self._open_ends(ends, last)
        open_starts, start_of = self._open_starts(starts)
        return [
            self._whole(one, starts, start_of, ends, end_of, last)
            for one in drives(open_ends, open_starts)
        ]

    def _last_stretch(self, ends: Ends) -> _LastStretch:
        metric = self.through
        part_ms = metric.part_ms(ends.segment, ends.fraction)
        seeds: list[tuple[int, int, int]] = []
        gates: list[tuple[int, int, int]] = []
        for end in np.flatnonzero(self._is_shut(ends.segment)).tolist():
            segment = ends.segment[end]
            at = int(self._place[segment])
            less_ms = int(part_ms[end] - metric.segment_ms[segment] + ends.delay_ms[end])
            for ways, into in ((self._back, seeds), (self._enter, gates)):
                these = ways.of_one(at)
                into += [
                    (other, ms + less_ms, -2 - end)
                    for other, ms in zip(
                        ways.other[these].tolist(), ways.ms[these].tolist(), strict=True
                    )
                ]
        reached = _search(self._back, _columns(seeds))
        owner = self._enter.owner
        inner = np.flatnonzero(reached.ms[owner] < UNREACHED)
        gate = _columns(gates)
        segment = np.concatenate([gate[0], self._enter.other[inner]])
        delay_ms = np.concatenate([gate[1], self._enter.ms[inner] + reached.ms[owner[inner]]])
        via = np.concatenate([gate[2], owner[inner]])
        best = _first_of_each(segment, delay_ms)
        return _LastStretch(reached, segment[best].astype(np.int32), delay_ms[best], via[best])

    def _open_ends(self, ends: Ends, last: _LastStretch | None) -> tuple[Ends, LongArray]:
        """Ends that are open and gates to the others, with the row of `ends` or `-2 - gate`.

        Of an end and a gate on one segment, the one that comes sooner from the segment's start.
        """
        kept = np.flatnonzero(~self._is_shut(ends.segment))
        if last is None:
            return ends, kept
        gate = np.flatnonzero(last.delay_ms < UNREACHED)
        to_end_ms = self.through.part_ms(ends.segment, ends.fraction) + ends.delay_ms
        to_gate_ms = self.through.segment_ms[last.segment] + last.delay_ms
        segment = np.concatenate([ends.segment[kept], last.segment[gate]])
        origin = np.concatenate([kept, -2 - gate])
        best = _first_of_each(segment, np.concatenate([to_end_ms[kept], to_gate_ms[gate]]))
        rows = Ends(
            segment[best],
            np.concatenate([ends.fraction[kept], np.ones(len(gate))])[best],
            np.concatenate([ends.delay_ms[kept], last.delay_ms[gate]])[best],
        )
        return rows, origin[best]

    def leaving(self, starts: Starts) -> Starts:
        """Starts on open segments alone: of those that are shut, where their ways out end."""
        return self._open_starts(starts)[0]

    def _open_starts(self, starts: Starts) -> tuple[Starts, LongArray]:
        """Starts that are open and the exits of the others, with the row of `starts` of each."""
        shut = self._is_shut(starts.segment)
        if not shut.any():
            return starts, np.arange(len(shut))
        kept = np.flatnonzero(~shut)
        rest_ms = self._rest_ms(starts)
        rows, segments, delays_ms = [kept], [starts.segment[kept]], [starts.delay_ms[kept]]
        for row in np.flatnonzero(shut).tolist():
            leaving, ms = self._exits_of(int(starts.segment[row]))
            rows.append(np.full(len(leaving), row))
            segments.append(leaving)
            delays_ms.append(starts.delay_ms[row] + rest_ms[row] + ms)
        origin = np.concatenate(rows)
        fraction = np.where(shut[origin], 0.0, starts.fraction[origin])
        segment, delay_ms = np.concatenate(segments), np.concatenate(delays_ms)
        return Starts(starts.vehicle[origin], segment, fraction, delay_ms), origin

    def _rest_ms(self, starts: Starts) -> LongArray:
        """From where vehicles stand to the end of their segments."""
        metric = self.through
        return metric.segment_ms[starts.segment] - metric.part_ms(starts.segment, starts.fraction)

    def _exits_of(self, segment: int) -> tuple[IntArray, LongArray]:
        """Open segments that a first stretch leads to, and how long from its end to their start."""
        exits = self._exits.get(segment)
        if exits is None:
            if len(self._exits) == EXITS_KEPT:
                self._exits.clear()
            exits = self._exits[segment] = self._find_exits(segment)
        return exits

    def _find_exits(self, segment: int) -> tuple[IntArray, LongArray]:
        reached = self._from(segment)
        owner = self._leave.owner
        left = np.flatnonzero(reached.ms[owner] < UNREACHED)
        into = self._leave.other[left]
        ms = reached.ms[owner[left]] + self._leave.ms[left] - self.through.segment_ms[into]
        best = _first_of_each(into, ms)
        return into[best], ms[best]

    def _from(self, segment: int) -> _Reached:
        seed = np.asarray([[self._place[segment]], [0], [_NONE]], dtype=np.int64)
        return _search(self._on, seed)

    def _first_stretch(self, start: int, into: int) -> IntArray:
        """Shut segments driven from one to an open one."""
        reached = self._from(start)
        owner = self._leave.owner
        gates = np.flatnonzero(self._leave.other == into)
        at = int(owner[gates[np.argmin(reached.ms[owner[gates]] + self._leave.ms[gates])]])
        way = []
        while at != _NONE:
            way.append(at)
            at = int(reached.via[at])
        return self._shut[way[::-1]]

    def _follow(self, at: int, last: _LastStretch, ends: Ends) -> tuple[IntArray, int]:
        """Shut segments driven on to an end, from a place on the way, and the row of that end."""
        way = []
        while at >= 0:
            way.append(at)
            at = int(last.reached.via[at])
        end = -2 - at
        return np.concatenate([self._shut[way], ends.segment[[end]]]).astype(np.int32), end

    def _whole(
        self,
        found: Arrival,
        starts: Starts,
        start_of: LongArray,
        ends: Ends,
        end_of: LongArray,
        last: _LastStretch | None,
    ) -> Arrival:
        """The whole drive of which the engine found the open part."""
        start, end = int(start_of[found.start]), int(end_of[found.end])
        begin = end_part = _NO_SEGMENTS
        if self._place[starts.segment[start]] != _NONE:
            begin = self._first_stretch(int(starts.segment[start]), int(found.segments[0]))
        if end < 0:
            assert last is not None
            end_part, end = self._follow(int(last.via[-2 - end]), last, ends)
        return _arrival(starts, start, ends, end, found.total_ms, (begin, found.segments, end_part))

    def _without_the_engine(self, ends: Ends, starts: Starts, last: _LastStretch) -> list[Arrival]:
        """Drives that never leave what is shut, or only lead from an end's own segment into it."""
        rest_ms = self._rest_ms(starts)
        on_end = np.isin(starts.segment, ends.segment)
        found = []
        for row in np.flatnonzero(self._is_shut(starts.segment) | on_end).tolist():
            segment, delay_ms = int(starts.segment[row]), int(starts.delay_ms[row])
            if self._place[segment] != _NONE:
                if on_end[row]:
                    found += self._straight_on(ends, starts, row)
                at = int(self._place[starts.segment[row]])
                onward_ms, begin = int(last.reached.ms[at]), _NO_SEGMENTS
            else:
                gate = int(np.searchsorted(last.segment, segment))
                if gate == len(last.segment) or last.segment[gate] != segment:
                    continue
                at, onward_ms = int(last.via[gate]), int(last.delay_ms[gate])
                begin = starts.segment[row : row + 1]
            if onward_ms < UNREACHED:
                way, end = self._follow(at, last, ends)
                total_ms = delay_ms + int(rest_ms[row]) + onward_ms
                parts = (_NO_SEGMENTS, begin, way)
                found.append(_arrival(starts, row, ends, end, total_ms, parts))
        return found

    def _straight_on(self, ends: Ends, starts: Starts, row: int) -> list[Arrival]:
        """The drive along one shut segment, if the end lies ahead."""
        end = int(np.flatnonzero(ends.segment == starts.segment[row])[0])
        if starts.fraction[row] > ends.fraction[end]:
            return []
        metric, here = self.through, starts.segment[row : row + 1]
        passed_ms, end_ms = metric.part_ms(
            np.repeat(here, 2), np.asarray([starts.fraction[row], ends.fraction[end]])
        ).tolist()
        total_ms = int(starts.delay_ms[row] + ends.delay_ms[end]) + end_ms - passed_ms
        parts = (_NO_SEGMENTS, _NO_SEGMENTS, here)
        return [_arrival(starts, row, ends, end, total_ms, parts)]


def _arrival(
    starts: Starts,
    start: int,
    ends: Ends,
    end: int,
    total_ms: int,
    parts: tuple[IntArray, IntArray, IntArray],
) -> Arrival:
    """The arrival of a drive by its first stretch, its open part and its last stretch."""
    first, open_part, last = (len(part) for part in parts)
    if open_part == 0:
        first = last = last + first
    whole = arrival(starts, start, ends, end, total_ms, np.concatenate(parts))
    return replace(whole, first_stretch=first, last_stretch=last)


def _columns(rows: list[tuple[int, int, int]]) -> LongArray:
    """Seeds as columns: segment, milliseconds, mark; int64[3, N]."""
    return np.asarray(rows, dtype=np.int64).reshape(-1, 3).T


def _first_of_each(segment: NDArray[np.integer], ms: LongArray) -> NDArray[np.intp]:
    """Where each segment is quickest, by segment."""
    order = np.lexsort((ms, segment))
    ordered = segment[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return order[is_first]


def _search(ways: _Ways, seeds: LongArray) -> _Reached:
    return _Reached(*_spread(ways, np.ascontiguousarray(seeds)))


@njit(nogil=True, cache=True)
def _group(shut: Any, place: Any, first: Any, turn: Any, other: Any, entry_ms: Any) -> Any:
    """Columns of the `_Ways` between shut segments, and of those between shut and open ones.

    Turns of a segment are `first[s]` to `first[s + 1]` of `turn` (None: of all turns), with what is
    at their other end.
    """
    size = 0
    for segment in shut:
        size += first[segment + 1] - first[segment]
    inner_first, outer_first = np.zeros((2, len(shut) + 1), dtype=np.int32)
    inner, outer = np.empty((3, size), dtype=np.int32), np.empty((3, size), dtype=np.int32)
    inside, outside = 0, 0
    for k in range(len(shut)):
        for at in range(first[shut[k]], first[shut[k] + 1]):
            ms, end = entry_ms[at if turn is None else turn[at]], other[at]
            if ms == BLOCKED:
                continue
            if place[end] != _NONE:
                inner[0, inside], inner[1, inside], inner[2, inside] = k, place[end], ms
                inside += 1
            else:
                outer[0, outside], outer[1, outside], outer[2, outside] = k, end, ms
                outside += 1
        inner_first[k + 1], outer_first[k + 1] = inside, outside
    return (
        (inner_first, inner[0, :inside], inner[1, :inside], inner[2, :inside]),
        (outer_first, outer[0, :outside], outer[1, :outside], outer[2, :outside]),
    )


@njit(nogil=True, cache=True)
def _spread(ways: Any, seeds: Any) -> Any:
    """Dijkstra's search from marked seeds over ways between shut segments."""
    size = len(ways.first) - 1
    label = np.full(size, UNREACHED, dtype=np.int64)
    via = np.full(size, _NONE, dtype=np.int64)
    heap = [(np.int64(UNREACHED), np.int64(_NONE))]  # tells the compiler what it holds
    for i in range(seeds.shape[1]):
        segment, ms, mark = seeds[0, i], seeds[1, i], seeds[2, i]
        if ms < label[segment]:
            label[segment], via[segment] = ms, mark
            heapq.heappush(heap, (ms, segment))
    while len(heap) > 1:
        ms, segment = heapq.heappop(heap)
        if ms > label[segment]:
            continue
        for way in range(ways.first[segment], ways.first[segment + 1]):
            onward, onward_ms = np.int64(ways.other[way]), ms + ways.ms[way]
            if onward_ms < label[onward]:
                label[onward], via[onward] = onward_ms, segment
                heapq.heappush(heap, (onward_ms, onward))
    return label, via
