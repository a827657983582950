"""What callers send of vehicles and where they are."""

from typing import Annotated, Any, Self

from pydantic import ConfigDict, Field, StrictBool, model_validator

from app.api.bodies import BATCH_LIMIT, StrictModel, refuse_duplicates
from app.dispatch.model import DriverAgency, PositionFix, Status, Vehicle, VehicleType
from app.fields import HeadingDeg, Skills, SpeedMps, Timestamp, VehicleId
from app.places import PlaceIn


class PositionIn(StrictModel):
    """Where a vehicle was, and when it said so."""

    location: PlaceIn
    reported_at: Timestamp
    heading_deg: HeadingDeg | None = None
    speed_mps: SpeedMps | None = None

    def fix(self) -> PositionFix:
        """As the domain knows it."""
        return PositionFix(
            self.location.place(), self.reported_at, self.heading_deg, self.speed_mps
        )


SameVehicleId = Annotated[
    VehicleId | None,
    Field(description="May be left out; if sent, the id in the address."),
]


class _VehicleFields(StrictModel):
    """What may be left out of a vehicle, and what then holds."""

    driver_agency: Annotated[
        DriverAgency, Field(description="Who employs the driver; no rule depends on it.")
    ] = DriverAgency.LAS
    position: PositionIn | None = None
    clinician_aboard: Annotated[
        StrictBool,
        Field(description="Whether someone aboard may treat patients; left out: yes."),
    ] = True
    skills: Skills = frozenset()
    blue_light_trained: Annotated[
        StrictBool,
        Field(description="Whether its driver may drive on blue lights; left out: yes."),
    ] = True
    shift_ends_at: Timestamp | None = None
    station: Annotated[str, Field(max_length=100)] = ""


class VehicleState(_VehicleFields):
    """A vehicle, its crew and what it is doing."""

    vehicle_type: VehicleType
    status: Status

    def vehicle(self, vehicle_id: str) -> Vehicle:
        """As the domain knows it."""
        return Vehicle(
            vehicle_id=vehicle_id,
            vehicle_type=self.vehicle_type,
            driver_agency=self.driver_agency,
            status=self.status,
            fix=None if self.position is None else self.position.fix(),
            clinician_aboard=self.clinician_aboard,
            skills=self.skills,
            blue_light_trained=self.blue_light_trained,
            shift_ends_at=self.shift_ends_at,
            station=self.station,
        )


class VehicleIn(VehicleState):
    """A vehicle with its id."""

    vehicle_id: VehicleId


class NamedVehicleState(VehicleState):
    """A vehicle whose id stands in the address."""

    vehicle_id: SameVehicleId = None


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema["properties"].values():
        field.pop("default", None)


class VehicleChange(_VehicleFields):
    """What has changed about a vehicle: a field left out stays as it is, so no default is used.

    `null` takes away a position or an end of shift; nothing else can be without a value.
    """

    model_config = ConfigDict(json_schema_extra=_without_defaults)

    vehicle_id: SameVehicleId = None
    vehicle_type: VehicleType = VehicleType.EMERGENCY_AMBULANCE
    status: Status = Status.AVAILABLE_AT_STATION

    def changes(self) -> dict[str, Any]:
        """The fields of `Vehicle` that were sent, with their new values; its id does not change."""
        sent = {name: getattr(self, name) for name in self.model_fields_set - {"vehicle_id"}}
        if "position" in sent:
            position: PositionIn | None = sent.pop("position")
            sent["fix"] = None if position is None else position.fix()
        return sent


class VehicleBatch(StrictModel):
    """Vehicles to be held, each replacing what was held under its id."""

    vehicles: Annotated[list[VehicleIn], Field(min_length=1, max_length=BATCH_LIMIT)]

    @model_validator(mode="after")
    def _no_duplicates(self) -> Self:
        refuse_duplicates(
            (vehicle.vehicle_id for vehicle in self.vehicles), "vehicles", "vehicle_id"
        )
        return self


class PositionReport(PositionIn):
    """A position fix with the id of its vehicle."""

    vehicle_id: VehicleId


class PositionBatch(StrictModel):
    """Position fixes in any order; several of one vehicle are allowed, the newest counts."""

    positions: Annotated[list[PositionReport], Field(min_length=1, max_length=BATCH_LIMIT)]


class VehicleQuery(StrictModel):
    """Which of the vehicles held, and which page of them."""

    status: Annotated[Status | None, Field(description="Only vehicles doing this.")] = None
    driver_agency: Annotated[
        DriverAgency | None, Field(description="Only vehicles driven by this service.")
    ] = None
    vehicle_type: Annotated[VehicleType | None, Field(description="Only this kind.")] = None
    offset: Annotated[int, Field(ge=0, description="Vehicles to skip.")] = 0
    limit: Annotated[int, Field(ge=1, le=BATCH_LIMIT, description="Vehicles on the page.")] = 100
