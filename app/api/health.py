"""Whether the service lives and whether it can answer, for whatever watches over it."""

from fastapi import APIRouter

from app.api.answers import Alive, NetworkName, Ready
from app.api.problems import documented
from app.api.service import ServiceOf

router = APIRouter(prefix="/health", tags=["Operation"])


@router.head("/live", include_in_schema=False)
@router.get(
    "/live",
    operation_id="live",
    summary="Is the process alive?",
    response_description="It is.",
)
async def live() -> Alive:
    """Answer as long as the process does."""
    return Alive()


@router.head("/ready", include_in_schema=False)
@router.get(
    "/ready",
    operation_id="ready",
    summary="Can it answer calls?",
    response_description="It can, and this is what is in service.",
    responses=documented(),
)
async def ready(service: ServiceOf) -> Ready:
    """Answer 200 once the network is loaded and warm, and say what is in service."""
    return Ready(
        version=service.version,
        network=NetworkName.of(service.router.network),
        policy_version=service.policy.version,
        vehicles=len(service.fleet),
    )
