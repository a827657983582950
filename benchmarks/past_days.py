"""Made-up past days to replay: calls all over London, and fleets on shifts or logged."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.london import random_places
from routing.network import RoadNetwork

CALLS_PER_DAY = 3_300
"""Incidents of the London Ambulance Service: 1.2 million in the year to March 2020."""

BEGIN = datetime(2021, 1, 11, tzinfo=UTC)
CATEGORIES = ("C1", "C2", "C2", "C2", "C3", "C3")

Row = Mapping[str, Any]


def calls(network: RoadNetwork, count: int) -> Iterable[Row]:
    """Calls evenly over the days."""
    apart = timedelta(days=1) / CALLS_PER_DAY
    for number, (lat, lon) in enumerate(random_places(network, count, seed=6)):
        yield {
            "call_id": f"BENCH-{number}",
            "received_at": BEGIN + number * apart,
            "category": CATEGORIES[number % len(CATEGORIES)],
            "lat": lat,
            "lon": lon,
        }


def on_shifts(network: RoadNetwork, on_duty: int, days: int) -> Iterable[Row]:
    """As many crews by day as by night, 12 hours each with a break."""
    for number, (lat, lon) in enumerate(random_places(network, 2 * on_duty, seed=4)):
        for day in range(-1, days):
            begins = BEGIN + timedelta(days=day, hours=7 + 12 * (number % 2))
            vehicle = {"vehicle_id": f"V{number:04}", "vehicle_type": "emergency_ambulance"}
            shift = {"begins_at": begins, "ends_at": begins + timedelta(hours=12)}
            place = {"status": "available_at_station", "lat": lat, "lon": lon}
            yield {**vehicle, **shift, **place}
            rest = begins + timedelta(hours=5, minutes=number % 60)
            yield {
                **vehicle,
                "begins_at": rest,
                "ends_at": rest + timedelta(minutes=30),
                "status": "break",
            }


def logged(network: RoadNetwork, vehicles: int, days: int) -> Iterable[Row]:
    """Every crew somewhere else, and perhaps doing something else, every 20 minutes or so."""
    rng = np.random.default_rng(5)
    statuses = ("available_at_station", "en_route", "at_scene", "available_mobile", "at_hospital")
    changes = 3 * 24 * days + 1
    places = iter(random_places(network, vehicles * changes, seed=7))
    for number in range(vehicles):
        begins = BEGIN - timedelta(minutes=20)
        for change in range(changes):
            lat, lon = next(places)
            yield {
                "vehicle_id": f"V{number:04}",
                "vehicle_type": "emergency_ambulance",
                "begins_at": begins,
                "ends_at": None,
                "status": statuses[(number + change) % len(statuses)],
                "lat": lat,
                "lon": lon,
            }
            begins += timedelta(minutes=float(rng.uniform(10, 30)))


def written(file: Path, rows: Iterable[Row]) -> Path:
    """Rows as CSV, the first of which has every column."""
    waiting = iter(rows)
    first = next(waiting)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(waiting)
    return file
