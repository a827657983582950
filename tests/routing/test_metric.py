"""Weights in whole milliseconds, and the part of the network that can be used."""

import numpy as np
import pytest

from routing.errors import NetworkError
from routing.metric import BLOCKED, MIN_SEGMENT_MS, Metric
from routing.profiles import load_profiles
from tests.drawing import draw, street

NORMAL = load_profiles()["normal_road"]
RESIDENTIAL_MPS = NORMAL.speed_mps({"highway": "residential"}) or 0.0


def test_a_segment_costs_its_length_by_its_speed_to_the_nearest_millisecond() -> None:
    road = draw({"a": (0, 0), "b": (0, 123.457)}, "a-b")
    metric = Metric.of(road.network, NORMAL)
    assert metric.segment_ms.tolist() == [round(123_457 / RESIDENTIAL_MPS)] * 2


def test_no_segment_costs_less_than_a_bucket() -> None:
    road = draw({"a": (0, 0), "b": (0, 0), "c": (0, 0.01)}, "a-b-c")
    metric = Metric.of(road.network, NORMAL)
    assert metric.segment_ms.tolist() == [MIN_SEGMENT_MS] * 4


def test_a_part_of_a_segment_is_rounded_down() -> None:
    road = draw({"a": (0, 0), "b": (0, 123.457)}, "a-b")
    metric = Metric.of(road.network, NORMAL)
    whole = int(metric.segment_ms[0])
    segments = np.zeros(4, dtype=np.int32)
    parts = metric.part_ms(segments, np.asarray([0.0, 0.3333, 0.99999, 1.0]))
    assert parts.tolist() == [0, int(whole * 0.3333), whole - 1, whole]


def test_a_closed_street_and_every_turn_into_and_out_of_it_are_blocked() -> None:
    road = draw(
        {"a": (0, 0), "b": (0, 100), "c": (0, 200)}, "a-b", street("b-c", motor_vehicle="no")
    )
    metric = Metric.of(road.network, NORMAL)
    closed = {road.segment("b>c"), road.segment("c>b")}
    assert {s for s in range(4) if metric.segment_ms[s] == BLOCKED} == closed
    into = np.repeat(np.arange(4), np.diff(road.network.turn_first))
    for turn_from, turn_into, cost in zip(
        road.network.turn_from.tolist(), into.tolist(), metric.entry_ms.tolist(), strict=True
    ):
        if closed & {turn_from, turn_into}:
            assert cost == BLOCKED
    assert not metric.usable[list(closed)].any()
    assert metric.usable.sum() == 2


def test_the_largest_connected_part_is_usable_and_no_other() -> None:
    islands = draw(
        {"a": (0, 0), "b": (0, 100), "c": (0, 200), "i": (900, 0), "j": (900, 100)}, "a-b-c", "i-j"
    )
    usable = Metric.of(islands.network, NORMAL).usable
    on_the_island = [islands.segment("i>j"), islands.segment("j>i")]
    assert not usable[on_the_island].any()
    assert usable.sum() == 4


def test_a_profile_that_may_drive_nothing_is_told_so_by_name() -> None:
    path = draw({"a": (0, 0), "b": (0, 100)}, street("a-b", highway="footway"))
    with pytest.raises(NetworkError, match="drawing is open to profile normal_road"):
        Metric.of(path.network, NORMAL)


def test_a_street_that_takes_days_is_a_fault_in_the_data() -> None:
    long = draw({"a": (0, 0), "b": (0, 100)}, street("a-b", name="Endless Road", length_m=1e9))
    with pytest.raises(NetworkError, match=r"Endless Road of 1000000 km .* at most 24"):
        Metric.of(long.network, NORMAL)


def test_a_closed_street_may_be_as_long_as_it_likes() -> None:
    path = draw(
        {"a": (0, 0), "b": (0, 100), "c": (0, 200)},
        "a-b",
        street("b-c", highway="footway", length_m=1e9),
    )
    assert (Metric.of(path.network, NORMAL).segment_ms == BLOCKED).sum() == 2


def test_weights_cannot_be_written_to() -> None:
    metric = Metric.of(draw({"a": (0, 0), "b": (0, 100)}, "a-b").network, NORMAL)
    for array in (metric.segment_ms, metric.entry_ms, metric.usable):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
