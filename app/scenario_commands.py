"""`nearest-crew scenario`: made-up winters and what-ifs, simulated."""

from functools import partial
from typing import Annotated

import typer

from app.one_line_errors import errors_in_one_line
from app.progress_display import shown_progress
from app.replay_options import (
    Network,
    Output,
    Policy,
    Processes,
    Resume,
    Rules,
    Scheduler,
    Seeds,
    when_interrupted,
)
from app.usage_errors import CommandGroup

Days = Annotated[int | None, typer.Option(help="Only so many of the first days; left out: all 35.")]
Scale = Annotated[float, typer.Option(help="Only a part of the calls and crews: 0.1 is a tenth.")]

scenario = typer.Typer(cls=CommandGroup, help="Simulate built-in scenarios.", no_args_is_help=True)


@scenario.callback()
def _scenario() -> None:
    """Simulate built-in scenarios."""


@scenario.command("partnership-2021")
def partnership_2021(
    output: Output,
    days: Days = None,
    scale: Scale = 1.0,
    seeds: Seeds = 1,
    network: Network = None,
    policy: Policy = None,
    rules: Rules = None,
    workers: Processes = None,
    scheduler: Scheduler = "",
    *,
    resume: Resume = False,
) -> None:
    """Five weeks of winter 2021 made up again, with and without police driving ambulances."""
    with (
        errors_in_one_line(when_interrupted=partial(when_interrupted, output)),
        shown_progress(counting="calls") as progress,
    ):
        from app.replay.partnership.figures import figures  # noqa: PLC0415
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
    typer.echo(f"{story.in_short(figures(), request.period)}: see {output / 'report.html'}")
