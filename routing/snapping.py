"""From a position to a place along a directed segment, the same way for every purpose.

Positions are projected onto streets, never onto junctions, and only onto the part of the
network that a metric calls usable, so that a drive can begin and end there, and that lies under
the sky.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from routing.geometry import check_wgs84
from routing.metric import Metric
from routing.network import NO_TWIN, FloatArray, IntArray

OUT_OF_SIGHT = (("tunnel", "yes"), ("highway", "ferry"))
"""Tags of stretches that no position is put on: a call or a satellite fix is at the surface, and
nobody can stop in a tunnel or on a ferry to reach the street above or the bank. Passages through
buildings (`tunnel=building_passage`) are not meant."""

HEADING_TOLERANCE_DEG = 60.0
"""How far a heading may be off the street's and still mean that direction (assumption: GPS
headings at low speed are rough, and streets bend between fixes)."""

HEADING_DETOUR_M = 35.0
"""How much further off than the nearest street one that fits the heading may be (assumption:
the spread of a GPS fix between buildings)."""

FIRST_LOOK_M = 100.0
"""Most positions have their street within this; only the others are looked for further out."""
NEXT_LOOK_FACTOR = 4.0

_EITHER_WAY, _FORWARD, _BACKWARD = 0, 1, -1


@dataclass(frozen=True, slots=True)
class Snap:
    """Where a position lies on the network.

    Attributes
    ----------
    segments, fractions
        The directed segments the position may be on and how far along each (0 at its start,
        1 at its end): both directions of a two-way street, one when the heading tells.
    lat, lon
        The nearest point of the street, WGS84 degrees.
    distance_m
        Metres from the position to that point.
    heading_ignored
        True when a heading was given and no street in reach runs that way.
    """

    segments: tuple[int, ...]
    fractions: tuple[float, ...]
    lat: float
    lon: float
    distance_m: float
    heading_ignored: bool = False


class _Found(NamedTuple):
    """The nearest streets of N positions, a column each.

    Attributes
    ----------
    segment : int32[N]
        -1 where no street is in reach.
    piece : int32[N]
        First of the two shape points that the nearest point lies between.
    share : float64[N]
        How far along that piece, 0 to 1.
    fraction : float64[N]
        How far along the segment, 0 to 1.
    distance_m : float64[N]
        Infinite where no street is in reach.
    direction : int8[N]
        Which way along the segment fits the heading.
    heading_ignored : int8[N]
        1 where no street in reach fits it.
    """

    segment: IntArray
    piece: IntArray
    share: FloatArray
    fraction: FloatArray
    distance_m: FloatArray
    direction: NDArray[np.int8]
    heading_ignored: NDArray[np.int8]


class Snapper:
    """Finds the street a position is on; safe to use from several threads."""

    def __init__(self, metric: Metric) -> None:
        network = metric.network
        self._network = network
        numbers = np.arange(network.segment_count, dtype=np.int32)
        # Twins share their shape: one of each pair stands for the street.
        alone = (network.segment_twin == NO_TWIN) | ~metric.usable[network.segment_twin]
        in_sight = np.asarray([_is_in_sight(tags) for tags in network.tag_sets])
        streets = metric.usable & in_sight[network.segment_tags]
        self._streets = numbers[streets & (alone | (numbers < network.segment_twin))]
        self._two_way = ~alone
        first = network.shape_first[:-1]
        self._tree = shapely.STRtree(
            shapely.box(
                np.minimum.reduceat(network.shape_x_m, first)[self._streets],
                np.minimum.reduceat(network.shape_y_m, first)[self._streets],
                np.maximum.reduceat(network.shape_x_m, first)[self._streets],
                np.maximum.reduceat(network.shape_y_m, first)[self._streets],
            )
        )
        self._shapes = (
            network.shape_first,
            network.shape_x_m,
            network.shape_y_m,
            self._two_way,
        )

    def snap(
        self, lat: float, lon: float, *, heading_deg: float | None = None, radius_m: float
    ) -> Snap | None:
        """Snap one position; None when no usable street lies within the radius.

        Raises
        ------
        CoordinateError
            When the position is not on Earth.
        """
        heading = math.nan if heading_deg is None else heading_deg
        return self.snap_many([lat], [lon], heading_deg=[heading], radius_m=radius_m)[0]

    def snap_many(
        self,
        lat: Sequence[float],
        lon: Sequence[float],
        *,
        heading_deg: Sequence[float],
        radius_m: float,
    ) -> list[Snap | None]:
        """Snap many positions at once; a heading of NaN is unknown.

        Of streets equally near, the one with the lowest number is taken.
        """
        for one_lat, one_lon in zip(lat, lon, strict=True):
            check_wgs84(one_lat, one_lon)
        x_m, y_m = self._network.projection.to_xy_m(np.asarray(lat), np.asarray(lon))
        positions = np.stack([x_m, y_m, np.asarray(heading_deg, dtype=np.float64)])
        beyond_nearest_m = np.where(np.isnan(positions[2]), 0.0, HEADING_DETOUR_M)
        snaps: list[Snap | None] = [None] * len(x_m)
        radius_m = float(radius_m)
        waiting, reach_m = np.arange(len(x_m)), min(FIRST_LOOK_M, radius_m)
        while len(waiting):
            found = self._look(np.ascontiguousarray(positions[:, waiting]), reach_m)
            seen_enough = found.distance_m + beyond_nearest_m[waiting] <= reach_m
            if reach_m == radius_m:
                seen_enough[:] = True
            rows = zip(*(column[seen_enough].tolist() for column in found), strict=True)
            for position, row in zip(waiting[seen_enough].tolist(), rows, strict=True):
                snaps[position] = self._snap(*row)
            waiting = waiting[~seen_enough]
            reach_m = min(NEXT_LOOK_FACTOR * reach_m, radius_m)
        return snaps

    def _look(self, positions: FloatArray, reach_m: float) -> "_Found":
        """The nearest street of every position (rows: x, y, heading) within reach."""
        x_m, y_m, _ = positions
        box = shapely.box(x_m - reach_m, y_m - reach_m, x_m + reach_m, y_m + reach_m)
        position, candidate = self._tree.query(box)
        order = np.lexsort((candidate, position))
        near = self._streets[candidate[order]]
        first = np.searchsorted(position[order], np.arange(len(x_m) + 1))
        return _Found(*_nearest_streets(self._shapes, near, first, positions, reach_m))

    def _snap(
        self,
        segment: int,
        piece: int,
        share: float,
        fraction: float,
        distance_m: float,
        direction: int,
        heading_ignored: int,
    ) -> Snap | None:
        if segment < 0:
            return None
        network = self._network
        places = {_FORWARD: (segment, fraction)}
        if self._two_way[segment]:
            places[_BACKWARD] = (int(network.segment_twin[segment]), 1.0 - fraction)
        chosen = [places[direction]] if direction else list(places.values())
        lat_1, lat_2 = network.shape_lat[piece : piece + 2].tolist()
        lon_1, lon_2 = network.shape_lon[piece : piece + 2].tolist()
        return Snap(
            segments=tuple(place[0] for place in chosen),
            fractions=tuple(place[1] for place in chosen),
            lat=lat_1 + share * (lat_2 - lat_1),
            lon=lon_1 + share * (lon_2 - lon_1),
            distance_m=distance_m,
            heading_ignored=bool(heading_ignored),
        )


def _is_in_sight(tags: Mapping[str, str]) -> bool:
    return not any(tags.get(key) == value for key, value in OUT_OF_SIGHT)


@njit(nogil=True, cache=True)
def _nearest_streets(shapes: Any, near: Any, first: Any, positions: Any, radius_m: float) -> Any:
    """The columns of `_Found`."""
    x_m, y_m, heading_deg = positions[0], positions[1], positions[2]
    size = len(x_m)
    segment = np.full(size, -1, dtype=np.int32)
    piece = np.zeros(size, dtype=np.int32)
    share, fraction, distance_m = np.zeros(size), np.zeros(size), np.full(size, np.inf)
    direction = np.zeros(size, dtype=np.int8)
    heading_ignored = np.zeros(size, dtype=np.int8)
    for i in range(size):
        streets = near[first[i] : first[i + 1]]
        best = _closest(shapes, streets, x_m[i], y_m[i], math.nan)
        if best[4] > radius_m:
            continue
        if not math.isnan(heading_deg[i]):
            fitting = _closest(shapes, streets, x_m[i], y_m[i], heading_deg[i])
            if fitting[4] <= min(radius_m, best[4] + HEADING_DETOUR_M):
                best = fitting
            else:
                heading_ignored[i] = 1
        segment[i], piece[i], share[i], fraction[i], distance_m[i], direction[i] = best
    return segment, piece, share, fraction, distance_m, direction, heading_ignored


@njit(nogil=True, cache=True)
def _closest(shapes: Any, streets: Any, x_m: float, y_m: float, heading_deg: float) -> Any:
    """The nearest of the streets that can be driven in the heading (NaN: in any).

    Segment, piece of its shape, share along the piece, fraction along the segment, distance in
    metres (infinite if there is no such street), and the direction that fits the heading.
    """
    shape_first, shape_x_m, shape_y_m, two_way = shapes
    closest = (-1, 0, 0.0, 0.0, math.inf, _EITHER_WAY)
    for street in streets:
        along_m = 0.0
        best = (0, 0.0, 0.0, math.inf, _EITHER_WAY)
        for piece in range(shape_first[street], shape_first[street + 1] - 1):
            east_m = np.float64(shape_x_m[piece + 1]) - np.float64(shape_x_m[piece])
            north_m = np.float64(shape_y_m[piece + 1]) - np.float64(shape_y_m[piece])
            length_m = math.hypot(east_m, north_m)
            off_x_m, off_y_m = x_m - shape_x_m[piece], y_m - shape_y_m[piece]
            share = 0.0
            if length_m > 0:
                share = (off_x_m * east_m + off_y_m * north_m) / length_m**2
                share = min(1.0, max(0.0, share))
            distance_m = math.hypot(off_x_m - share * east_m, off_y_m - share * north_m)
            way = _direction(east_m, north_m, heading_deg, two_way[street])
            fits = math.isnan(heading_deg) or (way != _EITHER_WAY and length_m > 0)
            if fits and distance_m < best[3]:
                best = (piece, share, along_m + share * length_m, distance_m, way)
            along_m += length_m
        if best[3] < closest[4]:
            fraction = min(1.0, best[2] / along_m) if along_m > 0 else 0.0
            closest = (street, best[0], best[1], fraction, best[3], best[4])
    return closest


@njit(nogil=True, cache=True)
def _direction(east_m: float, north_m: float, heading_deg: float, two_way: bool) -> int:  # noqa: FBT001
    """The direction of a stretch that fits a heading, `_EITHER_WAY` when none does."""
    bearing_deg = math.degrees(math.atan2(east_m, north_m))
    off_deg = abs((heading_deg - bearing_deg + 180.0) % 360.0 - 180.0)
    if off_deg <= HEADING_TOLERANCE_DEG:
        return _FORWARD
    if two_way and off_deg >= 180.0 - HEADING_TOLERANCE_DEG:
        return _BACKWARD
    return _EITHER_WAY
