"""How far from the road network a call may lie and still be answered."""

from dataclasses import dataclass

from app.api.faults import FieldFault
from app.api.places import PlaceIn
from app.api.problems import Problem, ProblemError
from app.dispatch.model import Place
from routing.geometry import Extent, great_circle_m


@dataclass(frozen=True, slots=True)
class ServedArea:
    """The extent of the network in service and a margin around it.

    Within the margin a call still gets an answer, flagged as estimated; beyond it a
    recommendation would be misleading, and the place is most likely a mistake.
    """

    name: str
    extent: Extent
    margin_m: float

    def require(self, sent: PlaceIn, field: str) -> Place:
        """The place that was sent.

        Raises
        ------
        ProblemError
            `OUTSIDE_AREA` when it is further than the margin from the network's extent, and
            then says whether its coordinates look swapped.
        """
        self.refuse_swapped(sent, field)
        place = sent.place()
        beyond_m = self._beyond_m(place)
        if beyond_m > self.margin_m:
            raise self._outside(sent, field, f"It is {beyond_m / 1000:,.0f} km away from it.")
        return place

    def refuse_swapped(self, sent: PlaceIn, field: str) -> None:
        """Raise `ProblemError` when a place lies in the area only with its coordinates swapped."""
        if self._beyond_m(sent.place()) <= self.margin_m:
            return
        swapped = sent.swapped()
        if swapped is not None and self._beyond_m(swapped) <= self.margin_m:
            said = ", ".join(f"{name} {value:g}" for name, value in sent.sent().items())
            raise self._outside(sent, field, f"{said} look swapped.")

    def _beyond_m(self, place: Place) -> float:
        if self.extent.contains(place.lat, place.lon):
            return 0.0
        nearest_lat = min(max(place.lat, self.extent.south), self.extent.north)
        nearest_lon = min(max(place.lon, self.extent.west), self.extent.east)
        return float(great_circle_m(place.lat, place.lon, nearest_lat, nearest_lon))

    def _outside(self, sent: PlaceIn, field: str, why: str) -> ProblemError:
        accepted = (
            f"lat {self.extent.south:.4f} to {self.extent.north:.4f}, "
            f"lon {self.extent.west:.4f} to {self.extent.east:.4f}, "
            f"and up to {self.margin_m / 1000:g} km around"
        )
        message = f"{why} {self.name} is covered: {accepted}."
        fault = FieldFault(field, sent.sent(), message, accepted)
        return ProblemError(Problem.OUTSIDE_AREA, f"{field}: {message}", faults=[fault])
