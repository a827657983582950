"""Everything together, asked the way the service asks."""

from pathlib import Path

import numpy as np
import pytest

from routing.contraction import contracted
from routing.engine import Ends, Starts
from routing.errors import DelayError, NetworkError, PositionError, ProfileError
from routing.profiles import load_profiles
from routing.router import Router
from routing.scipy_search import ScipySearch
from routing.storage import load_network, save_network
from tests.drawing import draw, street

TOWN = draw(
    {"a": (0, 0), "f": (0, 200), "b": (0, 400), "c": (500, 0), "d": (500, 400)},
    street("a-f", name="Calm Street", motor_vehicle="no"),
    street("f-b", name="Calm Street", motor_vehicle="no"),
    street("a-c", name="Ring"),
    street("c-d", name="Ring"),
    street("d-b", name="Ring"),
)


def test_each_profile_has_its_own_streets_and_ways() -> None:
    router = Router(TOWN.network)
    start, call = TOWN.position(100, 2), TOWN.position(100, 398)
    by_profile = {}
    for profile in ("blue_light", "normal_road"):
        here = router.snap(*start, profile=profile, radius_m=50)
        there = router.snap(*call, profile=profile, radius_m=50)
        assert here is not None
        assert there is not None
        drive = router.roads(profile).route(here, there)
        assert drive is not None
        by_profile[profile] = router.path(drive)
    assert by_profile["blue_light"].streets == ("Ring", "Calm Street", "Ring")
    assert by_profile["blue_light"].distance_m == pytest.approx(600, abs=1)
    assert by_profile["normal_road"].streets == ("Ring",)
    assert by_profile["normal_road"].distance_m == pytest.approx(1200, abs=1)


def test_a_stored_network_answers_as_the_built_one_with_any_engine(tmp_path: Path) -> None:
    save_network(TOWN.network, tmp_path / "town")
    routers = [
        Router(TOWN.network),
        Router(load_network(tmp_path / "town")),
        Router(contracted(load_network(tmp_path / "town"))),
        Router(load_network(tmp_path / "town"), engine=ScipySearch),
    ]
    answers = []
    for router in routers:
        router.warm_up()
        lat, lon = zip(TOWN.position(400, 2), TOWN.position(2, 300), strict=True)
        snaps = router.snap_many(
            lat, lon, profile="blue_light", heading_deg=[270.0, float("nan")], radius_m=30
        )
        places = [snap for snap in snaps if snap is not None]
        assert len(places) == 2
        target = router.snap(*TOWN.position(250, 401), profile="blue_light", radius_m=30)
        assert target is not None
        arrivals = router.roads("blue_light").nearest(target, Starts.at(places, [0, 30_000]), 2)
        answers.append([(one.vehicle, one.total_ms, TOWN.way(one)) for one in arrivals])
    assert answers[0] == answers[1] == answers[2] == answers[3]
    assert len(answers[0]) == 2


def test_profiles_of_ones_own_take_the_place_of_the_packaged_ones() -> None:
    only_blue = {"blue_light": load_profiles()["blue_light"]}
    router = Router(TOWN.network, only_blue)
    assert set(router.profiles) == {"blue_light"}
    with pytest.raises(ProfileError):
        router.snap(51.5, -0.1, profile="normal_road", radius_m=50)


def test_a_network_closed_to_one_profile_is_refused_by_its_name() -> None:
    camera = draw({"a": (0, 0), "b": (0, 100)}, street("a-b", motor_vehicle="no"))
    with pytest.raises(NetworkError, match="normal_road"):
        Router(camera.network)


def test_a_network_of_one_one_way_street_warms_up() -> None:
    single = draw({"a": (0, 0), "b": (0, 100)}, "a>b")
    router = Router(single.network)
    router.warm_up()
    snap = router.snap(*single.position(1, 50), profile="blue_light", radius_m=10)
    assert snap is not None
    drive = router.roads("blue_light").route(snap, snap)
    assert drive is not None
    assert drive.drive_ms == 0


@pytest.mark.parametrize(
    "delays",
    [[0], [0, 0, 0], [0, -1], [0, 20.5], [0, float("nan")], [0, float("inf")]],
    ids=["too few", "too many", "negative", "part of one", "no number", "infinite"],
)
def test_a_delay_that_would_rank_wrongly_is_refused(delays: list[int]) -> None:
    lane = draw({"a": (0, 0), "b": (300, 0)}, "a-b")
    with pytest.raises(DelayError, match="0 or more, for each of 2 vehicles"):
        Starts.at([lane.on("a>b", 50), lane.on("a>b", 90)], delay_ms=delays)


@pytest.mark.parametrize(
    ("segment", "fraction", "said"),
    [
        (-1, 0.5, "row 1 is 0.5 along segment -1"),
        (0, -0.1, "row 1 is -0.1 along segment 0"),
        (0, 1.5, "row 1 is 1.5 along segment 0"),
        (0, float("nan"), "row 1 is nan along segment 0"),
        (0, float("inf"), "row 1 is inf along segment 0"),
    ],
)
def test_a_place_along_no_segment_is_refused(segment: int, fraction: float, said: str) -> None:
    segments, fractions = np.asarray([0, segment], np.int32), np.asarray([0.0, fraction])
    no_delay = np.zeros(2, dtype=np.int64)
    with pytest.raises(PositionError, match=f"^{said}: it must be 0 to 1"):
        Starts(np.arange(2, dtype=np.int32), segments, fractions, no_delay)
    with pytest.raises(PositionError, match=said):
        Ends(segments, fractions, no_delay)


def test_an_end_that_takes_time_off_is_refused() -> None:
    with pytest.raises(DelayError, match="row 1 has a delay of -1 ms"):
        Ends(np.zeros(2, np.int32), np.zeros(2), np.asarray([0, -1], np.int64))


def test_a_profile_that_is_not_known_is_told_with_those_that_are() -> None:
    router = Router(draw({"a": (0, 0), "b": (300, 0)}, "a-b").network)
    told = "no profile 'bluelight' on drawing; known: blue_light, normal_road"
    with pytest.raises(ProfileError, match=told):
        router.roads("bluelight")
    with pytest.raises(ProfileError, match=told):
        router.snap(51.5, -0.1, profile="bluelight", radius_m=50)
