"""Drives among closures are the oracle's, and reopening leaves no trace."""

from collections.abc import Mapping

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from routing.bucket_search import BucketSearch
from routing.metric import Metric
from routing.overlay import Overlay
from routing.profiles import Profile, load_profiles
from routing.roads import Roads
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.routing.closure_oracle import ClosureOracle
from tests.routing.engines import ENGINES, EngineOf
from tests.routing.random_closures import placed_closures, town_maps
from tests.routing.random_networks import (
    network_of,
    questions,
    restricted,
    restricted_street_maps,
    street_maps,
)

PROFILES: Mapping[str, Profile] = load_profiles()


@pytest.mark.parametrize("engine_kind", ENGINES)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    streets=st.one_of(
        town_maps(), street_maps(), restricted(town_maps()), restricted_street_maps()
    ),
    data=st.data(),
)
def test_every_drive_among_random_closures_is_the_oracles(
    engine_kind: EngineOf, streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    driving = PROFILES["blue_light"]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, driving)
    roads = Roads.of(metric, engine_kind)
    for _ in range(2):
        closures = data.draw(placed_closures(network))
        roads = roads.under(Overlay.of(closures))
        oracle = ClosureOracle(network, driving, closures, streets)
        for _ in range(3):
            question = data.draw(questions(metric))
            ends = question.ends
            found = roads.nearest_to(ends, question.starts, question.limit)
            expected = oracle.nearest(ends, question.starts, question.limit)
            assert [(one.vehicle, one.total_ms) for one in found] == expected
            for arrival in found:
                oracle.check_drive(arrival, question.starts, ends)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(streets=st.one_of(town_maps(), street_maps()), data=st.data())
def test_drives_among_closures_add_up_in_steps_and_alternatives_keep_out_of_what_is_shut(
    streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    driving = PROFILES["blue_light"]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, driving)
    roads = Roads.of(metric, BucketSearch).under(Overlay.of(data.draw(placed_closures(network))))
    question = data.draw(questions(metric))
    for drive in roads.nearest_to(question.ends, question.starts, 3):
        assert roads.price(drive).drive_ms == drive.drive_ms
        assert sum(step.duration_ms for step in roads.steps(drive)) == drive.drive_ms
    start, target = (
        Snap(tuple(rows.segment.tolist()[:1]), tuple(rows.fraction.tolist()[:1]), 0.0, 0.0, 0.0)
        for rows in (question.starts, question.ends)
    )
    fastest = roads.route(start, target) if start.segments else None
    if fastest is not None:
        for other in roads.alternatives(fastest, start, target):
            assert roads.price(other).drive_ms == other.drive_ms >= fastest.drive_ms
            assert not other.first_stretch
            assert not other.last_stretch
