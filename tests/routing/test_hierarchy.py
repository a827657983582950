"""The hierarchy of a network: what it promises about its order, its arcs and their weights."""

from collections.abc import Iterator

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings

from routing import contraction
from routing.contraction import contract
from routing.customisation import Turns, arc_weights, changed_arc_weights
from routing.dissection import dissection_order
from routing.engine import UNREACHED
from routing.hierarchy import NO_ARC, NO_PARENT, Hierarchy
from routing.metric import BLOCKED
from routing.network import IntArray, RoadNetwork
from routing.streets import StreetMap
from tests.drawing import draw
from tests.routing.random_networks import network_of, street_maps

TURN_MS = (BLOCKED, BLOCKED, 50, 60, 100, 5_000, 90_000_000)


def arcs(hierarchy: Hierarchy) -> Iterator[tuple[int, int, int]]:
    """Every arc: its number, the rank it comes from and the rank it leads into."""
    for rank in range(len(hierarchy.rank)):
        for arc in range(hierarchy.climb_first[rank], hierarchy.climb_first[rank + 1]):
            yield arc, rank, int(hierarchy.higher[arc])
        for arc in range(hierarchy.descent_first[rank], hierarchy.descent_first[rank + 1]):
            yield arc, int(hierarchy.higher[arc]), rank


def priced(network: RoadNetwork, entry_ms: IntArray) -> Turns:
    return Turns(network.turn_first, network.turn_from, entry_ms)


@st.composite
def entries(draw: st.DrawFn, network: RoadNetwork) -> IntArray:
    """A price for every turn; many are closed."""
    size = network.turn_count
    drawn = draw(st.lists(st.sampled_from(TURN_MS), min_size=size, max_size=size))
    return np.asarray(drawn, dtype=np.int32)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps())
def test_the_order_holds_every_segment_once_and_is_the_same_every_time(streets: StreetMap) -> None:
    network = network_of(streets)
    order = dissection_order(network)
    assert sorted(order.tolist()) == list(range(network.segment_count))
    assert np.array_equal(dissection_order(network), order)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps())
def test_every_turn_has_its_arc_and_every_triangle_its_third_side(streets: StreetMap) -> None:
    network = network_of(streets)
    hierarchy = contract(network)
    assert np.array_equal(hierarchy.segment[hierarchy.rank], np.arange(network.segment_count))
    ends = {arc: (come_from, lead_into) for arc, come_from, lead_into in arcs(hierarchy)}
    assert len(set(ends.values())) == len(ends) == len(hierarchy.higher)
    for turn, (start, into) in enumerate(
        zip(hierarchy.rank[network.turn_from], hierarchy.rank[network.turn_into], strict=True)
    ):
        arc = int(hierarchy.turn_arc[turn])
        assert ends[arc] == (start, into) if start != into else arc == NO_ARC
    known = set(ends.values())
    for over in range(network.segment_count):
        before = [a for a, b in known if b == over and a > over]
        after = [b for a, b in known if a == over and b > over]
        assert all((a, b) in known for a in before for b in after if a != b)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps())
def test_arcs_lead_to_ancestors_and_are_found_from_either_end(streets: StreetMap) -> None:
    hierarchy = contract(network_of(streets))
    below = {
        (int(hierarchy.arc_below[place]), int(hierarchy.lower[place]), rank)
        for first in (hierarchy.climbs_to_first, hierarchy.descents_from_first)
        for rank in range(len(hierarchy.rank))
        for place in range(first[rank], first[rank + 1])
    }
    ends = {(arc, min(ranks), max(ranks)) for arc, *ranks in arcs(hierarchy)}
    assert below == ends
    for _, lower, higher in ends:
        rank = lower
        while rank not in (higher, NO_PARENT):
            rank = int(hierarchy.parent[rank])
        assert rank == higher


def test_a_hierarchy_that_outgrows_its_room_is_made_in_larger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    network = grid(6)
    usual = contract(network)
    monkeypatch.setattr(contraction, "_ARCS_PER_TURN", 0)
    assert all(np.array_equal(a, b) for a, b in zip(contract(network), usual, strict=True))


def grid(side: int) -> RoadNetwork:
    places = {f"{x}.{y}": (100.0 * x, 100.0 * y) for x in range(side) for y in range(side)}
    rows = ["-".join(f"{x}.{y}" for x in range(side)) for y in range(side)]
    columns = ["-".join(f"{x}.{y}" for y in range(side)) for x in range(side)]
    return draw(places, *rows, *columns).network


def test_a_town_is_cut_in_its_middle() -> None:
    """The last segments are those of a straight cut through a town of square blocks."""
    side = 16
    town = grid(side)
    cut = dissection_order(town)[-2 * side :]
    ends = np.stack([town.segment_from[cut], town.segment_to[cut]])
    step = 100.0 / 111_195
    column = np.rint((town.junction_lon - town.junction_lon.min()) / step / 1.6)
    row = np.rint((town.junction_lat - town.junction_lat.min()) / step)
    crossed = [len(np.unique(np.sort(line[ends], axis=0), axis=1).T) for line in (column, row)]
    assert min(crossed) <= 2


@settings(max_examples=60, deadline=None, derandomize=True)
@given(streets=street_maps(max_junctions=6), data=st.data())
def test_an_arc_weighs_the_fastest_way_over_lower_ranks(
    streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    hierarchy = contract(network)
    entry_ms = data.draw(entries(network))
    weight = arc_weights(hierarchy, priced(network, entry_ms))
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(network.segment_count))
    ranks = hierarchy.rank[network.turn_from], hierarchy.rank[network.turn_into]
    for a, b, ms in zip(ranks[0].tolist(), ranks[1].tolist(), entry_ms.tolist(), strict=True):
        if ms != BLOCKED and a != b:
            graph.add_edge(a, b, weight=ms)
    for arc, start, into in arcs(hierarchy):
        lower = graph.subgraph([*range(min(start, into)), start, into])
        try:
            expected = nx.dijkstra_path_length(lower, start, into)
        except nx.NetworkXNoPath:
            expected = UNREACHED
        assert weight[arc] == min(expected, UNREACHED)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(streets=street_maps(), data=st.data())
def test_a_change_weighs_as_if_all_were_weighed_anew(
    streets: StreetMap, data: st.DataObject
) -> None:
    network = network_of(streets)
    assume(network.turn_count > 0)
    hierarchy = contract(network)
    first_ms = data.draw(entries(network))
    first = now = arc_weights(hierarchy, priced(network, first_ms))
    entry_ms = first_ms
    kept = first.copy()
    turns = st.lists(st.integers(0, network.turn_count - 1), max_size=6, unique=True)
    for _ in range(4):
        changed = np.asarray(data.draw(turns), dtype=np.int32)
        entry_ms = entry_ms.copy()
        entry_ms[changed] = [data.draw(st.sampled_from(TURN_MS)) for _ in changed]
        weight = changed_arc_weights(hierarchy, now, priced(network, entry_ms), changed)
        now = arc_weights(hierarchy, priced(network, entry_ms))
        assert weight is not None
        assert np.array_equal(weight, now)
    back = np.flatnonzero(entry_ms != first_ms).astype(np.int32)
    weight = changed_arc_weights(hierarchy, now, priced(network, first_ms), back)
    assert weight is not None
    assert np.array_equal(weight, first)
    assert np.array_equal(first, kept)
