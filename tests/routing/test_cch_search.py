"""What could go wrong in the hierarchy's engine: memory used again, changes, threads."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from routing import cch_search
from routing.bucket_search import BucketSearch
from routing.by_density import SPARSE_FLEET, ByDensity
from routing.cch_search import CchSearch
from routing.contraction import contract
from routing.engine import Ends, Starts
from routing.errors import NetworkError
from routing.metric import BLOCKED, Metric
from routing.network import IntArray
from routing.snapping import Snap
from tests.drawing import draw
from tests.routing.oracle import summary
from tests.routing.test_bucket_search import METRIC, TOWN, exactly, random_questions

HIERARCHY = contract(TOWN.network)


def closing(rng: np.random.Generator, turns: int) -> Metric:
    """The town with some turns closed and some slower."""
    entry_ms = METRIC.entry_ms.copy()
    chosen = rng.choice(len(entry_ms), turns, replace=False)
    is_open = entry_ms[chosen] != BLOCKED
    entry_ms[chosen[is_open]] += 7_000
    entry_ms[chosen[: turns // 2]] = BLOCKED
    return replace(METRIC, entry_ms=entry_ms)


def changed(one: Metric, other: Metric) -> IntArray:
    return np.flatnonzero(one.entry_ms != other.entry_ms).astype(np.int32)


def test_the_working_memory_is_left_as_it_was_found() -> None:
    engine = CchSearch.of(METRIC, HIERARCHY)
    untouched = cch_search._Scratch.of(TOWN.network.segment_count)
    for question in random_questions(40):
        engine.nearest(*question)
        with engine._memories.lent() as scratch:
            for name in ("descent_ms", "to_end_ms", "is_labelled"):
                assert np.array_equal(getattr(scratch, name), getattr(untouched, name)), name


def test_eight_threads_get_the_answers_of_one() -> None:
    questions = random_questions(60)
    engine = CchSearch.of(METRIC, HIERARCHY)
    alone = [exactly(engine.nearest(*question)) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda q: exactly(engine.nearest(*q)), questions * 8))
    assert together == alone * 8


@pytest.mark.parametrize("few_turns", [0, 500])
def test_an_engine_repriced_answers_as_one_made_anew_and_the_old_one_as_before(
    monkeypatch: pytest.MonkeyPatch, few_turns: int
) -> None:
    monkeypatch.setattr(cch_search, "FEW_TURNS", few_turns)
    rng = np.random.default_rng(4)
    questions = random_questions(20)
    first = engine = CchSearch.of(METRIC, HIERARCHY)
    before = [exactly(first.nearest(*question)) for question in questions]
    for turns in (1, 5, 40, 200):
        metric = closing(rng, turns)
        engine = engine.repriced(metric, changed(engine.metric, metric))
        assert np.array_equal(engine.weight, CchSearch.of(metric, HIERARCHY).weight)
        slow = BucketSearch(metric)
        for question in questions:
            assert summary(engine.nearest(*question)) == summary(slow.nearest(*question))
    engine = engine.repriced(METRIC, changed(engine.metric, METRIC))
    assert np.array_equal(engine.weight, first.weight)
    assert [exactly(first.nearest(*question)) for question in questions] == before


def test_the_hierarchy_of_another_network_is_refused() -> None:
    other = draw({"a": (0, 0), "b": (0, 300)}, "a-b").network
    with pytest.raises(NetworkError, match="hierarchy is of a network of 2 segments"):
        CchSearch.of(METRIC, contract(other))


@pytest.mark.parametrize(("rows", "engine"), [(1, "few"), (SPARSE_FLEET, "few"), (400, "many")])
def test_few_vehicles_are_looked_for_on_the_hierarchy_and_many_around_the_call(
    monkeypatch: pytest.MonkeyPatch, rows: int, engine: str
) -> None:
    asked = []
    for kind, name in ((BucketSearch, "many"), (CchSearch, "few")):
        monkeypatch.setattr(kind, "nearest", lambda *_, name=name: asked.append(name))
    place = Snap((0,), (0.5,), 0.0, 0.0, 0.0)
    ByDensity.of(METRIC, HIERARCHY).nearest(
        Ends.at(place, METRIC.network), Starts.at([place] * rows), 5
    )
    assert asked == [engine]


def test_a_hierarchy_put_off_is_weighed_by_the_first_question_for_it_and_answers_the_same() -> None:
    put_off, ready = ByDensity.of(METRIC, HIERARCHY, at_once=False), ByDensity.of(METRIC, HIERARCHY)
    place = Snap((0,), (0.5,), 0.0, 0.0, 0.0)
    end = Ends.at(place, METRIC.network)
    put_off.nearest(end, Starts.at([place] * (SPARSE_FLEET + 1)), 5)
    assert put_off.nbytes < ready.nbytes
    for question in random_questions(20):
        assert exactly(put_off.nearest(*question)) == exactly(ready.nearest(*question))
    assert put_off.nbytes == ready.nbytes
