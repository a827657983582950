"""Progress of long work for whoever watches the terminal, on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

from routing.progress import Progress


@contextmanager
def shown_progress(*, counting: str = "") -> Iterator[Progress]:
    """Show progress while a block runs: a bar on a terminal, else one line for each stage.

    With the name of what is counted, the bar says how many a second and how long it will take.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _StageLines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[count]}"),
        *((_Rate(counting), TimeRemainingColumn()) if counting else ()),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield _StageBar(bar)


class _Rate(ProgressColumn):
    """How many are done a second."""

    def __init__(self, counting: str) -> None:
        super().__init__()
        self._counting = counting

    def render(self, task: Task) -> Text:
        """The rate, once there is one."""
        return Text(f"{task.speed:,.0f} {self._counting}/s" if task.speed else "")


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
