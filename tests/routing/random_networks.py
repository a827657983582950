"""Small networks and questions of every awkward kind, for property tests."""

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from routing.build import build_network
from routing.engine import Ends, Starts
from routing.metric import BLOCKED, Metric
from routing.network import RoadNetwork
from routing.snapping import Snap
from routing.streets import Street, StreetMap, SurveyedJunction
from tests.drawing import DRAWN, ORIGIN_LAT, ORIGIN_LON

LENGTHS_M = (0.0, 0.001, 0.2, 3.0, 40.0, 40.0, 180.5, 181.25, 900.0, 60_000.0)
STREET_TAGS = (
    {"highway": "residential"},
    {"highway": "residential"},
    {"highway": "primary", "maxspeed": "20 mph"},
    {"highway": "motorway"},
    {"highway": "service", "motor_vehicle": "no"},
    {"highway": "pedestrian"},
    {"highway": "residential", "emergency": "no"},
    {"highway": "footway"},
    {"highway": "ferry"},
)
JUNCTION_TAGS: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"barrier": "bollard"},
    {"barrier": "gate"},
    {"barrier": "lift_gate"},
)
DELAYS_MS = (0, 0, 1, 49, 50, 20_000, 45_000, 600_000)
FRACTIONS = st.one_of(st.sampled_from((0.0, 0.25, 0.5, 1.0)), st.floats(0, 1))


@st.composite
def street_maps(draw: st.DrawFn, max_junctions: int = 9) -> StreetMap:
    """Streets among a few junctions: parallel, looped, one-way, dead ends, islands, barriers."""
    size = draw(st.integers(1, max_junctions))
    places = st.integers(0, 40)
    junctions = {
        7 * node: SurveyedJunction(
            ORIGIN_LAT + draw(places) * 1e-4,
            ORIGIN_LON + draw(places) * 1e-4,
            draw(st.sampled_from(JUNCTION_TAGS)),
        )
        for node in range(size)
    }
    node = st.sampled_from(sorted(junctions))
    streets = [
        Street(
            from_node=start,
            to_node=end,
            forward=directions != "backward",
            backward=directions != "forward",
            shape=[
                (junctions[start].lat, junctions[start].lon),
                (junctions[end].lat, junctions[end].lon),
            ],
            length_m=draw(st.sampled_from(LENGTHS_M)),
            tags=draw(st.sampled_from(STREET_TAGS)),
            way_id=draw(st.integers(0, 3)),
        )
        for start, end, directions in draw(
            st.lists(
                st.tuples(node, node, st.sampled_from(("both", "both", "forward", "backward"))),
                min_size=1,
                max_size=3 * size,
            )
        )
    ]
    return StreetMap(junctions=junctions, streets=streets)


def network_of(streets: StreetMap) -> RoadNetwork:
    """The network of some drawn streets."""
    return build_network(streets, name="random", provenance=DRAWN)


@dataclass(frozen=True)
class Question:
    """One k-nearest question."""

    ends: Ends
    starts: Starts
    limit: int


@st.composite
def questions(draw: st.DrawFn, metric: Metric, max_vehicles: int = 8) -> Question:
    """A target and a fleet anywhere on open streets, some headed, some on the target's segment."""
    open_segments = np.flatnonzero(metric.segment_ms != BLOCKED).tolist()
    twins = metric.network.segment_twin.tolist()

    def place(segment: int) -> Snap:
        fraction = draw(FRACTIONS)
        both_ways = twins[segment] in open_segments and draw(st.booleans())
        return Snap(
            segments=(segment, twins[segment]) if both_ways else (segment,),
            fractions=(fraction, 1.0 - fraction) if both_ways else (fraction,),
            lat=0.0,
            lon=0.0,
            distance_m=0.0,
        )

    anywhere = st.sampled_from(open_segments)
    target = place(draw(anywhere))
    near_target = st.sampled_from([*target.segments, *target.segments, *open_segments])
    size = draw(st.integers(0, max_vehicles))
    snaps = [place(draw(st.one_of(anywhere, near_target))) for _ in range(size)]
    numbered = Starts.at(snaps, [draw(st.sampled_from(DELAYS_MS)) for _ in snaps])
    number = np.asarray(draw(st.permutations(range(size))), dtype=np.int32)
    starts = Starts(
        vehicle=3 * number[numbered.vehicle] if size else numbered.vehicle,
        segment=numbered.segment,
        fraction=numbered.fraction,
        delay_ms=numbered.delay_ms,
    )
    ends = Ends(
        np.asarray(target.segments),
        np.asarray(target.fractions),
        np.asarray([draw(st.sampled_from(DELAYS_MS)) for _ in target.segments]),
    )
    return Question(ends, starts, draw(st.integers(0, size + 2)))
