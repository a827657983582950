"""Which of several places is reached first, against a route to each, one by one."""

import hypothesis.strategies as st
from hypothesis import assume, given, settings

from routing.engine import Ends, Starts
from routing.metric import BLOCKED, Metric
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.drawing import draw
from tests.routing.engines import ENGINES, EngineOf
from tests.routing.oracle import Oracle
from tests.routing.random_networks import network_of, restricted_street_maps, street_maps

BLUE = load_profiles()["blue_light"]


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    engine_of=st.sampled_from(ENGINES),
    streets=st.one_of(street_maps(), restricted_street_maps()),
    data=st.data(),
)
def test_it_is_the_oracles_soonest_even_where_places_share_a_street(
    engine_of: EngineOf, streets: StreetMap, data: st.DataObject
) -> None:
    assume(any(BLUE.speed_mps(street.tags) for street in streets.streets))
    network = network_of(streets)
    metric = Metric.of(network, BLUE)
    roads, oracle = Roads.of(metric, engine_of), Oracle(network, BLUE, streets=streets)
    open_segments = [s for s in range(network.base_count) if metric.segment_ms[s] != BLOCKED]
    place = st.builds(
        lambda segment, fraction: Snap((segment,), (fraction,), 0.0, 0.0, 0.0),
        st.sampled_from(open_segments),
        st.floats(0, 1),
    )
    start = data.draw(place)
    places = data.draw(st.lists(place, min_size=1, max_size=6))
    alone_ms = {
        number: total_ms
        for number, one in enumerate(places)
        for _, total_ms in oracle.nearest(Ends.at(one, network), Starts.at([start]), 1)
    }
    found = roads.first_of(start, places)
    assert (found is None) == (not alone_ms)
    if found is not None:
        number, arrival = found
        assert arrival.total_ms == alone_ms[number] == min(alone_ms.values())


def test_of_places_equally_soon_one_is_taken_always_the_same(engine_of: EngineOf) -> None:
    cross = draw({"a": (0, 0), "b": (100, 0), "c": (-100, 0), "d": (0, 100)}, "a-b", "a-c", "a-d")
    roads = Roads.of(Metric.of(cross.network, BLUE), engine_of)
    start = cross.on("d>a", 50)
    places = [cross.on("a-b", 40), cross.on("a-c", 40), cross.on("a-b", 40)]
    taken = {found[0] for _ in range(5) if (found := roads.first_of(start, places))}
    assert len(taken) == 1
