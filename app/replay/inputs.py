"""What a replay is computed from: roads, rules, and the fleet over time."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.dispatch.policy import DispatchPolicy, load_policy
from app.replay.calls import FORMATS, LFB_INCIDENTS, CallFormat
from app.replay.errors import ReplayError
from app.replay.fleet_file import FleetTimeline, read_fleet
from app.replay.stations import Stations, read_stations
from app.replay.surroundings import Surroundings
from app.settings import CALL_MARGIN_M
from geo_data.strategic import embedded_london
from routing.network import RoadNetwork
from routing.router import Router
from routing.storage import load_network

LONDON = "Europe/London"

ROADS_BYTES = 800_000_000
"""Room for a London of 130,000 junctions at every hour of the week that is priced on its own, under
both profiles: a replay comes back to each of them every day."""


def router_for_replays(network: RoadNetwork) -> Router:
    """A router that keeps the roads of every hour, and makes of them only what is asked for."""
    return Router(network, roads_bytes=ROADS_BYTES, sparse_at_once=False)


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class World:
    """Everything that calls are judged by.

    Attributes
    ----------
    fleet
        The vehicles that might be sent.
    attended
        Those that the record says did attend; the same where it does not name its own.
    stations
        What the record calls vehicles that are called as their stations are.
    around
        How far from the network calls and vehicles may be.
    """

    router: Router
    policy: DispatchPolicy
    fleet: FleetTimeline
    attended: FleetTimeline
    stations: Stations | None
    call_format: CallFormat
    zone: ZoneInfo
    around: Surroundings


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where a replay's world comes from.

    Attributes
    ----------
    network
        Directory of a built network; None: the embedded London.
    policy
        TOML file; None: the packaged one.
    fleet
        Vehicles over time; None: one pump at each of the stations.
    stations
        List of stations, for records that name those.
    call_format
        Key of `FORMATS`.
    time_zone
        Of times that name no offset, as the IANA database calls it.
    call_margin_m
        Calls and vehicles further than this from the network's extent are mistakes, and rejected.
    """

    network: Path | None = None
    policy: Path | None = None
    fleet: Path | None = None
    stations: Path | None = None
    call_format: str = "standard"
    time_zone: str = LONDON
    call_margin_m: float = CALL_MARGIN_M

    def load(self) -> World:
        """
        Read everything, and warm up.

        Raises
        ------
        ReplayError
            Something is missing, or a file is not what it should be.
        RoutingError, PolicyError, OSError
            The network, the policy or a file cannot be read.
        """
        zone = self.zone()
        if self.call_format not in FORMATS:
            msg = f"no format of calls is called {self.call_format}; known: {', '.join(FORMATS)}"
            raise ReplayError(msg)
        policy = load_policy(self.policy)
        stations = None if self.stations is None else read_stations(self.stations)
        attended = None if stations is None else stations.one_pump_each()
        if self.fleet is None and attended is None:
            msg = "no fleet to choose from: give a fleet file"
            if self.call_format == LFB_INCIDENTS.name:
                msg += ", or a list of stations for one pump at each"
            raise ReplayError(msg)
        network = embedded_london() if self.network is None else load_network(self.network)
        around = Surroundings.of(network, self.call_margin_m)
        fleet = attended if self.fleet is None else read_fleet(self.fleet, zone, around)
        assert fleet is not None
        router = router_for_replays(network)
        policy.require_profiles(router.profiles)
        router.warm_up()
        return World(
            router=router,
            policy=policy,
            fleet=fleet,
            attended=attended or fleet,
            stations=stations,
            call_format=FORMATS[self.call_format],
            zone=zone,
            around=around,
        )

    def load_same(self, fingerprint: Iterable[tuple[str, str]]) -> World:
        """
        Read everything, as another process has.

        Raises
        ------
        ReplayError
            Here lies another world under the same paths.
        """
        asked_for = tuple(fingerprint)
        kept = _kept.get((self, asked_for))
        if kept is not None:
            return kept
        world = self.load()
        here = self.fingerprint(world)
        other = [name for name, value in asked_for if here[name] != value]
        if other:
            msg = f"a worker finds another {', '.join(other)} under the same path"
            raise ReplayError(msg)
        return world

    def keep(self, world: World, fingerprint: Iterable[tuple[str, str]]) -> None:
        """Let tasks done in this process use a world, as long as anybody holds it."""
        _kept[self, tuple(fingerprint)] = world

    def fingerprint(self, world: World) -> Mapping[str, str]:
        """What of this decides a result, by name: settings, versions, and hashes of files."""
        return {
            "network": world.router.network.version,
            "policy": world.policy.version,
            "fleet": sha256_of(self.fleet),
            "stations": sha256_of(self.stations),
            "format": self.call_format,
            "time_zone": self.time_zone,
        }

    def zone(self) -> ZoneInfo:
        """
        The time zone.

        Raises
        ------
        ReplayError
            There is none of that name.
        """
        try:
            return ZoneInfo(self.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            msg = f"no time zone is called {self.time_zone!r}; for example: {LONDON}, UTC"
            raise ReplayError(msg) from error


_kept: WeakValueDictionary[tuple[Inputs, tuple[tuple[str, str], ...]], World] = (
    WeakValueDictionary()
)


def sha256_of(file: Path | None) -> str:
    """Hash of a file, in hexadecimal digits; "" for none."""
    if file is None:
        return ""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
