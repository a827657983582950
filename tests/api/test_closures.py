"""Closures over HTTP, on embedded London: Tower Bridge goes up, and comes down again."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import shapely

from app.main import create_app
from app.settings import Settings
from tests.api.faults import check
from tests.serving import served

CLOSURES = "/v1/closures"
TOWER_BRIDGE = {"closure_id": "tower-bridge", "street": {"name": "Tower Bridge"}}
NORTH = {"lat": 51.5102, "lon": -0.0718}
SOUTH = {"lat": 51.5012, "lon": -0.0780}
NOW = "2026-01-17T18:42:05Z"


def polygon(*corners: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[*map(list, corners), list(corners[0])]]}


SOUTHWARK = polygon((-0.09, 51.49), (-0.07, 51.49), (-0.07, 51.504), (-0.09, 51.504))


@pytest.fixture(scope="module")
def service() -> Iterator[httpx.Client]:
    with served(create_app(Settings(demo_fleet=False))) as client:
        yield client


@pytest.fixture
def roads(service: httpx.Client) -> Iterator[httpx.Client]:
    """London with every street open, before and after."""
    yield service
    for closure in service.get(CLOSURES).json()["closures"]:
        assert service.delete(f"{CLOSURES}/{closure['closure_id']}").status_code == 204


def recommended(client: httpx.Client, vehicle_at: dict[str, float]) -> dict[str, Any]:
    vehicle = {
        "vehicle_id": "A1",
        "vehicle_type": "emergency_ambulance",
        "status": "available_mobile",
        "position": {"location": vehicle_at, "reported_at": NOW},
    }
    body = {"call": {"location": SOUTH, "category": "C2"}, "vehicles": [vehicle], "at": NOW}
    answer: dict[str, Any] = client.post("/v1/recommendations", json=body).json()
    return answer


def test_a_bridge_is_shut_named_in_answers_and_opened_again(roads: httpx.Client) -> None:
    before = recommended(roads, NORTH)["options"][0]
    assert before["closures"] is None

    answer = roads.post(CLOSURES, json={**TOWER_BRIDGE, "note": "Bridge lift"})
    assert answer.status_code == 201
    closure = answer.json()
    assert closure == roads.get(answer.headers["location"]).json()
    assert closure["title"] == "Tower Bridge closed"
    assert closure["status"] == "in_force"
    assert closure["segment_count"] == 2
    assert closure["street"] == {"name": "Tower Bridge", "within": None, "everywhere": False}
    assert 200 < closure["length_m"] < 1000
    west, south, east, north = closure["bbox"]
    assert -0.08 < west < east < -0.07
    assert 51.5 < south < north < 51.51
    assert closure["warnings"] == []

    (option,) = recommended(roads, NORTH)["options"]
    delay_s = option["eta"]["total_s"] - before["eta"]["total_s"]
    assert delay_s > 60
    detail = f"Tower Bridge closed: +{round(delay_s)} s"
    assert option["closures"] == {
        "closure_ids": ["tower-bridge"],
        "delay_s": pytest.approx(delay_s),
        "detail": detail,
    }
    assert "Tower Bridge" not in option["route"]["properties"]["streets"]
    assert detail in option["reasons"]

    assert roads.delete(f"{CLOSURES}/tower-bridge").status_code == 204
    assert recommended(roads, NORTH)["options"][0]["eta"] == before["eta"]


def route(client: httpx.Client, start: dict[str, float], end: dict[str, float]) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/v1/routes", json={"from": start, "to": end}).json()
    return answer


def test_a_route_names_the_closure_it_goes_round(roads: httpx.Client) -> None:
    usual = route(roads, NORTH, SOUTH)
    assert (usual["closures"], usual["ends_in_closure"]) == (None, False)
    roads.post(CLOSURES, json=TOWER_BRIDGE)
    closed = route(roads, NORTH, SOUTH)
    delay_s = closed["duration_s"] - usual["duration_s"]
    assert closed["closures"]["detail"] == f"Tower Bridge closed: +{round(delay_s)} s"


def test_a_route_onto_a_shut_bridge_says_that_it_ends_there(roads: httpx.Client) -> None:
    roads.post(CLOSURES, json=TOWER_BRIDGE)
    on_it = route(roads, NORTH, {"lat": 51.5055, "lon": -0.0754})
    assert (on_it["begins_in_closure"], on_it["ends_in_closure"]) == (False, True)
    assert on_it["streets"][-1] == "Tower Bridge"
    assert on_it["closures"]["delay_s"] == 0
    assert on_it["closures"]["detail"] == "Tower Bridge closed: the last stretch leads onto it"
    off_it = route(roads, {"lat": 51.5055, "lon": -0.0754}, SOUTH)
    assert (off_it["begins_in_closure"], off_it["ends_in_closure"]) == (True, False)


def test_a_name_that_several_streets_have_is_refused_with_all_of_them(
    roads: httpx.Client,
) -> None:
    name = "London Road"
    check(roads, CLOSURES, {"street": {"name": name}}, "street.name", "separate streets are called")
    answer = roads.post(CLOSURES, json={"street": {"name": name}})
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["type"] == "urn:nearest-crew:problem:several-streets"
    assert roads.get(CLOSURES).json()["total"] == 0
    places = problem["places"]
    assert len(places) > 2
    lengths_m = [one["length_m"] for one in places]
    assert lengths_m == sorted(lengths_m, reverse=True)
    assert f"{places[0]['lat']:.4f}, {places[0]['lon']:.4f}" in problem["detail"]

    all_m = roads.post(CLOSURES, json={"street": {"name": name, "everywhere": True}}).json()
    assert all_m["length_m"] == pytest.approx(sum(lengths_m), abs=1)
    boxes = [shapely.box(*one["bbox"]).buffer(0.0005, join_style="mitre") for one in places]
    alone = next(i for i, box in enumerate(boxes) if sum(map(box.intersects, boxes)) == 1)
    around = shapely.geometry.mapping(boxes[alone])
    one = roads.post(CLOSURES, json={"street": {"name": name, "within": around}}).json()
    assert one["length_m"] == places[alone]["length_m"]


def test_an_area_that_shuts_streets_far_beyond_it_says_so(roads: httpx.Client) -> None:
    square = polygon((-0.131, 51.506), (-0.125, 51.506), (-0.125, 51.51), (-0.131, 51.51))
    closure = roads.post(CLOSURES, json={"area": square}).json()
    (said,) = closure["warnings"]
    assert said.startswith(f"it shuts {closure['length_m'] / 1000:.1f} km of street, of which ")
    assert said.endswith("inside the area: streets count whole, from junction to junction")


def test_no_route_names_the_closures_that_cut_it_off(roads: httpx.Client) -> None:
    """A belt around Southwark: who is inside cannot cross to the north bank."""
    belt = polygon((-0.15, 51.45), (-0.03, 51.45), (-0.03, 51.5085), (-0.15, 51.5085))
    hole = polygon((-0.1, 51.49), (-0.07, 51.49), (-0.07, 51.5022), (-0.1, 51.5022))
    belt["coordinates"] += hole["coordinates"]
    roads.post(CLOSURES, json={"area": belt, "note": "Flood"})
    problem = route(roads, {"lat": 51.4985, "lon": -0.0835}, {"lat": 51.5155, "lon": -0.0720})
    assert problem["type"] == "urn:nearest-crew:problem:no-route"
    assert problem["detail"].endswith("with blue_light: Flood closed.")


def test_a_call_inside_a_wide_closure_is_reached_and_flagged(roads: httpx.Client) -> None:
    ring = polygon((-1, 51.0), (1, 51.0), (1, 52.0), (-1, 52.0))
    ring["coordinates"].append(
        [[-0.2, 51.4], [0.0, 51.4], [0.0, 51.49], [-0.2, 51.49], [-0.2, 51.4]]
    )
    answer = roads.post(CLOSURES, json={"closure_id": "flood", "area": ring, "note": "Flood"})
    assert answer.status_code == 201, answer.text
    body = recommended(roads, {"lat": 51.45, "lon": -0.1})
    assert body["options"][0]["closures"]["closure_ids"] == ["flood"]
    assert "call_in_closure" in {warning["code"] for warning in body["warnings"]}


def test_sent_twice_it_is_as_once_and_sent_otherwise_it_is_replaced(roads: httpx.Client) -> None:
    first, again = (roads.post(CLOSURES, json=TOWER_BRIDGE) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    slowed = {**TOWER_BRIDGE, "effect": "slowed", "time_factor": 1.5}
    assert roads.post(CLOSURES, json=slowed).status_code == 200
    page = roads.get(CLOSURES).json()
    assert (page["total"], page["closures"][0]["time_factor"]) == (1, 1.5)
    assert recommended(roads, NORTH)["options"][0]["closures"]["detail"].startswith(
        "Tower Bridge slowed: +"
    )


def test_a_closure_without_an_id_is_given_one(roads: httpx.Client) -> None:
    given = roads.post(CLOSURES, json={"street": {"name": "A100"}}).json()
    assert roads.get(f"{CLOSURES}/{given['closure_id']}").json() == given


def test_every_way_of_saying_where_comes_back_as_it_was_sent(roads: httpx.Client) -> None:
    line = {"type": "LineString", "coordinates": [[-0.0771, 51.5024], [-0.0722, 51.5096]]}
    segment = next(
        one["segment"]
        for one in roads.post("/v1/snap", json={"location": NORTH}).json()["segments"]
    )
    sent: list[dict[str, Any]] = [
        {"area": SOUTHWARK, "heading_deg": 90.0},
        {"line": line, "tolerance_m": 50.0, "one_way": True},
        {"street": {"name": "Tower Bridge Road", "within": SOUTHWARK}, "heading_deg": 0.0},
        {"segments": [segment], "one_way": False, "effect": "slowed", "speed_mps": 2.5},
        {"street": {"name": "A100"}, "starts_at": "2099-01-01T00:00:00Z", "note": "Works"},
    ]
    for number, body in enumerate(sent):
        answer = roads.post(CLOSURES, json={"closure_id": f"one-{number}", **body})
        assert answer.status_code == 201, answer.text
        got = roads.get(f"{CLOSURES}/one-{number}").json()
        assert got["segment_count"] >= 1
        for field, value in body.items():
            assert got[field] == (
                {"within": None, "everywhere": False} | value if field == "street" else value
            )
    page = roads.get(CLOSURES, params={"offset": 1, "limit": 2}).json()
    assert page["total"] == len(sent)
    assert [one["closure_id"] for one in page["closures"]] == ["one-1", "one-2"]


def test_a_closure_ends_by_itself(roads: httpx.Client) -> None:
    ends_at = (datetime.now(UTC) + timedelta(seconds=0.5)).isoformat()
    assert roads.post(CLOSURES, json={**TOWER_BRIDGE, "ends_at": ends_at}).status_code == 201
    deadline = time.monotonic() + 20
    while roads.get(CLOSURES).json()["total"] and time.monotonic() < deadline:
        time.sleep(0.05)
    assert roads.get(CLOSURES).json()["total"] == 0
    assert recommended(roads, NORTH)["options"][0]["closures"] is None


BOW_TIE = polygon((-0.08, 51.50), (-0.07, 51.51), (-0.07, 51.50), (-0.08, 51.51))
OPEN_RING = {"type": "Polygon", "coordinates": [[[0, 51], [0, 52], [1, 52], [1, 51]]]}
STREET = {"street": {"name": "Tower Bridge"}}
SWAPPED = polygon((51.50, -0.08), (51.51, -0.08), (51.51, -0.07), (51.50, -0.07))
MULTI = {"type": "MultiPolygon", "coordinates": SOUTHWARK["coordinates"]}
BAD: list[tuple[str, Any, str, str]] = [
    ("nowhere", {}, "area", "Where is it? None of them was sent"),
    ("two places", {**STREET, "segments": [1]}, "segments", "street and segments at once"),
    ("self-crossing", {"area": BOW_TIE}, "area", "outline is not simple"),
    ("not closed", {"area": OPEN_RING}, "area.coordinates[0]", "ring is not closed"),
    ("a circle", {"area": {"type": "Circle", "coordinates": [0]}}, "area.type", "words known"),
    ("no position", {"area": polygon((1, 2), (3, 4), (5,))}, "area.coordinates[0][2]", "position"),
    ("text", {"area": polygon((1, 2), ("3", 4), (5, 6))}, "area.coordinates[0][1]", "position"),
    ("flat nesting", {"area": MULTI}, "area.coordinates[0][0][0]", "This must be a position"),
    (
        "empty ring",
        {"area": {"type": "Polygon", "coordinates": [[]]}},
        "area.coordinates[0]",
        "nested",
    ),
    (
        "a point",
        {"line": {"type": "LineString", "coordinates": [[0, 51]]}},
        "line.coordinates",
        "at least 2",
    ),
    (
        "still",
        {"line": {"type": "LineString", "coordinates": [[0, 51], [0, 51]]}},
        "line",
        "no length",
    ),
    (
        "unknown street",
        {"street": {"name": "Towr Bridge"}},
        "street.name",
        "is called 'Towr Bridge'; did you mean 'Tower Bridge'",
    ),
    (
        "everywhere within",
        {"street": {"name": "Tower Bridge", "within": SOUTHWARK, "everywhere": True}},
        "street.everywhere",
        "only within an area",
    ),
    ("no name", {"street": {"name": "--"}}, "street.name", "no letter or digit"),
    ("unknown segment", {"segments": [10**6]}, "segments", "no segment 1000000"),
    ("negative segment", {"segments": [-1]}, "segments[0]", "greater than or equal to 0"),
    (
        "end before start",
        {**STREET, "starts_at": "2099-01-02T00:00:00Z", "ends_at": NOW},
        "ends_at",
        "after starts_at",
    ),
    ("over", {**STREET, "ends_at": "2020-01-01T00:00:00Z"}, "ends_at", "was over at"),
    ("no offset", {**STREET, "ends_at": "2099-01-01T00:00:00"}, "ends_at", "offset from UTC"),
    ("a shut speed", {**STREET, "speed_mps": 3.0}, "speed_mps", "what is shut has no speed"),
    ("slowed by nothing", {**STREET, "effect": "slowed"}, "effect", "Slowed by how much?"),
    (
        "faster",
        {**STREET, "effect": "slowed", "time_factor": 0.5},
        "time_factor",
        "greater than 1",
    ),
    (
        "as usual",
        {**STREET, "effect": "slowed", "time_factor": 1.0},
        "time_factor",
        "greater than 1",
    ),
    ("misspelt effect", {**STREET, "effect": "shutt"}, "effect", "Did you mean 'shut'?"),
    (
        "a heading of a line",
        {**STREET, "one_way": True},
        "one_way",
        "goes with line or segments, not with street",
    ),
    ("off the circle", {**STREET, "heading_deg": 360}, "heading_deg", "less than 360"),
    ("misspelt field", {**STREET, "end_at": NOW}, "end_at", "Did you mean 'ends_at'?"),
    ("a bad id", {**STREET, "closure_id": "no spaces"}, "closure_id", "letters and digits"),
]


@pytest.mark.parametrize(
    ("body", "field", "said"), [pytest.param(*rest, id=name) for name, *rest in BAD]
)
def test_what_cannot_be_a_closure_is_refused_by_field(
    roads: httpx.Client, body: dict[str, Any], field: str, said: str
) -> None:
    check(roads, CLOSURES, body, field, said)
    assert roads.get(CLOSURES).json()["total"] == 0


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"area": polygon((2.3, 48.8), (2.4, 48.8), (2.4, 48.9))}, "area", "no street has a part"),
        ({"area": SWAPPED}, "area", "look swapped: longitude comes first"),
        ({"street": {**TOWER_BRIDGE["street"], "within": SWAPPED}}, "street.within", "no part"),  # type: ignore[dict-item]
    ],
)
def test_a_closure_that_matches_nothing_is_a_problem_of_its_own(
    roads: httpx.Client, body: dict[str, Any], field: str, said: str
) -> None:
    fault = check(roads, CLOSURES, body, field, said)
    assert "latitude 51." in fault["accepted"]
    problem = roads.post(CLOSURES, json=body).json()
    assert problem["type"] == "urn:nearest-crew:problem:closes-nothing"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_an_unknown_closure_is_a_problem(roads: httpx.Client, method: str) -> None:
    answer = roads.request(method, f"{CLOSURES}/nobody")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:nearest-crew:problem:unknown-closure"


BATCH = f"{CLOSURES}/batch"


def batch(*closures: dict[str, Any]) -> dict[str, Any]:
    return {"closures": [{"closure_id": f"c{i}", **one} for i, one in enumerate(closures)]}


def test_many_closures_hold_at_once(roads: httpx.Client) -> None:
    many = batch(STREET, {"street": {"name": "A2"}, "effect": "slowed", "time_factor": 2.0})
    first, again = (roads.post(BATCH, json=many).json() for _ in range(2))
    assert first == {"stored": 2, "created": 2, "warnings": []}
    assert again == {"stored": 2, "created": 0, "warnings": []}
    closures = roads.get(CLOSURES).json()["closures"]
    assert [one["status"] for one in closures] == ["in_force"] * 2


def test_a_batch_holds_none_that_is_over_and_opens_what_was_held_as_it(
    roads: httpx.Client,
) -> None:
    assert roads.post(BATCH, json=batch(STREET, STREET)).json()["stored"] == 2
    late = batch(STREET, {"ends_at": NOW, **STREET}, {"ends_at": NOW, **STREET})
    receipt = roads.post(BATCH, json=late).json()
    assert (receipt["stored"], receipt["created"]) == (1, 0)
    assert [one["closure_id"] for one in receipt["warnings"]] == ["c1", "c2"]
    assert all("was over at" in one["detail"] for one in receipt["warnings"])
    assert [one["closure_id"] for one in roads.get(CLOSURES).json()["closures"]] == ["c0"]


def test_a_batch_warns_of_each_closure_as_one_alone_does(roads: httpx.Client) -> None:
    square = polygon((-0.131, 51.506), (-0.125, 51.506), (-0.125, 51.51), (-0.131, 51.51))
    receipt = roads.post(BATCH, json=batch(STREET, {"area": square})).json()
    (said,) = roads.get(f"{CLOSURES}/c1").json()["warnings"]
    assert receipt["warnings"] == [{"closure_id": "c1", "detail": said}]


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        (batch(), "closures", "at least 1 item"),
        (batch(STREET, {"street": {"name": "Nowhere"}}), "closures[1].street.name", "called"),
        (batch({"ends_at": NOW, **STREET}, {"area": BOW_TIE}), "closures[1].area", "not simple"),
        (batch(STREET, {"closure_id": "c0", **STREET}), "closures[1].closure_id", "is also the id"),
        (batch({"closure_id": None, **STREET}), "closures[0].closure_id", "has an id"),
    ],
)
def test_a_batch_with_a_fault_closes_nothing(
    roads: httpx.Client, body: dict[str, Any], field: str, said: str
) -> None:
    check(roads, BATCH, body, field, said)
    assert roads.get(CLOSURES).json()["total"] == 0
