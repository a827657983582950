"""How much street a closure is about, where it lies, and whether it is one street."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from routing.geometry import Extent
from routing.network import NO_TWIN, IntArray, RoadNetwork

APART_M = 500.0
"""Stretches of one name further from each other are streets of their own (assumption: a street that
is called otherwise for a while, across a junction or a square, is so for less)."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some street, each metre of it counted once where it is meant both ways.

    Attributes
    ----------
    inside_m
        How much of it lies in what was drawn; None: nothing was.
    lat, lon
        A point on it, WGS84 degrees.
    """

    length_m: float
    inside_m: float | None
    extent: Extent
    lat: float
    lon: float


def stretch(
    network: RoadNetwork, segments: IntArray, drawn: shapely.Geometry | None = None
) -> Stretch:
    """Measure segments; `drawn` is an area on the metre grid."""
    streets = _each_once(network, segments)
    lines = lines_on_grid(network, streets)
    length_m = network.segment_length_m[streets].astype(np.float64)
    inside_m = None
    if drawn is not None:
        drawn_m = shapely.length(shapely.intersection(lines, drawn))
        share = drawn_m / np.maximum(shapely.length(lines), np.finfo(np.float64).tiny)
        inside_m = float(length_m @ share)
    middle = shapely.line_interpolate_point(lines[length_m.argmax()], 0.5, normalized=True)
    x_m, y_m = shapely.get_coordinates([middle, *lines]).T
    lat, lon = network.projection.to_wgs84(x_m, y_m)
    return Stretch(
        length_m=float(length_m.sum()),
        inside_m=inside_m,
        extent=Extent.around(lat, lon),
        lat=float(lat[0]),
        lon=float(lon[0]),
    )


def separate(network: RoadNetwork, segments: IntArray) -> list[IntArray]:
    """Segments in groups that lie apart from each other."""
    lines = lines_on_grid(network, segments)
    near = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=APART_M)
    linked = coo_array((np.ones(near.shape[1], np.bool_), tuple(near)), shape=(len(lines),) * 2)
    count, group = connected_components(linked, directed=False)
    return [segments[group == one] for one in range(count)]


def lines_on_grid(network: RoadNetwork, segments: IntArray) -> NDArray[np.object_]:
    """Shapes of segments on the metre grid."""
    first = network.shape_first[segments]
    points = network.shape_first[segments + 1] - first
    owner = np.repeat(np.arange(len(segments)), points)
    before = np.cumsum(points) - points
    at = np.repeat(first - before, points) + np.arange(len(owner))
    xy_m = np.stack([network.shape_x_m[at], network.shape_y_m[at]], axis=1, dtype=np.float64)
    return np.asarray(shapely.linestrings(xy_m, indices=owner), dtype=object)


def _each_once(network: RoadNetwork, segments: IntArray) -> IntArray:
    """One direction of every street."""
    twins = network.segment_twin[segments]
    is_other = (twins != NO_TWIN) & (twins < segments) & np.isin(twins, segments)
    once: IntArray = segments[~is_other]
    return once
