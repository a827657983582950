"""What can be reached in time: from one place, and by a fleet, beside NetworkX with Shapely."""

import numpy as np

from benchmarks.london import random_places
from benchmarks.networkx_peer import NetworkxPeer
from benchmarks.search import PROFILE, STANDING_DELAY_MS
from benchmarks.timing import Measured, measure
from routing.engine import Starts
from routing.isochrones import OFF_ROAD_M, Isochrone, isochrones
from routing.network import RoadNetwork
from routing.roads import Roads
from routing.router import Router
from routing.snapping import Snap

LIMIT_MS = 900_000
FLEET_LIMITS_MS = 420_000, 900_000, 1_080_000
FLEET = 500
QUESTIONS = 200
FLEET_QUESTIONS = 20
PEER_QUESTIONS = 2


def measure_areas(network: RoadNetwork) -> list[Measured]:
    """All lines about areas."""
    router = Router(network)
    roads, peer = router.roads(PROFILE), NetworkxPeer(router.roads(PROFILE).metric)
    places = _places(router, network, QUESTIONS)
    _area(roads, places[0])  # compiles
    task = "area reached in 15 minutes from one place"
    fleet = Starts.at(_places(router, network, FLEET), [STANDING_DELAY_MS] * FLEET)
    return [
        Measured(task, "search and polygons", measure(lambda one: _area(roads, one), places)),
        Measured(
            task,
            "the search alone",
            measure(lambda one: roads.reach(Starts.at([one]), LIMIT_MS), places),
        ),
        Measured(
            task,
            "NetworkX ego graph, its streets buffered and united by Shapely",
            measure(lambda one: _peer_area(peer, network, one), places[:PEER_QUESTIONS]),
        ),
        Measured(
            f"areas {FLEET} vehicles reach in 7, 15 and 18 minutes",
            "search and polygons",
            measure(lambda _: _areas(roads, fleet), range(FLEET_QUESTIONS)),
        ),
    ]


def _places(router: Router, network: RoadNetwork, count: int) -> list[Snap]:
    lat, lon = zip(*random_places(network, count + count // 4 + 8, seed=5), strict=True)
    found = router.snap_many(
        lat, lon, profile=PROFILE, heading_deg=[np.nan] * len(lat), radius_m=300.0
    )
    return [snap for snap in found if snap is not None][:count]


def _area(roads: Roads, start: Snap) -> list[Isochrone]:
    return isochrones(roads.reach(Starts.at([start]), LIMIT_MS), [LIMIT_MS])


def _areas(roads: Roads, fleet: Starts) -> list[Isochrone]:
    return isochrones(roads.reach(fleet, max(FLEET_LIMITS_MS)), FLEET_LIMITS_MS)


def _peer_area(peer: NetworkxPeer, network: RoadNetwork, start: Snap) -> object:
    junction = int(network.segment_to[start.segments[0]])
    return peer.area(junction, LIMIT_MS / 1000, OFF_ROAD_M)
