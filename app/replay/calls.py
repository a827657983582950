"""Past calls from a file, ready to be answered again."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Annotated, Any

from pydantic import Field

from app.dispatch.model import Call, Needs, Skill, VehicleType
from app.fields import CallId, CategoryIn
from app.places import PlaceIn
from app.replay.cells import Cells, MomentCell, SecondsCell, WordsCell, checked
from app.replay.moments import is_ambiguous
from app.replay.rows import Rejection, RowFile, SourceRow

REPEATED_HOUR = "repeated_hour"
"""Warning of a call whose time local clocks showed twice; it was taken as the first."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call and what is on record of how it went; None and "" where the file does not say.

    Attributes
    ----------
    line
        Where it stands in the file.
    observed_s, observed_vehicle_id
        Seconds from the first vehicle's being sent to its arrival, and which one it was.
    on_scene_s, conveyance_s, handover_s
        Seconds at the scene, driving to hospital, and there until free.
    conveyed, hospital
        Whether the patient was taken to hospital, and to which.
    warnings
        Codes of what to know before trusting the row.
    extras
        Columns that mean nothing here, as a JSON object.
    """

    line: int
    call: Call
    observed_s: float | None = None
    observed_vehicle_id: str = ""
    on_scene_s: float | None = None
    conveyance_s: float | None = None
    handover_s: float | None = None
    conveyed: bool | None = None
    hospital: str = ""
    warnings: tuple[str, ...] = ()
    extras: str = "{}"


class _CallCells(Cells):
    call_id: CallId
    received_at: MomentCell
    category: CategoryIn
    location: PlaceIn
    needs_conveyance: bool = False
    needs_skills: WordsCell[Skill] = frozenset()
    needs_vehicle_types: WordsCell[VehicleType] = frozenset()
    observed_s: SecondsCell | None = None
    observed_vehicle_id: Annotated[str, Field(max_length=100)] = ""
    on_scene_s: SecondsCell | None = None
    conveyance_s: SecondsCell | None = None
    handover_s: SecondsCell | None = None
    conveyed: bool | None = None
    hospital: Annotated[str, Field(max_length=100)] = ""


CALL_COLUMNS = tuple(one for one in _CallCells.model_fields if one != "location")

_REQUIRED = ("call_id", "received_at", "category")
_PLACES = (("lat", "lon"), ("easting", "northing"))


@dataclass(frozen=True, slots=True)
class CallFormat:
    """How a file says what calls are.

    Attributes
    ----------
    columns
        What the file calls our columns; empty where it uses our names.
    constants
        What holds for every row, by our names.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)

    def require_columns(self, file: RowFile) -> None:
        """Raise `ReplayError` if a file cannot hold calls of this format."""
        wanted = [one for one in _REQUIRED if one not in self.constants]
        by_grid = file.columns is not None and "easting" in file.columns and not self.columns
        wanted += _PLACES[by_grid]
        file.require_columns(self.column(one) for one in wanted)

    def column(self, ours: str) -> str:
        """What the file calls a column of ours."""
        return self.columns.get(ours, ours)

    def call(self, row: SourceRow, zone: tzinfo) -> RecordedCall | Rejection:
        """
        The call that a row tells of, or why it tells of none.

        Parameters
        ----------
        zone
            Of times that name no offset.
        """
        whole = SourceRow(row.line, {**row.cells, **self.constants}) if self.constants else row
        theirs = {one: self.column(one) for one in self.constants} | dict(self.columns)
        cells = checked(_CallCells, whole, zone, theirs if self.columns else None)
        if isinstance(cells, Rejection):
            return cells
        known = {*self.columns.values()} if self.columns else _KNOWN
        return RecordedCall(
            line=row.line,
            call=Call(
                call_id=cells.call_id,
                location=cells.location.place(),
                category=cells.category,
                received_at=cells.received_at.astimezone(UTC),
                needs=Needs(cells.needs_conveyance, cells.needs_skills, cells.needs_vehicle_types),
            ),
            observed_s=cells.observed_s,
            observed_vehicle_id=cells.observed_vehicle_id,
            on_scene_s=cells.on_scene_s,
            conveyance_s=cells.conveyance_s,
            handover_s=cells.handover_s,
            conveyed=cells.conveyed,
            hospital=cells.hospital,
            warnings=(REPEATED_HOUR,) if is_ambiguous(cells.received_at) else (),
            extras=_as_json({name: row.cells[name] for name in row.cells if name not in known}),
        )


_KNOWN = frozenset({*CALL_COLUMNS, "lat", "lon", "easting", "northing"})

STANDARD = CallFormat("standard")
"""Files with the columns of the README."""

LFB_INCIDENTS = CallFormat(
    "lfb-incidents",
    columns={
        "call_id": "incident_number",
        "received_at": "timestamp_of_call",
        "lat": "lat",
        "lon": "lon",
        "observed_s": "first_pump_arriving_attendance_time",
        "observed_vehicle_id": "first_pump_arriving_deployed_from_station",
    },
    constants={"category": "C1"},
)
"""Incident records of the London Fire Brigade, as the London Datastore publishes them, with `lat`
and `lon`. They have no ambulance category: every incident is taken as C1, so that the nearest
vehicle is sent on blue lights whatever the incident (assumption)."""

FORMATS: Mapping[str, CallFormat] = {one.name: one for one in (STANDARD, LFB_INCIDENTS)}


def _as_json(extras: Mapping[str, Any]) -> str:
    told = {
        name: str(value) if isinstance(value, float) and math.isinf(value) else value
        for name, value in extras.items()
    }
    text = json.dumps(told, ensure_ascii=False, default=str)
    return text.encode("utf-8", "backslashreplace").decode()  # half a character, as JSON writes it
