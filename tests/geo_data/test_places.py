"""Stations and hospitals: strict reading, and agreement with independent open data."""

import csv
import gzip
import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import shapely

from geo_data.csv_tables import TableError
from geo_data.places import (
    SECTORS,
    Hospital,
    Station,
    emergency_departments,
    las_stations,
    read_hospitals,
    read_stations,
)
from routing.geometry import great_circle_m

STATION_HEADER = "code,name,latitude,longitude,sector\n"
FARTHEST_STATION_M = 1_000.0
FARTHEST_HOSPITAL_M = 500.0


def apart_m(place: Station | Hospital, lat: str, lon: str) -> float:
    here = np.array([place.lat]), np.array([place.lon])
    return float(great_circle_m(*here, np.array([float(lat)]), np.array([float(lon)]))[0])


def greater_london(london_data: Path) -> shapely.Geometry:
    with gzip.open(london_data / "greater_london.geojson.gz", "rt", encoding="utf-8") as file:
        collection = json.load(file)
    return shapely.union_all(
        [shapely.from_geojson(json.dumps(part["geometry"])) for part in collection["features"]]
    )


def test_every_sector_has_stations() -> None:
    assert {station.sector for station in las_stations()} == set(SECTORS)


def test_station_codes_are_those_call_signs_start_with() -> None:
    codes = [station.code for station in las_stations()]
    assert len(codes) == len(set(codes)) == 66
    assert all(len(code) == 2 and code[0].isupper() and code[1].isdigit() for code in codes)


def test_stations_agree_with_independent_positions(london_data: Path) -> None:
    with (london_data / "las_stations.csv").open(encoding="utf-8", newline="") as file:
        independent = {row["station_code"]: row for row in csv.DictReader(file)}
    stations = las_stations()
    assert {s.code: s.name for s in stations} == {
        code: row["station_name"] for code, row in independent.items()
    }
    apart = {
        s.code: apart_m(s, independent[s.code]["latitude"], independent[s.code]["longitude"])
        for s in stations
    }
    assert {code: d for code, d in apart.items() if d > FARTHEST_STATION_M} == {}


def test_every_type_1_emergency_department_is_there_and_in_its_place(london_data: Path) -> None:
    with (london_data / "london_hospitals.csv").open(encoding="utf-8", newline="") as file:
        sites = {row["OrganisationCode"]: row for row in csv.DictReader(file)}
    ours = {hospital.code: hospital for hospital in emergency_departments()}
    assert set(ours) == {code for code, row in sites.items() if row["likely_type1_ed"] == "1"}
    apart = {c: apart_m(h, sites[c]["Latitude"], sites[c]["Longitude"]) for c, h in ours.items()}
    assert {code: d for code, d in apart.items() if d > FARTHEST_HOSPITAL_M} == {}


def test_everything_lies_in_greater_london(london_data: Path) -> None:
    boundary = greater_london(london_data)
    places: tuple[Station | Hospital, ...] = (*las_stations(), *emergency_departments())
    outside = [p.name for p in places if not shapely.contains_xy(boundary, p.lon, p.lat)]
    assert outside == []


@pytest.mark.parametrize(
    ("line", "column", "value", "accepted"),
    [
        ("A1,Feltham,51.46,-0.41,West", "sector", "West", "North West"),
        ("A1,Feltham,fifty,-0.41,North West", "latitude", "fifty", "a number from 51.22"),
        ("A1,Feltham,nan,-0.41,North West", "latitude", "nan", "a number from 51.22"),
        ("A1,Feltham,-0.41,51.46,North West", "latitude", "-0.41", "a number from 51.22"),
        ("A1,,51.46,-0.41,North West", "name", "", "filled in"),
        ("A1,Feltham,51.46", "line", "A1,Feltham,51.46", "5 cells"),
    ],
)
def test_a_wrong_cell_is_named(
    tmp_path: Path, line: str, column: str, value: str, accepted: str
) -> None:
    table = tmp_path / "stations.csv"
    table.write_text(STATION_HEADER + "B1,Greenford,51.53,-0.35,North West\n" + line + "\n")
    with pytest.raises(TableError) as caught:
        read_stations(table)
    fault = caught.value
    assert (fault.file, fault.line) == ("stations.csv", 3)
    assert (fault.column, fault.value) == (column, value)
    assert accepted in fault.accepted
    assert "stations.csv, line 3: " in str(fault)


def test_a_code_used_twice_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "hospitals.csv"
    table.write_text("code,name,latitude,longitude\nX,One,51.5,0\nX,Other,51.5,0.1\n")
    with pytest.raises(TableError, match=r"line 3: code is 'X'; it must be used once only"):
        read_hospitals(table)


def test_another_header_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "stations.csv"
    table.write_text("code,name,lat,lon,sector\n")
    with pytest.raises(TableError, match="must be code,name,latitude,longitude,sector"):
        read_stations(table)


def test_a_table_as_a_spreadsheet_saves_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "hospitals.csv"
    file.write_text("\ufeffcode,name,latitude,longitude\r\nH1,St Réné,51.5,-0.1\r\n\r\n", "utf-8")
    assert read_hospitals(file) == (Hospital("H1", "St Réné", 51.5, -0.1),)


def test_a_table_in_another_encoding_is_said_in_words_also_to_another_process(
    tmp_path: Path,
) -> None:
    file = tmp_path / "hospitals.csv"
    file.write_bytes("code,name,latitude,longitude\nH1,St Réné,51.5,-0.1\n".encode("latin-1"))
    with pytest.raises(TableError, match=r"line 2: text is .*UTF-8") as caught:
        read_hospitals(file)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
