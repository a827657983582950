"""Areas read from GeoJSON files."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import MultiPolygon, box, mapping

from geo_data.area import read_polygon
from geo_data.errors import AreaError

WEST, EAST = box(-0.2, 51.4, -0.1, 51.5), box(0.1, 51.4, 0.2, 51.5)


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "area.geojson"


@pytest.mark.parametrize(
    "document",
    [
        mapping(WEST),
        feature(mapping(WEST)),
        {"type": "FeatureCollection", "features": [feature(mapping(WEST)), feature(None)]},
    ],
)
def test_a_polygon_may_be_wrapped_as_geojson_allows(document: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(document))
    assert read_polygon(path).equals(WEST)


def test_several_polygons_are_one_area(path: Path) -> None:
    features = [feature(mapping(one)) for one in (WEST, EAST)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    area = read_polygon(path)
    assert isinstance(area, MultiPolygon)
    assert area.equals(WEST.union(EAST))


def test_a_polygon_that_crosses_itself_is_repaired(path: Path) -> None:
    bow = [[-0.2, 51.4], [-0.1, 51.5], [-0.1, 51.4], [-0.2, 51.5], [-0.2, 51.4]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [bow]}))
    assert read_polygon(path).is_valid


def test_greater_london_is_read_packed(london_data: Path, tmp_path: Path) -> None:
    area = read_polygon(london_data / "greater_london.geojson.gz")
    assert area.bounds == pytest.approx((-0.51, 51.29, 0.33, 51.69), abs=0.01)
    plain = tmp_path / "london.geojson"
    plain.write_bytes(gzip.decompress((london_data / "greater_london.geojson.gz").read_bytes()))
    assert read_polygon(plain).equals(area)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("not json", "is not GeoJSON"),
        ("[]", "is not GeoJSON"),
        ('{"type": "FeatureCollection"}', "is not GeoJSON"),
        ('{"type": "Polygon", "coordinates": "here"}', "is not GeoJSON"),
        ('{"type": "FeatureCollection", "features": []}', "holds nothing; it must hold a Polygon"),
        ('{"type": "Point", "coordinates": [0, 51]}', "holds Point; it must hold a Polygon"),
        (json.dumps(mapping(box(530e3, 180e3, 531e3, 181e3))), "must be WGS84 longitude and lat"),
    ],
)
def test_what_is_no_area_is_refused(content: str, message: str, path: Path) -> None:
    path.write_text(content)
    with pytest.raises(AreaError, match=message):
        read_polygon(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AreaError, match=r"nowhere\.geojson cannot be read: No such file"):
        read_polygon(tmp_path / "nowhere.geojson")


def test_a_spike_of_a_polygon_is_cut_off(path: Path) -> None:
    spiked = [[0, 51], [1, 51], [2, 51], [1, 51], [1, 52], [0, 52], [0, 51]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [spiked]}))
    assert read_polygon(path).equals(box(0, 51, 1, 52))


def test_a_damaged_packed_file_is_said_in_words(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(json.dumps(mapping(WEST)).encode()))
    content[10] = 0xFF  # behind the head, a block of no known kind
    (packed := tmp_path / "area.geojson.gz").write_bytes(content)
    with pytest.raises(AreaError, match="is not GeoJSON"):
        read_polygon(packed)
