"""Places on Earth and on the local metre grid."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from routing.errors import CoordinateError
from routing.geometry import (
    EARTH_RADIUS_M,
    Extent,
    LocalProjection,
    check_wgs84,
    great_circle_m,
    polyline_length_m,
)

CHARING_CROSS = (51.5074, -0.1278)


def between_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    (lat_1, lon_1), (lat_2, lon_2) = one, other
    pair = (np.asarray([value]) for value in (lat_1, lon_1, lat_2, lon_2))
    return float(great_circle_m(*pair)[0])


def test_a_degree_of_latitude_is_a_ninetieth_of_a_quarter_of_the_sphere() -> None:
    degree_m = EARTH_RADIUS_M * math.pi / 180
    assert between_m((51.0, 0.0), (52.0, 0.0)) == pytest.approx(degree_m)
    assert between_m((0.0, 10.0), (0.0, 11.0)) == pytest.approx(degree_m)
    assert between_m((60.0, 10.0), (60.0, 11.0)) == pytest.approx(degree_m / 2, rel=1e-4)


def test_the_other_side_of_the_earth_is_half_its_circumference_away() -> None:
    lat, lon = CHARING_CROSS
    assert between_m((lat, lon), (-lat, lon + 180)) == pytest.approx(EARTH_RADIUS_M * math.pi)
    assert between_m((lat, lon), (lat, lon)) == 0


def test_no_pair_of_opposite_points_is_too_far_apart_to_compute() -> None:
    lat, lon = np.linspace(-89, 89, 50_001), np.linspace(-179, 0, 50_001)
    half_round_m = great_circle_m(lat, lon, -lat, lon + 180)
    assert np.allclose(half_round_m, EARTH_RADIUS_M * math.pi)


def test_london_to_paris_is_344_km() -> None:
    assert between_m(CHARING_CROSS, (48.8566, 2.3522)) == pytest.approx(343_560, rel=2e-3)


def test_a_polyline_is_as_long_as_its_pieces() -> None:
    a, b, c = CHARING_CROSS, (51.51, -0.12), (51.52, -0.13)
    assert polyline_length_m([a, b, c]) == pytest.approx(between_m(a, b) + between_m(b, c))


@pytest.mark.parametrize(
    ("lat", "lon", "field"),
    [
        (math.nan, 0.0, "lat"),
        (0.0, math.nan, "lon"),
        (math.inf, 0.0, "lat"),
        (0.0, -math.inf, "lon"),
        (90.0001, 0.0, "lat"),
        (0.0, -180.0001, "lon"),
    ],
)
def test_coordinates_that_are_not_on_earth_are_refused_by_name(
    lat: float, lon: float, field: str
) -> None:
    with pytest.raises(CoordinateError, match=f"^{field} is "):
        check_wgs84(lat, lon)


@pytest.mark.parametrize(("lat", "lon"), [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)])
def test_the_edges_of_the_map_are_on_earth(lat: float, lon: float) -> None:
    check_wgs84(lat, lon)


def test_an_extent_holds_its_own_edge() -> None:
    extent = Extent.around(np.asarray([51.4, 51.6]), np.asarray([-0.3, 0.1]))
    assert extent == Extent(51.4, -0.3, 51.6, 0.1)
    assert extent.contains(51.4, 0.1)
    assert not extent.contains(51.39, 0.0)
    assert not extent.contains(51.5, 0.11)


LONDON = Extent(51.28, -0.52, 51.70, 0.34)
GRID = LocalProjection.centred_on(LONDON)
LATS, LONS = st.floats(LONDON.south, LONDON.north), st.floats(LONDON.west, LONDON.east)


def test_the_centre_of_the_grid_is_nought_nought_and_north_is_up() -> None:
    assert GRID.point_to_xy_m(GRID.lat, GRID.lon) == pytest.approx((0, 0), abs=1e-6)
    east, north = GRID.point_to_xy_m(GRID.lat + 0.01, GRID.lon)
    assert east == pytest.approx(0, abs=1e-6)
    assert north > 1000
    assert GRID.point_to_xy_m(GRID.lat, GRID.lon + 0.01)[0] > 600


@settings(deadline=None)
@given(LATS, LONS, LATS, LONS)
def test_anywhere_in_london_the_grid_measures_as_great_circles_do(
    lat_1: float, lon_1: float, lat_2: float, lon_2: float
) -> None:
    on_grid_m = math.dist(GRID.point_to_xy_m(lat_1, lon_1), GRID.point_to_xy_m(lat_2, lon_2))
    assert on_grid_m == pytest.approx(between_m((lat_1, lon_1), (lat_2, lon_2)), rel=2e-5, abs=1e-3)


def test_many_points_are_projected_as_one_by_one() -> None:
    lat, lon = np.linspace(51.3, 51.7, 9), np.linspace(-0.5, 0.3, 9)
    x_m, y_m = GRID.to_xy_m(lat, lon)
    one_by_one = [GRID.point_to_xy_m(*place) for place in zip(lat, lon, strict=True)]
    assert list(zip(x_m.tolist(), y_m.tolist(), strict=True)) == one_by_one
