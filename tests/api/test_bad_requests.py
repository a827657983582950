"""What is no request at all: other bodies, addresses, methods and queries than are served."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.api.problems import Problem
from tests.api.faults import check

RECOMMEND = "/v1/recommendations"
CALL = {"call": {"location": {"lat": 51.508, "lon": -0.1281}, "category": "C2"}}

NOT_BODIES: list[tuple[str, bytes, str, int, Problem, str]] = [
    ("no JSON", b'{"call": ', "application/json", 400, Problem.MALFORMED_JSON, "character 9"),
    ("two values", b"{} {}", "application/json", 400, Problem.MALFORMED_JSON, "Extra data"),
    ("not UTF-8", b'{"call": "\xff"}', "application/json", 400, Problem.UNREADABLE_BODY, "UTF-8"),
    ("a giant number", b"1" * 5000, "application/json", 400, Problem.UNREADABLE_BODY, "JSON"),
    ("too deep", b"[" * 200_000, "application/json", 400, Problem.UNREADABLE_BODY, "deeply"),
    (
        "a form",
        b"lat=51",
        "application/x-www-form-urlencoded",
        415,
        Problem.UNSUPPORTED_MEDIA_TYPE,
        "x-www-form",
    ),
    ("text", b"{}", "text/plain", 415, Problem.UNSUPPORTED_MEDIA_TYPE, "text/plain"),
    ("no type", b"{}", "", 415, Problem.UNSUPPORTED_MEDIA_TYPE, "without a type"),
    ("3 MB", b" " * 3_000_000, "application/json", 413, Problem.BODY_TOO_LARGE, "2,000,000 bytes"),
    (
        "20 MB",
        b" " * 20_000_000,
        "application/json",
        413,
        Problem.BODY_TOO_LARGE,
        "2,000,000 bytes",
    ),
]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "problem", "said"),
    [pytest.param(*rest, id=name) for name, *rest in NOT_BODIES],
)
def test_what_is_not_a_json_body_is_a_problem_too(
    london: httpx.Client,
    body: bytes,
    content_type: str,
    status: int,
    problem: Problem,
    said: str,
) -> None:
    headers = {"content-type": content_type} if content_type else {}
    answer = london.post(RECOMMEND, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == problem
    assert said in answer.json()["detail"]


def test_a_body_in_a_content_encoding_is_refused_by_its_name(london: httpx.Client) -> None:
    sent = {"content-type": "application/json", "content-encoding": "gzip"}
    answer = london.post(RECOMMEND, content=gzip.compress(b"{}"), headers=sent)
    assert (answer.status_code, answer.json()["type"]) == (415, Problem.UNSUPPORTED_MEDIA_TYPE)
    assert "content encoding 'gzip'" in answer.json()["detail"]
    assert answer.headers["accept-encoding"] == "identity"


def test_a_form_without_a_boundary_is_told_what_it_lacks(london: httpx.Client) -> None:
    answer = london.post(
        "/v1/replays", content=b"x", headers={"content-type": "multipart/form-data"}
    )
    assert (answer.status_code, answer.json()["type"]) == (400, Problem.UNREADABLE_BODY)
    assert "boundary" in answer.json()["detail"]


def test_a_body_sent_in_chunks_is_counted_as_it_arrives(london: httpx.Client) -> None:
    def chunks(count: int) -> Iterator[bytes]:
        yield json.dumps(CALL).encode()
        for _ in range(count):
            yield b" " * 100_000

    headers = {"content-type": "application/json"}
    assert london.post(RECOMMEND, content=chunks(10), headers=headers).status_code == 200
    answer = london.post(RECOMMEND, content=chunks(30), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["type"] == Problem.BODY_TOO_LARGE


def test_an_empty_body_lacks_everything(london: httpx.Client) -> None:
    fault = check(london, RECOMMEND, "", "body", "required")
    assert fault["accepted"].startswith("an object with call, vehicles, limit")


def test_paths_and_methods_that_do_not_exist_are_problems(london: httpx.Client) -> None:
    nowhere = london.get("/v1/ambulances")
    assert (nowhere.status_code, nowhere.json()["type"]) == (404, Problem.NO_SUCH_PATH)
    wrong = london.get("/v1/positions")
    assert (wrong.status_code, wrong.json()["type"]) == (405, Problem.METHOD_NOT_ALLOWED)
    assert wrong.headers["allow"] == "POST"
    for answer in (nowhere, wrong):
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/routes", "POST"),
        ("DELETE", "/v1/vehicles", "GET"),
        ("POST", "/v1/vehicles/A101", "GET, PUT, PATCH, DELETE"),
        ("PATCH", "/v1/closures", "GET, POST"),
        ("POST", "/health/live", "GET, HEAD"),
        ("POST", "/docs", "GET"),
        ("POST", "/docs-static/favicon.png", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_told_every_right_one(
    london: httpx.Client, method: str, path: str, allowed: str
) -> None:
    answer = london.request(method, path)
    assert answer.status_code == 405
    assert answer.headers.get_list("allow") == [allowed]


BAD_QUERIES = [
    ({"status": "at_sceen"}, "query.status", "Did you mean 'at_scene'?"),
    ({"driver_agency": "las"}, "query.driver_agency", "Did you mean 'LAS'?"),
    ({"vehicle_type": "tank"}, "query.vehicle_type", "not one of the words"),
    ({"offset": -1}, "query.offset", "greater than or equal to 0"),
    ({"limit": 0}, "query.limit", "greater than or equal to 1"),
    ({"limit": "all"}, "query.limit", "valid integer"),
    ({"statsu": "at_scene"}, "query.statsu", "no such parameter. Did you mean 'status'?"),
]


@pytest.mark.parametrize(("query", "field", "said"), BAD_QUERIES)
def test_a_query_that_cannot_be_accepted_is_named(
    london: httpx.Client, query: dict[str, Any], field: str, said: str
) -> None:
    answer = london.get("/v1/vehicles", params=query)
    fault = answer.json()["errors"][0]
    assert (answer.status_code, fault["field"]) == (422, field)
    assert said in fault["message"]


@pytest.mark.parametrize("vehicle_id", ["x" * 65, "a b", "-a"])
def test_a_vehicle_id_in_the_address_is_checked(london: httpx.Client, vehicle_id: str) -> None:
    answer = london.get(f"/v1/vehicles/{vehicle_id}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "path.vehicle_id"
