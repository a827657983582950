"""How soon a closure is in every answer, and what closures in force cost a question."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks.london import random_places
from benchmarks.search import MOVING_DELAY_MS, NEAREST, PROFILE
from benchmarks.timing import Measured, measure
from routing.closures import Closure, Shut, Slowed, TheseSegments
from routing.engine import Starts
from routing.network import RoadNetwork
from routing.roads import Roads
from routing.router import Router
from routing.snapping import Snap

HOURS = (None, 32)
"""Hours of the week with roads ready: on average over it, and Tuesday from eight in the morning."""

MANY = 5000
STREETS = 40
QUESTIONS = 300
FLEET = 500


def measure_closures(network: RoadNetwork) -> list[Measured]:
    """Close and reopen streets with roads ready for every profile and hour, then ask."""
    router = Router(network)
    live = [router.roads(name, hour) for name in router.profiles for hour in HOURS]
    task = f"with {len(live)} metrics live"
    closing, reopening = _closing(router), _reopening(router)
    closing(0)  # compiles
    reopening(0)
    streets = _streets(network)
    one = [next(streets) for _ in range(STREETS)]
    measured = [
        Measured(f"one street shut, {task}", "until in every answer", measure(closing, one)),
        Measured(f"one street shut, {task}", "until open again", measure(reopening, one)),
    ]
    closures = [
        Closure(f"many-{i}", Shut() if i % 2 else Slowed(time_factor=2.0), _where(next(streets)))
        for i in range(MANY)
    ]
    at_once = f"{MANY:,} closures, {task}"
    timing = measure(lambda all_: router.close(*all_), [closures])
    measured.append(Measured(at_once, "all at once, finding their streets too", timing))
    measured.append(Measured(at_once, "one more among them", measure(closing, one)))
    targets, starts = _places(router, network)
    asked = f"nearest {NEAREST} of {FLEET} under {MANY:,} closures"
    roads = router.roads(PROFILE)
    measured += [
        Measured(asked, label, measure(ask, targets))
        for label, ask in (
            ("arrivals", _nearest(roads, starts)),
            ("and what closures did to them", _disturbances(roads, starts)),
            ("the same fleet with every street open", _nearest(roads.undisturbed, starts)),
        )
    ]
    router.reopen(*router.closures)
    return measured


def _streets(network: RoadNetwork) -> Iterator[int]:
    """Segments from all over town."""
    order = np.random.default_rng(8).permutation(network.segment_count)
    return iter(order.tolist())


def _where(segment: int) -> TheseSegments:
    return TheseSegments((segment,))


def _closing(router: Router) -> Callable[[int], object]:
    return lambda segment: router.close(Closure(f"one-{segment}", Shut(), _where(segment)))


def _reopening(router: Router) -> Callable[[int], object]:
    return lambda segment: router.reopen(f"one-{segment}")


def _places(router: Router, network: RoadNetwork) -> tuple[Sequence[Snap], Starts]:
    lat, lon = zip(*random_places(network, QUESTIONS + FLEET, seed=9), strict=True)
    snaps = router.snap_many(
        lat, lon, profile=PROFILE, heading_deg=[np.nan] * len(lat), radius_m=300.0
    )
    found = [snap for snap in snaps if snap is not None]
    fleet = found[QUESTIONS:]
    return found[:QUESTIONS], Starts.at(fleet, [MOVING_DELAY_MS] * len(fleet))


def _nearest(roads: Roads, starts: Starts) -> Callable[[Snap], object]:
    return lambda target: roads.nearest(target, starts, NEAREST)


def _disturbances(roads: Roads, starts: Starts) -> Callable[[Snap], object]:
    def ask(target: Snap) -> object:
        arrivals = roads.nearest(target, starts, NEAREST)
        best = starts.only([one.vehicle for one in arrivals])
        return roads.disturbances(target, best, arrivals)

    return ask
