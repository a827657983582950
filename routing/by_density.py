"""Two engines on one metric, and for each question the faster of them."""

from collections.abc import Iterator, Sequence
from typing import Self

from routing.bucket_search import BucketSearch
from routing.cch_search import CchSearch
from routing.engine import Arrival, Ends, Starts
from routing.hierarchy import Hierarchy
from routing.metric import Metric
from routing.network import IntArray

SPARSE_FLEET = 150
"""Rows of starts, about two for each vehicle, up to which the hierarchy answers sooner than a
search that stops early: measured on a synthesised London of 130,000 junctions, nearest 5 of
vehicles all over it (`benchmarks`)."""


class ByDensity:
    """Asks the hierarchy where vehicles are few and far, the early-stopping search where many.

    Both give the same answers to the millisecond; of ways equally fast they may tell different
    ones.
    """

    def __init__(self, many: BucketSearch, few: CchSearch) -> None:
        self.metric = many.metric
        self._many, self._few = many, few

    @classmethod
    def of(cls, metric: Metric, hierarchy: Hierarchy) -> Self:
        """Both engines of a metric; the hierarchy is of its network."""
        return cls(BucketSearch(metric), CchSearch.of(metric, hierarchy))

    def nearest(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles with the smallest total, in order; unreachable ones are left out."""
        engine = self._few if len(starts.vehicle) <= SPARSE_FLEET else self._many
        return engine.nearest(ends, starts, limit)

    def matrix(self, starts: Sequence[Starts], ends: Sequence[Ends]) -> Iterator[IntArray]:
        """Total milliseconds from each of several starts to each of M ends, some rows at a time."""
        return self._few.matrix(starts, ends)

    def repriced(self, metric: Metric, changed_turns: IntArray) -> Self:
        """Both engines of another metric of the same network; these are left as they are."""
        return type(self)(
            self._many.repriced(metric, changed_turns), self._few.repriced(metric, changed_turns)
        )

    @property
    def nbytes(self) -> int:
        """Memory both hold besides their metric and the hierarchy."""
        return self._many.nbytes + self._few.nbytes
