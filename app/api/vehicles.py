"""The fleet the service holds."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response

from app.api.answers import BatchReceipt, VehicleAnswer, VehiclePage
from app.api.examples import (
    CHANGE_EXAMPLES,
    SPARE_VEHICLE_EXAMPLE,
    VEHICLE_BATCH_EXAMPLES,
    VEHICLE_EXAMPLES,
    VEHICLE_HELD_EXAMPLE,
)
from app.api.faults import FieldFault
from app.api.fleet_requests import (
    NamedVehicleState,
    PositionIn,
    VehicleBatch,
    VehicleChange,
    VehicleQuery,
)
from app.api.problems import OF_BODIES, Problem, ProblemError, documented
from app.api.service import Service, ServiceOf
from app.fields import VehicleId
from app.store.fleet_store import VehicleFilter
from app.store.held_fleet import FixRefusedError, UnknownVehicleError

router = APIRouter(prefix="/v1/vehicles", tags=["Fleet"])

VehicleHeld = Annotated[VehicleId, Path(openapi_examples=VEHICLE_HELD_EXAMPLE)]
SpareVehicle = Annotated[VehicleId, Path(openapi_examples=SPARE_VEHICLE_EXAMPLE)]


@router.get(
    "",
    operation_id="list_vehicles",
    summary="Which vehicles are held?",
    response_description="The vehicles on this page, by id, and how many there are in all.",
    responses=documented(Problem.INVALID_REQUEST),
)
async def list_vehicles(query: Annotated[VehicleQuery, Query()], service: ServiceOf) -> VehiclePage:
    """List vehicles by id, one page at a time."""
    which = VehicleFilter(query.status, query.driver_agency, query.vehicle_type)
    vehicles, total = await service.fleet.page(which, offset=query.offset, limit=query.limit)
    return VehiclePage(total, query.offset, [VehicleAnswer.of(vehicle) for vehicle in vehicles])


@router.post(
    "/batch",
    operation_id="put_vehicles",
    summary="Hold many vehicles",
    response_description="All of them are held.",
    responses=documented(*OF_BODIES, Problem.OUTSIDE_AREA, Problem.FIX_REFUSED),
)
async def put_vehicles(
    body: Annotated[VehicleBatch, Body(openapi_examples=VEHICLE_BATCH_EXAMPLES)],
    service: ServiceOf,
) -> BatchReceipt:
    """Hold all of these vehicles, each in place of any with its id, or none of them.

    As with one vehicle, a position may be older than the one held, but lies neither in the
    future nor outside the area.
    """
    for row, vehicle in enumerate(body.vehicles):
        _check_position(service, vehicle.position, f"vehicles[{row}].position")
    vehicles = [vehicle.vehicle(vehicle.vehicle_id) for vehicle in body.vehicles]
    return BatchReceipt(len(vehicles), created=await service.fleet.put_many(vehicles))


@router.get(
    "/{vehicle_id}",
    operation_id="get_vehicle",
    summary="What is known of this vehicle?",
    response_description="The vehicle as it is held.",
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_VEHICLE),
)
async def get_vehicle(vehicle_id: VehicleHeld, service: ServiceOf) -> VehicleAnswer:
    """Give a vehicle as it is held."""
    try:
        return VehicleAnswer.of(await service.fleet.get(vehicle_id))
    except UnknownVehicleError as exc:
        raise _unknown(exc) from exc


@router.put(
    "/{vehicle_id}",
    operation_id="put_vehicle",
    summary="Hold a vehicle",
    response_description="It is held in place of the one before.",
    responses={
        201: {"model": VehicleAnswer, "description": "It was not held before."},
        **documented(*OF_BODIES, Problem.OUTSIDE_AREA, Problem.FIX_REFUSED),
    },
)
async def put_vehicle(
    vehicle_id: SpareVehicle,
    body: Annotated[NamedVehicleState, Body(openapi_examples=VEHICLE_EXAMPLES)],
    service: ServiceOf,
    response: Response,
) -> VehicleAnswer:
    """Hold a vehicle in place of any with its id. What is left out takes its default.

    Its position takes the place of any held, of whatever time, but a time in the future or a
    place outside the area is refused. What `GET` gives can be put back as it is.
    """
    _check_id(body.vehicle_id, vehicle_id)
    _check_position(service, body.position, "position")
    vehicle = body.vehicle(vehicle_id)
    if await service.fleet.put(vehicle):
        response.status_code = 201
    return VehicleAnswer.of(vehicle)


@router.patch(
    "/{vehicle_id}",
    operation_id="change_vehicle",
    summary="Something has changed about a vehicle",
    response_description="The vehicle as it is held now.",
    responses=documented(
        *OF_BODIES, Problem.OUTSIDE_AREA, Problem.UNKNOWN_VEHICLE, Problem.FIX_REFUSED
    ),
)
async def change_vehicle(
    vehicle_id: SpareVehicle,
    body: Annotated[VehicleChange, Body(openapi_examples=CHANGE_EXAMPLES)],
    service: ServiceOf,
) -> VehicleAnswer:
    """Change the fields that are sent, all at once or not at all; the others stay.

    A position older than the one held, dated in the future, or outside the area is refused.
    """
    field = "position"
    _check_id(body.vehicle_id, vehicle_id)
    _check_position(service, body.position, field)
    try:
        changed = await service.fleet.change(vehicle_id, body.changes(), datetime.now(UTC))
    except UnknownVehicleError as exc:
        raise _unknown(exc) from exc
    except FixRefusedError as exc:
        assert body.position is not None
        raise _fix_refused(field, body.position, f"{exc}") from exc
    return VehicleAnswer.of(changed)


@router.delete(
    "/{vehicle_id}",
    operation_id="remove_vehicle",
    summary="Hold a vehicle no longer",
    response_description="It is held no longer.",
    status_code=204,
    responses=documented(Problem.INVALID_REQUEST, Problem.UNKNOWN_VEHICLE),
)
async def remove_vehicle(vehicle_id: SpareVehicle, service: ServiceOf) -> None:
    """Forget a vehicle: it appears in no later recommendation."""
    try:
        await service.fleet.remove(vehicle_id)
    except UnknownVehicleError as exc:
        raise _unknown(exc) from exc


def _check_id(sent: str | None, vehicle_id: str) -> None:
    if sent in (None, vehicle_id):
        return
    field = "vehicle_id"
    message = f"The address names another vehicle, {vehicle_id}: send that id, or none."
    fault = FieldFault(field, sent, message, [vehicle_id])
    raise ProblemError(Problem.INVALID_REQUEST, f"{field}: {message}", faults=[fault])


def _check_position(service: Service, position: PositionIn | None, field: str) -> None:
    if position is None:
        return
    service.area.require(position.location, f"{field}.location")
    if service.fleet.is_in_future(position.reported_at, datetime.now(UTC)):
        raise _fix_refused(field, position, "The position is dated in the future")


def _fix_refused(field: str, position: PositionIn, why: str) -> ProblemError:
    when = f"{field}.reported_at"
    fault = FieldFault(when, position.reported_at.isoformat(), f"{why}.")
    return ProblemError(Problem.FIX_REFUSED, f"{when}: {why}; nothing was changed.", faults=[fault])


def _unknown(exc: UnknownVehicleError) -> ProblemError:
    return ProblemError(Problem.UNKNOWN_VEHICLE, f"{exc}.")
