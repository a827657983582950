"""All engines give the oracle's answer, to the last millisecond."""

from collections.abc import Mapping
from dataclasses import replace

import hypothesis.strategies as st
import pytest
from hypothesis import assume, given, settings

from routing.metric import BLOCKED, Metric
from routing.profiles import Profile, load_profiles
from routing.streets import StreetMap
from tests.routing.engines import ENGINES
from tests.routing.oracle import Oracle, summary
from tests.routing.random_networks import (
    network_of,
    questions,
    restricted_street_maps,
    street_maps,
)

PROFILES: Mapping[str, Profile] = load_profiles()


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=250, deadline=None, derandomize=True)
@given(streets=street_maps(), data=st.data())
def test_every_answer_on_a_random_network_is_the_oracles(
    profile: str, streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    driving = PROFILES[profile]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, driving)
    oracle = Oracle(network, driving)
    engines = [engine(metric) for engine in ENGINES]
    for _ in range(4):
        question = data.draw(questions(metric))
        expected = oracle.nearest(question.ends, question.starts, question.limit)
        for engine in engines:
            found = engine.nearest(question.ends, question.starts, question.limit)
            assert summary(found) == expected
            for arrival in found:
                oracle.check_drive(arrival, question.starts, question.ends)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    streets=restricted_street_maps(),
    hour=st.sampled_from((None, 3, 8)),
    data=st.data(),
)
def test_every_answer_under_turn_restrictions_is_the_oracles(
    profile: str, streets: StreetMap, hour: int | None, data: st.DataObject
) -> None:
    driving = PROFILES[profile]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    network = network_of(streets)
    metric = Metric.of(network, driving, hour)
    oracle = Oracle(network, driving, hour, streets)
    engines = [engine(metric) for engine in ENGINES]
    for _ in range(4):
        question = data.draw(questions(metric))
        expected = oracle.nearest(question.ends, question.starts, question.limit)
        for engine in engines:
            found = engine.nearest(question.ends, question.starts, question.limit)
            assert summary(found) == expected
            for arrival in found:
                oracle.check_drive(arrival, question.starts, question.ends)


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps())
def test_every_segment_costs_what_the_rules_say(profile: str, streets: StreetMap) -> None:
    network = network_of(streets)
    driving = PROFILES[profile]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    segment_ms = Metric.of(network, driving).segment_ms.tolist()
    expected = Oracle(network, driving).segment_ms
    assert [expected.get(s, BLOCKED) for s in range(network.segment_count)] == segment_ms


@pytest.mark.parametrize("profile", PROFILES)
@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps(), hour=st.sampled_from((None, 3, 17)))
def test_every_turn_costs_what_the_rules_say(
    profile: str, streets: StreetMap, hour: int | None
) -> None:
    network = network_of(replace(streets, restrictions=()))
    driving = PROFILES[profile]
    assume(any(driving.speed_mps(street.tags) for street in streets.streets))
    entry_ms = Metric.of(network, driving, hour).entry_ms.tolist()
    oracle = Oracle(network, driving, hour)
    expected = {
        (before, after): delay_ms + oracle.segment_ms[after]
        for before in oracle.segment_ms
        for after, delay_ms in oracle.turns_out_of((before,))
    }
    turns = zip(network.turn_from.tolist(), network.turn_into.tolist(), strict=True)
    found = dict(zip(turns, entry_ms, strict=True))
    assert {turn: cost for turn, cost in found.items() if cost != BLOCKED} == expected
