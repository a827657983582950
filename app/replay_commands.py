"""`nearest-crew replay`: answer past calls again, and say what would have been."""

from datetime import date, datetime, time, tzinfo
from math import prod
from pathlib import Path
from typing import Annotated

import typer

from app.one_line_errors import errors_in_one_line, stop
from app.progress_display import shown_progress
from app.replay.moments import parsed_moment

GO_ON = "go on with --resume, and nothing is done twice"


def replay(
    calls: Annotated[
        Path, typer.Argument(help="Past calls: .csv, .ndjson or .parquet; .gz is unpacked.")
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="New directory for all that is found.")
    ],
    fleet: Annotated[
        Path | None, typer.Option(help="Vehicles over time: .csv, .ndjson or .parquet.")
    ] = None,
    network: Annotated[
        Path | None, typer.Option(help="Built network; left out: main roads of London.")
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Dispatch policy (TOML).")] = None,
    call_format: Annotated[
        str, typer.Option("--format", help="How calls are written: standard or lfb-incidents.")
    ] = "standard",
    stations: Annotated[
        Path | None, typer.Option(help="Stations by name, for records that name those.")
    ] = None,
    time_zone: Annotated[
        str, typer.Option(help="Clock of times that name no offset: Europe/London, UTC, ...")
    ] = "Europe/London",
    mode: Annotated[
        str,
        typer.Option(
            help="independent: each call against the fleet as files say it was; simulate: crews "
            "sent to one call are missing at the next."
        ),
    ] = "independent",
    versus: Annotated[
        Path | None, typer.Option(help="Simulate this fleet too, and compare.")
    ] = None,
    without_agency: Annotated[
        list[str] | None,
        typer.Option(help="Simulate without vehicles of MPS, LFB or LAS too, and compare."),
    ] = None,
    seeds: Annotated[
        int, typer.Option(help="Simulate so often; from two on, differences have intervals.")
    ] = 1,
    rules: Annotated[
        Path | None, typer.Option(help="What simulated crews do between calls (TOML).")
    ] = None,
    hospitals: Annotated[
        Path | None, typer.Option(help="Where they take patients (.csv); left out: London's.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes; left out: one for each processor.")
    ] = None,
    scheduler: Annotated[
        str, typer.Option(help="Dask scheduler whose workers do it: tcp://host:8786.")
    ] = "",
    since: Annotated[
        str, typer.Option(help="Only calls received from then on: 2017-01-01, or with a time.")
    ] = "",
    until: Annotated[str, typer.Option(help="Only calls received before then.")] = "",
    title: Annotated[str, typer.Option(help="Heads the report.")] = "",
    *,
    inside: Annotated[
        bool, typer.Option("--inside", help="Only calls inside the network's extent.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Write nothing if a row cannot be used; name the first."),
    ] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Write decisions.csv too.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the replay in the output directory.")
    ] = False,
) -> None:
    """Replay past CALLS: who would have been sent, and how soon there."""
    with (
        errors_in_one_line(when_interrupted=f"what is done stays in {output}: {GO_ON}"),
        shown_progress(counting="calls") as progress,
    ):
        from app.replay import replay as replays  # noqa: PLC0415 (serving needs neither)
        from app.replay.inputs import Inputs  # noqa: PLC0415
        from app.replay.selection import Selection  # noqa: PLC0415
        from app.replay.simulated_replay import SimulationOptions  # noqa: PLC0415

        inputs = Inputs(
            network=network,
            policy=policy,
            fleet=fleet,
            stations=stations,
            call_format=call_format,
            time_zone=time_zone,
        )
        request = replays.ReplayRequest(
            calls=calls,
            inputs=inputs,
            mode=replays.mode_of(mode),
            selection=Selection(
                since=_moment("since", since, inputs.zone()),
                until=_moment("until", until, inputs.zone()),
                inside=inside,
            ),
            strict=strict,
            as_csv=as_csv,
            simulation=SimulationOptions(
                versus=versus,
                without=tuple(without_agency or ()),
                seeds=seeds,
                rules=rules,
                hospitals=hospitals,
            ),
            title=title,
        )
        found = replays.replay(
            request,
            output,
            hands=replays.Hands(workers, scheduler),
            resume=resume,
            progress=progress,
        )
    counts = ", ".join(
        f"{number:,} {outcome.replace('_', ' ')}"
        for outcome, number in sorted(found.outcomes.items())
    )
    runs = {"seeds": seeds, "scenarios": len(request.simulation.scenarios)}
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
