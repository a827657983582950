"""The report as a page: whole, self-contained, readable whatever the replay held."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Final

import pyarrow as pa
import pytest

from app.dispatch.policy import load_policy
from app.dispatch.recommendation import ShortfallReason, WarningCode
from app.replay.calls import REPEATED_HOUR
from app.replay.comparison import CategoryComparison, Measure, Patients
from app.replay.decision_table import read_decisions, table_of, write_decisions
from app.replay.independent import UNKNOWN_OBSERVED_VEHICLE
from app.replay.report import sample, words
from app.replay.report.day_charts import busy_said
from app.replay.report.difference_charts import difference_rows
from app.replay.report.frame import WIDTH
from app.replay.report.maps import VehicleMark
from app.replay.report.page import Origin, Report, rendered
from app.replay.report.response_charts import response_chart
from app.replay.report.svg import path_through
from app.replay.report.warning_words import SHORTFALL_WORDS, WARNING_WORDS
from app.replay.results import REPORT, SUMMARY, write_results
from app.replay.summary import AgencyDay, read_summary
from app.replay.tally import summarise
from geo_data.strategic import embedded_london
from routing.network import RoadNetwork
from tests.replay.made_up import STANDARDS, attended, many, unattended

VOID: Final = {"meta"}
HOSTILE: Final = "<script>alert('1')</script>\"&"


class Page(HTMLParser):
    """A page taken apart: every element must be closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return embedded_london()


ORIGIN: Final = Origin("A replay", simulated=True, facts=[("Policy", "version 1")])
STATION: Final = VehicleMark(51.51, -0.13, "LAS")


def page(network: RoadNetwork, *tables: pa.Table, origin: Origin = ORIGIN) -> str:
    summary = summarise(tables, STANDARDS)
    shown = sample.samples(tables)
    vehicles = {one.scenario: [STATION] for one in summary.scenarios}
    text = rendered(Report(origin, summary, network, shown, vehicles))
    assert not re.search(
        r"\b(nan|inf|None)\b", re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL)
    )
    return text


def test_a_page_needs_nothing_but_itself(network: RoadNetwork) -> None:
    text = page(network, many(500, measured=True), many(500, scenario="without", slower=1.2))
    found = Page(text)
    loading = {"src", "srcset", "data", "action", "poster", "xlink:href", "style"}
    for name, value in found.attributes:
        assert name != "href" or value.startswith("#")
        assert name not in loading or (name == "style" and "url" not in value)
    assert not {"script", "link", "iframe", "img", "object", "embed", "base"} & set(found.tags)
    assert "url(" not in text
    assert "@import" not in text


def test_links_within_the_page_lead_somewhere(network: RoadNetwork) -> None:
    found = Page(page(network, many(200, measured=True)))
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert {value[1:] for name, value in found.attributes if name == "href"} <= set(ids)


def test_every_picture_says_in_words_what_it_shows(network: RoadNetwork) -> None:
    found = Page(page(network, many(200, measured=True)))
    labels = [value for name, value in found.attributes if name == "aria-label"]
    assert found.tags.count("svg") == len([one for one in labels if len(one) > 10]) > 8


def test_a_page_stays_small_however_many_calls(network: RoadNetwork) -> None:
    table = many(6000, measured=True)
    text = page(network, table)
    assert len(text.encode()) < 600_000
    assert "Thinned: a random 4,000 of 6,000 calls" in text


def test_equal_replays_give_equal_pages(network: RoadNetwork) -> None:
    table = many(4500)
    pieces = [table.slice(i, 1000) for i in range(0, 4500, 1000)]
    assert page(network, *reversed(pieces)) == page(network, table)


def test_no_call_at_all_still_makes_a_page(network: RoadNetwork) -> None:
    assert "No call was replayed" in Page(page(network)).words


def test_one_call_makes_a_page(network: RoadNetwork) -> None:
    found = Page(page(network, table_of([attended()])))
    assert "10:00" in found.words
    assert "18 January 2021" in found.words


def test_a_call_to_which_nobody_came_makes_a_page_without_times(network: RoadNetwork) -> None:
    found = Page(page(network, table_of([unattended()])))
    assert "Nobody attended a call" in found.words
    assert "Nobody came to 1 of 1 calls" in found.words


def test_what_files_say_is_shown_and_never_obeyed(network: RoadNetwork) -> None:
    row = attended(
        scenario=HOSTILE,
        call_id=HOSTILE,
        category=HOSTILE,
        driver_agency=HOSTILE,
        vehicle_type=HOSTILE,
        vehicle_id=HOSTILE,
        warnings=HOSTILE,
    )
    origin = Origin(HOSTILE, simulated=False, facts=[(HOSTILE, HOSTILE)], assumptions=[HOSTILE])
    other = replace(row, scenario="other", driver_agency="LAS")
    text = page(network, table_of([row, other]), origin=origin)
    assert "script" not in Page(text).tags
    assert Page(text).words.count(HOSTILE) > 5


def test_calls_outside_the_network_are_drawn_without_harm(network: RoadNetwork) -> None:
    far = attended(call_id="far", lat=55.0, lon=2.0)
    assert Page(page(network, table_of([attended(), far])))


def test_what_misses_a_standard_says_so_in_words_too(network: RoadNetwork) -> None:
    late = attended(response_s=2500.0, late=True)
    text = Page(page(network, table_of([late]))).words
    assert "✗ missed" in text
    assert "100.0\N{NO-BREAK SPACE}%" in text


def test_every_warning_and_shortfall_has_words_of_its_own() -> None:
    known = {*WarningCode, REPEATED_HOUR, UNKNOWN_OBSERVED_VEHICLE}
    assert known == WARNING_WORDS.keys()
    assert set(ShortfallReason) == SHORTFALL_WORDS.keys()


def test_warnings_are_told_in_words(network: RoadNetwork) -> None:
    rows = [attended(warnings="standard_at_risk"), attended(call_id="x", warnings="new_one")]
    said = Page(page(network, table_of(rows))).words
    assert "1 of 2 calls were likely enough to miss their standard" in said
    assert "1 of 2 calls carry the warning new_one" in said


def test_warnings_of_two_scenarios_stand_in_one_line(network: RoadNetwork) -> None:
    rows = [attended(warnings="call_off_network"), attended(scenario="without", warnings="")]
    said = Page(page(network, table_of(rows))).words
    assert "recorded: 1 of 1 calls; without: 0 of 1 calls lie far from any road" in said


def test_that_a_network_is_approximate_is_said_once(network: RoadNetwork) -> None:
    said = Page(page(network, table_of([attended(warnings="approximate_network")]))).words
    assert said.lower().count("approximate") == 1


def two_scenarios(seeds: int) -> list[pa.Table]:
    return [
        many(200, seed=seed, scenario=name, slower=slower + 0.02 * seed)
        for name, slower in (("with", 1.0), ("without", 1.2))
        for seed in range(seeds)
    ]


def page_of_two(directory: Path, network: RoadNetwork, tables: list[pa.Table]) -> Page:
    write_decisions(tables, directory / "decisions.parquet")
    write_results(
        directory / "decisions.parquet",
        directory,
        origin=ORIGIN,
        policy=load_policy(),
        network=network,
        vehicles={},
    )
    return Page((directory / REPORT).read_text())


def test_two_scenarios_stand_side_by_side_with_intervals(
    tmp_path: Path, network: RoadNetwork
) -> None:
    found = page_of_two(tmp_path, network, two_scenarios(seeds=3))
    comparison = read_summary(tmp_path / SUMMARY).comparison
    assert comparison is not None
    assert (comparison.base, comparison.other, comparison.seeds) == ("with", "without", 3)
    assert ("id", "comparison") in found.attributes
    mean = comparison.categories[0].measures[0]
    assert mean.difference is not None
    assert mean.low is not None
    assert words.signed_clock(mean.difference) in found.words
    assert words.signed_clock(mean.low) in found.words
    of_c1 = {one.category: one for one in comparison.categories}["C1"].measures[0]
    base, other = (words.clock(value) for value in (of_c1.base, of_c1.other))
    assert f"{base}\N{RIGHTWARDS ARROW}{other}" in "".join(found.words.split())


def test_one_seed_says_nothing_of_how_sure_a_difference_is(
    tmp_path: Path, network: RoadNetwork
) -> None:
    found = page_of_two(tmp_path, network, two_scenarios(seeds=1))
    assert "replay more seeds to know" in " ".join(found.words.split())
    assert not {"interval better", "interval worse"} & {value for _, value in found.attributes}


@pytest.mark.parametrize(("unattended", "css"), [(10.0, "better"), (10.1, "unclear")])
def test_times_of_too_few_are_not_called_better(unattended: float, css: str) -> None:
    measures = (
        Measure("mean_s", 900.0, 600.0, -300.0, -310.0, -290.0),
        Measure("unattended", 0.0, unattended, unattended, unattended - 0.5, unattended + 0.5),
    )
    of_c2 = CategoryComparison("C2", 100.0, measures, Patients(50, 0, 40, 0, 0))
    assert [row.css for row in difference_rows(of_c2)] == [css, "worse"]


@pytest.mark.parametrize("slower", [1.0, 20.0, 200.0])
def test_every_bar_is_seen_and_late_or_not_however_long_calls_wait(slower: float) -> None:
    (scenario,) = summarise([many(2_000, slower=slower)], STANDARDS).scenarios
    for category in scenario.categories:
        picture = response_chart([("recorded", category)])
        assert picture is not None
        widths = re.findall(r'<rect class="bar[^>]* width="([\d.]+)"', picture.__html__())
        assert widths
        assert min(map(float, widths)) >= 1
        in_time = re.findall(r'class="bar"[^>]*><title>([\d,]+) calls', picture.__html__())
        response = category.response
        assert (
            sum(int(one.replace(",", "")) for one in in_time) == response.attended - response.late
        )


def test_results_are_written_from_the_file_of_decisions(
    tmp_path: Path, network: RoadNetwork
) -> None:
    write_decisions([many(300)], tmp_path / "decisions.parquet")
    written = write_results(
        tmp_path / "decisions.parquet",
        tmp_path,
        origin=ORIGIN,
        policy=load_policy(),
        network=network,
        vehicles={"recorded": [STATION]},
    )
    assert read_summary(tmp_path / SUMMARY) == written
    whole = summarise(read_decisions(tmp_path / "decisions.parquet"), STANDARDS)
    assert whole == written
    assert Page((tmp_path / REPORT).read_text()).words.count("300") > 0


def test_a_call_is_on_the_map_of_every_scenario_or_of_none() -> None:
    first = sample.samples([many(4500, scenario="a")])["a"]
    second = sample.samples([many(4500, scenario="b", slower=2.0)])["b"]
    assert (first.total, len(first.lat)) == (4500, 4000)
    assert (first.lat == second.lat).all()


def test_no_bar_is_partly_late() -> None:
    """C1's standard is 15 minutes; one call each minute up to an hour."""
    rows = [
        attended(call_id=f"{i}", category="C1", response_s=60.0 * i, late=i > 15)
        for i in range(1, 61)
    ]
    (category,) = summarise([table_of(rows)], STANDARDS).scenarios[0].categories
    picture = response_chart([("recorded", category)])
    assert picture is not None
    bars = re.findall(r'<rect class="(bar late|bar)"[^>]*><title>(\d+) calls', picture.__html__())
    assert sum(int(calls) for css, calls in bars if css == "bar") == 15
    assert sum(int(calls) for css, calls in bars if css == "bar late") == 45


def test_a_map_shows_one_seed() -> None:
    tables = [many(50, seed=seed) for seed in (3, 4)]
    shown = sample.samples(tables)["recorded"]
    assert (shown.seed, shown.total) == (3, 50)


def test_rounded_steps_do_not_add_up_to_an_error() -> None:
    points = [(i * 0.333, i * 0.666) for i in range(1000)]
    numbers = [float(one) for one in re.findall(r"-?\d+(?:\.\d+)?", path_through(points))]
    assert sum(numbers[::2]) == pytest.approx(points[-1][0], abs=0.051)
    assert sum(numbers[1::2]) == pytest.approx(points[-1][1], abs=0.051)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, words.NOTHING),
        (0, "0:00"),
        (59.6, "1:00"),
        (1102, "18:22"),
        (3725, "1:02:05"),
        (-227, "\N{MINUS SIGN}3:47"),
    ],
)
def test_seconds_are_written_as_control_rooms_write_them(seconds: float | None, said: str) -> None:
    assert words.clock(seconds) == said


@pytest.mark.parametrize(
    ("part", "said"),
    [(None, words.NOTHING), (0.0, "0.0 %"), (0.0004, "< 0.1 %"), (0.0623, "6.2 %")],
)
def test_a_share_above_nothing_never_reads_as_nothing(part: float | None, said: str) -> None:
    assert words.share(part).replace("\N{NO-BREAK SPACE}", " ") == said


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (datetime(2017, 1, 1, 23, tzinfo=UTC), "1 January 2017"),
        (datetime(2017, 1, 31, tzinfo=UTC), "1 to 31 January 2017"),
        (datetime(2017, 2, 28, tzinfo=UTC), "1 January to 28 February 2017"),
        (datetime(2018, 2, 28, tzinfo=UTC), "1 January 2017 to 28 February 2018"),
    ],
)
def test_a_period_is_said_once(last: datetime, said: str) -> None:
    assert words.period(datetime(2017, 1, 1, tzinfo=UTC), last) == said


def test_several_seeds_are_said_to_stand_together_and_apart(
    tmp_path: Path, network: RoadNetwork
) -> None:
    said = " ".join(page_of_two(tmp_path, network, two_scenarios(seeds=3)).words.split())
    assert "200 calls \N{MULTIPLICATION SIGN} 3 seeds; figures are means over the seeds" in said
    assert "Figures here are means over the seeds" in said
    assert "Figures are of all 3 seeds together, not means over the seeds." in said
    of_one = Page(page(network, *(many(50, seed=seed) for seed in (1, 2)))).words
    assert "all 2 seeds together: 50 calls \N{MULTIPLICATION SIGN} 2 seeds" in of_one
    one_seed = Page(page(network, many(50))).words
    assert "seeds" not in one_seed


def test_seeds_of_different_size_are_not_multiplied() -> None:
    assert words.calls_of_seeds((990, 1006), 1996) == "1,996 calls over 2 seeds, 990 to 1,006 each"


@pytest.mark.parametrize("journeys", [29, 30])
def test_few_measured_journeys_judge_no_prediction(network: RoadNetwork, journeys: int) -> None:
    measured = {"observed_s": 400.0, "observed_eta_s": 350.0, "observed_eta_p90_s": 500.0}
    rows = [attended(call_id=f"{i}", **measured) for i in range(journeys)]
    said = Page(page(network, table_of(rows))).words
    assert ("too few to judge" in said) == (journeys == 29)
    assert ("90 % should" in said) == (journeys == 30)


def test_crews_beyond_their_shift_are_no_share_of_those_on_duty() -> None:
    def said(busy: float, on_duty: float) -> str:
        return busy_said(AgencyDay("LAS", (1.0, busy), (10.0, on_duty)))

    assert (
        said(9.0, 10.0).replace("\N{NO-BREAK SPACE}", " ")
        == "busiest at 00:30: 90.0 % of 10 on duty"
    )
    assert "15 on a call, 14 on duty; crews still on a call after their shift" in said(15.2, 14.0)
    assert said(3.0, 0.0).startswith("busiest at 00:00: 10.0")
    assert busy_said(AgencyDay("LAS", (1.0, 3.0), (0.0, 0.0))).endswith("3 vehicles on a call")


@pytest.mark.parametrize("slowest_s", [300.0, 2_400.0, 2_800.0, 9_000.0, 40_000.0])
@pytest.mark.parametrize("category", ["C1", "C2", "C3", "C4"])
def test_standards_are_written_inside_the_picture_and_never_over_each_other(
    category: str, slowest_s: float
) -> None:
    rows = [
        attended(call_id=f"{i}", category=category, response_s=slowest_s * i / 20, late=False)
        for i in range(1, 21)
    ]
    (found,) = summarise([table_of(rows)], STANDARDS).scenarios[0].categories
    picture = response_chart([("recorded", found)])
    assert picture is not None
    spans = []
    for side, x, said in re.findall(
        r'<text class="label standard (start|end)" x="([\d.]+)"[^>]*>([^<]*)', picture.__html__()
    ):
        begin = float(x) - (6.2 * len(said) if side == "end" else 0)
        spans.append((begin, begin + 6.2 * len(said)))
    spans.sort()
    assert spans
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert 0 <= spans[0][0] <= spans[-1][1] <= WIDTH
