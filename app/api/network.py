"""The road network in service."""

from fastapi import APIRouter

from app.api.problems import documented
from app.api.service import ServiceOf
from app.network_facts import NetworkFacts

router = APIRouter(prefix="/v1/network", tags=["Roads"])


@router.get(
    "",
    operation_id="get_network",
    summary="Which roads are answers based on?",
    response_description="The network in service.",
    responses=documented(),
)
async def get_network(service: ServiceOf) -> NetworkFacts:
    """Name, version, extent, size, source and licence of the network."""
    return NetworkFacts.of(service.router.network)
