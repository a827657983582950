"""The streets as one profile finds them, made ready to answer."""

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from routing.engine import Arrival, Ends, SearchEngine, Starts
from routing.metric import Metric
from routing.reach import Reach, ReachSearch
from routing.snapping import Snap


class Roads:
    """One metric and the engines that answer on it: an immutable snapshot.

    Whoever asks several questions about one call asks them of one `Roads`, so that all answers
    speak of the same streets.
    """

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine

    @property
    def metric(self) -> Metric:
        """What every segment and turn costs."""
        return self._engine.metric

    def nearest(self, target: Snap, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles that arrive first, in order of total time, then of number."""
        return self._engine.nearest(Ends.at(target), starts, limit)

    def first_of(self, start: Snap, places: Sequence[Snap]) -> tuple[int, Arrival] | None:
        """
        Which of several places is reached first, and the drive there.

        Returns
        -------
        tuple[int, Arrival] or None
            The number of the place, the lowest of those equally soon; None when there is no way to
            any.
        """
        starts, found = Starts.at([start]), None
        for numbers in _layers(places):
            rows = [
                (number, segment, fraction)
                for number in numbers
                for segment, fraction in zip(
                    places[number].segments, places[number].fractions, strict=True
                )
            ]
            number, segment, fraction = map(np.asarray, zip(*rows, strict=True))
            ends = Ends(segment, fraction, np.zeros(len(rows), dtype=np.int64))
            for one in self._engine.nearest(ends, starts, limit=1):
                reached = (one.total_ms, int(number[one.end]), one)
                found = reached if found is None else min(found, reached, key=lambda way: way[:2])
        return None if found is None else found[1:]

    def route(self, start: Snap, target: Snap) -> Arrival | None:
        """The fastest drive between two places, or None when there is none."""
        arrivals = self.nearest(target, Starts.at([start]), limit=1)
        return arrivals[0] if arrivals else None

    def reach(self, starts: Starts, limit_ms: int) -> Reach:
        """How soon each place can be reached by the first to get there, up to a limit."""
        return self._reach_search.reach(starts, limit_ms)

    @cached_property
    def _reach_search(self) -> ReachSearch:
        return ReachSearch(self.metric)


def _layers(places: Sequence[Snap]) -> Iterator[list[int]]:
    """Numbers of places in groups that share no segment: usually one."""
    left = list(range(len(places)))
    while left:
        taken: set[int] = set()
        layer = []
        for number in left:
            if taken.isdisjoint(places[number].segments):
                taken.update(places[number].segments)
                layer.append(number)
        yield layer
        left = [number for number in left if number not in layer]
