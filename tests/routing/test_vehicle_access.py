"""Gaps, gates and bridges: what an ambulance fits through, and what it can open."""

import pytest

from routing.profiles import Profile, load_profiles

PROFILES = load_profiles()
NORMAL, BLUE = PROFILES["normal_road"], PROFILES["blue_light"]
BOTH = pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)


def is_open(profile: Profile, **tags: str) -> bool:
    named = {key.replace("__", ":"): value for key, value in tags.items()}
    return profile.speed_mps({"highway": "residential", **named}) is not None


@BOTH
def test_a_width_restriction_stops_what_is_wider(profile: Profile) -> None:
    assert not is_open(profile, maxwidth="2")
    assert not is_open(profile, maxwidth="7'0\"")
    assert is_open(profile, maxwidth="2.2")
    assert is_open(profile, maxwidth="unsigned")


def test_a_width_sign_with_a_gate_for_emergencies_stops_only_others() -> None:
    assert is_open(BLUE, maxwidth="2", emergency="yes")
    assert not is_open(NORMAL, maxwidth="2", emergency="yes")


@BOTH
def test_what_measures_too_narrow_stays_so_whatever_the_sign(profile: Profile) -> None:
    assert not is_open(profile, maxwidth__physical="1.9", emergency="yes")


@BOTH
def test_a_low_bridge_stops_what_is_higher(profile: Profile) -> None:
    assert not is_open(profile, maxheight="2.5")
    assert is_open(profile, maxheight="default")
    assert is_open(profile, maxheight="12'6\"")


@BOTH
def test_a_weight_limit_counts_on_bridges_and_keeps_only_lorries_out_of_side_streets(
    profile: Profile,
) -> None:
    assert not is_open(profile, maxweight="3", bridge="yes")
    assert is_open(profile, maxweight="5", bridge="yes")
    assert is_open(profile, maxweight="3", bridge="no")
    assert is_open(profile, maxweight="3")


@BOTH
def test_a_gap_at_a_point_stops_like_one_along_a_street(profile: Profile) -> None:
    assert profile.barrier_delay_s({"maxwidth": "2", "traffic_calming": "choker"}) is None
    assert profile.barrier_delay_s({"maxheight": "4.7"}) == 0


@BOTH
@pytest.mark.parametrize("shut", [{"locked": "yes"}, {"access": "no"}])
def test_a_locked_gate_stops_everybody(profile: Profile, shut: dict[str, str]) -> None:
    assert profile.barrier_delay_s({"barrier": "gate", **shut}) is None


def test_a_gate_closed_to_people_is_not_closed_to_vehicles_that_it_names() -> None:
    gate = {"barrier": "gate", "access": "no"}
    for vehicles in ("private", "destination", "yes"):
        tags = {**gate, "motor_vehicle": vehicles}
        assert BLUE.barrier_delay_s(tags) == BLUE.barriers.delay_s["gate"]
    assert NORMAL.barrier_delay_s({**gate, "motor_vehicle": "private"}) is None
    assert NORMAL.barrier_delay_s({**gate, "motor_vehicle": "yes"}) == NORMAL.barriers.opened_s
    for profile in (BLUE, NORMAL):
        assert profile.barrier_delay_s({**gate, "motor_vehicle": "no"}) is None
        assert profile.barrier_delay_s({**gate, "vehicle": "yes", "locked": "yes"}) is None


@pytest.mark.parametrize(
    ("profile", "tags", "hours"),
    [
        (BLUE, {"locked:conditional": "yes @ (22:00-06:30)"}, "||||..."),
        (BLUE, {"access:conditional": "no @ (Mo-Su 22:00-06:00)"}, "|||...."),
        (BLUE, {"access": "no", "access:conditional": "yes @ (06:00-22:00)"}, "|||...."),
        (BLUE, {"access": "yes", "locked:conditional": "yes @ sunset"}, "......."),
        (BLUE, {"emergency": "yes", "locked:conditional": "yes @ (22:00-06:00)"}, "......."),
        (BLUE, {"vehicle:conditional": "no @ (Mo-Fr 07:00-23:00)"}, "......."),
        (NORMAL, {"access": "yes", "vehicle:conditional": "no @ (Mo-Fr 10:00-14:00)"}, "....|.."),
        (NORMAL, {"access": "yes", "locked:conditional": "yes @ (Mo-Sa 07:00-20:00)"}, "....||."),
        (NORMAL, {"vehicle:conditional": "yes @ (Sa,Su)"}, "||||||."),
    ],
)
def test_a_gate_is_shut_in_every_hour_in_which_it_is_at_any_time(
    profile: Profile, tags: dict[str, str], hours: str
) -> None:
    """Monday at 0:00, 3:00, 5:00, 6:00, 12:00 and 19:00, and Sunday at 12:00."""
    gate = {"barrier": "gate", **tags}
    passed = [profile.barrier_delay_s(gate, hour) for hour in (0, 3, 5, 6, 12, 19, 6 * 24 + 12)]
    assert "".join("|" if seconds is None else "." for seconds in passed) == hours


def test_on_average_a_gate_is_as_it_is_by_day() -> None:
    by_night = {"barrier": "gate", "locked:conditional": "yes @ (22:00-06:00)"}
    by_day = {"barrier": "gate", "locked:conditional": "yes @ (06:00-22:00)"}
    assert BLUE.barrier_delay_s(by_night) == BLUE.barriers.delay_s["gate"]
    assert BLUE.barrier_delay_s(by_day) is None


def test_a_point_without_a_barrier_may_be_closed_by_the_hour_too() -> None:
    school = {"motor_vehicle:conditional": "no @ (Mo-Fr 08:15-09:15)"}
    assert [NORMAL.barrier_delay_s(school, hour) for hour in (7, 8, 9, 10, None)] == [
        0,
        None,
        None,
        0,
        0,
    ]
    assert BLUE.barrier_delay_s(school, 8) == 0


def test_a_locked_gate_that_opens_to_emergencies_opens_to_blue_lights() -> None:
    gate = {"barrier": "gate", "locked": "yes", "emergency": "yes"}
    assert BLUE.barrier_delay_s(gate) == BLUE.barriers.delay_s["gate"]
    assert NORMAL.barrier_delay_s({**gate, "access": "yes"}) is None


def test_lowering_a_bollard_takes_longer_than_opening_a_gate() -> None:
    bollard_s = BLUE.barrier_delay_s({"barrier": "bollard", "emergency": "designated"})
    assert bollard_s == BLUE.barriers.opened_s
    assert bollard_s > BLUE.barriers.delay_s["gate"]


@BOTH
def test_nobody_gets_through_where_the_point_is_closed_to_them(profile: Profile) -> None:
    key = profile.access.keys[0]
    assert profile.barrier_delay_s({key: "no"}) is None
