"""Work beside the event loop, in lanes that do not wait for one another."""

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

_Result = TypeVar("_Result")


class Lane:
    """Does work in threads, so much at a time; what comes meanwhile takes its turn.

    Parameters
    ----------
    at_once
        Pieces of work done side by side.
    """

    def __init__(self, at_once: int) -> None:
        self._limiter = CapacityLimiter(at_once)

    async def run(self, work: Callable[[], _Result]) -> _Result:
        """Do something beside the event loop."""
        return await to_thread.run_sync(work, limiter=self._limiter)
