"""The streets as one profile finds them, made ready to answer."""

from routing.engine import Arrival, Ends, SearchEngine, Starts
from routing.metric import Metric
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

    def route(self, start: Snap, target: Snap) -> Arrival | None:
        """The fastest drive between two places, or None when there is none."""
        arrivals = self.nearest(target, Starts.at([start]), limit=1)
        return arrivals[0] if arrivals else None
