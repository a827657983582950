"""Getting independent tasks done: here, in processes beside this one, or on a Dask cluster.

A task is a payload for a function that a `Setup` makes. Each process makes it once, from what lies
on disk, so tasks carry nothing that all of them need. Whoever does a task, and however often a
process dies over it, its result is the same; results come in any order.
"""

import gc
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, partial
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from distributed import Client, KilledWorker, LocalCluster, as_completed, get_worker

from app.replay.errors import ReplayError

Payload = TypeVar("Payload")
Result = TypeVar("Result")

TASKS_PER_WORKER = 2
"""Sent to a worker at once: one to do, and the next, so that it need not wait."""

CONNECT_WITHIN_S = 30

TOLD = "nearest-crew-progress"
"""Topic under which workers of a cluster tell how far they are."""

QUIET = 50
"""Level of logging above all levels: what matters of a worker's end comes as an error here."""


Heard = Callable[[int, int, int], None]
"""Called with the number of a task, units of it done, and units in all."""


def heard_by_nobody(number: int, done: int, total: int) -> None:
    """Let tasks tell how far they are to nobody."""


_TELL: ContextVar[Callable[[int, int], None]] = ContextVar("_TELL")


def tell(done: int, total: int) -> None:
    """Say, in a task, how far it is."""
    _TELL.get()(done, total)


class Setup(ABC, Generic[Payload, Result]):
    """What a process needs for its tasks: small, hashable, and able to be sent to it."""

    @abstractmethod
    def load(self) -> Callable[[Payload], Result]:
        """Make what does the tasks."""


class Workers(Protocol):
    """Whoever does tasks."""

    def results(
        self,
        setup: Setup[Payload, Result],
        tasks: Iterable[tuple[int, Payload]],
        *,
        heard: Heard = heard_by_nobody,
    ) -> Iterator[tuple[int, Result]]:
        """Do numbered tasks; their results with their numbers, in any order.

        `tasks` is read no faster than they are done. `heard` may be called from another thread.
        """
        ...


class ThisProcess:
    """Does one task after the other."""

    def results(
        self,
        setup: Setup[Payload, Result],
        tasks: Iterable[tuple[int, Payload]],
        *,
        heard: Heard = heard_by_nobody,
    ) -> Iterator[tuple[int, Result]]:
        """Do numbered tasks in their order."""
        for number, payload in tasks:
            yield number, _do(setup, payload, partial(heard, number))


class DaskWorkers:
    """Has tasks done on a Dask cluster; a worker that dies is replaced, its tasks done again."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def results(
        self,
        setup: Setup[Payload, Result],
        tasks: Iterable[tuple[int, Payload]],
        *,
        heard: Heard = heard_by_nobody,
    ) -> Iterator[tuple[int, Result]]:
        """
        Do numbered tasks, several at a time.

        Raises
        ------
        ReplayError
            One task has ended several workers.
        """
        self._client.subscribe_topic(TOLD, lambda event: heard(*event[1]))
        waiting = iter(tasks)
        numbers: dict[Any, int] = {}
        done = as_completed()
        for number, payload in islice(waiting, self._at_once()):
            self._send(setup, number, payload, numbers, done)
        for future in done:
            try:
                result = future.result()
            except KilledWorker as error:
                msg = f"several workers ended over one part: {error}"
                raise ReplayError(msg) from error
            yield numbers.pop(future), result
            for number, payload in islice(waiting, max(0, self._at_once() - len(numbers))):
                self._send(setup, number, payload, numbers, done)

    def _send(
        self,
        setup: Setup[Any, Any],
        number: int,
        payload: Any,
        numbers: dict[Any, int],
        done: Any,
    ) -> None:
        future = self._client.submit(_do_on_worker, setup, number, payload, pure=False)
        numbers[future] = number
        done.add(future)

    def _at_once(self) -> int:
        threads: int = sum(self._client.nthreads().values())
        return TASKS_PER_WORKER * max(1, threads)


@contextmanager
def local_workers(count: int) -> Iterator[Workers]:
    """So many processes on this machine; for one, none but this."""
    if count == 1:
        yield ThisProcess()
        return
    with (
        LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",
            memory_limit=0,
            silence_logs=QUIET,
        ) as cluster,
        Client(cluster) as client,
    ):
        yield DaskWorkers(client)


@contextmanager
def workers_at(scheduler: str) -> Iterator[Workers]:
    """The workers of a Dask scheduler, which see the same files under the same paths.

    Raises
    ------
    ReplayError
        No scheduler answers there, or it has no workers.
    """
    try:
        client = Client(scheduler, timeout=CONNECT_WITHIN_S)
    except (OSError, ValueError) as error:
        msg = f"no Dask scheduler answers at {scheduler} ({error})"
        raise ReplayError(msg) from error
    with client:
        if not client.nthreads():
            msg = f"the Dask scheduler at {scheduler} has no workers; start some with 'dask worker'"
            raise ReplayError(msg)
        yield DaskWorkers(client)


def _do(
    setup: Setup[Payload, Result], payload: Payload, telling: Callable[[int, int], None]
) -> Result:
    do: Callable[[Payload], Result] = _loaded(setup)
    _TELL.set(telling)
    with _no_search_for_circles():
        return do(payload)


@contextmanager
def _no_search_for_circles() -> Iterator[None]:
    """Hold back Python's search for objects that hold each other.

    It would look through all calls and crews of a simulation again and again, an eighth of the
    time, and there are none: five weeks take no more memory without it (measured).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _do_on_worker(setup: Setup[Payload, Result], number: int, payload: Payload) -> Result:
    worker = get_worker()
    return _do(setup, payload, lambda done, total: worker.log_event(TOLD, (number, done, total)))


@lru_cache(maxsize=1)
def _loaded(setup: Setup[Any, Any]) -> Callable[[Any], Any]:
    return setup.load()
