"""`nearest-crew replay`: answer past calls again, and say what would have been."""

from datetime import date, datetime, time, tzinfo
from functools import partial
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.one_line_errors import errors_in_one_line, stop
from app.progress_display import shown_progress
from app.replay.moments import parsed_moment
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
from app.settings import CALL_MARGIN_M

if TYPE_CHECKING:
    from app.replay.replay import Replayed, ReplayRequest

Calls = Annotated[
    Path, typer.Argument(help="Past calls: .csv, .ndjson or .parquet; .gz is unpacked.")
]
Fleet = Annotated[Path | None, typer.Option(help="Vehicles over time: .csv, .ndjson or .parquet.")]
Format = Annotated[
    str, typer.Option("--format", help="How calls are written: standard or lfb-incidents.")
]
Stations = Annotated[
    Path | None, typer.Option(help="Stations by name, for records that name those.")
]
TimeZone = Annotated[
    str, typer.Option(help="Clock of times that name no offset: Europe/London, UTC, ...")
]
Mode = Annotated[
    str,
    typer.Option(
        help="independent: each call against the fleet as files say it was; simulate: crews "
        "sent to one call are missing at the next."
    ),
]
Versus = Annotated[Path | None, typer.Option(help="Simulate this fleet too, and compare.")]
WithoutAgency = Annotated[
    list[str] | None,
    typer.Option(help="Simulate without vehicles of MPS, LFB or LAS too, and compare."),
]
Hospitals = Annotated[
    Path | None, typer.Option(help="Where they take patients (.csv); left out: London's.")
]
Since = Annotated[
    str, typer.Option(help="Only calls received from then on: 2017-01-01, or with a time.")
]
Until = Annotated[str, typer.Option(help="Only calls received before then.")]
Inside = Annotated[bool, typer.Option("--inside", help="Only calls inside the network's extent.")]
CallMargin = Annotated[
    float,
    typer.Option(
        min=0,
        envvar="NEAREST_CREW_CALL_MARGIN_M",
        help="Calls and vehicles further than this from the network are rejected as mistakes.",
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Write nothing if a row cannot be used; name the first.")
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Write decisions.csv too.")]
Title = Annotated[str, typer.Option(help="Heads the report.")]


def replay(
    calls: Calls,
    output: Output,
    fleet: Fleet = None,
    network: Network = None,
    policy: Policy = None,
    call_format: Format = "standard",
    stations: Stations = None,
    time_zone: TimeZone = "Europe/London",
    mode: Mode = "independent",
    versus: Versus = None,
    without_agency: WithoutAgency = None,
    seeds: Seeds = 1,
    rules: Rules = None,
    hospitals: Hospitals = None,
    workers: Processes = None,
    scheduler: Scheduler = "",
    since: Since = "",
    until: Until = "",
    call_margin_m: CallMargin = CALL_MARGIN_M,
    title: Title = "",
    *,
    inside: Inside = False,
    strict: Strict = False,
    as_csv: AsCsv = False,
    resume: Resume = False,
) -> None:
    """Replay past CALLS: who would have been sent, and how soon there."""
    with (
        errors_in_one_line(when_interrupted=partial(when_interrupted, output)),
        shown_progress(counting="calls") as progress,
    ):
        from app.replay import replay as replays  # noqa: PLC0415 (serving needs none of it)
        from app.replay.inputs import Inputs  # noqa: PLC0415
        from app.replay.selection import Selection  # noqa: PLC0415
        from app.replay.simulated_replay import SimulationOptions  # noqa: PLC0415

        inputs = Inputs(network, policy, fleet, stations, call_format, time_zone, call_margin_m)
        request = replays.ReplayRequest(
            calls,
            inputs,
            replays.mode_of(mode),
            Selection(
                _moment("since", since, inputs.zone()),
                _moment("until", until, inputs.zone()),
                inside=inside,
            ),
            strict=strict,
            as_csv=as_csv,
            title=title,
            simulation=SimulationOptions(
                versus, tuple(without_agency or ()), seeds, rules, hospitals
            ),
        )
        found = replays.replay(
            request,
            output,
            hands=replays.Hands(workers, scheduler),
            resume=resume,
            progress=progress,
        )
    _tell(request, found, output)


def _tell(request: "ReplayRequest", found: "Replayed", output: Path) -> None:
    """Say in a line or two what came of it."""
    simulation = request.simulation
    counts = ", ".join(
        f"{number:,} {outcome.replace('_', ' ')}"
        for outcome, number in sorted(found.outcomes.items())
    )
    runs = {"seeds": simulation.seeds, "scenarios": len(simulation.scenarios)}
    calls_each = sum(found.outcomes.values()) // prod(runs.values())
    times = "".join(f" x {number} {noun}" for noun, number in runs.items() if number > 1)
    typer.echo(f"{calls_each:,} calls replayed{times} into {output}: {counts or 'none'}")
    if found.rejected:
        rejected = output / "rejected.csv"
        typer.echo(f"rows that could not be used: {found.rejected:,}, see {rejected}")


def _moment(option: str, text: str, zone: tzinfo) -> datetime | None:
    """What an option says; a day alone is its beginning."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            return parsed_moment(text, zone)
        except ValueError as error:
            stop(f"--{option} {text}: {error}")
    return datetime.combine(day, time(), tzinfo=zone)
