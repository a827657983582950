import re
import tomllib
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from app.dispatch.model import Category, Skill, Status, VehicleType
from app.dispatch.policy import PolicyError, load_policy
from tests.town import AMBULANCE, fix, policy

PACKAGED = (files("app.dispatch") / "policy.toml").read_text(encoding="utf-8")


def load(tmp_path: Path, text: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    load_policy(path)


def with_line(old: str, new: str) -> str:
    assert old in PACKAGED
    return PACKAGED.replace(old, new, 1)


def test_only_free_vehicles_are_sent_by_default() -> None:
    assert policy().sendable_statuses == {
        Status.AVAILABLE_AT_STATION,
        Status.AVAILABLE_MOBILE,
        Status.MOBILISING,
    }


def test_the_standards_are_those_of_the_ambulance_response_programme() -> None:
    standards = {
        category: (rule.standard_mean_s, rule.standard_p90_s)
        for category, rule in policy().categories.items()
    }
    assert standards == {
        Category.C1: (420, 900),
        Category.C2: (1080, 2400),
        Category.C3: (None, 7200),
        Category.C4: (None, 10800),
    }


def test_an_advanced_paramedic_is_also_a_technician() -> None:
    skills = policy().skills_of(frozenset({Skill.ADVANCED_PARAMEDIC}))
    assert skills == {
        Skill.ADVANCED_PARAMEDIC,
        Skill.PARAMEDIC,
        Skill.EMERGENCY_MEDICAL_TECHNICIAN,
    }


def test_skills_that_include_each_other_are_followed_once(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        with_line(
            "[skills_included]", '[skills_included]\nemergency_medical_technician = ["paramedic"]'
        ),
        encoding="utf-8",
    )
    skills = load_policy(path).skills_of(frozenset({Skill.EMERGENCY_MEDICAL_TECHNICIAN}))
    assert skills == {Skill.PARAMEDIC, Skill.EMERGENCY_MEDICAL_TECHNICIAN}


def test_only_types_that_can_take_a_patient_convey() -> None:
    assert policy().conveying_types == {
        VehicleType.EMERGENCY_AMBULANCE,
        VehicleType.PATIENT_TRANSPORT,
        VehicleType.OTHER_CONVEYING,
    }


@pytest.mark.parametrize(
    ("status", "speed_mps", "moving"),
    [
        (Status.AVAILABLE_MOBILE, 9.0, True),
        (Status.AVAILABLE_MOBILE, 2.0, True),
        (Status.AVAILABLE_MOBILE, 1.9, False),
        (Status.AVAILABLE_MOBILE, None, False),
        (Status.MOBILISING, 9.0, True),
        (Status.AVAILABLE_AT_STATION, 9.0, False),
    ],
)
def test_a_vehicle_is_moving_when_it_says_so_away_from_its_station(
    status: Status, speed_mps: float | None, *, moving: bool
) -> None:
    vehicle = replace(AMBULANCE, status=status, fix=fix(0, 0, speed_mps=speed_mps))
    assert policy().is_moving(vehicle) is moving


def test_a_vehicle_without_a_position_is_not_moving() -> None:
    assert not policy().is_moving(replace(AMBULANCE, fix=None))


def test_the_version_follows_the_content_not_the_writing(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(with_line('["C1", "C2", "C3", "C4"]', '["C4", "C3", "C2", "C1"]'), "utf-8")
    assert load_policy(path).version == policy().version
    path.write_text(with_line("margin_m = 250", "margin_m = 251"), "utf-8")
    assert load_policy(path).version != policy().version
    assert re.fullmatch("[0-9a-f]{12}", policy().version)


def test_a_changed_copy_has_a_version_and_rules_of_its_own() -> None:
    by_day = policy()
    assert Status.EN_ROUTE not in by_day.sendable_statuses
    rules = {**by_day.statuses}
    rules[Status.EN_ROUTE] = rules[Status.EN_ROUTE].model_copy(update={"sendable": True})
    by_night = by_day.model_copy(update={"statuses": rules})
    assert Status.EN_ROUTE in by_night.sendable_statuses
    assert by_night.version != by_day.version


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("margin_m = 250", "margin_m = -1", "area.margin_m is -1: Input should be greater than"),
        (
            "margin_m = 250",
            'margin_m = "250"',
            "area.margin_m is '250': Input should be a valid number",
        ),
        (
            "margin_m = 250",
            "margin_m = nan",
            "area.margin_m is nan: Input should be a finite number",
        ),
        ("margin_m = 250", "margin_km = 1", "area.margin_km is 1: Extra inputs are not permitted"),
        ("margin_m = 250", "", "area.margin_m: Field required"),
        ("sendable = true", "sendable = 1", "statuses.available_at_station.sendable is 1"),
        ("[area]", "[areas]", "areas: Extra inputs are not permitted"),
        ("[statuses.break]", "[statuses.lunch]", "statuses.lunch"),
        (
            "mobilisation_p90_s = 120",
            "mobilisation_p90_s = 59",
            "mobilisation_median_s (60) must not exceed mobilisation_p90_s (59)",
        ),
        (
            "mobilisation_median_s = 60",
            "mobilisation_median_s = 0",
            "mobilisation_p90_s must be 0 where mobilisation_median_s is 0",
        ),
        (
            "ageing_after_s = 120",
            "ageing_after_s = 301",
            "positions.on_the_road: ageing_after_s (301) must not exceed unusable_after_s (300)",
        ),
        ("detour_factor = 1.343", "detour_factor = 0.9", "estimate.detour_factor is 0.9"),
        ('profile = "blue_light"', 'profile = "siren"', "estimate.profiles lacks siren"),
        ('categories = ["C1", "C2"]', 'categories = ["C5"]', "categories.0 is 'C5'"),
    ],
)
def test_a_bad_policy_is_refused_by_key_value_and_what_is_accepted(
    tmp_path: Path, old: str, new: str, complaint: str
) -> None:
    with pytest.raises(PolicyError, match=re.escape(complaint)):
        load(tmp_path, with_line(old, new))


@pytest.mark.parametrize("table", ["statuses.break", "vehicle_types.officer"])
def test_a_policy_must_speak_of_every_kind(tmp_path: Path, table: str) -> None:
    start = PACKAGED.index(f"[{table}]")
    end = PACKAGED.index("\n[", start) if "\n[" in PACKAGED[start:] else len(PACKAGED)
    kind, name = table.split(".")
    with pytest.raises(PolicyError, match=f"{kind} lacks {name}"):
        load(tmp_path, PACKAGED[:start] + PACKAGED[end:])


def test_a_file_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is not TOML"):
        load(tmp_path, "positions = [")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        load_policy(tmp_path / "nowhere.toml")


def test_a_profile_nobody_knows_is_refused() -> None:
    policy().require_profiles(["blue_light", "normal_road", "bicycle"])
    with pytest.raises(PolicyError, match="called blue_light; known: normal_road"):
        policy().require_profiles(["normal_road"])


def test_every_number_says_its_unit() -> None:
    units = ("_s", "_m", "_mps", "_sigma", "_factor", "_below")
    named = [
        key for key, value in _leaves(tomllib.loads(PACKAGED)) if isinstance(value, int | float)
    ]
    numbers = [key for key in named if key not in {"sendable", "conveys", "clinician_required"}]
    assert numbers
    assert [key for key in numbers if not key.endswith(units)] == []


def _leaves(table: dict[str, object]) -> list[tuple[str, object]]:
    return [
        leaf
        for key, value in table.items()
        for leaf in (_leaves(value) if isinstance(value, dict) else [(key, value)])
    ]
