"""What callers get back, and the one place where domain results take that form.

Answers are dataclasses: FastAPI hands them to pydantic's core as they are, which writes JSON
bytes without checking or copying them again. What the domain says in the form in which callers
get it (a place, an exclusion, a shortfall) goes out as it is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field

from app.dispatch.model import (
    Call,
    Category,
    DriverAgency,
    Place,
    PositionFix,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from app.dispatch.recommendation import (
    ClosureEffect,
    Eta,
    Exclusion,
    Option,
    Recommendation,
    RoutePath,
    Shortfall,
    WarningCode,
)
from app.store.held_fleet import IgnoredFix
from routing.geometry import COORDINATE_DECIMALS
from routing.network import RoadNetwork

Seconds = Annotated[float, Field(description="Seconds on the road.")]
Metres = Annotated[float, Field(description="Metres on the road.")]
LonLat = Annotated[
    tuple[float, float],
    Field(description=f"Longitude and latitude, degrees to {COORDINATE_DECIMALS} decimals."),
]


@dataclass(frozen=True, slots=True)
class PositionAnswer:
    """Where a vehicle last reported itself."""

    location: Place
    reported_at: datetime
    heading_deg: float | None
    speed_mps: float | None

    @classmethod
    def of(cls, fix: PositionFix) -> Self:
        """From the domain's fix."""
        return cls(fix.place, fix.reported_at, fix.heading_deg, fix.speed_mps)


@dataclass(frozen=True, slots=True)
class VehicleAnswer:
    """A vehicle as it is held."""

    vehicle_id: str
    vehicle_type: VehicleType
    driver_agency: DriverAgency
    status: Status
    position: PositionAnswer | None
    clinician_aboard: bool
    skills: list[Skill]
    blue_light_trained: bool
    shift_ends_at: datetime | None
    station: str

    @classmethod
    def of(cls, vehicle: Vehicle) -> Self:
        """From the domain's vehicle."""
        return cls(
            vehicle_id=vehicle.vehicle_id,
            vehicle_type=vehicle.vehicle_type,
            driver_agency=vehicle.driver_agency,
            status=vehicle.status,
            position=None if vehicle.fix is None else PositionAnswer.of(vehicle.fix),
            clinician_aboard=vehicle.clinician_aboard,
            skills=sorted(vehicle.skills),
            blue_light_trained=vehicle.blue_light_trained,
            shift_ends_at=vehicle.shift_ends_at,
            station=vehicle.station,
        )


@dataclass(frozen=True, slots=True)
class VehiclePage:
    """Some of the vehicles held, by vehicle id."""

    total: Annotated[int, Field(description="Vehicles that match, on all pages.")]
    offset: int
    vehicles: list[VehicleAnswer]


@dataclass(frozen=True, slots=True)
class BatchReceipt:
    """What became of a batch of vehicles."""

    stored: int
    created: Annotated[int, Field(description="Of those, how many were not held before.")]


@dataclass(frozen=True, slots=True)
class PositionsReceipt:
    """What became of a batch of position fixes."""

    applied: int
    ignored: Annotated[
        list[IgnoredFix],
        Field(
            description="Fixes older than the one held, dated in the future, outside the area, "
            "or of vehicles that are not held; `row` is the place in `positions`, from 0."
        ),
    ]


@dataclass(frozen=True, slots=True)
class LineString:
    """GeoJSON geometry (RFC 7946): positions in lon-lat order."""

    coordinates: list[LonLat]
    type: Literal["LineString"] = "LineString"


@dataclass(frozen=True, slots=True)
class RouteProperties:
    """What belongs to a route besides its line."""

    distance_m: Metres
    duration_s: Seconds
    streets: Annotated[tuple[str, ...], Field(description="Names in driving order.")]


@dataclass(frozen=True, slots=True)
class RouteFeature:
    """A route as a GeoJSON Feature (RFC 7946)."""

    geometry: LineString
    properties: RouteProperties
    type: Literal["Feature"] = "Feature"

    @classmethod
    def of(cls, path: RoutePath, duration_s: float) -> Self:
        """From the domain's path and the seconds it takes."""
        line = [(lon, lat) for lat, lon in path.shape]
        distance_m = round(path.distance_m, 1)
        return cls(LineString(line), RouteProperties(distance_m, duration_s, path.streets))


@dataclass(frozen=True, slots=True)
class EtaAnswer:
    """How long until the vehicle is with the patient."""

    total_s: Annotated[
        float,
        Field(
            description="Seconds until it is with the patient: median, the sum of "
            "`mobilisation_s`, `drive_s` and `access_s`."
        ),
    ]
    p90_s: Annotated[
        float, Field(description="Seconds until it is with the patient: 90th percentile.")
    ]
    mobilisation_s: Annotated[float, Field(description="Seconds until it moves: median.")]
    drive_s: Annotated[float, Field(description="Seconds on the road: median.")]
    access_s: Annotated[
        float,
        Field(
            description="Seconds for the rest: from an off-road position to the road, stopping, "
            "and from the road to the patient."
        ),
    ]
    standard_s: Annotated[
        float,
        Field(
            description="Seconds from when the call was received within which nine calls of ten "
            "of its category are to be reached: the 90th-centile standard."
        ),
    ]
    meets_standard_probability: Annotated[
        float,
        Field(
            description="Chance, 0 to 1, of being there within the 90th-centile standard: "
            "`standard_s` from when the call was received."
        ),
    ]
    estimated: Annotated[
        bool,
        Field(
            description="Taken from the straight line: no way by road was found, or none is needed."
        ),
    ]

    @classmethod
    def of(cls, eta: Eta) -> Self:
        """From the domain's ETA."""
        return cls(
            round(eta.total_s, 3),
            round(eta.p90_s, 3),
            round(eta.mobilisation_s, 3),
            round(eta.drive_s, 3),
            round(eta.access_s, 3),
            eta.standard_s,
            round(eta.meets_standard_probability, 4),
            eta.estimated,
        )


@dataclass(frozen=True, slots=True)
class OptionAnswer:
    """A vehicle that may be sent."""

    rank: int
    vehicle_id: str
    vehicle_type: VehicleType
    driver_agency: DriverAgency
    status: Status
    station: str
    clinician_aboard: bool
    skills: list[Skill]
    blue_light_trained: bool
    position: PositionAnswer | None
    eta: EtaAnswer
    distance_m: Annotated[float, Field(description="Metres it drives, or is likely to.")]
    arrives_at: Annotated[datetime, Field(description="When it is with the patient: median.")]
    reasons: tuple[str, ...]
    route: RouteFeature | None
    closures: Annotated[
        ClosureEffect | None,
        Field(
            description="What closures do to this drive: those on the way it would take without "
            "any and on the way it takes, and by how many seconds they make it later. Null: "
            "nothing."
        ),
    ]

    @classmethod
    def of(cls, option: Option) -> Self:
        """From the domain's option."""
        vehicle, eta, path = option.vehicle, option.eta, option.route
        return cls(
            rank=option.rank,
            vehicle_id=vehicle.vehicle_id,
            vehicle_type=vehicle.vehicle_type,
            driver_agency=vehicle.driver_agency,
            status=vehicle.status,
            station=vehicle.station,
            clinician_aboard=vehicle.clinician_aboard,
            skills=sorted(vehicle.skills),
            blue_light_trained=vehicle.blue_light_trained,
            position=None if vehicle.fix is None else PositionAnswer.of(vehicle.fix),
            eta=EtaAnswer.of(eta),
            distance_m=round(option.distance_m, 1),
            arrives_at=option.arrives_at,
            reasons=option.reasons,
            route=None if path is None else RouteFeature.of(path, round(eta.drive_s, 3)),
            closures=option.closures,
        )


@dataclass(frozen=True, slots=True)
class NeedsAnswer:
    """What the call demands of a vehicle."""

    conveyance: bool
    skills: list[Skill]
    vehicle_types: list[VehicleType]


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """The call as it was understood, its place in WGS84."""

    call_id: str
    location: Place
    category: Category
    received_at: datetime
    needs: NeedsAnswer

    @classmethod
    def of(cls, call: Call) -> Self:
        """From the domain's call."""
        needs = call.needs
        return cls(
            call.call_id,
            call.location,
            call.category,
            call.received_at,
            NeedsAnswer(needs.conveyance, sorted(needs.skills), sorted(needs.vehicle_types)),
        )


@dataclass(frozen=True, slots=True)
class WarningAnswer:
    """What a dispatcher should know before trusting the answer."""

    code: WarningCode
    detail: str
    vehicle_id: Annotated[str, Field(description="Empty when it is about the call.")]


@dataclass(frozen=True, slots=True)
class NetworkName:
    """The road network the answer was found on."""

    name: str
    version: str
    approximate: Annotated[bool, Field(description="Not surveyed: not for use on real calls.")]

    @classmethod
    def of(cls, network: RoadNetwork) -> Self:
        """From the network itself."""
        return cls(network.name, network.version, network.provenance.approximate)


@dataclass(frozen=True, slots=True)
class RecommendationAnswer:
    """Which vehicles can be there first, and why not the others."""

    recommendation_id: str
    call_id: str
    call: CallAnswer
    decided_at: datetime
    options: Annotated[
        list[OptionAnswer],
        Field(description="Best first: by `total_s`, or by `p90_s` where no way by road is known."),
    ]
    suitable: Annotated[int, Field(description="Vehicles that may be sent, options included.")]
    excluded: Annotated[tuple[Exclusion, ...], Field(description="Why each may not be sent.")]
    shortfall: Shortfall | None
    warnings: list[WarningAnswer]
    network: NetworkName
    policy_version: str

    @classmethod
    def of(cls, recommendation: Recommendation) -> Self:
        """From the domain's recommendation."""
        return cls(
            recommendation_id=recommendation.recommendation_id,
            call_id=recommendation.call.call_id,
            call=CallAnswer.of(recommendation.call),
            decided_at=recommendation.decided_at,
            options=[OptionAnswer.of(option) for option in recommendation.options],
            suitable=recommendation.suitable,
            excluded=recommendation.excluded,
            shortfall=recommendation.shortfall,
            warnings=[
                WarningAnswer(notice.code, notice.detail, notice.vehicle_id)
                for notice in recommendation.warnings
            ],
            network=NetworkName(
                recommendation.network_name,
                recommendation.network_version,
                recommendation.network_approximate,
            ),
            policy_version=recommendation.policy_version,
        )


@dataclass(frozen=True, slots=True)
class Alive:
    """The process answers."""

    status: Literal["alive"] = "alive"


@dataclass(frozen=True, slots=True)
class Ready:
    """The service answers calls, and with what."""

    version: str
    network: NetworkName
    policy_version: str
    vehicles: Annotated[int, Field(description="Vehicles held.")]
    status: Literal["ready"] = "ready"
