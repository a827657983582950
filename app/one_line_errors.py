"""Errors of commands: one line on standard error, and an exit code that is not 0."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from app.dispatch.policy import PolicyError
from app.replay.errors import ReplayError
from geo_data.errors import SourceError
from routing.errors import RoutingError

INTERRUPTED = 130
"""Exit code of a command stopped by Ctrl-C, as shells give it: 128 and the signal's number."""


def stop(message: str, code: int = 1) -> NoReturn:
    """End the command with a message."""
    typer.echo(f"nearest-crew: {' '.join(message.split())}", err=True)
    raise typer.Exit(code)


def nothing_written() -> str:
    """What to say of a command that leaves all of its work, or none."""
    return "nothing was written"


@contextmanager
def errors_in_one_line(*, when_interrupted: Callable[[], str] = nothing_written) -> Iterator[None]:
    """Say what goes wrong while a block runs, or that it was interrupted and what that left."""
    try:
        yield
    except (KeyboardInterrupt, SystemError) as error:
        if not _is_interruption(error):
            raise
        stop(f"interrupted; {when_interrupted()}", INTERRUPTED)
    except (SourceError, RoutingError, PolicyError, ReplayError) as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename or 'input'}: {error.strerror or error}")


def _is_interruption(error: BaseException | None) -> bool:
    """Whether it is Ctrl-C, also one that came while compiled code was called into.

    CPython ends a call from C that returns with an exception set in a SystemError caused by it.
    """
    return error is not None and (
        isinstance(error, KeyboardInterrupt) or _is_interruption(error.__cause__)
    )
