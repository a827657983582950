"""Routes over HTTP: steps, alternatives, other drivers and hours."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from routing.storage import save_network
from tests.drawing import Drawing, draw, street
from tests.serving import served
from tests.town import surveyed

MONDAY_RUSH = "2021-01-18T08:30:00Z"
SUMMER_RUSH = "2021-07-19T08:30:00+01:00"
NIGHT = "2021-01-18T03:00:00Z"


def town() -> Drawing:
    """Two ways over a river, and a camera filter on a third."""
    return draw(
        {
            "a": (0, 0),
            "b": (0, 400),
            "w": (-900, 1500),
            "m": (0, 1500),
            "e": (1000, 1500),
            "y": (0, 2600),
            "z": (0, 3000),
        },
        street("a-b", name="South Road"),
        street("b-w", name="West Bridge"),
        street("w-y", name="West Road"),
        street("b-e", name="East Bridge"),
        street("e-y", name="East Road"),
        street("b-m", name="Filter Street", motor_vehicle="no"),
        street("m-y", name="Filter Street", motor_vehicle="no"),
        street("y-z", name="North Road"),
    )


def at(east_m: float, north_m: float) -> dict[str, float]:
    lat, lon = town().position(east_m, north_m)
    return {"lat": lat, "lon": lon}


FROM_TO = {"from": at(0, 100), "to": at(0, 2900)}


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    directory = tmp_path_factory.mktemp("town") / "network"
    save_network(town().network, directory)
    with served(create_app(Settings(network=directory))) as client:
        yield client


def asked(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/routes", json={**FROM_TO, **body})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_steps_follow_the_line_and_add_up(roads: httpx.Client) -> None:
    answer = asked(roads, steps=True, profile="normal_road")
    steps, line = answer["steps"], answer["route"]["geometry"]["coordinates"]
    assert [step["instruction"] for step in steps] == [
        "head north on South Road",
        "bear left onto West Bridge",
        "turn right into West Road",
        "bear left onto North Road",
        "arrive, on North Road",
    ]
    assert sum(step["duration_s"] for step in steps) == pytest.approx(answer["duration_s"])
    assert sum(step["distance_m"] for step in steps) == pytest.approx(answer["distance_m"], abs=0.5)
    lat, lon = town().position(-900, 1500)
    assert line[steps[2]["first_point"]] == pytest.approx([lon, lat], abs=1e-6)


def test_an_approximate_network_is_said_to_be_in_every_answer(
    roads: httpx.Client, tmp_path: Path
) -> None:
    spot = FROM_TO["from"]
    others = {
        "/v1/matrix": {"from": [spot]},
        "/v1/isochrones": {"from": spot},
        "/v1/snap": {"location": spot},
        "/v1/recommendations": {"call": {"location": spot, "category": "C1"}},
    }
    save_network(surveyed(town().network), tmp_path / "surveyed")
    with served(create_app(Settings(network=tmp_path / "surveyed"))) as exact:
        for client, approximate in ((roads, True), (exact, False)):
            way = asked(client, profile="normal_road", alternatives=1)
            for one in (way, *way["alternatives"]):
                codes = [warning["code"] for warning in one["warnings"]]
                assert codes == ["approximate_network"] * approximate
            for path, body in others.items():
                answer = client.post(path, json=body).json()
                assert answer["network"]["approximate"] is approximate, path
            assert client.get("/health/ready").json()["network"]["approximate"] is approximate


def test_nothing_more_is_answered_than_asked_for(roads: httpx.Client) -> None:
    answer = asked(roads)
    assert answer["steps"] is None
    assert answer["alternatives"] == []
    assert answer["also_priced_as"] == []


def test_the_other_bridge_is_an_alternative(roads: httpx.Client) -> None:
    answer = asked(roads, profile="normal_road", alternatives=2, steps=True)
    (other,) = answer["alternatives"]
    assert "West Bridge" in answer["streets"]
    assert "East Bridge" in other["streets"]
    assert answer["duration_s"] < other["duration_s"] <= 1.25 * answer["duration_s"]
    assert other["steps"][1]["instruction"] == "bear right onto East Bridge"


def test_a_way_priced_for_others_says_where_they_may_not_drive(roads: httpx.Client) -> None:
    answer = asked(
        roads,
        also_priced_as=[{"profile": "normal_road"}, {"profile": "blue_light", "at": MONDAY_RUSH}],
    )
    assert answer["streets"] == ["South Road", "Filter Street", "North Road"]
    normal, rush = answer["also_priced_as"]
    assert normal["duration_s"] is None
    assert [one["street"] for one in normal["obstacles"]] == ["Filter Street"] * 2
    assert {one["reason"] for one in normal["obstacles"]} == {"street"}
    line = answer["route"]["geometry"]["coordinates"]
    lat, lon = town().position(0, 400)
    assert line[normal["obstacles"][0]["first_point"]] == pytest.approx([lon, lat], abs=1e-6)
    assert rush["obstacles"] == []
    assert rush["duration_s"] > answer["duration_s"]


def test_a_way_costs_what_its_hour_in_london_does_summer_and_winter(roads: httpx.Client) -> None:
    rush, summer, night, average = (
        asked(roads, profile="normal_road", at=moment)["duration_s"]
        for moment in (MONDAY_RUSH, SUMMER_RUSH, NIGHT, None)
    )
    assert rush == summer
    assert rush > average > night


def test_the_same_driver_at_the_same_hour_costs_the_same(roads: httpx.Client) -> None:
    asked_at = {"profile": "normal_road", "at": NIGHT}
    answer = asked(roads, **asked_at, alternatives=2, also_priced_as=[asked_at])
    for way in (answer, *answer["alternatives"]):
        assert way["also_priced_as"][0]["duration_s"] == way["duration_s"]


def test_a_way_is_priced_at_the_hour_of_the_request_unless_told_another(
    roads: httpx.Client,
) -> None:
    driver = {"profile": "normal_road"}
    others = [driver, {**driver, "at": MONDAY_RUSH}]
    answer = asked(roads, **driver, at=NIGHT, also_priced_as=others)
    at_night, at_rush = answer["also_priced_as"]
    assert (at_night["at"], at_rush["at"]) == (NIGHT, MONDAY_RUSH)
    assert at_night["duration_s"] == answer["duration_s"] < at_rush["duration_s"]
    (average,) = asked(roads, **driver, also_priced_as=[driver])["also_priced_as"]
    assert average["at"] is None
    assert at_night["duration_s"] < average["duration_s"] < at_rush["duration_s"]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"alternatives": 3}, "alternatives", "less than or equal to 2"),
        ({"alternatives": -1}, "alternatives", "greater than or equal to 0"),
        ({"steps": "yes"}, "steps", "true or false"),
        ({"at": "noon"}, "at", "RFC 3339"),
        ({"at": "2021-01-18T08:30:00"}, "at", "needs an offset"),
        ({"also_priced_as": [{}] * 11}, "also_priced_as", "at most 10"),
        ({"also_priced_as": [{"profile": "x"}]}, "also_priced_as[0].profile", "not one of"),
        ({"also_priced_as": [{"hour": 3}]}, "also_priced_as[0].hour", "no such field"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    roads: httpx.Client, change: dict[str, Any], field: str, said: str
) -> None:
    answer = roads.post("/v1/routes", json={**FROM_TO, **change})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == field
    assert said in fault["message"]
