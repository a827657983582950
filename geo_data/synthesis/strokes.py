"""Collector roads that run on into one another, so that a road keeps its class along its way."""

from itertools import combinations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo_data.synthesis.fabric import Fabric, IntArray
from geo_data.synthesis.infill import Part
from geo_data.synthesis.plane import FloatArray

SHARPEST_BEND_RAD = np.pi / 3
"""Two collectors that meet at a sharper bend than 60 degrees are two roads."""


def strokes(fabric: Fabric) -> tuple[IntArray, FloatArray]:
    """Join collectors into roads that run on as straight as they can.

    Returns
    -------
    stroke : int64[S]
        Which road each made-up street is of; those that are not collectors are alone.
    length_m : float64[...]
        How long each road is; 0 for what is no collector.
    """
    made_up = np.flatnonzero(fabric.road < 0)
    stretches = made_up[fabric.part[fabric.street[made_up]] == Part.COLLECTOR]
    pairs = np.asarray(_straightest_pairs(fabric, stretches), dtype=np.int64).reshape(-1, 2)
    size = len(fabric.part)
    joined = csr_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, stroke = connected_components(joined, directed=False)
    run = fabric.xy_m[fabric.end[stretches]] - fabric.xy_m[fabric.start[stretches]]
    along = stroke[fabric.street[stretches]]
    length_m = np.bincount(along, np.hypot(run[:, 0], run[:, 1]), minlength=int(stroke.max()) + 1)
    return np.asarray(stroke, dtype=np.int64), np.asarray(length_m, dtype=np.float64)


def _straightest_pairs(fabric: Fabric, stretches: IntArray) -> list[tuple[int, int]]:
    """Pairs of collectors that run on into one another, each end in one pair at most."""
    pairs: list[tuple[int, int]] = []
    for arms in _arms_by_junction(fabric, stretches).values():
        bends = sorted(
            (abs(np.pi - abs(angle_1 - angle_2)), street_1, street_2)
            for (street_1, angle_1), (street_2, angle_2) in combinations(arms, 2)
            if street_1 != street_2
        )
        taken: set[int] = set()
        for bend, street_1, street_2 in bends:
            if bend <= SHARPEST_BEND_RAD and not taken & {street_1, street_2}:
                taken |= {street_1, street_2}
                pairs.append((street_1, street_2))
    return pairs


def _arms_by_junction(fabric: Fabric, stretches: IntArray) -> dict[int, list[tuple[int, float]]]:
    """By junction, the collectors that leave it and in which direction, in radians."""
    start, end = fabric.start[stretches], fabric.end[stretches]
    run = fabric.xy_m[end] - fabric.xy_m[start]
    ahead, back = np.arctan2(run[:, 1], run[:, 0]), np.arctan2(-run[:, 1], -run[:, 0])
    street = fabric.street[stretches].tolist()
    arms: dict[int, list[tuple[int, float]]] = {}
    for junctions, angles in ((start, ahead), (end, back)):
        for number, junction, angle in zip(
            street, junctions.tolist(), angles.tolist(), strict=True
        ):
            arms.setdefault(junction, []).append((number, angle))
    return arms
