"""Crews made up for the scenario: the ambulance service's, and the police's."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from app.dispatch.model import DriverAgency, Place, PositionFix, Skill, Status, Vehicle, VehicleType
from app.replay.fleet_file import EPOCH, FleetTimeline, Spell
from app.replay.partnership.figures import Figures
from app.replay.partnership.period import Period, Purpose, random_numbers
from geo_data.boroughs import boroughs
from geo_data.places import Station, las_stations
from routing.geometry import great_circle_m

_Shifts = tuple[str, list[Spell]]
"""A vehicle's id, and what it does when."""


def generated_fleet(
    figures: Figures, period: Period, seed: int, *, with_police: bool
) -> FleetTimeline:
    """Everybody's shifts; only which of the police are off depends on the seed."""
    spells = dict(_ambulance_service(figures, period))
    if with_police:
        spells |= dict(_officers(figures, period, seed))
        spells |= dict(_specials(figures, period, seed))
    return FleetTimeline(spells)


def _ambulance_service(figures: Figures, period: Period) -> Iterator[_Shifts]:
    kinds = (
        ("D", figures.las_crews_by_day.value, figures.day_starts.value),
        ("L", figures.las_crews_late.value, figures.late_starts.value),
        ("N", figures.las_crews_by_night.value, figures.night_starts.value),
    )
    with_eve = (period.days[0] - timedelta(days=1), *period.days)
    for letter, crews, starts in kinds:
        stations = _stations_for(period.scaled(crews))
        for number, (station, hour) in enumerate(zip(stations, cycle(starts), strict=False)):
            vehicle = _ambulance(
                f"{station.code}{letter}{number + 1:03}", DriverAgency.LAS, station
            )
            yield vehicle.vehicle_id, _spells(figures, vehicle, ((day, hour) for day in with_eve))


def _officers(figures: Figures, period: Period, seed: int) -> Iterator[_Shifts]:
    by_day, by_night, off = figures.officer_cycle.value
    groups = figures.officer_groups.value
    for number, station in enumerate(_stations_for(period.scaled(figures.officers.value))):
        turn, group = divmod(number, groups)
        first_day = figures.officers_begin_on_day.value - 1
        first_day += group * figures.days_between_groups.value
        rota: list[int | None] = [
            *[_one_of(figures.day_starts.value, turn)] * by_day,
            *[_one_of(figures.night_starts.value, turn)] * by_night,
            *[None] * off,
        ]
        hours = [
            rota[(day + turn) % len(rota)] if day >= first_day else None
            for day in range(len(period.days))
        ]
        name = f"MPS{number + 1:02}"
        yield from _police(
            figures,
            period,
            name,
            station,
            hours,
            random_numbers(seed, Purpose.OFFICERS_OFF, number),
        )


def _specials(figures: Figures, period: Period, seed: int) -> Iterator[_Shifts]:
    every = figures.days_between_special_shifts.value
    for number, station in enumerate(_stations_for(period.scaled(figures.specials.value))):
        first_day = figures.specials_begin_on_day.value - 1 + number % every
        hour = _one_of(figures.day_starts.value, number)
        hours = [
            hour if day >= first_day and (day - first_day) % every == 0 else None
            for day in range(len(period.days))
        ]
        name = f"MSC{number + 1:02}"
        yield from _police(
            figures,
            period,
            name,
            station,
            hours,
            random_numbers(seed, Purpose.SPECIALS_OFF, number),
        )


def _police(
    figures: Figures,
    period: Period,
    name: str,
    station: Station,
    hours: Sequence[int | None],
    rng: np.random.Generator,
) -> Iterator[_Shifts]:
    """The ambulance of one driver, on the days when there is an hour to begin at."""
    at_work = rng.random(len(hours)) < figures.share_at_work.value
    vehicle = _ambulance(name, DriverAgency.MPS, station)
    shifts = [
        (day, hour)
        for day, hour, works in zip(period.days, hours, at_work.tolist(), strict=True)
        if hour is not None and works
    ]
    if shifts:
        yield name, _spells(figures, vehicle, shifts)


def _ambulance(name: str, agency: DriverAgency, station: Station) -> Vehicle:
    return Vehicle(
        vehicle_id=name,
        vehicle_type=VehicleType.EMERGENCY_AMBULANCE,
        driver_agency=agency,
        status=Status.AVAILABLE_AT_STATION,
        fix=PositionFix(Place(station.lat, station.lon), EPOCH),
        skills=frozenset({Skill.PARAMEDIC}),
        station=station.name,
    )


def _spells(
    figures: Figures, vehicle: Vehicle, shifts: Iterable[tuple[datetime, int]]
) -> list[Spell]:
    """Shifts that begin at an hour of a day, each with its break in the middle."""
    lasts_s = 3600 * figures.shift_hours.value
    pause_s = 60 * figures.break_minutes.value
    resting = replace(vehicle, status=Status.BREAK)
    spells = []
    for midnight, hour in shifts:
        begins_s = midnight.timestamp() + 3600 * hour
        middle_s = begins_s + lasts_s / 2
        spells += [
            Spell(begins_s, middle_s, vehicle),
            Spell(middle_s, middle_s + pause_s, resting),
            Spell(middle_s + pause_s, begins_s + lasts_s, vehicle),
        ]
    return spells


def _one_of(hours: Sequence[int], number: int) -> int:
    return hours[number % len(hours)]


def _stations_for(crews: int) -> list[Station]:
    """A station for each crew: in proportion to the people nearest to each (largest remainders)."""
    stations = las_stations()
    exact = _people_share() * crews
    seats = np.floor(exact).astype(int)
    most_left = np.argsort(seats - exact, kind="stable")[: crews - int(seats.sum())]
    seats[most_left] += 1
    return [station for station, n in zip(stations, seats.tolist(), strict=True) for _ in range(n)]


@cache
def _people_share() -> NDArray[np.float64]:
    """Share of Londoners to whom each station is the nearest, as their main junctions tell."""
    stations = las_stations()
    lat, lon = (np.array([getattr(one, axis) for one in stations]) for axis in ("lat", "lon"))
    people: NDArray[np.float64] = np.zeros(len(stations))
    for borough in boroughs():
        for junction in borough.junctions:
            nearest = great_circle_m(junction.lat, junction.lon, lat, lon).argmin()
            people[nearest] += borough.population / len(borough.junctions)
    return np.asarray(people / people.sum())
