"""What made-up streets are like: their classes, their directions, and where signals stand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_data.synthesis.density import DensityModel
from geo_data.synthesis.fabric import Fabric, IntArray
from geo_data.synthesis.finishing import Flags, open_one_way_traps, strongly_connected
from geo_data.synthesis.infill import Part
from geo_data.synthesis.rules import (
    COLLECTOR_CLASSES,
    CROSS_CLASSES,
    CUL_DE_SAC_CLASSES,
    ONE_WAY_SHARE,
    ROW_CLASSES,
    SIGNALS_AT_COLLECTORS,
    SIGNALS_AT_MAIN_CROSSINGS,
)
from geo_data.synthesis.skeleton import Skeleton
from geo_data.synthesis.strokes import strokes

ARMS_OF_A_CROSSING = 3
MAIN_CLASSES = frozenset({"trunk", "primary", "secondary"})


@dataclass(frozen=True, eq=False)
class Look:
    """What made-up streets are like: road class by street, directions by stretch."""

    road_class: NDArray[np.str_]
    forward: Flags
    backward: Flags
    kept: Flags

    @classmethod
    def of(
        cls, fabric: Fabric, skeleton: Skeleton, density: DensityModel, rng: np.random.Generator
    ) -> "Look":
        """Dress the streets of a fabric."""
        road_class = _classes(fabric, rng)
        forward, backward = _directions(fabric, skeleton, density, road_class, rng)
        forward, backward = open_one_way_traps(fabric, forward, backward)
        return cls(road_class, forward, backward, strongly_connected(fabric, forward, backward))


def _classes(fabric: Fabric, rng: np.random.Generator) -> NDArray[np.str_]:
    classes = np.empty(len(fabric.part), dtype="<U16")
    for kind, table in (
        (Part.ROW, ROW_CLASSES),
        (Part.CROSS, CROSS_CLASSES),
        (Part.CUL_DE_SAC, CUL_DE_SAC_CLASSES),
    ):
        names, shares = zip(*table, strict=True)
        of_kind = fabric.part == kind
        classes[of_kind] = rng.choice(names, size=int(of_kind.sum()), p=shares)
    collectors = fabric.part == Part.COLLECTOR
    classes[collectors] = _collector_classes(fabric)[collectors]
    return classes


def _collector_classes(fabric: Fabric) -> NDArray[np.str_]:
    """Class of every collector: the longer the road it is part of, the higher."""
    stroke, length_m = strokes(fabric)
    longest_first = np.argsort(-length_m, kind="stable")
    share_so_far = np.empty(len(length_m))
    share_so_far[longest_first] = np.cumsum(length_m[longest_first]) / max(length_m.sum(), 1.0)
    names = np.asarray([name for name, _ in COLLECTOR_CLASSES])
    up_to = np.cumsum([share for _, share in COLLECTOR_CLASSES])
    return names[np.searchsorted(up_to[:-1], share_so_far)][stroke]


def _directions(
    fabric: Fabric,
    skeleton: Skeleton,
    density: DensityModel,
    road_class: NDArray[np.str_],
    rng: np.random.Generator,
) -> tuple[Flags, Flags]:
    made_up = fabric.road < 0
    forward = np.ones(len(fabric.start), dtype=bool)
    backward = np.ones(len(fabric.start), dtype=bool)
    main = skeleton.streets.streets
    for stretch in np.flatnonzero(~made_up).tolist():
        forward[stretch] = main[fabric.road[stretch]].forward
        backward[stretch] = main[fabric.road[stretch]].backward

    first = np.full(len(road_class), -1)
    first[fabric.street[made_up][::-1]] = fabric.start[made_up][::-1]
    share = np.interp(density.at(fabric.xy_m)[first], (0.0, 1.0), ONE_WAY_SHARE[::-1])
    may_be = np.isin(fabric.part, (Part.ROW, Part.CROSS)) & np.isin(
        road_class, ("residential", "unclassified")
    )
    one_way = may_be & (rng.random(len(road_class)) < share)
    towards_end = rng.random(len(road_class)) < 1 / 2
    forward[made_up] = ~one_way[fabric.street[made_up]] | towards_end[fabric.street[made_up]]
    backward[made_up] = ~one_way[fabric.street[made_up]] | ~towards_end[fabric.street[made_up]]
    return forward, backward


def signals(fabric: Fabric, look: Look, skeleton: Skeleton, rng: np.random.Generator) -> Flags:
    """Which junctions have traffic signals."""
    main_class = [street.tags["highway"] in MAIN_CLASSES for street in skeleton.streets.streets]
    on_main = np.zeros(len(fabric.start), dtype=bool)
    road = fabric.road >= 0
    on_main[road] = np.asarray(main_class)[fabric.road[road]]
    on_collector = ~road
    on_collector[~road] = np.isin(look.road_class[fabric.street[~road]], ("secondary", "tertiary"))
    main_arms = _arms(fabric, on_main & look.kept)
    collector_arms = _arms(fabric, on_collector & look.kept)
    chance = rng.random(len(fabric.xy_m))
    crossing = (main_arms >= ARMS_OF_A_CROSSING) & (chance < SIGNALS_AT_MAIN_CROSSINGS)
    meeting = (main_arms > 0) & (collector_arms > 0) & (chance < SIGNALS_AT_COLLECTORS)
    return np.asarray(crossing | meeting)


def _arms(fabric: Fabric, stretches: Flags) -> IntArray:
    ends = np.concatenate([fabric.start[stretches], fabric.end[stretches]])
    return np.bincount(ends, minlength=len(fabric.xy_m))
