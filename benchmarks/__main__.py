"""Measure the service beside its peers and print the README's table."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from benchmarks import tables
from benchmarks.areas import measure_areas
from benchmarks.closures import measure_closures
from benchmarks.http_load import measure_http
from benchmarks.kept import keep, kept
from benchmarks.london import london, stored_at
from benchmarks.machine import machine
from benchmarks.recommendation import measure_recommendation
from benchmarks.search import measure_search
from routing.network import RoadNetwork


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
    name = f"london-{junctions}"
    raw = {
        "network": {"version": network.version, "segments": network.base_count},
        "searches": [asdict(one) for one in searches],
        "http": [asdict(one) for one in loads],
    }
    keep(name, raw)
    print(_measured_on(network), tables.engines(kept(name)), sep="\n\n")
    if loads:
        print("", tables.loads(kept(name)), sep="\n")
    failures = sum(one.failures for one in loads)
    if failures:
        print(f"\n{failures} requests FAILED")


def _measured_on(network: RoadNetwork) -> str:
    assert network.hierarchy is not None
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {machine()}; synthesised London of "
        f"{network.junction_count:,} junctions, {network.base_count:,} segments, "
        f"{network.turn_count:,} turns; one thread. Its hierarchy has "
        f"{len(network.hierarchy.higher):,} arcs and takes {network.hierarchy.nbytes / 1e6:.0f} MB "
        f"on disk, shared by all processes, and {network.hierarchy.higher.nbytes / 1e6:.0f} MB for "
        "each profile and hour in use."
    )


if __name__ == "__main__":
    typer.run(main)
