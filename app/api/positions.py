"""Where the vehicles are."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Body

from app.api.answers import PositionsReceipt
from app.api.examples import POSITION_EXAMPLES
from app.api.fleet_requests import PositionBatch
from app.api.problems import OF_BODIES, documented
from app.api.service import ServiceOf

router = APIRouter(prefix="/v1/positions", tags=["Fleet"])


@router.post(
    "",
    operation_id="report_positions",
    summary="Vehicles report where they are",
    response_description="How many fixes were taken over, and which were not.",
    responses=documented(*OF_BODIES),
)
async def report_positions(
    body: Annotated[PositionBatch, Body(openapi_examples=POSITION_EXAMPLES)], service: ServiceOf
) -> PositionsReceipt:
    """Take over position fixes; when one is malformed, none.

    A fix older than the one held, dated in the future, far outside the network, or of a vehicle
    that is not held is ignored and listed with its reason: neither a late message nor a wrong
    clock nor a faulty receiver nor an unknown radio takes a good position away or holds up the
    others. Fixes may come in any order; of two of one vehicle with
    the same time the later one to arrive counts.
    """
    fixes = [(report.vehicle_id, report.fix()) for report in body.positions]
    outside = {row for row, (_, fix) in enumerate(fixes) if not service.area.covers(fix.place)}
    ignored = await service.fleet.report(fixes, datetime.now(UTC), outside=outside)
    return PositionsReceipt(applied=len(fixes) - len(ignored), ignored=ignored)
