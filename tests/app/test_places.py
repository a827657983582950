"""National Grid positions land where Ordnance Survey says, within its stated error."""

import math

import pytest

from app.places import from_national_grid
from routing.geometry import LocalProjection

OS_STATED_ERROR_M = 3.5

OSTN15_POINTS = {
    # Ordnance Survey, Transformations and OSGM15 user guide, annexe A: worked example.
    "Caister water tower": (651409.804, 313177.450, 52.658007833, 1.716073973),
    # Ordnance Survey, OSTN15 developer pack, test points TP07, TP08, TP09 and TP11.
    "North Foreland": (639821.835, 169565.858, 51.3744702555, 1.44454730409),
    "Brislington": (362269.991, 169978.690, 51.4275474302, -2.54407618349),
    "Lambeth": (530624.974, 178388.464, 51.4893656495, -0.1199255718),
    "Colchester": (599445.590, 225722.826, 51.8943663735, 0.89724327012),
}


@pytest.mark.parametrize("point", OSTN15_POINTS.values(), ids=OSTN15_POINTS)
def test_the_grid_agrees_with_ordnance_survey(point: tuple[float, float, float, float]) -> None:
    easting, northing, lat, lon = point
    place = from_national_grid(easting, northing)
    apart_m = math.hypot(*LocalProjection(lat, lon).point_to_xy_m(place.lat, place.lon))
    assert 0 < apart_m < OS_STATED_ERROR_M
