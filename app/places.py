"""Places as control rooms give them: WGS84 degrees, or British National Grid metres."""

from functools import cache
from typing import Annotated, Any, Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pyproj import Transformer

from app.dispatch.model import Place
from app.fields import fault_at
from routing.geometry import COORDINATE_DECIMALS, MAX_LAT_DEG, MAX_LON_DEG

_NATIONAL_GRID_TO_WGS84: Final = (
    "+proj=pipeline "
    "+step +inv +proj=tmerc +lat_0=49 +lon_0=-2 +k=0.9996012717 +x_0=400000 +y_0=-100000"
    " +ellps=airy "
    "+step +proj=push +v_3 "
    "+step +proj=cart +ellps=airy "
    "+step +proj=helmert +convention=position_vector +x=446.448 +y=-125.157 +z=542.060"
    " +rx=0.1502 +ry=0.2470 +rz=0.8421 +s=-20.4894 "
    "+step +inv +proj=cart +ellps=WGS84 "
    "+step +proj=pop +v_3 "
    "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
)
"""EPSG:27700 to WGS84 without a grid-shift file, so every machine gives the same answer.

Projection and Helmert parameters (signs reversed: the source transforms the other way) from
Ordnance Survey, A guide to coordinate systems in Great Britain, annexes A.2 and "Approximate
WGS84 to OSGB36/ODN transformation", which states its error: up to 3.5 m (95 %)."""

EASTING_LIMIT_M: Final = 700_000
NORTHING_LIMIT_M: Final = 1_300_000
"""The National Grid runs from 0 to these (same guide, section 7)."""

_EITHER_WAY: Final = 'either {"lat", "lon"} or {"easting", "northing"}'

_AXES: Final = {
    "lat": (-MAX_LAT_DEG, MAX_LAT_DEG, "WGS84 degrees north."),
    "lon": (-MAX_LON_DEG, MAX_LON_DEG, "WGS84 degrees east."),
    "easting": (0, EASTING_LIMIT_M, "British National Grid, metres."),
    "northing": (0, NORTHING_LIMIT_M, "British National Grid, metres."),
}


def _as_one_of_two(schema: dict[str, Any]) -> None:
    """Say in the document what the model checks: a place in one system, whole."""
    del schema["properties"]
    schema["oneOf"] = [
        {
            "title": title,
            "type": "object",
            "properties": {
                name: {"type": "number", "minimum": least, "maximum": most, "description": what}
                for name in names
                for least, most, what in [_AXES[name]]
            },
            "required": list(names),
            "additionalProperties": False,
        }
        for title, names in (
            ("DegreesIn", ("lat", "lon")),
            ("NationalGridIn", ("easting", "northing")),
        )
    ]
    del schema["type"], schema["additionalProperties"]
    schema["examples"] = [
        {"lat": 51.5079, "lon": -0.1281},
        {"easting": 530034, "northing": 180381},
    ]


Degrees = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Metres = Annotated[float, Field(strict=True, allow_inf_nan=False)]


@cache
def _transformer() -> Transformer:
    return Transformer.from_pipeline(_NATIONAL_GRID_TO_WGS84)


def from_national_grid(easting: float, northing: float) -> Place:
    """The WGS84 place of a British National Grid (EPSG:27700) position in metres."""
    lon, lat = _transformer().transform(easting, northing)
    return Place(round(lat, COORDINATE_DECIMALS), round(lon, COORDINATE_DECIMALS))


class PlaceIn(BaseModel):
    """A place: WGS84 degrees, or British National Grid metres (EPSG:27700)."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra=_as_one_of_two,
    )

    lat: Degrees | None = None
    lon: Degrees | None = None
    easting: Metres | None = None
    northing: Metres | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        by_degrees = self.lat is not None or self.lon is not None
        by_grid = self.easting is not None or self.northing is not None
        if by_degrees and by_grid:
            message = "Both coordinate systems at once: send one of them."
            raise fault_at((), message, self.sent(), _EITHER_WAY)
        if by_degrees:
            self._check_degrees()
        elif by_grid:
            self._check_grid()
        else:
            raise fault_at((), "No coordinates.", self.sent(), _EITHER_WAY)
        return self

    def _check_degrees(self) -> None:
        lat, lon = _both(("lat", self.lat), ("lon", self.lon))
        if abs(lat) <= MAX_LAT_DEG and abs(lon) <= MAX_LON_DEG:
            return
        if all(MAX_LON_DEG < value <= NORTHING_LIMIT_M for value in (lat, lon)):
            hint = "These look like National Grid metres: send them as easting and northing."
        else:
            hint = ""
        name, value, limit = (
            ("lat", lat, MAX_LAT_DEG) if abs(lat) > MAX_LAT_DEG else ("lon", lon, MAX_LON_DEG)
        )
        message = f"{value:g} is not on Earth. {hint}".rstrip()
        raise fault_at((name,), message, value, f"a number from -{limit:g} to {limit:g}")

    def _check_grid(self) -> None:
        easting, northing = _both(("easting", self.easting), ("northing", self.northing))
        if abs(easting) <= MAX_LON_DEG and abs(northing) <= MAX_LAT_DEG:
            message = "These look like degrees: send them as lat and lon."
            raise fault_at(("easting",), message, easting, "metres of the National Grid")
        if 0 <= easting <= EASTING_LIMIT_M / 1000 and 0 <= northing <= NORTHING_LIMIT_M / 1000:
            message = "These look like kilometres: send metres."
            raise fault_at(("easting",), message, easting, "metres of the National Grid")
        for name, value, limit in (
            ("easting", easting, EASTING_LIMIT_M),
            ("northing", northing, NORTHING_LIMIT_M),
        ):
            if not 0 <= value <= limit:
                message = f"{value:g} is not on the National Grid."
                raise fault_at((name,), message, value, f"a number of metres from 0 to {limit}")

    def sent(self) -> dict[str, float]:
        """The coordinates as they were given."""
        return self.model_dump(exclude_none=True)

    def place(self) -> Place:
        """The place in WGS84."""
        if self.easting is not None and self.northing is not None:
            return from_national_grid(self.easting, self.northing)
        assert self.lat is not None
        assert self.lon is not None
        return Place(self.lat, self.lon)

    def swapped(self) -> Place | None:
        """The place it would be were its coordinates in the other order, if that is one."""
        if self.easting is not None and self.northing is not None:
            if self.northing > EASTING_LIMIT_M:
                return None
            return from_national_grid(self.northing, self.easting)
        assert self.lat is not None
        assert self.lon is not None
        return Place(self.lon, self.lat) if abs(self.lon) <= MAX_LAT_DEG else None


def _both(first: tuple[str, float | None], second: tuple[str, float | None]) -> tuple[float, float]:
    (first_name, first_value), (second_name, second_value) = first, second
    if first_value is None:
        message = f"{second_name} was sent without {first_name}."
        raise fault_at((first_name,), message, None, _EITHER_WAY)
    if second_value is None:
        message = f"{first_name} was sent without {second_name}."
        raise fault_at((second_name,), message, None, _EITHER_WAY)
    return first_value, second_value
