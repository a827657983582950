"""The profile that drives against the traffic, over HTTP."""

from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import app
from geo_data.sources import RoadFile, build_from
from routing.storage import save_network
from tests.serving import started

PRINCELET_STREET = ((51.51977, -0.07183), (51.51978, -0.07341))
"""From its far end to its near one."""


def ask(client: httpx.Client, profile: str) -> httpx.Response:
    start, end = ({"lat": lat, "lon": lon} for lat, lon in PRINCELET_STREET)
    return client.post("/v1/routes", json={"from": start, "to": end, "profile": profile})


@pytest.fixture(scope="module")
def central(london_data: Path) -> Path:
    return london_data / "central_london_drive.osm.gz"


def test_a_way_against_the_traffic_is_quicker_and_comes_with_a_warning(
    central: Path, tmp_path: Path
) -> None:
    save_network(build_from(RoadFile(central), contraflow=True), tmp_path / "central")
    with started("--network", str(tmp_path / "central")) as client:
        against, usual = (ask(client, name) for name in ("blue_light_contraflow", "blue_light"))
    assert against.status_code == usual.status_code == httpx.codes.OK
    assert against.json()["duration_s"] < usual.json()["duration_s"]
    (warning,) = against.json()["warnings"]
    assert warning["code"] == "against_traffic"
    assert "against the traffic of one-way streets: Princelet Street" in warning["detail"]
    assert usual.json()["warnings"] == []


def test_a_network_built_without_it_says_what_to_do(empty_london: httpx.Client) -> None:
    start, end = ({"lat": 51.5079, "lon": lon} for lon in (-0.1281, -0.0762))
    body = {"from": start, "to": end, "profile": "blue_light_contraflow"}
    answer = empty_london.post("/v1/routes", json=body)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.json()["type"] == "urn:nearest-crew:problem:profile-not-offered"
    assert "network build --contraflow" in answer.json()["detail"]


def test_the_command_builds_it(london_data: Path, tmp_path: Path) -> None:
    source = str(london_data / "clerkenwell_raw.osm.gz")
    built = CliRunner().invoke(
        app, ["network", "build", source, "--contraflow", "--output", str(tmp_path / "one")]
    )
    assert built.exit_code == 0, built.output
