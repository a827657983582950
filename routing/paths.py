"""What a drive looks like: its shape, its length and the streets it follows."""

import math
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
from numba import njit

from routing.engine import Arrival
from routing.network import FloatArray, IntArray, LongArray, RoadNetwork


@dataclass(frozen=True, eq=False, slots=True)
class Path:
    """The way of one drive.

    Attributes
    ----------
    distance_m
        Metres driven.
    lat, lon : float64[N]
        WGS84 degrees from start to end, at least two points.
    streets
        Names (or road numbers) in driving order, no name twice in a row, unnamed stretches left
        out.
    against_traffic
        Stretches against the traffic of one-way streets, in driving order.
    """

    distance_m: float
    lat: FloatArray
    lon: FloatArray
    streets: tuple[str, ...]
    against_traffic: tuple["AgainstTraffic", ...]


@dataclass(frozen=True, slots=True)
class AgainstTraffic:
    """A stretch that is driven against the traffic of a one-way street.

    Attributes
    ----------
    street
        Its name or road number; empty when it has none.
    distance_m
        How long it is.
    first_point
        Where it begins: its place in `lat` and `lon` of the path.
    """

    street: str
    distance_m: float
    first_point: int


def path_of(network: RoadNetwork, arrival: Arrival) -> Path:
    """Trace the drive of an arrival."""
    lat, lon = _trace(
        (network.shape_first, network.shape_lat, network.shape_lon),
        arrival.segments,
        arrival.start_fraction,
        arrival.end_fraction,
    )
    return Path(
        distance_m=metres_driven(network, arrival),
        lat=lat,
        lon=lon,
        streets=_street_names(network, arrival.segments),
        against_traffic=stretches_against_traffic(network, arrival),
    )


def stretches_against_traffic(network: RoadNetwork, arrival: Arrival) -> tuple[AgainstTraffic, ...]:
    """Stretches of a drive against the traffic of one-way streets, in driving order."""
    if not network.has_contraflow:
        return ()
    against = np.flatnonzero(network.is_contraflow[arrival.segments]).tolist()
    if not against:
        return ()
    lengths_m, points = metres_of(network, arrival), points_of(network, arrival)
    return tuple(
        AgainstTraffic(
            network.street_name(int(arrival.segments[place])),
            float(lengths_m[place]),
            int(points[place]),
        )
        for place in against
    )


def metres_driven(network: RoadNetwork, arrival: Arrival) -> float:
    """Length of a drive in metres, never less than 0."""
    return max(0.0, float(metres_of(network, arrival).sum()))


def metres_of(network: RoadNetwork, arrival: Arrival) -> FloatArray:
    """Metres driven along each segment of a drive, float64[N]."""
    length_m = network.segment_length_m[arrival.segments]
    before_start_m = length_m[0] * arrival.start_fraction
    after_end_m = length_m[-1] * (1.0 - arrival.end_fraction)
    length_m[0] -= before_start_m
    length_m[-1] -= after_end_m
    return length_m


def points_of(network: RoadNetwork, arrival: Arrival) -> LongArray:
    """Where in the arrays of a drive's `Path` each segment begins, and the end; int64[N + 1]."""
    segments = arrival.segments
    shapes = network.shape_first, network.shape_lat, network.shape_lon
    _, _, after_start = _point_at(shapes, segments[0], arrival.start_fraction)
    _, _, after_end = _point_at(shapes, segments[-1], arrival.end_fraction)
    first, last = network.shape_first[segments] + 1, network.shape_first[segments + 1]
    first[0], last[-1] = after_start, after_end
    passed = np.cumsum(last - first)
    return np.concatenate([[0], passed[:-1], [passed[-1] + 1]])


def _street_names(network: RoadNetwork, segments: IntArray) -> tuple[str, ...]:
    numbers = zip(
        network.segment_name[segments].tolist(), network.segment_ref[segments].tolist(), strict=True
    )
    in_order = groupby(number for name, ref in numbers if (number := name or ref))
    return tuple(network.labels[number] for number, _ in in_order)


@njit(nogil=True, cache=True)
def _trace(shapes: Any, segments: Any, start_fraction: float, end_fraction: float) -> Any:
    """Points of all segments driven, the first and last cut where the drive begins and ends."""
    shape_first, shape_lat, shape_lon = shapes
    size = 2
    for segment in segments:
        size += shape_first[segment + 1] - shape_first[segment]
    lat, lon = np.empty(size), np.empty(size)
    lat[0], lon[0], after_start = _point_at(shapes, segments[0], start_fraction)
    lat_end, lon_end, after_end = _point_at(shapes, segments[-1], end_fraction)
    points = 1
    for i in range(len(segments)):
        # Each segment begins where the one before ends: that point is there already.
        first = after_start if i == 0 else shape_first[segments[i]] + 1
        last = after_end if i == len(segments) - 1 else shape_first[segments[i] + 1]
        for point in range(first, last):
            lat[points], lon[points] = shape_lat[point], shape_lon[point]
            points += 1
    lat[points], lon[points] = lat_end, lon_end
    return lat[: points + 1], lon[: points + 1]


@njit(nogil=True, cache=True)
def _point_at(shapes: Any, segment: int, fraction: float) -> Any:
    """Latitude and longitude at a fraction of a segment's length, and the shape point after it."""
    shape_first, shape_lat, shape_lon = shapes
    first, last = shape_first[segment], shape_first[segment + 1] - 1
    squeeze = math.cos(math.radians(shape_lat[first]))
    left = 0.0
    for point in range(first, last):
        left += _step(shape_lat, shape_lon, point, squeeze)
    left *= fraction
    for point in range(first, last):
        step = _step(shape_lat, shape_lon, point, squeeze)
        if left <= step or point == last - 1:
            share = min(1.0, left / step) if step > 0 else 0.0
            return (
                shape_lat[point] + share * (shape_lat[point + 1] - shape_lat[point]),
                shape_lon[point] + share * (shape_lon[point + 1] - shape_lon[point]),
                point + 1,
            )
        left -= step
    return shape_lat[first], shape_lon[first], first + 1


@njit(nogil=True, cache=True)
def _step(shape_lat: Any, shape_lon: Any, point: int, squeeze: float) -> float:
    """Length of one piece of a shape, in degrees of latitude."""
    return math.hypot(
        shape_lat[point + 1] - shape_lat[point],
        (shape_lon[point + 1] - shape_lon[point]) * squeeze,
    )
