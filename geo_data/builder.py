"""What builds networks here."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "nearest-crew"


def builder() -> str:
    """Distribution and version, for a network's provenance."""
    try:
        return f"{DISTRIBUTION} {version(DISTRIBUTION)}"
    except PackageNotFoundError:
        return f"{DISTRIBUTION} (not installed)"
