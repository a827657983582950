"""The few errors the routing core raises; each names what was wrong and what is accepted."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routing.closure_extent import Stretch


class RoutingError(Exception):
    """Base of every error raised by `routing`."""


class NetworkError(RoutingError, ValueError):
    """Streets that cannot be made into a road network, or arrays that do not form one."""


class DamagedNetworkError(NetworkError):
    """A stored network that is incomplete, altered, or of another format."""


class ProfileError(RoutingError, ValueError):
    """A driving profile that is incomplete or out of range."""


class CoordinateError(RoutingError, ValueError):
    """A coordinate that is not finite or not on Earth."""


class PositionError(RoutingError, ValueError):
    """A place to begin or end a drive at that lies along no segment."""


class DelayError(RoutingError, ValueError):
    """Delays of vehicles that are not one whole number of milliseconds, 0 or more, for each."""


class HoursError(RoutingError, ValueError):
    """Hours or a condition of OpenStreetMap that are not understood."""


class IsochroneError(RoutingError, ValueError):
    """A question for isochrones that has no answer: limits or the off-road reach out of range."""


class ClosureError(RoutingError, ValueError):
    """A closure that cannot be what was meant.

    Attributes
    ----------
    field
        Which part of the closure: `where.polygon`, `ends_at`.
    value
        What was given.
    accepted
        What would be accepted, in words; empty where the message says it all.
    place
        Which of several closures it is, from 0.
    """

    def __init__(self, *, field: str, value: object, message: str, accepted: str = "") -> None:
        super().__init__(f"{field}: {message}" + (f" (accepted: {accepted})" if accepted else ""))
        self.field = field
        self.value = value
        self.message = message
        self.accepted = accepted
        self.place = 0


class NothingClosedError(ClosureError):
    """A closure in whose place there is no street."""


class SeveralStreetsError(ClosureError):
    """A closure by a name that several separate streets have.

    Attributes
    ----------
    places
        The streets, the longest first.
    """

    def __init__(self, *, name: str, places: "tuple[Stretch, ...]") -> None:
        super().__init__(
            field="where.name",
            value=name,
            message=f"{len(places)} separate streets are called {name!r}",
            accepted="`within` an area around one of them, or `everywhere` true for all of them",
        )
        self.places = places


class UnknownClosureError(RoutingError, LookupError):
    """An id under which no closure is known."""
