"""Stations and what people call them."""

from pathlib import Path

import pytest

from app.dispatch.model import DriverAgency, Place
from app.replay.errors import ReplayError
from app.replay.rows import SourceRow, row_file
from app.replay.stations import Stations, read_stations

FEW = Stations(
    {
        name: Place(51.5, -0.1)
        for name in ("Soho", "King's Cross", "Heston and Isleworth", "West Norwood", "West Ham")
    }
)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Soho", "Soho"),
        ("SOHO fire station", "Soho"),
        ("Kings Cross", "King's Cross"),
        ("Heston", "Heston and Isleworth"),
        ("Heston & Isleworth", None),
        ("West", None),
        ("", None),
        ("Atlantis", None),
    ],
)
def test_a_name_means_one_station_or_none(said: str, meant: str | None) -> None:
    assert FEW.named(said) == meant


@pytest.mark.parametrize(
    "content",
    [
        "name,lat,lon\nSoho,51.5126,-0.1300\n",
        "Station_Name,Station_Latitude,Station_Longitude\nSoho,51.5126,-0.1300\n",
        "name,easting,northing\nSoho,529877,180902\n",
    ],
)
def test_a_list_of_stations_is_read(tmp_path: Path, content: str) -> None:
    (tmp_path / "stations.csv").write_text(content)
    place = read_stations(tmp_path / "stations.csv").places["Soho"]
    assert place.lat == pytest.approx(51.5126, abs=1e-3)
    assert place.lon == pytest.approx(-0.1300, abs=1e-3)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,lat\nSoho,51.5\n", "no column lon"),
        ("name,lat,lon\nSoho,51.5,x\n", "line 2: lon is 'x'"),
        ("name,lat,lon\nSoho,51,0\nSoho,51,0\n", "line 3: name is 'Soho': it is named twice"),
        ("name,lat,lon\n,51,0\n", "line 2: name is '': it must be filled in"),
    ],
)
def test_a_faulty_list_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "stations.csv").write_text(content)
    with pytest.raises(ReplayError, match=rf"^stations\.csv.*{message}"):
        read_stations(tmp_path / "stations.csv")


def test_every_station_of_real_incidents_is_found(london_data: Path) -> None:
    stations = read_stations(london_data / "lfb_stations.csv")
    column = "first_pump_arriving_deployed_from_station"
    incidents = row_file(london_data / "lfb_incidents_2017_jan_feb.csv.gz")
    said = {
        row.cells[column] for row in incidents if isinstance(row, SourceRow) and column in row.cells
    }
    assert len(said) > 100
    assert [name for name in said if stations.named(name) is None] == []
    pumps = stations.one_pump_each()
    assert len(pumps) == len(list(stations))
    spell = pumps.spell_at("Soho", 0.0)
    assert spell is not None
    assert spell.vehicle.driver_agency is DriverAgency.LFB
