"""Two engines on one metric, one of which may follow a change of weights later."""

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from routing import cch_search
from routing.bucket_search import BucketSearch
from routing.cch_search import CchSearch
from routing.engine import Ends, Starts
from routing.metric import Metric
from routing.overlay import Overlay
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.streets import StreetMap
from tests.drawing import draw
from tests.routing.engines import by_density
from tests.routing.oracle import summary
from tests.routing.random_closures import placed_closures, town_maps
from tests.routing.random_networks import network_of, questions

BLUE = load_profiles()["blue_light"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(streets=town_maps(), data=st.data())
def test_answers_are_the_same_before_and_after_the_hierarchy_has_caught_up(
    streets: StreetMap, data: st.DataObject
) -> None:
    metric = Metric.of(network_of(streets), BLUE)
    roads = Roads.of(metric, by_density)
    assume(len(metric.entry_ms))
    limits = st.tuples(st.sampled_from((0, 2, 50)), st.sampled_from((0, 1, 300)))
    for turns, arcs in data.draw(st.lists(limits, min_size=1, max_size=4)):
        closures = Overlay.of(data.draw(placed_closures(metric.network)))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cch_search, "AT_ONCE_TURNS", turns)
            patch.setattr(cch_search, "AT_ONCE_ARCS", arcs)
            roads = roads.under(closures)
        plain = Roads.of(metric, BucketSearch).under(closures)
        asked = data.draw(questions(metric))
        expected = summary(plain.nearest_to(asked.ends, asked.starts, asked.limit))
        assert summary(roads.nearest_to(asked.ends, asked.starts, asked.limit)) == expected
        completed = roads.completed()
        assert summary(completed.nearest_to(asked.ends, asked.starts, asked.limit)) == expected
        assert completed.completed() is completed
        if data.draw(st.booleans()):
            roads = completed


@pytest.mark.parametrize(("limit", "at_most"), [("AT_ONCE_TURNS", 3), ("AT_ONCE_ARCS", 1)])
def test_the_search_that_stops_early_stands_in_until_the_hierarchy_has_caught_up(
    monkeypatch: pytest.MonkeyPatch, limit: str, at_most: int
) -> None:
    road = draw({"a": (0, 0), "b": (0, 100), "c": (0, 200)}, "a-b-c")
    metric = Metric.of(road.network, BLUE)
    other = Metric.of(road.network, load_profiles()["normal_road"])
    changed = (metric.entry_ms != other.entry_ms).nonzero()[0]
    monkeypatch.setattr(cch_search, limit, at_most)
    behind = by_density(metric).repriced(other, changed)
    asked: list[str] = []
    for kind in (BucketSearch, CchSearch):
        nearest = kind.nearest

        def noted(self: CchSearch, *question: object, _nearest: object = nearest) -> object:
            asked.append(type(self).__name__)
            return _nearest(self, *question)  # type: ignore[operator]

        monkeypatch.setattr(kind, "nearest", noted)
    place = road.on("a-b", 50)
    for engine in (behind, behind.completed()):
        engine.nearest(Ends.at(place, road.network), Starts.at([place]), 1)
    assert asked == ["BucketSearch", "CchSearch"]
