"""The London that is measured: synthesised, so that everyone measures the same one."""

import hashlib
from pathlib import Path

import numpy as np

import geo_data
from geo_data.sources import build_synthetic
from routing.errors import DamagedNetworkError
from routing.network import RoadNetwork
from routing.storage import load_network, save_network

CACHE = Path("cache") / "benchmarks"
GENERATOR = Path(geo_data.__file__).parent
SEED = 1


def london(junctions: int) -> RoadNetwork:
    """The synthesised London of about that many junctions, built once and kept."""
    directory = stored_at(junctions)
    try:
        return load_network(directory)
    except DamagedNetworkError:  # not there yet, or of an older format
        save_network(build_synthetic(junctions, SEED), directory)
        return load_network(directory)


def stored_at(junctions: int) -> Path:
    """Where the London of about that many junctions is kept, as the generator makes it now."""
    return CACHE / f"london-{junctions}-{SEED}-{generator_version()}"


def generator_version() -> str:
    """Hash of the code and tables that the streets are grown from."""
    digest = hashlib.sha256()
    for file in sorted(GENERATOR.rglob("*")):
        if file.suffix in {".py", ".csv"}:
            digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def random_places(network: RoadNetwork, count: int, seed: int) -> list[tuple[float, float]]:
    """Positions near streets, as likely anywhere as there are junctions: (lat, lon) in degrees."""
    rng = np.random.default_rng(seed)
    junctions = rng.integers(0, network.junction_count, count)
    lat = network.junction_lat[junctions] + rng.normal(0, 0.0002, count)
    lon = network.junction_lon[junctions] + rng.normal(0, 0.0003, count)
    return list(zip(lat.tolist(), lon.tolist(), strict=True))
