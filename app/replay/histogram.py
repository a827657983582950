"""Exact counts by whole unit: percentiles of any number of values in bounded memory."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
LongArray = NDArray[np.int64]

LARGEST_UNIT = 7 * 86_400
"""Values above this many units (a week of seconds) are counted together in the last bin."""

THOUSANDTHS = 1000


@dataclass(frozen=True, slots=True)
class Distribution:
    """What is worth saying of many values; None where there are none.

    Attributes
    ----------
    mean
        Exact to a thousandth of a unit.
    median, p90
        Smallest whole unit that at least half, or nine in ten, of the values do not exceed, or
        `largest` where that is less. So `p90` keeps within a whole limit exactly when nine in ten
        values do.
    """

    n: int
    mean: float | None
    median: float | None
    p90: float | None
    largest: float | None


class Histogram:
    """Counts of values that are not negative, each rounded up to a whole unit.

    Sums are kept in whole thousandths, so the result does not depend on the order in which values
    are added, nor in how many portions.
    """

    def __init__(self) -> None:
        self._counts: LongArray = np.zeros(0, dtype=np.int64)
        self._sum_thousandths = 0
        self._largest_thousandths = 0

    def add(self, values: FloatArray) -> None:
        """Count more values; those that are not a number are left out."""
        thousandths = in_thousandths(values[np.isfinite(values)])
        if len(thousandths) == 0:
            return
        bins = np.minimum(-(-thousandths // THOUSANDTHS), LARGEST_UNIT)
        counts = np.bincount(bins, minlength=len(self._counts)).astype(np.int64)
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        self._sum_thousandths += int(thousandths.sum())
        self._largest_thousandths = max(self._largest_thousandths, int(thousandths.max()))

    @property
    def n(self) -> int:
        """How many values were counted."""
        return int(self._counts.sum())

    def distribution(self) -> Distribution:
        """Summarise what was counted."""
        if self.n == 0:
            return Distribution(0, None, None, None, None)
        largest = self._largest_thousandths / THOUSANDTHS
        return Distribution(
            n=self.n,
            mean=round(self._sum_thousandths / self.n) / THOUSANDTHS,
            median=min(self.quantile(1, 2), largest),
            p90=min(self.quantile(9, 10), largest),
            largest=largest,
        )

    def quantile(self, part: int, of: int) -> int:
        """Smallest whole unit that at least `part` in `of` values do not exceed."""
        cumulated = np.cumsum(self._counts)
        wanted = -(-self.n * part // of)
        return int(np.searchsorted(cumulated, max(wanted, 1)))

    def binned(self, width: int) -> tuple[int, ...]:
        """Counts by intervals of `width` units: above 0 up to `width`, and so on.

        Values of exactly 0 count in the first.
        """
        bins = np.maximum(np.arange(len(self._counts)) - 1, 0) // width
        return tuple(int(n) for n in np.bincount(bins, weights=self._counts))


def in_thousandths(values: FloatArray) -> LongArray:
    """Values in whole thousandths of their unit, as they were before they became seconds."""
    return np.rint(values * THOUSANDTHS).astype(np.int64)
