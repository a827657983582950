"""Every command in the README works as printed."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import started

ROOT = Path(__file__).resolve().parent.parent
SERVED_AT = "http://127.0.0.1:8000"

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks(language: str) -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [block for found, block in _BLOCK.findall(text) if found == language]


COMMANDS = _blocks("sh")


@pytest.fixture(scope="module")
def london(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The service as `make run` starts it, its replays kept elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEAREST_CREW_REPLAYS", str(tmp_path_factory.mktemp("replays")))
        with started() as client:
            yield client


def _run(command: str, directory: Path, served_at: str = SERVED_AT) -> str:
    script = command.replace(SERVED_AT, served_at).replace(
        "nearest-crew ", f"{sys.executable} -m app "
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=directory,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_has_commands_of_every_kind() -> None:
    for kind in ("make run", "make test", "curl", "nearest-crew network"):
        assert any(kind in command for command in COMMANDS), kind


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("make")])
def test_make_knows_the_target(command: str) -> None:
    assert _run(command.replace("make ", "make --dry-run "), ROOT)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("curl")])
def test_curl_is_answered(command: str, london: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    answer = json.loads(_run(command, tmp_path, str(london.base_url)))
    assert not str(answer.get("type", "")).startswith("urn:nearest-crew:problem:"), answer


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("nearest-crew")])
def test_the_command_line_does_it(command: str, tmp_path: Path) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    told = {
        "nearest-crew replay": "calls replayed",
        "nearest-crew scenario": "Police-driven ambulances attended",
        "nearest-crew network": "Junctions",
    }
    said = _run(_in_short(command), tmp_path)
    assert any(words in said for start, words in told.items() if command.startswith(start)), said


def _in_short(command: str) -> str:
    """The command with a part of the calls, where all of them would take a minute."""
    return f"{command.rstrip()} --scale 0.05\n" if "scenario" in command else command


def test_the_answer_shown_is_the_answer_given_abridged(
    london: httpx.Client, tmp_path: Path
) -> None:
    (question,) = [one for one in COMMANDS if "/v1/recommendations" in one]
    london.delete("/v1/vehicles/P114")  # which the next command of the README puts nearby
    given = json.loads(_run(question, tmp_path, str(london.base_url)))
    (shown,) = _blocks("json")
    answer = json.loads(shown)
    assert _unknown(answer, given) == []
    assert answer["network"] == given["network"]
    for told, true in zip(answer["options"], given["options"], strict=False):
        assert told["vehicle_id"] == true["vehicle_id"]
        assert told["eta"].keys() == true["eta"].keys()
        assert _whatever_the_hour(told["reasons"]) == _whatever_the_hour(true["reasons"])


def _whatever_the_hour(reasons: list[str]) -> list[str]:
    """Reasons without their times, which are longer in the rush hours."""
    return [re.sub(r"(\d+ min )?\d+ s\b", "...", reason) for reason in reasons]


def _unknown(shown: Any, given: Any, at: str = "answer") -> list[str]:
    """Where the shown document has something that the given one has not."""
    if isinstance(shown, dict) and isinstance(given, dict):
        return [
            fault
            for key, value in shown.items()
            for fault in (
                _unknown(value, given[key], f"{at}.{key}") if key in given else [f"{at}.{key}"]
            )
        ]
    if isinstance(shown, list) and isinstance(given, list):
        return [fault for value in shown for fault in _unknown(value, given[0], f"{at}[]")]
    return [] if isinstance(shown, type(given)) else [at]


def test_routing_works_as_a_library(tmp_path: Path) -> None:
    example = "\n".join(_blocks("python"))  # each goes on from the one before
    (tmp_path / "example.py").write_text(example)
    assert _run(f"{sys.executable} example.py", tmp_path).strip()
