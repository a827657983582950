"""Calls made up over London: where its people live, when they call, and how urgently."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from math import cos, radians

import numpy as np

from app.dispatch.model import Call, Category, Place
from app.replay.calls import RecordedCall
from app.replay.partnership.figures import Figures
from app.replay.partnership.period import Period, Purpose, random_numbers
from geo_data.boroughs import Borough, boroughs
from routing.geometry import EARTH_RADIUS_M

_METRES_A_DEGREE = radians(1) * EARTH_RADIUS_M


def generated_calls(figures: Figures, period: Period, seed: int) -> Iterator[RecordedCall]:
    """The calls of a period, in order of receipt; a day's calls depend on seed and day alone."""
    for number, day in enumerate(period.days):
        yield from _calls_of(figures, period, day, random_numbers(seed, Purpose.CALLS, number))


def _calls_of(
    figures: Figures, period: Period, midnight: datetime, rng: np.random.Generator
) -> Iterator[RecordedCall]:
    weights = np.array(figures.hour_weights.value)
    per_hour = rng.poisson(figures.calls_per_day.value * period.scale * weights / weights.sum())
    hour = np.repeat(np.arange(len(weights)), per_hour)
    received_ms = np.sort(3_600_000 * hour + rng.integers(0, 3_600_000, len(hour)))
    shares = np.array(figures.category_shares.value)
    category = rng.choice(list(Category), len(hour), p=shares / shares.sum())
    all_boroughs = boroughs()
    people = np.array([borough.population for borough in all_boroughs])
    borough = rng.choice(len(all_boroughs), len(hour), p=people / people.sum())
    junction = rng.random(len(hour))
    away_m = rng.normal(0.0, figures.place_spread_m.value, (len(hour), 2))
    for number, ms in enumerate(received_ms.tolist()):
        yield RecordedCall(
            line=number + 1,
            call=Call(
                call_id=f"{midnight:%y%m%d}-{number + 1:04}",
                location=_place(all_boroughs[borough[number]], junction[number], *away_m[number]),
                category=Category(category[number]),
                received_at=midnight + timedelta(milliseconds=ms),
            ),
        )


def _place(borough: Borough, share: float, east_m: float, north_m: float) -> Place:
    """A place near one of a borough's main junctions."""
    near = borough.junctions[int(share * len(borough.junctions))]
    return Place(
        lat=float(near.lat + north_m / _METRES_A_DEGREE),
        lon=float(near.lon + east_m / _METRES_A_DEGREE / cos(radians(near.lat))),
    )
