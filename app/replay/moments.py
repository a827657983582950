"""Times as files of control rooms give them: with an offset from UTC, or by the local clock.

By the clock of London an hour is skipped every spring and one repeated every autumn. A time in the
skipped hour is refused: no clock showed it. A time in the repeated hour is taken as the first of
the two, summer time, and flagged: which one it was is not in the text, and guessing by its
neighbours would make a call's time depend on where in the file it stands. Writing GMT or BST after
the time, or an offset, says which.
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

ACCEPTED = "2017-01-31T14:05:09Z, 2017-01-31 14:05:09 or 31/01/2017 14:05:09"

_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ T]+(\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)$")
_WITH_A_TIME = re.compile(r".*\d[T ]\d{1,2}:?\d{2}", re.IGNORECASE)
_ZONES = {"GMT": UTC, "UTC": UTC, "BST": timezone(timedelta(hours=1), "BST")}
_YEARS = range(1900, 2200)


def parsed_moment(value: object, zone: tzinfo) -> datetime:
    """
    The time that a cell says, aware; in `zone` where the cell names no offset.

    Raises
    ------
    ValueError
        It is no time, or one that no clock in `zone` ever showed.
    """
    moment = value if isinstance(value, datetime) else _from_text(value)
    if moment.year not in _YEARS:
        msg = f"the year must lie within {_YEARS[0]} to {_YEARS[-1]}"
        raise ValueError(msg)
    if moment.tzinfo is not None:
        return moment
    local = moment.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        msg = f"no clock in {zone} showed it: clocks went forward over it"
        raise ValueError(msg)
    return local


def is_ambiguous(moment: datetime) -> bool:
    """Whether local clocks showed this time twice."""
    return moment.utcoffset() != moment.replace(fold=1).utcoffset()


def _from_text(value: object) -> datetime:
    if not isinstance(value, str):
        msg = f"not a time; accepted: {ACCEPTED}"
        raise ValueError(msg)  # noqa: TRY004 (of a value, like every other fault of a cell)
    text, _, last = value.rpartition(" ")
    zone = _ZONES.get(last.upper())
    plain = value if zone is None else text.strip()
    moment = _day_first(plain) or _iso(plain)
    return moment if zone is None else moment.replace(tzinfo=zone)


def _day_first(text: str) -> datetime | None:
    found = _DAY_FIRST.match(text)
    if found is None:
        return None
    day, month, year, time = found.groups()
    return _iso(f"{year}-{month:0>2}-{day:0>2}T{time:0>5}")


def _iso(text: str) -> datetime:
    msg = f"not a time; accepted: {ACCEPTED}"
    if not _WITH_A_TIME.match(text):
        raise ValueError(msg)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(msg) from error
