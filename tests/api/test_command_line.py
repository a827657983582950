"""`nearest-crew serve`, as an operator starts it."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from typer.testing import CliRunner

from app.cli import app
from geo_data.builder import builder
from routing.storage import save_network
from tests.drawing import draw
from tests.serving import wait_until_ready

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 60


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "app", *arguments]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False
    )


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A service in a process of its own, and the first line it says."""
    process = subprocess.Popen(
        command("serve", "--port", "0", *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        with process.stdout:
            yield process, process.stdout.readline()
    finally:
        process.terminate()
        process.wait(WITHIN_S)


def test_serve_says_where_to_click_answers_and_stops_when_told() -> None:
    with started() as (process, line):
        found = re.fullmatch(
            r"nearest-crew on main roads of London.*: loading, then try it at (\S+)\n", line
        )
        assert found is not None, line
        url = httpx.URL(found[1])
        assert url.path == "/docs"
        with httpx.Client(base_url=url.join("/")) as client:
            wait_until_ready(client)
            assert client.get("/docs").status_code == 200
            body = {"call": {"location": {"lat": 51.508, "lon": -0.1281}, "category": "C1"}}
            answer = client.post("/v1/recommendations", json=body)
            assert len(answer.json()["options"]) == 5
            assert "server" not in answer.headers
        process.send_signal(signal.SIGTERM)
        assert process.wait(WITHIN_S) in (0, -signal.SIGTERM)


def test_serve_takes_a_built_network(tmp_path: Path) -> None:
    town = draw({"a": (0, 0), "b": (0, 1000)}, "a-b")
    save_network(town.network, tmp_path / "town")
    with started("--network", str(tmp_path / "town")) as (_, line):
        url = line.split()[-1]
        with httpx.Client(base_url=httpx.URL(url).join("/")) as client:
            wait_until_ready(client)
            assert client.get("/v1/network").json()["name"] == "drawing"
            assert client.get("/v1/vehicles").json()["total"] == 0


def broken_network(directory: Path) -> list[str]:
    directory.mkdir()
    return ["--network", str(directory)]


def broken_policy(directory: Path) -> list[str]:
    directory.mkdir()
    (directory / "policy.toml").write_text("[area]\nmargin_m = -1\n")
    return ["--policy", str(directory / "policy.toml")]


def policy_of_an_unknown_profile(directory: Path) -> list[str]:
    directory.mkdir()
    packaged = (ROOT / "app" / "dispatch" / "policy.toml").read_text()
    (directory / "policy.toml").write_text(packaged.replace("normal_road", "bicycle"))
    return ["--policy", str(directory / "policy.toml")]


def missing_policy(directory: Path) -> list[str]:
    return ["--policy", str(directory / "nowhere.toml")]


def policy_that_is_no_table(directory: Path) -> list[str]:
    directory.mkdir()
    (directory / "policy.toml").write_text("[area\n")
    return ["--policy", str(directory / "policy.toml")]


def impossible_port(_directory: Path) -> list[str]:
    return ["--port", "70000"]


@pytest.mark.parametrize(
    "mistake",
    [
        broken_network,
        broken_policy,
        policy_that_is_no_table,
        policy_of_an_unknown_profile,
        missing_policy,
        impossible_port,
    ],
)
def test_serve_says_at_once_what_is_wrong(
    mistake: Callable[[Path], list[str]], tmp_path: Path
) -> None:
    result = run("serve", *mistake(tmp_path / "given"))
    assert result.returncode == 1
    assert re.fullmatch("nearest-crew: .+\n", result.stderr)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "tcp://10.0.0.1:8000", "should be a valid integer"),
        ("LOG_LEVEL", "loud", "should be 'debug', 'info', 'warning' or 'error'"),
        ("REPLAYS_AT_ONCE", "0", "should be greater than or equal to 1"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"NEAREST_CREW_{name}", value)
    result = run("serve")
    assert result.returncode == 1
    assert result.stderr.startswith(f"nearest-crew: NEAREST_CREW_{name} {value}: ")
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_serve_warns_of_settings_that_do_not_do_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feature less is no reason to leave calls unanswered."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("NEAREST_CREW_NETWROK", "networks/london")
    monkeypatch.setenv("NEAREST_CREW_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("NEAREST_CREW_REPLAYS", str(tmp_path / "file" / "replays"))
    monkeypatch.setenv("NEAREST_CREW_REPLAY_INPUTS", str(tmp_path / "nowhere"))
    with started() as (process, line):
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(4)]
        assert said == [
            (
                "Warning: NEAREST_CREW_NETWROK is no setting, unlike NEAREST_CREW_NETWORK: "
                "it does nothing.\n"
            ),
            "Warning: NEAREST_CREW_SERVICE_HOST is no setting: it does nothing.\n",
            (
                f"Warning: NEAREST_CREW_REPLAY_INPUTS {tmp_path}/nowhere is no directory: replays "
                "over HTTP can name no file.\n"
            ),
            (
                f"Warning: NEAREST_CREW_REPLAYS {tmp_path}/file/replays cannot be written "
                "(Not a directory): replays over HTTP are refused.\n"
            ),
        ]
        with httpx.Client(base_url=httpx.URL(line.split()[-1]).join("/")) as client:
            wait_until_ready(client)
            refused = client.post("/v1/replays", files={"calls": ("calls.csv", b"call_id\n")})
            assert refused.status_code == 503
            problem = refused.json()
            assert problem["type"] == "urn:nearest-crew:problem:replays-not-kept"
            assert "Not a directory" in problem["detail"]


def test_connections_are_kept_for_longer_than_gateways_do(monkeypatch: pytest.MonkeyPatch) -> None:
    kept_s: list[float] = []

    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        kept_s.append(server.config.timeout_keep_alive)
        for one in sockets:
            one.close()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    assert CliRunner().invoke(app, ["serve", "--port", "0"]).exit_code == 0
    assert kept_s == [75]


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_serve_listens_on_ipv6() -> None:
    with started("--host", "::1") as (_, line):
        url = httpx.URL(line.split()[-1])
        assert url.host == "::1"
        with httpx.Client(base_url=url.join("/")) as client:
            wait_until_ready(client)


def test_serve_says_that_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", str(port))
    assert result.returncode == 1
    assert result.stderr == (
        f"nearest-crew: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    )


def test_several_workers_warn_that_each_holds_its_own_fleet() -> None:
    with (
        started("--workers", "2") as (process, line),
        httpx.Client(base_url=httpx.URL(line.split()[-1]).join("/")) as client,
    ):
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Warning: 2 workers hold a fleet each")
        wait_until_ready(client)
        assert client.get("/health/live").json() == {"status": "alive"}


def test_the_version_is_told() -> None:
    result = run("--version")
    assert result.returncode == 0
    assert result.stdout == f"{builder()}\n"


def test_an_interrupted_build_says_so_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent_server:
        url = f"http://127.0.0.1:{silent_server.getsockname()[1]}/"
        where = ["--output", str(tmp_path / "network"), "--cache-dir", str(tmp_path / "cache")]
        process = subprocess.Popen(
            command("network", "build", "--place", "Camden", "--nominatim-url", url, *where),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        assert process.stderr.readline() == "looking up Camden\n"
        process.send_signal(signal.SIGINT)
        said, complained = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 130
    assert said == ""
    assert complained.splitlines()[-1] == "nearest-crew: interrupted; nothing was written"
    assert "Traceback" not in complained
    assert not (tmp_path / "network").exists()


def test_networks_are_built_with_the_same_command() -> None:
    assert "Build and inspect road networks" in run("--help").stdout
