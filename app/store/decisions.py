"""What was recommended before."""

from collections import OrderedDict
from typing import Protocol

from app.dispatch.recommendation import Recommendation


class DecisionStore(Protocol):
    """Recommendations by their id and by the call they answered."""

    async def record(self, recommendation: Recommendation) -> None:
        """Keep a recommendation."""
        ...

    async def get(self, recommendation_id: str) -> Recommendation | None:
        """The recommendation, or None when it is not (or no longer) kept."""
        ...

    async def latest_for(self, call_id: str) -> Recommendation | None:
        """The last recommendation for a call, or None when none is kept."""
        ...


class RecentDecisions:
    """The last recommendations of one process, in memory."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._by_id: OrderedDict[str, Recommendation] = OrderedDict()
        self._latest_id: dict[str, str] = {}

    async def record(self, recommendation: Recommendation) -> None:
        """Keep a recommendation, and forget the oldest beyond the capacity."""
        self._by_id[recommendation.recommendation_id] = recommendation
        self._latest_id[recommendation.call.call_id] = recommendation.recommendation_id
        while len(self._by_id) > self._capacity:
            oldest_id, oldest = self._by_id.popitem(last=False)
            if self._latest_id.get(oldest.call.call_id) == oldest_id:
                del self._latest_id[oldest.call.call_id]

    async def get(self, recommendation_id: str) -> Recommendation | None:
        """The recommendation, or None when it is no longer kept."""
        return self._by_id.get(recommendation_id)

    async def latest_for(self, call_id: str) -> Recommendation | None:
        """The last recommendation for a call, or None when none is kept."""
        recommendation_id = self._latest_id.get(call_id)
        return None if recommendation_id is None else self._by_id[recommendation_id]
