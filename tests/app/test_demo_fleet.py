"""The made-up fleet: plausible, deterministic, and holding what the worked examples need."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.dispatch.model import DriverAgency, Place, Status, Vehicle, VehicleType
from app.store.demo_fleet import (
    LATE_SHIFT_VEHICLE_ID,
    STALE_VEHICLE_ID,
    STANDBY_JUNCTIONS,
    demo_fleet,
    standby_place,
)
from geo_data.places import las_stations
from routing.geometry import great_circle_m

NOW = datetime(2021, 1, 17, 18, 42, 5, tzinfo=UTC)
FREE = {Status.AVAILABLE_AT_STATION, Status.AVAILABLE_MOBILE}
TRAFALGAR_SQUARE = standby_place("Trafalgar Square")


@pytest.fixture(scope="module")
def fleet() -> tuple[Vehicle, ...]:
    return demo_fleet(NOW)


def metres_from(place: Place, vehicle: Vehicle) -> float:
    assert vehicle.fix is not None
    there = vehicle.fix.place
    return float(great_circle_m(place.lat, place.lon, there.lat, there.lon))


def free_ambulances_by_distance(fleet: tuple[Vehicle, ...], place: Place) -> list[Vehicle]:
    free = [
        vehicle
        for vehicle in fleet
        if vehicle.status in FREE and vehicle.vehicle_type is VehicleType.EMERGENCY_AMBULANCE
    ]
    return sorted(free, key=lambda vehicle: metres_from(place, vehicle))


def test_the_same_moment_gives_the_same_fleet(fleet: tuple[Vehicle, ...]) -> None:
    assert demo_fleet(NOW) == fleet


def test_only_times_differ_from_one_moment_to_another(fleet: tuple[Vehicle, ...]) -> None:
    later = demo_fleet(NOW + timedelta(days=3))
    assert [(v.vehicle_id, v.status, v.fix and v.fix.place) for v in later] == [
        (v.vehicle_id, v.status, v.fix and v.fix.place) for v in fleet
    ]


def test_it_is_of_a_size_a_person_can_look_over(fleet: tuple[Vehicle, ...]) -> None:
    assert 170 <= len(fleet) <= 200
    assert len({vehicle.vehicle_id for vehicle in fleet}) == len(fleet)


def test_every_station_has_crews_whose_call_signs_start_with_its_code(
    fleet: tuple[Vehicle, ...],
) -> None:
    assert {vehicle.station for vehicle in fleet} == {station.code for station in las_stations()}
    assert all(vehicle.vehicle_id.startswith(vehicle.station) for vehicle in fleet)


def test_every_status_occurs(fleet: tuple[Vehicle, ...]) -> None:
    assert {vehicle.status for vehicle in fleet} == set(Status)


def test_a_dozen_ambulances_are_driven_by_police_and_two_by_firefighters(
    fleet: tuple[Vehicle, ...],
) -> None:
    lent = [vehicle for vehicle in fleet if vehicle.driver_agency is not DriverAgency.LAS]
    assert sum(v.driver_agency is DriverAgency.MPS for v in lent) == 12
    assert sum(v.driver_agency is DriverAgency.LFB for v in lent) == 2
    assert all(v.vehicle_type is VehicleType.EMERGENCY_AMBULANCE for v in lent)
    assert all(v.clinician_aboard and v.blue_light_trained for v in lent)


def test_all_fixes_are_fresh_but_one(fleet: tuple[Vehicle, ...]) -> None:
    ages = {v.vehicle_id: NOW - v.fix.reported_at for v in fleet if v.fix is not None}
    assert len(ages) == len(fleet)
    stale = {vehicle_id for vehicle_id, age in ages.items() if age > timedelta(minutes=1)}
    assert stale == {STALE_VEHICLE_ID}
    assert min(ages.values()) > timedelta(0)


def test_one_shift_is_about_to_end(fleet: tuple[Vehicle, ...]) -> None:
    left = {v.vehicle_id: v.shift_ends_at - NOW for v in fleet if v.shift_ends_at is not None}
    assert len(left) == len(fleet)
    ending = {vehicle_id for vehicle_id, left in left.items() if left < timedelta(hours=1)}
    assert ending == {LATE_SHIFT_VEHICLE_ID}


def test_crews_are_in_their_own_part_of_london(fleet: tuple[Vehicle, ...]) -> None:
    homes = {station.code: Place(station.lat, station.lon) for station in las_stations()}
    away_m = {v.vehicle_id: metres_from(homes[v.station], v) for v in fleet}
    assert max(away_m.values()) < 12_000
    assert float(np.median(list(away_m.values()))) < 3_000


@pytest.mark.parametrize("name", ["Peckham", "Elephant and Castle"])
def test_a_police_driven_ambulance_is_plainly_the_nearest(
    fleet: tuple[Vehicle, ...], name: str
) -> None:
    nearest, second, *_ = free_ambulances_by_distance(fleet, standby_place(name))
    assert nearest.driver_agency is DriverAgency.MPS
    assert metres_from(standby_place(name), second) > 800


def test_trafalgar_square_has_several_options(fleet: tuple[Vehicle, ...]) -> None:
    fifth = free_ambulances_by_distance(fleet, TRAFALGAR_SQUARE)[4]
    assert metres_from(TRAFALGAR_SQUARE, fifth) < 2_500
    kinds = {
        v.vehicle_type
        for v in fleet
        if v.status in FREE and metres_from(TRAFALGAR_SQUARE, v) < 2_500
    }
    assert kinds == {
        VehicleType.EMERGENCY_AMBULANCE,
        VehicleType.RAPID_RESPONSE_VEHICLE,
        VehicleType.MOTORCYCLE,
        VehicleType.PEDAL_CYCLE,
    }


def test_crews_on_the_road_stand_at_junctions_of_main_roads(fleet: tuple[Vehicle, ...]) -> None:
    junctions = {standby_place(name) for name in STANDBY_JUNCTIONS}
    on_the_road = {Status.AVAILABLE_MOBILE, Status.EN_ROUTE, Status.CONVEYING, Status.AT_SCENE}
    places = [v.fix.place for v in fleet if v.status in on_the_road and v.fix is not None]
    assert len(places) > 50
    assert set(places) <= junctions
