"""Roads that stay ready while closures come and go."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from routing.bucket_search import BucketSearch
from routing.closure_places import PlacedClosure
from routing.closures import Closure, NamedStreet, Shut, Slowed, TheseSegments
from routing.errors import ClosureError, UnknownClosureError
from routing.live_roads import MIN_ROADS, LiveRoads
from routing.metric import BLOCKED, Metric
from routing.network import IntArray, RoadNetwork
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.router import Router
from tests.drawing import draw, street
from tests.routing.closure_oracle import shut_by, slowed_by
from tests.routing.oracle import Oracle
from tests.routing.random_closures import EFFECTS, town_maps
from tests.routing.random_networks import network_of

PROFILES = load_profiles()
NOW = datetime(2026, 1, 17, 18, 42, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOWN = draw(
    {"a": (0, 0), "b": (0, 400), "c": (500, 0), "d": (500, 400)},
    street("a-b", name="High Street"),
    street("b-d", name="North Road"),
    street("a-c", name="South Road"),
    street("c-d", name="East Road"),
)


class Clock:
    """A clock that stands where it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def live_roads(network: RoadNetwork, clock: Clock, **bounds: int) -> LiveRoads:
    def make(profile: str, slot: int | None) -> Roads:
        return Roads.of(Metric.of(network, PROFILES[profile], slot), BucketSearch)

    return LiveRoads(make, clock=clock, **bounds)


def placed(closure_id: str, segments: Iterable[int], **fields: object) -> PlacedClosure:
    closure = Closure(closure_id, **{"effect": Shut(), "where": TheseSegments(()), **fields})  # type: ignore[arg-type]
    return PlacedClosure(closure, np.asarray(sorted(segments), dtype=np.int32), ())


def priced_from_scratch(network: RoadNetwork, closures: Sequence[PlacedClosure]) -> Oracle:
    """The oracle's weights for a profile under closures."""
    driving = PROFILES["blue_light"]
    slowed_ms = slowed_by(closures, Oracle(network, driving).segment_ms, network)
    return Oracle(network, driving, slowed_ms=slowed_ms, shut=shut_by(closures))


def assert_priced_by(oracle: Oracle, metric: Metric) -> None:
    network = metric.network
    expected = [oracle.segment_ms.get(one, BLOCKED) for one in range(network.segment_count)]
    assert metric.segment_ms.tolist() == expected
    turns = {
        (segment, onward): delay_ms + oracle.segment_ms[onward]
        for segment in oracle.segment_ms
        for onward, delay_ms in oracle.turns_out_of((segment,))
    }
    found = {
        (start, into): ms
        for start, into, ms in zip(
            network.turn_from.tolist(),
            network.turn_into.tolist(),
            metric.entry_ms.tolist(),
            strict=True,
        )
        if ms != BLOCKED
    }
    assert found == turns


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("close"),
            st.integers(0, 4),
            st.lists(st.integers(0, 10**6), min_size=1, max_size=6),
            st.sampled_from(EFFECTS),
            st.sampled_from((None, 0, 1, 2)),
            st.sampled_from((None, 3, 4, 5)),
        ),
        st.tuples(st.just("reopen"), st.integers(0, 4)),
        st.tuples(st.just("later"), st.integers(1, 3)),
    ),
    max_size=12,
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(streets=town_maps(), steps=STEPS)
def test_closing_and_reopening_leaves_no_trace(streets: object, steps: Sequence[tuple]) -> None:  # type: ignore[type-arg]
    """After every step weights are those priced from scratch; after the last, the first."""
    network, clock = network_of(streets), Clock()  # type: ignore[arg-type]
    live = live_roads(network, clock)
    first = live.roads("blue_light").metric
    known: dict[str, PlacedClosure] = {}
    for kind, *details in steps:
        if kind == "close":
            number, segments, effect, starts, ends = details
            one = placed(
                f"closure-{number}",
                {segment % network.segment_count for segment in segments},
                effect=effect,
                starts_at=None if starts is None else clock.now + starts * HOUR,
                ends_at=None if ends is None else clock.now + ends * HOUR,
            )
            live.wait(live.put([one]))
            known[one.closure.closure_id] = one
        elif kind == "reopen" and f"closure-{details[0]}" in live.closures:
            live.wait(live.remove([f"closure-{details[0]}"]))
            del known[f"closure-{details[0]}"]
        elif kind == "later":
            clock.now += details[0] * HOUR
            live.refresh()
            known = {k: one for k, one in known.items() if not one.closure.is_over(clock.now)}
        in_force = [one for one in known.values() if one.closure.is_in_force(clock.now)]
        assert live.closures == known
        assert_priced_by(priced_from_scratch(network, in_force), live.roads("blue_light").metric)
    live.wait(live.remove(list(known)))
    last = live.roads("blue_light").metric
    for field in ("segment_ms", "entry_ms", "usable"):
        assert np.array_equal(getattr(last, field), getattr(first, field))
        assert getattr(last, field).dtype == getattr(first, field).dtype


def high_street(closure_id: str = "works", **fields: object) -> Closure:
    return Closure(closure_id, **{"effect": Shut(), "where": NamedStreet("High Street"), **fields})  # type: ignore[arg-type]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def router(clock: Clock) -> Iterator[Router]:
    made = Router(TOWN.network, clock=clock)
    yield made
    made.reopen(*made.closures)


def drive_ms(router: Router, profile: str = "blue_light", hour: int | None = None) -> int:
    """From one end of the High Street to the other."""
    drive = router.roads(profile, hour).route(TOWN.on("a-c", 0), TOWN.on("b-d", 0))
    assert drive is not None
    return drive.drive_ms


def test_a_closure_is_in_every_live_metric_and_in_those_made_later(router: Router) -> None:
    usual = {(p, h): drive_ms(router, p, h) for p in router.profiles for h in (None, 32)}
    router.close(high_street())
    closed = {(p, h): drive_ms(router, p, h) for p in router.profiles for h in (None, 32, 3)}
    assert all(closed[key] > usual[key] for key in usual)
    router.reopen("works")
    assert {key: drive_ms(router, *key) for key in usual} == usual


def test_a_closure_starts_and_ends_by_the_clock(router: Router, clock: Clock) -> None:
    usual_ms = drive_ms(router)
    router.close(high_street(starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR))
    assert router.closures_in_force == set()
    assert drive_ms(router) == usual_ms
    clock.now = NOW + HOUR
    router.refresh_closures()
    assert router.closures_in_force == {"works"}
    assert drive_ms(router) > usual_ms
    clock.now = NOW + 2 * HOUR
    router.refresh_closures()
    assert drive_ms(router) == usual_ms
    assert router.closures == {}


def test_a_closure_ends_by_itself() -> None:
    router = Router(TOWN.network)
    usual_ms = drive_ms(router)
    router.close(high_street(ends_at=datetime.now(UTC) + timedelta(milliseconds=300)))
    assert drive_ms(router) > usual_ms
    deadline = threading.Event()
    for _ in range(100):
        if not router.closures:
            break
        deadline.wait(0.05)
    assert router.closures == {}
    assert drive_ms(router) == usual_ms


def test_a_closure_takes_the_place_of_the_one_with_its_id(router: Router) -> None:
    usual_ms = drive_ms(router)
    router.close(high_street())
    router.close(high_street(effect=Slowed(time_factor=1.25)))
    assert len(router.closures) == 1
    assert usual_ms < drive_ms(router) < 1.3 * usual_ms


def test_a_closure_that_is_over_is_refused(router: Router) -> None:
    with pytest.raises(ClosureError, match="works was over at") as refused:
        router.close(high_street(ends_at=NOW))
    assert refused.value.field == "ends_at"
    assert router.closures == {}


def test_an_unknown_closure_cannot_be_reopened_and_nothing_is(router: Router) -> None:
    router.close(high_street())
    with pytest.raises(UnknownClosureError, match="there is no closure 'other'"):
        router.reopen("works", "other")
    assert list(router.closures) == ["works"]


def test_too_many_closures_are_refused_together(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr("routing.live_roads.MAX_CLOSURES", 2)
    live = live_roads(TOWN.network, clock)
    live.wait(live.put([placed("a", [0]), placed("b", [1])]))
    with pytest.raises(ClosureError, match=r"3 closures at once .*at most 2"):
        live.put([placed("b", [2]), placed("c", [1])])
    assert live.closures["b"].segments.tolist() == [1]


class Held(BucketSearch):
    """An engine that is made under closures only when it is allowed to."""

    may_go = threading.Event()

    def repriced(self, metric: Metric, changed_turns: IntArray) -> "Held":
        assert self.may_go.wait(10)
        return super().repriced(metric, changed_turns)


def test_nobody_waits_for_a_closure_to_come_into_force(clock: Clock) -> None:
    router = Router(TOWN.network, engine=Held, clock=clock)
    usual_ms = drive_ms(router)
    Held.may_go.clear()
    closing = threading.Thread(target=router.close, args=[high_street()])
    closing.start()
    try:
        assert drive_ms(router) == usual_ms
        assert closing.is_alive()
    finally:
        Held.may_go.set()
        closing.join()
    assert drive_ms(router) > usual_ms
    router.reopen("works")


class Broken(BucketSearch):
    """An engine that cannot be made under closures."""

    def repriced(self, metric: Metric, changed_turns: IntArray) -> "Broken":
        del metric, changed_turns
        msg = "no memory"
        raise MemoryError(msg)


def test_whoever_waits_is_told_what_went_wrong_and_answers_go_on(clock: Clock) -> None:
    router = Router(TOWN.network, engine=Broken, clock=clock)
    usual_ms = drive_ms(router)
    with pytest.raises(MemoryError, match="no memory"):
        router.close(high_street())
    assert drive_ms(router) == usual_ms
    router.reopen("works")


def test_roads_longest_unasked_are_given_up(clock: Clock) -> None:
    made = []
    metric = Metric.of(TOWN.network, PROFILES["blue_light"])

    def make(profile: str, slot: int | None) -> Roads:
        made.append((profile, slot))
        return Roads.of(metric, BucketSearch)

    live = LiveRoads(make, clock=clock, max_roads=2)
    for slot in (1, 2, 1, 3, 1):
        live.roads("blue_light", slot)
    assert made == [("blue_light", 1), ("blue_light", 2), ("blue_light", 3)]
    live.roads("blue_light", 2)
    assert made[3:] == [("blue_light", 2)]

    of_one = Roads.of(metric, BucketSearch).nbytes
    small = LiveRoads(make, clock=clock, max_bytes=of_one)
    for slot in (7, 8, 7, 8, 9, 8, 7):
        assert small.roads("blue_light", slot).nbytes == of_one
    assert [slot for _, slot in made[4:]] == [7, 8, 9, 7]


def test_closures_that_double_what_roads_hold_leave_those_asked_last(clock: Clock) -> None:
    made = []

    def make(profile: str, slot: int | None) -> Roads:
        made.append(slot)
        return Roads.of(Metric.of(TOWN.network, PROFILES[profile], slot), BucketSearch)

    room = 12 * make("blue_light", 0).nbytes
    live = LiveRoads(make, clock=clock, max_bytes=room)
    for slot in range(12):
        live.roads("blue_light", slot)
    live.wait(live.put([placed("works", [TOWN.segment("a>b")])]))
    made.clear()
    ready = []
    for slot in reversed(range(12)):
        roads = live.roads("blue_light", slot)
        if made:
            break
        ready.append(roads)
    assert MIN_ROADS <= len(ready) < 12
    assert sum(roads.nbytes for roads in ready) <= room
    assert all(roads.closures for roads in (*ready, roads))
