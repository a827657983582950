"""What could go wrong in a bucket queue whose memory is used again and again."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from routing.bucket_search import BUCKET_MS, BucketSearch
from routing.engine import UNREACHED, Arrival, Ends, Starts
from routing.matrix import NO_WAY
from routing.metric import BLOCKED, Metric
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.scipy_search import ScipySearch
from routing.snapping import Snap
from tests.drawing import Drawing, draw, street
from tests.routing.engines import EngineOf
from tests.routing.oracle import Oracle, summary

BLUE = load_profiles()["blue_light"]
SIDE = 14


def grid() -> Drawing:
    """A town of square blocks, some streets one-way, with an island and two dead ends."""
    places = {f"{x}.{y}": (90.0 * x, 70.0 * y) for x in range(SIDE) for y in range(SIDE)}
    rng = random.Random(5)
    blocks = [
        (f"{x}.{y}", neighbour)
        for x in range(SIDE)
        for y in range(SIDE)
        for neighbour in (f"{x + 1}.{y}", f"{x}.{y + 1}")
        if neighbour in places
    ]
    streets = [f"{a}{'>' if rng.random() < 0.3 else '-'}{b}" for a, b in blocks]
    extra = {"end": (-80.0, 0.0), "island": (-500.0, 0.0), "shore": (-500.0, 80.0)}
    return draw(places | extra, *streets, "0.0-end", "island-shore")


TOWN = grid()
METRIC = Metric.of(TOWN.network, BLUE)


def random_questions(count: int) -> list[tuple[Ends, Starts, int]]:
    """Small and large fleets, few and many wanted, some targets out of everybody's reach."""
    rng = np.random.default_rng(8)

    def somewhere() -> Snap:
        segment, fraction = int(rng.integers(TOWN.network.segment_count)), float(rng.random())
        return Snap((segment,), (fraction,), 0.0, 0.0, 0.0)

    questions = []
    for _ in range(count):
        size = int(rng.integers(1, 60))
        delays = rng.integers(0, 100_000, size).tolist()
        starts = Starts.at([somewhere() for _ in range(size)], delays)
        questions.append((Ends.at(somewhere(), TOWN.network), starts, int(rng.integers(1, 8))))
    island = TOWN.on("island-shore", 20)
    questions.append((Ends.at(island, TOWN.network), Starts.at([somewhere() for _ in range(9)]), 3))
    return questions


def exactly(arrivals: list[Arrival]) -> list[tuple[object, ...]]:
    return [
        (one.vehicle, one.total_ms, one.drive_ms, tuple(one.segments.tolist()), one.start_fraction)
        for one in arrivals
    ]


def test_a_question_asked_again_in_any_order_gets_the_same_answer() -> None:
    questions = random_questions(120)
    fresh = [exactly(BucketSearch(METRIC).nearest(*question)) for question in questions]
    assert any(len(answer) == 0 for answer in fresh)
    assert any(len(answer) > 3 for answer in fresh)
    engine = BucketSearch(METRIC)
    order = list(range(len(questions))) * 4
    random.Random(1).shuffle(order)
    for i in order:
        assert exactly(engine.nearest(*questions[i])) == fresh[i]


def test_the_working_memory_is_left_as_it_was_found() -> None:
    engine = BucketSearch(METRIC)
    with BucketSearch(METRIC)._memories.lent() as fresh:
        untouched = [array.copy() for array in fresh]
    for question in random_questions(40):
        engine.nearest(*question)
        with engine._memories.lent() as scratch:
            kept = ("label", "onward", "first_row", "bucket", "tally")
            for name, before in zip(scratch._fields, untouched, strict=True):
                if name in kept:
                    assert np.array_equal(getattr(scratch, name), before), name


def test_eight_threads_get_the_answers_of_one() -> None:
    questions = random_questions(60)
    engine = BucketSearch(METRIC)
    alone = [exactly(engine.nearest(*question)) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda q: exactly(engine.nearest(*q)), questions * 8))
    assert together == alone * 8


def test_both_engines_agree_with_the_oracle_in_town() -> None:
    oracle = Oracle(TOWN.network, BLUE)
    engines = BucketSearch(METRIC), ScipySearch(METRIC)
    for ends, starts, limit in random_questions(60):
        expected = oracle.nearest(ends, starts, limit)
        for engine in engines:
            assert summary(engine.nearest(ends, starts, limit)) == expected


def test_one_very_long_street_among_short_ones_does_not_wrap_the_buckets_round(
    engine_of: EngineOf,
) -> None:
    """Entries almost a full turn of the wheel apart wait in it together."""
    places = {"a": (0.0, 0.0), "z": (0.0, 50.0), **{f"{i}": (5.0 * i, 0.0) for i in range(1, 60)}}
    chain = "a-" + "-".join(f"{i}" for i in range(1, 60)) + "-z"
    longest_m = 90_000.0
    road = draw(places, chain, street("a-z", name="Long", length_m=longest_m))
    metric = Metric.of(road.network, BLUE)
    assert int(metric.segment_ms.max()) // BUCKET_MS > 10_000
    oracle, engine = Oracle(road.network, BLUE), engine_of(metric)
    long = road.segment("a>z", "Long")
    for fraction in (0.0, 0.001, 0.5, 0.999, 1.0):
        on_long = Snap((long,), (fraction,), 0.0, 0.0, 0.0)
        for other in (road.on("20-21", 2), road.on("1-2", 5), on_long):
            for target, start in ((on_long, other), (other, on_long)):
                starts = Starts.at([start, road.on("40-41", 1)])
                ends = Ends.at(target, road.network)
                expected = oracle.nearest(ends, starts, 2)
                assert len(expected) == 2
                assert summary(engine.nearest(ends, starts, 2)) == expected


def test_an_end_far_off_may_be_better_than_one_straight_ahead_that_adds_much(
    engine_of: EngineOf,
) -> None:
    here, elsewhere = TOWN.on("5.5>5.6", 30), TOWN.on("5.6>5.7", 30)
    ends = Ends(
        np.asarray([*here.segments, *elsewhere.segments]),
        np.asarray([*here.fractions, *elsewhere.fractions]),
        np.asarray([3_600_000, 0]),
    )
    starts = Starts.at([TOWN.on("5.5>5.6", 10)])
    oracle = Oracle(TOWN.network, BLUE)
    [only] = engine_of(METRIC).nearest(ends, starts, 1)
    assert summary([only]) == oracle.nearest(ends, starts, 1)
    oracle.check_drive(only, starts, ends)
    assert only.end == 1


@pytest.mark.parametrize("delay_ms", [0, 49, 50, 4_000, 61_000, 3_600_000, 900_000_000])
def test_an_end_that_adds_more_than_a_turn_of_the_wheel_waits_for_its_time(
    engine_of: EngineOf, delay_ms: int
) -> None:
    near, far = TOWN.on("5.5>5.6", 30), TOWN.on("9.9>9.10", 30)
    ends = Ends(
        np.asarray([*near.segments, *far.segments]),
        np.asarray([*near.fractions, *far.fractions]),
        np.asarray([delay_ms, 0]),
    )
    starts = Starts.at([TOWN.on("5.4-5.5", 10), TOWN.on("8.8-8.9", 10), TOWN.on("0.0-end", 40)])
    expected = Oracle(TOWN.network, BLUE).nearest(ends, starts, 3)
    assert summary(engine_of(METRIC).nearest(ends, starts, 3)) == expected


def test_labels_of_many_hours_do_not_overflow(engine_of: EngineOf) -> None:
    places = {letter: (0.0, 10.0 * i) for i, letter in enumerate("abcdefghijklm")}
    hours = draw(
        places,
        *(
            street(f"{a}-{b}", length_m=90_000)
            for a, b in zip(places, "bcdefghijklm", strict=False)
        ),
    )
    metric = Metric.of(hours.network, BLUE)
    drive = Roads.of(metric, engine_of).route(hours.on("a>b", 0), hours.on("l>m", 90_000))
    assert drive is not None
    assert len(drive.segments) == 12
    assert drive.drive_ms == 12 * int(metric.segment_ms[0])
    assert drive.drive_ms > 40 * 3_600_000


def test_a_drive_of_twelve_days_counts_as_none(engine_of: EngineOf) -> None:
    letters = "abcdefghijklmnopq"
    places = {letter: (0.0, 10.0 * i) for i, letter in enumerate(letters)}
    road = draw(places, *(street(f"{a}>{b}", length_m=600_000) for a, b in pairwise(letters)))
    engine = engine_of(Metric.of(road.network, BLUE))
    day_ms = int(engine.metric.segment_ms[0])
    reached = UNREACHED // day_ms
    assert 10 < reached < len(letters) - 3
    start = road.on("a>b", 600_000)
    for last in (reached, reached + 1):
        target = road.on(f"{letters[last]}>{letters[last + 1]}", 600_000)
        drive = Roads.of(engine.metric, engine_of).route(start, target)
        rows = [Starts.at([start])], [Ends.at(target, road.network)]
        [[total_ms]] = np.concatenate(list(engine.matrix(*rows)))
        if last == reached:
            assert drive is not None
            assert drive.drive_ms == total_ms == reached * day_ms < UNREACHED
        else:
            assert drive is None
            assert total_ms == NO_WAY


@pytest.mark.parametrize(("limit", "answered"), [(-1, 0), (0, 0), (1, 1), (3, 3), (100, 3)])
def test_no_more_arrive_than_are_asked_for_and_there_are(
    engine_of: EngineOf, limit: int, answered: int
) -> None:
    starts = Starts.at([TOWN.on("3.3-3.4", metres) for metres in (10, 20, 30)])
    assert (
        len(engine_of(METRIC).nearest(Ends.at(TOWN.on("5.5-5.6", 5), TOWN.network), starts, limit))
        == answered
    )


def test_nobody_to_send_is_an_empty_answer(engine_of: EngineOf) -> None:
    assert (
        engine_of(METRIC).nearest(Ends.at(TOWN.on("5.5-5.6", 5), TOWN.network), Starts.at([]), 5)
        == []
    )


def test_vehicle_numbers_need_not_be_in_order_nor_without_gaps(engine_of: EngineOf) -> None:
    places = [TOWN.on("3.3-3.4", metres) for metres in (10, 20)]
    rows = Starts.at(places)
    starts = Starts(
        np.asarray([2_000_000_000, 7], dtype=np.int32)[rows.vehicle],
        rows.segment,
        rows.fraction,
        rows.delay_ms,
    )
    found = engine_of(METRIC).nearest(Ends.at(TOWN.on("5.5-5.6", 5), TOWN.network), starts, 2)
    assert {one.vehicle for one in found} == {7, 2_000_000_000}


def test_a_mobilisation_of_weeks_is_only_a_large_number(engine_of: EngineOf) -> None:
    weeks_ms = 90 * 24 * 3_600_000
    starts = Starts.at([TOWN.on("3.3-3.4", 10)], [weeks_ms])
    [only] = engine_of(METRIC).nearest(Ends.at(TOWN.on("5.5-5.6", 5), TOWN.network), starts, 1)
    assert only.total_ms == only.drive_ms + weeks_ms


def test_two_hundred_vehicles_on_one_segment_are_told_apart(engine_of: EngineOf) -> None:
    crowd = [TOWN.on("3.3-3.4", 0.3 * i) for i in range(200)]
    ends = Ends.at(TOWN.on("3.3-3.4", 30), TOWN.network)
    starts = Starts.at(crowd)
    expected = Oracle(TOWN.network, BLUE).nearest(ends, starts, 200)
    assert len(expected) == 200
    assert summary(engine_of(METRIC).nearest(ends, starts, 200)) == expected


def test_the_answer_does_not_depend_on_the_order_of_the_fleet(engine_of: EngineOf) -> None:
    ends, starts, limit = random_questions(1)[0]
    order = np.random.default_rng(3).permutation(len(starts.vehicle))
    shuffled = Starts(
        starts.vehicle[order],
        starts.segment[order],
        starts.fraction[order],
        starts.delay_ms[order],
    )
    engine = engine_of(METRIC)
    one, other = (exactly(engine.nearest(ends, fleet, limit)) for fleet in (starts, shuffled))
    assert one == other


def test_an_engine_repriced_has_the_weights_of_one_made_anew() -> None:
    rng = np.random.default_rng(12)
    first = engine = BucketSearch(METRIC)
    questions = random_questions(20)
    before = [exactly(first.nearest(*question)) for question in questions]
    for size in (1, 7, 300, 0):
        entry_ms = METRIC.entry_ms.copy()
        turns = rng.choice(np.flatnonzero(entry_ms != BLOCKED), size, replace=False)
        entry_ms[turns] = rng.choice([BLOCKED, 20 * BUCKET_MS, 80_000_000], size)
        metric = replace(METRIC, entry_ms=entry_ms)
        changed = np.flatnonzero(entry_ms != engine.metric.entry_ms).astype(np.int32)
        engine, anew = engine.repriced(metric, changed), BucketSearch(metric)
        for question in questions:
            assert exactly(engine.nearest(*question)) == exactly(anew.nearest(*question))
    assert [exactly(first.nearest(*question)) for question in questions] == before
