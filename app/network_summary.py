"""What an operator wants to know of a road network before trusting it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from app.network_facts import NetworkFacts
from routing.network import RoadNetwork

WELL_CONNECTED_SHARE = 0.95
"""Below this the summary names the usual cause."""


@dataclass(frozen=True, slots=True)
class NetworkSummary:
    """A road network in a few lines.

    Attributes
    ----------
    connected_share
        Share of segments, 0 to 1, that all reach one another by the turns on the map, U-turns
        included, whoever drives.
    """

    facts: NetworkFacts
    connected_share: float

    @classmethod
    def of(cls, network: RoadNetwork) -> Self:
        """Summarise a network."""
        return cls(NetworkFacts.of(network), round(connected_share(network), 4))

    def as_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return {**asdict(self.facts), "connected_share": self.connected_share}

    def lines(self, now: datetime) -> Iterable[str]:
        """Yield the summary as text, one aligned line for each fact."""
        network, extent = self.facts, self.facts.extent
        told = {
            "Name": network.name,
            "Version": network.version,
            "Junctions": f"{network.junctions:,}",
            "Segments": f"{network.segments:,}, joined by {network.turns:,} turns",
            "Streets": f"{network.street_kilometres:,.1f} km",
            "Connected": f"{self.connected_share:.1%} of segments: the largest connected part; "
            "for the rest, times may be flagged estimates",
            **self._doubts(),
            "Extent": f"{extent.south:.4f} to {extent.north:.4f} N, "
            f"{extent.west:.4f} to {extent.east:.4f} E",
            "Source": network.source,
            "Data as of": age(network.source_timestamp, now),
            "Built by": network.builder,
            "Licence": network.licence,
            "Attribution": network.attribution,
        }
        if network.approximate:
            told["Accuracy"] = "approximate: not surveyed streets"
        for label, fact in told.items():
            yield f"{label:<13}{fact}"
        for reason, count in network.dropped.items():
            yield f"{'Left out':<13}{count:,} {reason}"

    def _doubts(self) -> Mapping[str, str]:
        if self.connected_share >= WELL_CONNECTED_SHARE:
            return {}
        return {"Note": "poorly connected: usually the extract cuts streets at its edge"}


def connected_share(network: RoadNetwork) -> float:
    """Share of segments in the largest set of which each reaches every other by any turns."""
    count, base = network.base_count, network.segment_base
    turns = base[network.turn_into], base[network.turn_from]
    graph = csr_array((np.ones(network.turn_count, dtype=np.int8), turns), shape=(count, count))
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
