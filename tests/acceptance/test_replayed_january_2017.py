"""A real month replayed: fires and alarms in central London, and how soon pumps were there."""

from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.dispatch.policy import load_policy
from app.replay.accuracy import EtaAccuracy
from app.replay.calls import LFB_INCIDENTS, RecordedCall
from app.replay.decision_rows import COLUMNS
from app.replay.decision_table import read_decisions
from app.replay.results import standards_of
from app.replay.rows import SourceRow, row_file
from app.replay.tally import summarise
from geo_data.sources import RoadFile, build_from
from routing.network import RoadNetwork
from routing.storage import save_network
from tests.replay.test_calls import LONDON


@pytest.fixture(scope="module")
def network(london_data: Path) -> RoadNetwork:
    return build_from(RoadFile(london_data / "central_london_drive.osm.gz"))


@pytest.fixture(scope="module")
def month(
    london_data: Path, network: RoadNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """January inside the extract, by the command of the README."""
    directory = tmp_path_factory.mktemp("january")
    save_network(network, directory / "network")
    command = [
        "replay",
        *(str(london_data / "lfb_incidents_2017_jan_feb.csv.gz"), "--format", "lfb-incidents"),
        *("--stations", str(london_data / "lfb_stations.csv")),
        *("--network", str(directory / "network"), "--output", str(directory / "run")),
        *("--since", "2017-01-01", "--until", "2017-02-01", "--inside", "--workers", "1"),
    ]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    return directory / "run"


@pytest.fixture(scope="module")
def decisions(month: Path) -> pa.Table:
    return pa.concat_tables(read_decisions(month / "decisions.parquet"))


@pytest.fixture(scope="module")
def accuracy(month: Path) -> EtaAccuracy:
    tables = read_decisions(month / "decisions.parquet", COLUMNS)
    (recorded,) = summarise(tables, standards_of(load_policy()), None).scenarios
    assert recorded.accuracy is not None
    return recorded.accuracy


def test_every_incident_of_the_month_is_replayed(
    decisions: pa.Table, network: RoadNetwork, london_data: Path
) -> None:
    rows = row_file(london_data / "lfb_incidents_2017_jan_feb.csv.gz")
    calls = [LFB_INCIDENTS.call(row, LONDON) for row in rows if isinstance(row, SourceRow)]
    wanted = [
        one.call.call_id
        for one in calls
        if isinstance(one, RecordedCall)
        and (one.call.received_at.year, one.call.received_at.month) == (2017, 1)
        and network.extent.contains(one.call.location.lat, one.call.location.lon)
    ]
    assert len(wanted) > 1_500
    assert decisions["call_id"].to_pylist() == wanted
    assert set(decisions["outcome"].to_pylist()) == {"attended"}


def test_every_pump_is_a_known_one(decisions: pa.Table) -> None:
    assert not any("unknown_observed_vehicle" in one for one in decisions["warnings"].to_pylist())


def test_the_nearest_pump_is_the_one_that_came_more_often_than_not(decisions: pa.Table) -> None:
    """Ours are always ready at their station; real ones may have been out."""
    known = [
        (ours, theirs)
        for ours, theirs, eta_s in zip(
            *(decisions[name].to_pylist() for name in ("vehicle_id", "observed_vehicle_id")),
            decisions["observed_eta_s"].to_pylist(),
            strict=True,
        )
        if eta_s is not None
    ]
    same = sum(ours == theirs for ours, theirs in known)
    assert len(known) > 900
    assert 0.5 < same / len(known) < 0.8


def test_measured_attendance_times_are_near_the_eta_from_the_recorded_station(
    accuracy: EtaAccuracy,
) -> None:
    """Turnout and finding the place are in both; an extract cut at its edge makes detours."""
    assert accuracy.n > 900
    assert abs(accuracy.bias_s) < 45
    assert abs(accuracy.median_error_s) < 30
    assert accuracy.mean_absolute_s < 120
    assert accuracy.within_eta_share == pytest.approx(0.55, abs=0.1)
    assert accuracy.within_p90_share == pytest.approx(0.92, abs=0.04)


def test_every_hour_of_the_day_has_its_errors(accuracy: EtaAccuracy) -> None:
    assert [one.hour for one in accuracy.by_hour] == list(range(24))
    assert sum(one.n for one in accuracy.by_hour) == accuracy.n
    assert all(one.n > 5 for one in accuracy.by_hour)
    assert all(abs(one.median_s or 0) < 90 for one in accuracy.by_hour)
