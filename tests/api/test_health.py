"""Alive from the first moment, ready when it can answer, and honest about failures."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

import httpx
import pytest

from app.dispatch.model import Vehicle
from app.main import create_app
from app.settings import Settings


def ask(app_settings: Settings, *paths: str, start: bool = False) -> list[httpx.Response]:
    """Ask an application in this process, which has been started for a moment or not at all."""
    app = create_app(app_settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def gather() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            if not start:
                return [await client.get(path) for path in paths]
            async with app.router.lifespan_context(app):
                for _ in range(500):
                    if hasattr(app.state, "failure"):
                        return [await client.get(path) for path in paths]
                    await asyncio.sleep(0.01)
                pytest.fail("the service neither started nor failed")

    return asyncio.run(gather())


def test_it_lives_before_it_is_ready() -> None:
    live, ready, network = ask(Settings(), "/health/live", "/health/ready", "/v1/network")
    assert (live.status_code, live.json()) == (200, {"status": "alive"})
    for answer in (ready, network):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "1"
        assert answer.json()["type"] == "urn:nearest-crew:problem:not-ready"


def test_who_only_asks_whether_it_lives_may_use_head(london: httpx.Client) -> None:
    for path in ("/health/live", "/health/ready"):
        answer = london.head(path)
        assert (answer.status_code, answer.content) == (200, b"")
        assert london.post(path).headers["allow"] == "GET, HEAD"


def test_ready_says_what_is_in_service(london: httpx.Client) -> None:
    ready = london.get("/health/ready").json()
    assert ready["status"] == "ready"
    assert ready["network"]["name"].startswith("Greater London")
    assert ready["vehicles"] == london.get("/v1/vehicles").json()["total"] > 100
    assert ready["version"]
    assert ready["policy_version"]


def test_a_damaged_network_is_never_ready_and_says_why(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(network=tmp_path)
    live, ready = ask(settings, "/health/live", "/health/ready", start=True)
    assert (live.status_code, ready.status_code) == (200, 503)
    assert str(tmp_path) in ready.json()["detail"]
    assert "The service cannot answer calls" in caplog.text


def test_a_fleet_that_cannot_be_put_on_duty_is_a_failure_too(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def nobody(_now: datetime) -> tuple[Vehicle, ...]:
        msg = "nobody came to work"
        raise LookupError(msg)

    monkeypatch.setattr("app.demo_shift.demo_fleet", nobody)
    (ready,) = ask(Settings(), "/health/ready", start=True)
    assert (ready.status_code, ready.json()["detail"]) == (503, "nobody came to work")
    assert "Traceback" in caplog.text


def test_a_failure_is_logged_under_the_id_the_caller_gets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = create_app(Settings())
    app.state.service = object()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    async def get(path: str) -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get(path)

    with caplog.at_level(logging.ERROR):
        answer = asyncio.run(get("/health/ready"))
    problem = answer.json()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "urn:nearest-crew:problem:internal-error"
    assert problem["correlation_id"] in caplog.text
    assert "router" not in answer.text


def test_what_a_caller_does_wrong_is_not_logged(
    london: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="app"):
        assert london.get("/v1/nothing").status_code == 404
        assert london.post("/v1/recommendations", json={}).status_code == 422
    assert [record for record in caplog.records if record.name.startswith("app")] == []
