"""Progress of long work for whoever watches the terminal, on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from routing.progress import Progress


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show progress while a block runs: a bar on a terminal, else one line for each stage."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _StageLines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield _StageBar(bar)


class _StageBar:
    """One bar that starts again with each stage."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._stage = ""
        self._task = bar.add_task("starting", total=None, count="")

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self._stage:
            self._stage = stage
            self._bar.reset(self._task, description=stage)
        count = f"{done:,} of {total:,}" if total else f"{done:,}" if done else ""
        self._bar.update(self._task, completed=done, total=total or None, count=count)


class _StageLines:
    """A line when a stage begins, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._stage = ""

    def __call__(self, stage: str, done: int, total: int) -> None:
        del done, total
        if stage != self._stage:
            self._stage = stage
            self._console.print(stage, style=None, markup=False, highlight=False)
