"""Isochrones over HTTP, on a town of 3 km and on embedded London with its demo fleet."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import shapely
import shapely.geometry
from shapely.geometry.base import BaseGeometry

from app.main import create_app
from app.settings import Settings
from routing.storage import save_network
from tests.serving import served
from tests.town import grid

TRAFALGAR_SQUARE = {"lat": 51.508, "lon": -0.1281}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The service on the grid of streets, without a vehicle."""
    directory = tmp_path_factory.mktemp("grid") / "network"
    save_network(grid().network, directory)
    with served(create_app(Settings(network=directory))) as client:
        yield client


def at(east_m: float, north_m: float) -> dict[str, float]:
    lat, lon = grid().position(east_m, north_m)
    return {"lat": lat, "lon": lon}


def point(east_m: float, north_m: float) -> shapely.Point:
    lat, lon = grid().position(east_m, north_m)
    return shapely.Point(lon, lat)


def asked(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/isochrones", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def areas(answer: dict[str, Any]) -> list[BaseGeometry]:
    return [shapely.geometry.shape(feature["geometry"]) for feature in answer["features"]]


def on_duty(client: httpx.Client, vehicle_id: str, place: dict[str, float], **more: Any) -> None:
    vehicle = {
        "vehicle_type": "emergency_ambulance",
        "status": "available_at_station",
        "position": {"location": place, "reported_at": datetime.now(UTC).isoformat()},
        **more,
    }
    assert client.put(f"/v1/vehicles/{vehicle_id}", json=vehicle).is_success


def test_a_longer_time_reaches_further(town: httpx.Client) -> None:
    answer = asked(town, **{"from": at(1500, 1500)}, limits_s=[120, 30])
    assert answer["type"] == "FeatureCollection"
    assert answer["vehicles"] is None
    assert answer["network"]["name"] == grid().network.name
    assert [one["properties"]["limit_s"] for one in answer["features"]] == [120, 30]
    far, near = areas(answer)
    assert far.covers(near)
    assert near.covers(point(1500, 1500))
    assert not near.covers(point(1500, 2900))
    assert far.covers(point(1500, 2000))
    assert not far.covers(point(1750, 1750))  # the middle of a block lies 250 m off the road


def test_blue_lights_reach_further(town: httpx.Client) -> None:
    blue, normal = (
        areas(asked(town, **{"from": at(1500, 1500)}, limits_s=[60], profile=profile))[0].area
        for profile in ("blue_light", "normal_road")
    )
    assert blue > 1.2 * normal


def test_no_time_reaches_the_place_itself(town: httpx.Client) -> None:
    (area,) = areas(asked(town, **{"from": at(1500, 1500)}, limits_s=[0]))
    assert area.covers(point(1500, 1500))
    assert not area.covers(point(1700, 1500))


def test_a_day_reaches_every_street(town: httpx.Client) -> None:
    (area,) = areas(asked(town, **{"from": at(0, 0)}, limits_s=[86_400]))
    assert all(area.covers(point(500 * x, 500 * y)) for x in range(7) for y in range(7))


def test_the_fleet_reaches_what_its_first_vehicle_does_after_moving_off(
    town: httpx.Client,
) -> None:
    nobody = asked(town, **{"from": "fleet"})
    assert nobody["vehicles"] == 0
    assert [one["properties"]["limit_s"] for one in nobody["features"]] == [420, 900, 1080]
    assert [one["geometry"]["coordinates"] for one in nobody["features"]] == [[], [], []]

    on_duty(town, "A1", at(0, 0))
    on_duty(town, "A2", at(3000, 3000), blue_light_trained=False)
    on_duty(town, "A3", at(0, 3000), status="out_of_service")
    on_duty(town, "F1", at(3000, 0), vehicle_type="rapid_response_vehicle")
    try:
        answer = asked(town, **{"from": "fleet"}, limits_s=[1, 180])
        assert answer["vehicles"] == 3
        none_yet, later = areas(answer)
        assert none_yet.is_empty  # mobilisation takes longer than a second
        reached = [later.covers(point(*corner)) for corner in CORNERS]
        assert reached == [True, True, False, True]

        conveying = asked(
            town, **{"from": "fleet"}, limits_s=[180], category="C2", needs={"conveyance": True}
        )
        assert conveying["vehicles"] == 2
        (area,) = areas(conveying)
        assert [area.covers(point(*corner)) for corner in CORNERS] == [True, True, False, False]
    finally:
        for vehicle_id in ("A1", "A2", "A3", "F1"):
            town.delete(f"/v1/vehicles/{vehicle_id}")


def test_the_fleet_drives_at_the_hour_of_now_and_from_a_place_it_is_the_average(
    town: httpx.Client,
) -> None:
    on_duty(town, "A1", at(0, 0), blue_light_trained=False)
    try:
        now = datetime.now(UTC)
        hours = [(now + timedelta(hours=ahead)).isoformat() for ahead in range(24)]
        fleet, place = (
            [areas(asked(town, **where, limits_s=[240], at=hour)) for hour in (None, *hours)]
            for where in ({"from": "fleet"}, {"from": at(0, 0), "profile": "normal_road"})
        )
        assert fleet[0] == fleet[1]
        average, *sizes = [one.area for (one,) in place]
        assert min(sizes) < average < max(sizes)
    finally:
        town.delete("/v1/vehicles/A1")


def test_areas_are_written_as_geojson_wants_them(town: httpx.Client) -> None:
    """Valid, outer rings counter-clockwise, seven decimals: of one profile and of two together."""
    on_duty(town, "A1", at(0, 0))
    on_duty(town, "A2", at(1400, 1430), blue_light_trained=False)
    on_duty(town, "A3", at(1600, 1430))
    try:
        written = [
            town.post("/v1/isochrones", json={"from": origin, "limits_s": [90, 180, 3600]})
            for origin in ("fleet", at(1500, 1500))
        ]
    finally:
        for vehicle_id in ("A1", "A2", "A3"):
            town.delete(f"/v1/vehicles/{vehicle_id}")
    for answer in written:
        decimals = re.findall(r"\.(\d+)", answer.text.partition('"features"')[2])
        assert len(decimals) > 1000
        assert max(map(len, decimals)) <= 7
        for area in areas(answer.json()):
            assert isinstance(area, shapely.MultiPolygon)
            assert area.is_valid
            assert not area.is_empty
            for part in area.geoms:
                assert part.exterior.is_ccw
                assert not any(hole.is_ccw for hole in part.interiors)


def test_a_closure_makes_the_area_smaller_and_is_named(town: httpx.Client) -> None:
    body = {"from": at(1500, 1400), "limits_s": [60]}
    before = asked(town, **body)
    assert before["closures"] == []
    far = point(1500, 1800)
    assert areas(before)[0].covers(far)
    for closure_id, way in (("here", "3.3>3.4"), ("elsewhere", "0.0>0.1")):
        segments = [grid().segment(way)]
        made = town.post("/v1/closures", json={"closure_id": closure_id, "segments": segments})
        assert made.is_success, made.text
    try:
        after = asked(town, **body)
        assert after["closures"] == ["here"]
        assert not areas(after)[0].covers(far)
    finally:
        town.delete("/v1/closures/here")
        town.delete("/v1/closures/elsewhere")


def test_the_rush_hour_reaches_less(town: httpx.Client) -> None:
    night, rush = (
        areas(
            asked(town, **{"from": at(1500, 1500)}, limits_s=[90], profile="normal_road", at=moment)
        )[0].area
        for moment in ("2021-01-18T03:00:00Z", "2021-01-18T08:30:00Z")
    )
    assert night > rush


CORNERS = ((0, 0), (3000, 3000), (0, 3000), (3000, 0))


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"limits_s": []}, "limits_s", "at least 1"),
        ({"limits_s": [60] * 11}, "limits_s", "at most 10"),
        ({"limits_s": [60, -1]}, "limits_s[1]", "greater than or equal to 0"),
        ({"limits_s": [86_401]}, "limits_s[0]", "less than or equal to 86400"),
        ({"limits_s": ["600"]}, "limits_s[0]", "valid number"),
        ({"off_road_m": 5}, "off_road_m", "greater than or equal to 20"),
        ({"off_road_m": 5_000}, "off_road_m", "less than or equal to 1000"),
        ({"profile": "hovercraft"}, "profile", "not one of the words"),
        ({"from": "fleets"}, "from", "neither the word 'fleet' nor a place"),
        ({"from": {"lat": 51.5}}, "from.lon", "lat was sent without lon"),
        ({"from": None}, "from", "must be an object"),
        ({"category": "C2"}, "category", "only be asked with the fleet"),
        ({"needs": {}}, "needs", "only be asked with the fleet"),
        ({"from": "fleet", "profile": "blue_light"}, "profile", "only be asked with a place"),
        ({"from": "fleet", "category": "C5"}, "category", "telephone advice"),
        ({"limit_s": [60]}, "limit_s", "Did you mean 'limits_s'?"),
    ],
)
def test_what_cannot_be_drawn_is_a_problem(
    town: httpx.Client, change: dict[str, Any], field: str, said: str
) -> None:
    answer = town.post("/v1/isochrones", json={"from": at(0, 0), **change})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:nearest-crew:problem:invalid-request"
    (fault,) = problem["errors"]
    assert fault["field"] == field
    assert said in fault["message"]


@pytest.mark.parametrize(
    ("east_m", "problem"),
    [(-5_000, "off-network"), (-60_000, "outside-area")],
)
def test_a_place_far_from_any_road_is_a_problem(
    town: httpx.Client, east_m: float, problem: str
) -> None:
    answer = town.post("/v1/isochrones", json={"from": at(east_m, 500)})
    assert answer.status_code == 422
    assert answer.json()["type"] == f"urn:nearest-crew:problem:{problem}"


def test_london_is_mostly_covered_by_its_demo_fleet(london: httpx.Client) -> None:
    answer = asked(london, **{"from": "fleet"}, off_road_m=400)
    assert answer["vehicles"] > 50
    seven, fifteen, eighteen = areas(answer)
    assert eighteen.covers(fifteen)
    assert fifteen.covers(seven)
    assert seven.covers(shapely.Point(TRAFALGAR_SQUARE["lon"], TRAFALGAR_SQUARE["lat"]))
