"""Codes of warnings and shortfalls as people say them."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.dispatch.recommendation import WarningCode
from app.replay.report.words import count
from app.replay.summary import ScenarioSummary

APPROXIMATE: Final = WarningCode.APPROXIMATE_NETWORK.value

WARNING_WORDS: Final[Mapping[str, str]] = {
    "approximate_network": "were answered on an approximate network: times are indicative only",
    "call_off_network": "lie far from any road of the network",
    "call_outside_area": "lie outside the network's area: their times are straight-line estimates",
    "vehicle_off_network": "were given a vehicle far from any road: a straight-line estimate",
    "vehicle_outside_area": "were given a vehicle outside the network's area: a straight-line "
    "estimate",
    "on_another_call": "were given a vehicle that was taken from another call",
    "position_ageing": "were given a vehicle whose last position was getting old",
    "heading_ignored": "were given a vehicle whose heading fitted no road in reach",
    "no_route": "have no way by road from their vehicle: a straight-line estimate",
    "estimate_ahead_of_route": "were given a vehicle by a straight-line estimate, ahead of others "
    "with a way by road",
    "call_time_implausible": "were received at a time that looks wrong",
    "standard_at_risk": "were likely enough to miss their standard for the dispatcher to be warned",
    "call_in_closure": "lie inside a closure",
    "vehicle_in_closure": "were given a vehicle inside a closure",
    "closure_delay": "were reached later because of a closure",
    "against_traffic": "were reached against the traffic of one-way streets",
    "repeated_call": "carry the id of an earlier call",
    "repeated_hour": "were received in the hour that clocks showed twice; the first was taken",
    "unknown_observed_vehicle": "name an attending vehicle that no file knows: what they took is "
    "set beside nothing",
}
"""What is true of the calls that carry a warning."""

SHORTFALL_WORDS: Final[Mapping[str, str]] = {
    "empty_fleet": "no vehicle was on duty",
    "none_suitable": "none on duty was suitable",
    "fewer_than_limit": "fewer were suitable than asked for",
}
"""Why nobody could be sent."""


def warned(
    scenarios: Sequence[ScenarioSummary],
    approximate: bool,  # noqa: FBT001 (a template asks)
) -> list[tuple[str, str]]:
    """How many calls carry each warning, in words, and what is true of them.

    On an approximate network every call is warned of that, which goes without saying again.
    """
    counts: dict[str, dict[str, int]] = {}
    for scenario in scenarios:
        for one in scenario.warnings:
            if not (approximate and one.code == APPROXIMATE):
                counts.setdefault(one.code, {})[scenario.scenario] = one.calls
    return [
        (_counted(scenarios, of_scenarios), calls_warned(code))
        for code, of_scenarios in counts.items()
    ]


def calls_warned(code: str) -> str:
    """What is true of the calls that carry a warning; the code itself where it has no words."""
    return WARNING_WORDS.get(code, f"carry the warning {code}")


def _counted(scenarios: Sequence[ScenarioSummary], calls: Mapping[str, int]) -> str:
    if len(scenarios) == 1:
        (only,) = scenarios
        return f"{count(calls[only.scenario])} of {count(only.response.calls)} calls"
    told = (
        f"{one.scenario}: {count(calls.get(one.scenario, 0))} of {count(one.response.calls)} calls"
        for one in scenarios
    )
    return "; ".join(told)


def shortfall_said(code: str) -> str:
    """Why nobody could be sent; the code itself where it has no words."""
    return SHORTFALL_WORDS.get(code, code)
