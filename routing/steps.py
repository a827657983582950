"""A drive told in steps, as a navigator would: where to turn, onto what, how far and how long."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from routing.engine import Arrival
from routing.metric import BLOCKED, Metric
from routing.network import FloatArray, IntArray
from routing.paths import metres_of, points_of
from routing.pricing import price

BEND_DEG: Final = 30.0
TURN_DEG: Final = 60.0
SHARP_DEG: Final = 135.0
"""From how many degrees on a change of direction is a bend, a turn, a sharp turn (assumption)."""

LOOK_M: Final = 15.0
"""Over how many metres before and after a junction a direction is taken (assumption: a street's
first metres often swing out to meet the junction)."""

_WINDS: Final = (
    "north",
    "north-east",
    "east",
    "south-east",
    "south",
    "south-west",
    "west",
    "north-west",
)
_ORDINALS: Final = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stretch of a drive, and what to do at its beginning.

    Attributes
    ----------
    instruction
        In plain English: "turn left into Mill Lane".
    street
        Name or road number of the stretch; empty when it has none.
    distance_m, duration_ms
        Of the stretch; delays at its beginning are part of it.
    first_point
        Where it begins: a place in the arrays of the drive's `Path`.
    """

    instruction: str
    street: str
    distance_m: float
    duration_ms: int
    first_point: int


def steps_of(metric: Metric, arrival: Arrival) -> tuple[Step, ...]:
    """The steps of a drive that was found on this metric; the last one is the arrival."""
    drive = _Drive.of(metric, arrival)
    told = list(_instructions(drive))
    begins = [place for place, _, _ in told]
    metres = metres_of(metric.network, arrival)
    leg_ms = price(metric, arrival).leg_ms
    first_points = points_of(metric.network, arrival)
    steps = [
        Step(
            instruction,
            street,
            float(metres[place:end].sum()),
            int(leg_ms[place:end].sum()),
            int(first_points[place]),
        )
        for (place, instruction, street), end in zip(
            told, [*begins[1:], len(arrival.segments)], strict=True
        )
    ]
    street = drive.street[-1]
    arrives = f"arrive, on {street}" if street else "arrive"
    return (*steps, Step(arrives, street, 0.0, 0, int(first_points[-1])))


@dataclass(frozen=True, eq=False, slots=True)
class _Drive:
    """What matters about the N segments of a drive.

    Attributes
    ----------
    street
        Their names or road numbers.
    begins_deg, ends_deg : float64[N]
        Directions in which each begins and ends, clockwise from north.
    ways_on : int64[N]
        How many segments may be driven next from each, U-turns left out.
    has_exit : bool[N]
        Whether one of those leaves a roundabout.
    u_turn, roundabout, slip_road : bool[N]
        Whether each turns back on the one before, is part of a roundabout, is a slip road.
    """

    street: list[str]
    begins_deg: FloatArray
    ends_deg: FloatArray
    ways_on: IntArray
    has_exit: NDArray[np.bool_]
    u_turn: NDArray[np.bool_]
    roundabout: NDArray[np.bool_]
    slip_road: NDArray[np.bool_]

    @classmethod
    def of(cls, metric: Metric, arrival: Arrival) -> Self:
        network, segments = metric.network, arrival.segments
        base = network.segment_base[segments]
        tags = [network.tag_sets[number] for number in network.segment_tags[segments].tolist()]
        is_roundabout = np.asarray(
            [one.get("junction") in {"roundabout", "circular"} for one in network.tag_sets]
        )[network.segment_tags]
        shapes = network.shape_first, network.shape_x_m, network.shape_y_m
        begins_deg, ends_deg = _directions(shapes, segments)
        ways_on, has_exit = _ways_on(
            network.turns_out,
            metric.entry_ms,
            (network.segment_twin, network.segment_base),
            is_roundabout,
            segments,
        )
        return cls(
            street=[network.street_name(segment) for segment in segments.tolist()],
            begins_deg=begins_deg,
            ends_deg=ends_deg,
            ways_on=ways_on,
            has_exit=has_exit,
            u_turn=np.concatenate([[False], network.segment_twin[base[:-1]] == base[1:]]),
            roundabout=is_roundabout[segments],
            slip_road=np.asarray([one.get("highway", "").endswith("_link") for one in tags]),
        )

    def turn_deg(self, place: int) -> float:
        """Change of direction into a segment: negative to the left, 180 at most."""
        change = float(self.begins_deg[place] - self.ends_deg[place - 1])
        return (change + 180.0) % 360.0 - 180.0


def _instructions(drive: _Drive) -> Iterator[tuple[int, str, str]]:
    """Where each step begins among the segments, what to do there, and the street."""
    street = drive.street[0]
    wind = _WINDS[round(float(drive.begins_deg[0]) / 45) % 8]
    yield 0, f"head {wind}{f' on {street}' if street else ''}", street
    place, last = 1, len(drive.street)
    while place < last:
        here = place
        place += 1
        if drive.roundabout[here]:
            if drive.roundabout[here - 1]:
                continue
            while place < last and drive.roundabout[place]:
                place += 1
            told = _at_roundabout(drive, here, place)
            street = drive.street[min(place, last - 1)]
            place += 1
        else:
            told = _at_junction(drive, here, street)
            street = drive.street[here] or ("" if told else street)
        if told:
            yield here, told, street


def _at_roundabout(drive: _Drive, enters: int, leaves: int) -> str:
    """What to do at a roundabout that is driven from one segment to before another."""
    if leaves == len(drive.street):
        return "enter the roundabout"
    exits = int(drive.has_exit[enters:leaves].sum())
    which = _ORDINALS[exits - 1] if 1 <= exits <= len(_ORDINALS) else f"{exits}th"
    return f"at the roundabout take the {which} exit{_onto(drive.street[leaves])}"


def _at_junction(drive: _Drive, place: int, street: str) -> str:
    """What to do where a segment begins; nothing where one just drives on."""
    onto = drive.street[place]
    renamed = bool(onto) and onto != street
    if drive.u_turn[place]:
        return f"make a U-turn{_onto(onto) if renamed else ''}"
    if drive.roundabout[place - 1]:
        return f"leave the roundabout{_onto(onto)}"
    is_choice = drive.ways_on[place - 1] > 1
    if is_choice and drive.slip_road[place] and not drive.slip_road[place - 1]:
        return f"take the slip road{_onto(onto) if renamed else ''}"
    turn = _turn(drive.turn_deg(place))
    same = bool(onto) and not renamed
    sharp = turn.startswith("turn")
    if (turn and is_choice and (renamed or not onto or sharp)) or (sharp and renamed):
        if same:
            return f"{turn} to stay on {onto}"
        into = "into" if sharp else "onto"
        return f"{turn} {into} {onto}" if onto else turn
    return f"continue onto {onto}" if renamed else ""


def _turn(turn_deg: float) -> str:
    """A change of direction in words, empty where there is none to speak of."""
    side = "left" if turn_deg < 0 else "right"
    size_deg = abs(turn_deg)
    if size_deg < BEND_DEG:
        return ""
    if size_deg < TURN_DEG:
        return f"bear {side}"
    return f"turn {side}" if size_deg < SHARP_DEG else f"turn sharp {side}"


def _onto(street: str) -> str:
    return f" onto {street}" if street else ""


@njit(nogil=True, cache=True)
def _directions(shapes: Any, segments: Any) -> Any:
    """Directions in which segments begin and end, in degrees clockwise from north."""
    shape_first, shape_x_m, shape_y_m = shapes
    begins_deg, ends_deg = np.empty(len(segments)), np.empty(len(segments))
    for i in range(len(segments)):
        first, last = shape_first[segments[i]], shape_first[segments[i] + 1] - 1
        point = first + 1
        while point < last and _away_m(shape_x_m, shape_y_m, first, point) < LOOK_M:
            point += 1
        begins_deg[i] = _bearing_deg(shape_x_m, shape_y_m, first, point)
        point = last - 1
        while point > first and _away_m(shape_x_m, shape_y_m, point, last) < LOOK_M:
            point -= 1
        ends_deg[i] = _bearing_deg(shape_x_m, shape_y_m, point, last)
    return begins_deg, ends_deg


@njit(nogil=True, cache=True)
def _away_m(x_m: Any, y_m: Any, one: int, other: int) -> float:
    return math.hypot(x_m[other] - x_m[one], y_m[other] - y_m[one])


@njit(nogil=True, cache=True)
def _bearing_deg(x_m: Any, y_m: Any, one: int, other: int) -> float:
    return math.degrees(math.atan2(x_m[other] - x_m[one], y_m[other] - y_m[one])) % 360.0


@njit(nogil=True, cache=True)
def _ways_on(turns: Any, entry_ms: Any, same: Any, is_roundabout: Any, segments: Any) -> Any:
    """How many segments may be driven next from each, and whether one is off a roundabout."""
    first, turn, into = turns
    twin, base = same
    ways_on = np.zeros(len(segments), dtype=np.int64)
    has_exit = np.zeros(len(segments), dtype=np.bool_)
    for i in range(len(segments)):
        for at in range(first[segments[i]], first[segments[i] + 1]):
            if entry_ms[turn[at]] != BLOCKED and base[into[at]] != twin[segments[i]]:
                ways_on[i] += 1
                has_exit[i] |= not is_roundabout[into[at]]
    return ways_on, has_exit
