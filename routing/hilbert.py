"""Numbering places along a Hilbert curve, so that near on the ground is near in memory."""

import numpy as np
from numpy.typing import NDArray

ORDER = 20
"""Bits per axis: cells of 6 cm on a network 60 km across."""


def hilbert_index(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
    """Position of each point along a Hilbert curve that fills the points' bounding square.

    The classic bit-by-bit rotation (Skilling 2004, AIP Conf. Proc. 707, 381), on whole arrays.
    """
    side = max(float(np.ptp(x)), float(np.ptp(y))) or 1.0
    cells = (1 << ORDER) - 1
    column = np.round((x - x.min()) / side * cells).astype(np.int64)
    row = np.round((y - y.min()) / side * cells).astype(np.int64)
    index = np.zeros(len(x), dtype=np.int64)
    for bit in range(ORDER - 1, -1, -1):
        half = np.int64(1) << bit
        right = (column & half) > 0
        upper = (row & half) > 0
        index += half * half * ((3 * right) ^ upper)
        flip = right & ~upper
        column = np.where(flip, (half - 1) - (column & (half - 1)), column & (half - 1))
        row = np.where(flip, (half - 1) - (row & (half - 1)), row & (half - 1))
        column, row = np.where(upper, column, row), np.where(upper, row, column)
    return index
