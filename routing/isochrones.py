"""The area that can be reached within a time, as polygons with holes.

The area of a limit is what lies within `off_road_m` of a street point reached within the limit.
It is drawn on a grid of square cells half as wide as that: every node takes its distance to the
nearest point reached (sampled twice a cell, handed on from node to node in straight and diagonal
steps), and the area's edge runs where that distance is `off_road_m`. So every street point
reached is inside, nothing inside is further from one than `off_road_m` and one cell's diagonal,
and the area of a longer limit holds that of a shorter one. The grid is anchored to the network's
metre grid: the same question always gets the same polygons.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self, cast

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from numba import njit
from numpy.typing import NDArray

from routing.engine import UNREACHED
from routing.errors import IsochroneError
from routing.geometry import COORDINATE_DECIMALS
from routing.network import NO_TWIN, Float32Array, FloatArray, LongArray, RoadNetwork
from routing.reach import Reach

OFF_ROAD_M: Final = 100.0
"""How far from a street reached a place still counts as reached (assumption: in a street plan
with a road every 200 m, no gaps)."""

OFF_ROAD_LIMITS_M: Final = 20.0, 1_000.0
"""Least and most that may be asked for (assumption: a closer look is finer than the map, and a
wider one says nothing of roads)."""

MAX_LIMITS: Final = 10
"""Limits in one question: more than anyone tells apart on a map."""

MAX_NODES: Final = 2_500_000
"""Of the grid. Greater London takes half of this; a larger area is drawn more coarsely."""

_CELLS_PER_REACH = 2
_KEPT_OFF_EDGE = 0.01
"""Of a cell: no node's distance is nearer to `off_road_m`, so that no two corners coincide."""


_Chunks = tuple[list[FloatArray | None], list[Any], list[Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Isochrone:
    """The area reached within one limit.

    Attributes
    ----------
    limit_ms
        The time.
    area
        Polygons with holes, WGS84 degrees in lon-lat order, outer rings counter-clockwise; empty
        when no street is reached in time.
    off_road_m
        How far from a street reached a place still counts: what was asked for, or more where the
        area is too large for such a close look.
    """

    limit_ms: int
    area: shapely.MultiPolygon
    off_road_m: float


def isochrones(
    reach: Reach, limits_ms: Sequence[int], *, off_road_m: float = OFF_ROAD_M
) -> list[Isochrone]:
    """The areas reached within each of several limits, in the order asked for.

    Raises
    ------
    IsochroneError
        When there is no limit or too many, one is negative or beyond what was searched, or
        `off_road_m` is out of range.

    Examples
    --------
    >>> reach = roads.reach(Starts.at([crew]), limit_ms=120_000)
    >>> (drawn,) = isochrones(reach, [120_000], off_road_m=50)
    >>> drawn.area.is_valid, drawn.limit_ms
    (True, 120000)
    >>> isochrones(reach, [180_000])
    Traceback (most recent call last):
    ...
    routing.errors.IsochroneError: limit 180000 ms; it must be from 0 to the 120000 ms searched
    """
    _check(reach, limits_ms, off_road_m)
    levels = sorted(set(limits_ms))
    drives = _Drives.of(reach, levels)
    grid = _Grid.around(drives, off_road_m)
    areas = {
        limit_ms: grid.area(distance_m)
        for limit_ms, distance_m in zip(levels, grid.distances_m(drives), strict=True)
    }
    return [Isochrone(limit_ms, areas[limit_ms], grid.off_road_m) for limit_ms in limits_ms]


def _check(reach: Reach, limits_ms: Sequence[int], off_road_m: float) -> None:
    if not 1 <= len(limits_ms) <= MAX_LIMITS:
        msg = f"{len(limits_ms)} limits; 1 to {MAX_LIMITS} can be drawn at once"
        raise IsochroneError(msg)
    for limit_ms in limits_ms:
        if not 0 <= limit_ms <= reach.limit_ms:
            msg = f"limit {limit_ms} ms; it must be from 0 to the {reach.limit_ms} ms searched"
            raise IsochroneError(msg)
    least_m, most_m = OFF_ROAD_LIMITS_M
    if not least_m <= off_road_m <= most_m:
        msg = f"off_road_m is {off_road_m}; it must be a number from {least_m:g} to {most_m:g}"
        raise IsochroneError(msg)


@dataclass(frozen=True, eq=False, slots=True)
class _Drives:
    """Stretches driven, each from a fraction of a segment to its end, N in number.

    Attributes
    ----------
    segment : int32[N]
    fraction : float64[N]
        Where on the segment the drive begins.
    begins_ms : int64[N]
        When it is there.
    segment_ms : int32[N]
        What the whole segment takes.
    levels_ms : int64[L]
        The limits, rising.
    """

    network: RoadNetwork
    segment: NDArray[np.int32]
    fraction: FloatArray
    begins_ms: LongArray
    segment_ms: NDArray[np.int32]
    levels_ms: LongArray

    @classmethod
    def of(cls, reach: Reach, levels: Sequence[int]) -> Self:
        """All that is driven of a reach within the last of the levels."""
        network, starts = reach.metric.network, reach.starts
        levels_ms = np.asarray(levels, dtype=np.int64)
        entered = np.flatnonzero(reach.enter_ms <= levels_ms[-1])
        entered = entered[~_driven_the_other_way(reach, entered, levels_ms)]
        set_out = np.flatnonzero(starts.delay_ms <= levels_ms[-1])
        segment = np.concatenate([entered, starts.segment[set_out]]).astype(np.int32)
        return cls(
            network=network,
            segment=segment,
            fraction=np.concatenate([np.zeros(len(entered)), starts.fraction[set_out]]),
            begins_ms=np.concatenate([reach.enter_ms[entered], starts.delay_ms[set_out]]),
            segment_ms=reach.metric.segment_ms[segment],
            levels_ms=levels_ms,
        )

    @property
    def arrays(self) -> tuple[Any, ...]:
        """For compiled code."""
        return self.segment, self.fraction, self.begins_ms, self.segment_ms, self.levels_ms

    @property
    def shapes(self) -> tuple[Any, ...]:
        """For compiled code."""
        return self.network.shape_first, self.network.shape_x_m, self.network.shape_y_m


def _driven_the_other_way(
    reach: Reach, entered: NDArray[np.intp], levels_ms: LongArray
) -> NDArray[np.bool_]:
    """Which segments add nothing: their street is driven through by its other direction no later.

    "Later" means in a later level. Of two directions that make each other needless, the one with
    the lower number stays.
    """
    twin = reach.metric.network.segment_twin[entered]
    twin_through_ms = np.where(
        (twin != NO_TWIN) & (reach.enter_ms[twin] < UNREACHED),
        reach.enter_ms[twin].astype(np.int64) + reach.metric.segment_ms[twin],
        UNREACHED,
    )
    through = np.searchsorted(levels_ms, twin_through_ms)
    mine = np.searchsorted(levels_ms, reach.enter_ms[entered])
    return np.asarray((through < mine) | ((through == mine) & (twin < entered)))


@dataclass(frozen=True, slots=True)
class _Grid:
    """Square cells over the area; node `[row, column]` lies `row` cells north of the corner."""

    network: RoadNetwork
    off_road_m: float
    cell_m: float
    south: int
    west: int
    rows: int
    columns: int

    @classmethod
    def around(cls, drives: _Drives, off_road_m: float) -> Self:
        """The grid that holds everything within reach of the drives."""
        west_m, south_m, east_m, north_m = _bounds(drives.arrays, drives.shapes)
        while True:
            cell_m = off_road_m / _CELLS_PER_REACH
            south, west = (int(np.floor(edge_m / cell_m)) for edge_m in (south_m, west_m))
            north, east = (int(np.ceil(edge_m / cell_m)) for edge_m in (north_m, east_m))
            margin = _CELLS_PER_REACH + 2
            rows, columns = north - south + 1 + 2 * margin, east - west + 1 + 2 * margin
            if rows * columns <= MAX_NODES:
                break
            off_road_m *= 2
        return cls(drives.network, off_road_m, cell_m, south - margin, west - margin, rows, columns)

    def distances_m(self, drives: _Drives) -> Float32Array:
        """For each level, metres from every node to the nearest point reached: float32[L, R, C].

        Exact to a few per cent up to somewhat more than `off_road_m`, and never too small.
        """
        beyond_m = np.float32(self.off_road_m + 2 * self.cell_m)
        shape = (len(drives.levels_ms), self.rows, self.columns)
        distance_m = np.full(shape, beyond_m, dtype=np.float32)
        corner = self.west * self.cell_m, self.south * self.cell_m
        _draw(drives.arrays, drives.shapes, corner, self.cell_m, distance_m)
        _hand_on(distance_m, self.cell_m)
        return distance_m

    def area(self, distance_m: Float32Array) -> shapely.MultiPolygon:
        """Where the distance is at most `off_road_m`."""
        kept_off_m = _KEPT_OFF_EDGE * self.cell_m
        on_edge = np.abs(distance_m - self.off_road_m) < kept_off_m
        distance_m[on_edge] = self.off_road_m - kept_off_m
        contours = contour_generator(
            z=distance_m, name="serial", fill_type=FillType.ChunkCombinedOffsetOffset
        )
        # One chunk: corners, at which of them rings begin, at which ring polygons begin.
        (points,), (rings,), (outers,) = cast("_Chunks", contours.filled(-1.0, self.off_road_m))
        if points is None:
            return shapely.MultiPolygon()
        x_m = (self.west + points[:, 0]) * self.cell_m
        y_m = (self.south + points[:, 1]) * self.cell_m
        lat, lon = self.network.projection.to_wgs84(x_m, y_m)
        corners = np.round(np.stack([lon, lat], axis=1), COORDINATE_DECIMALS)
        offsets = rings, outers, np.asarray([0, len(outers) - 1])
        (area,) = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, corners, offsets)
        return cast("shapely.MultiPolygon", area)


@njit(nogil=True, cache=True)
def _bounds(drives: Any, shapes: Any) -> Any:
    """West, south, east and north of everything driven, in metres; all 0 when nothing is."""
    segments, _, _, _, _ = drives
    shape_first, shape_x_m, shape_y_m = shapes
    if len(segments) == 0:
        return 0.0, 0.0, 0.0, 0.0
    west = south = np.inf
    east = north = -np.inf
    for segment in segments:
        for point in range(shape_first[segment], shape_first[segment + 1]):
            west, east = min(west, shape_x_m[point]), max(east, shape_x_m[point])
            south, north = min(south, shape_y_m[point]), max(north, shape_y_m[point])
    return west, south, east, north


@njit(nogil=True, cache=True)
def _draw(drives: Any, shapes: Any, corner: Any, cell_m: float, distance_m: Any) -> None:
    """Walk along everything driven, twice a cell, and tell the nodes around how near that is."""
    segments, fraction, begins_ms, segment_ms, levels_ms = drives
    shape_first, shape_x_m, shape_y_m = shapes
    for i in range(len(segments)):
        point, last = shape_first[segments[i]], shape_first[segments[i] + 1] - 1
        length_m = 0.0
        for piece in range(point, last):
            length_m += _piece_m(shape_x_m, shape_y_m, piece)
        begin_m = fraction[i] * length_m
        driven = (levels_ms[-1] - begins_ms[i]) / segment_ms[i]
        driven_m = min(length_m - begin_m, driven * length_m)
        steps = int(np.ceil(2 * driven_m / cell_m))
        passed_m, piece_m, level = 0.0, _piece_m(shape_x_m, shape_y_m, point), 0
        for step in range(steps + 1):
            done_m = driven_m * step / steps if steps > 0 else 0.0
            taken_ms = done_m / length_m * segment_ms[i] if length_m > 0 else 0.0
            while level + 1 < len(levels_ms) and begins_ms[i] + taken_ms > levels_ms[level]:
                level += 1
            while begin_m + done_m > passed_m + piece_m and point + 1 < last:
                passed_m, point = passed_m + piece_m, point + 1
                piece_m = _piece_m(shape_x_m, shape_y_m, point)
            part = min(1.0, (begin_m + done_m - passed_m) / piece_m) if piece_m > 0 else 0.0
            x_m = shape_x_m[point] + part * (shape_x_m[point + 1] - shape_x_m[point])
            y_m = shape_y_m[point] + part * (shape_y_m[point + 1] - shape_y_m[point])
            column, row = (x_m - corner[0]) / cell_m, (y_m - corner[1]) / cell_m
            _tell_nodes(column, row, level, cell_m, distance_m)


@njit(nogil=True, cache=True)
def _piece_m(shape_x_m: Any, shape_y_m: Any, point: int) -> float:
    """Length of the piece of a shape that begins at a point."""
    east_m = np.float64(shape_x_m[point + 1]) - np.float64(shape_x_m[point])
    north_m = np.float64(shape_y_m[point + 1]) - np.float64(shape_y_m[point])
    return math.hypot(east_m, north_m)


@njit(nogil=True, cache=True)
def _tell_nodes(column: float, row: float, level: int, cell_m: float, distance_m: Any) -> None:
    """Note at the four nodes around a place how far it is."""
    west, south = int(column), int(row)
    for r in range(south, south + 2):
        for c in range(west, west + 2):
            away_m = cell_m * np.sqrt((column - c) ** 2 + (row - r) ** 2)
            distance_m[level, r, c] = min(distance_m[level, r, c], away_m)


@njit(nogil=True, cache=True)
def _hand_on(distance_m: Any, cell_m: float) -> None:
    """Hand distances on from level to level, and from node to node in two sweeps."""
    levels, rows, columns = distance_m.shape
    straight_m, diagonal_m = np.float32(cell_m), np.float32(cell_m * 2**0.5)
    for level in range(levels):
        here = distance_m[level]
        if level > 0:
            here[:] = np.minimum(here, distance_m[level - 1])
        for r in range(1, rows):
            for c in range(1, columns - 1):
                below = min(here[r - 1, c - 1], here[r - 1, c + 1]) + diagonal_m
                straight = min(here[r - 1, c], here[r, c - 1]) + straight_m
                here[r, c] = min(here[r, c], below, straight)
        for r in range(rows - 2, -1, -1):
            for c in range(columns - 2, 0, -1):
                above = min(here[r + 1, c - 1], here[r + 1, c + 1]) + diagonal_m
                straight = min(here[r + 1, c], here[r, c + 1]) + straight_m
                here[r, c] = min(here[r, c], above, straight)
