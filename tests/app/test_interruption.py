"""Ctrl-C: one line, an exit code of its own, and what is true of what was left."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import typer

from app.one_line_errors import INTERRUPTED, errors_in_one_line
from app.replay.run_directory import RunDirectory
from app.replay_options import when_interrupted


def said(
    raising: Callable[[], None], output: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    with (
        pytest.raises(typer.Exit) as ended,
        errors_in_one_line(when_interrupted=partial(when_interrupted, output)),
    ):
        raising()
    return ended.value.exit_code, capsys.readouterr().err


def press() -> None:
    raise KeyboardInterrupt


def press_in_compiled_code() -> None:
    """As CPython tells of it when C code was called back."""
    try:
        press()
    except KeyboardInterrupt as interruption:
        msg = "a function returned a result with an exception set"
        raise SystemError(msg) from interruption


@pytest.mark.parametrize("pressed", [press, press_in_compiled_code])
def test_an_interruption_is_told_with_what_it_left(
    pressed: Callable[[], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "run"
    code, line = said(pressed, output, capsys)
    assert (code, line) == (INTERRUPTED, "nearest-crew: interrupted; nothing was written\n")
    RunDirectory.begin(output, {}, {})
    code, line = said(pressed, output, capsys)
    assert code == INTERRUPTED
    assert f"stays in {output}: go on with --resume" in line
    assert line.count("\n") == 1


def test_a_fault_of_the_system_is_no_interruption() -> None:
    with pytest.raises(SystemError, match="broken"), errors_in_one_line():
        raise SystemError("broken")  # noqa: EM101 (what is tested)
