"""Which rows of a file are calls to be replayed, and why others are none."""

from dataclasses import dataclass
from typing import Self

from app.replay.calls import CallFormat, RecordedCall
from app.replay.cells import PLACE_COLUMNS
from app.replay.inputs import World
from app.replay.rows import Rejection, RowFile, SourceRow
from app.replay.selection import Selection
from routing.geometry import Extent


@dataclass(frozen=True, slots=True)
class CallReader:
    """Reads calls as one world and one selection take them.

    Attributes
    ----------
    extent
        Of the network.
    """

    world: World
    selection: Selection
    extent: Extent

    @classmethod
    def of(cls, world: World, selection: Selection) -> Self:
        """Of the calls of a selection, on the network of a world."""
        return cls(world, selection, world.router.network.extent)

    def read(self, row: SourceRow | Rejection) -> RecordedCall | Rejection | None:
        """The call of a row, or why it cannot be used; None for a call that is not asked for."""
        if isinstance(row, Rejection):
            return row
        read = self.world.call_format.call(row, self.world.zone)
        if isinstance(read, Rejection):
            return read
        if not self.selection.takes(read.call, self.extent):
            return None
        place = read.call.location
        away_m = self.extent.beyond_m(place.lat, place.lon)
        if away_m > self.selection.margin_m:
            return self._outside(row, away_m)
        return read

    def first_rejected(self, file: RowFile) -> Rejection | None:
        """The first row of a file that cannot be used, if there is one."""
        read = (self.read(row) for row in file)
        return next((one for one in read if isinstance(one, Rejection)), None)

    def _outside(self, row: SourceRow, away_m: float) -> Rejection:
        columns = _place_columns(self.world.call_format, row)
        reason = (
            f"{away_m / 1000:,.0f} km away from {self.world.router.network.name}; accepted: "
            f"lat {self.extent.south:.4f} to {self.extent.north:.4f}, "
            f"lon {self.extent.west:.4f} to {self.extent.east:.4f}, "
            f"and up to {self.selection.margin_m / 1000:g} km around"
        )
        value = ", ".join(str(row.cells[one]) for one in columns)
        return Rejection.of(row.line, ", ".join(columns), value, reason)


def _place_columns(call_format: CallFormat, row: SourceRow) -> list[str]:
    theirs = (call_format.columns.get(one, one) for one in PLACE_COLUMNS)
    return [one for one in theirs if one in row.cells]
