"""From decisions to a summary, a row group at a time: memory does not grow with the calls."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from app.replay.accuracy import AccuracyTally
from app.replay.busy import BusyTime
from app.replay.decision_rows import DecisionRows, LongArray
from app.replay.group_tallies import AttendedTally, CategoryTally, HourTally
from app.replay.histogram import Histogram
from app.replay.local_time import london_hour
from app.replay.squares import STEP_M, CallSquares
from app.replay.summary import (
    AgencyDay,
    AgencySummary,
    CodeCount,
    ScenarioSummary,
    Standard,
    Summary,
)

_ANYONE: Final = ""

OnDuty = Callable[[datetime, datetime], Mapping[str, tuple[float, ...]]]
"""Vehicles crewed on average in each half hour of London's day, by driver agency, between two
moments."""


def summarise(
    tables: Iterable[pa.Table],
    standards: Mapping[str, Standard],
    on_duty: Mapping[str, OnDuty] | None = None,
) -> Summary:
    """Sum up decisions.

    Parameters
    ----------
    tables
        With at least `decision_rows.COLUMNS` of `decision_table.DECISIONS`.
    standards
        By category.
    on_duty
        By scenario: how many vehicles are crewed, where the replay knows.
    """
    tally = Tally(standards)
    for table in tables:
        tally.add(table)
    return tally.summary(on_duty)


class Tally:
    """Decisions summed up so far; the sum does not depend on order or portions."""

    def __init__(self, standards: Mapping[str, Standard]) -> None:
        self._standards = standards
        self._scenarios: dict[str, _ScenarioTally] = {}

    def add(self, table: pa.Table) -> None:
        """Take in more decisions."""
        for scenario in pc.unique(table["scenario"]).to_pylist():
            rows = DecisionRows.of(table.filter(pc.equal(table["scenario"], scenario)))
            self._scenarios.setdefault(scenario, _ScenarioTally(scenario)).add(rows)

    def summary(self, on_duty: Mapping[str, OnDuty] | None = None) -> Summary:
        """Sum up what was taken in."""
        return Summary(
            tuple(
                scenario.summary(self._standards, (on_duty or {}).get(name))
                for name, scenario in self._scenarios.items()
            )
        )


class _ScenarioTally:
    def __init__(self, scenario: str) -> None:
        self._scenario = scenario
        self._calls_by_seed: Counter[int] = Counter()
        self._received_ms: tuple[int, int] | None = None
        self._all = CategoryTally()
        self._categories: dict[str, CategoryTally] = {}
        self._agencies: dict[str, AttendedTally] = {}
        self._types: dict[str, AttendedTally] = {}
        self._hours = HourTally()
        self._busy: dict[str, BusyTime] = {}
        self._squares = CallSquares()
        self._accuracy = AccuracyTally()
        self._distance_m = Histogram()
        self._estimated = 0
        self._warnings: Counter[str] = Counter()
        self._shortfalls: Counter[str] = Counter()

    def add(self, rows: DecisionRows) -> None:
        everyone = np.ones(len(rows.attended), dtype=np.bool_)
        hour = london_hour(rows.received_ms // 1000)
        for seed in pc.value_counts(rows.table["seed"]).to_pylist():
            self._calls_by_seed[seed["values"]] += seed["counts"]
        self._widen(rows.received_ms)
        self._all.add(rows, everyone)
        categories = rows.groups("category")
        for category, which in categories.items():
            self._categories.setdefault(category, CategoryTally()).add(rows, which)
        for kinds, column in ((self._agencies, "driver_agency"), (self._types, "vehicle_type")):
            for kind, which in rows.groups(column).items():
                if (which & rows.attended).any():
                    tally = kinds.setdefault(kind, AttendedTally())
                    tally.add(rows, which & rows.attended, categories)
        self._hours.add(rows, hour)
        self._add_busy(rows)
        self._squares.add(rows.numbers("lat"), rows.numbers("lon"), rows.response_s, rows.late)
        self._accuracy.add(
            rows.numbers("observed_s"),
            rows.numbers("observed_eta_s"),
            rows.numbers("observed_eta_p90_s"),
            hour,
        )
        self._distance_m.add(rows.numbers("distance_m")[rows.attended])
        self._estimated += int((rows.flags("estimated") & rows.attended).sum())
        self._shortfalls.update(rows.count("shortfall"))
        for codes, n in rows.count("warnings").items():
            self._warnings.update(dict.fromkeys(codes.split(";"), n))

    def _widen(self, received_ms: LongArray) -> None:
        first, last = int(received_ms.min()), int(received_ms.max())
        if self._received_ms is not None:
            first, last = min(first, self._received_ms[0]), max(last, self._received_ms[1])
        self._received_ms = first, last

    def _add_busy(self, rows: DecisionRows) -> None:
        followed = rows.complete("assigned_at", "cleared_at")
        begin_ms, end_ms = followed.moments("assigned_at"), followed.moments("cleared_at")
        for agency, which in followed.groups("driver_agency").items():
            self._busy.setdefault(agency, BusyTime()).add(begin_ms[which], end_ms[which])

    def summary(self, standards: Mapping[str, Standard], on_duty: OnDuty | None) -> ScenarioSummary:
        assert self._received_ms is not None
        first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in self._received_ms)
        whole = self._all.summary(_ANYONE, None)
        side = self._squares.side()
        mean_m = self._distance_m.distribution().mean
        return ScenarioSummary(
            scenario=self._scenario,
            seeds=tuple(sorted(self._calls_by_seed)),
            first_received_at=first,
            last_received_at=last,
            response=whole.response,
            parts=whole.parts,
            mean_distance_km=None if mean_m is None else round(mean_m / 1000, 6),
            categories=tuple(
                tally.summary(category, standards.get(category))
                for category, tally in sorted(self._categories.items())
            ),
            agencies=_by_name(self._agencies),
            vehicle_types=_by_name(self._types),
            hours=self._hours.hours(),
            busy=self._day(first, last, on_duty),
            square_m=side * STEP_M,
            squares=self._squares.squares(side),
            accuracy=self._accuracy.accuracy(),
            estimated=self._estimated,
            warnings=_most_first(self._warnings),
            shortfalls=_most_first(self._shortfalls),
            calls_by_seed=tuple(n for _, n in sorted(self._calls_by_seed.items())),
        )

    def _day(
        self, first: datetime, last: datetime, on_duty: OnDuty | None
    ) -> tuple[AgencyDay, ...]:
        """Vehicles busy and on duty, by agency; none where vehicles are not followed."""
        if not self._busy:
            return ()
        duty = on_duty(first, last) if on_duty else {}
        return tuple(
            AgencyDay(
                agency,
                self._busy.get(agency, BusyTime()).by_time_of_day(
                    first, last, seeds=len(self._calls_by_seed)
                ),
                duty.get(agency),
            )
            for agency in sorted({*self._busy, *duty})
        )


def _by_name(tallies: Mapping[str, AttendedTally]) -> tuple[AgencySummary, ...]:
    return tuple(tally.summary(name) for name, tally in sorted(tallies.items()))


def _most_first(counts: Counter[str]) -> tuple[CodeCount, ...]:
    told = sorted((-n, code) for code, n in counts.items() if code)
    return tuple(CodeCount(code, -n) for n, code in told)
