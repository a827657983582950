"""From the finished fabric to surveyed streets in degrees."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import shapely

from geo_data.synthesis.fabric import Fabric
from geo_data.synthesis.finishing import Flags
from geo_data.synthesis.look import Look
from geo_data.synthesis.rules import SPEED_LIMITS
from geo_data.synthesis.skeleton import Skeleton
from routing.geometry import great_circle_m, polyline_length_m
from routing.streets import Street, StreetMap, SurveyedJunction

SIGNALS: Mapping[str, str] = {"highway": "traffic_signals"}
NOTHING: Mapping[str, str] = {}


def street_map(fabric: Fabric, skeleton: Skeleton, look: Look, signals: Flags) -> StreetMap:
    """Write a dressed fabric down as surveyed streets.

    Made-up junctions and streets are numbered from 1 and have no names, which would flood every
    list of streets driven; main ones keep their numbers and names.
    """
    lat_lon = skeleton.plane.to_lat_lon(fabric.xy_m)
    node = np.concatenate(
        [skeleton.nodes, 1 + np.arange(len(fabric.xy_m) - len(skeleton.nodes))]
    ).tolist()
    places = [(lat, lon) for lat, lon in lat_lon.tolist()]
    streets = [
        *_main_streets(fabric, skeleton, look, node, places),
        *_made_up_streets(fabric, look, node, places),
    ]
    used = np.unique(np.concatenate([fabric.start[look.kept], fabric.end[look.kept]]))
    junctions = {
        node[i]: SurveyedJunction(lat, lon, SIGNALS if signals[i] else NOTHING)
        for i, (lat, lon) in zip(used.tolist(), lat_lon[used].tolist(), strict=True)
    }
    return StreetMap(junctions, streets)


def _main_streets(
    fabric: Fabric,
    skeleton: Skeleton,
    look: Look,
    node: Sequence[int],
    places: Sequence[tuple[float, float]],
) -> Iterator[Street]:
    for i in np.flatnonzero((fabric.road >= 0) & look.kept).tolist():
        road = int(fabric.road[i])
        whole = skeleton.streets.streets[road]
        start, end = int(fabric.start[i]), int(fabric.end[i])
        bends = _bends(skeleton, road, float(fabric.from_m[i]), float(fabric.to_m[i]))
        shape = (places[start], *bends, places[end])
        yield Street(
            from_node=node[start],
            to_node=node[end],
            forward=whole.forward,
            backward=whole.backward,
            shape=shape,
            length_m=polyline_length_m(shape),
            tags=whole.tags,
            name=whole.name,
            ref=whole.ref,
            way_id=whole.way_id,
        )


def _bends(skeleton: Skeleton, road: int, from_m: float, to_m: float) -> list[tuple[float, float]]:
    """Points of a main road strictly between two positions along it."""
    points = shapely.get_coordinates(skeleton.roads[road])
    at_m = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    between = points[(at_m > from_m + 1.0) & (at_m < to_m - 1.0)]
    return [(lat, lon) for lat, lon in skeleton.plane.to_lat_lon(between).tolist()]


def _made_up_streets(
    fabric: Fabric, look: Look, node: Sequence[int], places: Sequence[tuple[float, float]]
) -> Iterator[Street]:
    stretches = np.flatnonzero((fabric.road < 0) & look.kept)
    start, end = fabric.start[stretches].tolist(), fabric.end[stretches].tolist()
    ends = np.asarray([(*places[i], *places[j]) for i, j in zip(start, end, strict=True)])
    length_m = great_circle_m(*ends.reshape(-1, 4).T).tolist()
    numbers = fabric.street[stretches].tolist()
    tags = {name: {"highway": name, "maxspeed": limit} for name, limit in SPEED_LIMITS.items()}
    for k, stretch in enumerate(stretches.tolist()):
        yield Street(
            from_node=node[start[k]],
            to_node=node[end[k]],
            forward=bool(look.forward[stretch]),
            backward=bool(look.backward[stretch]),
            shape=(places[start[k]], places[end[k]]),
            length_m=length_m[k],
            tags=tags[str(look.road_class[numbers[k]])],
            way_id=numbers[k] + 1,
        )
