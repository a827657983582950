"""Measure the service beside its peers and print the README's table."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.areas import measure_areas
from benchmarks.closures import measure_closures
from benchmarks.http_load import Load, measure_http
from benchmarks.london import london, stored_at
from benchmarks.machine import machine
from benchmarks.recommendation import measure_recommendation
from benchmarks.search import measure_search
from benchmarks.timing import Measured
from routing.network import RoadNetwork

RESULTS = Path(__file__).with_name("results")


def main(
    junctions: Annotated[int, typer.Option(help="Size of the synthesised London.")] = 130_000,
    *,
    skip_http: Annotated[bool, typer.Option(help="Leave out the load test with wrk.")] = False,
) -> None:
    """Measure the service beside its peers; print a table and keep the raw results."""
    network = london(junctions)
    searches = [
        *measure_search(network),
        *measure_recommendation(network),
        *measure_closures(network),
        *measure_areas(network),
    ]
    loads = [] if skip_http else measure_http(network, stored_at(junctions))
    print(_tables(network, searches, loads))
    RESULTS.mkdir(exist_ok=True)
    raw = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "network": {"version": network.version, "segments": network.base_count},
        "searches": [asdict(one) for one in searches],
        "http": [asdict(one) for one in loads],
    }
    file = RESULTS / f"london-{junctions}.json"
    file.write_text(json.dumps(raw, indent=2) + "\n")


def _tables(network: RoadNetwork, searches: list[Measured], loads: list[Load]) -> str:
    assert network.hierarchy is not None
    measured_on = (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; synthesised London of "
        f"{network.junction_count:,} junctions, {network.base_count:,} segments, "
        f"{network.turn_count:,} turns; one thread. Its hierarchy has "
        f"{len(network.hierarchy.higher):,} arcs and takes {network.hierarchy.nbytes / 1e6:.0f} MB "
        f"on disk, shared by all processes, and {network.hierarchy.higher.nbytes / 1e6:.0f} MB for "
        "each profile and hour in use."
    )
    lines = [
        measured_on,
        "",
        "| task | engine | median ms | p99 ms | times ours |",
        "|---|---|---:|---:|---:|",
    ]
    ours: dict[str, float] = {}
    for one in searches:
        ratio = one.timing.median_ms / ours.setdefault(one.task, one.timing.median_ms)
        lines.append(
            f"| {one.task} | {one.engine} | {one.timing.median_ms:.3g} | "
            f"{one.timing.p99_ms:.3g} | {ratio:,.1f} |"
        )
    if loads:
        lines += [
            "",
            "| over HTTP, one worker, 500 vehicles | clients | requests/s | median ms | p99 ms |",
            "|---|---:|---:|---:|---:|",
        ]
    lines += [
        f"| {one.endpoint} | {one.clients} | {one.requests_per_s:,.0f} | {one.median_ms:.3g} | "
        f"{one.p99_ms:.3g} |"
        for one in loads
    ]
    failures = sum(one.failures for one in loads)
    return "\n".join([*lines, *([f"\n{failures} requests FAILED"] if failures else [])])


if __name__ == "__main__":
    typer.run(main)
