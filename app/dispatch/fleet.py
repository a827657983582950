"""The fleet as columns, so that judging five hundred vehicles costs as little as judging one."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from math import inf, nan
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.dispatch.model import Skill, Status, Vehicle, VehicleType
from routing.engine import Starts
from routing.snapping import NO_SEGMENT

if TYPE_CHECKING:
    from app.dispatch.policy import DispatchPolicy
    from routing.router import Router

RowNumbers = NDArray[np.intp]
LongArray = NDArray[np.int64]

_STATUS_BIT = {status: 1 << bit for bit, status in enumerate(Status)}
_TYPE_BIT = {vehicle_type: 1 << bit for bit, vehicle_type in enumerate(VehicleType)}
_SKILL_BIT = {skill: 1 << bit for bit, skill in enumerate(Skill)}

VEHICLE_ROW = np.dtype(
    [
        ("status", np.int32),  # one bit, see `status_bits`
        ("vehicle_type", np.int32),  # one bit, see `vehicle_type_bits`
        ("skills", np.int32),  # bits of all skills aboard and those they include
        ("clinician_aboard", np.bool_),
        ("blue_light_trained", np.bool_),
        ("lat", np.float64),  # degrees; nan without a position
        ("lon", np.float64),
        ("fix_at_s", np.float64),  # seconds since 1970; nan without a position
        ("fix_usable_for_s", np.float64),
        ("shift_ends_at_s", np.float64),  # seconds since 1970; inf without an end
        ("mobilisation_ms", np.int64),
        ("mobilisation_p90_ms", np.int64),
        ("straight_line_speed_mps", np.float64),  # nan for vehicles that follow roads
    ]
)
"""One vehicle as the rules see it."""

SNAP_ROW = np.dtype(
    [
        ("segment", np.int32, 2),  # a street has at most two directions; NO_SEGMENT where none
        ("fraction", np.float64, 2),
        ("access_ms", np.int64),  # from the position to the road
        ("heading_ignored", np.bool_),
    ]
)
"""One vehicle's place on the network under one profile."""


@cache
def status_bits(statuses: frozenset[Status]) -> int:
    """One bit for each status."""
    return sum(_STATUS_BIT[status] for status in statuses)


@cache
def vehicle_type_bits(vehicle_types: frozenset[VehicleType]) -> int:
    """One bit for each vehicle type."""
    return sum(_TYPE_BIT[vehicle_type] for vehicle_type in vehicle_types)


@cache
def skill_bits(skills: frozenset[Skill]) -> int:
    """One bit for each skill."""
    return sum(_SKILL_BIT[skill] for skill in skills)


class Fleet:
    """Vehicles in order of `vehicle_id`, one row each, kept up to date in place.

    Everything a recommendation needs is worked out when a vehicle is put: policy times, bits,
    and its places on the road network. Not safe to change while another thread reads it.

    Attributes
    ----------
    router, policy
        Whose network the vehicles are placed on, and whose numbers the rows carry.
    access
        The policy's access rules for this network.
    vehicles
        By row.
    rows : VEHICLE_ROW[N]
        What the rules look at.
    snaps : SNAP_ROW[N], by profile
        Places on the network; a vehicle whose driver may not use a profile has none under it.
    """

    def __init__(self, router: "Router", policy: "DispatchPolicy") -> None:
        self.router = router
        self.policy = policy
        self.access = policy.access.on(approximate=router.network.provenance.approximate)
        self.vehicles: list[Vehicle] = []
        self.rows: NDArray[np.void] = np.zeros(0, VEHICLE_ROW)
        self.snaps = {profile: np.zeros(0, SNAP_ROW) for profile in policy.profiles}
        self._ids: list[str] = []
        self._skill_bits = cache(lambda skills: skill_bits(policy.skills_of(skills)))

    def __len__(self) -> int:
        return len(self.vehicles)

    def __contains__(self, vehicle_id: object) -> bool:
        return isinstance(vehicle_id, str) and self._row_of(vehicle_id) is not None

    def put(self, vehicle: Vehicle) -> None:
        """Add a vehicle, or replace the one with its `vehicle_id`."""
        self.put_many((vehicle,))

    def put_many(self, vehicles: Iterable[Vehicle]) -> None:
        """Add or replace vehicles; of several with one `vehicle_id` the last counts."""
        latest = {vehicle.vehicle_id: vehicle for vehicle in vehicles}
        added = {vehicle_id for vehicle_id in latest if vehicle_id not in self}
        if added:
            self._make_room(sorted(added), latest)
        moved = []
        for vehicle_id, vehicle in latest.items():
            row = bisect_left(self._ids, vehicle_id)
            if vehicle_id in added or self._has_moved(row, vehicle):
                moved.append(row)
            self.vehicles[row] = vehicle
            self.rows[row] = self._as_row(vehicle)
        self._snap(moved)

    def remove(self, vehicle_id: str) -> None:
        """
        Take a vehicle out.

        Raises
        ------
        KeyError
            There is no such vehicle.
        """
        row = self._row_of(vehicle_id)
        if row is None:
            raise KeyError(vehicle_id)
        del self._ids[row], self.vehicles[row]
        self.rows = np.delete(self.rows, row)
        self.snaps = {profile: np.delete(snaps, row) for profile, snaps in self.snaps.items()}

    def report_again(self, rows: NDArray[np.bool_] | RowNumbers, at: datetime) -> None:
        """
        Take vehicles to have reported once more, at this moment, from where they are.

        `rows` knows when; the fixes in `vehicles` stay those they came with.
        """
        self.rows["fix_at_s"][rows] = at.timestamp()

    def starts(self, profile: str, rows: RowNumbers, delay_ms: LongArray) -> Starts:
        """
        Where and after how long vehicles enter the network.

        Parameters
        ----------
        rows : intp[M]
            Vehicles that have a place on the network under `profile`; they are numbered by row.
        delay_ms : int64[M]
            Added to each one's drive.
        """
        segment = self.snaps[profile]["segment"][rows]
        present = segment != NO_SEGMENT
        per_vehicle = present.sum(axis=1)
        return Starts(
            vehicle=np.repeat(rows.astype(np.int32), per_vehicle),
            segment=segment[present],
            fraction=self.snaps[profile]["fraction"][rows][present],
            delay_ms=np.repeat(delay_ms, per_vehicle),
        )

    def _row_of(self, vehicle_id: str) -> int | None:
        row = bisect_left(self._ids, vehicle_id)
        return row if row < len(self._ids) and self._ids[row] == vehicle_id else None

    def _make_room(self, added: Sequence[str], latest: Mapping[str, Vehicle]) -> None:
        at = [bisect_left(self._ids, vehicle_id) for vehicle_id in added]
        self.rows = np.insert(self.rows, at, np.zeros(len(at), VEHICLE_ROW))
        self.snaps = {
            profile: np.insert(snaps, at, np.zeros(len(at), SNAP_ROW))
            for profile, snaps in self.snaps.items()
        }
        for vehicle_id, row in zip(reversed(added), reversed(at), strict=True):
            self._ids.insert(row, vehicle_id)
            self.vehicles.insert(row, latest[vehicle_id])

    def _as_row(self, vehicle: Vehicle) -> tuple[Any, ...]:
        policy = self.policy
        fix, status = vehicle.fix, policy.statuses[vehicle.status]
        moving = policy.is_moving(vehicle)
        ends_at = vehicle.shift_ends_at
        return (
            _STATUS_BIT[vehicle.status],
            _TYPE_BIT[vehicle.vehicle_type],
            self._skill_bits(vehicle.skills),
            vehicle.clinician_aboard,
            vehicle.blue_light_trained,
            fix.place.lat if fix else nan,
            fix.place.lon if fix else nan,
            fix.reported_at.timestamp() if fix else nan,
            policy.positions.limits(vehicle.status).unusable_after_s,
            ends_at.timestamp() if ends_at else inf,
            0 if moving else round(status.mobilisation_median_s * 1000),
            0 if moving else round(status.mobilisation_p90_s * 1000),
            policy.vehicle_types[vehicle.vehicle_type].straight_line_speed_mps or nan,
        )

    def _snap(self, rows: Sequence[int]) -> None:
        if not rows:
            return
        for profile in self.policy.profiles:
            placed = [row for row in rows if self._may_drive(row, profile)]
            snaps = self.snaps[profile]
            snaps[rows] = _NOWHERE
            if not placed:
                continue
            found = self.router.snaps(
                self.rows["lat"][placed],
                self.rows["lon"][placed],
                profile=profile,
                heading_deg=[self._heading_deg(row) for row in placed],
                radius_m=self.access.vehicle_radius_m,
            )
            to_road_s = found.distance_m / self.access.vehicle_speed_mps
            snaps["segment"][placed] = found.segments
            snaps["fraction"][placed] = found.fractions
            snaps["access_ms"][placed] = np.rint(1000 * np.where(found.is_found, to_road_s, 0.0))
            snaps["heading_ignored"][placed] = found.heading_ignored

    def _heading_deg(self, row: int) -> float:
        heading_deg = self.policy.heading_deg(self.vehicles[row])
        return nan if heading_deg is None else heading_deg

    def _has_moved(self, row: int, after: Vehicle) -> bool:
        return self._whereabouts(self.vehicles[row]) != self._whereabouts(after)

    def _whereabouts(self, vehicle: Vehicle) -> tuple[Any, ...]:
        place = vehicle.fix.place if vehicle.fix else None
        heading_deg = self.policy.heading_deg(vehicle)
        return place, heading_deg, vehicle.vehicle_type, vehicle.blue_light_trained

    def _may_drive(self, row: int, profile: str) -> bool:
        vehicle = self.vehicles[row]
        by_road = self.policy.vehicle_types[vehicle.vehicle_type].straight_line_speed_mps is None
        trained = vehicle.blue_light_trained or profile == self.policy.drivers.untrained_profile
        return by_road and trained and vehicle.fix is not None


_NOWHERE = np.array(((NO_SEGMENT, NO_SEGMENT), (0.0, 0.0), 0, False), SNAP_ROW)
