"""Replays as jobs over HTTP, run by real processes."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.api.problems import Problem
from app.api.replay_requests import CallFormatName, ReplayMode
from app.main import create_app
from app.replay.calls import FORMATS
from app.replay.replay import Mode
from app.settings import Settings
from tests.serving import served, started

REPLAYS = "/v1/replays"
PATIENCE_S = 120.0

AGENCIES = ("LAS", "MPS")
FLEET = "vehicle_id,vehicle_type,driver_agency,status,lat,lon\n" + "".join(
    f"A{i},emergency_ambulance,{AGENCIES[i % 2]},available_mobile,{51.48 + i / 150:.4f},-0.12\n"
    for i in range(12)
)


def calls_of(n: int) -> str:
    header = "call_id,received_at,category,lat,lon\n"
    return header + "".join(
        f"CAD-{i},2021-01-18T{i // 60 % 24:02}:{i % 60:02}:00Z,C{1 + i % 4},"
        f"{51.49 + i % 10 / 250:.4f},{-0.16 + i % 7 / 100:.4f}\n"
        for i in range(n)
    )


def files(calls: str, name: str = "calls.csv") -> dict[str, tuple[str, bytes]]:
    return {"calls": (name, calls.encode()), "fleet": ("fleet.csv", FLEET.encode())}


def wait_until(done: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := done()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return found


def finished(client: httpx.Client, address: str) -> dict[str, Any]:
    def ended() -> dict[str, Any] | None:
        answer: dict[str, Any] = client.get(address).json()
        assert answer["job"]["state"] != "failed", answer
        return answer if answer["job"]["state"] == "finished" else None

    answer: dict[str, Any] = wait_until(ended)
    return answer


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service that lets files of its own be named, and at most three replays wait."""
    directory = tmp_path_factory.mktemp("replays")
    inputs = directory / "inputs"
    inputs.mkdir()
    (inputs / "january.csv").write_text(calls_of(40))
    (inputs / "fleet.csv").write_text(FLEET)
    settings = Settings(
        replays=directory / "jobs",
        replay_inputs=inputs,
        replays_waiting=3,
        replay_upload_limit_bytes=3_000_000,
    )
    with served(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def done(service: httpx.Client) -> Iterator[str]:
    """Where a finished replay of 60 calls is."""
    data = {"title": "Sixty calls", "csv": "true"}
    response = service.post(REPLAYS, files=files(calls_of(60)), data=data)
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    address = response.headers["location"]
    finished(service, address)
    yield address
    service.delete(address)


def problem(response: httpx.Response, expected: Problem) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    assert body["type"] == expected, body
    assert response.status_code == expected.status
    return body


def test_a_replay_is_queued_and_says_where_it_is(service: httpx.Client) -> None:
    response = service.post(REPLAYS, files=files(calls_of(5), "My calls.csv"))
    job = response.json()
    assert job["state"] in {"queued", "running"}
    assert job["title"] == "My calls.csv"
    assert response.headers["location"] == f"{REPLAYS}/{job['replay_id']}"
    assert job["replay_id"] in {one["replay_id"] for one in service.get(REPLAYS).json()["replays"]}
    assert service.delete(response.headers["location"]).status_code == httpx.codes.NO_CONTENT


def test_results_tell_the_figures_together_and_name_the_files(
    service: httpx.Client, done: str
) -> None:
    results = service.get(f"{done}/results").json()
    (scenario,) = results["scenarios"]
    assert sum(one["calls"] for one in scenario["categories"]) == 60
    for one in scenario["categories"]:
        assert one["attended"] == 15
        assert 0 < one["mean_s"] <= one["p90_s"]
        assert one["late_share"] is not None
    names = {one["name"] for one in results["files"]}
    assert names == {
        "report.html",
        "summary.json",
        "decisions.parquet",
        "decisions.csv",
        "rejected.csv",
    }
    for file in results["files"]:
        fetched = service.get(file["path"])
        assert fetched.is_success
        assert len(fetched.content) == file["bytes"]
    assert "Sixty calls" in service.get(f"{done}/results/report.html").text
    assert service.get(f"{done}/results/summary.json").json()["scenarios"][0]["seeds"] == [0]


def test_a_finished_replay_is_at_no_stage(service: httpx.Client, done: str) -> None:
    answer = service.get(done).json()
    assert answer["job"]["state"] == "finished"
    assert answer["job"]["progress"] is None
    assert answer["job"]["ended_at"] > answer["job"]["created_at"]
    assert answer["so_far"] == service.get(f"{done}/results").json()["scenarios"]


def test_files_of_the_server_may_be_named(service: httpx.Client) -> None:
    form = {"calls_path": "january.csv", "fleet_path": "fleet.csv", "calls": ""}
    response = service.post(REPLAYS, data=form)
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    address = response.headers["location"]
    answer = finished(service, address)
    assert sum(one["calls"] for one in answer["so_far"][0]["categories"]) == 40
    service.delete(address)


def test_a_cancelled_replay_is_gone_at_once(service: httpx.Client) -> None:
    address = service.post(REPLAYS, files=files(calls_of(20_000))).headers["location"]
    wait_until(lambda: service.get(address).json()["job"]["state"] == "running")
    assert service.delete(address).status_code == httpx.codes.NO_CONTENT
    problem(service.get(address), Problem.UNKNOWN_REPLAY)
    problem(service.delete(address), Problem.UNKNOWN_REPLAY)
    assert address not in {one["replay_id"] for one in service.get(REPLAYS).json()["replays"]}


def test_calls_are_answered_while_replays_run(service: httpx.Client) -> None:
    address = service.post(REPLAYS, files=files(calls_of(20_000))).headers["location"]
    wait_until(lambda: service.get(address).json()["job"]["state"] == "running")
    call = {"location": {"lat": 51.508, "lon": -0.1281}, "category": "C2"}
    assert service.post("/v1/recommendations", json={"call": call}).json()["options"]
    problem(service.get(f"{address}/results"), Problem.REPLAY_NOT_FINISHED)
    problem(service.get(f"{address}/results/report.html"), Problem.REPLAY_NOT_FINISHED)
    service.delete(address)


def test_more_replays_than_may_wait_are_refused(service: httpx.Client) -> None:
    waiting = [
        service.post(REPLAYS, files=files(calls_of(20_000))).headers["location"] for _ in range(3)
    ]
    refused = service.post(REPLAYS, files=files(calls_of(5)))
    problem(refused, Problem.TOO_MANY_REPLAYS)
    assert refused.headers["retry-after"]
    for address in waiting:
        service.delete(address)


@pytest.mark.parametrize(
    ("sent", "field", "said"),
    [
        ({"files": {"calls": ("calls.txt", b"x")}}, "calls", "not a kind of file"),
        ({"files": {"calls": ("calls.csv", b"a,b\n1,2\n")}}, "calls", "no column call_id"),
        ({"files": {"fleet": ("fleet.csv", b"x")}}, "calls", "required"),
        ({"data": {"calls_path": "january.csv"}}, "fleet", "give fleet_path"),
        (
            {
                "data": {
                    "calls_path": "january.csv",
                    "fleet_path": "fleet.csv",
                    "since": "2021-01-18T00:00:00Z",
                    "until": "2021-01-18T00:00:00Z",
                }
            },
            "since",
            "before until",
        ),
        ({"data": {"calls_path": "../secret.csv"}}, "calls_path", "is no file"),
        ({"data": {"calls_path": "/etc/passwd"}}, "calls_path", "is no file"),
        ({"data": {"calls": "hello"}}, "calls", "This must be a file."),
        (
            {"data": {"calls_path": "january.csv"}, "files": {"mode": ("m.csv", b"x")}},
            "mode",
            "the file m.csv is not one of the words",
        ),
        ({"data": {"calls_path": "january.csv", "mode": "dream"}}, "mode", "not one of the words"),
        ({"data": {"calls_path": "january.csv", "moed": "x"}}, "moed", "Did you mean 'mode'"),
        ({"data": {"calls_path": "january.csv", "time_zone": "Mars"}}, "time_zone", "time zone"),
        ({"data": {"calls_path": "january.csv", "strict": "maybe"}}, "strict", "boolean"),
        ({"data": {"calls_path": "january.csv", "title": "x" * 201}}, "title", "200"),
        (
            {"data": {"calls_path": "january.csv", "fleet_path": "fleet.csv", "seeds": "3"}},
            "mode",
            "seeds is for simulations",
        ),
        ({"data": {"calls_path": "january.csv", "seeds": "0"}}, "seeds", "greater"),
        (
            {"data": {"calls_path": "january.csv", "without_agency": "MPs"}},
            "without_agency[0]",
            "Did you mean 'MPS'",
        ),
        (
            {
                "data": {
                    "calls_path": "january.csv",
                    "fleet_path": "fleet.csv",
                    "versus_path": "fleet.csv",
                    "without_agency": "MPS",
                    "mode": "simulate",
                }
            },
            "without_agency",
            "not both",
        ),
        (
            {"data": {"calls_path": "january.csv"}, "files": {"calls": ("c.csv", b"x")}},
            "calls_path",
            "not both",
        ),
    ],
)
def test_what_is_wrong_with_a_form_is_said_by_field(
    service: httpx.Client, sent: dict[str, Any], field: str, said: str
) -> None:
    body = problem(service.post(REPLAYS, **sent), Problem.INVALID_REQUEST)
    (fault,) = [one for one in body["errors"] if one["field"] == field]
    assert said in fault["message"]
    assert "UploadFile" not in str(body)


def test_a_refused_form_leaves_nothing_behind(service: httpx.Client) -> None:
    before = service.get(REPLAYS).json()
    service.post(REPLAYS, files={"calls": ("calls.txt", b"x")})
    assert service.get(REPLAYS).json() == before


def test_a_form_must_be_sent_as_one(service: httpx.Client) -> None:
    problem(service.post(REPLAYS, json={}), Problem.UNSUPPORTED_MEDIA_TYPE)


def test_an_upload_over_its_limit_is_refused_and_one_over_that_of_bodies_is_not(
    service: httpx.Client,
) -> None:
    large = files(calls_of(1) + "x" * 2_500_000 + "\n")
    response = service.post(REPLAYS, files=large)
    assert response.status_code == httpx.codes.ACCEPTED
    service.delete(response.headers["location"])
    larger = files(calls_of(1) + "x" * 3_500_000 + "\n")
    problem(service.post(REPLAYS, files=larger), Problem.BODY_TOO_LARGE)


@pytest.mark.parametrize("replay_id", ["none", "..", "%2e%2e", "a" * 64])
def test_an_unknown_replay_is_said_to_be_unknown(service: httpx.Client, replay_id: str) -> None:
    response = service.get(f"{REPLAYS}/{replay_id}/results")
    assert response.json()["type"] in {Problem.UNKNOWN_REPLAY, Problem.NO_SUCH_PATH}
    assert response.status_code == httpx.codes.NOT_FOUND


@pytest.mark.parametrize("file", ["run.json", "..", "%2e%2e%2fjob.json", "none"])
def test_only_results_can_be_fetched(service: httpx.Client, done: str, file: str) -> None:
    response = service.get(f"{done}/results/{file}")
    assert response.status_code in {httpx.codes.NOT_FOUND, httpx.codes.OK}
    if response.status_code == httpx.codes.OK:  # `..` was resolved before it was sent
        assert "job" in response.json()


def test_a_simulation_compares_two_scenarios(service: httpx.Client) -> None:
    form = {"mode": "simulate", "without_agency": ["MPS"], "seeds": "2", "title": "Without police"}
    response = service.post(REPLAYS, files=files(calls_of(30)), data=form)
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    address = response.headers["location"]
    answer = finished(service, address)
    names = [one["scenario"] for one in answer["so_far"]]
    assert names == ["as given", "without MPS"]
    comparison = service.get(f"{address}/results/summary.json").json()["comparison"]
    assert comparison["seeds"] == 2
    assert "Side by side" in service.get(f"{address}/results/report.html").text
    service.delete(address)


def test_forms_know_the_modes_and_formats_there_are() -> None:
    assert {*ReplayMode} == {*Mode}
    assert {*CallFormatName} == FORMATS.keys()


@pytest.mark.parametrize(
    ("fleet", "said"),
    [
        ("vehicle_id\nA1\n", "fleet.csv, line 2: vehicle_type"),
        (FLEET + "B1,motorcycle,LAS,at_scene,-0.12,51.48\n", "fleet.csv, line 14: lat, lon is"),
    ],
)
def test_a_replay_that_cannot_be_done_fails_and_says_why(
    service: httpx.Client, fleet: str, said: str
) -> None:
    bad = {"calls": ("calls.csv", calls_of(3).encode()), "fleet": ("fleet.csv", fleet.encode())}
    address = service.post(REPLAYS, files=bad).headers["location"]
    job = wait_until(
        lambda: (
            (one := service.get(address).json()["job"])["state"] in {"failed", "finished"} and one
        )
    )
    assert job["state"] == "failed"
    assert said in job["detail"]
    service.delete(address)


def test_a_replay_outlives_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service is killed, and its working process too; the next one goes on."""
    jobs = tmp_path / "jobs"
    monkeypatch.setenv("NEAREST_CREW_REPLAYS", str(jobs))
    monkeypatch.setenv("NEAREST_CREW_REPLAY_UPLOAD_LIMIT_BYTES", "5000000")
    n = 12_000
    with started() as client:
        address = client.post(REPLAYS, files=files(calls_of(n))).headers["location"]
        wait_until(lambda: client.get(address).json()["so_far"])
        _kill_worker(jobs)
    with started() as client:
        answer = finished(client, address)
        assert sum(one["calls"] for one in answer["so_far"][0]["categories"]) == n
        assert client.get(f"{address}/results/report.html").is_success


def _kill_worker(jobs: Path) -> None:
    (file,) = jobs.glob("*/pid")
    os.killpg(int(file.read_text()), signal.SIGKILL)
