"""The command line: run the service, build the networks it runs on, replay past calls."""

import os
import socket
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, Final

import typer
import uvicorn
from pydantic import ValidationError

from app.dispatch.policy import PolicyError, load_policy
from app.main import create_app
from app.network_commands import network
from app.one_line_errors import stop
from app.replay_commands import replay
from app.scenario_commands import scenario
from app.settings import LogLevel, Settings, unknown_variables, variable
from app.usage_errors import CommandGroup
from app.writable import require_writable
from geo_data.builder import builder
from routing.errors import RoutingError
from routing.profiles import load_profiles
from routing.storage import load_network

WORKER_STARTS_WITHIN_S = 60
"""Before this a worker that does not answer is still importing, not dead."""

WAITING_CONNECTIONS = 2048
"""Connections the system holds until they are taken up: as many as Uvicorn's own sockets do."""

IDLE_CONNECTIONS_S = 75
"""How long a connection is kept for the next request: longer than who asks keeps it (nginx and .NET
60 s), so that no request is sent into a connection that is being closed."""

_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
"""Where to find what listens everywhere."""

app = typer.Typer(
    name="nearest-crew",
    cls=CommandGroup,
    help="Recommends the nearest suitable ambulance for each 999 call.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.add_typer(network, name="network")
app.add_typer(scenario, name="scenario")
app.command()(replay)


def _say_version(asked: bool) -> None:  # noqa: FBT001 (typer calls it)
    if asked:
        typer.echo(builder())
        raise typer.Exit


@app.callback()
def _nearest_crew(
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_say_version, is_eager=True, help="Say the version and exit."
        ),
    ] = False,
) -> None:
    """Recommends the nearest suitable ambulance for each 999 call."""


@app.command()
def serve(
    network_directory: Annotated[
        Path | None,
        typer.Option("--network", help="Built network; left out: main roads of London."),
    ] = None,
    policy: Annotated[Path | None, typer.Option(help="Dispatch policy (TOML).")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 takes a free one.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; each holds its own fleet.")
    ] = None,
) -> None:
    """Serve recommendations over HTTP. What is left out comes from NEAREST_CREW_* variables."""
    given: dict[str, Any] = {
        "network": network_directory,
        "policy": policy,
        "host": host,
        "port": port,
        "workers": workers,
    }
    try:
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        _check(settings)
    except ValidationError as exc:
        fault = exc.errors()[0]
        name = str(fault["loc"][0])
        where = variable(name) if given.get(name) is None else f"--{name}"
        stop(f"{where} {fault['input']}: {fault['msg']}")
    except (RoutingError, PolicyError) as exc:
        stop(str(exc))
    except OSError as exc:
        stop(f"{exc.filename or settings.network}: {exc.strerror or exc}")
    listening = _listening(settings)
    _announce(settings, listening)
    _run(settings, listening)


def main() -> None:
    """Run the command line."""
    app()


def _check(settings: Settings) -> None:
    """Find out now, and say in one line, what would otherwise fail after the start."""
    load_policy(settings.policy).require_profiles(load_profiles())
    if settings.network is not None:
        load_network(settings.network)


def _listening(settings: Settings) -> socket.socket:
    try:
        return socket.create_server(
            (settings.host, settings.port),
            family=socket.AF_INET6 if ":" in settings.host else socket.AF_INET,
            backlog=WAITING_CONNECTIONS,
        )
    except OSError as exc:
        why = str(exc.strerror).partition(" (")[0]
        stop(f"cannot listen on {settings.host}:{settings.port}: {why}")


def _announce(settings: Settings, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = _LOOPBACK.get(host, f"[{host}]" if ":" in host else host)
    where = settings.network or "main roads of London, approximate"
    typer.echo(f"nearest-crew on {where}: loading, then try it at http://{shown}:{port}/docs")
    for doubt in _doubts(settings):
        typer.echo(f"Warning: {doubt}.", err=True)


def _doubts(settings: Settings) -> Iterator[str]:
    """What an operator may not have meant; calls are answered all the same."""
    if settings.workers > 1:
        yield (
            f"{settings.workers} workers hold a fleet each, in memory; send vehicles "
            "along with every call, or run one worker"
        )
    for name, meant in unknown_variables(os.environ).items():
        hint = f", unlike {meant}" if meant else ""
        yield f"{name} is no setting{hint}: it does nothing"
    if settings.replay_inputs is not None and not settings.replay_inputs.is_dir():
        given = f"{variable('replay_inputs')} {settings.replay_inputs}"
        yield f"{given} is no directory: replays over HTTP can name no file"
    try:
        require_writable(settings.replays)
    except OSError as error:
        given = f"{variable('replays')} {settings.replays}"
        yield f"{given} cannot be written ({error.strerror}): replays over HTTP are refused"


def _run(settings: Settings, listening: socket.socket) -> None:
    options: dict[str, Any] = {
        "factory": True,
        "log_config": _logging(settings.log_level),
        "log_level": settings.log_level.value,
        "access_log": settings.access_log,
        "server_header": False,
        "timeout_keep_alive": IDLE_CONNECTIONS_S,
    }
    if settings.workers == 1:
        server = uvicorn.Server(uvicorn.Config(lambda: create_app(settings), **options))
        server.run(sockets=[listening])
        return
    host, port = listening.getsockname()[:2]
    listening.close()
    for name, value in settings.model_dump(mode="json", exclude_none=True).items():
        os.environ[variable(name)] = str(value)
    uvicorn.run(
        "app.main:create_app",
        host=host,
        port=port,
        workers=settings.workers,
        timeout_worker_healthcheck=WORKER_STARTS_WITHIN_S,
        **options,
    )


def _logging(level: LogLevel) -> dict[str, Any]:
    """Uvicorn's own way of logging, for what the service says too."""
    config = deepcopy(uvicorn.config.LOGGING_CONFIG)
    config["loggers"]["app"] = {
        "handlers": ["default"],
        "level": level.upper(),
        "propagate": False,
    }
    return config
