"""Networks on disk: the same when read back, refused when anything about them is wrong."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from routing.contraction import contract, contracted
from routing.errors import DamagedNetworkError
from routing.network import Provenance, RoadNetwork
from routing.storage import ARRAY_FIELDS, MANIFEST, TABLES, load_network, save_network
from tests.drawing import draw, restriction, street

TOWN = draw(
    {"a": (0, 0), "b": (0, 300), "c": (400, 300)},
    street("a-b", name="Straße é", ref="A1", highway="primary"),
    "b>c-a",
    junction_tags={"c": {"barrier": "gate"}},
    restrictions=[restriction("a>b b>c c>a", "no_u_turn", {"except": "psv"})],
)
PROVENANCE = Provenance(
    source="a test",
    licence="ODbL 1.0",
    attribution="© OpenStreetMap contributors",
    builder="tests",
    source_timestamp="2021-01-17T18:42:05Z",
    approximate=True,
    dropped={"footpaths": 3},
)
NETWORK = replace(TOWN.network, provenance=PROVENANCE)
OTHER = draw({"a": (0, 0), "b": (0, 300)}, "a-b").network


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    save_network(NETWORK, tmp_path / "town")
    return tmp_path / "town"


def rewrite_manifest(directory: Path, change: Callable[[dict[str, Any]], object]) -> None:
    file = directory / MANIFEST
    manifest = json.loads(file.read_text(encoding="utf-8"))
    change(manifest)
    file.write_text(json.dumps(manifest), encoding="utf-8")


def assert_same(one: RoadNetwork, other: RoadNetwork) -> None:
    for field in fields(RoadNetwork):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            assert a.dtype == b.dtype, field.name
            assert np.array_equal(a, b), field.name
        else:
            assert a == b, field.name


def test_a_network_comes_back_as_it_was_saved(stored: Path) -> None:
    assert_same(load_network(stored), NETWORK)


def test_a_hierarchy_comes_back_with_its_network_and_stays_on_disk(tmp_path: Path) -> None:
    save_network(contracted(NETWORK), tmp_path / "town")
    kept, made = load_network(tmp_path / "town").hierarchy, contract(NETWORK)
    assert kept is not None
    for name, one, other in zip(made._fields, kept, made, strict=True):
        assert one.dtype == other.dtype, name
        assert np.array_equal(one, other), name
        assert isinstance(one.base, np.memmap), name


def test_a_network_with_half_a_hierarchy_is_refused(tmp_path: Path) -> None:
    save_network(contracted(NETWORK), tmp_path / "town")
    rewrite_manifest(tmp_path / "town", lambda m: m["sha256"].pop("hierarchy_parent.npy"))
    with pytest.raises(DamagedNetworkError, match="list of files"):
        load_network(tmp_path / "town")


def test_an_altered_hierarchy_is_refused(tmp_path: Path) -> None:
    save_network(contracted(NETWORK), tmp_path / "town")
    np.save(tmp_path / "town" / "hierarchy_parent.npy", np.zeros(3, dtype=np.int32))
    with pytest.raises(DamagedNetworkError, match=r"hierarchy_parent\.npy was altered"):
        load_network(tmp_path / "town")


def test_a_loaded_network_stays_on_disk_and_cannot_be_written_to(stored: Path) -> None:
    network = load_network(stored)
    for field in ARRAY_FIELDS:
        array = getattr(network, field)
        assert isinstance(array.base, np.memmap), field
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_saving_makes_missing_directories_and_leaves_nothing_else_behind(tmp_path: Path) -> None:
    save_network(NETWORK, tmp_path / "new" / "town")
    assert [entry.name for entry in (tmp_path / "new").iterdir()] == ["town"]
    assert load_network(tmp_path / "new" / "town").version == NETWORK.version


def test_a_network_replaces_the_one_before(stored: Path) -> None:
    save_network(OTHER, stored)
    assert load_network(stored).version == OTHER.version
    assert [entry.name for entry in stored.parent.iterdir()] == ["town"]


def test_a_network_read_before_it_was_replaced_is_still_whole(stored: Path) -> None:
    before = load_network(stored)
    save_network(OTHER, stored)
    assert_same(before, NETWORK)


def test_an_empty_directory_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "town").mkdir()
    save_network(NETWORK, tmp_path / "town")
    assert load_network(tmp_path / "town").version == NETWORK.version


def test_a_directory_that_holds_other_things_is_never_replaced(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(FileExistsError, match="not a road network"):
        save_network(NETWORK, home)
    assert [entry.name for entry in home.iterdir()] == ["thesis.txt"]
    with pytest.raises(FileExistsError, match="not a road network"):
        save_network(NETWORK, home / "thesis.txt")


def test_the_old_network_stays_when_the_new_one_cannot_be_written(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_full(*_args: object, **_kwargs: object) -> None:
        msg = "No space left on device"
        raise OSError(msg)

    monkeypatch.setattr(np, "save", disk_full)
    with pytest.raises(OSError, match="No space left"):
        save_network(OTHER, stored)
    assert_same(load_network(stored), NETWORK)
    assert [entry.name for entry in stored.parent.iterdir()] == ["town"]


@pytest.mark.parametrize("mishap", [OSError("Input/output error"), KeyboardInterrupt()])
def test_the_old_network_stays_when_the_new_one_cannot_be_put_in_its_place(
    mishap: BaseException, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def refuse_new(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise mishap
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse_new)
    with pytest.raises(type(mishap)):
        save_network(OTHER, stored)
    assert_same(load_network(stored), NETWORK)


# Damage


@pytest.mark.parametrize("name", [TABLES, *(f"{field}.npy" for field in ARRAY_FIELDS)])
def test_a_missing_file_is_named(stored: Path, name: str) -> None:
    (stored / name).unlink()
    with pytest.raises(DamagedNetworkError, match=f"{name} is missing"):
        load_network(stored)


@pytest.mark.parametrize("name", [TABLES, *(f"{field}.npy" for field in ARRAY_FIELDS)])
def test_one_flipped_bit_is_found(stored: Path, name: str) -> None:
    content = bytearray((stored / name).read_bytes())
    content[-2] ^= 1
    (stored / name).write_bytes(content)
    with pytest.raises(DamagedNetworkError, match=f"{name} was altered"):
        load_network(stored)


@pytest.mark.parametrize("keep", [0.0, 0.5, 0.99])
def test_a_file_cut_short_is_found(stored: Path, keep: float) -> None:
    file = stored / "shape_lat.npy"
    content = file.read_bytes()
    file.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(DamagedNetworkError, match="cut short"):
        load_network(stored)


def test_a_half_written_directory_is_refused(stored: Path) -> None:
    (stored / MANIFEST).unlink()
    with pytest.raises(DamagedNetworkError, match="never finished"):
        load_network(stored)


def test_no_directory_and_a_plain_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedNetworkError, match="no such directory"):
        load_network(tmp_path / "nowhere")
    (tmp_path / "file").write_text("{}", encoding="utf-8")
    with pytest.raises(DamagedNetworkError, match="no such directory"):
        load_network(tmp_path / "file")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"network"', b"3"], ids=repr
)
def test_a_manifest_that_is_no_json_object_is_refused(stored: Path, content: bytes) -> None:
    (stored / MANIFEST).write_bytes(content)
    with pytest.raises(DamagedNetworkError):
        load_network(stored)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda m: m.update(format="a graph"), "not the manifest"),
        (lambda m: m.pop("format"), "not the manifest"),
        (lambda m: m.update(format_version=1), "format version 1"),
        (lambda m: m.pop("format_version"), "format version None"),
        (lambda m: m.pop("name"), "name"),
        (lambda m: m.update(version=7), "version"),
        (lambda m: m.pop("provenance"), "provenance"),
        (lambda m: m["provenance"].update(mood="sunny"), "provenance"),
        (lambda m: m["provenance"].pop("licence"), "provenance"),
        (lambda m: m.pop("sha256"), "sha256"),
        (lambda m: m["sha256"].pop("turn_from.npy"), "list of files"),
        (lambda m: m["sha256"].update({"../x.npy": "0"}), "list of files"),
        (lambda m: m["sha256"].update({TABLES: None}), "altered"),
    ],
)
def test_a_foreign_newer_or_incomplete_manifest_is_refused(
    stored: Path, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    rewrite_manifest(stored, change)
    with pytest.raises(DamagedNetworkError, match=complaint):
        load_network(stored)


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.update(name="Another town"),
        lambda m: m.update(version="0123456789abcdef"),
        lambda m: m["provenance"].update(approximate=False),
        lambda m: m["provenance"].update(licence="public domain"),
        lambda m: m["provenance"]["dropped"].clear(),
        lambda m: m.update(seal="0"),
        lambda m: m.pop("seal"),
    ],
)
def test_a_manifest_altered_by_hand_is_refused(
    stored: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    rewrite_manifest(stored, change)
    with pytest.raises(DamagedNetworkError, match="altered"):
        load_network(stored)


def test_a_manifest_laid_out_anew_is_still_the_same(stored: Path) -> None:
    rewrite_manifest(stored, lambda _: None)
    assert_same(load_network(stored), NETWORK)
