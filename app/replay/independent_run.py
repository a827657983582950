"""A replay of calls judged independently, in parts that can be done anywhere and in any order."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pyarrow as pa

from app.replay.call_reader import CallReader
from app.replay.calls import FORMATS, CallFormat, RecordedCall
from app.replay.decision_table import table_of
from app.replay.each_once import each_once
from app.replay.independent import IndependentJudge
from app.replay.inputs import Inputs
from app.replay.rows import Rejection, RowFile, SourceRow
from app.replay.run_directory import RunDirectory
from app.replay.selection import EVERY_CALL, Selection
from app.replay.workers import Setup, Workers
from routing.progress import Progress

ROWS_PER_PART = 2_000
"""About two seconds of one processor's work: soon stored, and dear compared with sending it."""

STAGE = "replaying calls"

Rows = Sequence[SourceRow | Rejection]


@dataclass(frozen=True, slots=True)
class Part:
    """What became of some rows of a file of calls."""

    rows: int
    decisions: pa.Table
    rejected: tuple[Rejection, ...]


@dataclass(frozen=True)
class IndependentSetup(Setup[Rows, Part]):
    """Judges rows in a world that must be the one the replay was begun in.

    Attributes
    ----------
    fingerprint
        Of the world, as pairs.
    selection
        Which calls are judged.
    """

    inputs: Inputs
    fingerprint: tuple[tuple[str, str], ...]
    selection: Selection = EVERY_CALL

    def load(self) -> Callable[[Rows], Part]:
        """
        Read the world.

        Raises
        ------
        ReplayError
            Here lies another world under the same paths.
        """
        world = self.inputs.load_same(self.fingerprint)
        judge = IndependentJudge(
            world.router,
            world.policy,
            world.fleet,
            attended=world.attended,
            stations=world.stations,
        )

        reader = CallReader(world, self.selection)

        def part_of(rows: Rows) -> Part:
            read = [reader.read(row) for row in rows]
            calls = [one for one in read if isinstance(one, RecordedCall)]
            rejected = tuple(one for one in read if isinstance(one, Rejection))
            return Part(len(rows), table_of(judge.judge(calls)), rejected)

        return part_of


def run_independently(
    calls: RowFile,
    setup: IndependentSetup,
    run: RunDirectory,
    workers: Workers,
    *,
    progress: Progress,
) -> int:
    """Judge every call that the run has no part of yet; returns how many parts there are."""
    source = _Source(calls, FORMATS[setup.inputs.call_format], run)
    rows_done = 0
    for number, part in workers.results(setup, source.missing()):
        run.write_part(number, part.decisions, part.rejected)
        rows_done += part.rows
        progress(STAGE, source.rows_skipped + rows_done, source.rows_expected)
    return source.parts


class _Source:
    """The rows of a file in parts, those left out that a run has already."""

    def __init__(self, file: RowFile, call_format: CallFormat, run: RunDirectory) -> None:
        self._file = file
        self._call_format = call_format
        self._run = run
        self.parts = 0
        self.rows_read = 0
        self.rows_skipped = 0

    @property
    def rows_expected(self) -> int:
        """How many rows the file has, guessed by its size until all are read."""
        share = self._file.share_read
        return round(self.rows_read / share) if share else 0

    def missing(self) -> Iterator[tuple[int, Rows]]:
        """Numbered parts in order."""
        rows = each_once(self._file, self._call_format)
        while part := list(islice(rows, ROWS_PER_PART)):
            number = self.parts
            self.parts += 1
            self.rows_read += len(part)
            if self._run.has_part(number):
                self.rows_skipped += len(part)
            else:
                yield number, part
