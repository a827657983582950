"""Arrival times against real blue-light journeys: first fire engines in central London, 2017."""

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.dispatch.eta import ArrivalTimes
from geo_data.sources import RoadFile, build_from
from routing.router import Router
from tests.town import policy

PROFILE = "blue_light"
FIRE_TURNOUT_MEDIAN_S, FIRE_TURNOUT_P90_S = 70.0, 120.0
"""A mean of 77 s; the London Fire Brigade gave 79 s for 2015."""


@dataclass(frozen=True)
class Journeys:
    """What N crews took from being called to arriving, and what the network says they drove."""

    observed_s: NDArray[np.float64]
    drive_s: NDArray[np.float64]

    def computed(self) -> ArrivalTimes:
        """Arrival times as a recommendation would give them."""
        alike = np.ones(len(self.drive_s))
        return ArrivalTimes.of_parts(
            mobilisation_s=FIRE_TURNOUT_MEDIAN_S * alike,
            mobilisation_p90_s=FIRE_TURNOUT_P90_S * alike,
            drive_s=self.drive_s,
            drive_sigma=policy().spread.road_sigma,
            stopping_s=policy().arrival.stopping_s,
            stopping_sd_s=policy().arrival.stopping_sd_s,
            access_s=0 * alike,
        )


@pytest.fixture(scope="module")
def journeys(london_data: Path) -> Journeys:
    router = Router(build_from(RoadFile(london_data / "central_london_drive.osm.gz")))
    inside = router.network.extent.contains
    with (london_data / "lfb_stations.csv").open() as rows:
        stations = {
            row["Station_Name"]: (float(row["Station_Latitude"]), float(row["Station_Longitude"]))
            for row in csv.DictReader(rows)
        }
    found = []
    with gzip.open(london_data / "lfb_incidents_2017_jan_feb.csv.gz", "rt") as rows:
        for row in csv.DictReader(rows):
            station = stations.get(row["first_pump_arriving_deployed_from_station"], (0.0, 0.0))
            incident = float(row["lat"]), float(row["lon"])
            if inside(*station) and inside(*incident):
                drive_s = _drive_s(router, station, incident)
                found.append((float(row["first_pump_arriving_attendance_time"]), drive_s))
    observed_s, drive_s_all = np.array(found).T
    plausible = (observed_s > 60) & (observed_s < 1800) & (drive_s_all > 20)
    return Journeys(observed_s[plausible], drive_s_all[plausible])


def _drive_s(router: Router, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Seconds by road, NaN when either place is far from any."""
    places = [router.snap(*place, profile=PROFILE, radius_m=300) for place in (start, end)]
    if places[0] is None or places[1] is None:
        return float("nan")
    arrival = router.roads(PROFILE).route(places[0], places[1])
    return float("nan") if arrival is None else arrival.drive_ms / 1000


def test_nine_in_ten_arrive_within_the_90th_percentile(journeys: Journeys) -> None:
    assert len(journeys.observed_s) > 1500
    assert np.mean(journeys.observed_s <= journeys.computed().p90_s()) == pytest.approx(
        0.9, abs=0.03
    )


def test_nine_in_ten_do_so_however_far_they_drive(journeys: Journeys) -> None:
    within = journeys.observed_s <= journeys.computed().p90_s()
    for from_s, to_s in ((20, 90), (90, 150), (150, 210), (210, 400)):
        of_length = (journeys.drive_s >= from_s) & (journeys.drive_s < to_s)
        assert of_length.sum() > 100
        assert np.mean(within[of_length]) == pytest.approx(0.9, abs=0.04)


def test_chances_come_true(journeys: Journeys) -> None:
    for limit_s in (240.0, 300.0, 360.0, 480.0):
        chance = journeys.computed().chance_within(limit_s).mean()
        assert np.mean(journeys.observed_s <= limit_s) == pytest.approx(chance, abs=0.05)
