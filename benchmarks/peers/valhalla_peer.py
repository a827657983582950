"""Valhalla in the process: tiles built with its own tool."""

import json
import subprocess
import time
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Self

import numpy as np
import valhalla

from benchmarks.peers.drive import Drive, Position
from routing.geometry import great_circle_m

_SHAPE_STEPS_PER_DEGREE = 1e6
"""Valhalla encodes shapes to six decimals (its API reference)."""

_LARGEST_MATRIX = 10_000_000
"""Pairs of places; Valhalla's own limit of 2,500 is for public servers."""

_FURTHEST_EXACT_M = 200_000
"""Up to here Valhalla may be told to leave no minor street out of long routes."""

_FIRST_CHARACTER = 63
"""Five bits of a polyline are written as the character so many places on."""


class ValhallaPeer:
    """Valhalla's car costing on one extract, fastest or shortest.

    Attributes
    ----------
    build_s, load_s
        What it took to build from the PBF file and to load.
    change_s
        What both take together: tiles are built again when streets change.
    """

    name = "Valhalla"

    def __init__(self, config: dict[str, Any], build_s: float, *, shortest: bool) -> None:
        self.build_s = build_s
        self._costing: dict[str, Any] = {"costing": "auto"}
        if shortest:
            options = {"shortest": True, "disable_hierarchy_pruning": True}
            self._costing["costing_options"] = {"auto": options}
        begin = time.perf_counter()
        self._actor = valhalla.Actor(config)
        self.load_s = time.perf_counter() - begin
        self.change_s = build_s + self.load_s

    @classmethod
    def build(cls, pbf: Path, directory: Path, *, shortest: bool) -> Self:
        """Build from an extract in a directory of its own."""
        tiles = directory / "tiles"
        tiles.mkdir(parents=True, exist_ok=True)
        config = valhalla.get_config(tile_extract="", tile_dir=str(tiles), verbose=False)
        limits = config["service_limits"]
        limits["auto"]["max_matrix_location_pairs"] = _LARGEST_MATRIX
        limits["max_distance_disable_hierarchy_culling"] = _FURTHEST_EXACT_M
        file = directory / "valhalla.json"
        file.write_text(json.dumps(config))
        tool = Path(valhalla.__file__).parent / "bin" / "valhalla_build_tiles"
        begin = time.perf_counter()
        subprocess.run([tool, "-c", file, "-j", "1", pbf], check=True, capture_output=True)
        return cls(config, time.perf_counter() - begin, shortest=shortest)

    def drive(self, start: Position, end: Position) -> Drive | None:
        """The best route with its shape, None where there is none."""
        try:
            answer = self._actor.route({"locations": _locations((start, end)), **self._costing})
        except valhalla.ValhallaError:
            return None
        trip = answer["trip"]
        shape = _decoded(trip["legs"][0]["shape"])
        return Drive(
            length_m=_length_m(shape),
            shape=shape,
            off_m=max(
                float(great_circle_m(*asked, *found))
                for asked, found in ((start, shape[0]), (end, shape[-1]))
            ),
        )

    def matrix_s(self, starts: Sequence[Position], ends: Sequence[Position]) -> list[list[float]]:
        """Seconds from every start to every end."""
        asked = {
            "sources": _locations(starts),
            "targets": _locations(ends),
            "verbose": False,
            **self._costing,
        }
        times = self._actor.matrix(asked)["sources_to_targets"]["durations"]
        return [[float("inf") if one is None else one for one in row] for row in times]

    def nearest(self, call: Position, fleet: Sequence[Position], limit: int) -> list[int]:
        """Numbers of the vehicles that arrive first, by its matrix of the whole fleet."""
        times = [row[0] for row in self.matrix_s(fleet, [call])]
        return sorted(range(len(times)), key=times.__getitem__)[:limit]

    def isochrone(self, centre: Position, minutes: float) -> object:
        """The area within so many minutes, as GeoJSON."""
        asked = {
            "locations": _locations((centre,)),
            "contours": [{"time": minutes}],
            "polygons": True,
            **self._costing,
        }
        return self._actor.isochrone(asked)


def _length_m(shape: Sequence[Position]) -> float:
    """Metres along a shape: its own lengths are of streets rounded to whole metres."""
    lat, lon = np.asarray(shape).T
    return float(great_circle_m(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum())


def _locations(places: Sequence[Position]) -> list[dict[str, float]]:
    return [{"lat": lat, "lon": lon, "node_snap_tolerance": 0} for lat, lon in places]


def _decoded(encoded: str) -> tuple[Position, ...]:
    """Points of an encoded polyline (Google's algorithm, at Valhalla's six decimals)."""
    steps, step, shift = [], 0, 0
    for character in encoded:
        bits = ord(character) - _FIRST_CHARACTER
        step |= (bits & 0x1F) << shift
        shift += 5
        if bits & 0x20 == 0:
            steps.append(~(step >> 1) if step & 1 else step >> 1)
            step, shift = 0, 0
    lat, lon = (accumulate(steps[axis::2]) for axis in (0, 1))
    return tuple(
        (north / _SHAPE_STEPS_PER_DEGREE, east / _SHAPE_STEPS_PER_DEGREE)
        for north, east in zip(lat, lon, strict=True)
    )
