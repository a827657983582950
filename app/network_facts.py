"""What a road network is, for people and programs that rely on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Self

from pydantic import Field

from routing.geometry import Extent
from routing.network import RoadNetwork


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """A road network: its size, its extent, and where it comes from."""

    name: str
    version: Annotated[str, Field(description="Content hash: equal networks, equal versions.")]
    approximate: Annotated[bool, Field(description="Not surveyed: not for use on real calls.")]
    extent: Extent
    junctions: int
    segments: int
    turns: int
    street_kilometres: Annotated[float, Field(description="Each two-way stretch counted once.")]
    source: str
    source_timestamp: str
    licence: str
    attribution: str
    builder: str
    dropped: Annotated[Mapping[str, int], Field(description="Left out of the source, by reason.")]

    @classmethod
    def of(cls, network: RoadNetwork) -> Self:
        """From the network itself."""
        provenance = network.provenance
        return cls(
            name=network.name,
            version=network.version,
            approximate=provenance.approximate,
            extent=network.extent,
            junctions=network.junction_count,
            segments=network.base_count,
            turns=network.turn_count,
            street_kilometres=round(network.street_kilometres, 3),
            source=provenance.source,
            source_timestamp=provenance.source_timestamp,
            licence=provenance.licence,
            attribution=provenance.attribution,
            builder=provenance.builder,
            dropped=dict(sorted(provenance.dropped.items())),
        )
