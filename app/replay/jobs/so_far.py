"""What a replay has found so far, from the parts that are finished."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Final

from app.replay.decision_rows import COLUMNS
from app.replay.decision_table import read_decisions
from app.replay.jobs.job import JobDirectory
from app.replay.results import SUMMARY
from app.replay.run_directory import PARTS
from app.replay.summary import Standard, Summary, read_summary
from app.replay.tally import Tally

REMEMBERED: Final = 50
"""Jobs of which the sum of the parts read is kept, so that each part is read once."""


class SoFar:
    """Sums up finished parts, each read once."""

    def __init__(self, standards: Mapping[str, Standard]) -> None:
        self._standards = standards
        self._tallies: OrderedDict[str, tuple[Tally, set[str]]] = OrderedDict()
        self._lock = Lock()

    def summary(self, job: JobDirectory) -> Summary:
        """The summary of a job, of as much as is there."""
        finished = job.run / SUMMARY
        if finished.is_file():
            return read_summary(finished)
        with self._lock:
            tally, read = self._tallies.setdefault(job.path.name, (Tally(self._standards), set()))
            self._tallies.move_to_end(job.path.name)
            while len(self._tallies) > REMEMBERED:
                self._tallies.popitem(last=False)
            for part in sorted((job.run / PARTS).glob("*.parquet")):
                if part.name not in read:
                    _add(tally, part)
                    read.add(part.name)
            return tally.summary()


def _add(tally: Tally, part: Path) -> None:
    try:
        tables = list(read_decisions(part, COLUMNS))
    except FileNotFoundError:
        return  # The replay has just been finished, and its parts joined.
    for table in tables:
        tally.add(table)
