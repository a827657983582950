"""What was recommended before."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol


@dataclass(frozen=True, slots=True)
class Decision:
    """One recommendation as it was given.

    Attributes
    ----------
    answer
        What the caller got, JSON in UTF-8.
    """

    recommendation_id: str
    call_id: str
    decided_at: datetime
    answer: bytes


class DecisionStore(Protocol):
    """Decisions by the id of the recommendation and by the call it answered."""

    async def record(self, decision: Decision) -> None:
        """Keep a decision."""
        ...

    async def get(self, recommendation_id: str) -> Decision | None:
        """The decision, or None when it is not (or no longer) kept."""
        ...

    async def latest_for(self, call_id: str) -> Decision | None:
        """The last decision on a call, or None when none is kept."""
        ...


MOST_BYTES: Final = 200_000_000
"""Of answers kept in memory, however many: a third of what a process may take (assumption)."""


class RecentDecisions:
    """The last decisions of one process, in memory.

    Parameters
    ----------
    capacity
        Decisions kept, at most.
    most_bytes
        Of their answers; the newest is kept whatever it takes.
    """

    def __init__(self, capacity: int, *, most_bytes: int = MOST_BYTES) -> None:
        self._capacity = capacity
        self._most_bytes = most_bytes
        self._kept_bytes = 0
        self._by_id: OrderedDict[str, Decision] = OrderedDict()
        self._latest_id: dict[str, str] = {}

    async def record(self, decision: Decision) -> None:
        """Keep a decision, and forget the oldest that there is no room for."""
        self._by_id[decision.recommendation_id] = decision
        self._kept_bytes += len(decision.answer)
        self._latest_id[decision.call_id] = decision.recommendation_id
        while self._has_too_much():
            oldest_id, oldest = self._by_id.popitem(last=False)
            self._kept_bytes -= len(oldest.answer)
            if self._latest_id.get(oldest.call_id) == oldest_id:
                del self._latest_id[oldest.call_id]

    async def get(self, recommendation_id: str) -> Decision | None:
        """The decision, or None when it is no longer kept."""
        return self._by_id.get(recommendation_id)

    async def latest_for(self, call_id: str) -> Decision | None:
        """The last decision on a call, or None when none is kept."""
        recommendation_id = self._latest_id.get(call_id)
        return None if recommendation_id is None else self._by_id[recommendation_id]

    def _has_too_much(self) -> bool:
        too_large = self._kept_bytes > self._most_bytes and len(self._by_id) > 1
        return too_large or len(self._by_id) > self._capacity
