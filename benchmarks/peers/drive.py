"""What an engine answers, whichever it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

Position = tuple[float, float]
"""WGS84 `(lat, lon)` in degrees."""


@dataclass(frozen=True, slots=True)
class Drive:
    """One route.

    Attributes
    ----------
    shape
        `(lat, lon)` in driving order.
    off_m
        The further of its two ends from the place asked for, in metres.
    """

    length_m: float
    shape: tuple[Position, ...]
    off_m: float


class Peer(Protocol):
    """A routing engine on one extract.

    Attributes
    ----------
    build_s, load_s
        What it took to build it from the PBF file, and to load what was built.
    """

    name: str
    build_s: float
    load_s: float

    def drive(self, start: Position, end: Position) -> Drive | None:
        """The best route with its shape, None where there is none."""
        ...

    def matrix_s(self, starts: Sequence[Position], ends: Sequence[Position]) -> list[list[float]]:
        """Seconds from every start to every end."""
        ...

    def nearest(self, call: Position, fleet: Sequence[Position], limit: int) -> list[int]:
        """Numbers of the vehicles that arrive first, every place looked up anew."""
        ...


@runtime_checkable
class DrawsAreas(Protocol):
    """An engine that tells what can be reached in time."""

    def isochrone(self, centre: Position, minutes: float) -> object:
        """The area within so many minutes."""
        ...


@runtime_checkable
class ChangesLive(Protocol):
    """An engine whose streets can be changed while it answers."""

    def close(self, segment: int) -> object:
        """Shut a segment of our network, until every answer knows."""
        ...

    def price_anew(self) -> object:
        """Weigh all streets anew."""
        ...


@runtime_checkable
class ChangesByTool(Protocol):
    """An engine that is weighed by a tool of its own and loaded again when its streets change.

    Attributes
    ----------
    change_s
        What that took, whatever the change.
    """

    change_s: float
