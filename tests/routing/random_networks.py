"""Small networks and questions of every awkward kind, for property tests."""

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st

from routing.build import build_network
from routing.engine import Ends, Starts
from routing.metric import BLOCKED, Metric
from routing.network import RoadNetwork
from routing.snapping import Snap
from routing.streets import Street, StreetMap, SurveyedJunction, TurnRestriction
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
    {"highway": "primary", "junction": "roundabout"},
    {"highway": "residential", "contraflow": "yes"},
    {"highway": "residential", "passes": "cushion=2 zebra=1"},
    {"highway": "tertiary", "traffic_calming": "table", "maxwidth": "2"},
)
JUNCTION_TAGS: tuple[dict[str, str], ...] = (
    {},
    {},
    {},
    {"barrier": "bollard"},
    {"barrier": "gate"},
    {"barrier": "lift_gate"},
    {"highway": "traffic_signals"},
    {"highway": "traffic_signals"},
    {"highway": "crossing", "crossing": "pelican"},
    {"highway": "crossing", "crossing": "zebra"},
    {"highway": "mini_roundabout", "traffic_calming": "table"},
    {"barrier": "gate", "locked": "yes", "emergency": "yes"},
    {"barrier": "gate", "motorcar": "yes", "locked:conditional": "yes @ (Mo-Fr 06:30-08:30)"},
)
RESTRICTION_TAGS = (
    {"restriction": "no_left_turn"},
    {"restriction": "no_left_turn"},
    {"restriction": "no_u_turn"},
    {"restriction": "no_entry"},
    {"restriction": "only_straight_on"},
    {"restriction": "no_exit", "except": "psv;emergency"},
    {"restriction": "no_straight_on", "restriction:conditional": "none @ (Mo-Fr 07:00-19:00)"},
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


def restricted_street_maps(max_junctions: int = 6) -> st.SearchStrategy[StreetMap]:
    """Such streets with turn restrictions."""
    return restricted(street_maps(max_junctions))


ACCESS_ONLY_TAGS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"motor_vehicle": "destination"},
    {"access": "customers"},
)
HOURLY_TAGS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"motor_vehicle:conditional": "no @ (Mo-Fr 08:15-09:15)"},
    {"vehicle:conditional": "permit @ (07:00-19:00)"},
    {"access": "no", "access:conditional": "yes @ (Mo-Su 07:00-19:00)"},
    {"access": "no", "motor_vehicle:conditional": "delivery @ (Mo-Fr 06:00-10:00)"},
    {"motorcar:conditional": "destination @ (12:00-24:00)"},
    {"motor_vehicle": "destination", "motor_vehicle:conditional": "no @ residents"},
)


def access_only(maps: st.SearchStrategy[StreetMap]) -> st.SearchStrategy[StreetMap]:
    """Such streets of which some are only for those who begin or end their drive there."""
    return retagged(maps, ACCESS_ONLY_TAGS)


def open_by_the_hour(maps: st.SearchStrategy[StreetMap]) -> st.SearchStrategy[StreetMap]:
    """Such streets of which some are closed, or access-only, at some hours of the week."""
    return retagged(maps, HOURLY_TAGS)


@st.composite
def retagged(
    draw: st.DrawFn, maps: st.SearchStrategy[StreetMap], more: tuple[dict[str, str], ...]
) -> StreetMap:
    """Such streets with more tags."""
    streets, tags = draw(maps), st.sampled_from(more)
    tagged = [replace(one, tags={**one.tags, **draw(tags)}) for one in streets.streets]
    return replace(streets, streets=tagged)


@st.composite
def restricted(draw: st.DrawFn, maps: st.SearchStrategy[StreetMap]) -> StreetMap:
    """Streets with turn restrictions of every kind: two to four streets long, overlapping."""
    streets = draw(maps)
    leaving: dict[int, list[tuple[int, bool]]] = {}
    for number, one in enumerate(streets.streets):
        if one.forward:
            leaving.setdefault(one.from_node, []).append((number, True))
        if one.backward:
            leaving.setdefault(one.to_node, []).append((number, False))
    driven = [step for steps in leaving.values() for step in steps]

    def path() -> list[tuple[int, bool]]:
        steps = [draw(st.sampled_from(driven))]
        for _ in range(draw(st.integers(1, 3))):
            street, forward = streets.streets[steps[-1][0]], steps[-1][1]
            onward = leaving.get(street.to_node if forward else street.from_node, [])
            if onward:
                steps.append(draw(st.sampled_from(onward)))
        return steps

    paths = [path() for _ in range(draw(st.integers(1, 6)))]
    restrictions = [
        TurnRestriction(one, mandatory=tags["restriction"].startswith("only"), tags=tags)
        for one in paths
        if len(one) > 1
        for tags in [draw(st.sampled_from(RESTRICTION_TAGS))]
    ]
    return replace(streets, restrictions=restrictions)


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
    network = metric.network
    open_segments = np.flatnonzero(metric.segment_ms[: network.base_count] != BLOCKED).tolist()
    twins = network.segment_twin.tolist()

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
    ends = Ends.at(target, network, [draw(st.sampled_from(DELAYS_MS)) for _ in target.segments])
    return Question(ends, starts, draw(st.integers(0, size + 2)))
