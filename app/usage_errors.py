"""Mistakes in what was typed, told like every other error: in one line, with what is accepted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from app.one_line_errors import stop

USAGE: Final = 2
"""Exit code of a command that was not understood, as Unix tools give it."""


class CommandGroup(TyperGroup):
    """Commands that tell a usage error in one line instead of several in a box."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read what stands before the name of a command."""
        with _usage_errors_in_one_line():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest, and run the command."""
        with _usage_errors_in_one_line():
            return super().invoke(ctx)


@contextmanager
def _usage_errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except typer.BadParameter as error:
        stop(_of_parameter(error), USAGE)
    except typer.TyperException as error:
        if not error.message:  # the help was asked for by typing nothing, and has been shown
            raise
        stop(_of_words(error), USAGE)


def _of_parameter(error: typer.BadParameter) -> str:
    """What is wrong with one option or argument: its name, its value and what it takes."""
    assert error.param is not None
    name = _name(error.param)
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        fault = cause.errors()[0]
        known = _ACCEPTED.get(fault["type"])
        accepted = known.format(**fault.get("ctx", {})) if known else fault["msg"]
        return f"{name} {fault['input']}: cannot be taken; accepted: {accepted}"
    if error.message:
        return f"{name}: {error.message}"
    about = getattr(error.param, "help", None) or "see --help"
    return f"{name} is missing: {about}"


def _of_words(error: typer.TyperException) -> str:
    """What is wrong with a word that is no value: an unknown command or option, one too many."""
    message = error.message.rstrip(".")
    said = message[0].lower() + message[1:]
    context: Any = getattr(error, "ctx", None)
    if context is None:
        return said
    command = context.command
    if hasattr(error, "option_name"):
        accepted = [_name(one) for one in command.get_params(context) if _is_option(one)]
    elif isinstance(command, TyperGroup):
        accepted = command.list_commands(context)
    else:
        return f"{said}; see {context.command_path} --help"
    return f"{said.replace('. Did', '; did').rstrip('?')}; accepted: {', '.join(accepted)}"


_ACCEPTED: Final[Mapping[str, str]] = {
    "int_parsing": "a whole number",
    "float_parsing": "a number",
    "greater_than_equal": "{ge:g} or more",
}


def _name(parameter: Any) -> str:
    """An option as it is typed, an argument as the help writes it."""
    return str(parameter.opts[0] if _is_option(parameter) else parameter.display_name_raw)


def _is_option(parameter: Any) -> bool:
    return bool(parameter.param_type_name == "option")
