"""OSRM in the process, built with its own tools by either of its algorithms."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import osrm

from benchmarks.peers.drive import Drive, Position

Algorithm = Literal["CH", "MLD"]
"""Contraction hierarchies, the faster to ask, or multi-level Dijkstra, the faster to build."""

BUILD_LIMIT_S = 600
"""A tool that takes longer is stopped."""

_LAST_TOOLS: dict[Algorithm, tuple[str, ...]] = {
    "CH": ("osrm-contract",),
    "MLD": ("osrm-partition", "osrm-customize"),
}
"""What is run on an extract; the last one again when streets change."""

_SHORTEST = """api_version = 4
local car = require('car')
local fastest = car.setup
car.setup = function()
  local profile = fastest()
  profile.properties.weight_name = 'distance'
  return profile
end
local turn = car.process_turn
car.process_turn = function(profile, here)
  turn(profile, here)
  if not here.source_restricted and here.target_restricted then
    here.weight = constants.max_turn_weight
  end
end
return car
"""
"""OSRM's own car profile, with metres for weights (its comment on `weight_name` says how), and its
own rule for access-only streets, which it leaves out with metres."""

_PACKAGE = Path(osrm.__file__).parent
_PROFILES = _PACKAGE / "share" / "profiles"


class OsrmPeer:
    """OSRM's car profile on one extract, fastest or shortest.

    Attributes
    ----------
    build_s, load_s
        What it took to build from the PBF file and to load.
    change_s
        What it takes to weigh all streets anew and to load them, whatever has changed.
    """

    name = "OSRM"

    def __init__(
        self, data: Path, algorithm: Algorithm, build_s: float = 0.0, weigh_s: float = 0.0
    ) -> None:
        begin = time.perf_counter()
        self._engine = osrm.OSRM(
            storage_config=str(data),
            algorithm=algorithm,
            use_shared_memory=False,
            max_locations_distance_table=10_000,
        )
        self.build_s, self.load_s = build_s, time.perf_counter() - begin
        self.change_s = weigh_s + self.load_s

    @classmethod
    def build(
        cls, pbf: Path, directory: Path, *, shortest: bool, algorithm: Algorithm = "CH"
    ) -> Self:
        """Build from an extract in a directory of its own.

        Raises
        ------
        subprocess.TimeoutExpired
            A tool took longer than `BUILD_LIMIT_S`.
        """
        directory.mkdir(parents=True, exist_ok=True)
        profile = _PROFILES / "car.lua"
        if shortest:
            profile = directory / "shortest.lua"
            profile.write_text(_SHORTEST)
        data = directory / "streets.osrm"
        extract = ("osrm-extract", str(pbf), "-p", str(profile), "--output", str(data))
        steps = [extract, *((tool, str(data)) for tool in _LAST_TOOLS[algorithm])]
        took_s = [_run(*step, "-t", "1") for step in steps]
        return cls(data, algorithm, sum(took_s), took_s[-1])

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


def _run(tool: str, *told: str) -> float:
    """Seconds that one of OSRM's tools took."""
    begin = time.perf_counter()
    subprocess.run(
        [_PACKAGE / "bin" / tool, *told],
        check=True,
        capture_output=True,
        env={**os.environ, "LUA_PATH": f"{_PROFILES}/?.lua;;"},
        timeout=BUILD_LIMIT_S,
    )
    return time.perf_counter() - begin


def _lon_lat(place: Position) -> tuple[float, float]:
    return place[1], place[0]
