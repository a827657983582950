"""How long one question takes, over many of them."""

import gc
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np

Question = TypeVar("Question")


@dataclass(frozen=True, slots=True)
class Timing:
    """Distribution of the time per question, in milliseconds."""

    questions: int
    median_ms: float
    p99_ms: float

    @classmethod
    def of(cls, seconds: list[float]) -> Self:
        """Summarise single measurements in seconds."""
        in_ms = np.asarray(seconds) * 1000
        return cls(len(seconds), float(np.median(in_ms)), float(np.percentile(in_ms, 99)))


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table."""

    task: str
    engine: str
    timing: Timing


def measure(
    ask: Callable[[Question], object],
    questions: Iterable[Question],
    at_most_s: float = math.inf,
) -> Timing:
    """Time each question on its own, garbage collection held back as `timeit` does.

    The first question is always asked, none once `at_most_s` are used up.
    """
    seconds = []
    gc.disable()
    stop = time.perf_counter() + at_most_s
    try:
        for question in questions:
            begin = time.perf_counter()
            ask(question)
            end = time.perf_counter()
            seconds.append(end - begin)
            if end > stop:
                break
    finally:
        gc.enable()
    return Timing.of(seconds)
