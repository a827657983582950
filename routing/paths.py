"""What a drive looks like: its shape, its length and the streets it follows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from routing.engine import Arrival
from routing.geometry import great_circle_m
from routing.network import FloatArray, IntArray, RoadNetwork


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
    """

    distance_m: float
    lat: FloatArray
    lon: FloatArray
    streets: tuple[str, ...]


def path_of(network: RoadNetwork, arrival: Arrival) -> Path:
    """Trace the drive of an arrival."""
    segments = arrival.segments
    driven = np.ones(len(segments))
    driven[0] -= arrival.start_fraction
    driven[-1] -= 1.0 - arrival.end_fraction
    lat, lon = _shape(network, arrival)
    return Path(
        distance_m=float((network.segment_length_m[segments] * driven).sum()),
        lat=lat,
        lon=lon,
        streets=_street_names(network, segments),
    )


def _street_names(network: RoadNetwork, segments: IntArray) -> tuple[str, ...]:
    label = network.segment_name[segments]
    label = np.where(label == 0, network.segment_ref[segments], label)
    named = label[label != 0]
    changes = np.concatenate([[True], named[1:] != named[:-1]])[: len(named)]
    return tuple(network.labels[number] for number in named[changes].tolist())


def _shape(network: RoadNetwork, arrival: Arrival) -> tuple[FloatArray, FloatArray]:
    """Points of all segments driven, the first and last cut where the drive begins and ends."""
    segments = arrival.segments
    first, last = network.shape_first[segments], network.shape_first[segments + 1]
    head, tail = slice(first[0], last[0]), slice(first[-1], last[-1])
    if len(segments) == 1:
        whole = network.shape_lat[head], network.shape_lon[head]
        return _cut(*whole, arrival.start_fraction, arrival.end_fraction)
    between = _ranges(first[1:-1] + 1, last[1:-1])
    head_lat, head_lon = _cut(
        network.shape_lat[head], network.shape_lon[head], arrival.start_fraction, 1.0
    )
    tail_lat, tail_lon = _cut(
        network.shape_lat[tail], network.shape_lon[tail], 0.0, arrival.end_fraction
    )
    return (
        np.concatenate([head_lat, network.shape_lat[between], tail_lat[1:]]),
        np.concatenate([head_lon, network.shape_lon[between], tail_lon[1:]]),
    )


def _ranges(first: IntArray, last: IntArray) -> NDArray[np.int64]:
    """All whole numbers from each first up to, not including, its last."""
    lengths = (last - first).astype(np.int64)
    begins = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(lengths.sum()) + np.repeat(first - begins, lengths))


def _cut(
    lat: FloatArray, lon: FloatArray, from_fraction: float, to_fraction: float
) -> tuple[FloatArray, FloatArray]:
    """The part of a polyline between two fractions of its length."""
    steps = great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
    along = np.concatenate([[0.0], np.cumsum(steps)])
    along /= along[-1] or 1.0
    inside = (along > from_fraction) & (along < to_fraction)
    at = np.concatenate([[from_fraction], along[inside], [to_fraction]])
    return np.interp(at, along, lat), np.interp(at, along, lon)
