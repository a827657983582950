"""Times by the clock of London, and by others."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.replay.moments import is_ambiguous, parsed_moment

LONDON = ZoneInfo("Europe/London")


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2021-01-17T18:42:05Z", "2021-01-17T18:42:05"),
        ("2021-07-17T18:42:05+01:00", "2021-07-17T17:42:05"),
        ("2021-01-17 18:42:05", "2021-01-17T18:42:05"),
        ("2021-07-17 18:42:05", "2021-07-17T17:42:05"),
        ("2021-07-17 18:42:05.25", "2021-07-17T17:42:05.25"),
        ("17/07/2021 18:42:05", "2021-07-17T17:42:05"),
        ("1/7/2021 8:42", "2021-07-01T07:42:00"),
        ("17/07/2021 18:42 GMT", "2021-07-17T18:42:00"),
        ("2021-10-31 01:59:59", "2021-10-31T00:59:59"),
        ("2021-10-31 01:30:00 BST", "2021-10-31T00:30:00"),
        ("2021-10-31 01:30:00 gmt", "2021-10-31T01:30:00"),
        ("2021-10-31 02:00:00", "2021-10-31T02:00:00"),
        ("2021-03-28 00:59:59", "2021-03-28T00:59:59"),
        ("2021-03-28 02:00:00", "2021-03-28T01:00:00"),
    ],
)
def test_a_time_is_that_of_the_clock_on_the_wall(text: str, utc: str) -> None:
    assert parsed_moment(text, LONDON).astimezone(UTC) == datetime.fromisoformat(utc + "+00:00")


@pytest.mark.parametrize(
    ("text", "twice"),
    [
        ("2021-10-31 00:59:59", False),
        ("2021-10-31 01:00:00", True),
        ("2021-10-31 01:59:59", True),
        ("2021-10-31 02:00:00", False),
        ("2021-10-31 01:30:00 BST", False),
        ("2021-10-31 01:30:00 GMT", False),
        ("2021-10-31T01:30:00+00:00", False),
    ],
)
def test_only_the_repeated_hour_is_ambiguous(text: str, twice: bool) -> None:  # noqa: FBT001
    assert is_ambiguous(parsed_moment(text, LONDON)) is twice


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("2021-03-28 01:00:00", "no clock in Europe/London showed it"),
        ("2021-03-28 01:59:59", "no clock in Europe/London showed it"),
        ("2021-01-17", "not a time"),
        ("17/13/2021 10:00", "not a time"),
        ("31/06/2021 10:00", "not a time"),
        ("2021-01-17 24:30", "not a time"),
        ("yesterday", "not a time"),
        ("", "not a time"),
        (1610908925, "not a time"),
        ("0001-01-01 00:00", "the year must lie within"),
        ("9999-12-31T23:59:59Z", "the year must lie within"),
    ],
)
def test_what_no_clock_showed_is_refused(value: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parsed_moment(value, LONDON)


def test_a_time_that_a_file_knows_as_one_is_taken_like_text() -> None:
    assert parsed_moment(datetime(2021, 7, 17, 18, 42), LONDON).astimezone(UTC).hour == 17  # noqa: DTZ001
    assert parsed_moment(datetime(2021, 7, 17, 18, 42, tzinfo=UTC), LONDON).hour == 18
