"""Every question on the smallest networks there are, and places that are on none."""

import pytest

from routing.build import build_network
from routing.engine import Starts
from routing.errors import NetworkError
from routing.isochrones import isochrones
from routing.matrix import NO_WAY
from routing.router import Router
from routing.streets import StreetMap
from tests.drawing import DRAWN, draw, street


def test_no_streets_are_no_network() -> None:
    with pytest.raises(NetworkError, match="no street"):
        build_network(StreetMap(junctions={}, streets=[]), name="empty", provenance=DRAWN)


def test_streets_that_nobody_may_drive_are_no_roads() -> None:
    path = draw({"a": (0, 0), "b": (300, 0)}, street("a-b", highway="footway"))
    with pytest.raises(NetworkError, match="no street of drawing is open to profile"):
        Router(path.network)


def test_one_street_answers_every_question() -> None:
    lane = draw({"a": (0, 0), "b": (300, 0)}, street("a>b", name="Lane"))
    router = Router(lane.network)
    roads = router.roads("blue_light")
    near, far = lane.on("a>b", 50), lane.on("a>b", 250)
    way = roads.route(near, far)
    assert way is not None
    assert [step.instruction for step in roads.steps(way)] == [
        "head east on Lane",
        "arrive, on Lane",
    ]
    assert roads.price(way).drive_ms == way.drive_ms
    assert roads.alternatives(way, near, far) == []
    assert roads.route(far, near) is None
    rows = [row for block in roads.matrix([near, far], [near, far]) for row in block.tolist()]
    assert rows == [[0, way.drive_ms], [NO_WAY, 0]]
    (area,) = isochrones(roads.reach(Starts.at([far]), 60_000), [60_000])
    assert area.area.is_valid


def test_a_place_5_km_from_any_road_is_on_none() -> None:
    lane = draw({"a": (0, 0), "b": (300, 0)}, "a-b")
    router = Router(lane.network)
    lat, lon = lane.position(150, 5_000)
    assert router.snap(lat, lon, profile="blue_light", radius_m=4_900) is None
    assert router.snap(lat, lon, profile="blue_light", radius_m=5_100) is not None


def test_an_island_is_not_reached() -> None:
    sea = draw(
        {"a": (0, 0), "b": (2000, 0), "c": (0, 2000), "x": (9000, 0), "y": (9300, 0)},
        "b-a-c",
        "x-y",
    )
    roads = Router(sea.network).roads("blue_light")
    mainland, island = sea.on("a-b", 100), sea.on("x-y", 100)
    assert roads.route(mainland, island) is None
    rows = [row for block in roads.matrix([mainland], [island, mainland]) for row in block.tolist()]
    assert rows == [[NO_WAY, 0]]
