"""The road network: directed segments between junctions, and the turns that join them.

A `RoadNetwork` is a set of read-only arrays plus three small tables. Nothing in it depends on
who drives or when: it keeps what the map says (as *tag sets*), and a profile decides what that
means (`routing.metric`). Junctions are numbered along a Hilbert curve and segments by their
starting junction, so that neighbours on the ground are neighbours in memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.geometry import Extent, LocalProjection
from routing.hierarchy import Hierarchy
from routing.streets import CONTRAFLOW
from routing.turn_geometry import headings_deg, turn_angles_deg

IntArray = NDArray[np.int32]
LongArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]

NO_TWIN = -1

NO_RULE = 0
"""Number of the empty turn rule."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a network comes from, and under which terms it may be used.

    Attributes
    ----------
    source
        What it was built from, for people ("greater-london.osm.pbf", "Overpass: Camden").
    source_timestamp
        Age of the source data, RFC 3339; empty when the source does not say.
    licence, attribution
        Terms of the source data and the credit they ask for.
    builder
        Distribution and version that built the network.
    approximate
        True when geometry or connections are not surveyed (strategic, synthesised): every
        answer given on it must say so.
    dropped
        Elements of the source that were left out, by reason.
    """

    source: str
    licence: str
    attribution: str
    builder: str
    source_timestamp: str = ""
    approximate: bool = False
    dropped: Mapping[str, int] = field(default_factory=dict)


class TurnsOut(NamedTuple):
    """The turns of a network in the order of the segments they are made from.

    Attributes
    ----------
    first : int32[S + 1]
        Turns out of segment `s` are `first[s]` to `first[s + 1]` (exclusive) below.
    turn : int32[T]
        Number of the turn, as in `RoadNetwork.turn_from`.
    into : int32[T]
        The segment into which it leads.
    """

    first: IntArray
    turn: IntArray
    into: IntArray


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """A directed, immutable, versioned road network of J junctions, S segments and T turns.

    The last segments are *copies* of others: they say the same, but are reached only by those who
    drove a certain way before, so that a turn can be forbidden to these alone
    (`routing.turn_states`). Positions lie on segments that are no copies; a drive may end on a
    copy, and pass it.

    Attributes
    ----------
    name
        For people: "Greater London".
    version
        Content hash of the arrays and tables; the same streets always give the same version.
    provenance
        Source, licence and age.
    junction_id : int64[J]
        Identifier in the source (OpenStreetMap node id).
    junction_lat, junction_lon : float64[J]
        WGS84 degrees.
    junction_tags : int32[J]
        Index into `tag_sets`.
    segment_from, segment_to : int32[S]
        Junctions at which the segment starts and ends; `segment_from` never decreases before the
        first copy.
    segment_base : int32[S]
        The segment itself, or the one that a copy is a copy of.
    segment_twin : int32[S]
        The same stretch driven the other way, never a copy, or `NO_TWIN` where the map has no
        such direction.
    segment_length_m : float64[S]
        Metres, rounded to the millimetre.
    segment_tags : int32[S]
        Index into `tag_sets`.
    segment_name, segment_ref : int32[S]
        Index into `labels`.
    segment_way_id : int64[S]
        Identifier in the source (OpenStreetMap way id).
    shape_first : int32[S + 1]
        Points of segment `s` are `shape_first[s]` to `shape_first[s + 1]` (exclusive) below.
    shape_lat, shape_lon : float64[P]
        WGS84 degrees, in driving order, both end points included.
    shape_x_m, shape_y_m : float32[P]
        The same points in metres in `projection` (4 mm steps at 60 km).
    turn_first : int32[S + 1]
        Turns *into* segment `s` are `turn_first[s]` to `turn_first[s + 1]` (exclusive) below.
    turn_from : int32[T]
        The segment from which the turn is made: every one that ends where `s` starts, its twin
        included, or a copy of one. Which turns may be made is the metric's to say.
    turn_rule : int32[T]
        Index into `turn_rules`: the restrictions that the turn would break if they bind.
    tag_sets
        Distinct sets of OpenStreetMap tags; number 0 is the empty set.
    labels
        Distinct street names and road numbers; number 0 is the empty string.
    turn_rules
        Distinct sets of restrictions, each restriction by its OpenStreetMap tags; number
        `NO_RULE` is the empty set.
    hierarchy
        The network contracted (`routing.contraction`), if that has been done: what is worked out
        from the turns, and no part of `version`.
    """

    name: str
    version: str
    provenance: Provenance
    junction_id: LongArray
    junction_lat: FloatArray
    junction_lon: FloatArray
    junction_tags: IntArray
    segment_from: IntArray
    segment_to: IntArray
    segment_base: IntArray
    segment_twin: IntArray
    segment_length_m: FloatArray
    segment_tags: IntArray
    segment_name: IntArray
    segment_ref: IntArray
    segment_way_id: LongArray
    shape_first: IntArray
    shape_lat: FloatArray
    shape_lon: FloatArray
    shape_x_m: Float32Array
    shape_y_m: Float32Array
    turn_first: IntArray
    turn_from: IntArray
    turn_rule: IntArray
    tag_sets: tuple[Mapping[str, str], ...]
    labels: tuple[str, ...]
    turn_rules: tuple[tuple[Mapping[str, str], ...], ...]
    hierarchy: Hierarchy | None = None

    def __post_init__(self) -> None:
        for field_ in fields(self):
            value = getattr(self, field_.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @property
    def junction_count(self) -> int:
        """Number of junctions, J."""
        return len(self.junction_id)

    @property
    def segment_count(self) -> int:
        """Number of directed segments, copies included, S."""
        return len(self.segment_from)

    @cached_property
    def base_count(self) -> int:
        """Number of directed segments that are no copies."""
        return int(np.count_nonzero(self.segment_base == np.arange(self.segment_count)))

    def with_copies(self, segment: int) -> tuple[int, ...]:
        """A segment and all its copies; most have none."""
        return (segment, *self._copies.get(segment, ()))

    @cached_property
    def _copies(self) -> Mapping[int, tuple[int, ...]]:
        copies: dict[int, tuple[int, ...]] = {}
        for copy, base in enumerate(self.segment_base[self.base_count :].tolist(), self.base_count):
            copies[base] = (*copies.get(base, ()), copy)
        return copies

    def either_way(self, segments: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Some segments and their twins, bool[S]."""
        has_twin = self.segment_twin != NO_TWIN
        return np.asarray(segments | (has_twin & segments[self.segment_twin]))

    @property
    def turn_count(self) -> int:
        """Number of turns, T."""
        return len(self.turn_from)

    @property
    def turn_into(self) -> IntArray:
        """The segment into which each turn leads, int32[T]; worked out anew each time."""
        return np.repeat(np.arange(self.segment_count, dtype=np.int32), np.diff(self.turn_first))

    @cached_property
    def turns_out(self) -> "TurnsOut":
        """Turns by the segment they are made from."""
        count = np.bincount(self.turn_from, minlength=self.segment_count)
        first = np.concatenate([[0], np.cumsum(count)]).astype(np.int32)
        turn = np.argsort(self.turn_from, kind="stable").astype(np.int32)
        return TurnsOut(first, turn, self.turn_into[turn])

    @cached_property
    def is_contraflow(self) -> NDArray[np.bool_]:
        """Which segments run against the traffic of a one-way street, bool[S]."""
        tagged = [tags.get(CONTRAFLOW) == "yes" for tags in self.tag_sets]
        return np.asarray(tagged, dtype=bool)[self.segment_tags]

    @cached_property
    def has_contraflow(self) -> bool:
        """Whether any segment runs against the traffic."""
        return bool(self.is_contraflow.any())

    @cached_property
    def turn_angle_deg(self) -> Float32Array:
        """By how many degrees each turn changes the heading, float32[T]; right is positive."""
        headings = headings_deg(self.shape_first, self.shape_x_m, self.shape_y_m)
        return turn_angles_deg(*headings, self.turn_from, self.turn_into)

    @cached_property
    def extent(self) -> Extent:
        """Bounding box of every shape point."""
        return Extent.around(self.shape_lat, self.shape_lon)

    @cached_property
    def projection(self) -> LocalProjection:
        """The metre grid of `shape_x_m` and `shape_y_m`."""
        return LocalProjection.centred_on(self.extent)

    @cached_property
    def stands_for_street(self) -> NDArray[np.bool_]:
        """Marks one segment of each stretch of street, however many ways it is driven, bool[S]."""
        numbers = np.arange(self.segment_count, dtype=np.int32)
        return np.asarray((self.segment_base == numbers) & (self.segment_twin < numbers))

    @cached_property
    def street_kilometres(self) -> float:
        """Kilometres of street, counting each two-way stretch once."""
        return float(self.segment_length_m[self.stands_for_street].sum()) / 1000.0

    def segment_shape(self, segment: int) -> tuple[FloatArray, FloatArray]:
        """Latitudes and longitudes in degrees along one segment, in driving order."""
        points = slice(self.shape_first[segment], self.shape_first[segment + 1])
        return self.shape_lat[points], self.shape_lon[points]

    def street_name(self, segment: int) -> str:
        """Name of the street, else its road number, else an empty string."""
        return (
            self.labels[int(self.segment_name[segment])]
            or self.labels[int(self.segment_ref[segment])]
        )
