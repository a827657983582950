"""Working memory that searches borrow, so that none is made for each and no two share one."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

MAX_IDLE = os.cpu_count() or 1
"""Working memories kept for the next search: as many as can run at once."""

_Memory = TypeVar("_Memory")


class WorkingMemories(Generic[_Memory]):
    """Lends each working memory to one search at a time; safe in any thread.

    Engines whose searches need the same memory may share one.

    Parameters
    ----------
    make
        Makes one when all are lent. It should hold no reference to the engine that lends them:
        engines are to go with their last user.
    """

    def __init__(self, make: Callable[[], _Memory]) -> None:
        self._make = make
        self._idle: list[_Memory] = []

    @contextmanager
    def lent(self) -> Iterator[_Memory]:
        """A memory for one search, which leaves it as it found it.

        A search that fails does not give it back: nobody knows how it was left.
        """
        try:
            memory = self._idle.pop()
        except IndexError:
            memory = self._make()
        yield memory
        if len(self._idle) < MAX_IDLE:
            self._idle.append(memory)
