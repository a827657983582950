"""What builds networks here."""

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "nearest-crew"


def installed_version() -> str:
    """Version of this distribution."""
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:
        return "0 (not installed)"


def builder() -> str:
    """Distribution and version, for a network's provenance."""
    return f"{DISTRIBUTION} {installed_version()}"
