"""The service under load from wrk on loopback, beside a one-line FastAPI endpoint."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.london import random_places
from benchmarks.timing import Timing
from routing.network import RoadNetwork

FLEET_SIZE = 500
AVAILABLE_SHARE = 0.6
CALLS = 5000
CLOSURES = 50
SECONDS = 10
CLIENTS = (1, 8)
STARTUP_LIMIT_S = 120
SCRIPT = Path(__file__).with_name("recommend.lua")

_UNITS_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw with a number of keep-alive clients."""

    endpoint: str
    clients: int
    requests_per_s: float
    median_ms: float
    p99_ms: float
    failures: int


def measure_http(network: RoadNetwork, directory: Path) -> list[Load]:
    """Load both services one after the other; wrk must be on the PATH.

    Raises
    ------
    FileNotFoundError
        When wrk is not installed.
    """
    if shutil.which("wrk") is None:
        msg = "wrk is not on the PATH; install it (package wrk) or use --skip-http"
        raise FileNotFoundError(msg)
    loads = []
    with tempfile.TemporaryDirectory() as scratch:
        one_line = ["-m", "uvicorn", "benchmarks.one_line_app:app", "--log-level", "error"]
        bodies = _write_lines(Path(scratch) / "empty", ["{}"])
        with _served(one_line, "/openapi.json") as url:
            loads += [_wrk("one-line FastAPI endpoint", f"{url}/", n, bodies) for n in CLIENTS]
        service = ["-m", "app", "serve", "--network", str(directory)]
        with _served(service, "/health/ready") as url:
            _send_fleet(network, url)
            for label, options in (
                ("recommendation", {"include_routes": False, "explain": False}),
                ("with routes, reasons and exclusions", {}),
            ):
                calls = _write_lines(Path(scratch) / "calls", _calls(network, options))
                target = f"{url}/v1/recommendations"
                loads += [_wrk(label, target, n, calls) for n in CLIENTS]
            loads.append(_closures(network, url))
    return loads


@contextmanager
def _served(arguments: list[str], ready: str) -> Iterator[str]:
    """A server of its own process on a free loopback port, once `ready` answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, *arguments, "--port", str(port)], stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(url + ready, server)
        yield url
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTUP_LIMIT_S
    while server.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url):  # noqa: S310 - loopback
                return
        except OSError:
            time.sleep(0.1)
    msg = f"no answer from {url}"
    raise TimeoutError(msg)


def _send_fleet(network: RoadNetwork, url: str) -> None:
    rng = np.random.default_rng(5)
    now = datetime.now(UTC).isoformat()
    vehicles = [
        {
            "vehicle_id": f"V{i:03}",
            "vehicle_type": "emergency_ambulance",
            "driver_agency": "MPS" if rng.random() < 0.1 else "LAS",  # noqa: PLR2004
            "status": "available_mobile" if rng.random() < AVAILABLE_SHARE else "at_scene",
            "skills": ["paramedic"],
            "position": {"location": {"lat": lat, "lon": lon}, "reported_at": now},
        }
        for i, (lat, lon) in enumerate(random_places(network, FLEET_SIZE, seed=4))
    ]
    _post(f"{url}/v1/vehicles/batch", {"vehicles": vehicles})


def _closures(network: RoadNetwork, url: str) -> Load:
    """Streets shut one after the other, each until the service says that it is so."""
    segments = np.random.default_rng(10).integers(0, network.segment_count, CLOSURES + 1)
    seconds = []
    for segment in segments.tolist():
        begin = time.perf_counter()
        _post(f"{url}/v1/closures", {"closure_id": "bench", "segments": [segment]})
        seconds.append(time.perf_counter() - begin)
    timing = Timing.of(seconds[1:])
    rate = CLOSURES / sum(seconds[1:])
    return Load("a closure, until it is live", 1, rate, timing.median_ms, timing.p99_ms, 0)


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310 - loopback
        url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request):  # noqa: S310 - loopback
        pass


def _calls(network: RoadNetwork, options: dict[str, bool]) -> list[str]:
    return [
        json.dumps(
            {
                "call": {
                    "call_id": f"BENCH-{i}",
                    "location": {"lat": lat, "lon": lon},
                    "category": "C2",
                },
                **options,
            }
        )
        for i, (lat, lon) in enumerate(random_places(network, CALLS, seed=6))
    ]


def _write_lines(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def _wrk(endpoint: str, url: str, clients: int, bodies: Path) -> Load:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--latency", "-s", str(SCRIPT), url]
    environment = {**os.environ, "CALLS": str(bodies)}
    report = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout
    return Load(
        endpoint=endpoint,
        clients=clients,
        requests_per_s=float(_read(r"Requests/sec:\s+([\d.]+)", report)),
        median_ms=_milliseconds(_read(r"\n\s+50%\s+(\S+)", report)),
        p99_ms=_milliseconds(_read(r"\n\s+99%\s+(\S+)", report)),
        failures=_failures(report),
    )


def _failures(report: str) -> int:
    """Requests that were refused, failed or never answered; wrk is silent about none."""
    said = re.findall(r"(?:Non-2xx or 3xx responses:|Socket errors:) (.*)", report)
    return sum(int(count) for line in said for count in re.findall(r"\d+", line))


def _read(pattern: str, report: str) -> str:
    found = re.search(pattern, report)
    if not found:
        msg = f"wrk's report has no {pattern}:\n{report}"
        raise ValueError(msg)
    return found[1]


def _milliseconds(duration: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", duration).groups()  # type: ignore[union-attr]
    return float(number) * _UNITS_MS[unit]
