"""Memory of large arrays that come and go with every closure, used again instead of given back.

The first touch of a page that the system hands out costs more than copying what goes into it, on
virtual machines far more: the 16 MB of one hierarchy's weights take 0.7 ms to copy into pages in
use, and were seen to take 5 to 90 into new ones.
"""

import math
import weakref
from collections import Counter, defaultdict
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

KEPT: Final = 8
"""Pieces of one size that are kept for the next to ask: so many metrics can change together
without new memory (assumption: two profiles at this hour, at the next and on average, and some)."""

_idle: Final[defaultdict[int, list[NDArray[np.uint8]]]] = defaultdict(list)
_missing: Final[Counter[int]] = Counter()
"""Memory by its bytes: what waits to be used again, and how often there was none."""


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array of whatever was there before, as `numpy.empty`; safe in any thread.

    Its memory serves again when neither it nor any view of it is left.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    idle = _idle[size]
    try:
        memory = idle.pop()
    except IndexError:
        memory = np.empty(size, dtype=np.uint8)
        _missing[size] += 1
    whole = np.frombuffer(memory.data, dtype=dtype)  # views of views refer to this one
    weakref.finalize(whole, _take_back, memory).atexit = False
    return whole.reshape(shape)


def copy_of(array: NDArray[Any]) -> NDArray[Any]:
    """A copy that may be written to."""
    copy = empty(array.shape, array.dtype)
    np.copyto(copy, array)
    return copy


def restock() -> None:
    """Have as many more pieces ready as were missing since: what was asked for is asked for again.

    For whoever has time now and none when they are needed.
    """
    for size in list(_missing):
        for _ in range(min(_missing.pop(size, 0), KEPT - len(_idle[size]))):
            _idle[size].append(np.full(size, 0, dtype=np.uint8))


def _take_back(memory: NDArray[np.uint8]) -> None:
    idle = _idle[len(memory)]
    if len(idle) < KEPT:
        idle.append(memory)
