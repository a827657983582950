"""The area that somebody asks for, read from a GeoJSON file."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon

from geo_data.errors import AreaError
from routing.geometry import MAX_LAT_DEG, MAX_LON_DEG


def read_polygon(path: Path) -> Polygon | MultiPolygon:
    """Read the union of all polygons of a GeoJSON file, plain or gzipped.

    Raises
    ------
    AreaError
        The file is missing, is not GeoJSON, holds no polygon, or is not in WGS84 degrees.
    """
    try:
        content = path.read_bytes()
        text = gzip.decompress(content) if path.suffix == ".gz" else content
        parts = [shapely.from_geojson(json.dumps(one)) for one in _geometries(json.loads(text))]
    except OSError as error:
        msg = f"polygon file {path} cannot be read: {error.strerror or error}"
        raise AreaError(msg) from error
    except (ValueError, KeyError, TypeError, EOFError, zlib.error, shapely.GEOSException) as error:
        msg = f"polygon file {path} is not GeoJSON ({error})"
        raise AreaError(msg) from error
    polygons = [part for part in parts if isinstance(part, Polygon | MultiPolygon)]
    # Repaired, a polygon with a spike is a polygon and a line.
    pieces = shapely.get_parts([shapely.make_valid(part) for part in polygons]).tolist()
    area = shapely.union_all([one for one in pieces if isinstance(one, Polygon | MultiPolygon)])
    if not isinstance(area, Polygon | MultiPolygon) or area.is_empty:
        kinds = ", ".join(sorted({part.geom_type for part in parts})) or "nothing"
        msg = f"polygon file {path} holds {kinds}; it must hold a Polygon or MultiPolygon"
        raise AreaError(msg)
    check_degrees(area, str(path))
    return area


def check_degrees(area: Polygon | MultiPolygon, name: str) -> None:
    """Raise `AreaError` unless all coordinates can be longitude and latitude in degrees."""
    west, south, east, north = area.bounds
    if max(-west, east) > MAX_LON_DEG or max(-south, north) > MAX_LAT_DEG:
        msg = (
            f"polygon {name} spans {west:g} to {east:g} by {south:g} to {north:g}; coordinates "
            "must be WGS84 longitude and latitude in degrees, as RFC 7946 asks"
        )
        raise AreaError(msg)


def _geometries(document: dict[str, Any]) -> list[dict[str, Any]]:
    if document["type"] == "FeatureCollection":
        features = document["features"]
        return [one["geometry"] for one in features if one["geometry"] is not None]
    if document["type"] == "Feature":
        return [document["geometry"]]
    return [document]
