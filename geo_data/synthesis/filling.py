"""Which quarters are built up, how densely, and with what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_data.synthesis.density import DensityModel
from geo_data.synthesis.fabric import FilledQuarter, IntArray
from geo_data.synthesis.infill import Spacing, fill, outline_of
from geo_data.synthesis.plane import FloatArray
from geo_data.synthesis.quarters import BARRIER, Quarters
from geo_data.synthesis.rules import (
    BORDER_RULES,
    CROSS_SPACING_M,
    DENSITY_NOISE,
    GREEN_SHARE,
    ROW_SPACING_M,
    SETTLED_SCORE,
    main_road_rule,
)
from geo_data.synthesis.skeleton import Skeleton
from geo_data.synthesis.streams import Purpose, random_numbers
from routing.progress import Progress

COUNTING_RESERVE = 1.15
"""Quarters are filled for this many times the junctions wanted, since some merge."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered: how many junctions, from which seed, and how far apart everything is.

    Attributes
    ----------
    scale
        By how much spacings are larger (or, below 1, smaller) than usual.
    """

    junctions: int
    seed: int
    scale: float = 1.0


def fill_quarters(
    skeleton: Skeleton, quarters: Quarters, density: DensityModel, order: Order, progress: Progress
) -> tuple[list[FilledQuarter], bool]:
    """Fill quarters, the densest first, until there are junctions enough or no quarter is left.

    Returns
    -------
    filled
        The filled quarters, in order.
    enough
        Whether they hold as many junctions as ordered.
    """
    middles = shapely.get_coordinates(shapely.centroid(quarters.polygons))
    dense = density.at(middles)
    spacings = _spacings(dense, order.scale)
    joined = _joined(skeleton)
    needed = COUNTING_RESERVE * order.junctions - len(skeleton.nodes)
    filled: list[FilledQuarter] = []
    made = 0.0
    for number in _ranking(dense, density.is_settled(middles), order.seed).tolist():
        if made >= needed:
            return filled, True
        outline, turn = outline_of(quarters.polygons[number], quarters.border_of)
        rng = random_numbers(order.seed, Purpose.INFILL, number)
        infill = fill(outline, spacings[number], joined, rng).turned(turn)
        bounding = np.unique(outline.source) - len(skeleton.roads)
        filled.append(FilledQuarter(infill, bounding[bounding >= 0]))
        made += _weight(filled[-1])
        if len(filled) % 100 == 0:
            progress("laying streets", int(min(made, needed)), int(needed))
    return filled, made >= needed


def tighter_scale(
    scale: float, filled: Sequence[FilledQuarter], skeleton: Skeleton, junctions: int
) -> float:
    """Return how close together everything must be for all quarters to suffice."""
    count = len(skeleton.nodes) + sum(_weight(quarter) for quarter in filled)
    return 0.97 * scale * float(np.sqrt(count / (junctions * COUNTING_RESERVE)))


def _weight(quarter: FilledQuarter) -> float:
    """About how many junctions a quarter adds: joins merge with those across the border."""
    return len(quarter.infill.places) + len(quarter.infill.joins) / 2


def _ranking(dense: FloatArray, settled: NDArray[np.bool_], seed: int) -> IntArray:
    """Quarters by density, with some noise, and with the green ones last."""
    rng = random_numbers(seed, Purpose.RANKING)
    score = dense + rng.normal(0.0, DENSITY_NOISE, len(dense))
    score[rng.random(len(dense)) < GREEN_SHARE] = -np.inf
    score[settled] = np.maximum(score[settled], SETTLED_SCORE)
    return np.argsort(-score, kind="stable")


def _spacings(density: FloatArray, scale: float) -> list[Spacing]:
    row_m, cross_m = (
        scale * np.interp(density, (0.0, 1.0), spacing[::-1])
        for spacing in (ROW_SPACING_M, CROSS_SPACING_M)
    )
    return [Spacing(*pair) for pair in zip(row_m.tolist(), cross_m.tolist(), strict=True)]


def _joined(skeleton: Skeleton) -> Callable[[int], float]:
    shares = [main_road_rule(street.tags).joined for street in skeleton.streets.streets]
    collector = BORDER_RULES["collector"].joined

    def joined(source: int) -> float:
        if source == BARRIER:
            return BORDER_RULES["barrier"].joined
        return shares[source] if source < len(shares) else collector

    return joined
