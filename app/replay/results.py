"""What is made of a replay's decisions when it is done: `summary.json` and `report.html`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from app.dispatch.policy import DispatchPolicy
from app.replay import comparison
from app.replay.comparison import Comparison, PairedRuns
from app.replay.decision_rows import COLUMNS
from app.replay.decision_table import read_decisions
from app.replay.report import sample
from app.replay.report.maps import VehicleMark
from app.replay.report.page import Origin, Report, write_report
from app.replay.summary import Standard, Summary, write_summary
from app.replay.tally import OnDuty, summarise
from routing.network import RoadNetwork

SUMMARY: Final = "summary.json"
REPORT: Final = "report.html"


def write_results(
    decisions: Path,
    directory: Path,
    *,
    origin: Origin,
    policy: DispatchPolicy,
    network: RoadNetwork,
    vehicles: Mapping[str, Sequence[VehicleMark]],
    on_duty: Mapping[str, OnDuty] | None = None,
) -> Summary:
    """
    Write `summary.json` and `report.html` into a directory.

    Parameters
    ----------
    decisions
        `decisions.parquet`; read a row group at a time; two scenarios are compared in memory.
    vehicles
        Where vehicles stand, by scenario.
    on_duty
        By scenario: how many vehicles are crewed, where the replay follows them.
    """
    summary = summarise(read_decisions(decisions, COLUMNS), standards_of(policy), on_duty)
    summary = replace(summary, comparison=_compared(decisions, summary))
    write_summary(summary, directory / SUMMARY)
    shown = sample.samples(read_decisions(decisions, sample.COLUMNS))
    write_report(Report(origin, summary, network, shown, vehicles), directory / REPORT)
    return summary


def _compared(decisions: Path, summary: Summary) -> Comparison | None:
    """The second scenario against the first, where there are just two."""
    try:
        base, other = (one.scenario for one in summary.scenarios)
    except ValueError:
        return None
    runs = PairedRuns(base, other)
    for table in read_decisions(decisions, comparison.COLUMNS):
        runs.add(table)
    return runs.comparison()


def standards_of(policy: DispatchPolicy) -> dict[str, Standard]:
    """The response standards of a policy, by category."""
    return {
        str(category): Standard(rule.standard_mean_s, rule.standard_p90_s)
        for category, rule in policy.categories.items()
    }
