"""Where calls are, and where they are reached late: counts by squares of the map."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.replay.histogram import in_thousandths

FloatArray = NDArray[np.float64]
LongArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

LAT_STEP_DEG: Final = 0.0045
LON_STEP_DEG: Final = 0.0072
"""Sides of the smallest squares: 500 m at London's latitude."""

STEP_M: Final = 500
LARGEST_SIDE: Final = 8
CALLS_PER_SQUARE: Final = 10
"""Wanted on average, so that a share of late calls says something."""

_COLUMNS: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Square:
    """One square of the map.

    Attributes
    ----------
    lat, lon
        Its middle, WGS84 degrees.
    calls, attended, late
        How many calls, of all seeds; `late` of those attended.
    mean_s
        Mean response time of those attended, None where there are none.
    """

    lat: float
    lon: float
    calls: int
    attended: int
    late: int
    mean_s: float | None


class CallSquares:
    """Counts by the smallest squares."""

    def __init__(self) -> None:
        self._counts: dict[int, LongArray] = {}

    def add(
        self, lat: FloatArray, lon: FloatArray, response_s: FloatArray, late: BoolArray
    ) -> None:
        """Count calls; `response_s` is not a number where nobody came."""
        attended = np.isfinite(response_s)
        response_ms = in_thousandths(np.where(attended, response_s, 0.0))
        row = np.floor((lat + 90) / LAT_STEP_DEG).astype(np.int64)
        column = np.floor((lon + 180) / LON_STEP_DEG).astype(np.int64)
        keys, where = np.unique(row * _COLUMNS + column, return_inverse=True)
        counts = np.zeros((len(keys), 4), dtype=np.int64)
        for field, values in enumerate((np.ones_like(where), attended, late, response_ms)):
            np.add.at(counts[:, field], where, values.astype(np.int64))
        for key, found in zip(keys.tolist(), counts, strict=True):
            self._counts[key] = self._counts[key] + found if key in self._counts else found

    def side(self) -> int:
        """How many of the smallest squares make the side of one, so that enough calls fall in."""
        side = 1
        while side < LARGEST_SIDE and self._too_thin(side):
            side *= 2
        return side

    def squares(self, side: int) -> tuple[Square, ...]:
        """Squares of that side with any calls, from south-west to north-east."""
        return tuple(
            _square(key, side, counts) for key, counts in sorted(self._merged(side).items())
        )

    def _too_thin(self, side: int) -> bool:
        merged = self._merged(side)
        calls = sum(int(counts[0]) for counts in merged.values())
        return calls < CALLS_PER_SQUARE * len(merged)

    def _merged(self, side: int) -> dict[int, LongArray]:
        merged: dict[int, LongArray] = {}
        for key, counts in self._counts.items():
            row, column = divmod(key, _COLUMNS)
            larger = row // side * _COLUMNS + column // side
            merged[larger] = merged[larger] + counts if larger in merged else counts
        return merged


def _square(key: int, side: int, counts: LongArray) -> Square:
    row, column = divmod(key, _COLUMNS)
    calls, attended, late, response_ms = (int(count) for count in counts)
    return Square(
        lat=round((row + 0.5) * side * LAT_STEP_DEG - 90, 6),
        lon=round((column + 0.5) * side * LON_STEP_DEG - 180, 6),
        calls=calls,
        attended=attended,
        late=late,
        mean_s=round(response_ms / attended) / 1000 if attended else None,
    )
