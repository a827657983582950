"""The other way of one-way streets, for crews that may drive against the traffic."""

from dataclasses import replace

import numpy as np
import shapely

from geo_data.one_way import ONE_WAY_JUNCTIONS
from routing.geometry import EARTH_RADIUS_M
from routing.streets import CONTRAFLOW, Street, StreetMap

NEVER = frozenset({"motorway", "motorway_link", "trunk", "trunk_link"})
"""Values of `highway` that nobody drives against the traffic. A profile may allow fewer classes."""

CARRIAGEWAYS_APART_M = 40.0
"""One-way streets of one name that run in opposite directions no further apart are the carriageways
of one road (assumption: the widest central reservations of London's streets)."""

_OPPOSITE = -0.7
"""Cosine of the angle between directions from which they count as opposite: about 135 degrees."""


def with_contraflow(streets: StreetMap) -> StreetMap:
    """Add the other way of every one-way street on which a crew might drive it.

    It carries the tags of the street and `CONTRAFLOW`. Motorways, trunk roads, roundabouts and the
    carriageways of dual carriageways get none, nor does a street whose other way is there already,
    as a lane for buses.
    """
    lines = {(one.from_node, one.to_node, tuple(one.shape)) for one in streets.streets}
    candidates = [
        one for one in streets.streets if _is_one_way(one) and _backwards(one) not in lines
    ]
    added = [
        replace(
            one,
            from_node=one.to_node,
            to_node=one.from_node,
            shape=one.shape[::-1],
            tags={**one.tags, CONTRAFLOW: "yes"},
        )
        for one, dual in zip(candidates, _dual_carriageways(candidates), strict=True)
        if not dual
    ]
    return replace(streets, streets=[*streets.streets, *added])


def _is_one_way(street: Street) -> bool:
    """Whether it is driven one way only, as it is drawn, and is no road where that must be so."""
    one_way = street.forward and not street.backward
    ring = street.tags.get("junction") in ONE_WAY_JUNCTIONS
    return one_way and not ring and street.tags["highway"] not in NEVER


def _backwards(street: Street) -> tuple[int, int, tuple[tuple[float, float], ...]]:
    return street.to_node, street.from_node, tuple(street.shape[::-1])


def _dual_carriageways(streets: list[Street]) -> list[bool]:
    """Which streets have one of the same name beside them that runs in the opposite direction."""
    if not streets:
        return []
    squeeze = np.cos(np.deg2rad(streets[0].shape[0][0]))
    metres = np.deg2rad(1) * EARTH_RADIUS_M
    lines = [
        shapely.LineString([(lon * squeeze * metres, lat * metres) for lat, lon in one.shape])
        for one in streets
    ]
    ends = np.asarray([[line.coords[0], line.coords[-1]] for line in lines])
    along = ends[:, 1] - ends[:, 0]
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    one, other = shapely.STRtree(lines).query(middles, "dwithin", CARRIAGEWAYS_APART_M)
    names = np.asarray([street.name for street in streets])
    beside = (names[one] == names[other]) & (names[one] != "")
    opposite = (along[one] * along[other]).sum(axis=1) < _OPPOSITE
    dual = np.zeros(len(streets), dtype=bool)
    dual[one[beside & opposite]] = True
    return dual.tolist()
