"""`report.html`: what a replay found, for people, on one page that needs no internet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.replay.accuracy import FEW_JOURNEYS
from app.replay.comparison import CategoryComparison, Comparison
from app.replay.report import accuracy_charts, day_charts, difference_charts, words
from app.replay.report.maps import Basemap, VehicleMark, agency_class, calls_map, late_map
from app.replay.report.nearby import near
from app.replay.report.response_charts import response_chart
from app.replay.report.sample import CallSample
from app.replay.report.svg import Picture
from app.replay.report.warning_words import shortfall_said, warned
from app.replay.squares import Square
from app.replay.summary import CategorySummary, Parts, ScenarioSummary, Summary
from app.replay.whole_file import write_whole_text
from routing.network import RoadNetwork

WORST_SQUARES: Final = 8
"""Squares with most late calls that are named."""

CATEGORY_WORDS: Final = {
    "C1": "life-threatening",
    "C2": "emergency",
    "C3": "urgent",
    "C4": "less urgent",
}

AGENCY_WORDS: Final = {
    "LAS": "London Ambulance Service",
    "MPS": "Metropolitan Police",
    "LFB": "London Fire Brigade",
}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a replay comes from, so that it can be done again.

    Attributes
    ----------
    simulated
        Whether vehicles were followed through the day; otherwise each call was judged against the
        fleet as recorded.
    facts
        Label and value of what decides the result: network, licence, policy, seeds, files, command.
    assumptions
        What was taken to be so, in sentences.
    rejected
        Rows of the files that could not be used.
    part
        How much was replayed of what the title names: "6 of 35 days"; empty: all of it.
    finding
        The answer to the question that the replay was made for, said first; empty: none.
    """

    title: str
    simulated: bool
    facts: Sequence[tuple[str, str]]
    assumptions: Sequence[str] = ()
    rejected: int = 0
    finding: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a report is drawn from.

    Attributes
    ----------
    samples
        Calls for the map, by scenario.
    vehicles
        Where vehicles stand, by scenario.
    """

    origin: Origin
    summary: Summary
    network: RoadNetwork
    samples: Mapping[str, CallSample] = field(default_factory=dict)
    vehicles: Mapping[str, Sequence[VehicleMark]] = field(default_factory=dict)


def write_report(report: Report, file: Path) -> None:
    """Write the page."""
    write_whole_text(file, rendered(report))


def rendered(report: Report) -> str:
    """The page as HTML; equal reports give equal pages."""
    scenarios = report.summary.scenarios
    basemap = _basemap(report)
    return _TEMPLATES.get_template("report.html").render(
        style=(files("app.replay.report") / "templates" / "report.css").read_text("utf-8"),
        origin=report.origin,
        network=report.network,
        scenarios=scenarios,
        responses=_responses(scenarios),
        pictures={one.scenario: _pictures(report, one, basemap) for one in scenarios},
        samples=report.samples,
        vehicle_agencies={
            one.scenario: sorted({mark.agency for mark in report.vehicles.get(one.scenario, ())})
            for one in scenarios
        },
        on_duty_known=any(day.on_duty is not None for one in scenarios for day in one.busy),
        comparison=report.summary.comparison,
        differences=_differences(report.summary.comparison),
    )


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Pictures of one scenario; None where there is nothing to draw."""

    calls: Picture | None
    late: Picture | None
    hours: Picture
    busy: Sequence[tuple[str, str, Picture]]
    calibration: Picture | None
    errors: Picture | None
    hourly_errors: Picture | None


def _pictures(report: Report, scenario: ScenarioSummary, basemap: Basemap) -> _Pictures:
    sample = report.samples.get(scenario.scenario)
    vehicles = report.vehicles.get(scenario.scenario, ())
    accuracy = scenario.accuracy
    return _Pictures(
        calls=None if sample is None else calls_map(basemap, sample, vehicles),
        late=late_map(basemap, scenario.squares, scenario.square_m)
        if scenario.response.late
        else None,
        hours=day_charts.calls_chart(scenario.hours),
        busy=[
            (day.agency, day_charts.busy_said(day), day_charts.busy_chart(day))
            for day in scenario.busy
        ],
        calibration=None if accuracy is None else accuracy_charts.calibration_chart(accuracy),
        errors=None if accuracy is None else accuracy_charts.error_chart(accuracy),
        hourly_errors=None if accuracy is None else accuracy_charts.hourly_error_chart(accuracy),
    )


def _basemap(report: Report) -> Basemap:
    lat, lon = (
        np.concatenate(
            [getattr(sample, axis) for sample in report.samples.values()]
            or [np.zeros(0, dtype=np.float64)]
        )
        for axis in ("lat", "lon")
    )
    return Basemap.around(report.network, lat, lon)


@dataclass(frozen=True, slots=True)
class _CategoryPicture:
    """Response times of one category, by scenario, and their picture."""

    category: str
    scenarios: Sequence[tuple[str, CategorySummary]]
    picture: Picture


def _responses(scenarios: Sequence[ScenarioSummary]) -> list[_CategoryPicture]:
    """Response times of each category, all scenarios in one picture."""
    found: dict[str, list[tuple[str, CategorySummary]]] = {}
    for scenario in scenarios:
        for category in scenario.categories:
            found.setdefault(category.category, []).append((scenario.scenario, category))
    charts = ((category, of, response_chart(of)) for category, of in sorted(found.items()))
    return [
        _CategoryPicture(category, of, chart) for category, of, chart in charts if chart is not None
    ]


def _differences(
    comparison: Comparison | None,
) -> list[tuple[CategoryComparison, str, Sequence[difference_charts.DifferenceRow]]]:
    """Of each category: what differs, its name, and its measures as they are written."""
    categories = () if comparison is None else comparison.categories
    return [
        (one, difference_charts.category_name(one), difference_charts.difference_rows(one))
        for one in categories
    ]


def worst(squares: Sequence[Square]) -> list[Square]:
    """Squares with most calls reached late, or not at all, the most first."""
    missed = [one for one in squares if _missed(one)]
    return sorted(missed, key=lambda one: (-_missed(one), one.lat, one.lon))[:WORST_SQUARES]


def _missed(square: Square) -> int:
    return square.late + square.calls - square.attended


def parts_of(parts: Parts) -> list[tuple[str, str, float]]:
    """Name, style and seconds of each part of a response that is known."""
    named = (
        ("waiting for a crew", "part-waited", parts.waited_s),
        ("setting off", "part-mobilisation", parts.mobilisation_s),
        ("driving", "part-drive", parts.drive_s),
        ("to the patient's side", "part-access", parts.access_s),
    )
    return [(name, css, seconds) for name, css, seconds in named if seconds is not None]


_TEMPLATES: Final = Environment(
    loader=PackageLoader("app.replay.report"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    clock=words.clock,
    signed_clock=words.signed_clock,
    share=words.share,
    count=words.count,
    kilometres=words.kilometres,
    number=words.number,
)
_TEMPLATES.globals.update(
    period=words.period,
    calls_of_seeds=words.calls_of_seeds,
    few_journeys=FEW_JOURNEYS,
    near=near,
    worst=worst,
    parts_of=parts_of,
    warned=warned,
    shortfall_said=shortfall_said,
    agency_class=agency_class,
    category_words=CATEGORY_WORDS,
    agency_words=AGENCY_WORDS,
)
