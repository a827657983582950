"""The fleet over HTTP: nothing accepted is lost, nothing is half done."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

TRAFALGAR_SQUARE = {"lat": 51.508, "lon": -0.1281}
ALDWYCH = {"lat": 51.513, "lon": -0.118}
PARIS = {"lat": 48.8566, "lon": 2.3522}


def position(seconds_ago: float, location: dict[str, float] = TRAFALGAR_SQUARE) -> dict[str, Any]:
    return {
        "location": location,
        "reported_at": (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(),
        "heading_deg": 90.0,
        "speed_mps": 8.0,
    }


def ambulance(**fields: Any) -> dict[str, Any]:
    return {
        "vehicle_type": "emergency_ambulance",
        "status": "available_mobile",
        "driver_agency": "MPS",
        "skills": ["paramedic"],
        "position": position(60),
        "station": "F1",
        **fields,
    }


@pytest.fixture
def fleet(empty_london: httpx.Client) -> Iterator[httpx.Client]:
    """A client whose fleet is empty, before and after."""
    yield empty_london
    for vehicle in empty_london.get("/v1/vehicles?limit=2000").json()["vehicles"]:
        empty_london.delete(f"/v1/vehicles/{vehicle['vehicle_id']}")


def options(client: httpx.Client, location: dict[str, float] = TRAFALGAR_SQUARE) -> list[Any]:
    body = {"call": {"location": location, "category": "C2"}}
    found: list[Any] = client.post("/v1/recommendations", json=body).json()["options"]
    return found


def report(client: httpx.Client, *fixes: tuple[str, dict[str, Any]]) -> httpx.Response:
    body = {"positions": [{"vehicle_id": vehicle_id, **fix} for vehicle_id, fix in fixes]}
    return client.post("/v1/positions", json=body)


def test_a_vehicle_is_created_then_replaced_then_removed(fleet: httpx.Client) -> None:
    created = fleet.put("/v1/vehicles/A101", json=ambulance())
    assert created.status_code == 201
    assert created.json() == fleet.get("/v1/vehicles/A101").json()
    assert created.json()["position"]["location"] == TRAFALGAR_SQUARE
    replaced = fleet.put("/v1/vehicles/A101", json=ambulance(driver_agency="LFB", skills=[]))
    assert (replaced.status_code, replaced.json()["driver_agency"]) == (200, "LFB")
    assert fleet.get("/v1/vehicles/A101").json()["skills"] == []
    assert fleet.delete("/v1/vehicles/A101").status_code == 204
    gone = fleet.get("/v1/vehicles/A101")
    assert gone.status_code == 404
    assert gone.json()["type"] == "urn:nearest-crew:problem:unknown-vehicle"
    assert "A101" in gone.json()["detail"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_was_got_can_be_sent_back(fleet: httpx.Client, method: str) -> None:
    full = ambulance(shift_ends_at="2099-01-17T19:00:00Z", clinician_aboard=False)
    bare = {"vehicle_type": "motorcycle", "status": "out_of_service"}
    for body in (full, bare):
        held = fleet.put("/v1/vehicles/A101", json=body).json()
        again = fleet.request(method, "/v1/vehicles/A101", json=held)
        assert (again.status_code, again.json()) == (200, held)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_vehicle_is_not_stored_under_the_id_of_another(fleet: httpx.Client, method: str) -> None:
    held = fleet.put("/v1/vehicles/A101", json=ambulance()).json()
    refused = fleet.request(method, "/v1/vehicles/A102", json={**held, "station": "G7"})
    assert refused.status_code == 422
    (fault,) = refused.json()["errors"]
    assert (fault["field"], fault["value"], fault["accepted"]) == ("vehicle_id", "A101", ["A102"])
    assert fleet.get("/v1/vehicles").json()["vehicles"] == [held]


def test_a_skill_said_twice_is_as_once_and_the_schema_lets_it(fleet: httpx.Client) -> None:
    held = fleet.put("/v1/vehicles/A101", json=ambulance(skills=["paramedic", "paramedic"]))
    assert held.json()["skills"] == ["paramedic"]
    call = {"location": TRAFALGAR_SQUARE, "category": "C2"}
    needs = {"skills": ["paramedic"] * 2, "vehicle_types": ["emergency_ambulance"] * 2}
    answer = fleet.post("/v1/recommendations", json={"call": {**call, "needs": needs}})
    assert answer.json()["call"]["needs"] == {
        "conveyance": False,
        "skills": ["paramedic"],
        "vehicle_types": ["emergency_ambulance"],
    }
    assert "uniqueItems" not in fleet.get("/openapi.json").text


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_a_vehicle_that_is_not_held_is_a_problem(fleet: httpx.Client, method: str) -> None:
    body = {"status": "break"} if method == "PATCH" else None
    answer = fleet.request(method, "/v1/vehicles/A999", json=body)
    assert (answer.status_code, answer.json()["instance"]) == (404, "/v1/vehicles/A999")


def test_recommendations_see_a_vehicle_from_put_to_delete(fleet: httpx.Client) -> None:
    assert options(fleet) == []
    fleet.put("/v1/vehicles/A101", json=ambulance())
    assert [option["vehicle_id"] for option in options(fleet)] == ["A101"]
    fleet.patch("/v1/vehicles/A101", json={"status": "at_scene"})
    assert options(fleet) == []
    fleet.patch("/v1/vehicles/A101", json={"status": "available_mobile"})
    assert len(options(fleet)) == 1
    fleet.delete("/v1/vehicles/A101")
    assert options(fleet) == []


def test_a_change_leaves_every_other_field_alone(fleet: httpx.Client) -> None:
    before = fleet.put("/v1/vehicles/A101", json=ambulance()).json()
    after = fleet.patch("/v1/vehicles/A101", json={"status": "break"}).json()
    assert after == {**before, "status": "break"}
    assert fleet.get("/v1/vehicles/A101").json() == after


def test_null_takes_a_position_away(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    changed = fleet.patch("/v1/vehicles/A101", json={"position": None})
    assert changed.json()["position"] is None
    assert options(fleet) == []


def test_a_change_with_an_older_position_changes_nothing(fleet: httpx.Client) -> None:
    before = fleet.put("/v1/vehicles/A101", json=ambulance()).json()
    body = {"status": "at_scene", "position": position(61)}
    refused = fleet.patch("/v1/vehicles/A101", json=body)
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:nearest-crew:problem:fix-refused"
    assert fleet.get("/v1/vehicles/A101").json() == before


def test_a_batch_is_stored_whole(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A1", json=ambulance(status="break"))
    vehicles = [{"vehicle_id": f"A{i}", **ambulance()} for i in range(1, 2001)]
    answer = fleet.post("/v1/vehicles/batch", json={"vehicles": vehicles})
    assert answer.json() == {"stored": 2000, "created": 1999}
    assert fleet.get("/v1/vehicles/A1").json()["status"] == "available_mobile"
    page = fleet.get("/v1/vehicles", params={"limit": 2000}).json()
    assert len(page["vehicles"]) == page["total"] == 2000
    assert len(options(fleet)) == 5


def test_one_bad_row_keeps_the_whole_batch_out(fleet: httpx.Client) -> None:
    vehicles = [{"vehicle_id": f"A{i}", **ambulance()} for i in range(10)]
    vehicles[7]["status"] = "asleep"
    refused = fleet.post("/v1/vehicles/batch", json={"vehicles": vehicles})
    assert refused.json()["errors"][0]["field"] == "vehicles[7].status"
    assert fleet.get("/v1/vehicles").json()["total"] == 0


def test_vehicles_are_listed_by_id_in_pages(fleet: httpx.Client) -> None:
    vehicles = [{"vehicle_id": f"A{i:02}", **ambulance()} for i in reversed(range(25))]
    fleet.post("/v1/vehicles/batch", json={"vehicles": vehicles})
    pages = [
        fleet.get("/v1/vehicles", params={"limit": 10, "offset": offset}).json()
        for offset in (0, 10, 20, 30)
    ]
    ids = [vehicle["vehicle_id"] for page in pages for vehicle in page["vehicles"]]
    assert ids == [f"A{i:02}" for i in range(25)]
    assert {page["total"] for page in pages} == {25}
    assert [page["offset"] for page in pages] == [0, 10, 20, 30]


def test_lists_can_be_narrowed(fleet: httpx.Client) -> None:
    rows = {
        "A1": ambulance(),
        "A2": ambulance(status="at_scene"),
        "A3": ambulance(driver_agency="LFB"),
        "A4": ambulance(vehicle_type="motorcycle"),
    }
    vehicles = [{"vehicle_id": vehicle_id, **row} for vehicle_id, row in rows.items()]
    fleet.post("/v1/vehicles/batch", json={"vehicles": vehicles})

    def ids(**query: str) -> list[str]:
        page = fleet.get("/v1/vehicles", params=query).json()
        return [vehicle["vehicle_id"] for vehicle in page["vehicles"]]

    assert ids(status="at_scene") == ["A2"]
    assert ids(driver_agency="MPS") == ["A1", "A2", "A4"]
    assert ids(vehicle_type="motorcycle", driver_agency="MPS") == ["A4"]
    assert ids(status="conveying") == []


def test_a_vehicle_that_moves_is_recommended_from_where_it_is(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    near_m = options(fleet)[0]["distance_m"]
    assert report(fleet, ("A101", position(30, ALDWYCH))).json() == {"applied": 1, "ignored": []}
    assert fleet.get("/v1/vehicles/A101").json()["position"]["location"] == ALDWYCH
    assert options(fleet)[0]["distance_m"] > near_m + 300


def test_an_older_fix_is_ignored_and_listed(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    answer = report(fleet, ("A101", position(61, ALDWYCH)), ("A101", position(90, ALDWYCH)))
    assert answer.json() == {
        "applied": 0,
        "ignored": [{"row": row, "vehicle_id": "A101", "reason": "older"} for row in (0, 1)],
    }
    assert fleet.get("/v1/vehicles/A101").json()["position"]["location"] == TRAFALGAR_SQUARE


def test_the_newest_of_several_fixes_counts_in_any_order(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    newest = position(10, ALDWYCH)
    answer = report(fleet, ("A101", position(30)), ("A101", newest), ("A101", position(20)))
    assert answer.json()["applied"] == 2
    held = fleet.get("/v1/vehicles/A101").json()["position"]["reported_at"]
    assert datetime.fromisoformat(held) == datetime.fromisoformat(newest["reported_at"])


def test_a_fix_with_the_time_of_the_one_held_replaces_it(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    assert report(fleet, ("A101", position(60, ALDWYCH))).json() == {"applied": 1, "ignored": []}
    assert fleet.get("/v1/vehicles/A101").json()["position"]["location"] == ALDWYCH
    changed = fleet.patch("/v1/vehicles/A101", json={"position": position(60)})
    assert changed.json()["position"]["location"] == TRAFALGAR_SQUARE


def test_a_wrong_clock_displaces_no_position(fleet: httpx.Client) -> None:
    before = fleet.put("/v1/vehicles/A101", json=ambulance()).json()
    tomorrow = position(-86_400, ALDWYCH)
    assert report(fleet, ("A101", tomorrow)).json()["ignored"][0]["reason"] == "future"
    assert fleet.get("/v1/vehicles/A101").json() == before


def test_a_vehicle_from_the_future_is_refused_however_it_is_sent(fleet: httpx.Client) -> None:
    before = fleet.put("/v1/vehicles/A101", json=ambulance()).json()
    later = ambulance(position=position(-86_400, ALDWYCH), station="G7")
    batch = {"vehicles": [{"vehicle_id": "A102", **ambulance()}, {"vehicle_id": "A101", **later}]}
    for refused, field in (
        (fleet.put("/v1/vehicles/A101", json=later), "position"),
        (fleet.patch("/v1/vehicles/A101", json=later), "position"),
        (fleet.post("/v1/vehicles/batch", json=batch), "vehicles[1].position"),
    ):
        assert refused.status_code == 409
        problem = refused.json()
        assert problem["type"] == "urn:nearest-crew:problem:fix-refused"
        assert [fault["field"] for fault in problem["errors"]] == [f"{field}.reported_at"]
    assert fleet.get("/v1/vehicles").json()["vehicles"] == [before]


def test_a_vehicle_far_outside_the_network_is_refused_however_it_is_sent(
    fleet: httpx.Client,
) -> None:
    before = fleet.put("/v1/vehicles/A101", json=ambulance()).json()
    abroad = ambulance(position=position(0, PARIS), station="G7")
    batch = {"vehicles": [{"vehicle_id": "A102", **ambulance()}, {"vehicle_id": "A101", **abroad}]}
    for refused, field in (
        (fleet.put("/v1/vehicles/A101", json=abroad), "position"),
        (fleet.patch("/v1/vehicles/A101", json=abroad), "position"),
        (fleet.post("/v1/vehicles/batch", json=batch), "vehicles[1].position"),
    ):
        assert refused.status_code == 422
        problem = refused.json()
        assert problem["type"] == "urn:nearest-crew:problem:outside-area"
        assert [fault["field"] for fault in problem["errors"]] == [f"{field}.location"]
    assert fleet.get("/v1/vehicles").json()["vehicles"] == [before]


def test_a_vehicle_a_little_outside_the_network_is_held(fleet: httpx.Client) -> None:
    nearby = position(0, {"lat": 51.85, "lon": -0.1})
    assert fleet.put("/v1/vehicles/A101", json=ambulance(position=nearby)).status_code == 201


def test_a_fix_far_outside_the_network_holds_up_no_other(fleet: httpx.Client) -> None:
    for vehicle_id in ("A101", "A102"):
        fleet.put(f"/v1/vehicles/{vehicle_id}", json=ambulance())
    answer = report(fleet, ("A101", position(1, PARIS)), ("A102", position(1, ALDWYCH)))
    assert answer.json() == {
        "applied": 1,
        "ignored": [{"row": 0, "vehicle_id": "A101", "reason": "outside_area"}],
    }
    locations = [
        fleet.get(f"/v1/vehicles/{vehicle_id}").json()["position"]["location"]
        for vehicle_id in ("A101", "A102")
    ]
    assert locations == [TRAFALGAR_SQUARE, ALDWYCH]


def test_a_vehicle_sent_along_from_far_outside_is_judged(fleet: httpx.Client) -> None:
    vehicles = [
        {"vehicle_id": "A101", **ambulance(position=position(0, PARIS))},
        {"vehicle_id": "A102", **ambulance(position=position(0))},
    ]
    body = {
        "call": {"location": TRAFALGAR_SQUARE, "category": "C2"},
        "vehicles": vehicles,
    }
    answer = fleet.post("/v1/recommendations", json=body).json()
    assert [option["vehicle_id"] for option in answer["options"]] == ["A102"]
    assert [(left["vehicle_id"], left["reason"]) for left in answer["excluded"]] == [
        ("A101", "unreachable")
    ]


def test_a_fix_of_an_unknown_vehicle_holds_up_no_other(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    told = report(fleet, ("B1", position(1)), ("A101", position(1, ALDWYCH)), ("B1", position(2)))
    assert told.status_code == 200
    assert told.json() == {
        "applied": 1,
        "ignored": [
            {"row": row, "vehicle_id": "B1", "reason": "unknown_vehicle"} for row in (0, 2)
        ],
    }
    held = fleet.get("/v1/vehicles/A101").json()["position"]["location"]
    assert held == pytest.approx(ALDWYCH)
    assert fleet.get("/v1/vehicles/B1").status_code == 404


def test_positions_may_be_given_on_the_national_grid(fleet: httpx.Client) -> None:
    fleet.put("/v1/vehicles/A101", json=ambulance())
    report(fleet, ("A101", position(1, {"easting": 530034, "northing": 180381})))
    location = fleet.get("/v1/vehicles/A101").json()["position"]["location"]
    assert location == pytest.approx({"lat": 51.50741, "lon": -0.12772}, abs=1e-5)
