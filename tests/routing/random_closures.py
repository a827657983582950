"""Closures of every awkward kind on small networks, for property tests."""

import numpy as np
from hypothesis import strategies as st

from routing.closure_places import PlacedClosure
from routing.closures import Closure, Shut, Slowed, TheseSegments
from routing.network import RoadNetwork
from routing.streets import Street, StreetMap, SurveyedJunction
from tests.drawing import ORIGIN_LAT, ORIGIN_LON

EFFECTS: tuple[Shut | Slowed, ...] = (
    Shut(),
    Shut(),
    Slowed(time_factor=1.5),
    Slowed(time_factor=100.0),
    Slowed(speed_mps=0.5),
    Slowed(time_factor=2.0, speed_mps=5.0),
)


@st.composite
def placed_closures(
    draw: st.DrawFn, network: RoadNetwork, max_closures: int = 4
) -> list[PlacedClosure]:
    """Closures that overlap, lie beside one another, or are about streets nobody may drive."""
    segments = st.lists(st.integers(0, network.base_count - 1), min_size=1, max_size=8, unique=True)
    return [
        PlacedClosure(
            closure=Closure(f"closure-{i}", draw(st.sampled_from(EFFECTS)), TheseSegments(())),
            segments=np.asarray(sorted(draw(segments)), dtype=np.int32),
            streets=(),
        )
        for i in range(draw(st.integers(0, max_closures)))
    ]


@st.composite
def town_maps(draw: st.DrawFn) -> StreetMap:
    """A ring of streets with ways across: most places reach one another, in more ways than one."""
    size = draw(st.integers(3, 8))
    junctions = {
        node: SurveyedJunction(ORIGIN_LAT + 1e-4 * (node % 3), ORIGIN_LON + 1e-4 * node)
        for node in range(size)
    }
    ring = [(node, (node + 1) % size) for node in range(size)]
    node = st.integers(0, size - 1)
    across = draw(st.lists(st.tuples(node, node), max_size=size))
    return StreetMap(
        junctions=junctions,
        streets=[
            Street(
                from_node=start,
                to_node=end,
                forward=True,
                backward=draw(st.integers(0, 2)) > 0,
                shape=[(junctions[one].lat, junctions[one].lon) for one in (start, end)],
                length_m=draw(st.sampled_from((3.0, 40.0, 180.5, 900.0))),
                tags={"highway": draw(st.sampled_from(("residential", "primary")))},
            )
            for start, end in (*ring, *across)
        ],
    )
