"""Straight-line estimates, for vehicles and calls that the road network cannot answer for.

The drive is taken as the straight line times a detour factor at the profile's speed, plus the
seconds that getting going costs; for a vehicle that keeps to no roads, at its own speed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.dispatch.eta import ArrivalTimes
from app.dispatch.fleet import Fleet, RowNumbers
from app.dispatch.suitability import Demand
from routing.geometry import great_circle_m

FloatArray = NDArray[np.float64]
LongArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class StraightLines:
    """Estimates for N vehicles.

    Attributes
    ----------
    straight_m, road_m : float64[N]
        Metres in a straight line, and as likely to be driven.
    drive_ms, total_ms, p90_ms : int64[N]
        Median drive, median of mobilisation, drive and stopping, and its 90th percentile.
    keeps_to_roads : bool[N]
        False for vehicles that the policy times in a straight line because they need no roads.
    """

    straight_m: FloatArray
    road_m: FloatArray
    drive_ms: LongArray
    total_ms: LongArray
    p90_ms: LongArray
    keeps_to_roads: BoolArray

    @property
    def ranked_by_ms(self) -> LongArray:
        """What they rank by: the 90th percentile where the line stands for an unknown road."""
        return np.where(self.keeps_to_roads, self.p90_ms, self.total_ms)


def straight_lines(demand: Demand, fleet: Fleet, rows: RowNumbers, profile: str) -> StraightLines:
    """Estimate how long vehicles, driven by one profile, take to reach a call."""
    rule = demand.policy.estimate
    vehicles, place = fleet.rows[rows], demand.call.location
    straight_m = great_circle_m(vehicles["lat"], vehicles["lon"], place.lat, place.lon)
    road_m = rule.detour_factor * straight_m
    own_speed_mps = vehicles["straight_line_speed_mps"]
    driven = rule.profiles[profile]
    by_road_s = driven.start_s + road_m / driven.speed_mps
    keeps_to_roads = np.isnan(own_speed_mps)
    drive_s = np.where(keeps_to_roads, by_road_s, road_m / own_speed_mps)
    times = ArrivalTimes.of_parts(
        mobilisation_s=vehicles["mobilisation_ms"] / 1000,
        mobilisation_p90_s=vehicles["mobilisation_p90_ms"] / 1000,
        drive_s=drive_s,
        drive_sigma=demand.policy.spread.straight_line_sigma,
        stopping_s=demand.policy.arrival.stopping_s,
        stopping_sd_s=demand.policy.arrival.stopping_sd_s,
        access_s=np.zeros(len(rows)),
    )
    drive_ms = np.rint(drive_s * 1000).astype(np.int64)
    return StraightLines(
        straight_m=straight_m,
        road_m=road_m,
        drive_ms=drive_ms,
        total_ms=vehicles["mobilisation_ms"] + drive_ms + demand.policy.arrival.stopping_ms,
        p90_ms=np.rint(times.p90_s() * 1000).astype(np.int64),
        keeps_to_roads=keeps_to_roads,
    )
