"""How sharply turns bend, worked out from the shapes of the segments that they join."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

STRAIGHT_BACK_DEG = 180.0


def turn_angles_deg(
    leaving_deg: FloatArray,
    arriving_deg: FloatArray,
    turn_from: NDArray[np.int32],
    turn_into: NDArray[np.int32],
) -> NDArray[np.float32]:
    """By how many degrees each of T turns changes the heading, float32[T].

    Right is positive, straight back is 180. Tenths of a degree: shapes say no more. A segment
    without a heading is taken to go straight on.

    Parameters
    ----------
    leaving_deg, arriving_deg : float64[S]
        `headings_deg`.
    turn_from, turn_into : int32[T]
        Segments that each turn joins.
    """
    turned = leaving_deg[turn_into] - arriving_deg[turn_from]
    turned = np.where(np.isnan(turned), 0.0, (turned + 180.0) % 360.0 - 180.0)
    tenths = np.round(turned, 1).astype(np.float32)
    return np.where(tenths == -STRAIGHT_BACK_DEG, np.float32(STRAIGHT_BACK_DEG), tenths)


def headings_deg(
    shape_first: NDArray[np.int32], x_m: NDArray[np.float32], y_m: NDArray[np.float32]
) -> tuple[FloatArray, FloatArray]:
    """Headings at the start and at the end of each of S segments, degrees clockwise from north.

    They are those of the first and the last piece that has any length; NaN where there is none.

    Parameters
    ----------
    shape_first : int32[S + 1]
        Points of segment `s` are `shape_first[s]` to `shape_first[s + 1]` (exclusive).
    x_m, y_m : float32[P]
        Points in metres east and north, in driving order.
    """
    east = np.diff(x_m.astype(np.float64))
    north = np.diff(y_m.astype(np.float64))
    first, last = shape_first[:-1], shape_first[1:] - 1
    moves = np.flatnonzero((east != 0) | (north != 0))
    heading = np.degrees(np.arctan2(east[moves], north[moves]))
    after = np.searchsorted(moves, first)
    before = np.searchsorted(moves, last) - 1
    moving = after <= before
    leaving, arriving = np.full(len(first), np.nan), np.full(len(first), np.nan)
    leaving[moving] = heading[after[moving]]
    arriving[moving] = heading[before[moving]]
    return leaving, arriving
