"""Stations by name, as lists of them and records of incidents write it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Annotated

from pydantic import Field

from app.dispatch.model import DriverAgency, Place, PositionFix, Status, Vehicle, VehicleType
from app.places import PlaceIn
from app.replay.cells import Cells, checked
from app.replay.errors import ReplayError
from app.replay.fleet_file import EPOCH, FleetTimeline
from app.replay.rows import Rejection, row_file

_COLUMNS = (
    {"name": "name", "lat": "lat", "lon": "lon"},
    {"name": "name", "easting": "easting", "northing": "northing"},
    {"name": "Station_Name", "lat": "Station_Latitude", "lon": "Station_Longitude"},
)
"""Ours, in either system, and those of the London Fire Brigade's list."""

_NOT_SAID = re.compile(r"['\u2019.]|\bfire station\b")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")


class _StationCells(Cells):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    location: PlaceIn


@dataclass(frozen=True, slots=True)
class Stations:
    """Places of stations by name."""

    places: Mapping[str, Place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def named(self, name: str) -> str | None:
        """
        The station that is meant by a name, None when none is, or more than one.

        Capitals, punctuation and the words "fire station" make no difference, and a station may be
        called by its first words: Heston for Heston and Isleworth.
        """
        if name in self.places:
            return name
        words = _words(name)
        same = [one for one in self.places if _words(one) == words]
        longer = [one for one in self.places if _words(one)[: len(words)] == words] if words else []
        found = same or longer
        return found[0] if len(found) == 1 else None

    def one_pump_each(self) -> FleetTimeline:
        """A fire engine ready at each station at all times, called as the station is."""
        return FleetTimeline.always(
            Vehicle(
                vehicle_id=name,
                vehicle_type=VehicleType.FIRE_CO_RESPONDER,
                driver_agency=DriverAgency.LFB,
                status=Status.AVAILABLE_AT_STATION,
                fix=PositionFix(place, EPOCH),
                station=name,
            )
            for name, place in self.places.items()
        )


def read_stations(path: Path) -> Stations:
    """
    Read a list of stations: columns name, and lat and lon or easting and northing.

    The London Fire Brigade's own names of columns are known too.

    Raises
    ------
    ReplayError
        A row cannot be used; the message names file, line, column and value.
    OSError
        The file cannot be read.
    """
    file = row_file(path)
    found = set(file.columns or _COLUMNS[0])
    theirs = next((one for one in _COLUMNS if found.issuperset(one.values())), _COLUMNS[0])
    file.require_columns(theirs.values())
    places: dict[str, Place] = {}
    for row in file:
        read = row if isinstance(row, Rejection) else checked(_StationCells, row, UTC, theirs)
        if isinstance(read, Rejection):
            raise ReplayError(read.told(path.name))
        if read.name in places:
            told = Rejection.of(row.line, theirs["name"], read.name, "it is named twice")
            raise ReplayError(told.told(path.name))
        places[read.name] = read.location.place()
    return Stations(places)


def _words(name: str) -> list[str]:
    return _BETWEEN_WORDS.sub(" ", _NOT_SAID.sub("", name.casefold())).split()
