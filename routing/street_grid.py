"""Streets by the squares of a grid that they cross, so that those near a position are at hand.

A position is answered in microseconds, one at a time as well as thousands at once: squares are
looked into ring by ring around it, until no street that is still unseen could matter.
"""

import math
from typing import Any, NamedTuple, Self

import numpy as np
from numba import njit

from routing.network import IntArray, RoadNetwork

SIDE_M = 100.0
"""Of a square in a town: a handful of streets cross one, and most positions need no other. Where
streets are sparse, squares are larger: about one for each piece of street."""

SLACK_M = 0.01
"""Streets are held to reach this much further than drawn: rounding must not lose one on an edge."""

EITHER_WAY, FORWARD, BACKWARD = 0, 1, -1

NOWHERE = (-1, 0, 0.0, math.inf, EITHER_WAY)
"""Street, piece, share along it, distance in metres, direction."""


class StreetGrid(NamedTuple):
    """Pieces of streets, straight from one point of a shape to the next, by square.

    Attributes
    ----------
    west_m, south_m, side_m
        Corner of the grid, and side of its squares.
    columns, rows
        Of squares; square 0 lies in the south-west, the next to the east of it.
    first : int32[columns * rows + 1]
        Where the pieces of each square begin in `piece`.
    piece : int32[P]
        First of the two shape points of each piece that crosses a square.
    street : int32[P]
        The segment it is a piece of.
    """

    west_m: float
    south_m: float
    side_m: float
    columns: int
    rows: int
    first: IntArray
    piece: IntArray
    street: IntArray

    @classmethod
    def of(cls, network: RoadNetwork, streets: IntArray) -> Self:
        """The grid of some segments, in ascending order."""
        x_m, y_m = network.shape_x_m, network.shape_y_m
        west_m, south_m = float(x_m.min()), float(y_m.min())
        wide_m, high_m = float(x_m.max()) - west_m, float(y_m.max()) - south_m
        side_m = max(SIDE_M, math.sqrt(wide_m * high_m / len(x_m)))
        columns, rows = int(wide_m / side_m) + 1, int(high_m / side_m) + 1
        grid = west_m, south_m, side_m, columns, rows
        return cls(*grid, *_sorted_in(grid, network.shape_first, x_m, y_m, streets))


@njit(nogil=True, cache=True)
def _sorted_in(grid: Any, shape_first: Any, x_m: Any, y_m: Any, streets: Any) -> Any:
    """Where the pieces of each square begin, the pieces, and their streets."""
    columns, rows = grid[3], grid[4]
    first = np.zeros(columns * rows + 1, dtype=np.int32)
    for street in streets:
        for piece in range(shape_first[street], shape_first[street + 1] - 1):
            south, north = _rows_crossed(grid, y_m, piece)
            for row in range(south, north + 1):
                west, east = _columns_crossed(grid, x_m, y_m, piece, row)
                for column in range(west, east + 1):
                    first[row * columns + column + 1] += 1
    first = np.cumsum(first).astype(np.int32)
    place = first[:-1].copy()
    pieces, owners = np.empty(first[-1], dtype=np.int32), np.empty(first[-1], dtype=np.int32)
    for street in streets:
        for piece in range(shape_first[street], shape_first[street + 1] - 1):
            south, north = _rows_crossed(grid, y_m, piece)
            for row in range(south, north + 1):
                west, east = _columns_crossed(grid, x_m, y_m, piece, row)
                for square in range(row * columns + west, row * columns + east + 1):
                    pieces[place[square]], owners[place[square]] = piece, street
                    place[square] += 1
    return first, pieces, owners


@njit(nogil=True, cache=True)
def _rows_crossed(grid: Any, y_m: Any, piece: int) -> Any:
    """The first and the last row of squares that a piece crosses."""
    _, south_m, side_m, _, rows = grid
    low_m, high_m = np.float64(y_m[piece]), np.float64(y_m[piece + 1])
    if low_m > high_m:
        low_m, high_m = high_m, low_m
    return _within(low_m - SLACK_M - south_m, side_m, rows), _within(
        high_m + SLACK_M - south_m, side_m, rows
    )


@njit(nogil=True, cache=True)
def _columns_crossed(grid: Any, x_m: Any, y_m: Any, piece: int, row: int) -> Any:
    """The first and the last square that a piece crosses in a row."""
    west_m, south_m, side_m, columns, _ = grid
    begin_x_m, begin_y_m = np.float64(x_m[piece]), np.float64(y_m[piece])
    east_m, north_m = x_m[piece + 1] - begin_x_m, y_m[piece + 1] - begin_y_m
    share, other_share = 0.0, 1.0
    if abs(north_m) > SLACK_M:
        edge_m = south_m + row * side_m - begin_y_m
        share = min(1.0, max(0.0, (edge_m - SLACK_M) / north_m))
        other_share = min(1.0, max(0.0, (edge_m + side_m + SLACK_M) / north_m))
    one_m, other_m = begin_x_m + share * east_m, begin_x_m + other_share * east_m
    if one_m > other_m:
        one_m, other_m = other_m, one_m
    return _within(one_m - SLACK_M - west_m, side_m, columns), _within(
        other_m + SLACK_M - west_m, side_m, columns
    )


@njit(nogil=True, cache=True)
def _within(away_m: float, side_m: float, squares: int) -> int:
    """The square so far along a side of the grid, or the last at that end."""
    return min(squares - 1, max(0, math.floor(away_m / side_m)))


@njit(nogil=True, cache=True)
def nearest_pieces(
    grid: Any, shapes: Any, positions: Any, radius_m: float, detour_m: float, tolerance_deg: float
) -> Any:
    """
    The nearest piece of a street for each of N positions.

    Parameters
    ----------
    grid
        A `StreetGrid`.
    shapes
        x and y of the points of all shapes in metres, and which segments are two-way.
    positions : float64[3, N]
        x and y in metres, and the heading in degrees, NaN where unknown.
    radius_m
        How far away a street may be.
    detour_m
        How much further than the nearest one that can be driven in the heading.
    tolerance_deg
        How far a heading may be off a street's direction and still mean it.

    Returns
    -------
    int32[N], int32[N], float64[N], float64[N], int8[N], bool[N]
        Street (-1 where none is in reach), piece, share along the piece, distance in metres
        (infinite where none is), direction that fits the heading, and whether no street in reach
        fits it. Of pieces equally near, the one with the lowest number is taken.
    """
    size = positions.shape[1]
    street, piece = np.full(size, -1, dtype=np.int32), np.zeros(size, dtype=np.int32)
    share, distance_m = np.zeros(size), np.full(size, np.inf)
    direction, ignored = np.zeros(size, dtype=np.int8), np.zeros(size, dtype=np.bool_)
    for i in range(size):
        x_m, y_m, heading_deg = positions[0, i], positions[1, i], positions[2, i]
        if not _is_in_reach(grid, x_m, y_m, radius_m):
            continue
        heading = heading_deg, tolerance_deg
        best, fitting = _around(grid, shapes, (x_m, y_m), heading, (radius_m, detour_m))
        if best[3] > radius_m:
            continue
        if not math.isnan(heading_deg):
            if fitting[3] <= min(radius_m, best[3] + detour_m):
                best = fitting
            else:
                ignored[i] = True
        street[i], piece[i], share[i], distance_m[i], direction[i] = best
    return street, piece, share, distance_m, direction, ignored


@njit(nogil=True, cache=True)
def _is_in_reach(grid: Any, x_m: float, y_m: float, radius_m: float) -> Any:
    """Whether a position may have any street around it; not where it is no number."""
    if len(grid.piece) == 0:
        return False
    east_m = grid.west_m + grid.columns * grid.side_m
    north_m = grid.south_m + grid.rows * grid.side_m
    return (
        grid.west_m - radius_m <= x_m <= east_m + radius_m
        and grid.south_m - radius_m <= y_m <= north_m + radius_m
    )


@njit(nogil=True, cache=True)
def _around(grid: Any, shapes: Any, position: Any, heading: Any, reach: Any) -> Any:
    """The nearest piece, and the nearest that fits the heading, as `NOWHERE` says none."""
    (x_m, y_m), (radius_m, detour_m) = position, reach
    best, fitting = NOWHERE, NOWHERE
    column = math.floor((x_m - grid.west_m) / grid.side_m)
    row = math.floor((y_m - grid.south_m) / grid.side_m)
    west_m, south_m = grid.west_m + column * grid.side_m, grid.south_m + row * grid.side_m
    off_x_m, off_y_m = x_m - west_m, y_m - south_m
    to_edge_m = min(off_x_m, grid.side_m - off_x_m, off_y_m, grid.side_m - off_y_m)
    if math.isnan(heading[0]):
        detour_m = 0.0
    ring = 0
    while True:
        for one in range(max(0, row - ring), min(grid.rows - 1, row + ring) + 1):
            step = 1 if abs(one - row) == ring else 2 * ring
            for other in range(column - ring, column + ring + 1, step):
                if 0 <= other < grid.columns:
                    square = one * grid.columns + other
                    best, fitting = _in_square(
                        grid, shapes, square, position, heading, best, fitting
                    )
        if to_edge_m + ring * grid.side_m >= min(radius_m, best[3] + detour_m):
            return best, fitting
        ring += 1


@njit(nogil=True, cache=True)
def _in_square(
    grid: Any, shapes: Any, square: int, position: Any, heading: Any, best: Any, fitting: Any
) -> Any:
    """What is nearest so far, with the pieces of one more square."""
    shape_x_m, shape_y_m, two_way = shapes
    (x_m, y_m), (heading_deg, tolerance_deg) = position, heading
    with_heading = not math.isnan(heading_deg)
    for entry in range(grid.first[square], grid.first[square + 1]):
        street, piece = np.int64(grid.street[entry]), np.int64(grid.piece[entry])
        east_m = np.float64(shape_x_m[piece + 1]) - np.float64(shape_x_m[piece])
        north_m = np.float64(shape_y_m[piece + 1]) - np.float64(shape_y_m[piece])
        length_m = math.hypot(east_m, north_m)
        off_x_m, off_y_m = x_m - shape_x_m[piece], y_m - shape_y_m[piece]
        share = 0.0
        if length_m > 0:
            share = min(1.0, max(0.0, (off_x_m * east_m + off_y_m * north_m) / length_m**2))
        distance_m = math.hypot(off_x_m - share * east_m, off_y_m - share * north_m)
        if _is_nearer(piece, distance_m, best):
            best = (street, piece, share, distance_m, EITHER_WAY)
        if with_heading and length_m > 0 and _is_nearer(piece, distance_m, fitting):
            way = _direction(east_m, north_m, heading_deg, tolerance_deg, two_way[street])
            if way != EITHER_WAY:
                fitting = (street, piece, share, distance_m, way)
    return best, fitting


@njit(nogil=True, cache=True)
def _is_nearer(piece: Any, distance_m: float, best: Any) -> Any:
    return distance_m < best[3] or (distance_m == best[3] and piece < best[1])


@njit(nogil=True, cache=True)
def _direction(
    east_m: float,
    north_m: float,
    heading_deg: float,
    tolerance_deg: float,
    two_way: bool,  # noqa: FBT001
) -> int:
    """The direction of a piece that fits a heading, `EITHER_WAY` when none does."""
    bearing_deg = math.degrees(math.atan2(east_m, north_m))
    off_deg = abs((heading_deg - bearing_deg + 180.0) % 360.0 - 180.0)
    if off_deg <= tolerance_deg:
        return FORWARD
    if two_way and off_deg >= 180.0 - tolerance_deg:
        return BACKWARD
    return EITHER_WAY
