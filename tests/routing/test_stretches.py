"""Closures worked in one after the other, each on what the one before left."""

from itertools import pairwise

import hypothesis.strategies as st
import numpy as np
from hypothesis import assume, given, settings

from routing.metric import Metric
from routing.overlay import Overlay, turns_near
from routing.profiles import load_profiles
from routing.streets import StreetMap
from routing.stretches import Stretches
from tests.routing.random_closures import placed_closures, town_maps
from tests.routing.random_networks import (
    access_only,
    network_of,
    restricted,
    restricted_street_maps,
    street_maps,
)

NORMAL = load_profiles()["normal_road"]
MAPS = st.one_of(
    town_maps(),
    access_only(street_maps()),
    access_only(restricted(town_maps())),
    access_only(restricted_street_maps()),
)


def weights(stretches: Stretches) -> dict[str, list[int]]:
    """Every price of every metric of some stretches."""
    return {
        f"{name}, {array}": getattr(getattr(stretches, name), array).tolist()
        for name in ("through", "drivable", "passable")
        for array in ("segment_ms", "entry_ms")
    }


@settings(max_examples=150, deadline=None, derandomize=True)
@given(streets=MAPS, data=st.data())
def test_closures_that_come_and_go_leave_no_trace(streets: StreetMap, data: st.DataObject) -> None:
    network = network_of(streets)
    assume(any(NORMAL.speed_mps(street.tags) for street in streets.streets))
    metric = Metric.of(network, NORMAL)
    usual = Stretches.of(metric)
    open_weights = weights(usual)
    closures: list[Overlay] = [Overlay.of(())]
    for _ in range(4):
        held = closures[-1].closures
        kept = data.draw(st.lists(st.sampled_from(held), unique=True)) if held else []
        closures.append(Overlay.of([*kept, *data.draw(placed_closures(network, 2))]))
    closures.append(Overlay.of(()))
    stretches = usual
    for before, after in pairwise(closures):
        differing = after.differs_on(before)
        known, stretches = stretches, stretches.under(metric, after, differing)
        anew = usual.under(metric, after, after.segment)
        assert weights(stretches) == weights(anew)
        changed = np.flatnonzero(known.passable.entry_ms != stretches.passable.entry_ms)
        assert set(changed.tolist()) <= set(turns_near(network, differing).tolist())
    assert weights(stretches) == weights(usual) == open_weights
