"""Hold shortest ways against OSRM's and Valhalla's, and measure all engines in one run."""

import json
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.machine import machine
from benchmarks.peers.agreement import Agreement, Shortest, compare
from benchmarks.peers.extracts import central_london, helsinki, synthetic_london
from benchmarks.peers.osrm_peer import OsrmPeer
from benchmarks.peers.speed import Ready, measure_engines
from benchmarks.peers.valhalla_peer import ValhallaPeer
from benchmarks.timing import Measured

RESULTS = Path(__file__).parents[1] / "results"


def main(
    junctions: Annotated[
        list[int], typer.Option(help="Sizes of synthesised Londons; may be given several times.")
    ] = [130_000],  # noqa: B006 (typer reads it, nobody changes it)
    *,
    skip_speed: Annotated[bool, typer.Option(help="Only hold ways against theirs.")] = False,
) -> None:
    """Compare every extract at hand; print tables and keep the raw results."""
    extracts = {
        "central London": central_london(),
        "central Helsinki": helsinki(),
        **{f"synthesised London of {size:,}": synthetic_london(size) for size in junctions},
    }
    agreements: list[Agreement] = []
    measured: dict[str, list[Measured]] = {}
    readiness: dict[str, list[Ready]] = {}
    for name, pbf in extracts.items():
        if pbf is None:
            print(f"{name}: not at hand, left out")
            continue
        with tempfile.TemporaryDirectory() as directory:
            agreements += _agreements(name, pbf, Path(directory))
            print(*_agreement_rows(agreements[-2:]), sep="\n")
            if "London" in name and not skip_speed:
                measured[name], readiness[name] = measure_engines(pbf, Path(directory) / "speed")
                print(*_speed_rows(measured[name], readiness[name]), sep="\n")
    raw = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "agreement": [asdict(one) for one in agreements],
        "speed": {name: [asdict(one) for one in rows] for name, rows in measured.items()},
        "ready": {name: [asdict(one) for one in rows] for name, rows in readiness.items()},
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "peers.json").write_text(json.dumps(raw, indent=2, ensure_ascii=False) + "\n")


def _agreements(name: str, pbf: Path, directory: Path) -> Iterator[Agreement]:
    ours = Shortest.of(pbf)
    yield compare(name, ours, OsrmPeer.build(pbf, directory / "osrm", shortest=True))
    yield compare(name, ours, ValhallaPeer.build(pbf, directory / "valhalla", shortest=True))


def _agreement_rows(agreements: Sequence[Agreement]) -> Iterator[str]:
    for one in agreements:
        yield (
            f"| {one.extract} | {one.peer} | {one.routes:,} | {one.share:.1%} | "
            f"{', '.join(f'{count} {cause}' for cause, count in one.causes.most_common())} |"
        )
        for (cause, where), count in Counter(
            (other.cause, other.where) for other in one.disagreements
        ).most_common():
            yield f"    {count} {cause}: {where}"


def _speed_rows(measured: Sequence[Measured], readiness: Sequence[Ready]) -> Iterator[str]:
    yield "| task | engine | median ms | p99 ms | times ours |"
    yield "|---|---|---:|---:|---:|"
    ours: dict[str, float] = {}
    for one in measured:
        ours.setdefault(one.task, one.timing.median_ms)
    for one in sorted(measured, key=lambda row: list(ours).index(row.task)):
        ratio = one.timing.median_ms / ours[one.task]
        yield (
            f"| {one.task} | {one.engine} | {one.timing.median_ms:.3g} | "
            f"{one.timing.p99_ms:.3g} | {ratio:,.1f} |"
        )
    yield "\n| engine | built in s | loaded in s | memory MB |"
    yield "|---|---:|---:|---:|"
    for one_ready in readiness:
        yield (
            f"| {one_ready.engine} | {one_ready.build_s:.1f} | {one_ready.load_s:.2f} | "
            f"{one_ready.memory_mb:,.0f} |"
        )


if __name__ == "__main__":
    typer.run(main)
