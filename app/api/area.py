"""How far from the road network a place may lie and still be meant."""

from dataclasses import dataclass

from app.api.faults import FieldFault
from app.api.problems import Problem, ProblemError
from app.dispatch.model import Place
from app.places import PlaceIn
from routing.geometry import Extent


@dataclass(frozen=True, slots=True)
class ServedArea:
    """The extent of the network in service and a margin around it.

    Within the margin a call still gets an answer, flagged as estimated, and a vehicle is held;
    beyond it a recommendation would be misleading, and the place is most likely a mistake.
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
        if not self.covers(place):
            away = f"The place is {self._beyond_m(place) / 1000:,.0f} km away from {self.name}."
            raise self._outside(sent, field, away)
        return place

    def covers(self, place: Place) -> bool:
        """Whether a place lies in the extent or within the margin around it."""
        return self._beyond_m(place) <= self.margin_m

    def refuse_swapped(self, sent: PlaceIn, field: str) -> None:
        """Raise `ProblemError` when a place lies in the area only with its coordinates swapped."""
        if self.covers(sent.place()):
            return
        swapped = sent.swapped()
        if swapped is not None and self.covers(swapped):
            said = ", ".join(f"{name} {value:g}" for name, value in sent.sent().items())
            raise self._outside(sent, field, f"{said} look swapped.")

    def _beyond_m(self, place: Place) -> float:
        return self.extent.beyond_m(place.lat, place.lon)

    def _outside(self, sent: PlaceIn, field: str, why: str) -> ProblemError:
        accepted = (
            f"lat {self.extent.south:.4f} to {self.extent.north:.4f}, "
            f"lon {self.extent.west:.4f} to {self.extent.east:.4f}, "
            f"and up to {self.margin_m / 1000:g} km around"
        )
        message = f"{why} What is covered: {accepted}."
        fault = FieldFault(field, sent.sent(), message, accepted)
        return ProblemError(Problem.OUTSIDE_AREA, f"{field}: {message}", faults=[fault])
