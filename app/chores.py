"""What the service does again and again besides answering."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

_log = logging.getLogger(__name__)


async def again_and_again(
    work: Callable[[], Awaitable[object]], *, every_s: float, complaint: str
) -> None:
    """
    Do something until cancelled, whatever goes wrong with it.

    Parameters
    ----------
    complaint
        What is logged with what went wrong, before it is tried again: calls are answered
        meanwhile, and other chores go on.
    """
    while True:
        try:
            await work()
        except Exception:  # noqa: BLE001 (nothing that a chore does may end the others)
            _log.exception("%s; trying again", complaint)
        await asyncio.sleep(every_s)
