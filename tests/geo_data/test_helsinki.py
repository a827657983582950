"""Turn restrictions on a real city: central Helsinki, every relation of it."""

from collections.abc import Mapping

import numpy as np
import osmium
import pytest

from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from geo_data.turn_restrictions import MISSING
from routing.build import build_network
from routing.engine import Ends, Starts
from routing.hours_of_week import HOURS_OF_WEEK
from routing.metric import BLOCKED, Metric, binding_rules
from routing.network import NO_RULE, Provenance, RoadNetwork
from routing.profiles import Profile, load_profiles
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.geo_data.helsinki import HELSINKI
from tests.routing.engines import ENGINES
from tests.routing.oracle import Oracle, summary

PROFILES: Mapping[str, Profile] = load_profiles()


@pytest.fixture(scope="module")
def streets() -> StreetMap:
    return streets_from_osm(read_osm_file(HELSINKI))


@pytest.fixture(scope="module")
def network(streets: StreetMap) -> RoadNetwork:
    told = Provenance("Helsinki", "ODbL-1.0", "OpenStreetMap contributors", "tests")
    return build_network(streets, name="Helsinki", provenance=told)


def test_each_of_its_relations_is_in_the_network_or_told_why_not(streets: StreetMap) -> None:
    relations = sum(
        one.tags.get("type") == "restriction"
        for one in osmium.FileProcessor(HELSINKI, osmium.osm.RELATION)
    )
    told = {reason: n for reason, n in streets.dropped.items() if "restriction" in reason}
    assert relations == 45
    assert told == {MISSING: 1}
    assert len(streets.restrictions) == 44


def test_banned_turns_are_named_streets_and_bind_whom_they_should(
    streets: StreetMap, network: RoadNetwork
) -> None:
    banned = {
        (streets.streets[one.path[0][0]].name, streets.streets[one.path[-1][0]].name)
        for one in streets.restrictions
        if not one.mandatory
    }
    assert ("Bulevardi", "Yrjönkatu") in banned
    assert ("Kaivokatu", "Keskuskatu") in banned
    ruled = np.flatnonzero(network.turn_rule != NO_RULE)
    into = network.turn_into[ruled]
    for profile, closed in (("normal_road", True), ("blue_light", False)):
        entry_ms = Metric.of(network, PROFILES[profile]).entry_ms[ruled]
        from_to = [
            (network.street_name(int(network.turn_from[turn])), network.street_name(int(segment)))
            for turn, segment, ms in zip(ruled, into, entry_ms, strict=True)
            if ms == BLOCKED
        ]
        assert (("Bulevardi", "Yrjönkatu") in from_to) is closed


def test_hours_in_old_tags_bind_at_those_hours(network: RoadNetwork) -> None:
    """Relation 57347 has them: no left turn from Monday to Friday, 7:00 to 18:00."""
    condition = "no_left_turn @ (Mo-Fr 07:00-18:00)"
    [number] = [
        number
        for number, rule in enumerate(network.turn_rules)
        if any(tags.get("restriction:conditional") == condition for tags in rule)
    ]
    assert (network.turn_rule == number).any()
    closed = [
        hour
        for hour in range(HOURS_OF_WEEK)
        if binding_rules(network, PROFILES["normal_road"], hour)[number]
    ]
    assert closed == [24 * day + hour for day in range(5) for hour in range(7, 18)]


@pytest.mark.parametrize("profile", PROFILES)
def test_drives_around_every_restriction_are_the_oracles(
    streets: StreetMap, network: RoadNetwork, profile: str
) -> None:
    """From where each turn is restricted, into every street that it is about, and elsewhere."""
    driving = PROFILES[profile]
    metric = Metric.of(network, driving)
    oracle = Oracle(network, driving, streets=streets)
    engines = [kind(metric) for kind in ENGINES]
    ruled = np.flatnonzero(network.turn_rule != NO_RULE)
    around = np.union1d(network.turn_from[ruled], network.turn_into[ruled])
    around = around[metric.usable[around]]
    rng = np.random.default_rng(45)
    elsewhere = rng.choice(np.flatnonzero(metric.usable), 10)
    starts = Starts.at([_middle(segment) for segment in [*around, *elsewhere]])
    limit = len(around) + len(elsewhere)
    compared = 0
    for segment in [*around[::4], *elsewhere[:4]]:
        ends = Ends.at(_middle(segment), network)
        expected = oracle.nearest(ends, starts, limit)
        for engine in engines:
            found = engine.nearest(ends, starts, limit)
            assert summary(found) == expected
        for arrival in found:
            oracle.check_drive(arrival, starts, ends)
        compared += len(expected)
    assert compared > 500


def test_restrictions_make_drives_longer_for_those_who_obey_them(
    streets: StreetMap, network: RoadNetwork
) -> None:
    free = Oracle(network, PROFILES["normal_road"])
    bound = Oracle(network, PROFILES["normal_road"], streets=streets)
    longer = 0
    for turn in np.flatnonzero(network.turn_rule != NO_RULE).tolist():
        start, target = int(network.turn_from[turn]), int(network.turn_into[turn])
        if {start, target} <= free.segment_ms.keys():
            ends, starts = Ends.at(_middle(target), network), [(start, 0.5)]
            times = [one.arrive_ms(ends, starts)[0] for one in (free, bound)]
            if times[0] != times[1]:
                assert times[1] is None or (times[0] or 0) < times[1]
                longer += 1
    assert longer > 20


def _middle(segment: int) -> Snap:
    return Snap((int(segment),), (0.5,), 0.0, 0.0, 0.0)
