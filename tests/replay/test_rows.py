"""Reading rows of files, faulty ones included, without losing the rest."""

import gzip
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from app.replay.errors import ReplayError
from app.replay.rows import LINE_LIMIT, VALUE_LIMIT, Rejection, SourceRow, row_file


def read(file: Path) -> list[SourceRow | Rejection]:
    return list(row_file(file))


def written(tmp_path: Path, name: str, content: str | bytes) -> Path:
    file = tmp_path / name
    data = content if isinstance(content, bytes) else content.encode()
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return file


@pytest.mark.parametrize("name", ["calls.csv", "calls.csv.gz", "CALLS.CSV"])
def test_csv_rows_come_with_their_lines_and_without_empty_cells(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, name, '\ufeffid, note\r\n1,"a\nb"\r\n\r\n2, \r\n')
    assert read(file) == [
        SourceRow(2, {"id": "1", "note": "a\nb"}),
        SourceRow(5, {"id": "2"}),
    ]


@pytest.mark.parametrize("name", ["calls.ndjson", "calls.jsonl.gz"])
def test_ndjson_rows_keep_their_types(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, name, '{"id": 1, "x": null, "y": ""}\n\n{"id": "2", "z": [1]}\n')
    assert read(file) == [SourceRow(1, {"id": 1}), SourceRow(3, {"id": "2", "z": [1]})]


def test_parquet_rows_keep_their_types_and_not_a_number_is_empty(tmp_path: Path) -> None:
    moment = datetime(2021, 1, 17, 18, 42, tzinfo=UTC)
    file = tmp_path / "calls.parquet"
    columns = {"id": ["1", "2"], "at": [moment, None], "x": [float("nan"), 0.5]}
    pq.write_table(pa.table(columns), file)
    rows = row_file(file)
    assert rows.columns == ("id", "at", "x")
    assert list(rows) == [
        SourceRow(1, {"id": "1", "at": moment}),
        SourceRow(2, {"id": "2", "x": 0.5}),
    ]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        ("id,note\n1,a,b\n2,c\n", 2, "3 cells where the header has 2"),
        ("id,note\n1\n2,c\n", 2, "1 cells where the header has 2"),
        (f"id,note\n1,{'x' * 200_000}\n2,c\n", 2, "field larger than field limit"),
        (f"id,note\n1,{'x' * 2 * LINE_LIMIT}\n2,c\n", 2, "field larger than field limit"),
        (b"id,note\n1,caf\xe9\n2,c\n", 2, "not UTF-8 text"),
    ],
)
def test_a_faulty_csv_line_is_rejected_and_the_next_is_read(
    tmp_path: Path, content: str | bytes, line: int, reason: str
) -> None:
    rejected, row = read(written(tmp_path, "calls.csv", content))
    assert isinstance(rejected, Rejection)
    assert rejected.line == line
    assert reason in rejected.reason
    assert len(rejected.value) <= VALUE_LIMIT + 1
    assert row == SourceRow(3, {"id": "2", "note": "c"})


def test_a_quote_left_open_is_told_with_the_lines_it_swallowed(tmp_path: Path) -> None:
    (rejected,) = read(written(tmp_path, "calls.csv", 'id,note\n1,"a\n2,b\n3,c\n'))
    assert isinstance(rejected, Rejection)
    assert rejected.line == 2
    assert "lines 2 to 4 were read as one: is a quote left open?" in rejected.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"x": NaN}', "NaN is no JSON number"),
        ("[" * 100_000, "not JSON"),
        (f'{{"x": "{"x" * LINE_LIMIT}"}}', "longer than"),
        ('{"x": "\\ud800"}', "not UTF-8 text"),
    ],
)
def test_a_faulty_ndjson_line_is_rejected_and_the_next_is_read(
    tmp_path: Path, text: str, reason: str
) -> None:
    rejected, row = read(written(tmp_path, "calls.ndjson", f'{text}\n{{"id": 2}}\n'))
    assert isinstance(rejected, Rejection)
    assert reason in rejected.reason
    assert row == SourceRow(2, {"id": 2})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("calls.txt", "id\n", "accepted: .csv"),
        ("calls", "id\n", "accepted: .csv"),
        ("calls.csv", "", "line 1 must name the columns"),
        ("calls.csv", "id,x,id\n", "names a column twice: id"),
        ("calls.csv", "\x1b[2J,x,\x1b[2J\n", r"names a column twice: \\x1b\[2J$"),
        ("calls.csv", f"{'x' * 200_000}\n", "line 1 must name the columns"),
        ("calls.parquet", "id\n", "not readable as Parquet"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    with pytest.raises(ReplayError, match=message):
        row_file(written(tmp_path, name, content))


def test_columns_of_a_binary_file_are_told_in_a_line_that_can_be_printed(tmp_path: Path) -> None:
    file = row_file(written(tmp_path, "calls.csv", b"\x89PNG\x1b[2J\xe9\x00," + b"\x01" * 1000))
    with pytest.raises(ReplayError) as raised:
        file.require_columns(["call_id"])
    said = str(raised.value)
    assert said.startswith(r"calls.csv: no column call_id; found: \udc89PNG\x1b[2J\udce9\x00, \x01")
    assert said.isprintable()
    assert len(said) < VALUE_LIMIT + 50


@pytest.mark.parametrize("cut", ["not gzip", "cut short"])
def test_broken_gzip_is_said_in_words(tmp_path: Path, cut: str) -> None:
    whole = gzip.compress(b"".join(b"%d,%d\n" % (i, i * i + 1) for i in range(20_000)))
    file = tmp_path / "calls.csv.gz"
    file.write_bytes(b"id,x\n" if cut == "not gzip" else whole[: len(whole) // 2])
    with pytest.raises(ReplayError, match=r"calls\.csv\.gz: not readable as gzip, or cut short"):
        read(file)


def test_missing_columns_are_named_with_those_found(tmp_path: Path) -> None:
    rows = row_file(written(tmp_path, "calls.csv", "id,x\n1,2\n"))
    rows.require_columns(["id"])
    with pytest.raises(ReplayError, match=r"no column lat, lon; found: id, x"):
        rows.require_columns(["id", "lat", "lon"])


def test_the_share_read_grows_to_the_whole(tmp_path: Path) -> None:
    rows = row_file(written(tmp_path, "calls.csv", "id,x\n" + "1,2\n" * 20_000))
    shares = [rows.share_read for _ in rows]
    assert shares == sorted(shares)
    assert 0 < shares[0] < 0.5
    assert shares[-1] == 1.0


@pytest.mark.parametrize("name", ["calls.csv.gz", "calls.ndjson"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, name: str) -> None:
    header = "id,note\n" if "csv" in name else ""
    row = "1,some text\n" if "csv" in name else json.dumps({"id": 1, "note": "some text"}) + "\n"
    peaks = []
    for rows in (1_000, 50_000):
        file = written(tmp_path, name, header + row * rows)
        tracemalloc.start()
        assert sum(1 for _ in row_file(file)) == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000


def test_columns_without_a_name_are_told_where_several_have_none(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="names a column twice: one without a name"):
        row_file(written(tmp_path, "calls.csv", "id,note,,\n1,a,,\n"))


def test_text_of_a_parquet_file_that_is_not_utf8_is_said_in_words(tmp_path: Path) -> None:
    offsets, letters = np.array([0, 2], np.int32), b"\xff\xfe"
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(letters)]
    file = tmp_path / "calls.parquet"
    pq.write_table(pa.table({"id": pa.Array.from_buffers(pa.string(), 1, buffers)}), file)
    with pytest.raises(ReplayError, match="not readable as Parquet"):
        read(file)
