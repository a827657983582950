"""What every turn of a network costs one profile in time, beyond driving the segments.

Each turn passes one junction, and may lose time at

- the lights there, once for each large junction: a crossing of two dual carriageways has four sets
  of lights and more, each its own point on the map, and whoever drives through passes two or three.
  Lights that stand no further than `one_junction_m` behind others, by the shortest way on the map,
  are taken to be the same junction's, and cost only what the others did not;
- turning across the oncoming traffic, where either street is two-way and there is a third;
- entering a roundabout;
- humps, zebra crossings and mini-roundabouts right on the junction.

All but the last follow the traffic of the hour. They, and turning round, count only where the map
shows traffic lights at all: elsewhere (main roads only, made-up streets) the door-to-door speeds
contain them.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from routing.junction_delays import Side, is_signal_crossing, is_signals
from routing.network import NO_TWIN, FloatArray, IntArray, LongArray, RoadNetwork
from routing.profiles import Profile
from routing.turn_geometry import STRAIGHT_BACK_DEG

BoolArray = NDArray[np.bool_]

ROUNDABOUTS = frozenset({"roundabout", "circular"})
"""Values of `junction` for a ring driven one way."""

_STREETS_TO_TURN = 3


def of_tag_sets(
    network: RoadNetwork, used: IntArray, value: Callable[[Mapping[str, str]], float]
) -> FloatArray:
    """A number for each tag set that is in use, NaN for the others, float64[number of tag sets]."""
    numbers = np.full(len(network.tag_sets), np.nan)
    for number in np.flatnonzero(np.bincount(used)).tolist():
        numbers[number] = value(network.tag_sets[number])
    return numbers


def shows_lights(network: RoadNetwork) -> bool:
    """Whether the map that a network was made of says where traffic lights are."""
    return bool((of_tag_sets(network, network.junction_tags, is_signals) == 1).any())


def time_factors(network: RoadNetwork, profile: Profile, hour: int | None) -> FloatArray:
    """By how much a drive takes longer at this hour than on average, float64[S]."""
    factors = of_tag_sets(
        network,
        network.segment_tags,
        lambda tags: profile.traffic.time_factor(tags["highway"], hour),
    )
    return factors[network.segment_tags]


def turn_delays_ms(
    network: RoadNetwork, profile: Profile, hour: int | None, turns: LongArray, turn_into: IntArray
) -> LongArray:
    """Delay of turns that lead on, rather than back, int64[N].

    Parameters
    ----------
    hour
        Hour of the week, None for the average over the week.
    turns : int64[N]
        The turns that may be made.
    turn_into : int32[N]
        The segment into which each leads.
    """
    turn_from = network.turn_from[turns]
    junction = network.segment_from[turn_into]
    passing_s = of_tag_sets(network, network.junction_tags, profile.delays.passing_point_s)
    lost_ms = _ms(passing_s)[network.junction_tags[junction]]
    if not shows_lights(network):
        return lost_ms
    ring = _is_ring(network)
    entering = ~ring[turn_from] & ring[turn_into]
    angle_deg = network.turn_angle_deg[turns]
    across = _crosses_traffic(network, profile, turn_from, turn_into, angle_deg)
    across &= ~ring[turn_from] & ~ring[turn_into]
    traffic_ms = _lights_ms(network, profile, turn_from, turn_into)
    traffic_ms += across * round(profile.delays.across_traffic_s * 1000)
    traffic_ms += entering * round(profile.delays.roundabout_s * 1000)
    felt_ms = np.rint(traffic_ms * time_factors(network, profile, hour)[turn_into])
    return lost_ms + felt_ms.astype(np.int64)


def _ms(seconds: FloatArray) -> LongArray:
    return np.rint(np.nan_to_num(seconds) * 1000).astype(np.int64)


def _is_ring(network: RoadNetwork) -> BoolArray:
    ring = of_tag_sets(
        network, network.segment_tags, lambda tags: tags.get("junction") in ROUNDABOUTS
    )
    return np.asarray(ring[network.segment_tags] == 1)


def _crosses_traffic(
    network: RoadNetwork,
    profile: Profile,
    turn_from: IntArray,
    turn_into: IntArray,
    angle_deg: NDArray[np.float32],
) -> BoolArray:
    """Whether turns cross the oncoming traffic of the street left, or of the one entered."""
    one_way = network.segment_twin == NO_TWIN
    against = network.is_contraflow
    no_oncoming = one_way | against | against[network.segment_twin]
    once = slice(network.base_count)
    leaving = np.bincount(network.segment_from[once], minlength=network.junction_count)
    ending = network.segment_to[once][one_way[once]]
    only_arriving = np.bincount(ending, minlength=network.junction_count)
    streets = (leaving + only_arriving)[network.segment_from[turn_into]]
    towards_traffic = 1 if profile.delays.drives_on is Side.LEFT else -1
    turns_off = towards_traffic * angle_deg > profile.delays.turning_from_deg
    turns_off |= angle_deg == STRAIGHT_BACK_DEG  # into a street beside the one left
    two_way = ~no_oncoming[turn_from] | ~no_oncoming[turn_into]
    return np.asarray(turns_off & two_way & (streets >= _STREETS_TO_TURN))


def _lights_ms(
    network: RoadNetwork, profile: Profile, turn_from: IntArray, turn_into: IntArray
) -> LongArray:
    """What the lights passed by each turn cost, less what those just before them did."""
    used = network.junction_tags
    lights_ms = _ms(of_tag_sets(network, used, profile.delays.lights_s))[used]
    within_mm = round(profile.delays.one_junction_m * 1000)
    passed_ms = np.zeros(network.segment_count, dtype=np.int64)
    for kind in (is_signal_crossing, is_signals):
        here = of_tag_sets(network, used, kind)[used] == 1
        if here.any():
            passed = _passed_within(network, here, within_mm)
            passed_ms[passed] = np.maximum(passed_ms[passed], lights_ms[here].max())
    at: LongArray = lights_ms[network.segment_from[turn_into]]
    more: LongArray = np.maximum(at - passed_ms[turn_from], 0)
    return more


def _passed_within(network: RoadNetwork, lights: BoolArray, within_mm: int) -> BoolArray:
    """Whether lights stand so near behind the end of each segment that one may have passed them.

    Every way on the map counts, whoever may drive it, but for turning back and for driving against
    the traffic of a one-way street.
    """
    once = slice(network.base_count)
    length_mm = np.rint(network.segment_length_m[once] * 1000).astype(np.int64)
    begins = network.segment_from[once]
    leaving = np.searchsorted(begins, np.arange(network.junction_count + 1))
    since_mm = np.where(lights[begins], length_mm, within_mm + 1)
    moved = np.flatnonzero(since_mm <= within_mm)
    while len(moved):
        first, last = (leaving[network.segment_to[moved] + i] for i in (0, 1))
        before = np.repeat(moved, last - first)
        onward = np.arange(len(before)) - np.repeat(np.cumsum(last - first) - last, last - first)
        ahead = (network.segment_twin[before] != onward) & ~network.is_contraflow[before]
        before, onward = before[ahead], onward[ahead]
        shorter = since_mm[before] + length_mm[onward]
        better = shorter < since_mm[onward]
        np.minimum.at(since_mm, onward[better], shorter[better])
        moved = np.unique(onward[better])
    return np.asarray((since_mm <= within_mm)[network.segment_base])
