"""The questions that every engine is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from benchmarks.peers.drive import Position
from routing.network import RoadNetwork

FLEETS = (5, 50, 500, 1_000)
MATRIX = 500, 50
QUESTIONS = 1_000
FLEETS_OF_A_SIZE = 20
CLOSINGS = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """Places all over a network: the middles of streets, in degrees.

    Attributes
    ----------
    fleets
        By size, several fleets that stand somewhere else each.
    streets
        Segments of our network that are shut one after another.
    """

    calls: Sequence[Position]
    ends: Sequence[Position]
    fleets: Mapping[int, Sequence[Sequence[Position]]]
    streets: Sequence[int]

    @classmethod
    def on(cls, network: RoadNetwork) -> "Asked":
        """As likely on any street as on any other; always the same on the same network."""
        rng = np.random.default_rng(1)

        def places(count: int) -> list[Position]:
            point = network.shape_first[rng.integers(0, network.segment_count, count)]
            lat = (network.shape_lat[point] + network.shape_lat[point + 1]) / 2
            lon = (network.shape_lon[point] + network.shape_lon[point + 1]) / 2
            return list(zip(lat.tolist(), lon.tolist(), strict=True))

        fleets = {size: [places(size) for _ in range(FLEETS_OF_A_SIZE)] for size in FLEETS}
        streets = rng.choice(network.base_count, CLOSINGS, replace=False).tolist()
        return cls(places(QUESTIONS), places(QUESTIONS), fleets, streets)

    def nearest(self, size: int) -> list[tuple[Position, Sequence[Position]]]:
        """Calls, each with a fleet that stands somewhere else than for the call before."""
        return list(zip(self.calls, cycle(self.fleets[size]), strict=False))

    @property
    def routes(self) -> list[tuple[Position, Position]]:
        """Places to drive between."""
        return list(zip(self.calls, self.ends, strict=True))

    @property
    def matrix(self) -> tuple[Sequence[Position], Sequence[Position]]:
        """Places to drive from and to."""
        starts, ends = (self.fleets[size][0] for size in MATRIX)
        return starts, ends
