"""Where a replay comes from, in words for its report."""

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from app.replay.calls import LFB_INCIDENTS, STANDARD
from app.replay.report.page import Origin
from app.settings import CALL_MARGIN_M
from geo_data.builder import builder

_HASH_SHOWN: Final = 16

_ONE_BY_ONE: Final = (
    "Calls do not affect each other: a vehicle may be the best for two calls at once. So nobody "
    "waits for a crew here, and the times show what the fleet as recorded could have done for each "
    "call alone."
)
_COMPETING: Final = (
    "Crews are missing at the next call while they are at one: the first recommended crew is sent "
    "the moment a call is received, and who cannot be answered waits, the most urgent category "
    "first, then the oldest call. At the first call every crew on duty is at its station; a crew "
    "that is free at the end of its shift counts as there."
)
_VARYING: Final = (
    "Mobilisation, drive and stopping are drawn around the medians of the ETA with the spread of "
    "the dispatch policy; where the files do not say it, so are the times at the scene and at the "
    "hospital and who is conveyed (simulation.toml, each number with its source or 'assumption')."
)
_MEDIANS: Final = (
    "Response times are sums of medians (mobilisation, drive, access) as the dispatch policy and "
    "the driving profiles give them, each with its source in policy.toml and profiles.toml; real "
    "times spread around them."
)
_FIRE_ENGINES: Final = (
    "Incidents of the fire brigade have no ambulance category: every one is taken as C1, so that "
    "the nearest vehicle is sent on blue lights (assumption)."
)
_TURNOUT: Final = (
    "Measured times run from a fire crew's being called to its arrival, turnout included. Fire "
    "crews dress before they set off, which an ambulance's mobilisation does not allow for; a pump "
    "that was not at its station set out from elsewhere than the prediction has it."
)

_BOUNDS: Final = (("since", "received from"), ("until", "received before"))
_FILES: Final = (("calls", "Calls"), ("fleet", "Fleet"), ("stations", "Stations"))


def origin_of(told: Mapping[str, Any], fingerprint: Mapping[str, str], *, rejected: int) -> Origin:
    """
    What a report says of its replay.

    Parameters
    ----------
    told
        How it was asked for, as `ReplayRequest.told` says it.
    fingerprint
        What decides the result, by name, with hashes of the files.
    rejected
        Rows of the calls that could not be used.
    """
    fire_engines = told["format"] == LFB_INCIDENTS.name
    simulated = told["mode"] == "simulate"
    facts = [
        *_files(told, fingerprint),
        *_selection(told),
        ("Times without offset", f"by the clock of {told['time_zone']}"),
        ("Dispatch policy", f"{_policy(told)}, version {fingerprint['policy']}"),
        ("Program", builder()),
        ("Command", command_of(told)),
    ]
    return Origin(
        title=told["title"] or Path(told["calls"]).name,
        simulated=simulated,
        facts=facts,
        assumptions=[
            *((_COMPETING, _VARYING) if simulated else (_ONE_BY_ONE, _MEDIANS)),
            *((_FIRE_ENGINES, _TURNOUT) if fire_engines else ()),
        ],
        rejected=rejected,
    )


def command_of(told: Mapping[str, Any]) -> str:
    """The command that does it again."""
    given = ["nearest-crew", "replay", told["calls"]]
    for option in ("network", "policy", "fleet", "stations"):
        if told[option]:
            given += [f"--{option}", told[option]]
    if told["format"] != STANDARD.name:
        given += ["--format", told["format"]]
    for option in ("since", "until"):
        if told[option]:
            given += [f"--{option}", told[option]]
    if told["inside"]:
        given.append("--inside")
    if told["call_margin_m"] != CALL_MARGIN_M:
        given += ["--call-margin-m", f"{told['call_margin_m']:g}"]
    given += _simulation(told)
    given += ["--mode", told["mode"], "--time-zone", told["time_zone"], "--output", "DIRECTORY"]
    return shlex.join(given)


def _simulation(told: Mapping[str, Any]) -> Iterator[str]:
    """What a simulation was asked for beyond other replays."""
    for option in ("versus", "rules", "hospitals"):
        if told.get(option):
            yield from (f"--{option}", told[option])
    for agency in told.get("without", ()):
        yield from ("--without-agency", agency)
    if told.get("seeds", 1) > 1:
        yield from ("--seeds", str(told["seeds"]))


def _files(told: Mapping[str, Any], fingerprint: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, label in _FILES:
        if told[name]:
            yield label, f"{Path(told[name]).name}, SHA-256 {fingerprint[name][:_HASH_SHOWN]}"


def _selection(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which calls were taken, where not all were."""
    parts = [f"{word} {told[name]}" for name, word in _BOUNDS if told[name]]
    if told["inside"]:
        parts.append("inside the network's extent")
    if parts:
        yield "Only calls", ", ".join(parts)


def _policy(told: Mapping[str, Any]) -> str:
    return Path(told["policy"]).name if told["policy"] else "as packaged"
