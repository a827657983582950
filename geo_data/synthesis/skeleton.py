"""Main roads and river, drawn on a flat sheet: what local streets grow between."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray

from geo_data.synthesis.plane import FloatArray, Plane
from geo_data.synthesis.rules import RIVER_HALF_WIDTHS_BELOW_M, RIVER_HALF_WIDTHS_M
from routing.streets import StreetMap

BANK_STEP_M = 120.0
"""The river's width is adjusted this often."""


@dataclass(frozen=True, eq=False)
class Skeleton:
    """What is given before the first local street.

    Attributes
    ----------
    streets
        The main roads and their junctions.
    nodes : int64[J]
        Node ids of the junctions, ascending.
    node_xy_m : float64[J, 2]
        Where they are.
    roads : LineString[R]
        The main roads in the order of `streets.streets`.
    ends : int64[R, 2]
        Rows of `nodes` at which each road starts and ends.
    river
        The water of the Thames.
    """

    streets: StreetMap
    plane: Plane
    nodes: NDArray[np.int64]
    node_xy_m: FloatArray
    roads: NDArray[np.object_]
    ends: NDArray[np.int64]
    river: shapely.Geometry

    @classmethod
    def of(cls, streets: StreetMap, thames: tuple[FloatArray, FloatArray]) -> Self:
        """Draw main roads and the river, whose centreline is given in degrees."""
        nodes = np.asarray(sorted(streets.junctions), dtype=np.int64)
        places = [streets.junctions[node] for node in nodes.tolist()]
        lat = np.asarray([place.lat for place in places])
        lon = np.asarray([place.lon for place in places])
        plane = Plane.around(lat, lon)
        shapes = [np.asarray(street.shape, dtype=np.float64) for street in streets.streets]
        points = np.concatenate(shapes)
        xy_m = plane.to_xy_m(points[:, 0], points[:, 1])
        of_shape = np.repeat(np.arange(len(shapes)), [len(shape) for shape in shapes])
        roads = np.asarray(shapely.linestrings(xy_m, indices=of_shape))
        ends = np.asarray([(street.from_node, street.to_node) for street in streets.streets])
        return cls(
            streets=streets,
            plane=plane,
            nodes=nodes,
            node_xy_m=plane.to_xy_m(lat, lon),
            roads=roads,
            ends=np.searchsorted(nodes, ends),
            river=_water(plane, *thames),
        )


def _water(plane: Plane, lat: FloatArray, lon: FloatArray) -> shapely.Geometry:
    middle = shapely.segmentize(shapely.linestrings(plane.to_xy_m(lat, lon)), BANK_STEP_M)
    points = shapely.get_coordinates(middle)
    at_lon = plane.to_lat_lon(points)[:, 1]
    degrees, half_widths = zip(*RIVER_HALF_WIDTHS_M, *RIVER_HALF_WIDTHS_BELOW_M, strict=True)
    reach_m = np.interp((at_lon[:-1] + at_lon[1:]) / 2, degrees, half_widths)
    stretches = shapely.linestrings(np.stack([points[:-1], points[1:]], axis=1))
    return shapely.union_all(shapely.buffer(stretches, reach_m, quad_segs=4))
