"""From surveyed streets to a road network: everything that can be prepared is prepared here."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import Self

import numpy as np

from routing.errors import NetworkError
from routing.geometry import Extent, LocalProjection, check_wgs84, is_on_earth
from routing.hilbert import hilbert_index
from routing.network import (
    NO_TWIN,
    Float32Array,
    FloatArray,
    IntArray,
    Provenance,
    RoadNetwork,
)
from routing.numbering import offsets
from routing.progress import Progress, silent
from routing.streets import Street, StreetMap, SurveyedJunction, TurnRestriction
from routing.turn_states import Joints, RestrictedWay, join_by_turns

_TagKey = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Direction:
    """One street driven one way, before it has a number."""

    from_junction: int
    to_junction: int
    length_mm: int
    street: Street
    shape: tuple[tuple[float, float], ...]
    tags: _TagKey
    street_number: int

    @property
    def order(self) -> tuple[object, ...]:
        """Sort key that does not depend on the order in which streets were given.

        It holds all that a segment says, so that only segments alike in everything are tied.
        """
        street = self.street
        return (
            self.from_junction,
            self.to_junction,
            street.way_id,
            self.length_mm,
            self.shape,
            self.tags,
            street.name,
            street.ref,
            street.forward and street.backward,
        )


def build_network(
    streets: StreetMap,
    *,
    name: str,
    provenance: Provenance,
    progress: Progress = silent,
) -> RoadNetwork:
    """Make the directed, turn-aware network of all given streets.

    The same streets in any order give the same network and the same `version`.

    Raises
    ------
    NetworkError
        When there is no street, or a street is not a stretch between two known junctions.
    CoordinateError
        When a junction is not on Earth.
    """
    _check(streets)
    progress("numbering junctions", 0, len(streets.junctions))
    junction_ids = _hilbert_order(streets)
    number = {node: junction for junction, node in enumerate(junction_ids)}
    junctions = [streets.junctions[node] for node in junction_ids]

    progress("directing segments", 0, len(streets.streets))
    directions = sorted(_directions(streets.streets, number), key=lambda one: one.order)
    tables = _Tables.of(junctions, directions)

    progress("joining segments by turns", 0, len(directions))
    joints = Joints(
        start=_ints(one.from_junction for one in directions),
        end=_ints(one.to_junction for one in directions),
        twin=_twins(directions),
    )
    turns = join_by_turns(joints, len(junctions), _restricted_ways(streets, number, directions))
    base = turns.segment_base
    directions = [directions[segment] for segment in base.tolist()]

    progress("projecting shapes", 0, len(directions))
    shapes = _Shapes.of(directions)

    network = RoadNetwork(
        name=name,
        version="",
        provenance=provenance,
        junction_id=np.asarray(junction_ids, dtype=np.int64),
        junction_lat=np.asarray([junction.lat for junction in junctions], dtype=np.float64),
        junction_lon=np.asarray([junction.lon for junction in junctions], dtype=np.float64),
        junction_tags=_ints(tables.tag_set[_tag_key(one.tags)] for one in junctions),
        segment_from=joints.start[base],
        segment_to=joints.end[base],
        segment_base=base,
        segment_twin=joints.twin[base],
        segment_length_m=np.asarray([d.length_mm for d in directions], dtype=np.float64) / 1e3,
        segment_tags=_ints(tables.tag_set[d.tags] for d in directions),
        segment_name=_ints(tables.label[d.street.name] for d in directions),
        segment_ref=_ints(tables.label[d.street.ref] for d in directions),
        segment_way_id=np.asarray([d.street.way_id for d in directions], dtype=np.int64),
        shape_first=shapes.first,
        shape_lat=shapes.lat,
        shape_lon=shapes.lon,
        shape_x_m=shapes.x_m,
        shape_y_m=shapes.y_m,
        turn_first=turns.first,
        turn_from=turns.came_from,
        turn_rule=turns.rule,
        tag_sets=tuple(dict(key) for key in tables.tag_set),
        labels=tuple(tables.label),
        turn_rules=tuple(tuple(dict(tags) for tags in rule) for rule in turns.rules),
    )
    progress("network ready", len(directions), len(directions))
    return replace(network, version=_content_version(network))


@dataclass(frozen=True, slots=True)
class _Tables:
    """Numbers of distinct tag sets and labels, in their order; the empty ones are number 0."""

    tag_set: Mapping[_TagKey, int]
    label: Mapping[str, int]

    @classmethod
    def of(cls, junctions: Sequence[SurveyedJunction], directions: Sequence[_Direction]) -> Self:
        keys = {(), *(_tag_key(one.tags) for one in junctions), *(one.tags for one in directions)}
        labels = {""}.union(*((one.street.name, one.street.ref) for one in directions))
        return cls(
            {key: number for number, key in enumerate(sorted(keys))},
            {label: number for number, label in enumerate(sorted(labels))},
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Shapes:
    """The points of all segments one after the other, and where each begins."""

    first: IntArray
    lat: FloatArray
    lon: FloatArray
    x_m: Float32Array
    y_m: Float32Array

    @classmethod
    def of(cls, directions: Sequence[_Direction]) -> Self:
        points = np.asarray([point for one in directions for point in one.shape], dtype=np.float64)
        lat, lon = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
        x_m, y_m = LocalProjection.centred_on(Extent.around(lat, lon)).to_xy_m(lat, lon)
        counts = np.fromiter((len(one.shape) for one in directions), dtype=np.int64)
        return cls(
            offsets(counts, "shape points"),
            lat,
            lon,
            x_m.astype(np.float32),
            y_m.astype(np.float32),
        )


def _check(streets: StreetMap) -> None:
    if not streets.streets:
        msg = "there is no street to make a network of"
        raise NetworkError(msg)
    for junction in streets.junctions.values():
        check_wgs84(junction.lat, junction.lon)
    for street in streets.streets:
        fault = _fault(street, streets)
        if fault:
            msg = f"street {street.name or street.ref or street.way_id!r}: {fault}"
            raise NetworkError(msg)
    for restriction in streets.restrictions:
        fault = _restriction_fault(restriction, streets.streets)
        if fault:
            msg = f"turn restriction {dict(restriction.tags)}: {fault}"
            raise NetworkError(msg)


def _fault(street: Street, streets: StreetMap) -> str:
    for node in (street.from_node, street.to_node):
        if node not in streets.junctions:
            return f"junction {node} is not known"
    if not (street.forward or street.backward):
        return "it may be driven in neither direction"
    if not 0 <= street.length_m < float("inf"):
        return f"its length is {street.length_m} m"
    if "highway" not in street.tags:
        return "it has no highway tag"
    return _shape_fault(street.shape)


def _shape_fault(shape: Sequence[tuple[float, float]]) -> str:
    if len(shape) < 2:  # noqa: PLR2004
        return f"its shape has {len(shape)} points; at least 2 are needed"
    if not all(is_on_earth(lat, lon) for lat, lon in shape):
        return "its shape has a point that is not on Earth"
    return ""


def _restriction_fault(restriction: TurnRestriction, streets: Sequence[Street]) -> str:
    if len(restriction.path) < 2:  # noqa: PLR2004
        return f"its path has {len(restriction.path)} streets; at least 2 are needed"
    ends = []
    for street, forward in restriction.path:
        if not 0 <= street < len(streets):
            return f"there is no street {street}"
        one = streets[street]
        if not (one.forward if forward else one.backward):
            return f"street {street} is not driven that way"
        ends.append((one.from_node, one.to_node) if forward else (one.to_node, one.from_node))
    if any(end != start for (_, end), (start, _) in pairwise(ends)):
        return "its streets do not follow each other"
    return ""


def _hilbert_order(streets: StreetMap) -> list[int]:
    """Node ids of the junctions in use, in their order along the curve, then by id."""
    used = sorted({node for s in streets.streets for node in (s.from_node, s.to_node)})
    lat = np.asarray([streets.junctions[node].lat for node in used])
    lon = np.asarray([streets.junctions[node].lon for node in used])
    squeeze = np.cos(np.deg2rad(lat.mean()))
    order = np.argsort(hilbert_index(lon * squeeze, lat), kind="stable")
    return [used[i] for i in order]


def _directions(streets: Iterable[Street], number: Mapping[int, int]) -> Iterable[_Direction]:
    for street_number, street in enumerate(streets):
        if street.forward:
            yield _directed(street, street_number, number, forward=True)
        if street.backward:
            yield _directed(street, street_number, number, forward=False)


def _directed(
    street: Street, street_number: int, number: Mapping[int, int], *, forward: bool
) -> _Direction:
    start, end = number[street.from_node], number[street.to_node]
    length_mm = round(street.length_m * 1000)
    shape = tuple((float(lat), float(lon)) for lat, lon in street.shape)
    tags = _tag_key(street.tags)
    if not forward:
        start, end, shape = end, start, shape[::-1]
    return _Direction(start, end, length_mm, street, shape, tags, street_number)


def _restricted_ways(
    streets: StreetMap, number: Mapping[int, int], directions: Sequence[_Direction]
) -> Iterable[RestrictedWay]:
    """Turn restrictions over segments instead of streets."""
    if not streets.restrictions:
        return
    on_line: dict[object, list[int]] = {}
    for segment, one in enumerate(directions):
        on_line.setdefault(_line(one), []).append(segment)
    for restriction in streets.restrictions:
        path = [
            _directed(streets.streets[street], street, number, forward=forward)
            for street, forward in restriction.path
        ]
        yield RestrictedWay(
            segments=[on_line[_line(one)] for one in path],
            mandatory=restriction.mandatory,
            tags=_tag_key(restriction.tags),
        )


def _twins(directions: Sequence[_Direction]) -> IntArray:
    """For every segment the one that runs back along the same line of the same way.

    That is the other direction of a two-way street, and the bus lane against a one-way street.
    """
    twin = np.full(len(directions), NO_TWIN, dtype=np.int32)
    for waits_as, comes_back_to in ((_street, _street), (_line, _line_back)):
        waiting: dict[object, list[int]] = {}
        for segment in np.flatnonzero(twin == NO_TWIN).tolist():
            one = directions[segment]
            back = waiting.get(comes_back_to(one))
            if back:
                other = back.pop(0)
                twin[segment], twin[other] = other, segment
            else:
                waiting.setdefault(waits_as(one), []).append(segment)
    return twin


def _street(one: _Direction) -> object:
    return one.street_number


def _line(one: _Direction) -> object:
    """Where a direction runs, so exactly that only the same stretch of the same way runs there."""
    return one.from_junction, one.to_junction, one.street.way_id, one.length_mm, one.shape


def _line_back(one: _Direction) -> object:
    """The line of the other direction."""
    return one.to_junction, one.from_junction, one.street.way_id, one.length_mm, one.shape[::-1]


def _tag_key(tags: Mapping[str, str]) -> _TagKey:
    return tuple(sorted(tags.items()))


def _ints(values: Iterable[int]) -> IntArray:
    return np.fromiter(values, dtype=np.int32)


def _content_version(network: RoadNetwork) -> str:
    """Hash of what the streets say; name, provenance and the derived metre grid are not part."""
    digest = hashlib.sha256()
    for field in fields(network):
        value = getattr(network, field.name)
        if isinstance(value, np.ndarray) and field.name not in ("shape_x_m", "shape_y_m"):
            digest.update(f"{field.name} {value.dtype.str} {value.shape}".encode())
            digest.update(value.tobytes())
    tables = [network.tag_sets, network.labels, network.turn_rules]
    digest.update(json.dumps(tables, sort_keys=True).encode())
    return digest.hexdigest()[:16]
