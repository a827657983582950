"""Why a peer's way is another than ours, on streets drawn for each cause."""

import pytest

from benchmarks.peers.causes import Cause, OtherReadings
from benchmarks.peers.drive import Drive
from benchmarks.peers.shortest import Shortest
from tests.drawing import Point, draw, restriction, street

TOWN = draw(
    {
        "a": (0, 0),
        "b": (500, 0),
        "c": (500, 500),
        "d": (0, 500),
        "e": (500, -200),
        "f": (-200, 500),
    },
    "a-b-c",
    street("d-c", name="Mall", highway="pedestrian", motor_vehicle="destination"),
    street("a-d", via=[(-300, 250)]),
    "b-e",
    "d-f",
    restrictions=[
        restriction(
            "a>b b>c", tags={"restriction:conditional": "no_left_turn @ (Mo-Fr 07:00-19:00)"}
        )
    ],
)
START, BEYOND, ON_MALL = TOWN.position(100, 0), TOWN.position(500, 300), TOWN.position(250, 500)
OURS = Shortest(TOWN.network)
READINGS = OtherReadings(OURS)


def cause(end: Point, theirs: Drive | None) -> Cause | None:
    return READINGS.cause(START, end, OURS.length_m(START, end), theirs)


def their_drive(length_m: float, *places: tuple[float, float], off_m: float = 0.0) -> Drive:
    return Drive(length_m, tuple(TOWN.position(*place) for place in places), off_m)


def test_a_way_of_the_same_length_needs_no_cause() -> None:
    ours_m = OURS.length_m(START, ON_MALL)
    assert ours_m is not None
    assert cause(ON_MALL, their_drive(ours_m + 0.9, (0, 0), (1, 1))) is None


def test_a_turn_banned_by_the_hour_is_told_by_the_length_without_it() -> None:
    assert OURS.length_m(START, BEYOND) != pytest.approx(700, abs=1)
    assert cause(BEYOND, their_drive(700, (100, 0), (500, 0), (500, 300))) == Cause.BY_THE_HOUR


def test_a_street_for_people_on_foot_may_be_none_to_a_peer() -> None:
    assert cause(ON_MALL, None) == Cause.ON_FOOT
    assert cause(ON_MALL, their_drive(500, (100, 0), (0, 0), off_m=50)) == Cause.ON_FOOT


def test_a_peer_turns_round_where_we_do_not_and_both_are_as_long_by_way_of_there() -> None:
    turning = (100, 0), (500, 0), (500, -100), (500, 300)
    assert cause(BEYOND, their_drive(900, *turning)) == Cause.TURNS_ROUND
    assert cause(BEYOND, their_drive(800, *turning)) == Cause.THEIRS_SHORTER


def test_what_is_not_known_is_told_as_it_is() -> None:
    assert cause(BEYOND, None) == Cause.OURS_ONLY
    assert cause(BEYOND, their_drive(9_999, (0, 0), (1, 1))) == Cause.OURS_SHORTER
    assert cause(BEYOND, their_drive(700, (0, 0), (1, 1), off_m=50)) == Cause.ELSEWHERE
