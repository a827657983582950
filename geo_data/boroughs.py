"""London's boroughs: how many people live in each, and which main junctions lie in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from geo_data.csv_tables import Row, read_rows
from geo_data.strategic import NamedJunction, main_junctions

COLUMNS = ("name", "population", "junctions")

MOST_PEOPLE = 10_000_000
"""No borough has more: that would be all of London."""


@dataclass(frozen=True, slots=True)
class Borough:
    """One of the 32 London boroughs, or the City.

    Attributes
    ----------
    population
        Usual residents, to the nearest hundred.
    junctions
        Main junctions within its boundary, at least one.
    """

    name: str
    population: int
    junctions: tuple[NamedJunction, ...]


def read_boroughs(path: Path, junctions: Mapping[str, NamedJunction]) -> tuple[Borough, ...]:
    """Read the table of boroughs.

    Raises
    ------
    TableError
        Naming the cell that is wrong.
    """
    return tuple(_borough(row, junctions) for row in read_rows(path, COLUMNS))


@cache
def boroughs() -> tuple[Borough, ...]:
    """Every borough and the City, by name."""
    with as_file(files("geo_data") / "london" / "boroughs.csv") as path:
        return read_boroughs(path, main_junctions())


def _borough(row: Row, junctions: Mapping[str, NamedJunction]) -> Borough:
    column = "junctions"
    keys = row.text(column).split()
    unknown = [key for key in keys if key not in junctions]
    if unknown:
        raise row.fault(column, f"ids of the table of junctions; unknown: {', '.join(unknown)}")
    return Borough(
        row.text("name"),
        round(row.number("population", 1, MOST_PEOPLE)),
        tuple(junctions[key] for key in keys),
    )
