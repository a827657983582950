"""From a position to a place along a directed segment, the same way for every purpose.

Positions are projected onto streets, never onto junctions, and only onto those on which a drive
can begin and end (be it in one direction and in the other), and that lie under the sky.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from routing.geometry import check_wgs84
from routing.metric import Metric
from routing.network import NO_TWIN, FloatArray, IntArray
from routing.street_grid import BACKWARD, FORWARD, StreetGrid, nearest_pieces

OUT_OF_SIGHT = (("tunnel", "yes"), ("highway", "ferry"))
"""Tags of stretches that no position is put on: a call or a satellite fix is at the surface, and
nobody can stop in a tunnel or on a ferry to reach the street above or the bank. Passages through
buildings (`tunnel=building_passage`) are not meant."""

HEADING_TOLERANCE_DEG = 60.0
"""How far a heading may be off the street's and still mean that direction (assumption: GPS
headings at low speed are rough, and streets bend between fixes)."""

HEADING_DETOUR_M = 35.0
"""How much further off than the nearest street one that fits the heading may be (assumption:
the spread of a GPS fix between buildings)."""

NO_SEGMENT = -1
"""In place of a segment, where there is none."""


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


@dataclass(frozen=True, eq=False, slots=True)
class Snaps:
    """Where N positions lie on the network: what `Snap` says of one, in columns.

    Attributes
    ----------
    segments : int32[N, 2]
        `NO_SEGMENT` in the second where there is but one, in both where no street is in reach.
    fractions : float64[N, 2]
        0 where there is no segment.
    lat, lon : float64[N]
        NaN where no street is in reach.
    distance_m : float64[N]
        Infinite where no street is in reach.
    heading_ignored : bool[N]
    """

    segments: IntArray
    fractions: FloatArray
    lat: FloatArray
    lon: FloatArray
    distance_m: FloatArray
    heading_ignored: NDArray[np.bool_]

    @property
    def is_found(self) -> NDArray[np.bool_]:
        """Whether a street is in reach, bool[N]."""
        return np.asarray(self.segments[:, 0] != NO_SEGMENT)

    def each(self) -> list[Snap | None]:
        """One by one; None where no street is in reach."""
        columns = (getattr(self, column.name).tolist() for column in fields(self))
        return [
            None if segments[0] == NO_SEGMENT else _snap(segments, fractions, *rest)
            for segments, fractions, *rest in zip(*columns, strict=True)
        ]


def _snap(segments: list[int], fractions: list[float], *rest: Any) -> Snap:
    places = 1 if segments[1] == NO_SEGMENT else 2
    return Snap(tuple(segments[:places]), tuple(fractions[:places]), *rest)


class Snapper:
    """Finds the street a position is on; safe to use from several threads."""

    def __init__(self, metric: Metric) -> None:
        network = metric.network
        self._network = network
        in_sight = np.asarray([_is_in_sight(tags) for tags in network.tag_sets])
        streets = _stand_for_streets(metric) & in_sight[network.segment_tags]
        self._grid = StreetGrid.of(network, np.flatnonzero(streets).astype(np.int32))
        twin = network.segment_twin
        twins = np.where((metric.is_left | metric.is_reached)[twin], twin, NO_TWIN)
        headed_both_ways = (twin != NO_TWIN) & metric.usable & metric.usable[twin]
        self._streets = network.shape_first, twins, network.shape_lat, network.shape_lon
        self._shapes = network.shape_x_m, network.shape_y_m, headed_both_ways

    def snap(
        self, lat: float, lon: float, *, heading_deg: float | None = None, radius_m: float
    ) -> Snap | None:
        """Snap one position; None when no street to begin and end on lies within the radius.

        Raises
        ------
        CoordinateError
            When the position is not on Earth.
        """
        heading = math.nan if heading_deg is None else heading_deg
        return self.snap_many([lat], [lon], heading_deg=[heading], radius_m=radius_m)[0]

    def snap_many(
        self,
        lat: Sequence[float],
        lon: Sequence[float],
        *,
        heading_deg: Sequence[float],
        radius_m: float,
    ) -> list[Snap | None]:
        """Snap many positions at once, as `snaps`, one by one in the end."""
        return self.snaps(lat, lon, heading_deg=heading_deg, radius_m=radius_m).each()

    def snaps(
        self, lat: ArrayLike, lon: ArrayLike, *, heading_deg: ArrayLike, radius_m: float
    ) -> Snaps:
        """Snap N positions at once; a heading of NaN is unknown.

        Of streets equally near, the one with the lowest number is taken.

        Raises
        ------
        CoordinateError
            When a position is not on Earth.
        """
        lat, lon = np.asarray(lat, dtype=np.float64), np.asarray(lon, dtype=np.float64)
        for one_lat, one_lon in zip(lat.tolist(), lon.tolist(), strict=True):
            check_wgs84(one_lat, one_lon)
        x_m, y_m = self._network.projection.to_xy_m(lat, lon)
        positions = np.array((x_m, y_m, heading_deg), dtype=np.float64)
        return Snaps(*_snaps(self._grid, self._shapes, self._streets, positions, float(radius_m)))


def _stand_for_streets(metric: Metric) -> NDArray[np.bool_]:
    """One segment of each street on which a drive may begin and end, be it on either side: bool[S].

    Of twins, which share their shape, the one where it may do both, or else begin. At the edge of
    an extract one side may lead only out of it, and the other only into it.
    """
    network, twin = metric.network, metric.network.segment_twin
    number = np.arange(network.segment_count)
    rank = 2 * metric.usable.astype(np.int8) + metric.is_left
    is_first = (rank > rank[twin]) | ((rank == rank[twin]) & (number < twin)) | (twin == NO_TWIN)
    begins, ends = network.either_way(metric.is_left), network.either_way(metric.is_reached)
    return np.asarray(is_first & begins & ends & (number < network.base_count))


def _is_in_sight(tags: Mapping[str, str]) -> bool:
    return not any(tags.get(key) == value for key, value in OUT_OF_SIGHT)


@njit(nogil=True, cache=True)
def _snaps(grid: Any, shapes: Any, streets: Any, positions: Any, radius_m: float) -> Any:
    """The columns of `Snaps`."""
    shape_first, twins, shape_lat, shape_lon = streets
    shape_x_m, shape_y_m, _ = shapes
    street, piece, share, distance_m, direction, heading_ignored = nearest_pieces(
        grid, shapes, positions, radius_m, HEADING_DETOUR_M, HEADING_TOLERANCE_DEG
    )
    size = len(street)
    segments = np.full((size, 2), NO_SEGMENT, dtype=np.int32)
    fractions = np.zeros((size, 2))
    lat, lon = np.full(size, np.nan), np.full(size, np.nan)
    for i in range(size):
        if street[i] < 0:
            continue
        begin, end, at = shape_first[street[i]], shape_first[street[i] + 1], piece[i]
        before_m, piece_m, length_m = 0.0, 0.0, 0.0
        for one in range(begin, end - 1):
            east_m = np.float64(shape_x_m[one + 1]) - np.float64(shape_x_m[one])
            north_m = np.float64(shape_y_m[one + 1]) - np.float64(shape_y_m[one])
            if one == at:
                before_m, piece_m = length_m, math.hypot(east_m, north_m)
            length_m += math.hypot(east_m, north_m)
        along_m = before_m + share[i] * piece_m
        fraction = min(1.0, along_m / length_m) if length_m > 0 else 0.0
        ways = 0
        if direction[i] != BACKWARD:
            segments[i, ways], fractions[i, ways] = street[i], fraction
            ways += 1
        if direction[i] != FORWARD and twins[street[i]] != NO_TWIN:
            segments[i, ways], fractions[i, ways] = twins[street[i]], 1.0 - fraction
        lat[i] = shape_lat[at] + share[i] * (shape_lat[at + 1] - shape_lat[at])
        lon[i] = shape_lon[at] + share[i] * (shape_lon[at + 1] - shape_lon[at])
    return segments, fractions, lat, lon, distance_m, heading_ignored
