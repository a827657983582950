"""How our cost grows: the same questions on central London, and on synthesised ones.

`python -m benchmarks.growth` builds and measures three networks, prints the README's table, and
keeps the raw results. Peers are measured beside us by `python -m benchmarks.peers speed`.
"""

from dataclasses import asdict
from typing import Annotated

import typer

from benchmarks.kept import keep, kept
from benchmarks.peers.engines import OURS
from benchmarks.peers.extracts import londons
from benchmarks.peers.speed import compile_on, measure_on
from benchmarks.tables import growth

SIZES = [130_000, 500_000]


def main(
    junctions: Annotated[
        list[int], typer.Option(help="Sizes of synthesised Londons; may be given several times.")
    ] = SIZES,
) -> None:
    """Measure ourselves on Londons of several sizes."""
    extracts = londons(junctions)
    compile_on(next(iter(extracts.values())))
    measured = [measure_on(name, pbf, [OURS]) for name, pbf in extracts.items()]
    keep("growth", {"extracts": [asdict(one) for one in measured]})
    print(growth(kept("growth")))


if __name__ == "__main__":  # worker processes import this module too
    typer.run(main)
