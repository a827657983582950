"""What the map's tags mean to whoever drives."""

import math
from pathlib import Path

import pytest

from routing.errors import ProfileError
from routing.measures import MPS_PER_MPH
from routing.profiles import PACKAGED_PROFILES, Profile, load_profiles

PROFILES = load_profiles()
NORMAL, BLUE = PROFILES["normal_road"], PROFILES["blue_light"]


def closed(profile: Profile, **tags: str) -> bool:
    return profile.speed_mps({"highway": "residential", **tags}) is None


def test_three_profiles_are_packaged() -> None:
    assert set(PROFILES) == {"normal_road", "blue_light", "blue_light_contraflow"}
    assert all(one.description for one in PROFILES.values())


# Speed limits


@pytest.mark.parametrize(
    ("maxspeed", "mps"),
    [
        ("20 mph", 20 * 0.44704),
        ("20mph", 20 * 0.44704),
        ("12.5 mph", 12.5 * 0.44704),
        ("30", 30 / 3.6),
        ("50 km/h", 50 / 3.6),
        ("50 kmh", 50 / 3.6),
        ("50 kph", 50 / 3.6),
        ("GB:nsl_single", 60 * 0.44704),
        ("UK:motorway", 70 * 0.44704),
        ("national", 60 * 0.44704),
        ("30 mph;20 mph", 20 * 0.44704),
        ("30 mph; 20 mph", 20 * 0.44704),
        ("30 mph|40", 40 / 3.6),
        ("30 mph;signals", 30 * 0.44704),
        ("", math.inf),
        ("none", math.inf),
        ("signals", math.inf),
        ("walk", math.inf),
        ("0", math.inf),
        ("-20", math.inf),
        ("20 knots", math.inf),
        ("twenty", math.inf),
    ],
)
def test_a_speed_limit_is_read_as_the_map_means_it(maxspeed: str, mps: float) -> None:
    assert NORMAL.limit_mps(maxspeed) == pytest.approx(mps)


def test_a_mile_an_hour_is_the_international_mile() -> None:
    assert pytest.approx(1609.344 / 3600) == MPS_PER_MPH


def test_a_limit_below_the_typical_speed_slows_everybody_but_binds_only_normal_driving() -> None:
    tags = {"highway": "primary", "maxspeed": "5 mph"}
    limit = 5 * MPS_PER_MPH
    assert NORMAL.speed_mps(tags) == pytest.approx(limit)
    assert BLUE.speed_mps(tags) == pytest.approx(limit / BLUE.time_ratio["default"])


def test_a_limit_above_the_typical_speed_changes_nothing_in_town() -> None:
    assert NORMAL.speed_mps({"highway": "primary", "maxspeed": "30 mph"}) == pytest.approx(
        NORMAL.speed_mph["primary"] * MPS_PER_MPH
    )


@pytest.mark.parametrize("limit_mph", [40, 50, 70])
def test_a_main_road_built_for_speed_is_driven_at_a_share_of_its_limit(limit_mph: int) -> None:
    tags = {"highway": "trunk", "maxspeed": f"{limit_mph} mph"}
    expected = NORMAL.open_road.share_of_limit * limit_mph * MPS_PER_MPH
    assert NORMAL.speed_mps(tags) == pytest.approx(expected)
    assert BLUE.speed_mps(tags) == pytest.approx(expected / BLUE.time_ratio["default"])


def test_a_country_lane_with_a_high_limit_is_no_open_road() -> None:
    lane = {"highway": "unclassified", "maxspeed": "60 mph"}
    assert NORMAL.speed_mps(lane) == NORMAL.speed_mps({"highway": "unclassified"})


@pytest.mark.parametrize("road_class", sorted(NORMAL.speed_mph))
def test_blue_lights_are_never_slower_than_normal_driving(road_class: str) -> None:
    tags = {"highway": road_class, "motor_vehicle": "yes", "emergency": "yes"}
    normal, blue = NORMAL.speed_mps(tags), BLUE.speed_mps(tags)
    assert normal is not None
    assert blue is not None
    assert blue >= normal
    ratio = BLUE.time_ratio.get(road_class, BLUE.time_ratio["default"])
    assert normal / blue == pytest.approx(ratio)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize("road_class", ["steps", "construction", "proposed"])
def test_a_class_without_a_speed_is_closed_to_all(profile: Profile, road_class: str) -> None:
    assert closed(profile, highway=road_class, access="yes", emergency="yes")


@pytest.mark.parametrize("road_class", ["cycleway", "footway", "path", "bridleway"])
def test_a_path_is_open_to_blue_lights_where_it_was_built_for_them(road_class: str) -> None:
    assert closed(BLUE, highway=road_class)
    assert not closed(BLUE, highway=road_class, emergency="yes", motor_vehicle="no")
    assert closed(NORMAL, highway=road_class, emergency="yes", motor_vehicle="no")


# Access


@pytest.mark.parametrize(
    ("tags", "is_closed"),
    [
        ({}, False),
        ({"access": "no"}, True),
        ({"access": "private"}, True),
        ({"access": "destination"}, False),
        ({"access": "permissive"}, False),
        ({"vehicle": "no"}, True),
        ({"motor_vehicle": "no"}, True),
        ({"motorcar": "no"}, True),
        ({"access": "no", "motor_vehicle": "yes"}, False),
        ({"access": "no", "vehicle": "destination"}, False),
        ({"access": "yes", "motor_vehicle": "no"}, True),
        ({"motor_vehicle": "no", "motorcar": "yes"}, False),
        ({"motor_vehicle": "yes", "motorcar": "no"}, True),
        ({"access": "emergency"}, True),
        ({"emergency": "no"}, False),
        ({"highway": "pedestrian"}, True),
        ({"highway": "pedestrian", "motor_vehicle": "yes"}, False),
        ({"highway": "busway"}, True),
        ({"highway": "service", "service": "emergency_access"}, True),
        ({"highway": "service", "service": "emergency_access", "access": "yes"}, False),
        ({"highway": "service", "service": "driveway"}, False),
    ],
    ids=str,
)
def test_normal_driving_obeys_the_most_specific_access_tag(
    tags: dict[str, str], is_closed: object
) -> None:
    assert closed(NORMAL, **tags) is is_closed


@pytest.mark.parametrize(
    ("tags", "is_closed"),
    [
        ({"access": "no"}, False),
        ({"motor_vehicle": "no"}, False),
        ({"motorcar": "no", "vehicle": "private"}, False),
        ({"highway": "pedestrian"}, False),
        ({"highway": "busway"}, False),
        ({"highway": "service", "service": "emergency_access"}, False),
        ({"emergency": "no"}, True),
        ({"emergency": "yes", "access": "no"}, False),
    ],
    ids=str,
)
def test_blue_lights_are_stopped_only_by_what_is_closed_to_emergencies(
    tags: dict[str, str], is_closed: object
) -> None:
    assert closed(BLUE, **tags) is is_closed


# Barriers


@pytest.mark.parametrize("kind", ["bollard", "block", "planter", "jersey_barrier", "cycle_barrier"])
@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_what_no_car_can_pass_stops_everybody(profile: Profile, kind: str) -> None:
    assert profile.barrier_delay_s({"barrier": kind}) is None


@pytest.mark.parametrize("kind", ["gate", "lift_gate", "swing_gate", "sliding_gate"])
def test_a_gate_delays_blue_lights_and_stops_others_unless_it_is_open_to_them(kind: str) -> None:
    delay_s = BLUE.barrier_delay_s({"barrier": kind})
    assert delay_s is not None
    assert delay_s > 0
    assert NORMAL.barrier_delay_s({"barrier": kind}) is None
    assert NORMAL.barrier_delay_s({"barrier": kind, "access": "yes"}) == NORMAL.barriers.opened_s
    assert NORMAL.barrier_delay_s({"barrier": kind, "access": "private"}) is None
    assert NORMAL.barrier_delay_s({"barrier": kind, "access": "yes", "motorcar": "no"}) is None


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
@pytest.mark.parametrize(
    "tags", [{}, {"highway": "traffic_signals"}, {"barrier": "kerb"}, {"barrier": "cattle_grid"}]
)
def test_what_is_not_known_to_stop_a_car_is_passed_at_once(
    profile: Profile, tags: dict[str, str]
) -> None:
    assert profile.barrier_delay_s(tags) == 0


def test_a_removable_bollard_opens_to_blue_lights_only_when_the_map_says_so() -> None:
    assert BLUE.barrier_delay_s({"barrier": "bollard", "emergency": "yes"}) is not None
    assert BLUE.barrier_delay_s({"barrier": "bollard", "emergency": "no"}) is None
    assert BLUE.barrier_delay_s({"barrier": "bollard", "access": "yes"}) is None


# Files


def test_a_profile_can_be_based_on_the_speeds_of_another(tmp_path: Path) -> None:
    assert BLUE.speed_mph == NORMAL.speed_mph
    assert BLUE.limit_mph == NORMAL.limit_mph
    copy = tmp_path / "profiles.toml"
    copy.write_bytes(PACKAGED_PROFILES.read_bytes())
    assert load_profiles(copy) == PROFILES


ONE_PROFILE = """
[car]
description = "A car"
obeys_speed_limit = true
congestion_felt = 1
[car.speed_mph]
residential = 12.5
[car.limit_mph]
national = 60
[car.access]
keys = ["access"]
closed = ["no"]
closed_classes = []
closed_service = []
local = []
[car.barriers]
stops = ["bollard"]
opened_by = ["yes"]
opened_s = 5
shut_by = { locked = ["yes"] }
carries_keys = false
delay_s = { gate = 0 }
[car.turns]
keys = ["restriction"]
obeyed = ["no_left_turn"]
excepted = ["motorcar"]
[car.size]
width_m = 1.8
height_m = 1.6
weight_t = 2
width_tags = ["maxwidth"]
height_tags = ["maxheight"]
weight_tags = ["maxweight"]
weight_counts_on = ["bridge"]
waived_tags = []
waived_by = []
[car.delays]
drives_on = "right"
signals_s = 8
signal_crossing_s = 3
one_junction_m = 50
across_traffic_s = 4
turning_from_deg = 45
roundabout_s = 2
mini_roundabout_s = 2
turn_round_s = 20
passing_s = {}
"""


def load_text(tmp_path: Path, text: str) -> dict[str, Profile]:
    file = tmp_path / "profiles.toml"
    file.write_text(text, encoding="utf-8")
    return dict(load_profiles(file))


def test_a_profile_needs_no_more_than_this(tmp_path: Path) -> None:
    car = load_text(tmp_path, ONE_PROFILE)["car"]
    assert car.speed_mps({"highway": "residential"}) == pytest.approx(12.5 * MPS_PER_MPH)
    assert car.barrier_delay_s({"barrier": "gate"}) == 0


@pytest.mark.parametrize(
    ("found", "instead", "complaint"),
    [
        ("[car]\n", "car = 1\n[other]\n", "car is 1; it must be a dict"),
        ('description = "A car"', "", "description is missing"),
        ('description = "A car"', 'based_on = "lorry"', "there is no such profile"),
        ('description = "A car"', "based_on = []", "based_on"),
        ("obeys_speed_limit = true", 'obeys_speed_limit = "no"', "obeys_speed_limit is 'no'"),
        ("[car.speed_mph]\nresidential = 12.5", "", "speed_mph is missing"),
        ("residential = 12.5", "residential = 0", "speed_mph.residential is 0"),
        ("residential = 12.5", "residential = -3", "speed_mph.residential is -3"),
        ("residential = 12.5", "residential = nan", "speed_mph.residential is nan"),
        ("residential = 12.5", "residential = inf", "speed_mph.residential is inf"),
        ("residential = 12.5", "residential = true", "speed_mph.residential is True"),
        ("residential = 12.5", 'residential = "fast"', "speed_mph.residential is 'fast'"),
        ("[car.access]", "[car.time_ratio]\nprimary = 0.7\n[car.access]", "time_ratio.default"),
        ("obeys_speed_limit = true", "obeys_speed_limit = true\ntime_ratio = 3", "time_ratio is 3"),
        ("congestion_felt = 1", "congestion_felt = -1", "congestion_felt is -1"),
        ('keys = ["access"]', 'keys = "access"', "keys is 'access'"),
        ('closed = ["no"]', "closed = [1]", "closed is "),
        ('stops = ["bollard"]', "", "stops is missing"),
        ("[car.turns]", "[car.other]", "turns is missing"),
        ('obeyed = ["no_left_turn"]', "obeyed = [3]", "must be a list of strings"),
        ("{ gate = 0 }", "{ gate = -1 }", "delay_s.gate is -1; it must be a number 0 or more"),
        ("{ gate = 0 }", "20", "delay_s is 20"),
        ('{ locked = ["yes"] }', "{ locked = 1 }", "locked is 1; it must be a list"),
        ("carries_keys = false", "carries_keys = 0", "carries_keys is 0; it must be a bool"),
        ("width_m = 1.8", "width_m = 0", "width_m is 0; it must be a number above 0"),
        ('weight_counts_on = ["bridge"]', "", "weight_counts_on is missing"),
        ('drives_on = "right"', 'drives_on = "both"', "drives_on is 'both'; it must be 'left' or"),
        ("signals_s = 8", "signals_s = -8", "signals_s is -8; it must be a number 0 or more"),
        ("passing_s = {}", "passing_s = { hump = inf }", "passing_s.hump is inf"),
        ("[car.access]", "[car.at_junctions]\nmain = 0.1\n[car.access]", "at_junctions.default"),
        ("[car.access]", "[car.at_junctions]\ndefault = 1\n[car.access]", "must be below 1"),
        ("[car]\n", "[car\n", "profiles.toml"),
    ],
)
def test_a_profile_that_is_incomplete_or_out_of_range_is_refused_by_name(
    tmp_path: Path, found: str, instead: str, complaint: str
) -> None:
    assert ONE_PROFILE.count(found) == 1
    text = ONE_PROFILE.replace(found, instead)
    if instead.startswith("car ="):
        text = instead
    with pytest.raises(ProfileError, match=complaint):
        load_text(tmp_path, text)


def test_a_file_that_is_not_there_is_a_profile_error(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"nowhere\.toml"):
        load_profiles(tmp_path / "nowhere.toml")
