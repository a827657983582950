"""Every example in the OpenAPI document does what it says, on embedded London as it starts."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
import shapely.geometry

from app.api.problems import MEDIA_TYPE, PROBLEMS
from app.dispatch.model import VehicleType
from app.dispatch.policy import load_policy
from app.main import create_app
from app.settings import Settings
from tests.conftest import ROOT
from tests.serving import READY_WITHIN_S, served

Answer = dict[str, Any]
FORM = "multipart/form-data"
OPERATIONS = {
    "recommend",
    "get_recommendation",
    "list_vehicles",
    "put_vehicles",
    "get_vehicle",
    "put_vehicle",
    "change_vehicle",
    "remove_vehicle",
    "report_positions",
    "route",
    "matrix",
    "isochrones",
    "snap",
    "list_closures",
    "put_closure",
    "put_closures",
    "get_closure",
    "remove_closure",
    "get_network",
    "start_replay",
    "list_replays",
    "get_replay",
    "get_replay_results",
    "get_replay_file",
    "cancel_replay",
    "live",
    "ready",
}
CONVEYING = {kind for kind in VehicleType if load_policy().vehicle_types[kind].conveys}


@dataclass(frozen=True)
class Execution:
    """What pressing *Execute* sends, by operation and example; no example: no body."""

    operation: str
    example: str | None
    method: str
    path: str
    body: Any
    form: dict[str, str] | None = None


def _filled(document: Answer, content: Answer) -> dict[str, str]:
    """A form as the page fills it in and sends it: all of it but the files."""
    name = content[FORM]["schema"]["$ref"].rpartition("/")[2]
    fields = document["components"]["schemas"][name]["properties"]
    return {
        key: "" if field.get("type") == "array" else _first_value(field)
        for key, field in fields.items()
        if field.get("format") != "binary"
    }


def _first_value(field: Answer) -> str:
    """What a field holds before anybody has written in it."""
    (value, *_) = field.get("examples") or [field.get("default", "string")]
    return value if isinstance(value, str) else json.dumps(value)


def executions(document: Answer) -> Iterator[Execution]:
    """All that the page offers to execute, going down it."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            filled = path
            for parameter in operation.get("parameters", ()):
                for example in list(parameter.get("examples", {}).values())[:1]:
                    filled = filled.replace(f"{{{parameter['name']}}}", example["value"])
            content = operation.get("requestBody", {"content": {"application/json": {}}})["content"]
            if FORM in content:
                yield Execution(
                    operation["operationId"], None, method, filled, None, _filled(document, content)
                )
                continue
            bodies = content["application/json"].get("examples", {None: {"value": None}})
            for name, example in bodies.items():
                yield Execution(operation["operationId"], name, method, filled, example["value"])


def cardiac_arrest(answer: Answer) -> None:
    assert len(answer["options"]) == 5
    first = answer["options"][0]
    assert first["eta"]["total_s"] < 7 * 60
    assert first["eta"]["meets_standard_probability"] > 0.9
    assert {option["vehicle_type"] for option in answer["options"]} > {"emergency_ambulance"}
    assert all(option["reasons"] for option in answer["options"])


def stroke(answer: Answer) -> None:
    assert len(answer["options"]) == 3
    assert {option["vehicle_type"] for option in answer["options"]} <= CONVEYING
    assert {"cannot_convey", "skills"} <= {left["reason"] for left in answer["excluded"]}


def police_driver(answer: Answer) -> None:
    first = answer["options"][0]
    assert first["driver_agency"] == "MPS"
    assert first["vehicle_type"] == "emergency_ambulance"
    assert any("police" in reason for reason in first["reasons"])


def nobody_suitable(answer: Answer) -> None:
    assert answer["options"] == []
    assert answer["suitable"] == 0
    assert answer["shortfall"]["reason"] == "none_suitable"
    assert len(answer["excluded"]) > 100


def national_grid(answer: Answer) -> None:
    assert answer["call"]["location"] == pytest.approx({"lat": 51.4758, "lon": -0.1137}, abs=5e-4)
    assert len(answer["options"]) == 3
    assert all(option["route"] is None for option in answer["options"])


def vehicles_sent_along(answer: Answer) -> None:
    assert [option["vehicle_id"] for option in answer["options"]] == ["A201"]
    assert answer["decided_at"] == "2021-01-17T18:43:00Z"
    assert [(left["vehicle_id"], left["reason"]) for left in answer["excluded"]] == [
        ("A114", "position_stale")
    ]


def faster_than_normal(answer: Answer) -> None:
    assert 0 < answer["duration_s"] < 900
    assert 2000 < answer["distance_m"] < 8000
    assert answer["streets"]
    line = answer["route"]["geometry"]["coordinates"]
    assert line[0] == pytest.approx([-0.1005, 51.4946], abs=0.005)
    assert line[-1] == pytest.approx([-0.1281, 51.508], abs=0.005)


def explained(answer: Answer) -> None:
    faster_than_normal(answer)
    assert len(answer["alternatives"]) >= 1
    for way in (answer, *answer["alternatives"]):
        assert way["steps"][0]["instruction"].startswith("head ")
        assert way["steps"][-1]["instruction"].startswith("arrive")
        rush, night = way["also_priced_as"]
        assert rush["duration_s"] > way["duration_s"] > night["duration_s"]


def hospitals(answer: Answer) -> None:
    assert [len(row) for row in answer["durations_s"]] == [2, 2, 2]
    assert [len(row) for row in answer["distances_m"]] == [2, 2, 2]
    assert all(0 < cell < 1800 for row in answer["durations_s"] for cell in row)


def each_other(answer: Answer) -> None:
    durations_s = answer["durations_s"]
    assert [durations_s[place][place] for place in range(3)] == [0, 0, 0]
    assert answer["distances_m"] is None


def wider_with_time(answer: Answer) -> None:
    assert answer["features"]
    areas = [shapely.geometry.shape(one["geometry"]) for one in answer["features"]]
    assert all(area.is_valid and not area.is_empty for area in areas)
    assert all(longer.covers(shorter) for shorter, longer in pairwise(areas))


def on_a_road(answer: Answer) -> None:
    assert answer["distance_m"] < 500
    assert answer["segments"]


def ignored(answer: Answer) -> None:
    assert answer["applied"] == 0
    assert {fix["reason"] for fix in answer["ignored"]} == {"older"}


def one_side_of_marylebone_road(answer: Answer) -> None:
    assert answer["title"] == "Marylebone Road slowed"
    assert answer["streets"] == ["Marylebone Road"]
    assert answer["segment_count"] == 4
    assert 1200 < answer["length_m"] < 1500


CLAIMS: dict[tuple[str, str], Callable[[Answer], None]] = {
    ("recommend", "cardiac_arrest"): cardiac_arrest,
    ("recommend", "stroke"): stroke,
    ("recommend", "police_driver"): police_driver,
    ("recommend", "nobody_suitable"): nobody_suitable,
    ("recommend", "national_grid"): national_grid,
    ("recommend", "vehicles_sent_along"): vehicles_sent_along,
    ("route", "across_the_river"): faster_than_normal,
    ("route", "normal_road"): faster_than_normal,
    ("route", "explained"): explained,
    ("matrix", "hospitals"): hospitals,
    ("matrix", "each_other"): each_other,
    ("isochrones", "fleet"): wider_with_time,
    ("isochrones", "fleet_conveying"): wider_with_time,
    ("isochrones", "place"): wider_with_time,
    ("snap", "whitehall"): on_a_road,
    ("snap", "heading"): on_a_road,
    ("report_positions", "late"): ignored,
    ("put_closures", "two"): lambda answer: _equal((answer["stored"], answer["created"]), (2, 2)),
    ("put_closure", "tower_bridge"): lambda answer: _equal(answer["title"], "Tower Bridge closed"),
    ("put_closure", "cordon"): lambda answer: _equal(answer["status"], "in_force"),
    ("put_closure", "eastbound"): one_side_of_marylebone_road,
    ("put_closure", "planned"): lambda answer: _equal(answer["status"], "planned"),
    ("put_vehicles", "two"): lambda answer: _equal(answer["stored"], 2),
    ("put_vehicle", "police_driven"): lambda answer: _equal(answer["driver_agency"], "MPS"),
    ("put_vehicle", "with_position"): lambda answer: _equal(answer["position"]["heading_deg"], 225),
    ("put_vehicle", "off_duty"): lambda answer: _equal(answer["position"], None),
    ("change_vehicle", "at_scene"): lambda answer: _equal(answer["status"], "at_scene"),
    ("change_vehicle", "new_crew"): lambda answer: _equal(answer["driver_agency"], "LFB"),
}


def _equal(left: object, right: object) -> None:
    assert left == right


def _wait_for(client: httpx.Client, replay_id: str) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while (job := client.get(f"/v1/replays/{replay_id}").json()["job"])["state"] != "finished":
        assert job["state"] != "failed", job
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_going_down_the_page_every_example_answers_and_keeps_its_claim(tmp_path: Path) -> None:
    claimed, executed, recommendation_id, replay_id = dict(CLAIMS), set(), "", ""
    settings = Settings(replays=tmp_path, replay_inputs=ROOT / "examples")
    with served(create_app(settings)) as fresh:
        for one in executions(fresh.get("/openapi.json").json()):
            path = one.path.replace("{recommendation_id}", recommendation_id)
            path = path.replace("{replay_id}", replay_id)
            answer = fresh.request(one.method, path, json=one.body, data=one.form)
            assert answer.is_success, (one, answer.text)
            executed.add(one.operation)
            if one.operation == "start_replay":
                replay_id = answer.json()["replay_id"]
                _wait_for(fresh, replay_id)
            if one.operation == "recommend":
                recommendation_id = answer.json()["recommendation_id"]
            if one.example is not None:
                claimed.pop((one.operation, one.example))(answer.json())
    assert not claimed
    assert executed == OPERATIONS


def test_the_document_says_where_the_id_of_a_recommendation_comes_from(
    london: httpx.Client,
) -> None:
    document = london.get("/openapi.json").json()
    operation = document["paths"]["/v1/recommendations/{recommendation_id}"]["get"]
    assert "POST /v1/recommendations" in operation["parameters"][0]["description"]


def test_every_success_is_described_in_a_sentence(london: httpx.Client) -> None:
    document = london.get("/openapi.json").json()
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) < 400:
                    described = response["description"]
                    assert described != "Successful Response", operation["operationId"]
                    assert described.endswith("."), operation["operationId"]


def test_every_part_of_an_eta_is_described_with_its_unit(london: httpx.Client) -> None:
    schemas = london.get("/openapi.json").json()["components"]["schemas"]
    for name, field in schemas["EtaAnswer"]["properties"].items():
        assert field["description"].startswith("Seconds") == name.endswith("_s"), name


def test_a_place_is_documented_as_whole_in_one_of_two_systems(london: httpx.Client) -> None:
    place = london.get("/openapi.json").json()["components"]["schemas"]["PlaceIn"]
    assert [one["required"] for one in place["oneOf"]] == [["lat", "lon"], ["easting", "northing"]]
    lat = place["oneOf"][0]["properties"]["lat"]
    assert (lat["minimum"], lat["maximum"]) == (-90, 90)


@pytest.mark.parametrize(
    ("category", "standard_min"), [("C1", 15), ("C2", 40), ("C3", 120), ("C4", 180)]
)
def test_an_eta_names_the_standard_its_chance_is_of(
    london: httpx.Client, category: str, standard_min: float
) -> None:
    call = {"location": {"lat": 51.508, "lon": -0.1281}, "category": category}
    options = london.post("/v1/recommendations", json={"call": call}).json()["options"]
    assert {option["eta"]["standard_s"] for option in options} == {60 * standard_min}


def test_operation_ids_are_stable(london: httpx.Client) -> None:
    document = london.get("/openapi.json").json()
    found = {
        operation["operationId"]
        for operations in document["paths"].values()
        for operation in operations.values()
    }
    assert found == OPERATIONS


def test_every_error_in_the_document_is_a_problem(london: httpx.Client) -> None:
    document = london.get("/openapi.json").json()
    shown = set()
    for operations in document["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if int(status) < 400:
                    continue
                content = response["content"]
                assert list(content) == [MEDIA_TYPE], (operation["operationId"], status)
                reference = content[MEDIA_TYPE]["schema"]["$ref"]
                assert (
                    reference.removeprefix("#/components/schemas/")
                    in (document["components"]["schemas"])
                )
                for example in content[MEDIA_TYPE]["examples"].values():
                    assert example["value"]["status"] == int(status)
                    shown.add(example["value"]["type"])
    assert shown <= {str(problem) for problem in PROBLEMS}
    unshown = {problem.rpartition(":")[2] for problem in PROBLEMS} - {
        problem.rpartition(":")[2] for problem in shown
    }
    assert unshown == {"no-such-path", "method-not-allowed", "refused"}


def test_the_answer_shown_in_the_document_is_a_real_one_with_its_route_shortened(
    london: httpx.Client,
) -> None:
    document = london.get("/openapi.json").json()
    operation = document["paths"]["/v1/recommendations"]["post"]
    shown = operation["responses"]["200"]["content"]["application/json"]["example"]
    body = operation["requestBody"]["content"]["application/json"]["examples"]
    real = london.post("/v1/recommendations", json=body["vehicles_sent_along"]["value"]).json()

    real["options"][0].pop("closures")  # null, which FastAPI leaves out of the document
    for answer in (shown, real):
        (answer["options"][0]["route"]["geometry"]).pop("coordinates")
        answer.pop("recommendation_id")
        repeated = [w for w in answer["warnings"] if w["code"] == "repeated_call"]
        answer["warnings"] = [w for w in answer["warnings"] if w not in repeated]
    assert shown == real
