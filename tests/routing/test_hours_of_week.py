"""Hours as London's signs and OpenStreetMap's mappers write them."""

import pytest

from routing.errors import HoursError
from routing.hours_of_week import ALWAYS, NEVER, conditional_hours, week_hours

MO, TU, WE, TH, FR, SA, SU = range(7)
WEEKDAYS = (MO, TU, WE, TH, FR)


def at(days: tuple[int, ...], *hours: int) -> set[int]:
    return {24 * day + hour for day in days for hour in hours}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("24/7", set(range(168))),
        ("Mo-Su", set(range(168))),
        ("00:00-24:00", set(range(168))),
        ("Mo-Fr 07:00-19:00", at(WEEKDAYS, *range(7, 19))),
        ("Mo-Fr: 07:00-19:00", at(WEEKDAYS, *range(7, 19))),
        ("Mo-Fr 07:00 - 10:00 , 16:00 - 19:00", at(WEEKDAYS, 7, 8, 9, 16, 17, 18)),
        ("Mo,We-Th,Su 9:00-10:00", at((MO, WE, TH, SU), 9)),
        ("Sa-Mo 12:00-13:00", at((SA, SU, MO), 12)),
        ("Mo-Fr 08:30-09:15", at(WEEKDAYS, 8, 9)),
        ("Tu 08:59-09:00", at((TU,), 8)),
        ("Sa,Su", at((SA, SU), *range(24))),
        ("Su 22:00-06:00", {*at((SU,), 22, 23), *at((MO,), *range(6))}),
        ("Fr 20:00-26:00", {*at((FR,), 20, 21, 22, 23), *at((SA,), 0, 1)}),
        ("Mo-Fr 07:00-10:00; Sa 08:00-09:00", at(WEEKDAYS, 7, 8, 9) | at((SA,), 8)),
        ("Mo-Fr 07:00-10:00, Sa 08:00-09:00", at(WEEKDAYS, 7, 8, 9) | at((SA,), 8)),
        ("Mo 07:00-08:00, Mo 10:00-11:00", at((MO,), 7, 10)),
        ("Mo-Fr 07:00-10:00; We 12:00-13:00", at((MO, TU, TH, FR), 7, 8, 9) | at((WE,), 12)),
        ("Mo-Fr 07:00-10:00; We off", at((MO, TU, TH, FR), 7, 8, 9)),
        ("Mo-Su 07:00-08:00 open; Sa-Su closed", at(WEEKDAYS, 7)),
        ("Mo-Fr off", set()),
    ],
)
def test_hours_are_read(text: str, expected: set[int]) -> None:
    rule = week_hours(text)
    assert rule.hours == expected
    assert not rule.passes_holidays_over


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo-Fr,PH 07:00-09:00", at(WEEKDAYS, 7, 8)),
        ("Mo-Fr 07:00-09:00; PH off", at(WEEKDAYS, 7, 8)),
        ("Mo-Fr 08:00-09:00; SH off; PH off", at(WEEKDAYS, 8)),
        ("PH 07:00-09:00", set()),
        ("Mo-Fr 07:00-09:00, PH 10:00-12:00", at(WEEKDAYS, 7, 8)),
    ],
)
def test_holidays_are_passed_over_and_told(text: str, expected: set[int]) -> None:
    rule = week_hours(text)
    assert rule.hours == expected
    assert rule.passes_holidays_over


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Mo-Fr 07:00-19:00;",
        "sunrise-sunset",
        "Mar-Oct Mo-Fr 07:00-19:00",
        "Mo-Fr 7-19",
        "Mo-Fr 07:00+",
        "Mo-PH 07:00-09:00",
        "Mo-Fr 07:60-09:00",
        "Mo-Fr 25:00-26:00",
        "Mo-Fr 07:00-49:00",
        "Mo[1] 07:00-09:00",
        "week 1-10",
        'Mo-Fr 07:00-19:00 "school"',
        "weight>7.5",
        "Mo-Fr 07:00-19:00 AND weight>7.5",
        "wet",
        "mo-fr 07:00-19:00",
    ],
)
def test_what_is_not_understood_is_refused_not_guessed(text: str) -> None:
    with pytest.raises(HoursError, match=r"not understood|no time of day|no span of weekdays"):
        week_hours(text)


def test_a_conditional_value_holds_in_its_hours_and_the_other_one_at_all_other_times() -> None:
    hours = conditional_hours("no @ (Mo-Fr 08:30-09:30)", otherwise="yes")
    assert hours["no"].hours == at(WEEKDAYS, 8, 9)
    assert hours["yes"].hours == ALWAYS.hours  # half of hours 8 and 9 is left open


def test_of_two_clauses_that_apply_the_last_one_counts_to_the_minute() -> None:
    hours = conditional_hours("no @ (Mo-Fr 07:00-19:00); destination @ (We 10:30-19:00)", "yes")
    assert at((WE,), 10) <= hours["no"].hours
    assert not at((WE,), 11) & hours["no"].hours
    assert hours["destination"].hours == at((WE,), *range(10, 19))


@pytest.mark.parametrize(
    "text",
    [
        "no_left_turn @ Mo-Fr 07:00-19:00",
        "no_left_turn @ (Mo-Fr 07:00-19:00)",
        " no_left_turn@(Mo-Fr 07:00-12:00; Mo-Fr 07:00-19:00) ",
        "none @ 24/7; no_left_turn @ (Mo-Fr 07:00-19:00)",
    ],
)
def test_conditions_are_read_with_and_without_brackets(text: str) -> None:
    hours = conditional_hours(text, otherwise="")
    assert hours["no_left_turn"].hours == at(WEEKDAYS, *range(7, 19))


@pytest.mark.parametrize(
    "text",
    ["", " ; ", "no", "no @", "no @ ()", "@ (Mo-Fr)", "no @ (Mo-Fr", "no @ (Mo-Fr) yes @ (Sa)",
     "no @ (Mo-Fr AND (weight>3))", "no @ (weight>7.5)", "no @ (Mo-Fr) @ (Sa)"],
)  # fmt: skip
def test_broken_conditions_are_refused(text: str) -> None:
    with pytest.raises(HoursError):
        conditional_hours(text, otherwise="yes")


def test_holidays_in_any_clause_are_told() -> None:
    hours = conditional_hours("no @ (Mo-Fr 08:00-09:00; PH off)", otherwise="yes")
    assert hours["no"].passes_holidays_over


@pytest.mark.parametrize(
    ("text", "mostly"),
    [
        ("24/7", True),
        ("Mo-Fr 07:00-19:00", True),
        ("Mo-Su 07:00-13:00", False),  # exactly half
        ("Mo-Su 07:00-13:01", True),
        ("Mo-Fr 07:00-10:00,16:00-19:00", False),
        ("Mo-Su 19:00-07:00", False),
        ("Sa,Su", False),
    ],
)
def test_on_average_a_rule_holds_that_holds_in_most_hours_of_the_day(
    text: str, *, mostly: bool
) -> None:
    assert week_hours(text).holds(None) is mostly


def test_a_rule_holds_in_each_of_its_hours_only() -> None:
    rule = week_hours("Mo 07:00-09:00")
    assert [hour for hour in range(168) if rule.holds(hour)] == [7, 8]
    assert ALWAYS.holds(None)
    assert not NEVER.holds(None)
