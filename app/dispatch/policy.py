"""Dispatch policy: which vehicles may be sent, and the numbers behind an ETA, as checked data.

`policy.toml` beside this module is the default and says where each number comes from. A control
room gives its own file with the same keys.
"""

import hashlib
from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, StrictBool, model_validator

from app.checked_tables import (
    CheckedTable,
    ProfileName,
    Seconds,
    Share,
    load_table,
    require_all,
    require_order,
)
from app.dispatch.model import Category, Skill, Status, Vehicle, VehicleType

Metres = Annotated[float, Field(ge=0, le=200_000, allow_inf_nan=False, strict=True)]
MetresPerSecond = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False, strict=True)]
Sigma = Annotated[float, Field(gt=0, le=2, allow_inf_nan=False, strict=True)]


class PolicyError(ValueError):
    """A policy file that cannot be used; the message names key, value and what is accepted."""


class FixAgePolicy(CheckedTable):
    """How old a position fix may be."""

    ageing_after_s: Seconds
    unusable_after_s: Seconds

    @model_validator(mode="after")
    def _ageing_comes_before_unusable(self) -> Self:
        require_order(
            "ageing_after_s", self.ageing_after_s, "unusable_after_s", self.unusable_after_s
        )
        return self


class PositionPolicy(CheckedTable):
    """How old a position fix may be, and how far clocks may disagree."""

    clock_tolerance_s: Seconds
    on_the_road: FixAgePolicy
    at_station: FixAgePolicy

    def limits(self, status: Status) -> FixAgePolicy:
        """The limits for a vehicle of this status."""
        return self.at_station if status is Status.AVAILABLE_AT_STATION else self.on_the_road


class MovingPolicy(CheckedTable):
    """When a vehicle counts as already moving."""

    from_speed_mps: MetresPerSecond


class StatusPolicy(CheckedTable):
    """Whether vehicles of a status may be sent, and how long they take to move off."""

    sendable: StrictBool
    mobilisation_median_s: Seconds
    mobilisation_p90_s: Seconds

    @model_validator(mode="after")
    def _median_comes_before_p90(self) -> Self:
        require_order(
            "mobilisation_median_s",
            self.mobilisation_median_s,
            "mobilisation_p90_s",
            self.mobilisation_p90_s,
        )
        if self.mobilisation_median_s == 0 < self.mobilisation_p90_s:
            msg = "mobilisation_p90_s must be 0 where mobilisation_median_s is 0"
            raise ValueError(msg)
        return self


class VehicleTypePolicy(CheckedTable):
    """What a type of vehicle can do, and which calls it is sent to without being named by them."""

    conveys: StrictBool
    categories: frozenset[Category]
    straight_line_speed_mps: MetresPerSecond | None = None


class CategoryPolicy(CheckedTable):
    """How calls of one category are answered."""

    profile: ProfileName
    standard_mean_s: Seconds | None = None
    standard_p90_s: Seconds
    clinician_required: StrictBool
    shift_margin_s: Seconds


class DriverPolicy(CheckedTable):
    """How those drive who may not use blue lights."""

    untrained_profile: ProfileName


class AreaPolicy(CheckedTable):
    """How far beyond the network's bounding box a place still counts as covered."""

    margin_m: Metres


class AccessPolicy(CheckedTable):
    """How far from a road a position may be, and the straight-line speed between the two."""

    call_radius_m: Metres
    vehicle_radius_m: Metres
    far_from_road_m: Metres
    call_speed_mps: MetresPerSecond
    vehicle_speed_mps: MetresPerSecond


class AccessPolicies(CheckedTable):
    """Access where every street is mapped, and where only the strategic ones are."""

    complete_network: AccessPolicy
    approximate_network: AccessPolicy

    def on(self, *, approximate: bool) -> AccessPolicy:
        """The rules for a network whose streets are, or are not, only approximate."""
        return self.approximate_network if approximate else self.complete_network


class ArrivalPolicy(CheckedTable):
    """Stopping and finding the patient: mean and standard deviation."""

    stopping_s: Seconds
    stopping_sd_s: Seconds

    @property
    def stopping_ms(self) -> int:
        """The mean in whole milliseconds."""
        return round(self.stopping_s * 1000)


class StraightLinePolicy(CheckedTable):
    """One profile's drive when only the straight line is known."""

    start_s: Seconds
    speed_mps: MetresPerSecond


class EstimatePolicy(CheckedTable):
    """Straight-line estimates, for when the network cannot answer."""

    detour_factor: Annotated[float, Field(ge=1, le=5, allow_inf_nan=False, strict=True)]
    reach_m: Metres
    profiles: Mapping[ProfileName, StraightLinePolicy]


class SpreadPolicy(CheckedTable):
    """Standard deviations of log drive time."""

    road_sigma: Sigma
    straight_line_sigma: Sigma


class NoticePolicy(CheckedTable):
    """When a dispatcher is told."""

    standard_at_risk_below: Share
    call_ahead_s: Seconds
    call_behind_s: Seconds


class DispatchPolicy(CheckedTable):
    """Everything about matching calls to vehicles that a control room may set."""

    positions: PositionPolicy
    moving: MovingPolicy
    statuses: Mapping[Status, StatusPolicy]
    vehicle_types: Mapping[VehicleType, VehicleTypePolicy]
    skills_included: Mapping[Skill, frozenset[Skill]]
    categories: Mapping[Category, CategoryPolicy]
    drivers: DriverPolicy
    area: AreaPolicy
    access: AccessPolicies
    arrival: ArrivalPolicy
    estimate: EstimatePolicy
    spread: SpreadPolicy
    notices: NoticePolicy

    @model_validator(mode="after")
    def _nothing_is_missing(self) -> Self:
        require_all("statuses", self.statuses, Status)
        require_all("vehicle_types", self.vehicle_types, VehicleType)
        require_all("categories", self.categories, Category)
        require_all("estimate.profiles", self.estimate.profiles, self.profiles)
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy with changes, checked like any policy; what follows from its content is redone."""
        copy = super().model_copy(deep=deep)
        content = {name: getattr(copy, name) for name in type(self).model_fields}
        return type(self).model_validate({**content, **(update or {})})

    @cached_property
    def version(self) -> str:
        """Twelve hex digits of the content hash: the same rules give the same version."""
        content = repr(_canonical(self.model_dump(mode="json")))
        return hashlib.sha256(content.encode()).hexdigest()[:12]

    @cached_property
    def profiles(self) -> tuple[str, ...]:
        """Every driving profile the policy uses, in alphabetical order."""
        used = {category.profile for category in self.categories.values()}
        return tuple(sorted(used | {self.drivers.untrained_profile}))

    def require_profiles(self, known: Iterable[str]) -> None:
        """Raise `PolicyError` unless every driving profile the policy uses is known."""
        unknown = sorted(set(self.profiles).difference(known))
        if unknown:
            msg = (
                f"no driving profile is called {', '.join(unknown)}; known: {', '.join(known)} "
                "(one that drives against the traffic needs a network built with --contraflow)"
            )
            raise PolicyError(msg)

    @cached_property
    def sendable_statuses(self) -> frozenset[Status]:
        """Statuses from which a vehicle may be sent."""
        return frozenset(status for status, rule in self.statuses.items() if rule.sendable)

    @cached_property
    def conveying_types(self) -> frozenset[VehicleType]:
        """Vehicle types that can take a patient to hospital."""
        return frozenset(kind for kind, rule in self.vehicle_types.items() if rule.conveys)

    @cached_property
    def types_for(self) -> Mapping[Category, frozenset[VehicleType]]:
        """Vehicle types sent to calls that name no type, by category."""
        rules = self.vehicle_types.items()
        return {
            category: frozenset(kind for kind, rule in rules if category in rule.categories)
            for category in Category
        }

    def is_moving(self, vehicle: Vehicle) -> bool:
        """Whether a vehicle was last seen moving, on duty away from its station."""
        speed_mps = vehicle.fix.speed_mps if vehicle.fix else None
        return (
            vehicle.status is not Status.AVAILABLE_AT_STATION
            and speed_mps is not None
            and speed_mps >= self.moving.from_speed_mps
        )

    def heading_deg(self, vehicle: Vehicle) -> float | None:
        """Where a vehicle heads; None of one that is not known to, or known not to move."""
        fix = vehicle.fix
        if fix is None or (
            fix.speed_mps is not None and fix.speed_mps < self.moving.from_speed_mps
        ):
            return None
        return fix.heading_deg

    def skills_of(self, skills: frozenset[Skill]) -> frozenset[Skill]:
        """The skills given and all they include, directly or through others."""
        found = set(skills)
        waiting = list(skills)
        while waiting:
            new = self.skills_included.get(waiting.pop(), frozenset()) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)


def load_policy(path: Path | None = None) -> DispatchPolicy:
    """
    Read and check a policy.

    Parameters
    ----------
    path
        A TOML file with the keys of the packaged `policy.toml`, which is read when None.

    Raises
    ------
    PolicyError
        The file is missing, not TOML, or has keys or values that are not accepted.
    """
    packaged = files("app.dispatch") / "policy.toml"
    return load_table(DispatchPolicy, path, packaged, called="policy", error=PolicyError)


def _canonical(content: object) -> object:
    if isinstance(content, dict):
        return sorted((key, _canonical(value)) for key, value in content.items())
    if isinstance(content, list):
        return sorted(content)
    return content
