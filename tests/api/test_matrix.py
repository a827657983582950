"""Matrices over HTTP: as JSON and as Arrow, streamed, with gaps where no way leads."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from app.main import create_app
from app.settings import Settings
from routing.closures import Closure, Shut, TheseSegments
from routing.storage import save_network
from tests.drawing import Drawing, draw
from tests.serving import served

ARROW = "application/vnd.apache.arrow.stream"


def town() -> Drawing:
    """A street into a one-way ring."""
    return draw(
        {"a": (0, 0), "b": (1000, 0), "c": (1000, 1000), "d": (0, 1000)},
        *("a-b", "b>c>d>a"),
    )


def at(east_m: float, north_m: float) -> dict[str, float]:
    lat, lon = town().position(east_m, north_m)
    return {"lat": lat, "lon": lon}


PLACES = [at(200, 0), at(1000, 500), at(0, 600)]


@pytest.fixture(scope="module")
def roads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    directory = tmp_path_factory.mktemp("ring") / "network"
    save_network(town().network, directory)
    with served(create_app(Settings(network=directory))) as client:
        yield client


def asked(client: httpx.Client, **body: Any) -> dict[str, Any]:
    answer = client.post("/v1/matrix", json={"from": PLACES, **body})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def test_every_cell_is_the_route(roads: httpx.Client) -> None:
    answer = asked(roads, to=PLACES[1:], distances=True)
    assert answer["network"]["name"] == town().network.name
    for row, start in enumerate(PLACES):
        for column, end in enumerate(PLACES[1:]):
            way = roads.post("/v1/routes", json={"from": start, "to": end}).json()
            assert answer["durations_s"][row][column] == way["duration_s"]
            assert answer["distances_m"][row][column] == pytest.approx(way["distance_m"], abs=0.1)


def test_without_other_places_it_is_among_those_sent(roads: httpx.Client) -> None:
    answer = asked(roads)
    assert answer["distances_m"] is None
    assert [row[place] for place, row in enumerate(answer["durations_s"])] == [0, 0, 0]
    with_distances = asked(roads, distances=True)
    assert with_distances["durations_s"] == answer["durations_s"]


def test_to_where_it_already_is_no_length_is_negative(roads: httpx.Client) -> None:
    spots = [at(east_m, 0) for east_m in range(3, 300, 7)]
    body = {"from": spots, "distances": True}
    answer = roads.post("/v1/matrix", json=body)
    assert "-0.0" not in answer.text
    table = pa.ipc.open_stream(
        roads.post("/v1/matrix", json=body, headers={"accept": ARROW}).content
    ).read_all()
    for rows in (answer.json()["distances_m"], table["distance_m"].to_pylist()):
        assert {math.copysign(1, metres) for row in rows for metres in row} == {1}


def test_the_profile_and_the_hour_count(roads: httpx.Client) -> None:
    blue, rush, night = (
        asked(roads, **driven)["durations_s"][0][1]
        for driven in (
            {"profile": "blue_light"},
            {"profile": "normal_road", "at": "2021-01-18T08:30:00Z"},
            {"profile": "normal_road", "at": "2021-01-18T03:00:00Z"},
        )
    )
    assert blue < night < rush


@pytest.mark.parametrize("distances", [False, True])
def test_arrow_says_the_same(roads: httpx.Client, *, distances: bool) -> None:
    body = {"from": PLACES, "to": PLACES[:2], "distances": distances}
    answer = roads.post("/v1/matrix", json=body, headers={"accept": ARROW})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == ARROW
    table = pa.ipc.open_stream(answer.content).read_all()
    same = asked(roads, to=PLACES[:2], distances=distances)
    assert table["from"].to_pylist() == [0, 1, 2]
    assert table["duration_s"].to_pylist() == same["durations_s"]
    assert ("distance_m" in table.column_names) is distances
    if distances:
        assert table["distance_m"].to_pylist() == same["distances_m"]


def test_a_place_no_way_leads_to_is_null(tmp_path: Path) -> None:
    save_network(town().network, tmp_path / "network")
    app = create_app(Settings(network=tmp_path / "network"))
    with served(app) as client:
        shut = TheseSegments((town().segment("b>c"),))
        app.state.service.router.close(Closure("cut", Shut(), shut))
        answer = asked(client, to=PLACES[1:], distances=True)
        assert answer["durations_s"][0][0] > 0  # into the shut street, not through it
        assert answer["durations_s"][0][1] is None
        assert answer["distances_m"][0][1] is None
        arrow = client.post(
            "/v1/matrix", json={"from": PLACES, "to": PLACES[1:]}, headers={"accept": ARROW}
        )
        table = pa.ipc.open_stream(arrow.content).read_all()
        assert table["duration_s"].to_pylist() == answer["durations_s"]
        assert answer["closures"] == ["cut"]
        assert json.loads(table.schema.metadata[b"closures"]) == ["cut"]


def test_many_places_come_in_parts(london: httpx.Client) -> None:
    places = [
        {"lat": 51.40 + 0.002 * (row % 50), "lon": -0.20 + 0.004 * (row // 50)}
        for row in range(120)
    ]
    body = {"from": places, "to": places[:30]}
    with london.stream("POST", "/v1/matrix", json=body) as answer:
        parts = list(answer.iter_raw())
    assert len(parts) > 10
    durations_s = london.post("/v1/matrix", json=body).json()["durations_s"]
    assert [len(row) for row in durations_s] == [30] * 120


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"from": []}, "from", "at least 1"),
        ({"from": [at(0, 0)] * 2001}, "from", "at most 2000"),
        ({"from": [at(0, 0)], "to": [at(0, 0)] * 2001}, "to", "at most 2000"),
        ({"from": [at(0, 0)] * 501, "distances": True}, "distances", "from can hold up to 500"),
        ({"from": [at(0, 0)], "to": [{"lat": 51.5}]}, "to[0].lon", "lat was sent without lon"),
        ({"to": [at(0, 0)]}, "from", "required"),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    roads: httpx.Client, body: dict[str, Any], field: str, said: str
) -> None:
    answer = roads.post("/v1/matrix", json=body)
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["field"] == field
    assert said in fault["message"]


def test_places_off_the_roads_are_named(roads: httpx.Client) -> None:
    far = at(-5_000, 500)
    answer = roads.post("/v1/matrix", json={"from": [PLACES[0], far], "to": [far]})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:nearest-crew:problem:off-network"
    assert [fault["field"] for fault in problem["errors"]] == ["from[1]"]
    assert "No road for blue_light lies within" in problem["detail"]
