"""Recommendations over HTTP: the fleet held, vehicles sent along, and what was said before."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.api.recommendations import INLINE_ON_THE_LOOP
from app.dispatch.policy import load_policy

TRAFALGAR_SQUARE = {"lat": 51.508, "lon": -0.1281}
AT = "2021-01-17T18:43:00Z"


def ask(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    call = {"location": TRAFALGAR_SQUARE, "category": "C2", **fields.pop("call", {})}
    response = client.post("/v1/recommendations", json={"call": call, **fields})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    answer: dict[str, Any] = response.json()
    return answer


def ambulance(vehicle_id: str, lat: float, **fields: Any) -> dict[str, Any]:
    return {
        "vehicle_id": vehicle_id,
        "vehicle_type": "emergency_ambulance",
        "status": "available_mobile",
        "position": {"location": {"lat": lat, "lon": -0.1281}, "reported_at": AT},
        **fields,
    }


def test_options_come_ranked_with_parts_that_add_up(london: httpx.Client) -> None:
    options = ask(london, limit=7)["options"]
    assert [option["rank"] for option in options] == [1, 2, 3, 4, 5, 6, 7]
    off_roads = {
        kind
        for kind, rule in load_policy().vehicle_types.items()
        if rule.straight_line_speed_mps is not None
    }
    ranked_by = [
        option["eta"][
            "p90_s"
            if option["eta"]["estimated"] and option["vehicle_type"] not in off_roads
            else "total_s"
        ]
        for option in options
    ]
    assert ranked_by == sorted(ranked_by)
    for option in options:
        eta = option["eta"]
        parts = eta["mobilisation_s"] + eta["drive_s"] + eta["access_s"]
        assert eta["total_s"] == pytest.approx(parts, abs=0.01)
        assert eta["p90_s"] >= eta["total_s"]


def test_routes_are_geojson_in_lon_lat_order_that_end_at_the_call(london: httpx.Client) -> None:
    option = ask(london, call={"needs": {"conveyance": True}}, limit=1)["options"][0]
    route = option["route"]
    assert (route["type"], route["geometry"]["type"]) == ("Feature", "LineString")
    line = route["geometry"]["coordinates"]
    assert len(line) >= 2
    assert line[-1] == pytest.approx([-0.1281, 51.508], abs=0.005)
    assert route["properties"]["duration_s"] == option["eta"]["drive_s"]
    assert route["properties"]["distance_m"] == option["distance_m"]


def test_routes_and_explanations_are_left_out_when_not_wanted(london: httpx.Client) -> None:
    answer = ask(london, include_routes=False, explain=False)
    assert answer["excluded"] == []
    assert len(answer["options"]) == 5
    assert all(option["route"] is None for option in answer["options"])
    assert all(option["reasons"] == [] for option in answer["options"])


def test_every_vehicle_is_an_option_suitable_or_excluded(london: httpx.Client) -> None:
    answer = ask(london)
    held = london.get("/v1/vehicles").json()["total"]
    assert answer["suitable"] + len(answer["excluded"]) == held


def test_the_network_and_the_policy_are_named(london: httpx.Client) -> None:
    answer, ready = ask(london), london.get("/health/ready").json()
    assert answer["network"] == ready["network"]
    assert answer["policy_version"] == ready["policy_version"]


@pytest.mark.parametrize("count", [2, INLINE_ON_THE_LOOP + 1, 2000])
def test_vehicles_sent_along_are_judged_alone(london: httpx.Client, count: int) -> None:
    vehicles = [ambulance(f"A{i}", 51.50 + i * 1e-5) for i in range(count)]
    answer = ask(london, vehicles=vehicles, at=AT, limit=50)
    assert answer["suitable"] == count
    assert {option["vehicle_id"][0] for option in answer["options"]} == {"A"}
    assert answer["decided_at"] == AT


def test_the_same_question_at_the_same_moment_has_the_same_answer(london: httpx.Client) -> None:
    vehicles = [ambulance(f"A{i}", 51.50 + i * 1e-3) for i in range(20)]
    once, again = (
        ask(london, call={"received_at": AT}, vehicles=vehicles[::step], at=AT) for step in (1, -1)
    )
    for answer in (once, again):
        del answer["recommendation_id"], answer["call_id"], answer["call"]["call_id"]
    assert once == again


@pytest.mark.parametrize(
    ("year", "status"), [("0001", 422), ("0002", 200), ("9998", 200), ("9999", 422)]
)
def test_the_first_and_the_last_year_are_no_time_to_decide(
    london: httpx.Client, year: str, status: int
) -> None:
    moment = f"{year}-12-31T23:59:59Z"
    vehicle = ambulance("A1", 51.50)
    vehicle["position"]["reported_at"] = moment
    body = {
        "call": {"location": TRAFALGAR_SQUARE, "category": "C2", "received_at": moment},
        "vehicles": [vehicle],
        "at": moment,
    }
    answer = london.post("/v1/recommendations", json=body)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert len(answer.json()["options"]) == 1
    else:
        assert answer.json()["errors"][0]["message"] == "The year must lie within 2 to 9998."


def test_an_empty_list_of_vehicles_is_a_shortfall_not_an_error(london: httpx.Client) -> None:
    answer = ask(london, vehicles=[])
    assert answer["options"] == []
    assert answer["shortfall"]["reason"] == "empty_fleet"


def test_an_empty_fleet_is_a_shortfall_not_an_error(empty_london: httpx.Client) -> None:
    assert ask(empty_london)["shortfall"]["reason"] == "empty_fleet"


def test_the_same_call_asked_twice_is_recognised(london: httpx.Client) -> None:
    call_id = f"CAD {uuid4()}"
    first, second, third = (ask(london, call={"call_id": call_id}) for _ in range(3))
    codes = [{warning["code"] for warning in answer["warnings"]} for answer in (first, second)]
    assert ["repeated_call" in found for found in codes] == [False, True]
    (warning,) = (w for w in third["warnings"] if w["code"] == "repeated_call")
    assert second["recommendation_id"] in warning["detail"]
    decided_at = datetime.fromisoformat(second["decided_at"])
    assert f"{decided_at:%Y-%m-%d %H:%M:%S}" in warning["detail"]


def test_calls_without_an_id_are_never_taken_for_each_other(london: httpx.Client) -> None:
    first, second = ask(london), ask(london)
    assert first["call_id"] != second["call_id"]
    assert "repeated_call" not in {warning["code"] for warning in second["warnings"]}


def test_a_recommendation_is_given_again_as_it_was(london: httpx.Client) -> None:
    answer = ask(london)
    again = london.get(f"/v1/recommendations/{answer['recommendation_id']}")
    assert again.json() == answer


def test_an_unknown_recommendation_is_a_problem(london: httpx.Client) -> None:
    answer = london.get(f"/v1/recommendations/{uuid4()}")
    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:nearest-crew:problem:unknown-recommendation"


def test_a_call_without_a_time_was_received_now(london: httpx.Client) -> None:
    received_at = datetime.fromisoformat(ask(london)["call"]["received_at"])
    assert abs(datetime.now(UTC) - received_at) < timedelta(seconds=10)


def test_times_may_come_in_any_offset(london: httpx.Client) -> None:
    answer = ask(london, call={"received_at": "2021-07-17T19:42:05+01:00"})
    assert answer["call"]["received_at"] == "2021-07-17T18:42:05Z"
