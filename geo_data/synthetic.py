"""A London-sized street map without a download: made-up local streets between real main roads.

For load tests, benchmarks and trying things out where no extract of OpenStreetMap is at hand. The
main roads, the river, stations and hospitals are where they are in London; every street between
them is made up, and has no name. The same number of junctions and the same seed give the same map.
"""

from collections.abc import Sequence

import numpy as np

from geo_data.places import emergency_departments, las_stations
from geo_data.strategic import own_provenance, strategic_streets, thames_centreline
from geo_data.synthesis.density import DensityModel
from geo_data.synthesis.fabric import Fabric, FilledQuarter, weave
from geo_data.synthesis.filling import Order, fill_quarters, tighter_scale
from geo_data.synthesis.finishing import bend, keep_connected, keep_dry, trim_dead_ends
from geo_data.synthesis.look import Look, signals
from geo_data.synthesis.plane import FloatArray
from geo_data.synthesis.quarters import Quarters, divide
from geo_data.synthesis.rules import CHARING_CROSS_DEG
from geo_data.synthesis.skeleton import Skeleton
from geo_data.synthesis.streams import Purpose, random_numbers
from geo_data.synthesis.writing import street_map
from routing.network import Provenance
from routing.progress import Progress, silent
from routing.streets import StreetMap

MOST_JUNCTIONS = 1_000_000
"""More would crowd streets closer than houses."""

SMALLEST_MARGIN, MARGIN_SHARE = 20, 1_000
"""So many junctions, and one in so many, are made beyond the order: some streets get wet feet
when they are bent and go. What is left over is trimmed."""

MOST_WANTED = 1.1
"""More than this share above what was ordered is not asked for to make up for what is lost."""


def synthesise(junctions: int, seed: int, progress: Progress = silent) -> StreetMap:
    """Make up local streets until London has so many junctions (a few more or less at times).

    Parameters
    ----------
    junctions
        At least as many as the main roads have, at most `MOST_JUNCTIONS`.
    seed
        Another seed gives other streets. Same seed, junctions and NumPy version: same map.

    Raises
    ------
    ValueError
        When fewer or more junctions are asked for than possible.
    """
    skeleton = Skeleton.of(strategic_streets(), thames_centreline())
    settled = [(station.lat, station.lon) for station in las_stations()]
    settled += [(hospital.lat, hospital.lon) for hospital in emergency_departments()]
    lat, lon = np.asarray(settled).T
    return grow(skeleton, skeleton.plane.to_xy_m(lat, lon), junctions, seed, progress)


def synthetic_provenance(junctions: int, seed: int) -> Provenance:
    """Provenance of a network built from `synthesise(junctions, seed)`."""
    return own_provenance(
        f"main roads of Greater London, and made-up local streets synthesised "
        f"between them ({junctions} junctions, seed {seed})"
    )


def grow(
    skeleton: Skeleton,
    settled_xy_m: FloatArray,
    junctions: int,
    seed: int,
    progress: Progress = silent,
) -> StreetMap:
    """Grow local streets on any skeleton; `synthesise` does it on London's.

    `settled_xy_m` are places, in metres on the skeleton's plane, that stand in a town.
    """
    fewest = len(skeleton.nodes)
    if not fewest <= junctions <= MOST_JUNCTIONS:
        msg = f"junctions is {junctions}; it must be a number from {fewest} to {MOST_JUNCTIONS}"
        raise ValueError(msg)
    if seed < 0:
        msg = f"seed is {seed}; it must be 0 or more"
        raise ValueError(msg)
    density = DensityModel(
        centre_xy_m=skeleton.plane.to_xy_m(*np.asarray(CHARING_CROSS_DEG).reshape(2, 1))[0],
        attractors_xy_m=np.concatenate([skeleton.node_xy_m, settled_xy_m]),
        settled_xy_m=settled_xy_m,
    )
    fabric = _fabric(skeleton, density, junctions, seed, progress)
    look = Look.of(fabric, skeleton, density, random_numbers(seed, Purpose.LOOK))
    lit = signals(fabric, look, skeleton, random_numbers(seed, Purpose.SIGNALS))
    progress("writing streets", 0, len(fabric.start))
    streets = street_map(fabric, skeleton, look, lit)
    progress("streets ready", len(streets.streets), len(streets.streets))
    return streets


def _fabric(
    skeleton: Skeleton, density: DensityModel, junctions: int, seed: int, progress: Progress
) -> Fabric:
    order = Order(junctions, seed)
    while True:
        progress("dividing London into quarters", 0, 0)
        rng = random_numbers(seed, Purpose.QUARTERS)
        quarters = divide(skeleton, density, order.scale, rng)
        filled, enough = fill_quarters(skeleton, quarters, density, order, progress)
        if enough:
            progress("connecting streets", 0, junctions)
            return _connected(skeleton, quarters, filled, order)
        scale = tighter_scale(order.scale, filled, skeleton, junctions)
        order = Order(junctions, seed, scale)


def _connected(
    skeleton: Skeleton, quarters: Quarters, filled: Sequence[FilledQuarter], order: Order
) -> Fabric:
    """Weave as many quarters as leave the junctions ordered after what must go has gone."""
    margin = SMALLEST_MARGIN + order.junctions // MARGIN_SHARE
    wanted = order.junctions + margin
    while True:
        fabric = weave(skeleton, quarters, filled, wanted)
        fabric = keep_connected(keep_dry(fabric, skeleton.river))
        lacking = order.junctions + margin - fabric.junction_count
        if lacking <= 0 or wanted > MOST_WANTED * order.junctions:
            break
        wanted += lacking + margin
    fabric = bend(fabric, skeleton, random_numbers(order.seed, Purpose.BENDS))
    fabric = keep_connected(keep_dry(fabric, skeleton.river))
    return trim_dead_ends(fabric, fabric.junction_count - order.junctions)
