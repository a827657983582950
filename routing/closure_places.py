"""Which segments of a network a closure is about.

Geometry is compared on the network's metre grid, where a street is its centre line. Bridges and
what they cross are alike to it: an area over a bridge shuts the road below as well.
"""

import difflib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from routing.closure_extent import Stretch, lines_on_grid, separate, stretch
from routing.closures import (
    AlongLine,
    Closure,
    InArea,
    NamedStreet,
    Polygons,
    Shut,
    TheseSegments,
    Where,
)
from routing.errors import ClosureError, NothingClosedError, SeveralStreetsError
from routing.network import NO_TWIN, FloatArray, IntArray, RoadNetwork

TOUCH_M = 1.0
"""A street with no more than this inside an area only touches it (assumption: the accuracy of
centre lines)."""

ALONG_SHARE = 0.5
ALONG_M = 100.0
"""A street runs along a line for half of its own length, for half the line's, or this far
(assumption: streets that fork off are further away by then)."""

ALONG_COSINE = 0.8
"""Metres gained along the line for each metre of a street that runs along it (assumption: streets
within 37 degrees of it; the others cross)."""

MAX_SEGMENTS = 50_000
"""Segments of one closure: more would be a seventh of London, and a slip of the hand."""

NAMES_TOLD = 3


@dataclass(frozen=True, eq=False, slots=True)
class PlacedClosure:
    """A closure and the segments of a network that it is about.

    Attributes
    ----------
    segments : int32[N]
        In ascending order, each once, at least one, none of them copies.
    streets
        Names of the streets, the longest stretch first; empty where none has a name.
    stretch
        How much street that is, and where; None: not measured.
    """

    closure: Closure
    segments: IntArray
    streets: tuple[str, ...]
    stretch: Stretch | None = None

    @property
    def title(self) -> str:
        """For people, in a few words: "Tower Bridge closed"."""
        named, others = self.streets[:NAMES_TOLD], len(self.streets[NAMES_TOLD:])
        what = f"{', '.join(named)} and {others} more" if others else ", ".join(named)
        if self.closure.note and (others or not named):
            what = self.closure.note
        what = what or f"closure {self.closure.closure_id}"
        return f"{what} {'closed' if isinstance(self.closure.effect, Shut) else 'slowed'}"


class ClosurePlacer:
    """Finds the streets of closures on one network; safe to use from several threads."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network

    def place(self, closure: Closure) -> PlacedClosure:
        """
        Find the streets of a closure.

        Raises
        ------
        NothingClosedError
            When there is no street where it is.
        SeveralStreetsError
            When it names a street and several separate ones are so called.
        ClosureError
            When it names a street or segment that does not exist, or is about too many.
        """
        found = self._segments(closure.where)
        segments = np.unique(self._network.segment_base[found]).astype(np.int32)
        if len(segments) > MAX_SEGMENTS:
            raise ClosureError(
                field="where",
                value=closure.closure_id,
                message=f"it is about {len(segments):,} segments",
                accepted=f"at most {MAX_SEGMENTS:,}",
            )
        segments.setflags(write=False)
        measured = stretch(self._network, segments, self._drawn(closure.where))
        return PlacedClosure(closure, segments, self._streets(segments), measured)

    def _drawn(self, where: Where) -> shapely.Geometry | None:
        """The area that was drawn, or the strip beside the line, on the metre grid."""
        match where:
            case InArea(polygon) | NamedStreet(within=shapely.Geometry() as polygon):
                return self._on_grid(polygon)
            case AlongLine(line, tolerance_m):
                return shapely.buffer(self._on_grid(line), tolerance_m, cap_style="flat")
            case _:
                return None

    def _segments(self, where: Where) -> IntArray:
        match where:
            case InArea(polygon, heading_deg):
                found = self._inside(polygon, self._near(polygon, 0.0))
                if len(found) == 0:
                    raise self._nothing(
                        field="where.polygon", shape=polygon, why="no street has a part inside"
                    )
                return self._headed("where.heading_deg", found, heading_deg)
            case AlongLine(line, tolerance_m, one_way):
                found = self._along(line, tolerance_m, one_way=one_way)
                if len(found) == 0:
                    why = f"no street runs along it within {tolerance_m:g} m"
                    raise self._nothing(field="where.line", shape=line, why=why)
                return found
            case NamedStreet():
                return self._headed("where.heading_deg", self._named(where), where.heading_deg)
            case TheseSegments(segments, one_way):
                return self._numbered(segments, one_way=one_way)

    def _numbered(self, numbers: tuple[int, ...], *, one_way: bool) -> IntArray:
        count = self._network.base_count
        for number in numbers:
            if not 0 <= number < count:
                raise ClosureError(
                    field="where.segments",
                    value=number,
                    message=f"{self._network.name} has no segment {number}",
                    accepted=f"0 to {count - 1}",
                )
        if not numbers:
            raise NothingClosedError(
                field="where.segments", value=[], message="it names none", accepted="one or more"
            )
        segments = np.asarray(numbers, dtype=np.int32)
        return segments if one_way else self._both_ways(segments)

    def _named(self, where: NamedStreet) -> IntArray:
        name, within = where.name, where.within
        labels = self._labels.get(_plain(name))
        if labels is None:
            raise ClosureError(
                field="where.name",
                value=name,
                message=f"no street of {self._network.name} is called {name!r}"
                + self._did_you_mean(name),
            )
        network = self._network
        called = np.isin(network.segment_name, labels)
        if within is None and not where.everywhere:
            self._check_is_one(name, np.flatnonzero(called).astype(np.int32))
        called |= np.isin(network.segment_ref, labels)
        segments = np.flatnonzero(called).astype(np.int32)
        if within is None:
            return segments
        inside = self._inside(within, np.intersect1d(segments, self._near(within, 0.0)))
        found = np.intersect1d(inside, segments)
        if len(found) == 0:
            raise self._nothing(
                field="where.within", shape=within, why=f"{name} has no part inside"
            )
        return found

    def _check_is_one(self, name: str, segments: IntArray) -> None:
        """Refuse a name that several separate streets have."""
        groups = separate(self._network, np.unique(self._network.segment_base[segments]))
        if len(groups) > 1:
            places = [stretch(self._network, group) for group in groups]
            places.sort(key=lambda one: -one.length_m)
            raise SeveralStreetsError(name=name, places=tuple(places))

    def _headed(self, field: str, segments: IntArray, heading_deg: float | None) -> IntArray:
        """Those that run within 90 degrees of a heading, from end to end; loops among them."""
        if heading_deg is None:
            return segments
        network = self._network
        first, last = network.shape_first[segments], network.shape_first[segments + 1] - 1
        east_m = network.shape_x_m[last].astype(np.float64) - network.shape_x_m[first]
        north_m = network.shape_y_m[last].astype(np.float64) - network.shape_y_m[first]
        heading = np.deg2rad(heading_deg)
        onward = np.sin(heading) * east_m + np.cos(heading) * north_m
        found: IntArray = segments[(onward > 0) | ((east_m == 0) & (north_m == 0))]
        if len(found) == 0:
            message = f"none of its streets runs {heading_deg:g} degrees from north"
            raise NothingClosedError(field=field, value=heading_deg, message=message)
        return found

    def _near(self, shape: shapely.Geometry, reach_m: float) -> IntArray:
        """Segments whose bounding box comes within reach of a shape's."""
        west, south, east, north = shapely.bounds(self._on_grid(shape)).tolist()
        boxes = self._boxes
        near = (boxes[0] <= east + reach_m) & (boxes[2] >= west - reach_m)
        near &= (boxes[1] <= north + reach_m) & (boxes[3] >= south - reach_m)
        return np.flatnonzero(near).astype(np.int32)

    def _inside(self, polygon: Polygons, candidates: IntArray) -> IntArray:
        """Those with more than a touch inside a polygon."""
        area = self._on_grid(polygon)
        shapely.prepare(area)
        lines = lines_on_grid(self._network, candidates)
        inside = shapely.contains(area, lines)
        unsure = np.flatnonzero(~inside & shapely.intersects(area, lines))
        inside_m = shapely.length(shapely.intersection(lines[unsure], area))
        inside[unsure] = inside_m > np.minimum(TOUCH_M, shapely.length(lines[unsure]) / 2)
        return candidates[inside]

    def _along(self, line: shapely.LineString, tolerance_m: float, *, one_way: bool) -> IntArray:
        """Those that run along a line, in its direction or in both."""
        drawn = self._on_grid(line)
        assert isinstance(drawn, shapely.LineString)
        candidates = self._near(line, tolerance_m)
        lines = lines_on_grid(self._network, candidates)
        beside = shapely.intersection(lines, drawn.buffer(tolerance_m, cap_style="flat"))
        beside_m = shapely.length(beside)
        gained_m = np.zeros(len(candidates))
        for i in np.flatnonzero(beside_m > 0).tolist():
            points = shapely.points(shapely.get_coordinates(beside[i]))
            at_m = np.asarray(shapely.line_locate_point(drawn, points))
            gained_m[i] = at_m[-1] - at_m[0]
        length_m = np.maximum(shapely.length(lines), TOUCH_M)
        far_enough_m = np.minimum(ALONG_M, ALONG_SHARE * np.minimum(length_m, drawn.length))
        along = (np.abs(gained_m) >= far_enough_m) & (np.abs(gained_m) >= ALONG_COSINE * beside_m)
        if one_way:
            along &= gained_m > 0
        return candidates[along]

    def _both_ways(self, segments: IntArray) -> IntArray:
        twins = self._network.segment_twin[segments]
        return np.concatenate([segments, twins[twins != NO_TWIN]])

    def _on_grid(self, shape: shapely.Geometry) -> shapely.Geometry:
        def projected(lon_lat: FloatArray) -> FloatArray:
            x_m, y_m = self._network.projection.to_xy_m(lon_lat[:, 1], lon_lat[:, 0])
            return np.stack([x_m, y_m], axis=1)

        return shapely.transform(shape, projected)

    def _streets(self, segments: IntArray) -> tuple[str, ...]:
        network = self._network
        name = network.segment_name[segments]
        label = np.where(name == 0, network.segment_ref[segments], name)
        used, at = np.unique(label, return_inverse=True)
        metres = np.bincount(at, network.segment_length_m[segments])
        longest_first = used[np.lexsort((used, -metres))]
        return tuple(network.labels[number] for number in longest_first.tolist() if number)

    def _nothing(self, *, field: str, shape: shapely.Geometry, why: str) -> NothingClosedError:
        extent = self._network.extent
        west, south, east, north = shapely.bounds(shape).tolist()
        accepted = (
            f"longitude {extent.west:.4f} to {extent.east:.4f}, "
            f"latitude {extent.south:.4f} to {extent.north:.4f}"
        )
        swapped = west <= extent.north and east >= extent.south
        swapped &= south <= extent.east and north >= extent.west
        if swapped:
            why += "; its coordinates look swapped: longitude comes first"
        return NothingClosedError(
            field=field, value=[west, south, east, north], message=why, accepted=accepted
        )

    def _did_you_mean(self, name: str) -> str:
        """Names spelt much like it, as a question; nothing where there is none."""
        near = difflib.get_close_matches(_plain(name), self._labels, n=NAMES_TOLD, cutoff=0.6)
        known = [repr(self._network.labels[self._labels[one][0]]) for one in near]
        return f"; did you mean {' or '.join(known)}?" if known else ""

    @cached_property
    def _labels(self) -> Mapping[str, list[int]]:
        """Numbers of the labels in use, by their plain spelling."""
        network = self._network
        used = np.union1d(np.unique(network.segment_name), np.unique(network.segment_ref))
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number in used[used != 0].tolist():
            found[_plain(network.labels[number])].append(number)
        return dict(found)

    @cached_property
    def _boxes(self) -> FloatArray:
        """West, south, east and north of every segment on the metre grid, float32[4, S]."""
        network = self._network
        first = network.shape_first[:-1]
        return np.stack(
            [
                edge.reduceat(along, first)
                for edge in (np.minimum, np.maximum)
                for along in (network.shape_x_m, network.shape_y_m)
            ]
        )


def _plain(name: str) -> str:
    """A name without capitals, spaces and punctuation: "St. George's Rd" as "stgeorgesrd"."""
    return re.sub(r"[\W_]+", "", name.casefold())


def titles(placed: Sequence[PlacedClosure]) -> str:
    """Several closures in a few words: "Tower Bridge closed, Cheapside slowed"."""
    named = [one.title for one in placed[:NAMES_TOLD]]
    others = len(placed) - len(named)
    return ", ".join(named) + (f" and {others} more closures" if others else "")
