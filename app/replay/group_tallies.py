"""Response times of groups of calls, summed up portion by portion."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from app.replay.decision_rows import PARTS, BoolArray, DecisionRows, LongArray
from app.replay.histogram import Histogram, in_thousandths
from app.replay.local_time import HOURS_PER_DAY
from app.replay.summary import (
    BIN_S,
    AgencySummary,
    CategorySummary,
    HourSummary,
    Parts,
    Response,
    Standard,
)


class _ResponseTally:
    """Response times of a set of calls."""

    def __init__(self) -> None:
        self._calls = 0
        self._late = 0
        self._seconds = Histogram()

    def add(self, rows: DecisionRows, which: BoolArray) -> None:
        self._calls += int(which.sum())
        self._late += int((rows.late & which).sum())
        self._seconds.add(rows.response_s[which])

    def response(self) -> Response:
        times = self._seconds.distribution()
        return Response(
            calls=self._calls,
            attended=times.n,
            unattended=self._calls - times.n,
            late=self._late,
            mean_s=times.mean,
            median_s=times.median,
            p90_s=times.p90,
            longest_s=times.largest,
            late_share=round(self._late / times.n, 6) if times.n else None,
        )

    def bins(self) -> tuple[int, ...]:
        return self._seconds.binned(BIN_S)


class _PartsTally:
    """Means of the parts of responses."""

    def __init__(self) -> None:
        self._of = {name: Histogram() for name in PARTS}

    def add(self, rows: DecisionRows, which: BoolArray) -> None:
        for name, values in self._of.items():
            values.add(rows.numbers(name)[which & rows.attended])

    def parts(self) -> Parts:
        return Parts(**{name: values.distribution().mean for name, values in self._of.items()})


class CategoryTally:
    """Responses to calls of one category, and their parts."""

    def __init__(self) -> None:
        self._response = _ResponseTally()
        self._parts = _PartsTally()

    def add(self, rows: DecisionRows, which: BoolArray) -> None:
        """Take in some of the rows."""
        self._response.add(rows, which)
        self._parts.add(rows, which)

    def summary(self, category: str, standard: Standard | None) -> CategorySummary:
        """Sum up."""
        response = self._response.response()
        return CategorySummary(
            category=category,
            standard=standard,
            response=response,
            meets_mean=_meets_mean(response, standard),
            meets_p90=None if standard is None else _nine_in_ten(response, response.late),
            parts=self._parts.parts(),
            bins=self._response.bins(),
        )


class AttendedTally:
    """Calls attended by one kind of vehicle."""

    def __init__(self) -> None:
        self._response = _ResponseTally()
        self._by_category: Counter[str] = Counter()
        self._vehicles: set[str] = set()
        self._distance_m = Histogram()

    def add(
        self, rows: DecisionRows, which: BoolArray, categories: Mapping[str, BoolArray]
    ) -> None:
        """Take in some of the rows, all attended; `categories` says which rows are of each."""
        self._response.add(rows, which)
        for category, of_category in categories.items():
            self._by_category[category] += int((which & of_category).sum())
        self._vehicles |= rows.distinct("vehicle_id", which)
        self._distance_m.add(rows.numbers("distance_m")[which])

    def summary(self, name: str) -> AgencySummary:
        """Sum up, under the name of the kind."""
        distance = self._distance_m.distribution()
        mean_m = distance.mean
        return AgencySummary(
            name=name,
            response=self._response.response(),
            by_category={key: n for key, n in sorted(self._by_category.items()) if n},
            vehicles=len(self._vehicles),
            distance_km=round((mean_m or 0.0) * distance.n / 1000, 3),
            mean_distance_km=None if mean_m is None else round(mean_m / 1000, 6),
        )


class HourTally:
    """Responses by hour of London's day."""

    def __init__(self) -> None:
        self._counts = np.zeros((4, HOURS_PER_DAY), dtype=np.int64)

    def add(self, rows: DecisionRows, hour: LongArray) -> None:
        """Take in rows, with the hour in which each call was received."""
        response_ms = in_thousandths(np.where(rows.attended, rows.response_s, 0.0))
        for counts, values in zip(
            self._counts,
            (np.ones_like(hour), rows.attended, rows.late, response_ms),
            strict=True,
        ):
            np.add.at(counts, hour, values.astype(np.int64))

    def hours(self) -> tuple[HourSummary, ...]:
        """Sum up, all 24 of them."""
        return tuple(
            HourSummary(
                hour, calls, attended, late, round(ms / attended) / 1000 if attended else None
            )
            for hour, (calls, attended, late, ms) in enumerate(self._counts.T.tolist())
        )


def _meets_mean(response: Response, standard: Standard | None) -> bool | None:
    if standard is None or standard.mean_s is None or response.mean_s is None:
        return None
    if response.mean_s > standard.mean_s:
        return False
    return True if _nine_in_ten(response, 0) else None


def _nine_in_ten(response: Response, late: int) -> bool:
    """Whether nine in ten of all calls were attended, and not as one of those late."""
    return 10 * (response.attended - late) >= 9 * response.calls
