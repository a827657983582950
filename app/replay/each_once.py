"""A file of calls, each of them once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from app.replay.calls import CallFormat
from app.replay.rows import Rejection, RowFile, SourceRow


def each_once(file: RowFile, call_format: CallFormat) -> Iterator[SourceRow | Rejection]:
    """Every row of a file; one whose `call_id` an earlier row has is rejected, and says which.

    A call that is in a file twice would count twice in everything that is made of it. Which ids
    have been seen is kept on disk where the memory that SQLite gives it does not do.
    """
    column = call_format.column("call_id")
    with closing(sqlite3.connect("", check_same_thread=False)) as seen:
        seen.execute("CREATE TABLE seen (call_id TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        for row in file:
            call_id = str(row.cells.get(column, "")) if isinstance(row, SourceRow) else ""
            if not call_id or _is_first(seen, call_id, row.line):
                yield row
            else:
                (first,) = seen.execute("SELECT line FROM seen WHERE call_id = ?", (call_id,))
                reason = f"line {first[0]} has it, too; each call may come once"
                yield Rejection.of(row.line, column, call_id, reason)


def _is_first(seen: sqlite3.Connection, call_id: str, line: int) -> bool:
    kept = seen.execute("INSERT INTO seen VALUES (?, ?) ON CONFLICT DO NOTHING", (call_id, line))
    return kept.rowcount == 1
