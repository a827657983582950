"""Two engines on one metric, and for each question the faster of them."""

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np

from routing.bucket_search import BucketSearch
from routing.cch_search import CchSearch
from routing.engine import Arrival, Ends, Starts
from routing.hierarchy import Hierarchy
from routing.metric import Metric
from routing.network import IntArray

SPARSE_FLEET = 150
"""Rows of starts, about two for each vehicle, up to which the hierarchy is asked. Nearest 5 of
vehicles all over a synthesised London of 130,000 junctions, hierarchy and early stop, median
milliseconds of processor time on a busy machine: 9 rows 0.9 and 17, 72 rows 0.8 and 2.3, 144 rows
1.1 and 1.1, 271 rows 1.7 and 0.7."""


class ByDensity:
    """Asks the hierarchy where vehicles are few and far, the early-stopping search where many.

    Both give the same answers to the millisecond; of ways equally fast they may tell different
    ones. After a large change of weights the search that stops early answers everything until
    the hierarchy has caught up: it is ready fifty times sooner.

    Parameters
    ----------
    many
        The search that stops early.
    few
        The hierarchy, of the same metric, or of an older one that it is still to follow from.
    """

    def __init__(self, many: BucketSearch, few: CchSearch) -> None:
        self.metric = many.metric
        self._many, self._few = many, few
        self._is_complete = few.metric is many.metric

    @classmethod
    def of(cls, metric: Metric, hierarchy: Hierarchy, *, at_once: bool = True) -> Self:
        """Both engines of a metric; the hierarchy is of its network.

        `at_once` decides whether it is weighed now or when the first question for it comes.
        """
        return cls(BucketSearch(metric), CchSearch.of(metric, hierarchy, at_once=at_once))

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        is_sparse = len(starts.vehicle) <= SPARSE_FLEET
        engine = self._few if is_sparse and self._is_complete else self._many
        return engine.nearest(ends, starts, limit)

    def matrix(self, starts: Sequence[Starts], ends: Sequence[Ends]) -> Iterator[IntArray]:
        """Total milliseconds from each of several starts to each of M ends, some rows at a time."""
        engine = self._few if self._is_complete else self._many
        return engine.matrix(starts, ends)

    def repriced(self, metric: Metric, changed_turns: IntArray) -> Self:
        """Engines of another metric of the same network; these are left as they are."""
        many = self._many.repriced(metric, changed_turns)
        behind = changed_turns if self._is_complete else _changed(self._few.metric, metric)
        return type(self)(many, self._few.repriced_at_once(metric, behind) or self._few)

    def completed(self) -> Self:
        """Both engines, with the hierarchy of the same metric."""
        if self._is_complete:
            return self
        behind = _changed(self._few.metric, self.metric)
        return type(self)(self._many, self._few.repriced(self.metric, behind))

    @property
    def nbytes(self) -> int:
        """Memory both hold besides their metric and the hierarchy."""
        return self._many.nbytes + self._few.nbytes


def _changed(one: Metric, other: Metric) -> IntArray:
    """Turns that cost something else in another metric of the same network."""
    return np.flatnonzero(one.entry_ms != other.entry_ms).astype(np.int32)
