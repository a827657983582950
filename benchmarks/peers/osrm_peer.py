"""OSRM in the process: contraction hierarchies built with its own tools."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import osrm

from benchmarks.peers.drive import Drive, Position

_SHORTEST = """api_version = 4
local car = require('car')
local fastest = car.setup
car.setup = function()
  local profile = fastest()
  profile.properties.weight_name = 'distance'
  return profile
end
return car
"""
"""OSRM's own car profile, with metres for weights (its comment on `weight_name` says how)."""


class OsrmPeer:
    """OSRM's car profile on one extract, fastest or shortest.

    Attributes
    ----------
    build_s, load_s
        What it took to build from the PBF file and to load.
    """

    name = "OSRM"

    def __init__(self, data: Path, build_s: float) -> None:
        self.build_s = build_s
        begin = time.perf_counter()
        self._engine = osrm.OSRM(
            storage_config=str(data),
            algorithm="CH",
            use_shared_memory=False,
            max_locations_distance_table=10_000,
        )
        self.load_s = time.perf_counter() - begin

    @classmethod
    def build(cls, pbf: Path, directory: Path, *, shortest: bool) -> Self:
        """Build from an extract in a directory of its own."""
        directory.mkdir(parents=True, exist_ok=True)
        package = Path(osrm.__file__).parent
        profiles = package / "share" / "profiles"
        profile = profiles / "car.lua"
        if shortest:
            profile = directory / "shortest.lua"
            profile.write_text(_SHORTEST)
        data = directory / "streets.osrm"
        begin = time.perf_counter()
        for tool, *told in (
            ("osrm-extract", str(pbf), "-p", str(profile), "--output", str(data), "-t", "1"),
            ("osrm-contract", str(data), "-t", "1"),
        ):
            subprocess.run(
                [package / "bin" / tool, *told],
                check=True,
                capture_output=True,
                env={**os.environ, "LUA_PATH": f"{profiles}/?.lua;;"},
            )
        return cls(data, time.perf_counter() - begin)

    def drive(self, start: Position, end: Position) -> Drive | None:
        """The best route with its shape, None where there is none."""
        asked = osrm.RouteParameters(
            coordinates=[_lon_lat(start), _lon_lat(end)],
            overview="full",
            geometries="geojson",
            generate_hints=False,
        )
        try:
            answer = self._engine.Route(asked)
        except RuntimeError:
            return None
        route, (begin, finish) = answer["routes"][0], answer["waypoints"]
        return Drive(
            length_m=float(route["distance"]),
            shape=tuple((lat, lon) for lon, lat in route["geometry"]["coordinates"]),
            off_m=max(float(begin["distance"]), float(finish["distance"])),
        )

    def matrix_s(self, starts: Sequence[Position], ends: Sequence[Position]) -> list[list[float]]:
        """Seconds from every start to every end."""
        asked = osrm.TableParameters(
            coordinates=[_lon_lat(place) for place in (*starts, *ends)],
            sources=list(range(len(starts))),
            destinations=list(range(len(starts), len(starts) + len(ends))),
            generate_hints=False,
        )
        return [list(row) for row in self._engine.Table(asked)["durations"]]

    def nearest(self, call: Position, fleet: Sequence[Position], limit: int) -> list[int]:
        """Numbers of the vehicles that arrive first, by its table of the whole fleet."""
        times = [row[0] for row in self.matrix_s(fleet, [call])]
        return sorted(range(len(times)), key=times.__getitem__)[:limit]


def _lon_lat(place: Position) -> tuple[float, float]:
    return place[1], place[0]
