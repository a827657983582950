"""What an operator can set, from the environment: `NEAREST_CREW_` and the name in capitals."""

import difflib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX: Final = "NEAREST_CREW_"

CALL_MARGIN_M = 25_000.0
"""How far from the network a call may lie; as far as the packaged policy estimates."""


class LogLevel(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """Settings of one service.

    Attributes
    ----------
    network
        Directory of a built road network; None serves the embedded strategic London.
    policy
        TOML file of dispatch policy; None takes the packaged one.
    demo_fleet
        Whether to start with the made-up fleet; None does so on the embedded network only.
    body_limit_bytes
        Largest request body.
    call_margin_m
        Calls, and positions of vehicles, further than this from the network's extent are refused
        as mistakes; within it calls are answered and flagged. 25 km is as far as the packaged
        policy estimates.
    remembered_decisions
        How many recommendations can be asked for again, as long as all of them take no more
        than 200 MB; one over a fleet of 500 takes about 30 kB.
    replays
        Directory in which replays asked for over HTTP are kept.
    replay_inputs
        Directory of files that such a replay may name; None: none may.
    replay_upload_limit_bytes
        Largest body of such a request: the files sent with it.
    replays_at_once
        How many run side by side, each in a process of its own.
    replays_waiting
        How many may wait or run; more are refused.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    network: Path | None = None
    policy: Path | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    log_level: LogLevel = LogLevel.INFO
    access_log: bool = False
    demo_fleet: bool | None = None
    body_limit_bytes: Annotated[int, Field(ge=1_000, le=1_000_000_000)] = 2_000_000
    call_margin_m: Annotated[float, Field(ge=0, le=1_000_000)] = CALL_MARGIN_M
    remembered_decisions: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000

    replays: Path = Path("replays")
    replay_inputs: Path | None = None
    replay_upload_limit_bytes: Annotated[int, Field(ge=1_000, le=100_000_000_000)] = 200_000_000
    replays_at_once: Annotated[int, Field(ge=1, le=64)] = 1
    replays_waiting: Annotated[int, Field(ge=1, le=10_000)] = 20

    @property
    def starts_with_demo_fleet(self) -> bool:
        """Whether the made-up fleet is on duty."""
        return self.network is None if self.demo_fleet is None else self.demo_fleet


def variable(setting: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{setting.upper()}"


def unknown_variables(environment: Iterable[str]) -> Mapping[str, str]:
    """Variables that are named like settings and are none, with the one that may be meant or ""."""
    known = list(map(variable, Settings.model_fields))
    unknown = sorted(
        name
        for name in environment
        if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    return {
        name: next(iter(difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)), "")
        for name in unknown
    }
