"""The roads that are kept ready to answer, under the closures of the moment.

Whoever asks reads one snapshot and waits for nothing: when closures change, start or end, a thread
works out new snapshots beside the old ones and puts them all in their place at once.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count

from routing import reused_memory
from routing.closure_places import PlacedClosure
from routing.closures import Closure
from routing.errors import ClosureError, UnknownClosureError
from routing.overlay import Overlay
from routing.roads import NO_CLOSURES, Roads

Key = tuple[str, int | None]
"""A profile, and a slot of hours of the week."""

MAX_CLOSURES = 20_000
"""Closures held at once (assumption: London has some thousand street works on a day)."""

MAX_ROADS = 40
MAX_BYTES = 400_000_000
"""Snapshots kept at once: more are made when asked for, in place of those longest unasked, and so
do some go when closures double what each takes. One of 130,000 junctions takes 27 MB, and as much
again under closures; working memories come on top."""

MIN_ROADS = 2
"""Snapshots kept whatever they take: calls on blue lights and calls without are asked in turns, and
must not make each other's roads anew every time."""

LOOK_AGAIN_S = 60.0
"""The longest sleep of the thread that waits for closures to start and to end: a clock that is set
meanwhile is noticed after it."""

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


class LiveRoads:
    """Keeps `Roads` by profile and slot of hours, and closures by their id; safe in any thread.

    Parameters
    ----------
    make
        The roads of a profile and a slot without closures.
    clock
        Tells the time; whoever sets it calls `refresh` afterwards.
    """

    def __init__(
        self,
        make: Callable[[str, int | None], Roads],
        *,
        clock: Callable[[], datetime] = utc_now,
        max_roads: int = MAX_ROADS,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._make, self._clock = make, clock
        self._max_roads, self._max_bytes = max_roads, max_bytes
        self._roads: Mapping[Key, Roads] = {}
        self._last_asked: dict[Key, int] = {}
        self._tick = count()
        self._overlay = NO_CLOSURES
        self._in_force: frozenset[str] = frozenset()
        self._closures: Mapping[str, PlacedClosure] = {}
        self._making, self._renewing = threading.Lock(), threading.Lock()
        self._changed = threading.Condition()
        self._wanted = self._tried = self._live = 0
        self._failure: Exception | None = None
        self._thread: threading.Thread | None = None

    def roads(self, profile: str, slot: int | None = None) -> Roads:
        """The latest snapshot; made now when there is none yet."""
        key = (profile, slot)
        roads = self._roads.get(key)
        if roads is None:
            roads = self._made(key)
        self._last_asked[key] = next(self._tick)
        return roads

    @property
    def closures(self) -> Mapping[str, PlacedClosure]:
        """Closures by id: those in force and those yet to start."""
        return self._closures

    @property
    def in_force(self) -> frozenset[str]:
        """Ids of the closures under which answers are given now."""
        return self._in_force

    def check(self, closure: Closure) -> None:
        """Raise `ClosureError` when a closure is over already."""
        if closure.ends_at is not None and closure.is_over(self._clock()):
            message = f"{closure.closure_id} was over at {closure.ends_at:%Y-%m-%d %H:%M:%S %Z}"
            raise ClosureError(
                field="ends_at",
                value=closure.ends_at,
                message=message,
                accepted="a time that is still to come",
            )

    def put(self, closures: Sequence[PlacedClosure]) -> int:
        """
        Add closures, each in place of any with its id, or none of them.

        Returns
        -------
        int
            What to give to `wait` until they are live.

        Raises
        ------
        ClosureError
            One is over already, or there would be too many.
        """
        for one in closures:
            self.check(one.closure)
        with self._changed:
            after = {**self._closures, **{one.closure.closure_id: one for one in closures}}
            if len(after) > MAX_CLOSURES:
                raise ClosureError(
                    field="closure_id",
                    value=closures[-1].closure.closure_id,
                    message=f"{len(after):,} closures at once",
                    accepted=f"at most {MAX_CLOSURES:,}; take away those that are not needed",
                )
            return self._change_to(after)

    def remove(self, closure_ids: Collection[str]) -> int:
        """
        Take closures away, all of them or none.

        Returns
        -------
        int
            What to give to `wait` until their streets are open.

        Raises
        ------
        UnknownClosureError
            There is none of some id.
        """
        with self._changed:
            unknown = [one for one in closure_ids if one not in self._closures]
            if unknown:
                msg = f"there is no closure {', '.join(map(repr, unknown))}"
                raise UnknownClosureError(msg)
            gone = set(closure_ids)
            return self._change_to({k: v for k, v in self._closures.items() if k not in gone})

    def wait(self, version: int) -> None:
        """Return when a change is in every answer; raises what went wrong if it never will be."""
        with self._changed:
            self._changed.wait_for(lambda: self._live >= version or self._failure is not None)
            if self._live < version and self._failure is not None:
                raise self._failure

    def refresh(self) -> None:
        """Bring all roads up to the closures and the time of now, and return when they are."""
        self._renew()
        self._complete()

    def _renew(self) -> None:
        with self._renewing:
            with self._changed:
                version, now = self._wanted, self._clock()
                self._tried = version
                self._closures = {
                    closure_id: one
                    for closure_id, one in self._closures.items()
                    if not one.closure.is_over(now)
                }
                in_force = tuple(
                    one for one in self._closures.values() if one.closure.is_in_force(now)
                )
            if in_force != self._overlay.closures:
                overlay, before = Overlay.of(in_force), self._roads
                self._roads = self._kept(before, lambda key: before[key].under(overlay))
                self._overlay = overlay
                self._in_force = frozenset(one.closure.closure_id for one in in_force)
            with self._changed:
                self._live, self._failure = version, None
                self._changed.notify_all()

    def _complete(self) -> None:
        """Let engines catch up on what was put off, until closures change again.

        Then have memory ready for the next change.
        """
        for key in list(self._roads):
            with self._renewing:
                roads = self._roads.get(key)
                if roads is None or self._wanted > self._live:
                    continue
                completed = roads.completed()
                if completed is not roads:
                    self._roads = {**self._roads, key: completed}
        reused_memory.restock()

    def _change_to(self, closures: Mapping[str, PlacedClosure]) -> int:
        """Tell the thread of other closures, starting it when it is not there."""
        self._closures = closures
        self._wanted, self._failure = self._wanted + 1, None
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_fresh, name="closures", daemon=True)
            self._thread.start()
        self._changed.notify_all()
        return self._wanted

    def _keep_fresh(self) -> None:
        """Refresh whenever closures change, start or end, until there are none."""
        while True:
            try:
                self.refresh()
            except Exception as error:  # noqa: BLE001 - answers go on, and who waits is told
                _log.exception("Closures could not be brought into force; the ones before stay")
                with self._changed:
                    self._failure = error
                    self._changed.notify_all()
            with self._changed:
                if self._live == self._wanted and not self._closures:
                    self._thread = None
                    return
                self._changed.wait_for(lambda: self._wanted > self._tried, self._until_next_s())

    def _until_next_s(self) -> float:
        """Seconds until a closure starts or ends."""
        now = self._clock()
        moments = (
            moment
            for one in self._closures.values()
            for moment in (one.closure.starts_at, one.closure.ends_at)
            if moment is not None and moment > now
        )
        return min([LOOK_AGAIN_S, *((one - now).total_seconds() for one in moments)])

    def _made(self, key: Key) -> Roads:
        with self._making:
            known = self._roads.get(key)
            if known is not None:
                return known
            open_roads = self._make(*key)
            with self._renewing:
                self._last_asked[key] = next(self._tick)
                roads = {**self._roads, key: open_roads.under(self._overlay).completed()}
                self._roads = self._kept(roads, roads.__getitem__)
                return roads[key]

    def _kept(self, keys: Collection[Key], roads: Callable[[Key], Roads]) -> Mapping[Key, Roads]:
        """The roads of as many keys as there is room for, those asked last; `MIN_ROADS` or more."""
        latest_first = sorted(keys, key=lambda key: self._last_asked[key], reverse=True)
        kept: dict[Key, Roads] = {}
        held_bytes = 0
        for key in latest_first[: self._max_roads]:
            one = roads(key)
            held_bytes += one.nbytes
            if len(kept) >= MIN_ROADS and held_bytes > self._max_bytes:
                break
            kept[key] = one
        return kept
