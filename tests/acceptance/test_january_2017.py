"""A real month: every fire-brigade incident of January 2017 in central London, asked over HTTP."""

import asyncio
import csv
import gzip
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from app.dispatch.policy import load_policy
from app.dispatch.time_of_week import hour_of_week
from geo_data.sources import RoadFile, build_from
from routing.engine import Ends, Starts
from routing.network import RoadNetwork
from routing.router import Router
from routing.snapping import Snap
from routing.storage import save_network
from tests.routing.oracle import Oracle
from tests.serving import started

_log = logging.getLogger(__name__)

CLIENTS = 8
PROFILE = "blue_light"
STREET_VEHICLES = 30
STREET_SEED = 2017


@dataclass(frozen=True)
class Asked:
    """One incident and what the service said."""

    place: tuple[float, float]
    status_code: int
    answer: dict[str, Any]
    seconds: float


@pytest.fixture(scope="module")
def network(london_data: Path) -> RoadNetwork:
    return build_from(RoadFile(london_data / "central_london_drive.osm.gz"))


@pytest.fixture(scope="module")
def service_url(network: RoadNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("network") / "central"
    save_network(network, directory)
    with started("--network", str(directory)) as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def vehicles(network: RoadNetwork, london_data: Path) -> list[dict[str, Any]]:
    """Crews at the LAS stations inside the extract, and thirty at places along its streets."""
    with (london_data / "las_stations.csv").open(encoding="utf-8-sig") as rows:
        stations = [
            (row["station_code"], float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(rows)
        ]
    router, radius_m = Router(network), load_policy().access.complete_network.vehicle_radius_m
    inside = [
        (code, lat, lon)
        for code, lat, lon in stations
        if router.snap(lat, lon, profile=PROFILE, radius_m=radius_m)
    ]
    assert len(inside) == 6
    rng = np.random.default_rng(STREET_SEED)
    points = rng.choice(len(network.shape_lat), STREET_VEHICLES, replace=False)
    on_streets = [
        (f"S{i:02}", float(network.shape_lat[point]), float(network.shape_lon[point]))
        for i, point in enumerate(points)
    ]
    return [
        _vehicle(f"{code}01", lat, lon, "available_at_station") for code, lat, lon in inside
    ] + [_vehicle(code, lat, lon, "available_mobile") for code, lat, lon in on_streets]


def _vehicle(vehicle_id: str, lat: float, lon: float, status: str) -> dict[str, Any]:
    return {
        "vehicle_id": vehicle_id,
        "vehicle_type": "emergency_ambulance",
        "status": status,
        "position": {
            "location": {"lat": lat, "lon": lon},
            "reported_at": datetime.now(UTC).isoformat(),
        },
    }


@pytest.fixture(scope="module")
def incidents(network: RoadNetwork, london_data: Path) -> list[tuple[float, float]]:
    """Places of all incidents of January 2017 in the extract, in order of time."""
    with gzip.open(london_data / "lfb_incidents_2017_jan_feb.csv.gz", "rt") as rows:
        places = [
            (float(row["lat"]), float(row["lon"]))
            for row in csv.DictReader(rows)
            if row["date_of_call"].startswith("2017-01-")
        ]
    return [(lat, lon) for lat, lon in places if network.extent.contains(lat, lon)]


@pytest.fixture(scope="module")
def asked(
    service_url: str, vehicles: list[dict[str, Any]], incidents: list[tuple[float, float]]
) -> list[Asked]:
    return asyncio.run(_ask_all(service_url, vehicles, incidents))


async def _ask_all(
    url: str, vehicles: list[dict[str, Any]], incidents: list[tuple[float, float]]
) -> list[Asked]:
    """Ask for every incident, several clients at a time."""
    waiting = iter(enumerate(incidents))
    answers: dict[int, Asked] = {}
    async with httpx.AsyncClient(base_url=url, timeout=30.0) as client:
        sent = await client.post("/v1/vehicles/batch", json={"vehicles": vehicles})
        assert sent.status_code == httpx.codes.OK, sent.text

        async def keep_asking() -> None:
            for number, (lat, lon) in waiting:
                call = {
                    "call_id": f"LFB-{number}",
                    "category": "C2",
                    "location": {"lat": lat, "lon": lon},
                }
                begin = time.perf_counter()
                response = await client.post("/v1/recommendations", json={"call": call})
                seconds = time.perf_counter() - begin
                answers[number] = Asked((lat, lon), response.status_code, response.json(), seconds)

        await asyncio.gather(*(keep_asking() for _ in range(CLIENTS)))
    return [answers[number] for number in sorted(answers)]


def test_every_incident_of_the_month_is_answered(
    asked: list[Asked], incidents: list[tuple[float, float]]
) -> None:
    assert len(incidents) > 1000
    assert len(asked) == len(incidents)
    assert {one.status_code for one in asked} == {httpx.codes.OK}
    assert all(len(one.answer["options"]) == 5 for one in asked)
    median_ms, p99_ms = np.percentile([one.seconds * 1000 for one in asked], [50, 99])
    _log.info(
        "%d calls, %d clients: median %.1f, p99 %.1f ms", len(asked), CLIENTS, median_ms, p99_ms
    )


def test_every_first_choice_is_the_oracles(
    asked: list[Asked], network: RoadNetwork, vehicles: list[dict[str, Any]]
) -> None:
    router, policy = Router(network), load_policy()
    access = policy.access.complete_network
    oracle_at = cache(lambda hour: Oracle(network, router.profiles[PROFILE], hour))
    snaps = [
        _snap(router, one["position"]["location"], access.vehicle_radius_m) for one in vehicles
    ]
    ids = sorted(range(len(vehicles)), key=lambda i: str(vehicles[i]["vehicle_id"]))
    mobilisation_ms = {
        status: round(rule.mobilisation_median_s * 1000) for status, rule in policy.statuses.items()
    }
    routed = 0
    for one in asked:
        first = one.answer["options"][0]
        call = router.snap(*one.place, profile=PROFILE, radius_m=access.call_radius_m)
        assert first["eta"]["estimated"] == (call is None)
        if call is None:
            continue
        routed += 1
        call_access_ms = round(call.distance_m / access.call_speed_mps * 1000)
        call_access_ms += policy.arrival.stopping_ms
        delays = [
            mobilisation_ms[vehicles[i]["status"]]
            + round(snaps[i].distance_m / access.vehicle_speed_mps * 1000)
            + call_access_ms
            for i in ids
        ]
        hour = hour_of_week(datetime.fromisoformat(one.answer["decided_at"]))
        ((number, total_ms),) = oracle_at(hour).nearest(
            Ends.at(call, network), Starts.at([snaps[i] for i in ids], delays), limit=1
        )
        assert first["vehicle_id"] == vehicles[ids[number]]["vehicle_id"]
        assert round(first["eta"]["total_s"] * 1000) == total_ms
        assert round(first["eta"]["drive_s"] * 1000) == total_ms - delays[number]
    _log.info("%d of %d calls on the network, each checked", routed, len(asked))
    assert routed > 1000


def _snap(router: Router, location: dict[str, float], radius_m: float) -> Snap:
    snap = router.snap(location["lat"], location["lon"], profile=PROFILE, radius_m=radius_m)
    assert snap is not None
    return snap
