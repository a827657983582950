"""How far from the road network a row's place may lie and still be meant."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from app.dispatch.model import Place
from app.places import PlaceIn
from app.replay.cells import PLACE_COLUMNS
from app.replay.rows import Rejection, SourceRow
from routing.geometry import Extent
from routing.network import RoadNetwork


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The extent of a network and a margin around it; a place beyond is most likely a mistake."""

    name: str
    extent: Extent
    margin_m: float

    @classmethod
    def of(cls, network: RoadNetwork, margin_m: float) -> Self:
        """Of a network."""
        return cls(network.name, network.extent, margin_m)

    def rejection(
        self, row: SourceRow, place: Place, theirs: Mapping[str, str] | None = None
    ) -> Rejection | None:
        """
        Why a row's place is too far away, None when it is not.

        Parameters
        ----------
        place
            What the row's coordinates say.
        theirs
            What the file calls columns, where it does so otherwise; those alone were read.
        """
        away_m = self._beyond_m(place)
        if away_m <= self.margin_m:
            return None
        names = {one: one for one in PLACE_COLUMNS} if theirs is None else theirs
        given = {
            ours: (names[ours], row.cells[names[ours]])
            for ours in PLACE_COLUMNS
            if ours in names and names[ours] in row.cells
        }
        sent = PlaceIn.model_validate({ours: float(value) for ours, (_, value) in given.items()})
        swapped = sent.swapped()
        looks = ""
        if swapped is not None and self._beyond_m(swapped) <= self.margin_m:
            looks = " and look swapped"
        reason = (
            f"{away_m / 1000:,.0f} km away from {self.name}{looks}; accepted: "
            f"lat {self.extent.south:.4f} to {self.extent.north:.4f}, "
            f"lon {self.extent.west:.4f} to {self.extent.east:.4f}, "
            f"and up to {self.margin_m / 1000:g} km around"
        )
        columns = ", ".join(name for name, _ in given.values())
        return Rejection.of(
            row.line, columns, ", ".join(str(value) for _, value in given.values()), reason
        )

    def _beyond_m(self, place: Place) -> float:
        return self.extent.beyond_m(place.lat, place.lon)
