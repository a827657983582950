"""Replays on disk: whole or resumable, and the same bytes whichever way they came to be."""

import csv
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest

from app.replay import decision_table
from app.replay.decision_table import (
    DECISIONS,
    Decision,
    Outcome,
    read_decisions,
    table_of,
    write_decisions,
)
from app.replay.errors import ReplayError
from app.replay.rows import Rejection
from app.replay.run_directory import RunDirectory, RunState

IDENTITY = {"mode": "independent", "calls": {"sha256": "ab"}, "network": "n1"}
NOON = datetime(2021, 1, 17, 12, tzinfo=UTC)


def decision(number: int) -> Decision:
    return Decision(
        scenario="recorded",
        seed=0,
        call_id=f"CAD-{number}",
        received_at=NOON + timedelta(seconds=number),
        category="C2",
        lat=51.5,
        lon=-0.1,
        outcome=Outcome.ATTENDED if number % 2 else Outcome.NO_SUITABLE,
        drive_s=float(number) if number % 3 else None,
        extras=json.dumps({"note": f'"{number}", ü'}),
    )


def table(numbers: Iterable[int]) -> pa.Table:
    return table_of([decision(number) for number in numbers])


def begun(path: Path, *, resume: bool = False, **changed: object) -> RunDirectory:
    return RunDirectory.begin(path, {**IDENTITY, **changed}, {}, resume=resume)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_decisions([table(range(5))], tmp_path / "five.parquet")
    (read,) = read_decisions(tmp_path / "five.parquet")
    assert read.schema.equals(DECISIONS)
    assert read.equals(table(range(5)))


@pytest.mark.parametrize("cuts", [[0, 1000], [0, 1, 999, 1000], [0, 250, 500, 750, 1000]])
def test_a_file_depends_on_its_rows_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cuts: list[int]
) -> None:
    monkeypatch.setattr(decision_table, "ROWS_PER_GROUP", 300)
    write_decisions([table(range(1000))], tmp_path / "whole.parquet")
    pieces = [table(range(*ends)) for ends in pairwise(cuts)]
    write_decisions(pieces, tmp_path / "pieces.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    assert (tmp_path / "pieces.parquet").read_bytes() == whole
    assert [one.num_rows for one in read_decisions(tmp_path / "whole.parquet")] == [300] * 3 + [100]


def test_parts_are_joined_in_order_whenever_they_were_finished(tmp_path: Path) -> None:
    run = begun(tmp_path / "run")
    for number in (2, 0, 1):
        rejected = [Rejection(number * 10, "lat", 'a"b', "no number")] if number else []
        run.write_part(number, table(range(number * 10, number * 10 + 10)), rejected)
    assert run.parts() == [0, 1, 2]
    run.join(3)
    run.write_csv()
    states = [run.state]
    run.close()
    assert [*states, run.state] == [RunState.RUNNING, RunState.FINISHED]
    (joined,) = read_decisions(tmp_path / "run" / "decisions.parquet")
    assert joined.equals(table(range(30)).combine_chunks())
    with (tmp_path / "run" / "rejected.csv").open(newline="") as rows:
        assert list(csv.reader(rows)) == [
            ["line", "column", "value", "reason"],
            ["10", "lat", 'a"b', "no number"],
            ["20", "lat", 'a"b', "no number"],
        ]
    with (tmp_path / "run" / "decisions.csv").open(newline="") as rows:
        lines = list(csv.DictReader(rows))
    assert [one["call_id"] for one in lines] == [f"CAD-{number}" for number in range(30)]
    assert lines[4]["received_at"] == "2021-01-17 12:00:04.000Z"
    assert json.loads(lines[4]["extras"]) == {"note": '"4", ü'}
    assert {file.name for file in (tmp_path / "run").iterdir()} == {
        "run.json",
        "decisions.parquet",
        "decisions.csv",
        "rejected.csv",
    }


def test_csv_is_rounded_and_parquet_is_exact(tmp_path: Path) -> None:
    exact = replace(
        decision(1), drive_s=0.1 + 0.2, distance_m=1234.5678, lat=51.123456789, lon=-0.1
    )
    run = begun(tmp_path / "run")
    run.write_part(0, table_of([exact]), [])
    run.join(1)
    run.write_csv()
    with (tmp_path / "run" / "decisions.csv").open(newline="") as rows:
        (row,) = csv.DictReader(rows)
    told = [row[column] for column in ("drive_s", "distance_m", "lat", "lon", "access_s")]
    assert told == ["0.3", "1234.6", "51.1234568", "-0.1", ""]
    (kept,) = read_decisions(tmp_path / "run" / "decisions.parquet", ["drive_s"])
    assert kept["drive_s"].to_pylist() == [0.1 + 0.2]


def test_going_on_keeps_what_is_finished_and_drops_what_is_not(tmp_path: Path) -> None:
    begun(tmp_path / "run").write_part(0, table(range(3)), [])
    half = tmp_path / "run" / "parts" / "000001.parquet.unfinished"
    half.write_bytes(b"PAR1")
    resumed = begun(tmp_path / "run", resume=True)
    assert resumed.has_part(0)
    assert not resumed.has_part(1)
    assert not half.exists()
    assert resumed.state is RunState.RUNNING


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"network": "n2"}, r"network \(begun with n1, now n2\)"),
        ({"calls": {"sha256": "cd"}}, r"calls \(begun with .*ab.*, now .*cd.*\)"),
        ({"seed": 3}, r"seed \(begun with nothing, now 3\)"),
    ],
)
def test_something_else_is_not_gone_on_with(
    tmp_path: Path, changed: dict[str, object], told: str
) -> None:
    begun(tmp_path / "run")
    with pytest.raises(ReplayError, match=f"something else was begun: {told}$"):
        begun(tmp_path / "run", resume=True, **changed)


def test_a_directory_with_anything_in_it_is_not_written_into(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ReplayError, match=r"is not empty; name a new directory$"):
        begun(tmp_path)
    begun(tmp_path / "run")
    with pytest.raises(ReplayError, match="or go on with the replay there with --resume"):
        begun(tmp_path / "run")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "no replay was begun there"),
        ("{", "not JSON"),
        ("[]", "not the state of a"),
        ('{"format": "nearest-crew replay", "format_version": 99}', "format version 99"),
    ],
)
def test_only_a_replay_is_gone_on_with(tmp_path: Path, content: str | None, why: str) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content)
    with pytest.raises(ReplayError, match=why):
        begun(tmp_path, resume=True)
