"""Every engine by its name, and how it is made ready on an extract."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from benchmarks.peers.drive import Peer
from benchmarks.peers.osmnx_peer import OsmnxPeer
from benchmarks.peers.ours import PROFILE, Ours
from routing.metric import Metric
from routing.profiles import load_profiles
from routing.storage import load_network

OURS = Ours.name


@dataclass(frozen=True, slots=True)
class Ground:
    """An extract that engines are built from, and our network of it.

    Attributes
    ----------
    build_s
        What it took us to build and store the network.
    """

    name: str
    pbf: Path
    network: Path
    build_s: float

    @classmethod
    def of(cls, name: str, pbf: Path, directory: Path) -> Self:
        """Build our network of an extract in a directory."""
        network = directory / "network"
        build = ("-m", "app", "network", "build", str(pbf), "--output", str(network))
        begin = time.perf_counter()
        subprocess.run([sys.executable, *build], check=True, capture_output=True)
        return cls(name, pbf, network, time.perf_counter() - begin)


def _ours(ground: Ground, directory: Path) -> Peer:
    del directory
    return Ours(ground.network, ground.build_s)


def _osrm(ground: Ground, directory: Path) -> Peer:
    from benchmarks.peers.osrm_peer import OsrmPeer  # noqa: PLC0415 - not installed everywhere

    return OsrmPeer.build(ground.pbf, directory, shortest=False)


def _osrm_mld(ground: Ground, directory: Path) -> Peer:
    from benchmarks.peers.osrm_peer import OsrmPeer  # noqa: PLC0415 - not installed everywhere

    return OsrmPeer.build(ground.pbf, directory, shortest=False, algorithm="MLD")


def _valhalla(ground: Ground, directory: Path) -> Peer:
    from benchmarks.peers.valhalla_peer import ValhallaPeer  # noqa: PLC0415 - as OSRM

    return ValhallaPeer.build(ground.pbf, directory, shortest=False)


def _osmnx(ground: Ground, directory: Path) -> Peer:
    del directory
    return OsmnxPeer(Metric.of(load_network(ground.network), load_profiles()[PROFILE]))


ENGINES: Mapping[str, Callable[[Ground, Path], Peer]] = {
    OURS: _ours,
    "OSRM": _osrm,
    "OSRM, MLD": _osrm_mld,
    "Valhalla": _valhalla,
    "OSMnx and NetworkX": _osmnx,
}
"""Makes each ready, in a directory of its own."""
