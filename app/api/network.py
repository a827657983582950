"""The road network in service."""

from fastapi import APIRouter

from app.api.answers import NetworkAnswer
from app.api.problems import documented
from app.api.service import ServiceOf

router = APIRouter(prefix="/v1/network", tags=["Roads"])


@router.get(
    "",
    operation_id="get_network",
    summary="Which roads are answers based on?",
    response_description="The network in service.",
    responses=documented(),
)
async def get_network(service: ServiceOf) -> NetworkAnswer:
    """Name, version, extent, size, source and licence of the network."""
    return NetworkAnswer.of(service.router.network)
