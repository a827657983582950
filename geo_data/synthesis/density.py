"""How built-up London is from place to place: a model, from our own tables alone.

Half of it falls with distance from Charing Cross, half counts main junctions, ambulance
stations and hospitals nearby (there are more of all where more people live).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from geo_data.synthesis.plane import FloatArray
from geo_data.synthesis.rules import DENSITY_BANDWIDTH_M, DENSITY_DECAY_M, SETTLED_WITHIN_M

CROWDED_PERCENTILE = 90.0
"""A place that beats this share of all main junctions counts as fully crowded."""

REACH_BANDWIDTHS = 4.0
"""Attractors farther away than this many bandwidths count for nothing."""


@dataclass(frozen=True, eq=False)
class DensityModel:
    """Density between 0 (open country) and 1 (the centre).

    Attributes
    ----------
    centre_xy_m : float64[2]
        Charing Cross.
    attractors_xy_m : float64[A, 2]
        Main junctions, ambulance stations and hospitals.
    settled_xy_m : float64[B, 2]
        Stations and hospitals: they never stand in open country.
    """

    centre_xy_m: FloatArray
    attractors_xy_m: FloatArray
    settled_xy_m: FloatArray

    def at(self, xy_m: FloatArray) -> FloatArray:
        """Density at places given as `(N, 2)` metres."""
        crowded = np.percentile(self._pull(self.attractors_xy_m), CROWDED_PERCENTILE)
        nearby = np.minimum(self._pull(xy_m) / crowded, 1.0)
        distance_m = np.hypot(*(xy_m - self.centre_xy_m).T)
        return np.asarray((nearby + np.exp(-distance_m / DENSITY_DECAY_M)) / 2)

    def is_settled(self, xy_m: FloatArray) -> NDArray[np.bool_]:
        """Whether a station or hospital is so near that there must be a town."""
        distance_m, _ = KDTree(self.settled_xy_m).query(xy_m)
        return np.asarray(distance_m < SETTLED_WITHIN_M)

    def _pull(self, xy_m: FloatArray) -> FloatArray:
        near = KDTree(xy_m).sparse_distance_matrix(
            KDTree(self.attractors_xy_m),
            REACH_BANDWIDTHS * DENSITY_BANDWIDTH_M,
            output_type="coo_matrix",
        )
        pull = np.exp(-((near.data / DENSITY_BANDWIDTH_M) ** 2) / 2)
        return np.asarray(np.bincount(near.row, pull, minlength=len(xy_m)), dtype=np.float64)
