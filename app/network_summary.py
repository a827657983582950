"""What an operator wants to know of a road network before trusting it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from routing.geometry import Extent
from routing.network import RoadNetwork

WELL_CONNECTED_SHARE = 0.95
"""Below this the summary names the usual cause."""


@dataclass(frozen=True, slots=True)
class NetworkSummary:
    """A road network in a few lines.

    Attributes
    ----------
    street_kilometres
        Each two-way stretch counted once.
    connected_share
        Share of segments, 0 to 1, that all reach one another by the turns on the map, U-turns
        included, whoever drives.
    """

    name: str
    version: str
    junctions: int
    segments: int
    turns: int
    street_kilometres: float
    connected_share: float
    extent: Extent
    source: str
    source_timestamp: str
    approximate: bool
    builder: str
    licence: str
    attribution: str
    dropped: Mapping[str, int]

    @classmethod
    def of(cls, network: RoadNetwork) -> Self:
        """Summarise a network."""
        provenance = network.provenance
        return cls(
            name=network.name,
            version=network.version,
            junctions=network.junction_count,
            segments=network.segment_count,
            turns=network.turn_count,
            street_kilometres=round(network.street_kilometres, 3),
            connected_share=round(connected_share(network), 4),
            extent=network.extent,
            source=provenance.source,
            source_timestamp=provenance.source_timestamp,
            approximate=provenance.approximate,
            builder=provenance.builder,
            licence=provenance.licence,
            attribution=provenance.attribution,
            dropped=dict(sorted(provenance.dropped.items())),
        )

    def as_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return asdict(self)

    def lines(self, now: datetime) -> Iterable[str]:
        """Yield the summary as text, one aligned line for each fact."""
        extent = self.extent
        facts = {
            "Name": self.name,
            "Version": self.version,
            "Junctions": f"{self.junctions:,}",
            "Segments": f"{self.segments:,}, joined by {self.turns:,} turns",
            "Streets": f"{self.street_kilometres:,.1f} km",
            "Connected": f"{self.connected_share:.1%} of segments: the largest connected part; "
            "for the rest, times may be flagged estimates",
            **self._doubts(),
            "Extent": f"{extent.south:.4f} to {extent.north:.4f} N, "
            f"{extent.west:.4f} to {extent.east:.4f} E",
            "Source": self.source,
            "Data as of": age(self.source_timestamp, now),
            "Built by": self.builder,
            "Licence": self.licence,
            "Attribution": self.attribution,
        }
        if self.approximate:
            facts["Accuracy"] = "approximate: not surveyed streets"
        for label, fact in facts.items():
            yield f"{label:<13}{fact}"
        for reason, count in self.dropped.items():
            yield f"{'Left out':<13}{count:,} {reason}"

    def _doubts(self) -> Mapping[str, str]:
        if self.connected_share >= WELL_CONNECTED_SHARE:
            return {}
        return {"Note": "poorly connected: usually the extract cuts streets at its edge"}


def connected_share(network: RoadNetwork) -> float:
    """Share of segments in the largest set of which each reaches every other by any turns."""
    count = network.segment_count
    graph = csr_array(
        (np.ones(network.turn_count, dtype=np.int8), network.turn_from, network.turn_first),
        shape=(count, count),
    )
    _, component = connected_components(graph, directed=True, connection="strong")
    return float(np.bincount(component).max() / count)


def age(timestamp: str, now: datetime) -> str:
    """Return a timestamp with how many days ago it was."""
    if not timestamp:
        return "not told by the source"
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return timestamp
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{timestamp} ({(now - moment).days:,} days ago)"
