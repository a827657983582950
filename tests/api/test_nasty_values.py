"""No value in any field makes the service fail: it answers, or says what is wrong."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.api.problems import MEDIA_TYPE

NASTY = (
    "null",
    "true",
    "0",
    "-1",
    "1e308",
    "1e999",
    "NaN",
    "1" + "0" * 400,
    "-0.0",
    '""',
    '"\\u0000"',
    '"\\ud800"',
    '"%s"' % ("x" * 10_000),
    '"9999-12-31T23:59:59-14:00"',
    '"9999-12-31T23:59:59Z"',
    '"9998-12-31T23:59:59-14:00"',
    '"0001-01-01T00:00:00+14:00"',
    '"2021-01-17T18:42:05+23:59"',
    "[]",
    "[[]]",
    "{}",
    '{"\\ud800": NaN}',
    "[" * 500 + "]" * 500,
)
POSITION = {
    "location": {"lat": 51.5, "lon": -0.12},
    "reported_at": "2021-01-17T18:42:05Z",
    "heading_deg": 10,
    "speed_mps": 3,
}
VEHICLE = {
    "vehicle_type": "emergency_ambulance",
    "status": "available_mobile",
    "driver_agency": "MPS",
    "position": POSITION,
    "clinician_aboard": True,
    "skills": ["paramedic"],
    "blue_light_trained": True,
    "shift_ends_at": "2021-01-17T22:00:00Z",
    "station": "F1",
}
CALL = {
    "call_id": "CAD-1",
    "location": {"lat": 51.5, "lon": -0.12},
    "category": "C2",
    "received_at": "2021-01-17T18:42:05Z",
    "needs": {"conveyance": True, "skills": ["paramedic"], "vehicle_types": ["motorcycle"]},
}
GRID = {"easting": 530034, "northing": 180381}
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/recommendations"): {
        "call": CALL,
        "vehicles": [{"vehicle_id": "A1", **VEHICLE}],
        "limit": 5,
        "include_routes": True,
        "explain": True,
        "at": "2021-01-17T18:43:00Z",
    },
    ("PUT", "/v1/vehicles/T1"): VEHICLE,
    ("PATCH", "/v1/vehicles/T1"): VEHICLE,
    ("POST", "/v1/vehicles/batch"): {"vehicles": [{"vehicle_id": "T1", **VEHICLE}]},
    ("POST", "/v1/positions"): {"positions": [{"vehicle_id": "T1", **POSITION}]},
    ("POST", "/v1/routes"): {"from": GRID, "to": CALL["location"], "profile": "blue_light"},
    ("POST", "/v1/snap"): {"location": GRID, "heading_deg": 3.5, "profile": "normal_road"},
}

HERE = "@HERE@"


def spoilt(body: Any) -> Iterator[Any]:
    """The body again and again, each time with a mark in the place of one value, at any depth."""
    yield HERE
    items: Any = []
    if isinstance(body, dict):
        items = body.items()
    elif isinstance(body, list):
        items = enumerate(body)
    for key, value in items:
        for inner in spoilt(value):
            copy = body.copy()
            copy[key] = inner
            yield copy


@pytest.mark.parametrize(("method", "path"), BODIES, ids=lambda word: str(word).strip("/"))
def test_no_value_in_any_field_makes_the_service_fail(
    empty_london: httpx.Client, method: str, path: str
) -> None:
    empty_london.put("/v1/vehicles/T1", json=VEHICLE)
    asked = 0
    for body in spoilt(BODIES[method, path]):
        for nasty in NASTY:
            content = json.dumps(body).replace(f'"{HERE}"', nasty)
            headers = {"content-type": "application/json"}
            answer = empty_london.request(method, path, content=content, headers=headers)
            assert answer.status_code < 500, (content[:300], answer.text)
            if answer.is_error:
                assert answer.headers["content-type"] == MEDIA_TYPE
                assert answer.json()["status"] == answer.status_code
                assert answer.json()["detail"]
            asked += 1
    assert asked >= 4 * len(NASTY)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/vehicles/%00",
        "/v1/vehicles/%ff",
        "/v1/vehicles/a%0ab",
        "/v1/recommendations/%ed%a0%80",
        "/v1/vehicles?status=%ff&offset=99999999999999999999999",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/docs-static/%2e%2e/core.py",
    ],
)
def test_no_address_makes_the_service_fail(london: httpx.Client, path: str) -> None:
    answer = london.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == MEDIA_TYPE
