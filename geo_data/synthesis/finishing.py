"""Finishing touches: bends, dry feet, one-way streets and one connected whole."""

from dataclasses import replace
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geo_data.synthesis.fabric import Fabric, IntArray
from geo_data.synthesis.quarters import Lines
from geo_data.synthesis.rules import BEND_AMPLITUDE_M, BEND_FREE_M, BEND_WAVELENGTHS_M
from geo_data.synthesis.skeleton import Skeleton

Flags = NDArray[np.bool_]


def bend(fabric: Fabric, skeleton: Skeleton, rng: np.random.Generator) -> Fabric:
    """Let streets wander by slow waves, except at main roads and on the river's banks."""
    banks = np.asarray([shapely.boundary(skeleton.river)])
    fixed = _straight_pieces(np.concatenate([skeleton.roads, banks]))
    points = np.asarray(shapely.points(fabric.xy_m))
    _, distance_m = shapely.STRtree(fixed).query_nearest(
        points, return_distance=True, all_matches=False
    )
    freedom = np.clip(distance_m / BEND_FREE_M, 0.0, 1.0)
    freedom = freedom**2 * (3 - 2 * freedom)
    sway = np.zeros_like(fabric.xy_m)
    for wavelength_m in BEND_WAVELENGTHS_M:
        for axis in (0, 1):
            direction, phase = rng.uniform(0, 2 * np.pi, 2)
            along = fabric.xy_m @ np.asarray([np.cos(direction), np.sin(direction)])
            sway[:, axis] += np.sin(2 * np.pi * along / wavelength_m + phase)
    sway *= BEND_AMPLITUDE_M / len(BEND_WAVELENGTHS_M)
    return replace(fabric, xy_m=fabric.xy_m + sway * freedom[:, None])


def _straight_pieces(lines: Lines) -> Lines:
    points, line = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    goes_on = line[1:] == line[:-1]
    ends = np.stack([points[:-1], points[1:]], axis=1)[goes_on]
    return np.asarray(shapely.linestrings(ends))


def keep_dry(fabric: Fabric, river: shapely.Geometry) -> Fabric:
    """Leave out made-up streets that touch the water."""
    ends = np.stack([fabric.xy_m[fabric.start], fabric.xy_m[fabric.end]], axis=1)
    lines = np.asarray(shapely.linestrings(ends))
    wet = np.zeros(len(lines), dtype=np.bool_)
    wet[shapely.STRtree(lines).query(river, predicate="intersects")] = True
    return fabric.with_stretches(~wet | (fabric.road >= 0))


def keep_connected(fabric: Fabric) -> Fabric:
    """Leave out what is not connected with most of the fabric."""
    part = _parts(fabric, "weak")
    largest = int(np.bincount(part[fabric.start]).argmax())
    return fabric.with_stretches(part[fabric.start] == largest)


def trim_dead_ends(fabric: Fabric, surplus: int) -> Fabric:
    """Leave out so many dead ends of made-up streets, the last drawn first."""
    arms = np.bincount(np.concatenate([fabric.start, fabric.end]), minlength=len(fabric.xy_m))
    is_dead_end = (np.minimum(arms[fabric.start], arms[fabric.end]) == 1) & (fabric.road < 0)
    kept = np.ones(len(fabric.start), dtype=np.bool_)
    kept[np.flatnonzero(is_dead_end)[::-1][: max(surplus, 0)]] = False
    return fabric.with_stretches(kept)


def open_one_way_traps(fabric: Fabric, forward: Flags, backward: Flags) -> tuple[Flags, Flags]:
    """Make one-way stretches two-way where one could not get back, or not get there, otherwise.

    Main roads stay as they are; `strongly_connected` leaves out what hangs on them.
    """
    made_up = fabric.road < 0
    while True:
        part = _parts(fabric, "strong", forward, backward)
        trapped = (part[fabric.start] != part[fabric.end]) & made_up
        if not trapped.any():
            return forward, backward
        forward, backward = forward | trapped, backward | trapped


def strongly_connected(fabric: Fabric, forward: Flags, backward: Flags) -> Flags:
    """Which stretches lie in the largest part in which every place is reached from every other."""
    part = _parts(fabric, "strong", forward, backward)
    largest = int(np.bincount(part[fabric.start]).argmax())
    return np.asarray((part[fabric.start] == largest) & (part[fabric.end] == largest))


def _parts(
    fabric: Fabric,
    connection: Literal["weak", "strong"],
    forward: Flags | None = None,
    backward: Flags | None = None,
) -> IntArray:
    everywhere = np.ones(len(fabric.start), dtype=bool)
    ahead = everywhere if forward is None else forward
    back = everywhere if backward is None else backward
    start = np.concatenate([fabric.start[ahead], fabric.end[back]])
    end = np.concatenate([fabric.end[ahead], fabric.start[back]])
    size = len(fabric.xy_m)
    graph = csr_array((np.ones(len(start), dtype=np.int8), (start, end)), shape=(size, size))
    _, part = connected_components(graph, directed=True, connection=connection)
    return np.asarray(part, dtype=np.int64)
