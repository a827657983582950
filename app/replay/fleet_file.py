"""A fleet over time: which vehicles there were at any moment, and how they were, as files say it.

A row says how one vehicle is from `begins_at` to `ends_at`: on a shift, on a break within it, at a
place. Of rows that overlap, the one that began last counts while it lasts; then the one around it
counts again. Without `ends_at` a row holds until the vehicle's next row or the end of the row
around it, so a plain log of events is a fleet file too. Without `begins_at` it has always held.

What a row leaves empty is as in the row in force when it begins; where none is, as in the vehicle's
last row that lay within no other.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from math import inf
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from app.dispatch.model import DriverAgency, PositionFix, Skill, Status, Vehicle, VehicleType
from app.fields import FASTEST_MPS, VehicleId
from app.places import PlaceIn
from app.replay.cells import Cells, MomentCell, WordsCell, checked
from app.replay.errors import ReplayError
from app.replay.rows import Rejection, SourceRow, row_file
from app.replay.surroundings import Surroundings

EPOCH = datetime.fromtimestamp(0, UTC)
"""When a position was reported that has always held."""


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch of time in which a vehicle was on duty, and the same.

    Attributes
    ----------
    begins_s, ends_s
        Seconds since 1970, the end excluded; -inf and inf where it has always held, or for good.
    vehicle
        How it was. Its shift ends, where the file does not say otherwise, when it next goes off
        duty.
    reports_steadily
        Whether its position is to be taken as just reported at every moment of the spell: the file
        says where it is, not when it said so. Otherwise the fix in `vehicle` grows older.
    """

    begins_s: float
    ends_s: float
    vehicle: Vehicle
    reports_steadily: bool = True


class FleetTimeline:
    """Vehicles over time.

    Parameters
    ----------
    spells
        Of each vehicle, in order of time, none overlapping.
    """

    def __init__(self, spells: Mapping[str, Sequence[Spell]]) -> None:
        self._spells = {vehicle_id: tuple(spells[vehicle_id]) for vehicle_id in sorted(spells)}
        self._begins_s = {
            vehicle_id: [spell.begins_s for spell in of_one]
            for vehicle_id, of_one in self._spells.items()
        }

    @classmethod
    def always(cls, vehicles: Iterable[Vehicle]) -> "FleetTimeline":
        """A fleet that never changes."""
        return cls({one.vehicle_id: [Spell(-inf, inf, one)] for one in vehicles})

    def __len__(self) -> int:
        return len(self._spells)

    def __contains__(self, vehicle_id: object) -> bool:
        return vehicle_id in self._spells

    def __iter__(self) -> Iterator[str]:
        """Every vehicle that is ever on duty, in alphabetical order."""
        return iter(self._spells)

    def without(self, agencies: frozenset[str]) -> "FleetTimeline":
        """The fleet without the spells that drivers of some agencies drive."""
        left = {
            vehicle_id: [
                spell for spell in of_one if spell.vehicle.driver_agency.value not in agencies
            ]
            for vehicle_id, of_one in self._spells.items()
        }
        return FleetTimeline({vehicle_id: spells for vehicle_id, spells in left.items() if spells})

    def changes(self) -> list[tuple[float, str, Spell | None]]:
        """When, in order, which vehicle began a spell, or went off duty (None)."""
        found: list[tuple[float, str, Spell | None]] = []
        for vehicle_id, of_one in self._spells.items():
            for spell, following in zip(of_one, [*of_one[1:], None], strict=True):
                found.append((spell.begins_s, vehicle_id, spell))
                if spell.ends_s != inf and (
                    following is None or following.begins_s != spell.ends_s
                ):
                    found.append((spell.ends_s, vehicle_id, None))
        return sorted(found, key=lambda change: change[:2])

    def spells(self, vehicle_id: str) -> Sequence[Spell]:
        """A vehicle's spells of duty, in order of time; KeyError if there is no such vehicle."""
        return self._spells[vehicle_id]

    def spell_at(self, vehicle_id: str, moment_s: float) -> Spell | None:
        """How a vehicle was at a moment, in seconds since 1970; None when off duty or unknown."""
        place = bisect_right(self._begins_s.get(vehicle_id, ()), moment_s) - 1
        if place < 0:
            return None
        spell = self._spells[vehicle_id][place]
        return spell if moment_s < spell.ends_s else None


class _FleetCells(Cells):
    vehicle_id: VehicleId
    begins_at: MomentCell | None = None
    ends_at: MomentCell | None = None
    vehicle_type: VehicleType | None = None
    driver_agency: DriverAgency | None = None
    status: Status | None = None
    location: PlaceIn | None = None
    heading_deg: Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)] | None = None
    speed_mps: Annotated[float, Field(ge=0, le=FASTEST_MPS, allow_inf_nan=False)] | None = None
    reported_at: MomentCell | None = None
    clinician_aboard: bool | None = None
    skills: WordsCell[Skill] | None = None
    blue_light_trained: bool | None = None
    shift_ends_at: MomentCell | None = None
    station: Annotated[str, Field(max_length=100)] | None = None


FLEET_COLUMNS = tuple(one for one in _FleetCells.model_fields if one != "location")

_OF_A_VEHICLE = (
    "vehicle_type",
    "driver_agency",
    "status",
    "clinician_aboard",
    "skills",
    "blue_light_trained",
    "station",
)
"""Columns that are fields of `Vehicle` as they stand."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row as small as it can be kept: all of a vehicle's are needed at once.

    Attributes
    ----------
    said
        The fields of `Vehicle` that are filled in.
    fix
        The position, reported when the row begins where it does not say when.
    """

    line: int
    begins_s: float
    ends_s: float | None
    said: Mapping[str, Any]
    fix: PositionFix | None
    reported_at: datetime | None
    shift_ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class _State:
    """How a vehicle is, with whether its fix has a time and its shift an end of its own."""

    vehicle: Vehicle
    reports_steadily: bool


@dataclass(frozen=True, slots=True)
class _Layer:
    """A row that has begun and is not over, above those around it."""

    ends_s: float
    until_next: bool
    state: _State


def read_fleet(path: Path, zone: tzinfo, around: Surroundings | None = None) -> FleetTimeline:
    """
    Read a fleet file (CSV, NDJSON or Parquet).

    Unlike a faulty call, a faulty row here would make every answer doubtful, so none is left out.

    Parameters
    ----------
    zone
        Of times that name no offset.
    around
        Where vehicles may be; None: anywhere.

    Raises
    ------
    ReplayError
        A row cannot be used; the message names file, line, column and value.
    OSError
        The file cannot be read.
    """
    file = row_file(path)
    file.require_columns(["vehicle_id"])
    by_vehicle: dict[str, list[_Row]] = defaultdict(list)
    for row in file:
        read = row if isinstance(row, Rejection) else _cells(row, zone, around)
        if isinstance(read, Rejection):
            raise ReplayError(read.told(path.name))
        by_vehicle[read.vehicle_id].append(_timed(path.name, row.line, read))
    if not by_vehicle:
        msg = f"{path.name}: no vehicles in it"
        raise ReplayError(msg)
    return FleetTimeline(
        {
            vehicle_id: _with_shift_ends(_spells(path.name, vehicle_id, rows))
            for vehicle_id, rows in by_vehicle.items()
        }
    )


def _cells(row: SourceRow, zone: tzinfo, around: Surroundings | None) -> _FleetCells | Rejection:
    cells = checked(_FleetCells, row, zone)
    if isinstance(cells, Rejection) or cells.location is None or around is None:
        return cells
    return around.rejection(row, cells.location.place()) or cells


def _timed(file: str, line: int, cells: _FleetCells) -> _Row:
    begins_s = -inf if cells.begins_at is None else cells.begins_at.timestamp()
    ends_s = None if cells.ends_at is None else cells.ends_at.timestamp()
    if ends_s is not None and ends_s <= begins_s:
        reason = f"it must be after begins_at, {cells.begins_at}"
        raise ReplayError(Rejection.of(line, "ends_at", cells.ends_at, reason).told(file))
    said = {name: value for name in _OF_A_VEHICLE if (value := getattr(cells, name)) is not None}
    reported_at = None if cells.reported_at is None else _utc(cells.reported_at)
    fix = None
    if cells.location is not None:
        since = reported_at or _utc(cells.begins_at or EPOCH)
        fix = PositionFix(cells.location.place(), since, cells.heading_deg, cells.speed_mps)
    shift_ends_at = None if cells.shift_ends_at is None else _utc(cells.shift_ends_at)
    return _Row(line, begins_s, ends_s, said, fix, reported_at, shift_ends_at)


def _spells(file: str, vehicle_id: str, rows: Sequence[_Row]) -> list[Spell]:
    """One vehicle's rows laid over each other."""
    spells: list[Spell] = []
    layers: list[_Layer] = []
    last_alone: _State | None = None
    now_s = -inf

    def go_on(to_s: float) -> None:
        nonlocal now_s
        while layers and layers[-1].ends_s <= to_s:
            over = layers.pop()
            _add(spells, now_s, over.ends_s, over.state)
            now_s = max(now_s, over.ends_s)
        if layers:
            _add(spells, now_s, to_s, layers[-1].state)
        now_s = to_s

    in_order = sorted(rows, key=lambda one: (one.begins_s, one.line))
    for row in in_order:
        if row.begins_s == -inf and row is not in_order[0]:
            reason = f"it must be filled in, for line {in_order[0].line} has always held too"
            raise ReplayError(Rejection.of(row.line, "begins_at", "", reason).told(file))
        go_on(row.begins_s)
        before = layers[-1].state if layers else None
        if layers and layers[-1].until_next:
            layers.pop()
        state = _state(file, vehicle_id, row, before, last_alone)
        if not layers:
            last_alone = state
        around_s = layers[-1].ends_s if layers else inf
        ends_s = around_s if row.ends_s is None else row.ends_s
        layers.append(_Layer(ends_s, row.ends_s is None, state))
    go_on(inf)
    return spells


def _add(spells: list[Spell], begins_s: float, ends_s: float, state: _State) -> None:
    if begins_s < ends_s:
        spells.append(Spell(begins_s, ends_s, state.vehicle, state.reports_steadily))


def _state(
    file: str, vehicle_id: str, row: _Row, before: _State | None, last_alone: _State | None
) -> _State:
    """How the vehicle is by a row, given the row in force and the last one that lay alone."""
    known = before or last_alone
    fix, reports_steadily = _position(row, known)
    shift_ends_at = row.shift_ends_at or (before.vehicle.shift_ends_at if before else None)
    said = {**row.said, "fix": fix, "shift_ends_at": shift_ends_at}
    if known is not None:
        return _State(replace(known.vehicle, **said), reports_steadily)
    for name in ("vehicle_type", "status"):
        if name not in said:
            reason = f"it must be filled in, in the first row of {vehicle_id}"
            raise ReplayError(Rejection.of(row.line, name, "", reason).told(file))
    return _State(
        Vehicle(vehicle_id, **{"driver_agency": DriverAgency.LAS, **said}), reports_steadily
    )


def _position(row: _Row, known: _State | None) -> tuple[PositionFix | None, bool]:
    """Where the vehicle is, and whether at every moment of the row."""
    if row.fix is not None or known is None:
        return row.fix, row.reported_at is None
    if known.vehicle.fix is None or row.reported_at is None:
        return known.vehicle.fix, known.reports_steadily
    return replace(known.vehicle.fix, reported_at=row.reported_at), False


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _with_shift_ends(spells: Sequence[Spell]) -> list[Spell]:
    """Spells whose vehicles know when they go off duty: where the next spell does not follow on."""
    ended: list[Spell] = []
    following_s, off_duty_s = inf, inf
    for spell in reversed(spells):
        if spell.ends_s != following_s:
            off_duty_s = spell.ends_s
        following_s = spell.begins_s
        ended.append(spell if off_duty_s == inf else _ending(spell, off_duty_s))
    return ended[::-1]


def _ending(spell: Spell, off_duty_s: float) -> Spell:
    if spell.vehicle.shift_ends_at is not None:
        return spell
    ends_at = datetime.fromtimestamp(off_duty_s, UTC)
    return replace(spell, vehicle=replace(spell.vehicle, shift_ends_at=ends_at))
