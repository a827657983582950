"""Memory that is used again must not be used twice."""

import gc
from threading import Thread
from typing import NoReturn

import numpy as np
import pytest

from routing import reused_memory

SHAPE = (1237, 3)  # no array elsewhere has this size


def address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def test_memory_serves_again_when_nobody_refers_to_it() -> None:
    array = reused_memory.empty(SHAPE, np.int32)
    here = address(array)
    del array
    again = reused_memory.empty(SHAPE, np.int32)
    assert address(again) == here
    assert address(reused_memory.empty(SHAPE, np.int32)) != here


def test_what_was_missing_is_there_the_next_time(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = (4211, 3)
    held = [reused_memory.empty(shape, np.int32) for _ in range(2)]
    reused_memory.restock()

    def no_memory(*_: object, **__: object) -> NoReturn:
        raise MemoryError

    monkeypatch.setattr(np, "empty", no_memory)
    held += [reused_memory.empty(shape, np.int32) for _ in range(2)]
    with pytest.raises(MemoryError):
        reused_memory.empty(shape, np.int32)
    assert len({address(one) for one in held}) == 4


def test_a_view_of_a_view_keeps_its_memory() -> None:
    array = reused_memory.copy_of(np.arange(1237 * 3, dtype=np.int32).reshape(SHAPE))
    array.setflags(write=False)
    view = array[1:][2:, 1].T
    expected = view.tolist()
    del array
    gc.collect()
    for _ in range(3):
        reused_memory.empty(SHAPE, np.int32)[:] = -1
    assert view.tolist() == expected


def test_threads_that_come_and_go_never_share_memory() -> None:
    faults: list[int] = []

    def work(number: int) -> None:
        for _ in range(300):
            held = [reused_memory.empty(SHAPE, np.int32) for _ in range(3)]
            for place, array in enumerate(held):
                array[:] = 10 * number + place
            faults.extend(
                place for place, array in enumerate(held) if (array != 10 * number + place).any()
            )

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
