import pytest

from app.dispatch.model import Skill, Status, VehicleType
from app.dispatch.recommendation import ExclusionReason
from app.dispatch.wording import (
    REASON_WORDS,
    SKILL_WORDS,
    STATUS_WORDS,
    VEHICLE_TYPE_WORDS,
    distance,
    duration,
    join,
    rough_duration,
    skill_list,
    with_article,
)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (412, "6 min 52 s"),
        (3599.9, "1 h"),
        (7500, "2 h 5 min"),
        (86_400, "24 h"),
    ],
)
def test_a_duration_is_said_in_at_most_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (45, "45 s"),
        (119, "1 min 59 s"),
        (1890, "31 min"),
        (7559, "2 h 5 min"),
        (172_799, "47 h 59 min"),
        (172_800, "2 days"),
        (189_302_460, "2,191 days"),
    ],
)
def test_a_rough_duration_leaves_out_what_does_not_matter(seconds: float, words: str) -> None:
    assert rough_duration(seconds) == words


@pytest.mark.parametrize(
    ("metres", "words"), [(0, "0 m"), (999.4, "999 m"), (999.6, "1.0 km"), (3120, "3.1 km")]
)
def test_a_distance_is_said_in_metres_then_kilometres(metres: float, words: str) -> None:
    assert distance(metres) == words


def test_words_are_joined_as_in_a_sentence() -> None:
    assert join(["a"]) == "a"
    assert join(["a", "b"]) == "a and b"
    assert join(["a", "b", "c"]) == "a, b and c"


def test_skills_are_listed_in_the_order_of_the_ladder() -> None:
    assert skill_list({Skill.BARIATRIC, Skill.PARAMEDIC}) == "paramedic and bariatric team"


def test_the_article_suits_the_noun() -> None:
    assert with_article("ambulance") == "an ambulance"
    assert with_article("motorcycle") == "a motorcycle"


def test_everything_a_dispatcher_may_read_has_words() -> None:
    assert set(STATUS_WORDS) == set(Status)
    assert set(VEHICLE_TYPE_WORDS) == set(VehicleType)
    assert set(SKILL_WORDS) == set(Skill)
    assert set(REASON_WORDS) == set(ExclusionReason)
