"""Ways and snapping over HTTP, on a town with a trap."""

import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from routing.engine import Arrival
from routing.roads import Roads
from routing.storage import save_network
from tests.drawing import Drawing, draw, street
from tests.serving import served


def town() -> Drawing:
    """A High Street, a one-way lane back from it, and an island that no road reaches."""
    return draw(
        {"a": (0, 0), "b": (0, 1000), "c": (1000, 1000), "x": (4000, 0), "y": (4000, 500)},
        street("a-b", name="High Street", highway="primary"),
        street("b-c", name="Mill Lane"),
        street("x-y", name="Island Road"),
    )


def place(east_m: float, north_m: float) -> dict[str, float]:
    lat, lon = town().position(east_m, north_m)
    return {"lat": lat, "lon": lon}


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The service on the drawn town, loaded from a directory."""
    directory = tmp_path_factory.mktemp("town") / "network"
    save_network(town().network, directory)
    with served(create_app(Settings(network=directory))) as client:
        yield client


def test_a_route_has_its_line_length_time_and_streets(roads: httpx.Client) -> None:
    body = {"from": place(0, 200), "to": place(600, 1000)}
    answer = roads.post("/v1/routes", json=body).json()
    assert answer["distance_m"] == pytest.approx(1400, abs=2)
    assert answer["streets"] == ["High Street", "Mill Lane"]
    assert answer["from_road_m"] == pytest.approx(0, abs=0.5)
    line = answer["route"]["geometry"]["coordinates"]
    lat, lon = town().position(0, 200)
    assert line[0] == pytest.approx([lon, lat], abs=1e-6)
    assert len(line) == 3
    assert answer["route"]["properties"] == {
        key: answer[key] for key in ("distance_m", "duration_s", "streets")
    }


def test_blue_lights_are_faster(roads: httpx.Client) -> None:
    body = {"from": place(0, 200), "to": place(600, 1000)}
    blue, normal = (
        roads.post("/v1/routes", json={**body, "profile": profile}).json()["duration_s"]
        for profile in ("blue_light", "normal_road")
    )
    assert 0 < blue < normal


def test_no_way_to_an_island_is_a_problem(roads: httpx.Client) -> None:
    body = {"from": place(0, 200), "to": place(4000, 100)}
    answer = roads.post("/v1/routes", json=body)
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:nearest-crew:problem:off-network"


def test_many_routes_at_once_take_turns(roads: httpx.Client) -> None:
    running, most = 0, 0
    searched = Roads.route

    def counted(*asked: Any) -> Arrival | None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.01)
        running -= 1
        return searched(*asked)

    body = {"from": place(0, 200), "to": place(600, 1000)}
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(12) as clients:
        patch.setattr(Roads, "route", counted)
        answers = list(clients.map(lambda _: roads.post("/v1/routes", json=body), range(24)))
    assert {answer.status_code for answer in answers} == {200}
    assert 1 <= most <= max(1, (os.cpu_count() or 1) - 1)


def test_a_place_far_from_any_road_is_a_problem(roads: httpx.Client) -> None:
    far = place(-15_000, 500)
    answer = roads.post("/v1/snap", json={"location": far})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:nearest-crew:problem:off-network"
    (fault,) = problem["errors"]
    assert (fault["field"], json.loads(fault["value"])) == ("location", far)
    assert fault["message"].startswith("No road for blue_light lies within 3,000 m of ")
    assert fault["accepted"] == "a place within 3,000 m of a road"
    assert "No road for blue_light lies within" in answer.json()["detail"]


def snapped(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    body = {"location": place(12, 300), **fields}
    answer: dict[str, Any] = client.post("/v1/snap", json=body).json()
    return answer


def test_a_position_snaps_to_both_directions_of_its_street(roads: httpx.Client) -> None:
    answer = snapped(roads)
    assert answer["distance_m"] == pytest.approx(12, abs=0.5)
    assert [segment["street"] for segment in answer["segments"]] == ["High Street"] * 2
    fractions = sorted(segment["fraction"] for segment in answer["segments"])
    assert fractions == pytest.approx([0.3, 0.7], abs=1e-3)


def test_a_heading_decides_between_the_two_directions(roads: httpx.Client) -> None:
    north, south = (snapped(roads, heading_deg=heading)["segments"] for heading in (5, 185))
    assert [round(one["fraction"], 2) for one in north] == [0.3]
    assert [round(one["fraction"], 2) for one in south] == [0.7]


def test_the_network_says_what_it_is(roads: httpx.Client, london: httpx.Client) -> None:
    drawn, embedded = (client.get("/v1/network").json() for client in (roads, london))
    assert drawn["junctions"] <= 5
    assert drawn["version"] != embedded["version"]
    assert embedded["approximate"]
    assert embedded["extent"]["south"] < 51.5 < embedded["extent"]["north"]
    assert embedded["segments"] > 1000
    assert embedded["licence"]


def test_another_network_starts_without_the_demo_fleet(roads: httpx.Client) -> None:
    assert roads.get("/v1/vehicles").json()["total"] == 0
