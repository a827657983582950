"""What closures in force make of travel times.

A metric with closures is always worked out anew from the one without, on copies of its arrays in
which only what is closed is changed: whatever was closed before leaves no trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.closure_places import PlacedClosure
from routing.closures import Shut
from routing.metric import BLOCKED, MAX_SEGMENT_MS, Metric, binding_rules
from routing.network import NO_TWIN, FloatArray, IntArray, RoadNetwork
from routing.reused_memory import copy_of


@dataclass(frozen=True, eq=False, slots=True)
class Overlay:
    """Closures in force together, and what they do to the K segments they are about.

    Attributes
    ----------
    segment : int32[K]
        In ascending order, none of them copies: what is true of them is of their copies.
    shut : bool[K]
        Whether any closure shuts it.
    time_factor, speed_mps : float64[K]
        The largest factor and the lowest speed of those that slow it: 1 and infinite where none.
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

    @property
    def shut_segments(self) -> IntArray:
        """Segments that are shut, int32, in ascending order."""
        return self.segment[self.shut]

    def about(self, segments: IntArray) -> tuple[PlacedClosure, ...]:
        """The closures about any of some segments, none of them copies, in their order."""
        named: set[int] = set()
        for at in np.flatnonzero(np.isin(self.segment, segments)).tolist():
            named.update(self.owner[self.first[at] : self.first[at + 1]].tolist())
        return tuple(self.closures[i] for i in sorted(named))


def slowed(metric: Metric, overlay: Overlay) -> Metric:
    """A metric with what is slowed, as if nothing were shut."""
    network = metric.network
    segment, at = _with_copies(network, overlay.segment)
    usual_ms = metric.segment_ms[segment]
    longest_ms = np.maximum(
        np.rint(usual_ms * overlay.time_factor[at]),
        np.rint(network.segment_length_m[segment] / overlay.speed_mps[at] * 1000),
    )
    slower = (longest_ms > usual_ms) & (usual_ms != BLOCKED)
    if not slower.any():
        return metric
    slow_ms = np.minimum(longest_ms[slower], MAX_SEGMENT_MS).astype(np.int32)
    weights = copy_of(metric.segment_ms), copy_of(metric.entry_ms)
    _slow(network.turn_first, segment[slower], slow_ms, *weights)
    return _with_weights(metric, *weights)


def shut(metric: Metric, segments: IntArray) -> Metric:
    """A metric without some segments; where they were the only way on, one turns round."""
    network = metric.network
    open_segments = segments[metric.segment_ms[segments] != BLOCKED]
    if len(open_segments) == 0:
        return metric
    segments, _ = _with_copies(network, open_segments)
    weights = copy_of(metric.segment_ms), copy_of(metric.entry_ms)
    turns = network.turn_first, network.turn_from, network.turns_out
    _shut(turns, segments, *weights)
    banned = binding_rules(network, metric.profile, metric.hour), network.turn_rule
    alike = network.segment_base, network.segment_twin
    _turn_round(turns, alike, banned, segments, metric.turn_round_ms, *weights)
    return _with_weights(metric, *weights)


def passable(metric: Metric) -> Metric:
    """A metric without the streets that are only for those who begin or end their drive there."""
    on_the_ground = slice(metric.network.base_count)
    return shut(metric, np.flatnonzero(metric.local[on_the_ground]).astype(np.int32))


def _with_copies(network: RoadNetwork, segments: IntArray) -> tuple[IntArray, IntArray]:
    """Segments and their copies, and the place of what each is (a copy of) in what was given."""
    base = network.segment_base[network.base_count :]
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
def _slow(turn_first: Any, segments: Any, slow_ms: Any, segment_ms: Any, entry_ms: Any) -> None:
    """Let segments, and the turns into them, take so much."""
    for i in range(len(segments)):
        segment = segments[i]
        for turn in range(turn_first[segment], turn_first[segment + 1]):
            if entry_ms[turn] != BLOCKED:
                entry_ms[turn] += slow_ms[i] - segment_ms[segment]
        segment_ms[segment] = slow_ms[i]


@njit(nogil=True, cache=True)
def _shut(turns: Any, segments: Any, segment_ms: Any, entry_ms: Any) -> None:
    """Block segments and the turns into them and out of them."""
    turn_first, _, out = turns
    for segment in segments:
        segment_ms[segment] = BLOCKED
        entry_ms[turn_first[segment] : turn_first[segment + 1]] = BLOCKED
        for at in range(out.first[segment], out.first[segment + 1]):
            entry_ms[out.turn[at]] = BLOCKED


@njit(nogil=True, cache=True)
def _turn_round(
    turns: Any,
    alike: Any,
    banned: Any,
    segments: Any,
    turn_round_ms: int,
    segment_ms: Any,
    entry_ms: Any,
) -> None:
    """Open the U-turns of segments that lead nowhere any more but into those that are shut."""
    base, twin = alike
    is_binding, turn_rule = banned
    turn_first, turn_from, out = turns
    for segment in segments:
        for turn in range(turn_first[segment], turn_first[segment + 1]):
            before = turn_from[turn]
            back = twin[before]
            if segment_ms[before] == BLOCKED or back == NO_TWIN or segment_ms[back] == BLOCKED:
                continue
            leads_on, u_turn = False, -1
            for at in range(out.first[before], out.first[before + 1]):
                leads_on = leads_on or entry_ms[out.turn[at]] != BLOCKED
                if base[out.into[at]] == back:
                    u_turn = out.turn[at]
            if not leads_on and u_turn >= 0 and not is_binding[turn_rule[u_turn]]:
                entry_ms[u_turn] = segment_ms[back] + turn_round_ms
