"""Random numbers: one stream for each purpose, so that no draw disturbs another."""

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """What random numbers are for."""

    QUARTERS = 1
    RANKING = 2
    BENDS = 3
    LOOK = 4
    SIGNALS = 5
    INFILL = 6


def random_numbers(seed: int, purpose: Purpose, *which: int) -> np.random.Generator:
    """Return the stream of a seed for one purpose and, for some, one item."""
    return np.random.default_rng([seed, purpose, *which])
