"""Past calls judged on their own, file to file: how many a second, by how many processes.

`python -m benchmarks.replay` measures, prints the README's table, and keeps the raw results.
"""

import csv
import resource
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from app.replay.inputs import Inputs
from app.replay.replay import Hands, ReplayRequest, replay
from benchmarks.kept import keep
from benchmarks.london import london, random_places, stored_at
from routing.network import RoadNetwork

FLEET_SIZE = 500
CALLS_PER_DAY = 3_300
"""Incidents of the London Ambulance Service: 1.2 million in the year to March 2020."""

CALLS = 24_000
BEGIN = datetime(2021, 1, 11, tzinfo=UTC)
CATEGORIES = ("C1", "C2", "C2", "C2", "C3", "C3")

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Replays:
    """How fast calls were replayed once every process was at work.

    Attributes
    ----------
    memory_mb
        At most, of the process that reads and stores; with one process, it judges too.
    grown_mb
        How much of it came after the first part was done.
    """

    fleet: str
    processes: int
    calls: int
    calls_per_s: float
    memory_mb: float
    grown_mb: float


def main(
    junctions: Annotated[int, typer.Option(help="Size of the synthesised London.")] = 130_000,
) -> None:
    """Measure replays; print a table and keep the raw results."""
    network = london(junctions)
    measured = measure_replays(network, stored_at(junctions))
    print(_table(measured))
    raw = {
        "network": {"version": network.version, "segments": network.segment_count},
        "replays": [asdict(one) for one in measured],
    }
    keep(f"replays-{junctions}", raw)


def _table(measured: Iterable[Replays]) -> str:
    lines = [
        f"| fleet of {FLEET_SIZE} | processes | calls/s | memory MB | of it grown MB |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one.fleet} | {one.processes} | {one.calls_per_s:,.0f} | {one.memory_mb:,.0f} | "
        f"{one.grown_mb:,.1f} |"
        for one in measured
    ]
    return "\n".join(lines)


def measure_replays(network: RoadNetwork, directory: Path) -> list[Replays]:
    """Replay a week of calls against crews on shifts, and two days against a log of all they do."""
    fleets: tuple[tuple[str, int, Callable[[RoadNetwork], Iterable[Row]]], ...] = (
        ("on shifts with breaks", CALLS, _shifts),
        ("a log: something new of each every 20 minutes", 2 * CALLS_PER_DAY, _log),
    )
    measured = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, count, fleet in fleets:
            calls = _written(Path(scratch) / "calls.csv", _calls(network, count))
            inputs = Inputs(directory, fleet=_written(Path(scratch) / "fleet.csv", fleet(network)))
            for processes in (1, 2):
                output = Path(scratch) / f"{fleet.__name__}-{processes}"
                told = _measure(ReplayRequest(calls, inputs), output, processes)
                measured.append(Replays(name, processes, count, *told))
    return measured


def _measure(request: ReplayRequest, output: Path, processes: int) -> tuple[float, float, float]:
    """Calls a second between the first part that was done and the last; memory, and its growth."""
    seen: list[tuple[float, int, float]] = []

    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        if done:
            seen.append((time.perf_counter(), done, _peak_mb()))

    replay(request, output, hands=Hands(processes), resume=False, progress=progress)
    (begin, first, begin_mb), (end, last, end_mb) = seen[0], seen[-1]
    return (last - first) / (end - begin), end_mb, end_mb - begin_mb


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _calls(network: RoadNetwork, count: int) -> Iterable[Row]:
    apart = timedelta(days=1) / CALLS_PER_DAY
    for number, (lat, lon) in enumerate(random_places(network, count, seed=6)):
        yield {
            "call_id": f"BENCH-{number}",
            "received_at": BEGIN + number * apart,
            "category": CATEGORIES[number % len(CATEGORIES)],
            "lat": lat,
            "lon": lon,
        }


def _shifts(network: RoadNetwork) -> Iterable[Row]:
    """Half of the fleet by day and half by night, each with a break."""
    days = CALLS // CALLS_PER_DAY + 1
    for number, (lat, lon) in enumerate(random_places(network, 2 * FLEET_SIZE, seed=4)):
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


def _log(network: RoadNetwork) -> Iterable[Row]:
    """Every crew somewhere else, and perhaps doing something else, every 20 minutes or so."""
    rng = np.random.default_rng(5)
    statuses = ("available_at_station", "en_route", "at_scene", "available_mobile", "at_hospital")
    changes = 3 * 24 * 2 + 1
    places = iter(random_places(network, FLEET_SIZE * changes, seed=7))
    for number in range(FLEET_SIZE):
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


def _written(file: Path, rows: Iterable[Row]) -> Path:
    """Rows as CSV, the first of which has every column."""
    waiting = iter(rows)
    first = next(waiting)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(waiting)
    return file


if __name__ == "__main__":  # worker processes import this module too
    typer.run(main)
