"""Road networks on disk: a directory of arrays that loads memory-mapped.

`network.json` is the manifest: format, name, version, provenance, the SHA-256 of every other file
and, as its seal, of itself. It is written last and the directory is renamed into place, so a
directory that has a manifest is complete, and one that was altered afterwards does not match it.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np

from routing.errors import DamagedNetworkError
from routing.hierarchy import Hierarchy
from routing.network import Provenance, RoadNetwork

FORMAT = "nearest-crew road network"
FORMAT_VERSION = 2
MANIFEST = "network.json"
TABLES = "tables.json"

_NOT_ARRAYS = {
    "name",
    "version",
    "provenance",
    "tag_sets",
    "labels",
    "turn_rules",
    "hierarchy",
}
ARRAY_FIELDS = tuple(f.name for f in fields(RoadNetwork) if f.name not in _NOT_ARRAYS)
HIERARCHY_FIELDS = tuple(f"hierarchy_{name}" for name in Hierarchy._fields)

_NETWORK_FILES = {TABLES, *(f"{field}.npy" for field in ARRAY_FIELDS)}
_HIERARCHY_FILES = {f"{field}.npy" for field in HIERARCHY_FIELDS}
"""All of these are stored, or none: a network answers without, only slower."""


def save_network(network: RoadNetwork, directory: Path) -> None:
    """Write a network to `directory`, replacing the one there only once the new one is complete.

    Raises
    ------
    OSError
        When the directory cannot be written, or holds anything but a network
        (`FileExistsError`); what was there before is left as it was.
    """
    if not may_be_written(directory):
        msg = f"{directory} exists and is not a road network; nothing was written"
        raise FileExistsError(msg)
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent, prefix=f".{directory.name}-") as scratch:
        new, old = Path(scratch) / "new", Path(scratch) / "old"
        new.mkdir()
        _write(network, new)
        _swap(new, directory, old)


def may_be_written(directory: Path) -> bool:
    """Whether nothing is there yet, or a directory that holds a network or nothing."""
    if not directory.is_dir():
        return not directory.exists()
    return (directory / MANIFEST).is_file() or next(directory.iterdir(), None) is None


def _swap(new: Path, directory: Path, old: Path) -> None:
    """Put `new` in the place of `directory` and that into `old`, or leave all as it was."""
    try:
        if directory.exists():
            directory.rename(old)
        new.rename(directory)
    except BaseException:  # Ctrl-C must not lose the old one either
        if old.exists() and not directory.exists():
            old.rename(directory)
        raise


def _write(network: RoadNetwork, directory: Path) -> None:
    arrays = {field: getattr(network, field) for field in ARRAY_FIELDS}
    if network.hierarchy is not None:
        arrays |= zip(HIERARCHY_FIELDS, network.hierarchy, strict=True)
    for name, array in arrays.items():
        np.save(directory / f"{name}.npy", array, allow_pickle=False)
    tables = {
        "tag_sets": [dict(tags) for tags in network.tag_sets],
        "labels": network.labels,
        "turn_rules": [[dict(tags) for tags in rule] for rule in network.turn_rules],
    }
    (directory / TABLES).write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": network.name,
        "version": network.version,
        "provenance": {
            **asdict(network.provenance),
            "dropped": dict(sorted(network.provenance.dropped.items())),
        },
        "sha256": {file.name: _sha256(file) for file in sorted(directory.iterdir())},
    }
    manifest["seal"] = _seal(manifest)
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (directory / MANIFEST).write_text(text, encoding="utf-8")


def load_network(directory: Path | str) -> RoadNetwork:
    """Load a stored network; its arrays stay on disk and are shared between processes.

    Raises
    ------
    DamagedNetworkError
        When the directory is not a complete, unaltered network of this format.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as directory:
    ...     save_network(town, Path(directory) / "town")
    ...     load_network(Path(directory) / "town").version == town.version
    True
    """
    directory = Path(directory)
    manifest = _read_manifest(directory)
    for name, expected in manifest["sha256"].items():
        file = directory / name
        if not file.is_file():
            msg = f"{directory}: {name} is missing; build the network again"
            raise DamagedNetworkError(msg)
        if _sha256(file) != expected:
            msg = f"{directory}: {name} was altered or cut short; build the network again"
            raise DamagedNetworkError(msg)
    tables = json.loads((directory / TABLES).read_text(encoding="utf-8"))
    stored = manifest["sha256"].keys() >= _HIERARCHY_FILES
    return RoadNetwork(
        name=manifest["name"],
        version=manifest["version"],
        provenance=Provenance(**manifest["provenance"]),
        tag_sets=tuple(tables["tag_sets"]),
        labels=tuple(tables["labels"]),
        turn_rules=tuple(tuple(rule) for rule in tables["turn_rules"]),
        hierarchy=Hierarchy(*_mapped(directory, HIERARCHY_FIELDS).values()) if stored else None,
        **_mapped(directory, ARRAY_FIELDS),
    )


def _mapped(directory: Path, names: Iterable[str]) -> dict[str, Any]:
    """Arrays that stay on disk."""
    return {
        # Plain views of the mapped memory: indexing np.memmap itself costs several times more.
        name: np.load(directory / f"{name}.npy", mmap_mode="r", allow_pickle=False).view(np.ndarray)
        for name in names
    }


def _read_manifest(directory: Path) -> Mapping[str, Any]:
    file = directory / MANIFEST
    if not directory.is_dir():
        msg = f"{directory}: no such directory; it should hold a network made by 'network build'"
        raise DamagedNetworkError(msg)
    if not file.is_file():
        msg = f"{directory}: no {MANIFEST}; it is not a network, or one that was never finished"
        raise DamagedNetworkError(msg)
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        msg = f"{file}: not JSON ({error}); build the network again"
        raise DamagedNetworkError(msg) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        msg = f"{file}: not the manifest of a {FORMAT}"
        raise DamagedNetworkError(msg)
    if manifest.get("format_version") != FORMAT_VERSION:
        found = manifest.get("format_version")
        msg = f"{file}: format version {found!r}, this release reads {FORMAT_VERSION}; build again"
        raise DamagedNetworkError(msg)
    required = {"name": str, "version": str, "provenance": dict, "sha256": dict}
    wrong = [key for key, kind in required.items() if not isinstance(manifest.get(key), kind)]
    files = set() if wrong else set(manifest["sha256"])
    if files not in (_NETWORK_FILES, _NETWORK_FILES | _HIERARCHY_FILES):
        msg = f"{file}: incomplete manifest ({', '.join(wrong) or 'list of files'}); build again"
        raise DamagedNetworkError(msg)
    if set(manifest["provenance"]) != {field.name for field in fields(Provenance)}:
        msg = f"{file}: unknown or incomplete provenance; build the network again"
        raise DamagedNetworkError(msg)
    if manifest.get("seal") != _seal(manifest):
        msg = f"{file}: altered by hand; build the network again"
        raise DamagedNetworkError(msg)
    return manifest


def _seal(manifest: Mapping[str, Any]) -> str:
    """SHA-256 of all that a manifest says but its seal."""
    content = {key: value for key, value in manifest.items() if key != "seal"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
