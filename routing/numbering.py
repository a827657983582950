"""Numbers of segments, turns and shape points: 32 bits each."""

import numpy as np
from numpy.typing import NDArray

from routing.errors import NetworkError
from routing.network import IntArray

MAX_NUMBERED = 2**31 - 2
"""Segments, turns and shape points are numbered in 32 bits."""


def offsets(counts: NDArray[np.int64], what: str) -> IntArray:
    """Where each of several runs begins, and where the last one ends.

    Raises
    ------
    NetworkError
        When there are more than can be numbered.
    """
    ends = np.concatenate([[0], np.cumsum(counts)])
    if ends[-1] > MAX_NUMBERED:
        msg = f"{ends[-1]} {what}; at most {MAX_NUMBERED} are possible"
        raise NetworkError(msg)
    return ends.astype(np.int32)
