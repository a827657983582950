"""Matrices: every cell is the oracle's, with closures and without."""

from collections.abc import Sequence

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import assume, given, settings

from routing.bucket_search import BucketSearch
from routing.engine import Ends, Starts
from routing.matrix import NO_WAY
from routing.metric import BLOCKED, Metric
from routing.network import RoadNetwork
from routing.overlay import Overlay
from routing.paths import metres_driven
from routing.profiles import load_profiles
from routing.roads import Roads
from routing.router import Router
from routing.snapping import Snap
from routing.streets import StreetMap
from tests.drawing import draw
from tests.routing.closure_oracle import ClosureOracle
from tests.routing.engines import EngineOf, by_density
from tests.routing.oracle import Oracle
from tests.routing.random_closures import placed_closures, town_maps
from tests.routing.random_networks import (
    FRACTIONS,
    network_of,
    restricted,
    restricted_street_maps,
    street_maps,
)
from tests.routing.test_bucket_search import METRIC, TOWN, random_questions

DRIVING = load_profiles()["blue_light"]


@st.composite
def places(draw: st.DrawFn, metric: Metric) -> list[Snap]:
    """Up to five, some of them unsure of their direction."""
    open_segments = np.flatnonzero(
        metric.segment_ms[: metric.network.base_count] != BLOCKED
    ).tolist()
    twins = metric.network.segment_twin.tolist()
    found = []
    for segment in draw(st.lists(st.sampled_from(open_segments), min_size=1, max_size=5)):
        fraction = draw(FRACTIONS)
        both = twins[segment] in open_segments and draw(st.booleans())
        segments = (segment, twins[segment]) if both else (segment,)
        fractions = (fraction, 1 - fraction) if both else (fraction,)
        found.append(Snap(segments, fractions, 0.0, 0.0, 0.0))
    return found


def cells(
    oracle: Oracle | ClosureOracle,
    network: RoadNetwork,
    starts: Sequence[Snap],
    targets: Sequence[Snap],
) -> list[list[int]]:
    """What the matrix must be."""
    rows = [[NO_WAY] * len(targets) for _ in starts]
    for column, target in enumerate(targets):
        for vehicle, total_ms in oracle.nearest(
            Ends.at(target, network), Starts.at(starts), len(starts)
        ):
            rows[vehicle][column] = total_ms
    return rows


@pytest.mark.parametrize("engine", [BucketSearch, by_density], ids=["outwards", "hierarchy"])
@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    streets=st.one_of(
        street_maps(), town_maps(), restricted(town_maps()), restricted_street_maps()
    ),
    data=st.data(),
)
def test_every_cell_is_the_oracles(
    engine: EngineOf, streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    assume(any(DRIVING.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, DRIVING)
    starts, targets = data.draw(places(metric)), data.draw(places(metric))
    roads = Roads.of(metric, engine)
    oracle: Oracle | ClosureOracle = Oracle(network, DRIVING, streets=streets)
    if data.draw(st.booleans()):
        closures = data.draw(placed_closures(network))
        roads = roads.under(Overlay.of(closures))
        oracle = ClosureOracle(network, DRIVING, closures, streets)
    found = np.concatenate(list(roads.matrix(starts, targets)))
    assert found.dtype == np.int32
    assert found.tolist() == cells(oracle, network, starts, targets)
    for column, target in enumerate(targets):
        total_ms, metres = roads.drives_to(target, starts)
        assert total_ms.tolist() == found[:, column].tolist()
        assert ((metres == NO_WAY) == (total_ms == NO_WAY)).all()


def test_metres_are_those_of_the_drive() -> None:
    town = draw({"a": (0, 0), "b": (700, 0), "c": (700, 900)}, "a-b>c")
    roads = Roads.of(Metric.of(town.network, DRIVING), BucketSearch)
    start, target = town.on("a-b", 100), town.on("b>c", 400)
    way = roads.route(start, target)
    assert way is not None
    total_ms, metres = roads.drives_to(target, [start, target, town.on("b>c", 500)])
    assert total_ms.tolist() == [way.drive_ms, 0, NO_WAY]
    assert metres.tolist() == [pytest.approx(metres_driven(town.network, way)), 0, NO_WAY]
    assert metres[0] == pytest.approx(1000)


def test_more_rows_than_are_swept_together_come_in_blocks_and_in_order() -> None:
    questions = random_questions(4)
    starts = [Starts.at([snap]) for snap in (TOWN.on("3.3-3.4", metres) for metres in range(37))]
    ends = [asked[0] for asked in questions]
    blocks = list(by_density(METRIC).matrix(starts, ends))
    assert [len(block) for block in blocks] == [16, 16, 5]
    expected = np.concatenate(list(BucketSearch(METRIC).matrix(starts, ends)))
    assert np.array_equal(np.concatenate(blocks), expected)
    assert (expected[:, :-1] == NO_WAY).sum() == 0


def test_no_targets_are_rows_of_nothing() -> None:
    lane = draw({"a": (0, 0), "b": (300, 0)}, "a-b")
    roads = Router(lane.network).roads("blue_light")
    (block,) = roads.matrix([lane.on("a>b", 50)] * 2, [])
    assert block.shape == (2, 0)


def test_no_rows_are_no_blocks_and_a_start_nowhere_gets_nowhere() -> None:
    engine = by_density(METRIC)
    assert list(engine.matrix([], [Ends.at(TOWN.on("3.3-3.4", 5), TOWN.network)])) == []
    [nothing] = engine.matrix([Starts.at([])], [Ends.at(TOWN.on("3.3-3.4", 5), TOWN.network)])
    assert nothing.tolist() == [[NO_WAY]]
