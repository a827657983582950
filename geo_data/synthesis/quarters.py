"""Quarters: the meshes between main roads, collector roads and the river."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from geo_data.synthesis.density import DensityModel
from geo_data.synthesis.plane import FloatArray
from geo_data.synthesis.rules import PARALLEL_DISTANCE_M, QUARTER_SPACING_M
from geo_data.synthesis.skeleton import Skeleton

IntArray = NDArray[np.int64]
Lines = NDArray[np.object_]

GRID_M = 0.01
"""Lines are laid on a grid this fine, so that those that meet share their point exactly."""

SHORTEST_COLLECTOR_M = 60.0
SMALLEST_QUARTER_M2 = 5_000.0

BARRIER = -1
"""Source of border lines that are water or the edge of the map."""


@dataclass(frozen=True, eq=False)
class Quarters:
    """A division of the land into quarters, and the lines that divide it.

    Attributes
    ----------
    collectors : LineString[C]
        Collector roads, each from one meeting of border lines to the next.
    polygons : Polygon[Q]
        The quarters.
    border_of : dict
        What each stretch of border belongs to, by its end points in either order: a main road
        `0 <= source < R`, the collector `source - R`, or `BARRIER`.
    """

    collectors: Lines
    polygons: Lines
    border_of: dict[tuple[float, float, float, float], int]


def divide(
    skeleton: Skeleton, density: DensityModel, scale: float, rng: np.random.Generator
) -> Quarters:
    """Divide the land between main roads into quarters by collector roads.

    Parameters
    ----------
    scale
        By how much quarters are larger (or, below 1, smaller) than usual.
    """
    land = shapely.convex_hull(shapely.union_all(skeleton.roads))
    middles = _middles(land, density, scale, rng)
    ridges = _ridges(middles, land, skeleton.river)
    barriers = np.asarray([shapely.boundary(land), shapely.boundary(skeleton.river)])
    fixed = np.concatenate([skeleton.roads, barriers])
    pieces, source = _noded(fixed, ridges)
    worthy = (source < len(fixed)) | _worthy_collectors(pieces, skeleton.roads)
    pieces, source = _noded(fixed, pieces[worthy & (source >= len(fixed))])

    is_collector = source >= len(fixed)
    collectors = pieces[is_collector]
    road_count = len(skeleton.roads)
    source[(source >= road_count) & ~is_collector] = BARRIER
    source[is_collector] = road_count + np.arange(len(collectors))
    return Quarters(
        collectors=collectors,
        polygons=_polygons(pieces, skeleton.river),
        border_of=_border_table(pieces, source),
    )


def _middles(
    land: shapely.Geometry, density: DensityModel, scale: float, rng: np.random.Generator
) -> FloatArray:
    """Scattered middles of quarters, evened out once, denser where London is."""
    densest, least = (spacing * scale for spacing in QUARTER_SPACING_M)
    west, south, east, north = shapely.bounds(land)
    grid = np.meshgrid(np.arange(west, east, densest), np.arange(south, north, densest))
    middles = np.column_stack([axis.ravel() for axis in grid])
    middles += rng.uniform(-0.45, 0.45, middles.shape) * densest
    spacing = least + (densest - least) * density.at(middles)
    middles = middles[rng.random(len(middles)) < (densest / spacing) ** 2]
    regions = Voronoi(middles)
    for point, region in enumerate(regions.point_region):
        corners = regions.regions[region]
        if corners and -1 not in corners:
            moved = regions.vertices[corners].mean(axis=0)
            if np.hypot(*(moved - middles[point])) < least:
                middles[point] = moved
    return middles


def _ridges(middles: FloatArray, land: shapely.Geometry, river: shapely.Geometry) -> Lines:
    diagram = Voronoi(middles)
    ends = np.asarray(diagram.ridge_vertices)
    finite = ends[(ends >= 0).all(axis=1)]
    ridges = shapely.linestrings(diagram.vertices[finite])
    dry_land = shapely.difference(land, river)
    shapely.prepare(dry_land)
    crossing = ~shapely.contains(dry_land, ridges)
    ridges[crossing] = shapely.intersection(ridges[crossing], dry_land)
    return _lines_only(ridges)


def _lines_only(geometries: Lines) -> Lines:
    parts: Lines = shapely.get_parts(geometries)
    is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    return np.asarray(parts[is_line & ~shapely.is_empty(parts)])


def _noded(fixed: Lines, others: Lines) -> tuple[Lines, IntArray]:
    """Cut all lines where they meet; each piece with the number of the line it comes from."""
    lines = np.concatenate([fixed, others])
    pieces = _lines_only(np.asarray([shapely.union_all(lines, grid_size=GRID_M)]))
    pieces = pieces[np.lexsort(shapely.bounds(pieces).T)]
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    piece, line = shapely.STRtree(lines).query(middles, predicate="dwithin", distance=2 * GRID_M)
    source = np.full(len(pieces), len(lines), dtype=np.int64)
    np.minimum.at(source, piece, line)
    known = source < len(lines)
    return pieces[known], source[known]


def _worthy_collectors(pieces: Lines, roads: Lines) -> NDArray[np.bool_]:
    """Pieces that are long enough and do not run along beside a main road."""
    tree = shapely.STRtree(roads)
    beside = np.zeros(len(pieces), dtype=np.int64)
    for share in (0.25, 0.5, 0.75):
        points = shapely.line_interpolate_point(pieces, share, normalized=True)
        near, _ = tree.query(points, predicate="dwithin", distance=PARALLEL_DISTANCE_M)
        beside[np.unique(near)] += 1
    return (shapely.length(pieces) >= SHORTEST_COLLECTOR_M) & (beside <= 1)


def _polygons(pieces: Lines, river: shapely.Geometry) -> Lines:
    polygons = shapely.get_parts(shapely.polygonize(pieces))
    inside = shapely.point_on_surface(polygons)
    shapely.prepare(river)
    dry = ~shapely.contains(river, inside)
    polygons = polygons[dry & (shapely.area(polygons) >= SMALLEST_QUARTER_M2)]
    return polygons[np.lexsort(shapely.bounds(polygons).T)]


def _border_table(pieces: Lines, source: IntArray) -> dict[tuple[float, float, float, float], int]:
    points, piece = shapely.get_coordinates(pieces, return_index=True)
    follows = piece[1:] == piece[:-1]
    stretches = np.hstack([points[:-1], points[1:]])[follows]
    owners = source[piece[:-1][follows]].tolist()
    table: dict[tuple[float, float, float, float], int] = {}
    for (x_1, y_1, x_2, y_2), owner in zip(stretches.tolist(), owners, strict=True):
        table[x_1, y_1, x_2, y_2] = owner
        table[x_2, y_2, x_1, y_1] = owner
    return table
