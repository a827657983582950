"""What a replay comes to: `summary.json`.

Mean, 90th centile and share late always stand together: each alone can be bettered at the cost of
the others.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from app.replay.accuracy import EtaAccuracy
from app.replay.comparison import Comparison
from app.replay.squares import Square
from app.replay.whole_file import write_whole_text

FORMAT: Final = 2
"""Of `summary.json`; another number where the meaning of a field has changed."""

BIN_S: Final = 30
"""Width of the intervals in which response times are counted."""


@dataclass(frozen=True, slots=True)
class Response:
    """Response times, from a call's receipt to a crew with the patient.

    Attributes
    ----------
    calls
        Of all seeds together, as are the other counts.
    unattended
        Calls to which nobody came. They have no response time and count in none of the figures
        below, so that these can only be compared where `unattended` is alike.
    late
        Of those attended: reached later than the category's 90th-centile standard.
    mean_s
        Exact to a millisecond; None without an attended call, as are the others.
    median_s, p90_s
        Whole seconds by which half, and nine in ten, were attended; never above `longest_s`.
    """

    calls: int
    attended: int
    unattended: int
    late: int
    mean_s: float | None
    median_s: float | None
    p90_s: float | None
    longest_s: float | None
    late_share: float | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Mean seconds that each part of the response took, of calls attended; None without."""

    waited_s: float | None
    mobilisation_s: float | None
    drive_s: float | None
    access_s: float | None


@dataclass(frozen=True, slots=True)
class Standard:
    """A category's response standards in seconds; C3 and C4 have no mean."""

    mean_s: float | None
    p90_s: float


@dataclass(frozen=True, slots=True)
class CategorySummary:
    """Calls of one category.

    Attributes
    ----------
    standard
        None for a category that the policy does not know.
    meets_mean
        Whether the mean keeps its standard; None where there is none, where nobody was attended, or
        where it cannot be told: it would, but is of no more than nine in ten calls.
    meets_p90
        Whether nine in ten of all calls, those to which nobody came included, were attended within
        the standard; None where there is none.
    bins
        Calls attended within the first `BIN_S` seconds, above those and up to twice as many, and
        so on.
    """

    category: str
    standard: Standard | None
    response: Response
    meets_mean: bool | None
    meets_p90: bool | None
    parts: Parts
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AgencySummary:
    """Calls attended by vehicles of one driver agency, or of one type.

    Attributes
    ----------
    by_category
        Calls attended, by category.
    vehicles
        How many different ones attended anything.
    distance_km
        Driven to calls, in all.
    """

    name: str
    response: Response
    by_category: Mapping[str, int]
    vehicles: int
    distance_km: float
    mean_distance_km: float | None


@dataclass(frozen=True, slots=True)
class HourSummary:
    """Calls received in one hour of London's day."""

    hour: int
    calls: int
    attended: int
    late: int
    mean_s: float | None


@dataclass(frozen=True, slots=True)
class AgencyDay:
    """Vehicles of one driver agency on average in each half hour of London's day.

    Attributes
    ----------
    busy
        On a call: 48 numbers.
    on_duty
        Crewed, likewise; None where the replay does not know.
    """

    agency: str
    busy: tuple[float, ...]
    on_duty: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How many calls carry one warning, or ended with one shortfall."""

    code: str
    calls: int


@dataclass(frozen=True, slots=True)
class ScenarioSummary:
    """One scenario, all its seeds together.

    Attributes
    ----------
    first_received_at, last_received_at
        None without a call.
    estimated
        Calls attended whose way is a straight-line estimate.
    busy
        By driver agency; empty where the replay does not follow vehicles through the day.
    square_m
        Side of the squares in `squares`.
    accuracy
        None where the file holds no measured arrivals.
    calls_by_seed
        One number for each of `seeds`; empty where an earlier version wrote the summary.
    """

    scenario: str
    seeds: tuple[int, ...]
    first_received_at: datetime | None
    last_received_at: datetime | None
    response: Response
    parts: Parts
    mean_distance_km: float | None
    categories: tuple[CategorySummary, ...]
    agencies: tuple[AgencySummary, ...]
    vehicle_types: tuple[AgencySummary, ...]
    hours: tuple[HourSummary, ...]
    busy: tuple[AgencyDay, ...]
    square_m: int
    squares: tuple[Square, ...]
    accuracy: EtaAccuracy | None
    estimated: int
    warnings: tuple[CodeCount, ...]
    shortfalls: tuple[CodeCount, ...]
    calls_by_seed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """All scenarios of a replay, in the order of its file.

    Attributes
    ----------
    comparison
        Of the second scenario with the first; None for a single one.
    """

    scenarios: tuple[ScenarioSummary, ...]
    comparison: Comparison | None = None
    format: int = FORMAT


def write_summary(summary: Summary, file: Path) -> None:
    """Write a summary as JSON: equal summaries give equal bytes."""
    write_whole_text(file, as_json(summary))


def as_json(summary: Summary) -> str:
    """The text of `summary.json`."""
    return json.dumps(asdict(summary), indent=1, default=_plain, allow_nan=False) + "\n"


def read_summary(file: Path) -> Summary:
    """Read what `write_summary` wrote.

    Raises
    ------
    pydantic.ValidationError
        The file is not such a summary.
    """
    return _SUMMARY.validate_json(file.read_bytes())


_SUMMARY: Final = TypeAdapter(Summary)


def _plain(value: Any) -> str:
    assert isinstance(value, datetime), value
    return value.isoformat().replace("+00:00", "Z")
