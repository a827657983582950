"""What is typed wrong is told in one line, for every command, and the help stays a page."""

import pytest
from typer.testing import CliRunner, Result

from app.cli import app

COMMANDS = [
    (),
    ("serve",),
    ("replay",),
    ("network",),
    ("network", "build"),
    ("network", "info"),
    ("network", "synthesise"),
    ("scenario",),
    ("scenario", "partnership-2021"),
]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, prog_name="nearest-crew")


def one_line(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("nearest-crew: ")
    return result.stderr.removeprefix("nearest-crew: ").rstrip("\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_takes_an_unknown_option(command: tuple[str, ...]) -> None:
    said = one_line(run(*command, "--colour"))
    assert said.startswith("no such option: --colour; accepted: --")
    assert said.endswith("--help")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_a_page(command: tuple[str, ...]) -> None:
    told = run(*command, "--help")
    assert (told.exit_code, told.stderr) == (0, "")
    assert " ".join(("Usage: nearest-crew", *command)) in told.stdout
    assert "╭─ Options ─" in told.stdout


@pytest.mark.parametrize("group", [(), ("network",), ("scenario",)])
def test_a_group_alone_shows_its_help(group: tuple[str, ...]) -> None:
    shown = run(*group)
    assert shown.exit_code == 2
    assert "╭─ Commands ─" in shown.stdout + shown.stderr
    assert "nearest-crew: " not in shown.stderr


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (
            "srve",
            (
                "no such command 'srve'; did you mean 'serve'; accepted: replay, serve, network, "
                "scenario"
            ),
        ),
        ("network paint", "no such command 'paint'; accepted: build, info, synthesise"),
        ("serve --prot 1", "no such option: --prot; accepted: --network, --policy, --host, --port"),
        ("serve --port", "option '--port' requires an argument"),
        ("serve --port abc", "--port abc: cannot be taken; accepted: a whole number"),
        ("serve now", "got unexpected extra argument(s) (now); see nearest-crew serve --help"),
        ("replay", "calls is missing: Past calls: .csv, .ndjson or .parquet"),
        ("replay calls.csv", "--output is missing: New directory"),
        ("replay calls.csv -o out --workers 0", "--workers 0: cannot be taken; accepted: 1 or mor"),
        ("replay calls.csv -o out --strict=no", "option '--strict' does not take a value"),
        ("network info", "directory is missing: Directory of a built network"),
        ("network build", "--output is missing: Directory of the network"),
        ("network synthesise -o out --seed 1.5", "--seed 1.5: cannot be taken; accepted: a whole"),
        ("scenario partnership-2021 -o out --scale x", "--scale x: cannot be taken; accepted: a n"),
    ],
)
def test_what_was_typed_is_named_with_what_is_accepted(typed: str, said: str) -> None:
    assert one_line(run(*typed.split())).startswith(said)
