"""A past to replay: calls and shifting crews in the small town, as files."""

import csv
import random
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from app.replay.inputs import Inputs
from routing.storage import save_network
from tests.town import SIDE_M, at, grid, surveyed

NOON = datetime(2021, 1, 17, 12)  # noqa: DTZ001 (files tell local times)


def clock(minutes: float) -> str:
    """Local time so many minutes after noon, as files write it."""
    return f"{NOON + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S}"


def town_network(directory: Path) -> Path:
    """The town's streets, stored."""
    save_network(surveyed(grid().network), directory / "network")
    return directory / "network"


def write_rows(file: Path, rows: Iterable[Mapping[str, Any]]) -> Path:
    """Rows as CSV; the first names the columns."""
    told = list(rows)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(told[0]))
        writer.writeheader()
        writer.writerows(told)
    return file


def calls(count: int, seed: int = 1) -> list[dict[str, Any]]:
    """Calls all over town, in no order of time, within two hours of noon."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        place = at(rng.uniform(0, SIDE_M), rng.uniform(0, SIDE_M))
        rows.append(
            {
                "call_id": f"CAD-{number}",
                "received_at": clock(rng.uniform(0, 120)),
                "category": rng.choice(["C1", "C2", "C3"]),
                "lat": f"{place.lat:.6f}",
                "lon": f"{place.lon:.6f}",
                "needs_conveyance": rng.choice(["", "yes"]),
                "observed_s": rng.choice(["", "400"]),
                "observed_vehicle_id": rng.choice(["", "A1", "A4", "Z9"]),
                "borough": "Town",
            }
        )
    return rows


def shifts(vehicles: int, seed: int = 2) -> list[dict[str, Any]]:
    """Crews who come and go, take breaks, and move about town."""
    rng = random.Random(seed)
    rows = []
    for number in range(vehicles):
        vehicle_id = f"A{number}"
        begins, here = rng.uniform(-200, 30), at(rng.uniform(0, SIDE_M), rng.uniform(0, SIDE_M))
        rows.append(
            {
                "vehicle_id": vehicle_id,
                "begins_at": clock(begins),
                "ends_at": clock(begins + rng.uniform(300, 600)),
                "status": "available_at_station",
                "vehicle_type": rng.choice(["emergency_ambulance", "rapid_response_vehicle"]),
                "driver_agency": rng.choice(["LAS", "MPS"]),
                "lat": f"{here.lat:.6f}",
                "lon": f"{here.lon:.6f}",
            }
        )
        for _ in range(4):
            away, when = at(rng.uniform(0, SIDE_M), rng.uniform(0, SIDE_M)), rng.uniform(30, 110)
            rows.append(
                {
                    "vehicle_id": vehicle_id,
                    "begins_at": clock(when),
                    "ends_at": clock(when + rng.uniform(1, 20)),
                    "status": rng.choice(["break", "en_route", "available_mobile"]),
                    "vehicle_type": rows[-1]["vehicle_type"],
                    "driver_agency": rows[-1]["driver_agency"],
                    "lat": f"{away.lat:.6f}",
                    "lon": f"{away.lon:.6f}",
                }
            )
    return rows


def inputs(directory: Path, vehicles: int = 12) -> Inputs:
    """Where the town, and its crews, are stored."""
    fleet = write_rows(directory / "fleet.csv", shifts(vehicles))
    return Inputs(network=town_network(directory), fleet=fleet)
