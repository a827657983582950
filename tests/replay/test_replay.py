"""Whole replays, from files to files: stopped and gone on with, by one process or several."""

import csv
import gc
import os
import re
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from distributed import Client, LocalCluster
from typer.testing import CliRunner

from app.cli import app
from app.replay import independent_run, replay
from app.replay.decision_table import read_decisions
from app.replay.errors import ReplayError
from app.replay.inputs import Inputs
from app.replay.replay import Hands, Mode, Replayed, ReplayRequest
from app.replay.rows import Rejection
from app.replay.run_directory import rejections
from app.replay.simulated_replay import SimulationOptions
from routing.progress import Progress, silent
from tests.replay import past

ROOT = Path(__file__).resolve().parents[2]
CALLS = 400
ROWS_PER_PART = 20


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Calls, one of which cannot be read, a fleet and a network."""
    directory = tmp_path_factory.mktemp("past")
    past.inputs(directory)
    rows = past.calls(CALLS)
    rows[123]["category"] = "C9"
    past.write_rows(directory / "calls.csv", rows)
    return directory


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    have_small_parts(monkeypatch)


def have_small_parts(patch: pytest.MonkeyPatch) -> None:
    for module in (independent_run, replay):
        patch.setattr(module, "ROWS_PER_PART", ROWS_PER_PART)


def request_of(here: Path, **changed: object) -> ReplayRequest:
    given: dict[str, object] = {
        "calls": here / "calls.csv",
        "inputs": Inputs(network=here / "network", fleet=here / "fleet.csv"),
        **changed,
    }
    return ReplayRequest(**given)  # type: ignore[arg-type]


def run(here: Path, output: Path, *, resume: bool = False, **changed: object) -> Replayed:
    return replay.replay(
        request_of(here, **changed), output, hands=Hands(1), resume=resume, progress=silent
    )


@pytest.fixture(scope="module")
def unbroken(here: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An unbroken run by one process."""
    output = tmp_path_factory.mktemp("unbroken") / "run"
    with pytest.MonkeyPatch.context() as patch:
        for module in (independent_run, replay):
            patch.setattr(module, "ROWS_PER_PART", ROWS_PER_PART)
        found = run(here, output, as_csv=True)
    assert found == Replayed({"attended": CALLS - 1}, 1)
    return output


def files(output: Path) -> dict[str, bytes]:
    """The files of a result; how it was asked for may differ."""
    return {one.name: one.read_bytes() for one in output.iterdir() if one.name != "run.json"}


def test_an_unbroken_run_has_every_call_in_the_order_of_its_file(unbroken: Path) -> None:
    (table,) = read_decisions(unbroken / "decisions.parquet")
    found = table["call_id"].to_pylist()
    assert found == [f"CAD-{number}" for number in range(CALLS) if number != 123]
    with (unbroken / "rejected.csv").open(newline="") as rows:
        (rejected,) = csv.DictReader(rows)
    assert (rejected["line"], rejected["column"], rejected["value"]) == ("125", "category", "C9")
    assert "'C1', 'C2', 'C3' or 'C4'" in rejected["reason"]


def call_ids(output: Path) -> list[str]:
    (table,) = read_decisions(output / "decisions.parquet", ["call_id"])
    return list(table["call_id"].to_pylist())


class _Stop(Exception):  # noqa: N818 (no error: somebody wants no more)
    pass


def stopping_after(rows: int) -> Progress:
    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        if done >= rows:
            raise _Stop

    return progress


def test_going_on_gives_the_same_bytes_as_never_stopping(
    here: Path, unbroken: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    request = request_of(here, as_csv=True)
    for stop_after, resume in ((60, False), (200, True)):
        with pytest.raises(_Stop):
            replay.replay(
                request, output, hands=Hands(1), resume=resume, progress=stopping_after(stop_after)
            )
    assert not (output / "decisions.parquet").exists()
    run(here, output, resume=True)
    assert "decisions.csv" not in files(output)
    assert run(here, output, resume=True, as_csv=True) == Replayed({"attended": CALLS - 1}, 1)
    assert files(output) == files(unbroken)


@pytest.mark.parametrize("changed", ["calls", "fleet", "network", "time_zone"])
def test_changed_inputs_are_refused_by_name(here: Path, tmp_path: Path, changed: str) -> None:
    output = tmp_path / "run"
    with pytest.raises(_Stop):
        replay.replay(
            request_of(here), output, hands=Hands(1), resume=False, progress=stopping_after(20)
        )
    calls, inputs = here / "calls.csv", Inputs(network=here / "network", fleet=here / "fleet.csv")
    if changed == "calls":
        calls = past.write_rows(tmp_path / "calls.csv", past.calls(CALLS, seed=9))
    elif changed == "fleet":
        fleet = past.write_rows(tmp_path / "fleet.csv", past.shifts(12, seed=9))
        inputs = Inputs(network=inputs.network, fleet=fleet)
    elif changed == "network":
        inputs = Inputs(fleet=inputs.fleet)
    else:
        inputs = Inputs(network=inputs.network, fleet=inputs.fleet, time_zone="UTC")
    with pytest.raises(ReplayError, match=rf"something else was begun: {changed} \(begun with"):
        run(here, output, resume=True, calls=calls, inputs=inputs)


@pytest.mark.parametrize("mode", list(Mode))
def test_a_call_that_is_in_the_file_twice_counts_once(
    here: Path, tmp_path: Path, mode: Mode
) -> None:
    rows = past.calls(60)
    rows[45]["call_id"] = rows[2]["call_id"]
    calls = past.write_rows(tmp_path / "calls.csv", rows)
    run(here, tmp_path / "run", calls=calls, mode=mode)
    found = call_ids(tmp_path / "run")
    assert sorted(found) == sorted(one["call_id"] for one in rows if one is not rows[45])
    (rejected,) = rejections(tmp_path / "run")
    assert rejected == Rejection(
        47, "call_id", "CAD-2", "line 4 has it, too; each call may come once"
    )
    with pytest.raises(ReplayError, match=r"^calls\.csv, line 47: call_id is 'CAD-2': line 4 has"):
        run(here, tmp_path / "strict", calls=calls, mode=mode, strict=True)


def test_a_call_is_in_the_file_twice_however_a_replay_went_on(here: Path, tmp_path: Path) -> None:
    rows = past.calls(60)
    rows[45]["call_id"] = rows[2]["call_id"]
    calls = past.write_rows(tmp_path / "calls.csv", rows)
    with pytest.raises(_Stop):
        replay.replay(
            request_of(here, calls=calls),
            tmp_path / "run",
            hands=Hands(1),
            resume=False,
            progress=stopping_after(2 * ROWS_PER_PART),
        )
    found = run(here, tmp_path / "run", calls=calls, resume=True)
    assert found.rejected == 1


@pytest.mark.parametrize("mode", list(Mode))
def test_no_call_to_replay_is_an_error_that_says_why(
    here: Path, tmp_path: Path, mode: Mode
) -> None:
    header, *rows = (here / "calls.csv").read_text().splitlines(keepends=True)[:4]
    cases = {
        "empty": (header, "it has no rows"),
        "broken": (
            header + "".join(rows).replace("CAD-", ","),
            "rows that cannot be used: 3, the first: broken.csv, line 2: line is",
        ),
    }
    for name, (text, why) in cases.items():
        calls = tmp_path / f"{name}.csv"
        calls.write_text(text)
        output = tmp_path / f"{name} run"
        with pytest.raises(ReplayError, match=rf"^{name}\.csv: no call to replay: {why}"):
            run(here, output, calls=calls, mode=mode)
        assert not output.exists()


@pytest.mark.parametrize("mode", list(Mode))
def test_strict_names_the_row_and_leaves_nothing_in_the_way(
    here: Path, tmp_path: Path, mode: Mode
) -> None:
    output = tmp_path / "run"
    with pytest.raises(ReplayError, match=r"^calls\.csv, line 125: category is 'C9'"):
        run(here, output, strict=True, mode=mode)
    assert not output.exists()
    good = past.write_rows(tmp_path / "calls.csv", past.calls(20))
    run(here, output, strict=True, mode=mode, calls=good)
    assert len(call_ids(output)) == 20


def test_strict_keeps_what_an_earlier_run_has_done(
    here: Path, unbroken: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    with pytest.raises(_Stop):
        replay.replay(
            request_of(here),
            output,
            hands=Hands(1),
            resume=False,
            progress=stopping_after(2 * ROWS_PER_PART),
        )
    done = files(output / "parts")
    assert done
    with pytest.raises(ReplayError, match="line 125"):
        run(here, output, strict=True, resume=True)
    assert files(output / "parts") == done
    run(here, output, resume=True, as_csv=True)
    assert files(output) == files(unbroken)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize(
    "place", [{"lat": "48.85", "lon": "2.35"}, {"easting": "100000", "northing": "50000"}]
)
def test_a_place_far_from_the_network_is_rejected_and_one_nearby_is_not(
    here: Path, tmp_path: Path, mode: Mode, place: dict[str, str]
) -> None:
    nowhere = {"easting": "", "northing": ""}
    rows = [{**one, **nowhere} for one in past.calls(20)]
    rows[3]["lat"] = str(float(rows[3]["lat"]) + 0.2)  # 22 km
    rows[7] |= {"lat": "", "lon": "", **place}
    calls = past.write_rows(tmp_path / "calls.csv", rows)
    output = tmp_path / "run"
    assert run(here, output, calls=calls, mode=mode).rejected == 1
    with (output / "rejected.csv").open(newline="") as stream:
        (rejected,) = csv.DictReader(stream)
    assert (rejected["line"], rejected["column"]) == ("9", ", ".join(place))
    assert rejected["value"] == ", ".join(place.values())
    assert re.search(r"^\d+ km away from .* and up to 25 km around$", rejected["reason"])
    assert set(call_ids(output)) == {one["call_id"] for one in rows if one is not rows[7]}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_call_whose_coordinates_look_swapped_is_told_so(
    here: Path, tmp_path: Path, mode: Mode
) -> None:
    rows = past.calls(20)
    lat, lon = rows[3]["lat"], rows[3]["lon"]
    rows[3] |= {"lat": lon, "lon": lat}
    calls = past.write_rows(tmp_path / "calls.csv", rows)
    message = rf"^calls\.csv, line 5: lat, lon is '{lon}, {lat}': .* km away from .* look swapped;"
    with pytest.raises(ReplayError, match=message):
        run(here, tmp_path / "run", calls=calls, mode=mode, strict=True)


@pytest.mark.parametrize(
    ("option", "mode"),
    [("fleet", Mode.INDEPENDENT), ("fleet", Mode.SIMULATE), ("versus", Mode.SIMULATE)],
)
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"lat": "48.85", "lon": "2.35"}, r"lat, lon is '48\.85, 2\.35': \d+ km away from [^;]*"),
        ({"lat": "-0.1", "lon": "51.5"}, "lat, lon is .*: 7,[0-9]{3} km away from .* look swapped"),
    ],
)
def test_a_fleet_file_with_a_vehicle_far_from_the_network_is_refused(
    here: Path, tmp_path: Path, option: str, mode: Mode, place: dict[str, str], said: str
) -> None:
    rows = past.shifts(12)
    rows[7] |= place
    file = past.write_rows(tmp_path / "far.csv", rows)
    fleet, versus = (file, None) if option == "fleet" else (here / "fleet.csv", file)
    inputs = Inputs(network=here / "network", fleet=fleet)
    simulation = SimulationOptions(versus=versus)
    output = tmp_path / "run"
    accepted = r"; accepted: lat .* and up to 25 km around$"
    with pytest.raises(ReplayError, match=rf"^far\.csv, line 9: {said}{accepted}"):
        run(here, output, mode=mode, inputs=inputs, simulation=simulation)
    assert not output.exists()


def test_a_vehicle_within_the_margin_that_was_asked_for_is_taken(
    here: Path, tmp_path: Path
) -> None:
    rows = past.shifts(12)
    rows[7]["lat"] = str(float(rows[7]["lat"]) + 0.5)  # 56 km
    fleet = past.write_rows(tmp_path / "fleet.csv", rows)
    inputs = Inputs(network=here / "network", fleet=fleet, call_margin_m=60_000)
    calls = past.write_rows(tmp_path / "calls.csv", past.calls(5))
    assert run(here, tmp_path / "run", inputs=inputs, calls=calls).outcomes == {"attended": 5}


COMMAND = [
    sys.executable,
    "-c",
    f"""
import app.replay.independent_run, app.replay.replay
from app.cli import main

app.replay.independent_run.ROWS_PER_PART = app.replay.replay.ROWS_PER_PART = {ROWS_PER_PART}
main()
""",
    "replay",
]


def test_kill_9_leaves_a_directory_to_go_on_with(
    here: Path, unbroken: Path, tmp_path: Path
) -> None:
    output = tmp_path / "run"
    places = ["--fleet", str(here / "fleet.csv"), "--network", str(here / "network")]
    command = [*COMMAND, str(here / "calls.csv"), *places, "--output", str(output), "--csv"]
    process = subprocess.Popen([*command, "--workers", "1"], cwd=ROOT, stderr=subprocess.PIPE)
    parts = output / "parts"
    _wait_until(lambda: len(list(parts.glob("*.parquet"))) >= 3, process)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert not (output / "decisions.parquet").exists()
    done = subprocess.run(
        [*command, "--workers", "1", "--resume"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "399 attended" in done.stdout
    assert files(output) == files(unbroken)


def _wait_until(
    is_so: Callable[[], bool], process: "subprocess.Popen[bytes] | None" = None
) -> None:
    for _ in range(1200):
        if is_so():
            return
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.05)
    pytest.fail("waited for a minute in vain")


@pytest.fixture
def cluster() -> Iterator[LocalCluster]:
    """A scheduler and three worker processes on this machine."""
    with LocalCluster(
        n_workers=3,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        silence_logs=50,
    ) as cluster:
        yield cluster


def test_a_worker_that_is_killed_changes_nothing(
    here: Path, unbroken: Path, tmp_path: Path, cluster: LocalCluster
) -> None:
    """Through a real scheduler, by its address, as from another machine."""
    output = tmp_path / "run"
    killed: list[int] = []

    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        if done >= 60 and not killed:
            with Client(cluster.scheduler_address) as client:
                killed.append(min(client.run(os.getpid).values()))
            os.kill(killed[0], signal.SIGKILL)

    found = replay.replay(
        request_of(here, as_csv=True),
        output,
        hands=Hands(scheduler=cluster.scheduler_address),
        resume=False,
        progress=progress,
    )
    assert killed
    assert found == Replayed({"attended": CALLS - 1}, 1)
    assert files(output) == files(unbroken)


def command(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["replay", *map(str, arguments)])
    return result.exit_code, result.output


def test_what_is_wrong_is_said_in_one_line(here: Path, tmp_path: Path) -> None:
    calls, fleet = here / "calls.csv", ("--fleet", here / "fleet.csv")
    network, output = ("--network", here / "network"), ("--output", tmp_path / "run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").touch()
    for arguments, said in (
        ((calls, *network, *output), "no fleet to choose from"),
        ((tmp_path / "none.csv", *fleet, *network, *output), "none.csv: No such file"),
        ((here / "network", *fleet, *network, *output), "not a kind of file that is read"),
        ((calls, "--fleet", tmp_path / "no.csv", *network, *output), "no.csv: No such file"),
        ((calls, *fleet, "--network", tmp_path, *output), "not a network"),
        ((calls, *fleet, *network, "--output", tmp_path / "full"), "is not empty"),
        ((calls, *fleet, *network, *output, "--mode", "guess"), "known: independent"),
        ((calls, *fleet, *network, *output, "--resume"), "no replay was begun there"),
        ((calls, *fleet, *network, *output, "--time-zone", "Mars"), "no time zone is called"),
        (
            (calls, *fleet, *network, *output, "--since", "2021-02-01", "--until", "2021-01-01"),
            "since is 2021-02-01 00:00:00+00:00; it must be before until, 2021-01-01",
        ),
        (
            (calls, *fleet, *network, *output, "--since", "2021-01-17", "--until", "2021-01-17"),
            "it must be before until",
        ),
        ((calls, *fleet, *network, *output, "--format", "cad"), "known: standard, lfb-incidents"),
        (
            (calls, *fleet, *network, *output, "--scheduler", "tcp://h:1", "--workers", 2),
            "give --scheduler or --workers",
        ),
    ):
        code, text = command(*arguments)
        last = text.strip().splitlines()[-1]
        assert code == 1, (arguments, text)
        assert last.startswith("nearest-crew: ")
        assert said in last


@pytest.mark.parametrize(("margin_m", "rejected"), [(None, False), (10_000, True)])
def test_a_call_is_as_far_away_as_the_service_would_have_it(
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    margin_m: int | None,
    rejected: bool,  # noqa: FBT001 (a column of the table)
) -> None:
    rows = past.calls(5)
    rows[3]["lat"] = str(float(rows[3]["lat"]) + 0.2)  # 22 km
    calls = past.write_rows(tmp_path / "calls.csv", rows)
    if margin_m is not None:
        monkeypatch.setenv("NEAREST_CREW_CALL_MARGIN_M", str(margin_m))
    places = ("--fleet", here / "fleet.csv", "--network", here / "network")
    code, text = command(calls, *places, "--output", tmp_path / "run")
    assert code == 0, text
    assert ("rows that could not be used: 1" in text) is rejected
    again = (tmp_path / "run" / "report.html").read_text()
    assert ("--call-margin-m 10000" in again) is rejected


def test_the_command_says_what_came_of_it(here: Path, unbroken: Path, tmp_path: Path) -> None:
    output = tmp_path / "run"
    code, text = command(
        here / "calls.csv",
        *("--fleet", here / "fleet.csv", "--network", here / "network"),
        *("--output", output, "--workers", 1, "--csv"),
    )
    assert code == 0
    *_, calls, rejected = text.strip().splitlines()
    assert calls == f"399 calls replayed into {output}: 399 attended"
    assert rejected == f"rows that could not be used: 1, see {output / 'rejected.csv'}"
    assert files(output) == files(unbroken)


def test_memory_does_not_grow_with_the_number_of_calls(here: Path, tmp_path: Path) -> None:
    """Ten million calls below 2 GB leave 200 bytes for each, had nothing else a claim to it.

    Measured in a process of its own: in this one services may be running that hold memory too.
    """
    calls = past.write_rows(tmp_path / "calls.csv", past.calls(1_200))
    first, second = request_of(here), request_of(here, calls=calls)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        held = process.submit(memory_held, first, second, tmp_path).result()
    counts, sizes = zip(*(one for one in held if one[0] >= 400), strict=True)
    assert counts[-1] == 1_200
    bytes_per_call = np.polyfit(counts, sizes, 1)[0]
    assert bytes_per_call < 40


def memory_held(first: ReplayRequest, second: ReplayRequest, output: Path) -> list[tuple[int, int]]:
    """Bytes in use after every hundredth call of a replay that follows another."""
    held: list[tuple[int, int]] = []

    def progress(stage: str, done: int, total: int) -> None:
        del stage, total
        if done % 100 == 0:
            gc.collect()
            held.append((done, tracemalloc.get_traced_memory()[0]))

    with pytest.MonkeyPatch.context() as patch:
        have_small_parts(patch)
        replay.replay(first, output / "first", hands=Hands(1), resume=False, progress=silent)
        tracemalloc.start()
        replay.replay(second, output / "second", hands=Hands(1), resume=False, progress=progress)
    return held


def test_only_calls_of_a_time_and_place_are_replayed(here: Path, tmp_path: Path) -> None:
    rows = past.calls(50)
    rows[7]["lat"] = "52.5"
    past.write_rows(tmp_path / "calls.csv", rows)
    code, text = command(
        tmp_path / "calls.csv",
        *("--fleet", here / "fleet.csv", "--network", here / "network", "--workers", 1),
        *("--output", tmp_path / "run", "--inside"),
        *("--since", "2021-01-17 12:30", "--until", "17/01/2021 13:15:00"),
    )
    assert code == 0, text
    (table,) = read_decisions(tmp_path / "run" / "decisions.parquet")
    wanted = [
        one["call_id"]
        for one in rows
        if past.clock(30) <= one["received_at"] < past.clock(75) and one is not rows[7]
    ]
    assert table["call_id"].to_pylist() == wanted
    assert 0 < len(wanted) < 50


def test_a_day_alone_is_its_beginning(here: Path, tmp_path: Path) -> None:
    places = ("--fleet", here / "fleet.csv", "--network", here / "network", "--workers", 1)
    since, until = (
        command(here / "calls.csv", *places, "--output", tmp_path / one, one, "2021-01-17")
        for one in ("--since", "--until")
    )
    assert since[0] == 0
    assert "399 calls replayed" in since[1]
    assert until[0] == 1
    assert "calls.csv: no call to replay: none is of the time (since, until)" in until[1]
    code, text = command(
        here / "calls.csv", *places, "--output", tmp_path / "run", "--since", "dawn"
    )
    assert (code, text.strip()[:30]) == (1, "nearest-crew: --since dawn: not a time"[:30])


def test_no_scheduler_is_said_soon(
    monkeypatch: pytest.MonkeyPatch, here: Path, tmp_path: Path
) -> None:
    monkeypatch.setattr("app.replay.workers.CONNECT_WITHIN_S", 1)
    with pytest.raises(ReplayError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        replay.replay(
            request_of(here),
            tmp_path / "run",
            hands=Hands(scheduler="tcp://127.0.0.1:9"),
            resume=False,
            progress=silent,
        )
