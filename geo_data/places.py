"""Where London's ambulances stand and where they take the seriously ill."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from geo_data.csv_tables import Row, read_rows

SECTORS = ("North West", "North Central", "North East", "South East", "South West")
"""The London Ambulance Service's five operational sectors."""

SOUTH_DEG, NORTH_DEG = 51.22, 51.75
WEST_DEG, EAST_DEG = -0.60, 0.40
"""A box around Greater London (its boundary lies within 51.287 to 51.692 north and -0.510 to
0.334 east) and the M25, which leaves it by up to 4 km on every side."""


@dataclass(frozen=True, slots=True)
class Station:
    """An ambulance station of the London Ambulance Service.

    Attributes
    ----------
    code
        The service's own, which starts the call signs of its crews ("A1").
    lat, lon
        WGS84 degrees; approximate, within a few hundred metres of the gate.
    sector
        One of `SECTORS`.
    """

    code: str
    name: str
    lat: float
    lon: float
    sector: str


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital with a type 1 emergency department: consultant-led, open 24 hours.

    Attributes
    ----------
    code
        Organisation Data Service code of the site.
    lat, lon
        WGS84 degrees; approximate, within a few hundred metres of the ambulance entrance.
    """

    code: str
    name: str
    lat: float
    lon: float


def read_stations(path: Path) -> tuple[Station, ...]:
    """Read a table of ambulance stations.

    Raises
    ------
    TableError
        Naming the cell that is wrong, or the second of two rows with one code.
    """
    rows = _coded_rows(path, ("code", "name", "latitude", "longitude", "sector"))
    return tuple(
        Station(row.text("code"), row.text("name"), *position(row), row.one_of("sector", SECTORS))
        for row in rows
    )


def read_hospitals(path: Path) -> tuple[Hospital, ...]:
    """Read a table of hospitals with emergency departments; raises as `read_stations` does."""
    rows = _coded_rows(path, ("code", "name", "latitude", "longitude"))
    return tuple(Hospital(row.text("code"), row.text("name"), *position(row)) for row in rows)


@cache
def las_stations() -> tuple[Station, ...]:
    """Every ambulance station of the London Ambulance Service, by code."""
    with as_file(files("geo_data") / "london" / "las_stations.csv") as path:
        return read_stations(path)


@cache
def emergency_departments() -> tuple[Hospital, ...]:
    """Every hospital in Greater London with a type 1 emergency department, by code."""
    with as_file(files("geo_data") / "london" / "hospitals.csv") as path:
        return read_hospitals(path)


def position(row: Row) -> tuple[float, float]:
    """Latitude and longitude of a row, somewhere in or just around Greater London."""
    return (
        row.number("latitude", SOUTH_DEG, NORTH_DEG),
        row.number("longitude", WEST_DEG, EAST_DEG),
    )


def _coded_rows(path: Path, columns: tuple[str, ...]) -> list[Row]:
    rows = list(read_rows(path, columns))
    seen: set[str] = set()
    column = "code"
    for row in rows:
        if row.text(column) in seen:
            raise row.fault(column, "used once only")
        seen.add(row.text(column))
    return rows
