"""Ourselves and other engines, built from the same files and asked the same questions.

`python -m benchmarks.peers agreement` holds our shortest ways against OSRM's and Valhalla's;
`python -m benchmarks.peers speed` measures all engines in one run. Both keep the raw results.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.kept import keep
from benchmarks.peers.agreement import Agreement, compare
from benchmarks.peers.engines import ENGINES
from benchmarks.peers.extracts import helsinki, londons
from benchmarks.peers.osrm_peer import OsrmPeer
from benchmarks.peers.shortest import Shortest
from benchmarks.peers.speed import compile_on, measure_on
from benchmarks.peers.valhalla_peer import ValhallaPeer
from benchmarks.tables import agreement, speeds

Sizes = Annotated[
    list[int], typer.Option(help="Sizes of synthesised Londons; may be given several times.")
]
SIZES = [130_000]
SPEED_SIZES = [130_000, 500_000]

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)


@app.command("agreement")
def hold_ways(junctions: Sizes = SIZES) -> None:
    """Hold 1,000 random shortest ways on each extract against theirs."""
    extracts = londons(junctions)
    finnish = helsinki()
    if finnish is not None:
        extracts["central Helsinki"] = finnish
    kept = []
    for name, pbf in extracts.items():
        with TemporaryDirectory() as directory:
            here = list(_agreements(name, pbf, Path(directory)))
        kept += [asdict(one) for one in here]
        print(agreement({"agreement": kept[-len(here) :]}), *_places(here), sep="\n")
    keep("agreement", {"agreement": kept})


@app.command("speed")
def measure_speed(junctions: Sizes = SPEED_SIZES) -> None:
    """Ask every engine everything on every London; OSRM and Valhalla take long to build."""
    measured = []
    extracts = londons(junctions)
    compile_on(next(iter(extracts.values())))
    hopeless: dict[str, str] = {}
    for name, pbf in extracts.items():
        here = measure_on(name, pbf, ENGINES, hopeless)
        hopeless = dict.fromkeys(here.left_out, "not tried, being too slow on a smaller one")
        measured.append(asdict(here))
        print(speeds(measured[-1]))
        keep("speed", {"extracts": measured})


def _agreements(name: str, pbf: Path, directory: Path) -> Iterator[Agreement]:
    ours = Shortest.of(pbf)
    # Shortest ways take OSRM ten times as long to contract as to partition.
    osrm = OsrmPeer.build(pbf, directory / "osrm", shortest=True, algorithm="MLD")
    yield compare(name, ours, osrm)
    yield compare(name, ours, ValhallaPeer.build(pbf, directory / "valhalla", shortest=True))


def _places(agreements: Sequence[Agreement]) -> Iterator[str]:
    """Where ways part, for each cause."""
    for one in agreements:
        parting = Counter((other.cause, other.where) for other in one.disagreements)
        for (cause, where), count in parting.most_common():
            yield f"{one.peer}, {count}: {cause}: {where}"


if __name__ == "__main__":  # worker processes import this module too
    app()
