"""What callers get back about roads: where a place is, ways, and areas in reach."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Literal, Self

import shapely
from pydantic import Field

from app.api.answers import LonLat, Metres, NetworkName, RouteFeature, Seconds
from app.api.road_requests import ProfileName
from app.dispatch.model import Place
from app.dispatch.recommendation import ClosureEffect
from routing.isochrones import Isochrone
from routing.steps import Step


@dataclass(frozen=True, slots=True)
class SegmentAnswer:
    """A directed stretch of road a position may be on."""

    segment: Annotated[int, Field(description="Its number in this version of the network.")]
    fraction: Annotated[float, Field(description="How far along: 0 at its start, 1 at its end.")]
    street: str


@dataclass(frozen=True, slots=True)
class SnapAnswer:
    """Where a position lies on the road network."""

    location: Place
    distance_m: Annotated[float, Field(description="Metres from the position to the road.")]
    segments: list[SegmentAnswer]
    heading_ignored: Annotated[bool, Field(description="No street in reach runs that way.")]
    network: NetworkName


@dataclass(frozen=True, slots=True)
class StepAnswer:
    """One stretch of a way, and what to do where it begins."""

    instruction: str
    street: Annotated[str, Field(description="Name or road number; empty when it has none.")]
    distance_m: Metres
    duration_s: Seconds
    first_point: Annotated[
        int, Field(description="Where it begins: its place in the coordinates of the line.")
    ]

    @classmethod
    def of(cls, step: Step) -> Self:
        """From the routing core's step."""
        return cls(
            step.instruction,
            step.street,
            round(step.distance_m, 1),
            step.duration_ms / 1000,
            step.first_point,
        )


class NotAllowed(StrEnum):
    """Why a way may not be driven."""

    STREET = "street"
    TURN = "turn"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A stretch of a way that may not be driven."""

    street: str
    reason: Annotated[
        NotAllowed, Field(description="The street is closed to it, or the turn into it.")
    ]
    first_point: Annotated[
        int, Field(description="Where it begins: its place in the coordinates of the line.")
    ]


@dataclass(frozen=True, slots=True)
class PriceAnswer:
    """What the same way costs another driver, or at another hour."""

    profile: ProfileName
    at: Annotated[
        datetime | None,
        Field(description="Of the entry, else of the request; null: on average over the week."),
    ]
    duration_s: Annotated[
        float | None, Field(description="Seconds on the road; null when it may not be driven.")
    ]
    obstacles: list[Obstacle]


class RouteWarningCode(StrEnum):
    """What to know before driving a way."""

    APPROXIMATE_NETWORK = "approximate_network"
    AGAINST_TRAFFIC = "against_traffic"


@dataclass(frozen=True, slots=True)
class RouteWarning:
    """Something to know before driving a way."""

    code: RouteWarningCode
    detail: str


@dataclass(frozen=True, slots=True)
class WayAnswer:
    """A way from one place to another."""

    distance_m: Metres
    duration_s: Seconds
    streets: Annotated[tuple[str, ...], Field(description="Names in driving order.")]
    route: RouteFeature
    warnings: Annotated[
        list[RouteWarning], Field(description="What to know before driving so; mostly empty.")
    ]
    steps: Annotated[list[StepAnswer] | None, Field(description="When asked for.")]
    also_priced_as: list[PriceAnswer]


@dataclass(frozen=True, slots=True)
class RouteAnswer(WayAnswer):
    """The fastest way from one place to another."""

    from_road_m: Annotated[float, Field(description="Metres from the first place to its road.")]
    to_road_m: Annotated[float, Field(description="Metres from the road to the second place.")]
    alternatives: Annotated[list[WayAnswer], Field(description="Other sensible ways, best first.")]
    closures: Annotated[
        ClosureEffect | None,
        Field(
            description="What closures do to the fastest way: those on the way there would be "
            "without any and on this one, and by how many seconds they make it later. Null: "
            "nothing."
        ),
    ]
    begins_in_closure: Annotated[
        bool, Field(description="It sets out on a street that is shut, and leaves it.")
    ]
    ends_in_closure: Annotated[
        bool, Field(description="The last stretch leads over streets that are shut.")
    ]


@dataclass(frozen=True, slots=True)
class MatrixAnswer:
    """Drives from each place in `from`, a row each, to each place in `to`."""

    closures: Annotated[list[str], Field(description="Ids of the closures in force.")]
    network: NetworkName
    durations_s: Annotated[
        list[list[float | None]], Field(description="Seconds on the road; null where no way leads.")
    ]
    distances_m: Annotated[
        list[list[float | None]] | None,
        Field(description="Metres on the road, where asked for; null where no way leads."),
    ]


@dataclass(frozen=True, slots=True)
class MultiPolygon:
    """GeoJSON geometry (RFC 7946): polygons, each an outer ring and its holes."""

    coordinates: list[list[list[LonLat]]]
    type: Literal["MultiPolygon"] = "MultiPolygon"

    @classmethod
    def of(cls, area: shapely.MultiPolygon) -> Self:
        """From the routing core's area."""
        lon, lat = shapely.get_coordinates(area).T.tolist()
        corners = list(zip(lon, lat, strict=True))
        _, _, (rings, polygons, _) = shapely.to_ragged_array([area])
        drawn = [corners[first:end] for first, end in pairwise(rings.tolist())]
        return cls([drawn[first:end] for first, end in pairwise(polygons.tolist())])


@dataclass(frozen=True, slots=True)
class IsochroneProperties:
    """What belongs to an area besides its outline."""

    limit_s: Annotated[float, Field(description="Seconds within which it is reached.")]
    off_road_m: Annotated[
        float,
        Field(
            description="Metres from a road reached in time that count: as asked for, or more "
            "where the area is too large to be drawn so closely."
        ),
    ]


@dataclass(frozen=True, slots=True)
class IsochroneFeature:
    """An area as a GeoJSON Feature; without a polygon when nothing is reached in time."""

    geometry: MultiPolygon
    properties: IsochroneProperties
    type: Literal["Feature"] = "Feature"

    @classmethod
    def of(cls, drawn: Isochrone, limit_s: float) -> Self:
        """From the routing core's isochrone and the limit as it was asked for."""
        properties = IsochroneProperties(limit_s, drawn.off_road_m)
        return cls(MultiPolygon.of(drawn.area), properties)


@dataclass(frozen=True, slots=True)
class IsochroneAnswer:
    """What can be reached within each time, as a GeoJSON FeatureCollection."""

    vehicles: Annotated[
        int | None, Field(description="Vehicles that set out; null when asked from a place.")
    ]
    closures: Annotated[
        list[str],
        Field(description="Ids of the closures on streets that would be reached without any."),
    ]
    network: NetworkName
    features: list[IsochroneFeature]
    type: Literal["FeatureCollection"] = "FeatureCollection"
