"""How the hour of the week changes what a drive takes."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from routing.errors import ProfileError
from routing.hours_of_week import HOURS_OF_WEEK
from routing.metric import Metric
from routing.profiles import Profile, load_profiles
from routing.traffic import PACKAGED_TRAFFIC, load_traffic
from tests.drawing import draw, street

PROFILES = load_profiles()
NORMAL, BLUE = PROFILES["normal_road"], PROFILES["blue_light"]
MAIN_ROAD = {"highway": "primary"}
MONDAY_3, MONDAY_17, SUNDAY_17 = 3, 17, 6 * 24 + 17


def speed(tags: dict[str, str], hour: int | None, *, blue: bool = False) -> float:
    found = (BLUE if blue else NORMAL).speed_mps(tags, hour)
    assert found is not None
    return found


def test_the_rush_hour_is_slow_and_the_night_is_fast() -> None:
    night, rush, mean = (speed(MAIN_ROAD, hour) for hour in (MONDAY_3, MONDAY_17, None))
    assert night > mean > rush
    assert speed(MAIN_ROAD, SUNDAY_17) > rush


def test_the_hours_of_a_week_average_to_the_typical_time() -> None:
    times = [1 / speed(MAIN_ROAD, hour) for hour in range(HOURS_OF_WEEK)]
    assert np.mean(times) == pytest.approx(1 / speed(MAIN_ROAD, None), rel=0.002)


def test_blue_lights_feel_a_stated_share_of_the_traffic() -> None:
    later = speed(MAIN_ROAD, MONDAY_17) / speed(MAIN_ROAD, None)
    blue_later = speed(MAIN_ROAD, MONDAY_17, blue=True) / speed(MAIN_ROAD, None, blue=True)
    assert 1 / blue_later - 1 == pytest.approx(0.4 * (1 / later - 1), abs=0.01)


def test_a_speed_limit_caps_what_an_empty_road_would_allow() -> None:
    limited = {"highway": "primary", "maxspeed": "20 mph"}
    assert speed(limited, MONDAY_3) == pytest.approx(20 * 0.44704)
    assert speed(limited, MONDAY_3) < speed(MAIN_ROAD, MONDAY_3)


def test_through_streets_vary_more_than_side_streets() -> None:
    def later(road_class: str) -> float:
        tags = {"highway": road_class}
        return speed(tags, None) / speed(tags, MONDAY_17)

    assert later("primary") > later("residential") > 1


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_hours_of_one_slot_are_priced_alike_and_hours_of_two_are_not(profile: Profile) -> None:
    road = draw(
        {"a": (0, 0), "b": (0, 100), "c": (0, 200), "d": (0, 300)},
        street("a-b", highway="primary"),
        street("b-c", highway="residential"),
        street("c-d", highway="motorway", length_m=5000),
    )
    priced = {
        hour: tuple(Metric.of(road.network, profile, hour).segment_ms.tolist())
        for hour in range(HOURS_OF_WEEK)
    }
    slots = {profile.slot(hour) for hour in range(HOURS_OF_WEEK)}
    assert len(slots) == len(set(priced.values()))
    for hour, cost in priced.items():
        slot = profile.slot(hour)
        assert slot is not None
        assert slot <= hour
        assert cost == priced[slot]
    assert len(slots) <= 24


def test_the_average_is_a_slot_of_its_own() -> None:
    assert NORMAL.slot(None) is None


@pytest.mark.parametrize("hour", [-1, HOURS_OF_WEEK, 1000, 8.5])
def test_an_hour_outside_the_week_is_refused(hour: int) -> None:
    road = draw({"a": (0, 0), "b": (0, 100)}, "a-b")
    with pytest.raises(ProfileError, match=f"hour is {hour}; it must be .* 0 to 167"):
        Metric.of(road.network, NORMAL, hour)


def test_a_metric_knows_its_hour() -> None:
    road = draw({"a": (0, 0), "b": (0, 100)}, "a-b")
    assert Metric.of(road.network, NORMAL).hour is None
    assert Metric.of(road.network, NORMAL, MONDAY_17).hour == MONDAY_17


# Files

ONE_TABLE = """
[groups]
main = ["primary"]
[weekday]
main = [{row}]
minor = [{row}]
[saturday]
main = [{row}]
minor = [{row}]
[sunday]
main = [{row}]
minor = [{row}]
""".format(row=", ".join(["2"] * 24))


def table(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "traffic.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_table_may_be_in_any_unit(tmp_path: Path) -> None:
    flat = load_traffic(table(tmp_path, ONE_TABLE))
    assert flat.relative_time == {"main": (1.0,) * 168, "minor": (1.0,) * 168}


def test_a_day_may_have_a_table_of_its_own(tmp_path: Path) -> None:
    row = ", ".join(["4"] * 24)
    friday = load_traffic(table(tmp_path, f"{ONE_TABLE}[friday]\nmain = [{row}]\nminor = [{row}]"))
    main = friday.relative_time["main"]
    assert main[4 * 24] == pytest.approx(2 * main[0])
    assert main[5 * 24] == main[0]


def test_another_table_is_used_where_it_is_given(tmp_path: Path) -> None:
    flat = load_profiles(traffic=table(tmp_path, ONE_TABLE))["normal_road"]
    assert flat.speed_mps(MAIN_ROAD, MONDAY_17) == flat.speed_mps(MAIN_ROAD)
    assert {flat.slot(hour) for hour in range(HOURS_OF_WEEK)} == {0}
    copy = tmp_path / "copy.toml"
    shutil.copy(PACKAGED_TRAFFIC, copy)
    assert load_profiles(traffic=copy) == PROFILES


@pytest.mark.parametrize(
    ("found", "instead", "complaint"),
    [
        ("[groups]\n", "groups = 1\n[x]\n", "groups is 1; it must be a dict"),
        ('["primary"]', '"primary"', "main is 'primary'; it must be a list"),
        ("[sunday]", "[someday]", "sunday is missing"),
        ("[weekday]", "[monday]", "weekday is missing"),
        ("[weekday]\nmain = [2, ", "[weekday]\nmain = [", "weekday: main has 23 numbers"),
        ("[weekday]\nmain = [2, ", "[weekday]\nmain = [0, ", r"weekday: main\[0\] is 0"),
        ("[saturday]\nmain = [2, ", "[saturday]\nmain = [nan, ", r"saturday: main\[0\] is nan"),
        ("[sunday]\nmain = [", "[sunday]\nrest = [", "sunday: main is missing"),
    ],
)
def test_a_table_that_is_incomplete_or_out_of_range_is_refused_by_name(
    tmp_path: Path, found: str, instead: str, complaint: str
) -> None:
    assert ONE_TABLE.count(found) == 1
    with pytest.raises(ProfileError, match=complaint):
        load_traffic(table(tmp_path, ONE_TABLE.replace(found, instead)))
