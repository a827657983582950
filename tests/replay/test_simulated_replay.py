"""Replays of files in which calls compete for crews, under one fleet or two."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.replay.decision_table import read_decisions
from app.replay.errors import ReplayError
from app.replay.inputs import Inputs
from app.replay.replay import Hands, Mode, ReplayRequest, replay
from app.replay.simulated_replay import SimulationOptions
from app.replay.summary import read_summary
from geo_data.csv_tables import TableError
from routing.progress import silent
from routing.storage import save_network
from tests.town import SIDE_M, at, grid, surveyed

CENTRE, CORNER = at(1500, 1500), at(SIDE_M, SIDE_M)
CALLS = [
    f"c{i:02},2021-01-17 {9 + i // 4:02}:{15 * (i % 4):02},C{1 + i % 3},{CENTRE.lat},{CENTRE.lon}"
    for i in range(24)
]
SHIFT = "2021-01-17 08:00,2021-01-17 20:00,available_at_station"
CREWS = [
    f"A1,{SHIFT},{CENTRE.lat},{CENTRE.lon},emergency_ambulance,LAS",
    f"A2,{SHIFT},{CORNER.lat},{CORNER.lon},emergency_ambulance,LAS",
    f"P1,{SHIFT},{CENTRE.lat},{CENTRE.lon},emergency_ambulance,MPS",
]
FLEET_HEADER = "vehicle_id,begins_at,ends_at,status,lat,lon,vehicle_type,driver_agency"


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("replay")
    save_network(surveyed(grid().network), directory / "town")
    write(directory / "calls.csv", "call_id,received_at,category,lat,lon", *CALLS)
    write(directory / "fleet.csv", FLEET_HEADER, *CREWS)
    write(directory / "small.csv", FLEET_HEADER, CREWS[0])
    write(
        directory / "hospitals.csv",
        "code,name,latitude,longitude",
        f"H1,General,{CORNER.lat},{CORNER.lon}",
    )
    return directory


def write(file: Path, *lines: str) -> None:
    file.write_text("\n".join(lines) + "\n")


def request(here: Path, **options: Any) -> ReplayRequest:
    return ReplayRequest(
        calls=here / "calls.csv",
        inputs=Inputs(network=here / "town", fleet=here / "fleet.csv"),
        mode=Mode.SIMULATE,
        simulation=SimulationOptions(hospitals=here / "hospitals.csv", **options),
    )


def simulated(asked: ReplayRequest, output: Path, *, resume: bool = False) -> Path:
    replay(asked, output, hands=Hands(1), resume=resume, progress=silent)
    return output


def rows(output: Path) -> list[dict[str, Any]]:
    return [
        row for table in read_decisions(output / "decisions.parquet") for row in table.to_pylist()
    ]


def test_crews_that_attend_are_missing_elsewhere(here: Path, tmp_path: Path) -> None:
    found = rows(simulated(request(here), tmp_path / "run"))
    assert [row["call_id"] for row in found] == [f"c{i:02}" for i in range(24)]
    assert {row["outcome"] for row in found} == {"attended"}
    assert {row["vehicle_id"] for row in found} == {"A1", "A2", "P1"}
    assert {row["conveyed_to"] for row in found} == {"", "General"}
    assert {row["scenario"] for row in found} == {"as given"}


def test_leaving_out_an_agency_is_compared_with_the_fleet_as_given(
    here: Path, tmp_path: Path
) -> None:
    output = simulated(request(here, without=("MPS",), seeds=3), tmp_path / "run")
    summary = read_summary(output / "summary.json")
    assert [one.scenario for one in summary.scenarios] == ["as given", "without MPS"]
    assert [one.seeds for one in summary.scenarios] == [(1, 2, 3)] * 2
    assert [[agency.name for agency in one.agencies] for one in summary.scenarios] == [
        ["LAS", "MPS"],
        ["LAS"],
    ]
    comparison = summary.comparison
    assert comparison is not None
    mean = comparison.categories[0].measures[0]
    assert mean.low is not None
    assert mean.high is not None
    assert mean.difference is not None
    assert mean.low < mean.difference < mean.high
    assert mean.difference > 0
    page = (output / "report.html").read_text()
    assert "without MPS" in page
    assert "--without-agency MPS --seeds 3" in page


def test_another_fleet_meets_the_same_calls_and_luck(here: Path, tmp_path: Path) -> None:
    found = rows(simulated(request(here, versus=here / "small.csv"), tmp_path / "run"))
    alone = [row for row in found if row["scenario"] == "with small"]
    assert {row["vehicle_id"] for row in alone} <= {"A1", ""}
    only = replace(request(here), inputs=Inputs(network=here / "town", fleet=here / "small.csv"))
    again = rows(simulated(only, tmp_path / "only"))
    assert [{**row, "scenario": ""} for row in alone] == [{**row, "scenario": ""} for row in again]


def test_who_resumes_gets_the_same_bytes(here: Path, tmp_path: Path) -> None:
    asked = request(here, without=("MPS",), seeds=2)
    whole = simulated(asked, tmp_path / "whole")

    class StoppedError(Exception):
        pass

    def stop(stage: str, done: int, total: int) -> None:
        del stage, done, total
        if len(list((tmp_path / "cut" / "parts").glob("*.parquet"))) == 3:
            raise StoppedError

    with pytest.raises(StoppedError):
        replay(asked, tmp_path / "cut", hands=Hands(1), resume=False, progress=stop)
    cut = simulated(asked, tmp_path / "cut", resume=True)
    for name in ("decisions.parquet", "summary.json", "report.html", "rejected.csv"):
        assert (cut / name).read_bytes() == (whole / name).read_bytes(), name


def test_rows_that_are_no_calls_are_told_and_with_strict_stop(here: Path, tmp_path: Path) -> None:
    faulty = tmp_path / "calls.csv"
    write(faulty, (here / "calls.csv").read_text().strip(), "bad,yesterday,C1,51.5,-0.1")
    asked = replace(request(here, seeds=2), calls=faulty)
    found = replay(asked, tmp_path / "run", hands=Hands(1), resume=False, progress=silent)
    assert (found.rejected, found.outcomes) == (1, {"attended": 48})
    with pytest.raises(ReplayError, match="line 26: received_at is 'yesterday'"):
        simulated(replace(asked, strict=True), tmp_path / "strict")


FAULTS: dict[str, dict[str, Any]] = {
    "--seeds is 0; it must be from 1 to 1000": {"seeds": 0},
    "no driver agency is called NYPD; known: LAS, MPS, LFB": {"without": ("NYPD",)},
    "two second scenarios": {"without": ("MPS",), "versus": Path("small.csv")},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_simulated_is_said_before_anything_is_written(
    fault: str, here: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReplayError, match=fault):
        simulated(request(here, **FAULTS[fault]), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_hospitals_that_cannot_be_read_are_told_before_anything_is_written(
    here: Path, tmp_path: Path
) -> None:
    write(wrong := tmp_path / "hospitals.csv", "code,name,latitude,longitude", "H1,General,0,0")
    asked = request(here)
    asked = replace(asked, simulation=replace(asked.simulation, hospitals=wrong))
    with pytest.raises(TableError, match="latitude is '0'"):
        simulated(asked, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_option_of_simulations_is_refused_where_nothing_is_simulated(
    here: Path, tmp_path: Path
) -> None:
    asked = replace(request(here, seeds=2), mode=Mode.INDEPENDENT)
    with pytest.raises(ReplayError, match="--hospitals is for simulations only"):
        simulated(asked, tmp_path / "run")
    asked = replace(asked, simulation=SimulationOptions(without=("MPS",)))
    with pytest.raises(ReplayError, match="--without-agency is for simulations only"):
        simulated(asked, tmp_path / "run")


@pytest.fixture
def command(here: Path) -> list[str]:
    return [
        *("replay", str(here / "calls.csv"), "--fleet", str(here / "fleet.csv")),
        *("--network", str(here / "town"), "--hospitals", str(here / "hospitals.csv")),
    ]


def test_the_command_line_simulates(command: list[str], tmp_path: Path) -> None:
    output = tmp_path / "run"
    options = ["--mode", "simulate", "--without-agency", "MPS", "--output", str(output)]
    done = CliRunner().invoke(app, [*command, *options, "--workers", "1"])
    assert done.exit_code == 0, done.output
    assert "24 calls replayed x 2 scenarios into" in done.output
    assert read_summary(output / "summary.json").comparison is not None
