"""Maps: the main roads, and on them calls, vehicles, and where calls are reached late."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

from app.replay.report.sample import CallSample
from app.replay.report.svg import Picture, Point
from app.replay.report.words import count
from app.replay.squares import LAT_STEP_DEG, LON_STEP_DEG, STEP_M, Square
from geo_data.strategic import thames_centreline
from routing.closure_extent import lines_on_grid
from routing.network import IntArray, RoadNetwork

FloatArray = NDArray[np.float64]

WIDTH: Final = 800.0
_LEAST_SIDE_M: Final = 2500.0
_ROOM: Final = 0.04
_TALLEST, _FLATTEST = 1.15, 0.55

ROAD_POINTS: Final = 22_000
"""Smaller roads are left out once larger ones have this many points."""

_DETAIL: Final = 0.7
"""Roads are drawn true to this part of a unit of the picture."""

ROAD_RANKS: Final = (
    ("motorway", "motorway_link", "trunk", "trunk_link"),
    ("primary", "primary_link"),
    ("secondary", "secondary_link"),
    ("tertiary", "tertiary_link"),
    ("unclassified", "residential", "living_street", "pedestrian", "service"),
)
_SCALE_STEPS_M: Final = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class VehicleMark:
    """Where a vehicle is kept, or was first seen."""

    lat: float
    lon: float
    agency: str


@dataclass(frozen=True)
class Basemap:
    """The roads around the calls of a replay, ready to be drawn on."""

    network: RoadNetwork
    west_m: float
    south_m: float
    units_per_m: float
    height: float

    @classmethod
    def around(cls, network: RoadNetwork, lat: FloatArray, lon: FloatArray) -> "Basemap":
        """The part of a network in which these places lie, all of it where there are none."""
        if len(lat) == 0:
            lat, lon = network.shape_lat, network.shape_lon
        x, y = network.projection.to_xy_m(lat, lon)
        # A few far away must not shrink the rest to a spot.
        (west, east), (south, north) = (np.percentile(side, (0.2, 99.8)) for side in (x, y))
        wide = max((east - west) * (1 + 2 * _ROOM), _LEAST_SIDE_M)
        tall = max((north - south) * (1 + 2 * _ROOM), _LEAST_SIDE_M)
        wide, tall = max(wide, tall / _TALLEST), max(tall, wide * _FLATTEST)
        units_per_m = WIDTH / wide
        return cls(
            network,
            west_m=float((west + east - wide) / 2),
            south_m=float((south + north - tall) / 2),
            units_per_m=float(units_per_m),
            height=float(round(tall * units_per_m)),
        )

    def places(self, lat: FloatArray, lon: FloatArray) -> FloatArray:
        """Where WGS84 places are drawn, of shape (N, 2)."""
        x, y = self.network.projection.to_xy_m(np.asarray(lat), np.asarray(lon))
        return self._drawn(x, y)

    def picture(self, label: str) -> Picture:
        """A new picture, with the river in it."""
        picture = Picture(WIDTH, self.height, label=label)
        picture.paths(self._river, "river")
        return picture

    def draw_roads(self, picture: Picture) -> None:
        """Draw the roads and a scale."""
        for rank, lines in reversed(list(enumerate(self._roads, start=1))):
            picture.paths(lines, f"road road{rank}")
        self._draw_scale(picture)

    def shows(self, drawn: FloatArray) -> NDArray[np.bool_]:
        """Which places lie inside the picture."""
        x, y = drawn.T
        return np.asarray((x >= 0) & (x <= WIDTH) & (y >= 0) & (y <= self.height))

    def _drawn(self, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
        x = (np.asarray(x_m, dtype=np.float64) - self.west_m) * self.units_per_m
        y = self.height - (np.asarray(y_m, dtype=np.float64) - self.south_m) * self.units_per_m
        return np.stack((x, y), axis=-1)

    @cached_property
    def _points(self) -> FloatArray:
        return self._drawn(
            self.network.shape_x_m.astype(np.float64), self.network.shape_y_m.astype(np.float64)
        )

    @cached_property
    def _roads(self) -> list[list[list[Point]]]:
        """Lines by rank, the largest roads first, as many ranks as there is room for."""
        found: list[list[list[Point]]] = []
        room = ROAD_POINTS
        for rank in range(len(ROAD_RANKS)):
            segments = self._segments(rank)
            if self._fewest_points(segments) > room and any(found):
                break
            lines = self._lines(segments)
            room -= int(shapely.get_num_coordinates(lines).sum())
            if room < 0 and any(found):
                break
            found.append([self._drawn(*line.xy).tolist() for line in lines])
        return found

    def _segments(self, rank: int) -> IntArray:
        """Segments of a rank in the picture, each two-way stretch once."""
        network = self.network
        of_rank = np.array([tags.get("highway") in ROAD_RANKS[rank] for tags in network.tag_sets])
        first, last = network.shape_first[:-1], network.shape_first[1:] - 1
        seen = self.shows(self._points)
        wanted = (
            of_rank[network.segment_tags] & network.stands_for_street & (seen[first] | seen[last])
        )
        return np.flatnonzero(wanted).astype(np.int32)

    def _fewest_points(self, segments: IntArray) -> int:
        """Points that are left of roads however smooth: two of each from fork to fork."""
        network = self.network
        ends = np.concatenate([network.segment_from[segments], network.segment_to[segments]])
        meeting = np.bincount(ends)
        return int(meeting[meeting != 2].sum())  # noqa: PLR2004 (two segments are one road there)

    def _lines(self, segments: IntArray) -> NDArray[np.object_]:
        """Roads from end to end, with no more points than can be seen; on the metre grid."""
        pieces = shapely.multilinestrings(lines_on_grid(self.network, segments))
        lines = shapely.get_parts(shapely.line_merge(pieces))
        # One by one, and free to cross: keeping all lines of London apart takes half a minute.
        detail_m = _DETAIL / self.units_per_m
        return np.asarray(shapely.simplify(lines, detail_m, preserve_topology=False))

    @cached_property
    def _river(self) -> list[list[Point]]:
        """The Thames where the picture shows any of it."""
        drawn = self.places(*thames_centreline())
        near = np.flatnonzero(self.shows(drawn))
        if len(near) == 0:
            return []
        begin, end = max(near[0] - 1, 0), near[-1] + 2
        return [[(float(x), float(y)) for x, y in drawn[begin:end]]]

    def _draw_scale(self, picture: Picture) -> None:
        room_m = 0.25 * WIDTH / self.units_per_m
        length_m = max((one for one in _SCALE_STEPS_M if one <= room_m), default=_SCALE_STEPS_M[0])
        length, at = length_m * self.units_per_m, self.height - 14
        picture.line((14, at), (14 + length, at), "scale")
        kilometres = length_m / 1000
        said = f"{kilometres:g} km" if kilometres >= 1 else f"{length_m:g} m"
        picture.text((14, at - 8), said, "map-words start")


def calls_map(basemap: Basemap, sample: CallSample, vehicles: Sequence[VehicleMark]) -> Picture:
    """Draw calls, those reached late and those nobody came to apart, and where vehicles stand."""
    label = (
        f"Map of {count(len(sample.lat))} calls, {count(int(sample.late.sum()))} of them reached "
        f"late, and {count(len(vehicles))} vehicles"
    )
    picture = basemap.picture(label)
    basemap.draw_roads(picture)
    drawn = basemap.places(sample.lat, sample.lon)
    for which, css in (
        (sample.attended & ~sample.late, "call on-time"),
        (sample.late, "call late"),
        (~sample.attended, "call nobody"),
    ):
        picture.dots(((float(x), float(y)) for x, y in drawn[which]), css)
    _draw_vehicles(basemap, picture, vehicles)
    return picture


def _draw_vehicles(basemap: Basemap, picture: Picture, vehicles: Sequence[VehicleMark]) -> None:
    """A square for each place, larger where several vehicles stand."""
    standing = Counter((round(one.lat, 4), round(one.lon, 4), one.agency) for one in vehicles)
    for (lat, lon, agency), number in sorted(standing.items()):
        ((x, y),) = basemap.places(np.array([lat]), np.array([lon])).tolist()
        if 0 <= x <= WIDTH and 0 <= y <= basemap.height:
            side = 10 + 2 * min(number, 12) ** 0.5
            said = f"{agency or 'vehicle'}: {count(number)} here"
            css = f"vehicle {agency_class(agency)}"
            picture.box((x - side / 2, y - side / 2), side, side, css, title=said)


def agency_class(agency: str) -> str:
    """The style of an agency: one of its own for those of London, else that of others."""
    return f"agency-{agency}" if agency in {"LAS", "MPS", "LFB"} else "agency-other"


LATE_STEPS: Final = (0.0, 0.05, 0.1, 0.2, 0.4)
"""Shares of late calls above which a square takes the next deeper shade."""

LEAST_CALLS: Final = 3
"""Squares with fewer calls attended are drawn as too few to say."""


def late_map(basemap: Basemap, squares: Sequence[Square], square_m: int) -> Picture:
    """Draw squares of the map, the deeper the larger the share of calls reached late."""
    late = sum(one.late for one in squares)
    picture = basemap.picture(f"Map of where {count(late)} calls were reached late")
    steps = square_m / STEP_M
    for one in squares:
        lat = np.array([one.lat - steps * LAT_STEP_DEG / 2, one.lat + steps * LAT_STEP_DEG / 2])
        lon = np.array([one.lon - steps * LON_STEP_DEG / 2, one.lon + steps * LON_STEP_DEG / 2])
        (left, bottom), (right, top) = basemap.places(lat, lon).tolist()
        if right < 0 or left > WIDTH or bottom < 0 or top > basemap.height:
            continue
        said = f"{count(one.late)} of {count(one.attended)} attended late, {count(one.calls)} calls"
        css = f"square {shade(one)}"
        picture.box((left + 0.5, top + 0.5), right - left - 1, bottom - top - 1, css, title=said)
    basemap.draw_roads(picture)
    return picture


def shade(square: Square) -> str:
    """The style of a square by its share of late calls."""
    if square.attended < LEAST_CALLS:
        return "few"
    late = square.late / square.attended
    return f"shade{sum(late > step for step in LATE_STEPS)}"
