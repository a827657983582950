"""Drives of a simulation, found once and asked for again."""

import pytest

from app.dispatch.model import Place
from app.replay.ways import Ways
from geo_data.places import Hospital
from routing.router import Router
from tests.drawing import draw, street
from tests.town import policy, surveyed

MONDAY_AT_TEN, TUESDAY_AT_TEN = 10, 34


@pytest.mark.parametrize("first", [MONDAY_AT_TEN, TUESDAY_AT_TEN])
def test_a_drive_that_is_remembered_is_of_its_hour(first: int) -> None:
    """Traffic flows alike on both days; a street is closed on one."""
    town = draw(
        {"w": (-300, 0), "a": (0, 0), "b": (400, 0), "e": (700, 0), "n": (200, 600)},
        "w-a",
        street("a-b", tags={"motor_vehicle:conditional": "no @ (Mo 10:00-11:00)"}),
        "a-n-b",
        "b-e",
    )
    hospital, home = (Place(*town.position(east_m, 0)) for east_m in (-200, 600))
    ways = Ways(
        Router(surveyed(town.network)), policy(), [Hospital("H", "H", hospital.lat, hospital.lon)]
    )
    hours = (first, TUESDAY_AT_TEN, MONDAY_AT_TEN, TUESDAY_AT_TEN)
    driven_m = {
        hour: ways.between(hospital, home, "normal_road", hour).distance_m for hour in hours
    }
    assert driven_m[TUESDAY_AT_TEN] == pytest.approx(800, abs=2)
    assert driven_m[MONDAY_AT_TEN] > 1_600
