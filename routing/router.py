"""A road network made ready to answer: where is this, who is nearest, which way."""

from collections.abc import Callable, Mapping, Sequence

from routing.bucket_search import BucketSearch
from routing.engine import Arrival, SearchEngine, Starts
from routing.isochrones import isochrones
from routing.metric import Metric
from routing.network import RoadNetwork
from routing.paths import Path, path_of
from routing.profiles import Profile, load_profiles
from routing.roads import Roads
from routing.snapping import Snap, Snapper


class Router:
    """One snapper and one `Roads` for every profile on one network.

    Parameters
    ----------
    network
        Where to drive.
    profiles
        Ways of driving, by name; the packaged ones by default.
    engine
        Makes the search engine of a metric.

    Raises
    ------
    NetworkError
        When a profile may drive no street of the network.
    """

    def __init__(
        self,
        network: RoadNetwork,
        profiles: Mapping[str, Profile] | None = None,
        engine: Callable[[Metric], SearchEngine] = BucketSearch,
    ) -> None:
        self.network = network
        self.profiles = load_profiles() if profiles is None else profiles
        metrics = {name: Metric.of(network, one) for name, one in self.profiles.items()}
        self._roads = {name: Roads(engine(metric)) for name, metric in metrics.items()}
        self._snappers = {name: Snapper(metric) for name, metric in metrics.items()}

    def snap(
        self,
        lat: float,
        lon: float,
        *,
        profile: str,
        heading_deg: float | None = None,
        radius_m: float,
    ) -> Snap | None:
        """Where a WGS84 position lies on the streets of a profile; None when none is in reach."""
        return self._snappers[profile].snap(lat, lon, heading_deg=heading_deg, radius_m=radius_m)

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
        return self._snappers[profile].snap_many(
            lat, lon, heading_deg=heading_deg, radius_m=radius_m
        )

    def roads(self, profile: str) -> Roads:
        """The streets as a profile finds them now."""
        return self._roads[profile]

    def path(self, arrival: Arrival) -> Path:
        """Shape, length and street names of a drive."""
        return path_of(self.network, arrival)

    def warm_up(self) -> None:
        """Compile and load everything that the first question would otherwise wait for."""
        shape_lat, shape_lon = self.network.segment_shape(0)
        for profile in self.profiles:
            here = self.snap(
                float(shape_lat[0]), float(shape_lon[0]), profile=profile, radius_m=100_000.0
            )
            if here is not None:
                roads = self.roads(profile)
                roads.route(here, here)
                isochrones(roads.reach(Starts.at([here]), limit_ms=0), [0])
