"""`nearest-crew scenario`: made-up winters and what-ifs, simulated."""

from pathlib import Path
from typing import Annotated

import typer

from app.one_line_errors import errors_in_one_line
from app.progress_display import shown_progress

scenario = typer.Typer(help="Simulate built-in scenarios.", no_args_is_help=True)


@scenario.callback()
def _scenario() -> None:
    """Simulate built-in scenarios."""


@scenario.command("partnership-2021")
def partnership_2021(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="New directory for all that is found.")
    ],
    days: Annotated[
        int | None, typer.Option(help="Only so many of the first days; left out: all 35.")
    ] = None,
    scale: Annotated[
        float, typer.Option(help="Only a part of the calls and crews: 0.1 is a tenth.")
    ] = 1.0,
    seeds: Annotated[
        int, typer.Option(help="How often; from two on, differences have intervals.")
    ] = 1,
    network: Annotated[
        Path | None, typer.Option(help="Built network of London; left out: its main roads.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Dispatch policy (TOML).")] = None,
    rules: Annotated[Path | None, typer.Option(help="What crews do between calls (TOML).")] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; left out: one for each processor.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Dask scheduler whose workers do it: tcp://host:8786.")
    ] = "",
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with what is in the output directory.")
    ] = False,
) -> None:
    """Five weeks of winter 2021 made up again, with and without police driving ambulances."""
    with (
        errors_in_one_line(when_interrupted=f"what is done stays in {output}: use --resume"),
        shown_progress(counting="calls") as progress,
    ):
        from app.replay.partnership.scenario import (  # noqa: PLC0415 (serving needs none of it)
            PartnershipRequest,
            play,
        )
        from app.replay.replay import Hands  # noqa: PLC0415

        request = PartnershipRequest(
            days=days, scale=scale, seeds=seeds, network=network, policy=policy, rules=rules
        )
        story = play(
            request, output, hands=Hands(workers, scheduler), resume=resume, progress=progress
        )
    told = ", ".join(f"{attended:,}" for attended in story.attended)
    of_seeds = ", one number for each seed" if seeds > 1 else ""
    typer.echo(
        f"Police-driven ambulances attended {told} emergencies{of_seeds}: see "
        f"{output / 'report.html'}"
    )
