"""Engines are asked all there is to ask."""

from pathlib import Path

import pytest

from benchmarks.peers import speed
from benchmarks.peers.engines import ENGINES, OURS, Ground
from benchmarks.peers.speed import ANEW, measure_engine
from geo_data.strategic import embedded_london
from routing.contraction import contracted
from routing.storage import save_network

ONLY_OURS = {speed.CONTRACT_TASK, speed.LOAD_TASK}


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """London's main roads, on which one question of a kind is enough."""
    monkeypatch.setattr(speed, "PATIENCE_S", 0.0)
    save_network(contracted(embedded_london()), tmp_path / "network")
    return Ground("main roads", tmp_path / "none.osm.pbf", tmp_path / "network", build_s=0.0)


def test_ourselves_and_networkx_are_asked_the_same(ground: Ground, tmp_path: Path) -> None:
    ours, theirs = (
        measure_engine(engine, ground, tmp_path) for engine in (OURS, "OSMnx and NetworkX")
    )
    asked = {one.task for one in ours.measured}
    assert asked >= ONLY_OURS | {"nearest 5 of 1,000", speed.ROUTE_TASK, speed.ISOCHRONE_TASK}
    assert {one.task for one in theirs.measured} == asked - ONLY_OURS
    assert {one.engine for one in ours.measured} == {OURS, ANEW}
    assert all(one.timing.questions == 1 for one in (*ours.measured, *theirs.measured))
    assert min(ours.disk_mb, ours.load_s) > 0


def test_both_find_the_same_first_vehicle(ground: Ground, tmp_path: Path) -> None:
    ours, theirs = (ENGINES[engine](ground, tmp_path) for engine in (OURS, "OSMnx and NetworkX"))
    call, fleet = (51.5079, -0.1281), [(51.5130, -0.1180), (51.4410, 0.0500), (51.6010, -0.2660)]
    assert ours.nearest(call, fleet, 1) == theirs.nearest(call, fleet, 1) == [0]
