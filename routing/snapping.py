"""From a position to a place along a directed segment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snap:
    """Where a position lies on the network.

    Attributes
    ----------
    segments, fractions
        The directed segments the position may be on and how far along each (0 at its start,
        1 at its end): both directions of a two-way street, one when the heading tells.
    lat, lon
        The nearest point of the street, WGS84 degrees.
    distance_m
        Metres from the position to that point.
    heading_ignored
        True when a heading was given and no street in reach runs that way.
    """

    segments: tuple[int, ...]
    fractions: tuple[float, ...]
    lat: float
    lon: float
    distance_m: float
    heading_ignored: bool = False
