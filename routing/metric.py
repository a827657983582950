"""Travel-time weights: what every segment and turn of a network costs under one profile.

All costs are integer milliseconds, so that every engine gives the same answer to the last digit.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from routing.access import Access
from routing.errors import NetworkError
from routing.hours_of_week import CONDITIONAL, HOURS_OF_WEEK
from routing.network import IntArray, RoadNetwork
from routing.profiles import Profile, check_hour
from routing.turn_delays import of_tag_sets, shows_lights, turn_delays_ms

BLOCKED = -1
"""Cost of a segment or turn that may not be driven."""

MAX_SEGMENT_MS = 24 * 60 * 60 * 1000
"""No segment may cost more: costs are kept in 32 bits, and a street of a day is a data error."""

MIN_SEGMENT_MS = 50
"""No segment costs less: the bucket search is exact for weights of at least one bucket."""


@dataclass(frozen=True, eq=False)
class Metric:
    """The weights of one profile at one time of the week on a network of S segments and T turns.

    Attributes
    ----------
    hour
        Hour of the week, 0 to 167, from Monday 00:00 local time; None for the average over the
        week. Hours of one slot (`hour_slots`) have the same weights.
    segment_ms : int32[S]
        Time to drive the whole segment, or `BLOCKED`.
    entry_ms : int32[T]
        Delay of the turn plus time to drive the whole segment it leads into, or `BLOCKED`;
        in the order of `RoadNetwork.turn_from`.
    turn_round_ms
        Delay of a U-turn, where one is made: part of its `entry_ms`.
    usable : bool[S]
        Segments of the largest part of the network in which every place can be reached from
        every other: what positions are snapped to, so never copies.
    local : bool[S]
        Access-only segments, copies among them, and those that one gets to, or away from, by such
        alone: a drive may begin or end there, and not pass through. They have their prices all the
        same (`routing.overlay.passable` takes them out).
    """

    network: RoadNetwork
    profile: Profile
    hour: int | None
    segment_ms: IntArray
    entry_ms: IntArray
    turn_round_ms: int
    usable: NDArray[np.bool_]
    local: NDArray[np.bool_]

    @classmethod
    def of(cls, network: RoadNetwork, profile: Profile, hour: int | None = None) -> Self:
        """Price a network by a profile at an hour of the week, or on average over the week.

        Raises
        ------
        NetworkError
            When the profile may drive no street of the network, or needs days for one.
        ProfileError
            When `hour` is not an hour of the week.

        Examples
        --------
        >>> metric = Metric.of(town, router.profiles["blue_light"])
        >>> bool((metric.segment_ms > 0).all()), bool(metric.usable.all())
        (True, True)
        >>> Metric.of(town, router.profiles["blue_light"], hour=168)
        Traceback (most recent call last):
        ...
        routing.errors.ProfileError: hour is 168; it must be an hour of the week, 0 to 167
        """
        check_hour(hour)
        segment_ms = _segment_ms(network, profile, hour)
        if (segment_ms == BLOCKED).all():
            msg = f"no street of {network.name} is open to profile {profile.name}"
            raise NetworkError(msg)
        turn_round_ms = round(profile.delays.turn_round_s * 1000) * shows_lights(network)
        entry_ms = _entry_ms(network, profile, hour, segment_ms, turn_round_ms)
        usable = _largest_connected_part(network, segment_ms != BLOCKED, entry_ms)
        local = _local(network, profile, hour, segment_ms, turn_round_ms, usable)
        for array in (segment_ms, entry_ms, usable, local):
            array.setflags(write=False)
        return cls(network, profile, hour, segment_ms, entry_ms, turn_round_ms, usable, local)

    @cached_property
    def is_left(self) -> NDArray[np.bool_]:
        """Segments from which one gets to those that are usable, bool[S]: more than those."""
        return self._connected[0]

    @cached_property
    def is_reached(self) -> NDArray[np.bool_]:
        """Segments to which one gets from those that are usable, bool[S]: more than those."""
        return self._connected[1]

    @cached_property
    def _connected(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        return _connected_with(self.network, self.usable, self.entry_ms)

    def part_ms(
        self, segment: NDArray[np.int32], fraction: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """Time from the start of segments to a fraction along them, in milliseconds."""
        return np.floor(self.segment_ms[segment] * fraction).astype(np.int64)


def hour_slots(network: RoadNetwork, profile: Profile) -> tuple[int, ...]:
    """For each hour of the week the first at which a network costs the same under a profile.

    Examples
    --------
    >>> slots = hour_slots(town, router.profiles["normal_road"])
    >>> slots[8] == slots[24 + 8], slots[8] == slots[3]  # Monday and Tuesday from 8 to 9, by night
    (True, False)
    """
    varying = _varying_access(network, profile) | _varying_barriers(network, profile)
    first: dict[object, int] = {}
    return tuple(
        first.setdefault(
            (
                profile.slot(hour),
                binding_rules(network, profile, hour).tobytes(),
                tuple(by_hour[hour] for by_hour in varying),
            ),
            hour,
        )
        for hour in range(HOURS_OF_WEEK)
    )


def _varying_access(network: RoadNetwork, profile: Profile) -> set[tuple[object, ...]]:
    """Every way in which access to streets follows the hours of the week."""
    used = np.flatnonzero(np.bincount(network.segment_tags)).tolist()
    access, tag_sets = profile.access, [network.tag_sets[number] for number in used]
    return {access.hours(tags).by_hour for tags in tag_sets if access.varies(tags)}


def _varying_barriers(network: RoadNetwork, profile: Profile) -> set[tuple[object, ...]]:
    """Every way in which the time lost at points follows the hours of the week."""
    used = np.flatnonzero(np.bincount(network.junction_tags)).tolist()
    tag_sets = [network.tag_sets[number] for number in used]
    return {
        tuple(profile.barrier_delay_s(tags, hour) for hour in range(HOURS_OF_WEEK))
        for tags in tag_sets
        if any(key.endswith(CONDITIONAL) for key in tags)
    }


def binding_rules(network: RoadNetwork, profile: Profile, hour: int | None) -> NDArray[np.bool_]:
    """Which turn rules of a network bind a profile at an hour, bool[R]."""
    return np.asarray([profile.turns.ban(rule, hour) for rule in network.turn_rules], dtype=bool)


def _segment_ms(network: RoadNetwork, profile: Profile, hour: int | None) -> IntArray:
    speed_on = profile.between_junctions_mps if shows_lights(network) else profile.speed_mps
    used = network.segment_tags
    speed_mps = of_tag_sets(network, used, lambda tags: speed_on(tags, hour) or np.nan)[used]
    along_s = of_tag_sets(network, used, profile.delays.along_street_s)[used]
    exact_ms = network.segment_length_m / speed_mps * 1000
    closed = np.isnan(exact_ms)
    priced = np.maximum(np.rint(np.where(closed, 0, exact_ms)), MIN_SEGMENT_MS)
    priced += np.rint(along_s * 1000)
    if priced.max() > MAX_SEGMENT_MS:
        worst = int(priced.argmax())
        msg = (
            f"{network.street_name(worst) or 'an unnamed street'} of "
            f"{network.segment_length_m[worst] / 1000:.0f} km takes profile {profile.name} "
            f"{priced[worst] / 3_600_000:.0f} hours; at most 24 are possible"
        )
        raise NetworkError(msg)
    return np.where(closed, BLOCKED, priced).astype(np.int32)


def _local(
    network: RoadNetwork,
    profile: Profile,
    hour: int | None,
    segment_ms: IntArray,
    turn_round_ms: int,
    usable: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    used = network.segment_tags
    by_rule = of_tag_sets(network, used, lambda tags: profile.access.at(tags, hour) is Access.LOCAL)
    local: NDArray[np.bool_] = (by_rule[used] == 1) & (segment_ms != BLOCKED)
    if not local.any():
        return local
    among = usable & ~local
    if not among.any():
        return (local | usable)[network.segment_base]
    passable_ms = np.where(local, BLOCKED, segment_ms)
    entry_ms = _entry_ms(network, profile, hour, passable_ms, turn_round_ms)
    core = _largest_connected_part(network, among, entry_ms)
    leaves, reached = _connected_with(network, core, entry_ms)
    behind = usable & ~(leaves & network.either_way(reached))
    return (local | behind)[network.segment_base]


def _entry_ms(
    network: RoadNetwork,
    profile: Profile,
    hour: int | None,
    segment_ms: IntArray,
    turn_round_ms: int,
) -> IntArray:
    turn_from, turn_into = network.turn_from, network.turn_into
    barrier_s = of_tag_sets(
        network, network.junction_tags, lambda tags: _or_nan(profile.barrier_delay_s(tags, hour))
    )[network.junction_tags]
    barrier_ms = barrier_s[network.segment_from[turn_into]] * 1000

    banned = binding_rules(network, profile, hour)[network.turn_rule]
    u_turn = network.segment_twin[turn_from] == network.segment_base[turn_into]
    both_open = (segment_ms[turn_from] != BLOCKED) & (segment_ms[turn_into] != BLOCKED)
    allowed = both_open & ~banned
    onward = allowed & ~u_turn & ~np.isnan(barrier_ms)
    leads_on = np.zeros(network.segment_count, dtype=bool)
    leads_on[turn_from[onward]] = True
    dead_end = allowed & u_turn & ~leads_on[turn_from]

    entry_ms = np.full(network.turn_count, BLOCKED, dtype=np.int32)
    on = np.flatnonzero(onward)
    entry_ms[on] = segment_ms[turn_into[on]] + np.rint(barrier_ms[on]).astype(np.int32)
    entry_ms[on] += turn_delays_ms(network, profile, hour, on, turn_into[on]).astype(np.int32)
    entry_ms[dead_end] = segment_ms[turn_into[dead_end]] + turn_round_ms
    return entry_ms


def _or_nan(seconds: float | None) -> float:
    return np.nan if seconds is None else seconds


def _largest_connected_part(
    network: RoadNetwork, among: NDArray[np.bool_], entry_ms: IntArray
) -> NDArray[np.bool_]:
    """The part with the most of some segments in which each can be reached from every other."""
    turns = _turns(network, entry_ms)
    _, part = connected_components(turns, directed=True, connection="strong")
    core = part == int(
        np.bincount(part[: network.base_count][among[: network.base_count]]).argmax()
    )
    if network.base_count == network.segment_count:
        return np.asarray(core)
    leaves, reached = _connected_with(network, core, entry_ms)
    return leaves & reached


def _connected_with(
    network: RoadNetwork, core: NDArray[np.bool_], entry_ms: IntArray
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Segments from which a strongly connected part is reached, and those reached from it.

    Copies are none of the latter.
    """
    turns, somewhere = _turns(network, entry_ms), int(core.argmax())
    leaves, reached = np.zeros((2, network.segment_count), dtype=bool)
    leaves[_reached(turns.T.tocsr(), somewhere)] = True
    reached[network.segment_base[_reached(turns, somewhere)]] = True
    return leaves, reached


def _turns(network: RoadNetwork, entry_ms: IntArray) -> csr_array:
    allowed, size = entry_ms != BLOCKED, network.segment_count
    into = network.turn_into[allowed]
    return csr_array(
        (np.ones(len(into), dtype=np.int8), (network.turn_from[allowed], into)), shape=(size, size)
    )


def _reached(turns: csr_array, segment: int) -> IntArray:
    found: IntArray = breadth_first_order(turns, segment, return_predecessors=False)
    return found
