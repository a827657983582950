"""What callers send of a call that needs a vehicle."""

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field, StrictBool, model_validator

from app.api.bodies import BATCH_LIMIT, StrictModel, refuse_duplicates
from app.api.fleet_requests import VehicleIn
from app.dispatch.model import Call, Needs
from app.fields import CallId, CategoryIn, Skills, Timestamp, VehicleTypes, fault_at
from app.places import PlaceIn

OPTIONS_LIMIT: Final = 50
OPTIONS_DEFAULT: Final = 5

Limit = Annotated[
    int, Field(strict=True, ge=1, le=OPTIONS_LIMIT, description="How many vehicles to recommend.")
]


class NeedsIn(StrictModel):
    """What the call demands of a vehicle. What is left out demands nothing."""

    conveyance: Annotated[
        StrictBool,
        Field(description="The patient must be taken to hospital: only vehicles that can convey."),
    ] = False
    skills: Annotated[Skills, Field(description="Every one of these must be aboard.")] = frozenset()
    vehicle_types: Annotated[
        VehicleTypes, Field(description="Only these kinds of vehicle; empty: any kind.")
    ] = frozenset()

    def needs(self) -> Needs:
        """As the domain knows them."""
        return Needs(self.conveyance, self.skills, self.vehicle_types)


class CallIn(StrictModel):
    """One 999 call."""

    call_id: CallId | None = None
    location: Annotated[PlaceIn, Field(description="Where the patient is.")]
    category: CategoryIn
    received_at: Annotated[
        Timestamp | None, Field(description="When the clock started; left out: now.")
    ] = None
    needs: NeedsIn = NeedsIn()


class RecommendationRequest(StrictModel):
    """A call that needs a vehicle."""

    call: CallIn
    vehicles: Annotated[
        list[VehicleIn] | None,
        Field(max_length=BATCH_LIMIT, description="Choose among these, not the fleet held here."),
    ] = None
    limit: Limit = OPTIONS_DEFAULT
    include_routes: Annotated[StrictBool, Field(description="Add the way each would take.")] = True
    explain: Annotated[
        StrictBool, Field(description="Add reasons, and every vehicle left out.")
    ] = True
    at: Annotated[
        Timestamp | None,
        Field(description="Decide as of this time; only for `vehicles` sent along. Left out: now."),
    ] = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.vehicles is None:
            if self.at is not None:
                message = "Only vehicles sent along can be judged as of another time than now"
                raise fault_at(("at",), message, self.at.isoformat())
        else:
            refuse_duplicates(
                (vehicle.vehicle_id for vehicle in self.vehicles), "vehicles", "vehicle_id"
            )
        return self

    def call_at(self, now: datetime, call_id: str) -> Call:
        """The call as the domain knows it; `now` and `call_id` stand in where none was sent."""
        return Call(
            call_id=self.call.call_id or call_id,
            location=self.call.location.place(),
            category=self.call.category,
            received_at=self.call.received_at or now,
            needs=self.call.needs.needs(),
        )
