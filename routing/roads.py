"""The streets as one profile finds them, made ready to answer."""

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from routing.alternatives import MAX_ALTERNATIVES, AlternativeSearch
from routing.by_density import SPARSE_FLEET
from routing.closure_places import PlacedClosure
from routing.closures import Closure, Shut, Slowed, TheseSegments
from routing.engine import UNREACHED, Arrival, Ends, SearchEngine, Starts
from routing.isochrones import isochrones
from routing.matrix import drives_to
from routing.metric import BLOCKED, Metric
from routing.network import FloatArray, IntArray
from routing.overlay import Overlay, turns_near
from routing.pricing import Price, price
from routing.reach import Reach, ReachSearch
from routing.snapping import Snap
from routing.spreading import Ways
from routing.steps import Step, steps_of
from routing.stretches import Stretches

NO_CLOSURES = Overlay.of(())


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What closures do to one vehicle's drive.

    Attributes
    ----------
    closures
        Those on the way it would take without any, and on the way it takes.
    delay_ms
        By how much they make it later; None when they cut it off.
    """

    closures: tuple[PlacedClosure, ...]
    delay_ms: int | None


class Roads:
    """One metric and the engine that answers on it: an immutable snapshot.

    Whoever asks several questions about one call asks them of one `Roads`, so that all answers
    speak of the same streets.
    """

    def __init__(self, stretches: Stretches, engine: SearchEngine) -> None:
        self._stretches = stretches
        self._engine = engine
        self._closures = NO_CLOSURES
        self._usual: Roads | None = None  # not itself: that would outlive its last user

    @classmethod
    def of(cls, metric: Metric, engine: Callable[[Metric], SearchEngine]) -> "Roads":
        """The streets of a metric without closures, and the engine made for what one may pass."""
        stretches = Stretches.of(metric)
        return cls(stretches, engine(stretches.passable))

    @property
    def closures(self) -> tuple[PlacedClosure, ...]:
        """Those in force on these streets."""
        return self._closures.closures

    def under(self, closures: Overlay) -> "Roads":
        """The same streets under these closures instead; both are good to ask."""
        usual = self.undisturbed
        if not closures.closures:
            return usual
        differing, origin = closures.differs_on(self._closures), self
        if len(differing) > len(closures.segment):
            differing, origin = closures.segment, usual
        engine = origin._engine  # noqa: SLF001 - of the same class
        stretches = origin._stretches.under(usual.metric, closures, differing)  # noqa: SLF001
        turns = turns_near(usual.metric.network, differing)
        entry_ms = stretches.passable.entry_ms[turns]
        changed = turns[entry_ms != engine.metric.entry_ms[turns]]
        roads = Roads(stretches, engine.repriced(stretches.passable, changed))
        roads._usual = usual
        roads._closures = closures
        return roads

    def completed(self) -> "Roads":
        """The same streets with all engines ready, if some were put off to be ready sooner."""
        engine = self._engine.completed()
        if engine is self._engine:
            return self
        roads = copy(self)
        roads._engine = engine  # noqa: SLF001 - of the same class
        return roads

    def warm_up(self, here: Snap, there: Snap) -> None:
        """Compile what a first question of any kind, and a closure, would wait for."""
        for fleet in (1, SPARSE_FLEET + 1):
            self._engine.nearest(
                Ends.at(here, self.metric.network), Starts.at([here] * fleet), limit=1
            )
        self._engine.repriced(self._engine.metric, np.zeros(0, dtype=np.int32))
        closed = self.under(Overlay.of(_around(here)))
        closed.disturbances(here, Starts.at([here]), closed.nearest(here, Starts.at([here]), 1))
        drive = self.route(here, there)
        if drive is not None:
            self.alternatives(drive, here, there)
            self.steps(drive)
        next(self.matrix([here], [there]))
        isochrones(self.reach(Starts.at([here]), limit_ms=0), [0])

    @property
    def undisturbed(self) -> "Roads":
        """The same streets without any closure."""
        return self._usual or self

    @property
    def metric(self) -> Metric:
        """What every segment and turn costs; what closures shut is blocked."""
        return self._stretches.drivable

    @property
    def nbytes(self) -> int:
        """Memory that it holds, the same roads without closures included."""
        made_when_asked: list[Ways | ReachSearch | None] = [
            vars(self).get(one) for one in ("_out_of", "_into", "_reach_search")
        ]
        own = self._engine.nbytes + self._stretches.nbytes
        own += sum(one.nbytes for one in made_when_asked if one is not None)
        return own if self.undisturbed is self else own + self.undisturbed.nbytes

    def nearest(self, target: Snap, starts: Starts, limit: int) -> list[Arrival]:
        """The `limit` vehicles that arrive first, in order of total time, then of number.

        A target on a shut street is reached, and a vehicle on one leaves it, through what is shut
        around it, and arrivals say so. Access-only streets are driven likewise, which is nothing
        to tell of.

        Examples
        --------
        A crew at rest is nearer than one that takes ten minutes to set off.

        >>> slow = Starts.at([crew, car], delay_ms=[0, 600_000])
        >>> [arrival.vehicle for arrival in roads.nearest(call, slow, limit=2)]
        [0, 1]
        """
        return self.nearest_to(Ends.at(target, self.metric.network), starts, limit)

    def nearest_to(self, ends: Ends, starts: Starts, limit: int) -> list[Arrival]:
        """`nearest`, for a target that may lie at several places."""
        return self._stretches.nearest(self._engine.nearest, ends, starts, limit)

    def first_of(self, start: Snap, places: Sequence[Snap]) -> tuple[int, Arrival] | None:
        """
        Which of several places is reached first, and the drive there.

        Returns
        -------
        tuple[int, Arrival] or None
            The number of the place; of several equally soon one, always the same. None when there
            is no way to any.

        Examples
        --------
        >>> place, drive = roads.first_of(crew, [call, car])
        >>> place, drive.total_ms == roads.route(crew, car).total_ms
        (1, True)
        """
        network, starts, found = self.metric.network, Starts.at([start]), None
        for numbers in _layers(places):
            rows = [
                (number, same, fraction)
                for number in numbers
                for segment, fraction in zip(
                    places[number].segments, places[number].fractions, strict=True
                )
                for same in network.with_copies(segment)
            ]
            number, segment, fraction = map(np.asarray, zip(*rows, strict=True))
            ends = Ends(segment, fraction, np.zeros(len(rows), dtype=np.int64))
            for one in self.nearest_to(ends, starts, limit=1):
                reached = (one.total_ms, int(number[one.end]), one)
                found = reached if found is None else min(found, reached, key=lambda way: way[:2])
        return None if found is None else found[1:]

    def route(self, start: Snap, target: Snap) -> Arrival | None:
        """The fastest drive between two places, or None when there is none."""
        arrivals = self.nearest(target, Starts.at([start]), limit=1)
        return arrivals[0] if arrivals else None

    def reach(self, starts: Starts, limit_ms: int) -> Reach:
        """How soon each place can be reached by the first to get there, up to a limit.

        Streets that are shut are not reached; vehicles that stand on them leave them.

        Examples
        --------
        >>> reached = roads.reach(Starts.at([crew]), limit_ms=600_000)
        >>> at_ms = reached.at(np.asarray(call.segments), np.asarray(call.fractions))
        >>> int(at_ms.min()) == roads.route(crew, call).total_ms
        True
        """
        return self._reach_search.reach(starts, limit_ms)

    def closures_reached(self, starts: Starts, limit_ms: int) -> tuple[PlacedClosure, ...]:
        """Closures where vehicles set out and on streets that would be reached without any."""
        if not self.closures:
            return ()
        usual = self.undisturbed.reach(starts, limit_ms)
        entered = np.flatnonzero(usual.enter_ms < UNREACHED)
        return self._changed_on(np.union1d(entered, starts.segment).astype(np.int32))

    def alternatives(
        self, fastest: Arrival, start: Snap, target: Snap, limit: int = MAX_ALTERNATIVES
    ) -> list[Arrival]:
        """Up to `limit` other sensible ways than the fastest one, `route`'s answer; best first.

        None are looked for where the drive begins or ends on a street that is shut.
        """
        if fastest.first_stretch or fastest.last_stretch:
            return []
        passed = self._engine.metric.segment_ms[fastest.segments] != BLOCKED
        passing = replace(fastest, segments=fastest.segments[passed])
        return self._stretches.drives_between(
            lambda ends, starts: self._alternative_search.alternatives(
                passing, ends, starts, limit
            ),
            Ends.at(target, self.metric.network),
            Starts.at([start]),
        )

    def matrix(self, starts: Sequence[Snap], targets: Sequence[Snap]) -> Iterator[IntArray]:
        """Milliseconds of the fastest drives from N places to M others, some rows at a time.

        Yields
        ------
        int32[R, M]
            The next R rows; `NO_WAY` where there is none.

        Examples
        --------
        >>> table = np.concatenate(list(roads.matrix([crew, car], [call, crew])))
        >>> table.shape, int(table[0, 0]) == roads.route(crew, call).total_ms, int(table[0, 1])
        ((2, 2), True, 0)
        """
        if not targets:
            yield np.zeros((len(starts), 0), dtype=np.int32)
            return
        ends = [Ends.at(target, self.metric.network) for target in targets]
        shut = {
            column: self.drives_to(targets[column], starts)[0]
            for column, end in enumerate(ends)
            if self._is_beside(end)
        }
        rows = [self._stretches.leaving(Starts.at([start])) for start in starts]
        begin = 0
        for block in self._engine.matrix(rows, ends):
            for column, drives_ms in shut.items():
                block[:, column] = drives_ms[begin : begin + len(block)]
            begin += len(block)
            yield block

    def drives_to(self, target: Snap, starts: Sequence[Snap]) -> tuple[IntArray, FloatArray]:
        """Milliseconds and metres of the fastest drives from N places to one.

        Returns
        -------
        int32[N], float64[N]
            `NO_WAY` in both where there is none.

        Examples
        --------
        >>> drives_ms, metres = roads.drives_to(call, [crew, car])
        >>> [round(one) for one in metres]
        [1928, 791]
        """
        ends, everyone = Ends.at(target, self.metric.network), Starts.at(starts)
        return drives_to(self.nearest_to, self.metric.network, ends, everyone)

    def _is_beside(self, ends: Ends) -> bool:
        """Whether a place lies on a street that may not be passed through."""
        return bool((self._engine.metric.segment_ms[ends.segment] == BLOCKED).any())

    def steps(self, drive: Arrival) -> tuple[Step, ...]:
        """A drive that was found on these streets, told in steps; the last is the arrival.

        Examples
        --------
        >>> steps = roads.steps(roads.route(car, call))
        >>> [(step.street, round(step.distance_m)) for step in steps]
        [('East Street', 445), ('North Street', 346), ('North Street', 0)]
        """
        return steps_of(self._stretches.metric_of(drive), drive)

    def price(self, drive: Arrival) -> Price:
        """What a drive costs on these streets, on which it need not have been found.

        Examples
        --------
        >>> way = roads.route(crew, call)
        >>> price = router.roads("normal_road").price(way)
        >>> price.drive_ms > way.drive_ms, price.closed.tolist()
        (True, [False, False, False])
        """
        stretches = self._stretches
        return price(stretches.metric_of(drive), drive, stretches.passed_through(drive))

    @cached_property
    def _out_of(self) -> Ways:
        return Ways.out_of(self._engine.metric)

    @cached_property
    def _into(self) -> Ways:
        return Ways.into(self._engine.metric)

    @cached_property
    def _reach_search(self) -> ReachSearch:
        return ReachSearch(self._engine.metric, self._out_of, self._stretches)

    @cached_property
    def _alternative_search(self) -> AlternativeSearch:
        return AlternativeSearch(self._engine.metric, self._out_of, self._into)

    def disturbances(
        self, target: Snap, starts: Starts, arrivals: Sequence[Arrival]
    ) -> dict[int, Disturbance]:
        """
        Which vehicles closures make late or cut off, by number.

        Parameters
        ----------
        starts
            Where the vehicles in question stand.
        arrivals
            What `nearest` answered for them; those without one are taken to be out of reach.

        Examples
        --------
        >>> _ = router.close(Closure("works", Shut(), NamedStreet("West Street")))
        >>> now = router.roads("blue_light")
        >>> told = now.disturbances(call, fleet, now.nearest(call, fleet, limit=2))
        >>> [(vehicle, one.closures[0].title, one.delay_ms > 0) for vehicle, one in told.items()]
        [(0, 'West Street closed', True)]
        >>> router.reopen("works")
        """
        if not self.closures:
            return {}
        arrived = {one.vehicle: one for one in arrivals}
        asked = len(np.unique(starts.vehicle))
        usual = {one.vehicle: one for one in self.undisturbed.nearest(target, starts, asked)}
        found = {}
        for vehicle in sorted(arrived.keys() | usual.keys()):
            drives = [one for one in (usual.get(vehicle), arrived.get(vehicle)) if one]
            closures = self._changed_on(np.concatenate([one.segments for one in drives]))
            if closures:
                delay_ms = drives[-1].total_ms - drives[0].total_ms if vehicle in arrived else None
                found[vehicle] = Disturbance(closures, delay_ms)
        return found

    def _changed_on(self, segments: IntArray) -> tuple[PlacedClosure, ...]:
        """Closures that make any of some segments slower or shut them."""
        usual_ms = self.undisturbed.metric.segment_ms[segments]
        changed = segments[self.metric.segment_ms[segments] != usual_ms]
        return self._closures.about(self.metric.network.segment_base[changed])


def _around(here: Snap) -> list[PlacedClosure]:
    """Closures of the street of a place, of either effect."""
    segments = np.sort(np.asarray(here.segments, dtype=np.int32))
    where = TheseSegments(here.segments)
    return [
        PlacedClosure(Closure("warm-up", effect, where), segments, ())
        for effect in (Slowed(time_factor=2.0), Shut())
    ]


def _layers(places: Sequence[Snap]) -> Iterator[list[int]]:
    """Numbers of places in groups that share no segment: usually one."""
    left = list(range(len(places)))
    while left:
        taken: set[int] = set()
        layer = []
        for number in left:
            if taken.isdisjoint(places[number].segments):
                taken.update(places[number].segments)
                layer.append(number)
        yield layer
        left = [number for number in left if number not in layer]
