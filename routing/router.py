"""A road network made ready to answer: where is this, who is nearest, which way."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial

from numpy.typing import ArrayLike

from routing.bucket_search import BucketSearch
from routing.by_density import ByDensity
from routing.closure_places import ClosurePlacer, PlacedClosure
from routing.closures import Closure
from routing.engine import Arrival, SearchEngine
from routing.errors import ClosureError, ProfileError
from routing.live_roads import MAX_BYTES, LiveRoads, utc_now
from routing.metric import Metric, hour_slots
from routing.network import RoadNetwork
from routing.paths import Path, path_of
from routing.profiles import Profile, check_hour, load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper, Snaps


class Router:
    """A snapper for every profile on one network, and its roads at every hour, with closures.

    Parameters
    ----------
    network
        Where to drive.
    profiles
        Ways of driving, by name; the packaged ones by default. Those that drive against the traffic
        are left out on a network without contraflow.
    engine
        Makes the search engine of a metric; by default one that is fast however many vehicles
        there are (`ByDensity`), or the early-stopping search alone on a network that has not been
        contracted.
    clock
        By which closures start and end.
    roads_bytes
        Memory for roads kept ready; past it, those longest unasked are made again when needed.
    sparse_at_once
        Whether an hour's roads are made ready for sparse fleets, routes and matrices when they are
        made, or when the first such question comes: whoever asks of many vehicles only saves half
        the time and most of the memory.

    Raises
    ------
    NetworkError
        When a profile may drive no street of the network.
    """

    def __init__(
        self,
        network: RoadNetwork,
        profiles: Mapping[str, Profile] | None = None,
        engine: Callable[[Metric], SearchEngine] | None = None,
        clock: Callable[[], datetime] = utc_now,
        *,
        roads_bytes: int = MAX_BYTES,
        sparse_at_once: bool = True,
    ) -> None:
        self.network = network
        known = load_profiles() if profiles is None else profiles
        self.profiles = {name: one for name, one in known.items() if _is_offered(one, network)}
        self._engine = engine or _default_engine(network, at_once=sparse_at_once)
        self._slots: dict[str, tuple[int, ...]] = {}
        self._live = LiveRoads(self._open_roads, clock=clock, max_bytes=roads_bytes)
        self._placer = ClosurePlacer(network)
        self._snappers = {
            name: Snapper(self._live.roads(name).undisturbed.metric) for name in self.profiles
        }

    def snap(
        self,
        lat: float,
        lon: float,
        *,
        profile: str,
        heading_deg: float | None = None,
        radius_m: float,
    ) -> Snap | None:
        """Where a WGS84 position lies on the streets of a profile; None when none is in reach.

        Examples
        --------
        Streets are driven both ways unless a heading tells; out of reach there is none.

        >>> at = router.snap(51.5001, -0.115, profile="blue_light", radius_m=50)
        >>> town.street_name(at.segments[0]), round(at.distance_m), len(at.segments)
        ('South Street', 11, 2)
        >>> east = router.snap(51.5001, -0.115, profile="blue_light", heading_deg=90, radius_m=50)
        >>> len(east.segments)
        1
        >>> router.snap(51.6, -0.115, profile="blue_light", radius_m=50) is None
        True
        """
        return self._snapper(profile).snap(lat, lon, heading_deg=heading_deg, radius_m=radius_m)

    def snap_many(
        self,
        lat: Sequence[float],
        lon: Sequence[float],
        *,
        profile: str,
        heading_deg: Sequence[float],
        radius_m: float,
    ) -> list[Snap | None]:
        """Snap many positions at once; a heading of NaN is unknown."""
        return self._snapper(profile).snap_many(
            lat, lon, heading_deg=heading_deg, radius_m=radius_m
        )

    def snaps(
        self,
        lat: ArrayLike,
        lon: ArrayLike,
        *,
        profile: str,
        heading_deg: ArrayLike,
        radius_m: float,
    ) -> Snaps:
        """Snap N positions at once, for whoever goes on with arrays."""
        return self._snapper(profile).snaps(lat, lon, heading_deg=heading_deg, radius_m=radius_m)

    def roads(self, profile: str, hour: int | None = None) -> Roads:
        """The streets as a profile finds them now, at an hour of the week or on average over it.

        Made when first asked for, which takes a moment, then kept and brought up to date with
        closures; those longest unasked are given up.

        Raises
        ------
        ProfileError
            When `hour` is not an hour of the week, or no profile is so called.

        Examples
        --------
        >>> average, rush_hour = router.roads("normal_road"), router.roads("normal_road", hour=8)
        >>> average.route(crew, call).drive_ms < rush_hour.route(crew, call).drive_ms
        True
        """
        return self._live.roads(profile, self.slot(profile, hour))

    @property
    def closures(self) -> Mapping[str, PlacedClosure]:
        """Closures by id: those in force and those yet to start."""
        return self._live.closures

    @property
    def closures_in_force(self) -> frozenset[str]:
        """Ids of the closures under which answers are given now."""
        return self._live.in_force

    def close(self, *closures: Closure) -> tuple[PlacedClosure, ...]:
        """
        Shut or slow streets, each closure in place of any with its id; returns when it is so.

        Questions asked meanwhile are answered without them.

        Raises
        ------
        ClosureError
            One names no street, is over already, or is about too much; none was taken over.

        Examples
        --------
        >>> from routing.closures import Slowed
        >>> works = Closure("works", Slowed(time_factor=3), NamedStreet("West Street"))
        >>> router.close(works)[0].title
        'West Street slowed'
        >>> router.path(router.roads("blue_light").route(crew, call)).streets
        ('South Street', 'East Street', 'North Street')
        >>> router.reopen("works")
        >>> router.close(Closure("flood", Shut(), NamedStreet("Mill Lane")))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        routing.errors.ClosureError: where.name: no street of Town is called 'Mill Lane'; did you...
        """
        placed = []
        for place, closure in enumerate(closures):
            try:
                self._live.check(closure)
                placed.append(self._placer.place(closure))
            except ClosureError as error:
                error.place = place
                raise
        self._live.wait(self._live.put(placed))
        return tuple(placed)

    def reopen(self, *closure_ids: str) -> None:
        """
        Take closures away; returns when their streets are open.

        Raises
        ------
        UnknownClosureError
            There is none of some id; none was taken away.
        """
        self._live.wait(self._live.remove(closure_ids))

    def refresh_closures(self) -> None:
        """Let closures start and end by the clock of now; a thread does so when it is time."""
        self._live.refresh()

    def slot(self, profile: str, hour: int | None) -> int | None:
        """The first hour of the week at which all streets and turns are as at this one.

        None, the average over the week, is a slot of its own.
        """
        driving = self._driving(profile)
        check_hour(hour)
        if hour is None:
            return None
        if profile not in self._slots:
            self._slots[profile] = hour_slots(self.network, driving)
        return self._slots[profile][hour]

    def _driving(self, profile: str) -> Profile:
        if profile not in self.profiles:
            known = ", ".join(sorted(self.profiles))
            msg = f"no profile {profile!r} on {self.network.name}; known: {known}"
            raise ProfileError(msg)
        return self.profiles[profile]

    def _snapper(self, profile: str) -> Snapper:
        self._driving(profile)
        return self._snappers[profile]

    def _open_roads(self, profile: str, slot: int | None) -> Roads:
        return Roads.of(Metric.of(self.network, self.profiles[profile], slot), self._engine)

    def path(self, arrival: Arrival) -> Path:
        """Shape, length and street names of a drive.

        Examples
        --------
        >>> path = router.path(roads.route(crew, call))
        >>> path.streets, round(path.distance_m), len(path.lat)
        (('South Street', 'West Street', 'North Street'), 1928, 4)
        """
        return path_of(self.network, arrival)

    def warm_up(self) -> None:
        """Compile and load everything that the first question would otherwise wait for."""
        for profile in self.profiles:
            here, there = (
                self._on(segment, profile) for segment in (0, self.network.segment_count - 1)
            )
            if here is not None and there is not None:
                self.roads(profile).warm_up(here, there)

    def _on(self, segment: int, profile: str) -> Snap | None:
        """A place near the beginning of a segment."""
        lat, lon = self.network.segment_shape(segment)
        return self.snap(float(lat[0]), float(lon[0]), profile=profile, radius_m=100_000.0)


def _is_offered(profile: Profile, network: RoadNetwork) -> bool:
    return not profile.drives_against_traffic or network.has_contraflow


def _default_engine(network: RoadNetwork, *, at_once: bool) -> Callable[[Metric], SearchEngine]:
    if network.hierarchy is None:
        return BucketSearch
    return partial(ByDensity.of, hierarchy=network.hierarchy, at_once=at_once)
