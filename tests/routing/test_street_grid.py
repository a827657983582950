"""Streets near a position, by the squares of a grid that they cross."""

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geo_data.osm_files import read_osm_file
from geo_data.street_builder import streets_from_osm
from routing.build import build_network
from routing.metric import Metric
from routing.network import FloatArray, RoadNetwork
from routing.profiles import load_profiles
from routing.snapping import (
    HEADING_DETOUR_M,
    HEADING_TOLERANCE_DEG,
    OUT_OF_SIGHT,
    Snapper,
)
from routing.street_grid import SIDE_M, StreetGrid
from tests.drawing import DRAWN, draw

BLUE = load_profiles()["blue_light"]


def test_a_long_street_is_found_from_every_square_that_it_crosses() -> None:
    """Across squares at a slant, from corner to corner, and along the very edge of them."""
    far = 40 * SIDE_M
    town = draw(
        {"a": (0, 0), "b": (far, 13 * SIDE_M), "c": (far, far), "d": (0, far)}, "a-b-c-d-a", "a-c"
    )
    snapper = Snapper(Metric.of(town.network, BLUE))
    for east_m, north_m in ((far, 13 * SIDE_M), (0, far), (far, far)):
        for share in np.linspace(0.01, 0.99, 97).tolist():
            lat, lon = town.position(share * east_m, share * north_m)
            snap = snapper.snap(lat, lon, radius_m=5)
            assert snap is not None, (east_m, north_m, share)
            assert snap.distance_m < 1.0


def test_where_streets_are_sparse_squares_are_large() -> None:
    far = 5_000.0
    sparse = draw({"a": (0, 0), "b": (far, 0), "c": (far, far)}, "a-b-c")
    network = sparse.network
    grid = StreetGrid.of(network, np.arange(network.segment_count, dtype=np.int32))
    assert grid.side_m > SIDE_M
    assert grid.columns * grid.rows <= 4 * len(network.shape_x_m)


def test_all_squares_of_a_street_hold_it_once() -> None:
    town = draw({"a": (0, 0), "b": (950, 350)}, "a-b")
    one = np.array([0], dtype=np.int32)
    grid = StreetGrid.of(town.network, one)
    squares = np.repeat(np.arange(grid.columns * grid.rows), np.diff(grid.first))
    assert len(np.unique(squares)) == len(squares) >= grid.columns
    assert set(grid.street.tolist()) == {0}


@pytest.mark.parametrize("radius_m", [25.0, 120.0, 900.0])
def test_with_and_without_heading_no_piece_anywhere_fits_better(
    london_data: Path, radius_m: float
) -> None:
    """Against every piece of every street in Clerkenwell, looked at one by one."""
    streets = streets_from_osm(read_osm_file(london_data / "clerkenwell_raw.osm.gz"))
    network = build_network(streets, name="Clerkenwell", provenance=DRAWN)
    metric = Metric.of(network, BLUE)
    pieces = EveryPiece(network, metric)
    rng = np.random.default_rng(8)
    extent = network.extent
    lat = rng.uniform(extent.south - 0.003, extent.north + 0.003, 400)
    lon = rng.uniform(extent.west - 0.003, extent.east + 0.003, 400)
    heading = np.where(rng.random(400) < 0.7, rng.uniform(-180, 360, 400), np.nan)
    found = Snapper(metric).snaps(lat, lon, heading_deg=heading, radius_m=radius_m)
    x_m, y_m = network.projection.to_xy_m(lat, lon)
    for snap, x, y, heading_deg in zip(found.each(), x_m, y_m, heading, strict=True):
        away_m, fits = pieces.away_m(x, y), pieces.fits(heading_deg)
        nearest_m = away_m.min()
        reach_m = min(radius_m, nearest_m + HEADING_DETOUR_M)
        by_heading = bool((fits & (away_m <= reach_m)).any())
        wanted_m = away_m[fits].min() if by_heading else nearest_m
        if wanted_m > radius_m:
            assert snap is None
            continue
        assert snap is not None
        assert snap.distance_m == pytest.approx(wanted_m, abs=1e-6)
        assert snap.heading_ignored is not (by_heading or math.isnan(heading_deg))
        there = np.isclose(away_m, wanted_m, rtol=0, atol=1e-6) & (fits | (not by_heading))
        assert set(snap.segments) <= set(pieces.segment[there].tolist())
    assert found.heading_ignored.any()


class EveryPiece:
    """All straight pieces of the usable segments of a network, in the direction they are driven."""

    def __init__(self, network: RoadNetwork, metric: Metric) -> None:
        hidden = [any(tags.get(k) == v for k, v in OUT_OF_SIGHT) for tags in network.tag_sets]
        usable = metric.usable & ~np.array(hidden)[network.segment_tags]
        pieces = [
            (segment, point)
            for segment in np.flatnonzero(usable).tolist()
            for point in range(network.shape_first[segment], network.shape_first[segment + 1] - 1)
        ]
        self.segment, begin = np.array(pieces).T
        xy_m = np.stack([network.shape_x_m, network.shape_y_m]).astype(np.float64)
        self._begin_m = xy_m[:, begin]
        self._step_m = xy_m[:, begin + 1] - self._begin_m

    def away_m(self, x_m: float, y_m: float) -> FloatArray:
        """How far each piece is from a place."""
        off_m = np.array([[x_m], [y_m]]) - self._begin_m
        length_2 = np.maximum((self._step_m**2).sum(axis=0), np.finfo(np.float64).tiny)
        share = np.clip((off_m * self._step_m).sum(axis=0) / length_2, 0.0, 1.0)
        return np.asarray(np.hypot(*(off_m - share * self._step_m)))

    def fits(self, heading_deg: float) -> NDArray[np.bool_]:
        """Which pieces run the way of a heading; none where it is NaN."""
        bearing_deg = np.degrees(np.arctan2(*self._step_m))
        off_deg = np.abs((heading_deg - bearing_deg + 180.0) % 360.0 - 180.0)
        return np.asarray((off_deg <= HEADING_TOLERANCE_DEG) & self._step_m.any(axis=0))
