"""Errors of commands: one line on standard error, and an exit code that is not 0."""

from collections.abc import Iterator
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


@contextmanager
def errors_in_one_line(*, when_interrupted: str) -> Iterator[None]:
    """Say what goes wrong while a block runs, or that it was interrupted and what that left."""
    try:
        yield
    except KeyboardInterrupt:
        stop(f"interrupted; {when_interrupted}", INTERRUPTED)
    except (SourceError, RoutingError, PolicyError, ReplayError) as error:
        stop(str(error))
    except OSError as error:
        stop(f"{error.filename or 'input'}: {error.strerror or error}")
