"""Options that replays and scenarios share."""

from pathlib import Path
from typing import Annotated

import typer

from app.one_line_errors import nothing_written

Output = Annotated[
    Path, typer.Option("--output", "-o", help="New directory for all that is found.")
]
Network = Annotated[
    Path | None, typer.Option(help="Built network; left out: main roads of London.")
]
Policy = Annotated[Path | None, typer.Option(help="Dispatch policy (TOML).")]
Rules = Annotated[Path | None, typer.Option(help="What simulated crews do between calls (TOML).")]
Seeds = Annotated[
    int, typer.Option(help="Simulate so often; from two on, differences have intervals.")
]
Processes = Annotated[
    int | None,
    typer.Option("--workers", min=1, help="Processes; left out: one for each processor."),
]
Scheduler = Annotated[
    str, typer.Option(help="Dask scheduler whose workers do it: tcp://host:8786.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on with what is in the output directory.")
]


def when_interrupted(output: Path) -> str:
    """What to say of a command that was stopped."""
    from app.replay.run_directory import RUN  # noqa: PLC0415 (serving needs none of it)

    if not (output / RUN).is_file():
        return nothing_written()
    return f"what is done stays in {output}: go on with --resume, and nothing is done twice"
