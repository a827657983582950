"""A replay on disk: a directory that knows what was asked for and how far it has come.

`run.json` says what the replay is of; `parts/` holds what is finished, one file of decisions and
one of rejected rows for each part; at the end they are joined, in order, into `decisions.parquet`
and `rejected.csv`. Every file appears whole or not at all, so whenever a run is cut short, what is
there can be relied on, and a resumed run ends with the same bytes as one that was never stopped.
"""

import csv
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from app.replay.decision_table import read_decisions, write_csv, write_decisions
from app.replay.errors import ReplayError
from app.replay.rows import Rejection
from app.replay.whole_file import UNFINISHED, write_whole, write_whole_text

FORMAT = "nearest-crew replay"
FORMAT_VERSION = 1
RUN, PARTS = "run.json", "parts"
DECISIONS, DECISIONS_CSV, REJECTED = "decisions.parquet", "decisions.csv", "rejected.csv"

REJECTED_COLUMNS = ("line", "column", "value", "reason")


class RunState(StrEnum):
    """How far a replay has come."""

    RUNNING = "running"
    FINISHED = "finished"


class RunDirectory:
    """The directory of one replay.

    Attributes
    ----------
    path
        Where it is.
    identity
        Everything that decides the result, by name: settings, and hashes of what is read.
    request
        How it was asked for, for whoever goes on with it; says nothing about the result.
    """

    def __init__(self, path: Path, identity: Mapping[str, Any], request: Mapping[str, Any]) -> None:
        self.path = path
        self.identity = identity
        self.request = request

    @classmethod
    def begin(
        cls,
        path: Path,
        identity: Mapping[str, Any],
        request: Mapping[str, Any],
        *,
        resume: bool = False,
    ) -> Self:
        """
        Begin a replay in a new or empty directory, or go on with the one there.

        Raises
        ------
        ReplayError
            The directory holds something else, or a replay that `resume` does not ask for; or
            what is resumed is not what was begun.
        OSError
            It cannot be written.
        """
        run = cls(path, identity, request)
        if resume:
            run._check_is_the_same()
            if run.state is RunState.FINISHED:
                run._drop_parts()
                return run
        elif path.exists() and (not path.is_dir() or any(path.iterdir())):
            msg = f"{path} is not empty; name a new directory"
            if (path / RUN).is_file():
                msg += ", or go on with the replay there with --resume"
            raise ReplayError(msg)
        (path / PARTS).mkdir(parents=True, exist_ok=True)
        for left_over in path.rglob(f"*{UNFINISHED}"):
            left_over.unlink()
        if not resume:
            run._say(RunState.RUNNING)
        return run

    @property
    def state(self) -> RunState:
        """How far it has come."""
        return RunState(_read_run(self.path)["state"])

    def has_part(self, number: int) -> bool:
        """Whether a part is finished."""
        return self._decisions_of(number).is_file()

    def write_part(self, number: int, table: pa.Table, rejected: Sequence[Rejection]) -> None:
        """Store a finished part: its decisions, and the rows that could not be used."""
        write_whole(self._rejected_of(number), lambda file: _write_rejections(file, rejected))
        write_whole(self._decisions_of(number), lambda file: write_decisions([table], file))

    def parts(self) -> list[int]:
        """The finished parts, in order."""
        return sorted(int(file.stem) for file in (self.path / PARTS).glob("*.parquet"))

    def part(self, number: int) -> Iterator[pa.Table]:
        """The decisions of a finished part."""
        return read_decisions(self._decisions_of(number))

    def join(self, parts: int) -> None:
        """Join parts 0 to `parts` (exclusive) into the files of the result."""
        numbers = range(parts)
        write_whole(
            self.path / DECISIONS,
            lambda file: write_decisions(
                (table for number in numbers for table in self.part(number)), file
            ),
        )
        write_whole(self.path / REJECTED, lambda file: self._join_rejected(numbers, file))

    def write_csv(self) -> None:
        """Write the joined decisions as CSV too, where that is not done yet."""
        if not (self.path / DECISIONS_CSV).exists():
            write_whole(
                self.path / DECISIONS_CSV, lambda file: write_csv(self.path / DECISIONS, file)
            )

    def close(self) -> None:
        """Say that everything is there, and drop the parts."""
        self._say(RunState.FINISHED)
        self._drop_parts()

    def discard(self) -> None:
        """Take back all that was written, and the directory where nothing else is in it."""
        for name in (RUN, DECISIONS, REJECTED):
            (self.path / name).unlink(missing_ok=True)
        self._drop_parts()
        if not any(self.path.iterdir()):
            self.path.rmdir()

    def _drop_parts(self) -> None:
        shutil.rmtree(self.path / PARTS, ignore_errors=True)

    def _decisions_of(self, number: int) -> Path:
        return self.path / PARTS / f"{number:06d}.parquet"

    def _rejected_of(self, number: int) -> Path:
        return self.path / PARTS / f"{number:06d}.{REJECTED}"

    def _join_rejected(self, numbers: Iterable[int], joined: Path) -> None:
        with joined.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerow(REJECTED_COLUMNS)
            for number in numbers:
                with self._rejected_of(number).open(encoding="utf-8", newline="") as part:
                    shutil.copyfileobj(part, out)

    def _say(self, state: RunState) -> None:
        told = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            "state": state,
            "identity": self.identity,
            "request": self.request,
        }
        text = json.dumps(told, indent=2, ensure_ascii=False) + "\n"
        write_whole_text(self.path / RUN, text)

    def _check_is_the_same(self) -> None:
        begun = _read_run(self.path)["identity"]
        now = json.loads(json.dumps(self.identity))
        changed = [
            f"{name} (begun with {_told(begun.get(name))}, now {_told(now.get(name))})"
            for name in sorted({*begun, *now})
            if begun.get(name) != now.get(name)
        ]
        if changed:
            msg = f"{self.path}: cannot go on, for something else was begun: {'; '.join(changed)}"
            raise ReplayError(msg)


def rejections(path: Path) -> Iterator[Rejection]:
    """The rows that a replay, whose parts are joined, could not use."""
    with (path / REJECTED).open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield Rejection(int(row["line"]), row["column"], row["value"], row["reason"])


def _read_run(path: Path) -> dict[str, Any]:
    file = path / RUN
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        msg = f"{path}: no replay was begun there (no {RUN})"
        raise ReplayError(msg) from error
    except ValueError as error:
        msg = f"{file}: not JSON ({error})"
        raise ReplayError(msg) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        msg = f"{file}: not the state of a {FORMAT}"
        raise ReplayError(msg)
    if found.get("format_version") != FORMAT_VERSION:
        msg = f"{file}: format version {found.get('format_version')!r}, this release knows "
        raise ReplayError(msg + str(FORMAT_VERSION))
    return found


def _told(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _write_rejections(file: Path, rejected: Sequence[Rejection]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = ((one.line, one.column, one.value, one.reason) for one in rejected)
        csv.writer(stream).writerows(rows)
