"""Which rows of a file are calls to be replayed, and why others are none."""

from dataclasses import dataclass

from app.replay.calls import RecordedCall
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

    def first_rejected(self, file: RowFile) -> Rejection | None:
        """The first row of a file that cannot be used, if there is one."""
        read = (self.read(row) for row in file)
        return next((one for one in read if isinstance(one, Rejection)), None)
