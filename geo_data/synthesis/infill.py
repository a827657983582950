"""Local streets within one quarter: rows, the streets across them, and cul-de-sacs.

Rows run along the quarter's main direction, one block apart. Between two neighbouring rows, cross
streets stand where they please, so most junctions are T-shaped, as in London. Rows and cross
streets go on to the quarter's border where it may be joined at a fair angle.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import pairwise

import numpy as np
import shapely

from geo_data.synthesis.plane import FloatArray
from geo_data.synthesis.rules import (
    CROSSROADS_REACH_M,
    CUL_DE_SAC_DEPTH,
    CUL_DE_SAC_SHARE,
    CUL_DE_SAC_STRETCH_M,
    SHARPEST_JOIN_SINE,
    SHORTEST_STREET_M,
    SPACING_JITTER,
)

DEAD_END_SHARE = 0.5
"""Share of row ends that do not join the border and yet run on for the last houses."""

ALONG, ACROSS = 0, 1


class Part(IntEnum):
    """What part a made-up street plays."""

    COLLECTOR = 0
    ROW = 1
    CROSS = 2
    CUL_DE_SAC = 3


@dataclass(frozen=True, slots=True)
class Join:
    """A place where a local street reaches the border and joins what runs there."""

    source: int
    x: float
    y: float


@dataclass(slots=True)
class Infill:
    """The streets of one quarter.

    Attributes
    ----------
    streets
        Each street as the places it passes: `i` for `places[i]`, `-1 - i` for `joins[i]`.
    places
        Junctions and dead ends within the quarter, in metres.
    joins
        Where streets reach the border.
    """

    streets: list[tuple[Part, list[int]]] = field(default_factory=list)
    places: list[tuple[float, float]] = field(default_factory=list)
    joins: list[Join] = field(default_factory=list)

    def add_place(self, x: float, y: float) -> int:
        """Number of a new place."""
        self.places.append((x, y))
        return len(self.places) - 1

    def add_join(self, source: int, x: float, y: float) -> int:
        """Number of a new join."""
        self.joins.append(Join(source, x, y))
        return -len(self.joins)

    def turned(self, turn: FloatArray) -> "Infill":
        """Turn the same streets by a rotation matrix."""
        places = np.asarray(self.places, dtype=np.float64).reshape(-1, 2) @ turn
        ends = np.asarray([(j.x, j.y) for j in self.joins]).reshape(-1, 2) @ turn
        joins = [
            Join(join.source, x, y) for join, (x, y) in zip(self.joins, ends.tolist(), strict=True)
        ]
        return Infill(self.streets, [(x, y) for x, y in places.tolist()], joins)


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far apart streets are, in metres."""

    row_m: float
    cross_m: float


@dataclass(frozen=True, eq=False)
class Outline:
    """The border of a quarter, turned so that its rows run along the first axis.

    Attributes
    ----------
    start_m, end_m : float64[E, 2]
        End points of every stretch of border.
    source : list of int
        What each stretch belongs to (`Quarters.border_of`).
    """

    start_m: FloatArray
    end_m: FloatArray
    source: list[int]

    def crossings(self, axis: int, at: float) -> list[tuple[float, int]]:
        """Where a line along `axis` meets the border, ascending, with the stretch it meets."""
        other = 1 - axis
        start, end = self.start_m[:, other], self.end_m[:, other]
        met = np.flatnonzero((start <= at) != (end <= at))
        share = (at - start[met]) / (end[met] - start[met])
        first, last = self.start_m[met, axis], self.end_m[met, axis]
        return sorted(zip((first + share * (last - first)).tolist(), met.tolist(), strict=True))

    def sine(self, axis: int, stretch: int) -> float:
        """Sine of the angle between a line along `axis` and a stretch of border."""
        run = self.end_m[stretch] - self.start_m[stretch]
        return abs(float(run[1 - axis])) / math.hypot(*run.tolist())


@dataclass(slots=True)
class _Row:
    y: float
    left: tuple[float, int]
    right: tuple[float, int]
    meets: dict[float, int] = field(default_factory=dict)

    def holds(self, x: float) -> bool:
        return self.left[0] + SHORTEST_STREET_M < x < self.right[0] - SHORTEST_STREET_M


def outline_of(
    polygon: shapely.Geometry, border_of: Mapping[tuple[float, float, float, float], int]
) -> tuple[Outline, FloatArray]:
    """Return the border of a quarter in its main direction, and the matrix that turns it back."""
    rings = shapely.get_rings(polygon)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    stretches = np.hstack([points[:-1], points[1:]])[same]
    source = [border_of[x_1, y_1, x_2, y_2] for x_1, y_1, x_2, y_2 in stretches.tolist()]
    start, end = stretches[:, :2], stretches[:, 2:]
    turn = _main_direction(start, end)
    return Outline(start @ turn, end @ turn, source), turn.T


def _main_direction(start: FloatArray, end: FloatArray) -> FloatArray:
    """Matrix that lays the prevailing border direction along an axis, the longer way first."""
    run = end - start
    angle = np.arctan2(run[:, 1], run[:, 0])
    prevailing = np.angle((np.hypot(*run.T) * np.exp(4j * angle)).sum()) / 4
    turn = np.asarray(
        [
            [math.cos(prevailing), -math.sin(prevailing)],
            [math.sin(prevailing), math.cos(prevailing)],
        ]
    )
    width, depth = np.ptp(start @ turn, axis=0)
    if depth > width:
        turn = turn @ np.asarray([[0.0, -1.0], [1.0, 0.0]])
    return turn


def fill(
    outline: Outline,
    spacing: Spacing,
    joined: Callable[[int], float],
    rng: np.random.Generator,
) -> Infill:
    """Lay streets in a quarter.

    Parameters
    ----------
    joined
        Share of streets that join a border, by the border's source.
    """
    return _Filling(outline, spacing, joined, rng).streets()


def _snapped(stop: float, earlier: Sequence[float]) -> float:
    """Return the place where a cross street meets a row already, if it is near, else `stop`."""
    nearest = min(earlier, key=lambda met: abs(met - stop), default=stop)
    return nearest if abs(nearest - stop) <= CROSSROADS_REACH_M else stop


class _Filling:
    def __init__(
        self,
        outline: Outline,
        spacing: Spacing,
        joined: Callable[[int], float],
        rng: np.random.Generator,
    ) -> None:
        self.outline = outline
        self.spacing = spacing
        self.joined = joined
        self.rng = rng
        self.infill = Infill()
        self.west, self.south = outline.start_m.min(axis=0).tolist()
        self.east, self.north = outline.start_m.max(axis=0).tolist()

    def streets(self) -> Infill:
        levels = [*self._stops(self.south, self.north, self.spacing.row_m)]
        rows = [self._rows_at(y) for y in levels]
        bounds = [self.south - 1.0, *levels, self.north + 1.0]
        sides: list[list[_Row]] = [[], *rows, []]
        for gap in range(len(bounds) - 1):
            self._cross_gap(sides[gap], sides[gap + 1], bounds[gap], bounds[gap + 1])
        for level in rows:
            for row in level:
                self._branch(row)
                self._finish(row)
        return self.infill

    def _stops(self, first: float, last: float, spacing_m: float) -> Iterator[float]:
        at = first + spacing_m * self.rng.uniform(0.35, 1.0)
        while at < last:
            yield at
            at += spacing_m * self.rng.uniform(1 - SPACING_JITTER, 1 + SPACING_JITTER)

    def _rows_at(self, y: float) -> list[_Row]:
        ends = self.outline.crossings(ALONG, y)
        pairs = zip(ends[::2], ends[1::2], strict=False)
        return [
            _Row(y, left, right)
            for left, right in pairs
            if right[0] - left[0] > 3 * SHORTEST_STREET_M
        ]

    def _cross_gap(self, below: list[_Row], above: list[_Row], low: float, high: float) -> None:
        earlier = [x for row in below for x in row.meets]
        for stop in self._stops(self.west, self.east, self.spacing.cross_m):
            x = _snapped(stop, earlier)
            lower = next((row for row in below if row.holds(x)), None)
            upper = next((row for row in above if row.holds(x)), None)
            border = [end for end in self.outline.crossings(ACROSS, x) if low < end[0] < high]
            if lower and upper and not border:
                self._add(Part.CROSS, [self._meet(lower, x), self._meet(upper, x)])
            elif border:
                if lower:
                    self._cross_to_border(lower, x, border[0])
                if upper:
                    self._cross_to_border(upper, x, border[-1])

    def _cross_to_border(self, row: _Row, x: float, end: tuple[float, int]) -> None:
        y, stretch = end
        if abs(y - row.y) >= SHORTEST_STREET_M and self._may_join(ACROSS, stretch):
            join = self.infill.add_join(self.outline.source[stretch], x, y)
            self._add(Part.CROSS, [self._meet(row, x), join])

    def _branch(self, row: _Row) -> None:
        meets = sorted(row.meets)
        for left, right in pairwise(meets):
            if right - left < CUL_DE_SAC_STRETCH_M or self.rng.random() > CUL_DE_SAC_SHARE:
                continue
            x = left + (right - left) * self.rng.uniform(0.4, 0.6)
            depth = self.spacing.row_m * CUL_DE_SAC_DEPTH * self.rng.uniform(0.75, 1.0)
            y = row.y + depth * self.rng.choice([-1.0, 1.0])
            if not self._border_between(x, row.y, y + math.copysign(SHORTEST_STREET_M, y - row.y)):
                end = self.infill.add_place(x, y)
                self._add(Part.CUL_DE_SAC, [self._meet(row, x), end])

    def _finish(self, row: _Row) -> None:
        meets = sorted(row.meets)
        along = [row.meets[x] for x in meets]
        first, last = (meets[0], meets[-1]) if meets else (row.right[0], row.left[0])
        start = self._row_end(row, row.left, first)
        end = self._row_end(row, row.right, last)
        self._add(Part.ROW, [*start, *along, *end])

    def _row_end(self, row: _Row, end: tuple[float, int], last_meet: float) -> list[int]:
        x, stretch = end
        if self._may_join(ALONG, stretch):
            return [self.infill.add_join(self.outline.source[stretch], x, row.y)]
        beyond = abs(last_meet - x) - SHORTEST_STREET_M
        if row.meets and beyond > SHORTEST_STREET_M and self.rng.random() < DEAD_END_SHARE:
            stop = x + math.copysign(SHORTEST_STREET_M, last_meet - x)
            return [self.infill.add_place(stop, row.y)]
        return []

    def _may_join(self, axis: int, stretch: int) -> bool:
        fair = self.outline.sine(axis, stretch) >= SHARPEST_JOIN_SINE
        return fair and self.rng.random() < self.joined(self.outline.source[stretch])

    def _border_between(self, x: float, y_1: float, y_2: float) -> bool:
        low, high = min(y_1, y_2), max(y_1, y_2)
        return any(low < y < high for y, _ in self.outline.crossings(ACROSS, x))

    def _meet(self, row: _Row, x: float) -> int:
        if x not in row.meets:
            row.meets[x] = self.infill.add_place(x, row.y)
        return row.meets[x]

    def _add(self, part: Part, places: list[int]) -> None:
        if len(places) > 1:
            self.infill.streets.append((part, places))
