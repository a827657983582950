"""What closures in force make of travel times.

Closures are worked in segment by segment: on copies of the arrays before, what is shut or slowed
otherwise now, and what lies in front of it, is worked out anew from the metric without closures.
Whatever was closed before leaves no trace, and one closure more costs the same among thousands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.closure_places import PlacedClosure
from routing.closures import Shut
from routing.metric import BLOCKED, MAX_SEGMENT_MS, Metric, binding_rules
from routing.network import FloatArray, IntArray, LongArray, RoadNetwork
from routing.reused_memory import copy_of


class Effects(NamedTuple):
    """What closures do to N segments.

    Attributes
    ----------
    shut : bool[N]
        Whether any closure shuts it.
    time_factor, speed_mps : float64[N]
        The largest factor and the lowest speed of those that slow it: 1 and infinite where none.
    """

    shut: NDArray[np.bool_]
    time_factor: FloatArray
    speed_mps: FloatArray


@dataclass(frozen=True, eq=False, slots=True)
class Overlay:
    """Closures in force together, and what they do to the K segments they are about.

    Attributes
    ----------
    segment : int32[K]
        In ascending order, none of them copies: what is true of them is of their copies.
    shut, time_factor, speed_mps : [K]
        As in `Effects`.
    first : int32[K + 1]
        The closures about segment `k` are `first[k]` to `first[k + 1]` (exclusive) of `owner`.
    owner : int32[N]
        Places in `closures`.
    """

    closures: tuple[PlacedClosure, ...]
    segment: IntArray
    shut: NDArray[np.bool_]
    time_factor: FloatArray
    speed_mps: FloatArray
    first: IntArray
    owner: IntArray

    @classmethod
    def of(cls, closures: Sequence[PlacedClosure]) -> Self:
        """Put closures one upon another: shut wins over slowed, the slowest over the slower."""
        parts = [one.segments for one in closures]
        named = np.concatenate([np.zeros(0, dtype=np.int32), *parts])
        segment, at = np.unique(named, return_inverse=True)
        owner = np.repeat(np.arange(len(parts), dtype=np.int32), [len(part) for part in parts])
        effects = [one.closure.effect for one in closures]
        shuts = np.asarray([isinstance(one, Shut) for one in effects], dtype=bool)
        factors = [1.0 if isinstance(one, Shut) else one.time_factor for one in effects]
        speeds = [np.inf if isinstance(one, Shut) else one.speed_mps for one in effects]
        shut = np.zeros(len(segment), dtype=bool)
        shut[at[shuts[owner]]] = True
        time_factor, speed_mps = np.ones(len(segment)), np.full(len(segment), np.inf)
        np.maximum.at(time_factor, at, np.asarray(factors)[owner])
        np.minimum.at(speed_mps, at, np.asarray(speeds)[owner])
        first = np.concatenate([[0], np.cumsum(np.bincount(at, minlength=len(segment)))])
        by_segment = owner[np.argsort(at, kind="stable")]
        return cls(
            tuple(closures),
            segment,
            shut,
            time_factor,
            speed_mps,
            first.astype(np.int32),
            by_segment,
        )

    def differs_on(self, other: "Overlay") -> IntArray:
        """Segments that another overlay shuts or slows otherwise, int32, in ascending order."""
        named = np.sort(np.concatenate([self.segment, other.segment]), kind="stable")
        segments: IntArray = named[np.diff(named, prepend=-1) != 0]
        differs = np.zeros(len(segments), dtype=bool)
        for one, another in zip(self.effects_on(segments), other.effects_on(segments), strict=True):
            differs |= one != another
        return segments[differs]

    def effects_on(self, segments: IntArray) -> Effects:
        """What closures do to N segments, none of them copies."""
        at = np.searchsorted(self.segment, segments)
        at[at == len(self.segment)] = 0
        about = np.flatnonzero(self.segment[at] == segments) if len(self.segment) else at[:0]
        effects = Effects(
            np.zeros(len(segments), dtype=bool),
            np.ones(len(segments)),
            np.full(len(segments), np.inf),
        )
        for column, known in zip(
            effects, (self.shut, self.time_factor, self.speed_mps), strict=True
        ):
            column[about] = known[at[about]]
        return effects

    def about(self, segments: IntArray) -> tuple[PlacedClosure, ...]:
        """The closures about any of some segments, none of them copies, in their order."""
        named: set[int] = set()
        for at in np.flatnonzero(np.isin(self.segment, segments)).tolist():
            named.update(self.owner[self.first[at] : self.first[at + 1]].tolist())
        return tuple(self.closures[i] for i in sorted(named))


def slowed(usual: Metric, overlay: Overlay, segments: IntArray, before: Metric) -> Metric:
    """A metric with what is slowed, as if nothing were shut.

    Parameters
    ----------
    usual
        Without closures.
    segments
        Those that are slowed otherwise than in `before`, and perhaps others; in ascending order,
        none of them copies.
    before
        The metric with what was slowed before.
    """
    network = usual.network
    effects = overlay.effects_on(segments)
    segments, at = _with_copies(network, segments)
    usual_ms = usual.segment_ms[segments]
    longest_ms = np.maximum(
        np.rint(usual_ms * effects.time_factor[at]),
        np.rint(network.segment_length_m[segments] / effects.speed_mps[at] * 1000),
    )
    slow_ms = np.minimum(np.maximum(longest_ms, usual_ms), MAX_SEGMENT_MS).astype(np.int32)
    slow_ms[usual_ms == BLOCKED] = BLOCKED
    if np.array_equal(slow_ms, before.segment_ms[segments]):
        return before
    weights = copy_of(before.segment_ms), copy_of(before.entry_ms)
    _slow(network.turn_first, segments, slow_ms, (usual.segment_ms, usual.entry_ms), *weights)
    return _with_weights(usual, *weights)


def shut(through: Metric, segments: IntArray, is_shut: NDArray[np.bool_], before: Metric) -> Metric:
    """A metric without some segments; where they were the only way on, one turns round.

    Parameters
    ----------
    through
        The metric with all of them open.
    segments, is_shut
        Those that are shut or cost otherwise than in `before`, and perhaps others, and which of
        them are shut now; in ascending order, none of them copies.
    before
        What this gave before, perhaps with others shut and at other costs; `through` where nothing
        was.
    """
    network = through.network
    segments, at = _with_copies(network, segments)
    weights = copy_of(before.segment_ms), copy_of(before.entry_ms)
    weights[0][segments] = np.where(is_shut[at], BLOCKED, through.segment_ms[segments])
    _shut(
        (network.turns_out, network.segment_base, network.segment_twin),
        (binding_rules(network, through.profile, through.hour), network.turn_rule),
        _and_before(network, segments),
        through.turn_round_ms,
        (through.segment_ms, through.entry_ms),
        *weights,
    )
    return _with_weights(through, *weights)


def passable(drivable: Metric, segments: IntArray, before: Metric) -> Metric:
    """A metric without the streets that are only for those who begin or end their drive there.

    Parameters
    ----------
    drivable
        The metric with them.
    segments, before
        As of `shut`.
    """
    return shut(drivable, segments, drivable.local[segments], before)


def turns_near(network: RoadNetwork, segments: IntArray) -> IntArray:
    """Turns that may cost something else once some segments are shut or slowed otherwise.

    Parameters
    ----------
    segments
        In ascending order, none of them copies.

    Returns
    -------
    int32[N]
        In ascending order.
    """
    segments, _ = _with_copies(network, segments)
    out = network.turns_out
    return np.sort(out.turn[_rows(out.first, _and_before(network, segments))])


def _and_before(network: RoadNetwork, segments: IntArray) -> IntArray:
    """Segments, and all from which a turn leads into one of them: there one may turn round."""
    before = network.turn_from[_rows(network.turn_first, segments)]
    return np.union1d(segments, before)


def _rows(first: IntArray, segments: IntArray) -> LongArray:
    """Rows `first[s]` to `first[s + 1]` (exclusive) of several segments, one after the other."""
    begin, count = first[segments], first[segments + 1] - first[segments]
    passed = np.cumsum(count) - count
    return np.repeat(begin - passed, count) + np.arange(count.sum())


def _with_copies(network: RoadNetwork, segments: IntArray) -> tuple[IntArray, IntArray]:
    """Segments and their copies, and the place of what each is (a copy of) in what was given."""
    base = network.segment_base[network.base_count :]
    if len(base) == 0 or len(segments) == 0:
        return segments, np.arange(len(segments), dtype=np.int32)
    place = np.searchsorted(segments, base)
    copied = np.flatnonzero(segments[np.minimum(place, len(segments) - 1)] == base)
    copies = (network.base_count + copied).astype(np.int32)
    places = np.concatenate([np.arange(len(segments), dtype=np.int32), place[copied]])
    return np.concatenate([segments, copies]), places.astype(np.int32)


def _with_weights(metric: Metric, segment_ms: IntArray, entry_ms: IntArray) -> Metric:
    for array in (segment_ms, entry_ms):
        array.setflags(write=False)
    return replace(metric, segment_ms=segment_ms, entry_ms=entry_ms)


@njit(nogil=True, cache=True)
def _slow(
    turn_first: Any, segments: Any, slow_ms: Any, usual: Any, segment_ms: Any, entry_ms: Any
) -> None:
    """Let segments, and the turns into them, take so much."""
    usual_segment_ms, usual_entry_ms = usual
    for i in range(len(segments)):
        segment = segments[i]
        segment_ms[segment] = slow_ms[i]
        longer_ms = slow_ms[i] - usual_segment_ms[segment]
        for turn in range(turn_first[segment], turn_first[segment + 1]):
            if usual_entry_ms[turn] != BLOCKED:
                entry_ms[turn] = usual_entry_ms[turn] + longer_ms


@njit(nogil=True, cache=True)
def _shut(
    streets: Any,
    banned: Any,
    segments: Any,
    turn_round_ms: int,
    through: Any,
    segment_ms: Any,
    entry_ms: Any,
) -> None:
    """Price the turns out of segments: those from or into what is shut are blocked.

    Where all that led on leads into what is shut, the U-turn opens.
    """
    out, base, twin = streets
    is_binding, turn_rule = banned
    through_segment_ms, through_entry_ms = through
    for segment in segments:
        leads_on, faces_shut, u_turn = False, False, -1
        for at in range(out.first[segment], out.first[segment + 1]):
            turn, into = out.turn[at], out.into[at]
            blocked = segment_ms[segment] == BLOCKED or segment_ms[into] == BLOCKED
            entry_ms[turn] = BLOCKED if blocked else through_entry_ms[turn]
            leads_on = leads_on or entry_ms[turn] != BLOCKED
            faces_shut = faces_shut or (
                segment_ms[into] == BLOCKED and through_segment_ms[into] != BLOCKED
            )
            if base[into] == twin[segment]:
                u_turn = turn
        back = twin[segment]
        if leads_on or not faces_shut or u_turn < 0 or is_binding[turn_rule[u_turn]]:
            continue
        if segment_ms[segment] != BLOCKED and segment_ms[back] != BLOCKED:
            entry_ms[u_turn] = segment_ms[back] + turn_round_ms
