"""Which rows of a file are calls to be replayed, and why others are none."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.replay.calls import RecordedCall
from app.replay.each_once import each_once
from app.replay.inputs import World
from app.replay.rows import Rejection, RowFile, SourceRow
from app.replay.selection import Selection


@dataclass(frozen=True, slots=True)
class CallReader:
    """Reads calls as one world and one selection take them."""

    world: World
    selection: Selection

    def read(self, row: SourceRow | Rejection) -> RecordedCall | Rejection | None:
        """The call of a row, or why it cannot be used; None for a call that is not asked for."""
        if isinstance(row, Rejection):
            return row
        world = self.world
        read = world.call_format.call(row, world.zone)
        if isinstance(read, Rejection):
            return read
        if not self.selection.takes(read.call, world.around.extent):
            return None
        theirs = world.call_format.columns or None
        return world.around.rejection(row, read.call.location, theirs) or read

    def read_all(self, file: RowFile) -> Iterator[RecordedCall | Rejection]:
        """The calls of a file that are asked for, and why other rows cannot be used."""
        for row in each_once(file, self.world.call_format):
            read = self.read(row)
            if read is not None:
                yield read

    def first_rejected(self, file: RowFile) -> Rejection | None:
        """The first row of a file that cannot be used, if there is one."""
        return next((one for one in self.read_all(file) if isinstance(one, Rejection)), None)
