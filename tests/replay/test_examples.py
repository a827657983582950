"""The example files of the README: one past, in every kind of file."""

from pathlib import Path

import pytest

from app.replay.calls import CALL_COLUMNS, STANDARD
from app.replay.fleet_file import FLEET_COLUMNS, read_fleet
from app.replay.inputs import Inputs
from app.replay.replay import Hands, ReplayRequest, replay
from app.replay.rows import row_file
from routing.progress import silent
from tests.replay.test_calls import LONDON

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def test_every_kind_of_file_leads_to_the_same_decisions(tmp_path: Path) -> None:
    found = set()
    for kind in ("csv", "ndjson", "parquet"):
        inputs = Inputs(fleet=EXAMPLES / "fleet.csv")
        request = ReplayRequest(calls=EXAMPLES / f"calls.{kind}", inputs=inputs)
        replayed = replay(request, tmp_path / kind, hands=Hands(1), resume=False, progress=silent)
        assert (replayed.outcomes, replayed.rejected) == ({"attended": 6}, 0)
        found.add((tmp_path / kind / "decisions.parquet").read_bytes())
    assert len(found) == 1


def test_both_fleets_are_the_same() -> None:
    by_csv, by_ndjson = (
        read_fleet(EXAMPLES / f"fleet.{kind}", LONDON) for kind in ("csv", "ndjson")
    )
    assert list(by_csv) == list(by_ndjson) == ["A101", "C201", "N301", "P114", "R001"]
    for vehicle_id in by_csv:
        assert by_csv.spells(vehicle_id) == by_ndjson.spells(vehicle_id)


@pytest.mark.parametrize("columns", [CALL_COLUMNS, FLEET_COLUMNS])
def test_the_readme_names_every_column(columns: tuple[str, ...]) -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [one for one in columns if f"`{one}`" not in told] == []


def test_the_examples_have_the_columns_of_their_format() -> None:
    for kind in ("csv", "parquet"):
        STANDARD.require_columns(row_file(EXAMPLES / f"calls.{kind}"))
