"""Driving against the traffic of one-way streets: an option, recognisable, and off by default."""

import pytest

from geo_data.contraflow import with_contraflow
from routing.build import build_network
from routing.metric import BLOCKED, Metric
from routing.network import NO_TWIN, RoadNetwork
from routing.profiles import load_profiles
from routing.router import Router
from routing.streets import CONTRAFLOW
from tests.drawing import DRAWN, Drawing, draw, street

PROFILES = load_profiles()
AGAINST = PROFILES["blue_light_contraflow"]


def one_way_block(**tags: str) -> Drawing:
    """From a to b a one-way street of 100 m, and a way round of 2 km."""
    return draw(
        {"a": (0, 0), "b": (100, 0), "c": (100, 1000), "d": (0, 1000), "e": (200, 1000)},
        street("a>b", name="Old Street", tags={"highway": "residential", **tags}),
        "c-e",
        street("b-c", highway="primary"),
        street("c-d", highway="primary"),
        street("d-a", highway="primary"),
    )


def with_other_way(drawing: Drawing) -> RoadNetwork:
    return build_network(with_contraflow(drawing.streets), name="drawn", provenance=DRAWN)


def against_traffic(network: RoadNetwork) -> int:
    return int(network.is_contraflow.sum())


def test_a_minor_one_way_street_gets_its_other_way_as_a_twin() -> None:
    plain, both = one_way_block().network, with_other_way(one_way_block())
    assert against_traffic(plain) == 0
    (added,) = both.is_contraflow.nonzero()[0].tolist()
    assert both.segment_count == plain.segment_count + 1
    assert both.segment_twin[added] != NO_TWIN
    assert both.street_name(added) == "Old Street"


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "motorway"},
        {"highway": "motorway_link"},
        {"highway": "trunk"},
        {"highway": "residential", "junction": "roundabout"},
    ],
    ids=str,
)
def test_motorways_trunk_roads_and_roundabouts_never_do(tags: dict[str, str]) -> None:
    assert against_traffic(with_other_way(one_way_block(**tags))) == 0


def test_nor_do_the_carriageways_of_a_dual_carriageway() -> None:
    avenue = draw(
        {"a": (0, 0), "b": (300, 0), "c": (300, 15), "d": (0, 15)},
        street("a>b", name="Avenue"),
        street("c>d", name="Avenue"),
        "b-c",
        "d-a",
    )
    assert against_traffic(with_other_way(avenue)) == 0
    parallel = draw(
        {"a": (0, 0), "b": (300, 0), "c": (300, 60), "d": (0, 60)},
        street("a>b", name="East Street"),
        street("c>d", name="West Street"),
        "b-c",
        "d-a",
    )
    assert against_traffic(with_other_way(parallel)) == 2


def test_a_bus_lane_against_the_traffic_is_not_doubled() -> None:
    lane = draw(
        {"a": (0, 0), "b": (100, 0), "c": (50, 80)},
        street("a>b"),
        street("b>a", motor_vehicle="no", bus="yes"),
        "a-c-b",
    )
    assert against_traffic(with_other_way(lane)) == 0


@pytest.mark.parametrize("name", ["normal_road", "blue_light"])
def test_the_other_way_is_closed_to_every_other_profile_and_changes_nothing_for_it(
    name: str,
) -> None:
    drawing = one_way_block()
    plain = Metric.of(drawing.network, PROFILES[name])
    both = Metric.of(with_other_way(drawing), PROFILES[name])
    against = both.network.is_contraflow
    assert (both.segment_ms[against] == BLOCKED).all()
    assert both.segment_ms[~against].tolist() == plain.segment_ms.tolist()
    open_turns = sorted(both.entry_ms[both.entry_ms != BLOCKED].tolist())
    assert open_turns == sorted(plain.entry_ms[plain.entry_ms != BLOCKED].tolist())


def test_against_the_traffic_one_drives_at_walking_horses_pace_and_it_is_told_where() -> None:
    router = Router(with_other_way(one_way_block()))
    places = [
        router.snap(*one_way_block().position(*place), profile=AGAINST.name, radius_m=50)
        for place in ((100, 300), (0, 300))
    ]
    start, target = places
    assert start is not None
    assert target is not None
    drive = router.roads(AGAINST.name).route(start, target)
    assert drive is not None
    (stretch,) = router.path(drive).against_traffic
    assert stretch.street == "Old Street"
    assert stretch.distance_m == pytest.approx(100, abs=0.1)
    segment = drive.segments[router.network.is_contraflow[drive.segments]][0]
    whole_ms = Metric.of(router.network, AGAINST).segment_ms[segment]
    assert whole_ms == round(100 / (AGAINST.contraflow.speed_mph * 0.44704) * 1000)
    usual = router.roads("blue_light").route(start, target)
    assert usual is not None
    assert usual.drive_ms > drive.drive_ms
    assert not router.path(usual).against_traffic


def test_main_roads_are_not_driven_against_the_traffic() -> None:
    network = with_other_way(one_way_block(highway="primary"))
    assert against_traffic(network) == 1
    metric = Metric.of(network, AGAINST)
    assert (metric.segment_ms[network.is_contraflow] == BLOCKED).all()


def test_a_network_without_contraflow_does_not_offer_the_profile() -> None:
    assert AGAINST.name not in Router(one_way_block().network).profiles
    assert AGAINST.name in Router(with_other_way(one_way_block())).profiles


def test_the_profile_is_blue_light_but_for_that() -> None:
    blue = PROFILES["blue_light"]
    tags = {"highway": "residential", "motor_vehicle": "no"}
    assert AGAINST.speed_mps(tags) == blue.speed_mps(tags)
    assert AGAINST.barriers == blue.barriers
    assert blue.speed_mps({**tags, CONTRAFLOW: "yes"}) is None
