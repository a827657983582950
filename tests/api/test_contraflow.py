"""The profile that drives against the traffic, over HTTP."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.dispatch.policy import PolicyError
from app.main import build_service
from app.settings import Settings
from geo_data.sources import RoadFile, build_from
from routing.storage import save_network
from tests.serving import started

PRINCELET_STREET = ((51.51977, -0.07183), (51.51978, -0.07341))
"""From its far end to its near one."""

CREW_AND_CALL = [{"lat": lat, "lon": lon} for lat, lon in PRINCELET_STREET]
AGAINST = "against the traffic of one-way streets: Princelet Street"


@pytest.fixture(scope="module")
def both_ways(london_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Central London with the other way of its one-way streets."""
    directory = tmp_path_factory.mktemp("networks") / "central"
    source = RoadFile(london_data / "central_london_drive.osm.gz")
    save_network(build_from(source, contraflow=True), directory)
    return directory


@pytest.fixture
def urgent_calls_against_traffic(tmp_path: Path) -> Path:
    """The packaged policy, but for how calls of category C1 are driven."""
    text = (files("app.dispatch") / "policy.toml").read_text(encoding="utf-8")
    c1 = '[categories.C1]\nprofile = "blue_light'
    assert c1 in text
    text = text.replace(c1, f"{c1}_contraflow")
    text += "\n[estimate.profiles.blue_light_contraflow]\nstart_s = 40\nspeed_mps = 16.0\n"
    policy = tmp_path / "policy.toml"
    policy.write_text(text, encoding="utf-8")
    return policy


def ask(client: httpx.Client, profile: str) -> httpx.Response:
    start, end = CREW_AND_CALL
    return client.post("/v1/routes", json={"from": start, "to": end, "profile": profile})


def send(client: httpx.Client, category: str) -> dict[str, Any]:
    """The answer to a call on Princelet Street with a crew at its far end."""
    crew, call = CREW_AND_CALL
    vehicle = {
        "vehicle_id": "A201",
        "vehicle_type": "emergency_ambulance",
        "status": "available_mobile",
        "skills": ["paramedic"],
        "position": {"location": crew, "reported_at": "2021-01-17T18:42:31Z"},
    }
    body = {
        "call": {"call_id": f"{category}-1", "location": call, "category": category},
        "at": "2021-01-17T18:43:00Z",
        "vehicles": [vehicle],
    }
    answer = client.post("/v1/recommendations", json=body)
    assert answer.status_code == httpx.codes.OK, answer.text
    return dict(answer.json())


def test_a_way_against_the_traffic_is_quicker_and_comes_with_a_warning(both_ways: Path) -> None:
    with started("--network", str(both_ways)) as client:
        against, usual = (ask(client, name) for name in ("blue_light_contraflow", "blue_light"))
    assert against.status_code == usual.status_code == httpx.codes.OK
    assert against.json()["duration_s"] < usual.json()["duration_s"]
    (warning,) = against.json()["warnings"]
    assert warning["code"] == "against_traffic"
    assert AGAINST in warning["detail"]
    assert usual.json()["warnings"] == []


def test_a_policy_may_have_the_most_urgent_calls_driven_so(
    both_ways: Path, urgent_calls_against_traffic: Path
) -> None:
    options = ("--network", str(both_ways), "--policy", str(urgent_calls_against_traffic))
    with started(*options) as client:
        c1, c2 = (send(client, category) for category in ("C1", "C2"))
    (against,), (usual,) = c1["options"], c2["options"]
    assert against["eta"]["drive_s"] < usual["eta"]["drive_s"]
    assert against["distance_m"] < usual["distance_m"]
    told = {one["code"]: one for one in c1["warnings"]}
    assert AGAINST in told["against_traffic"]["detail"]
    assert told["against_traffic"]["vehicle_id"] == "A201"
    assert "against_traffic" not in {one["code"] for one in c2["warnings"]}


def test_such_a_policy_is_refused_where_no_street_has_its_other_way(
    urgent_calls_against_traffic: Path,
) -> None:
    with pytest.raises(PolicyError, match="needs a network built with --contraflow"):
        build_service(Settings(policy=urgent_calls_against_traffic))


def test_a_network_built_without_it_says_what_to_do(empty_london: httpx.Client) -> None:
    start, end = ({"lat": 51.5079, "lon": lon} for lon in (-0.1281, -0.0762))
    body = {"from": start, "to": end, "profile": "blue_light_contraflow"}
    answer = empty_london.post("/v1/routes", json=body)
    assert answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    assert answer.json()["type"] == "urn:nearest-crew:problem:profile-not-offered"
    assert "network build --contraflow" in answer.json()["detail"]
    offered = ["blue_light", "normal_road"]
    (fault,) = answer.json()["errors"]
    assert (fault["field"], fault["value"]) == ("profile", "blue_light_contraflow")
    assert sorted(fault["accepted"]) == offered
    others = [{}, {"profile": "blue_light_contraflow"}]
    priced = {"from": start, "to": end, "also_priced_as": others}
    (fault,) = empty_london.post("/v1/routes", json=priced).json()["errors"]
    assert fault["field"] == "also_priced_as[1].profile"
    (fault,) = empty_london.post("/v1/routes", json={**body, "profile": "x"}).json()["errors"]
    assert sorted(fault["accepted"]) == offered


def test_the_command_builds_it(london_data: Path, tmp_path: Path) -> None:
    source = str(london_data / "clerkenwell_raw.osm.gz")
    built = CliRunner().invoke(
        app, ["network", "build", source, "--contraflow", "--output", str(tmp_path / "one")]
    )
    assert built.exit_code == 0, built.output
