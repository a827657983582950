"""The whole scenario, from what is asked for to a directory with everything found."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from app.dispatch.policy import DispatchPolicy, load_policy
from app.dispatch.recommender import Recommender
from app.replay.decision_table import table_of
from app.replay.duty import on_duty, vehicle_marks
from app.replay.inputs import router_for_replays
from app.replay.partnership.figures import figures
from app.replay.partnership.generated_calls import generated_calls
from app.replay.partnership.generated_fleet import generated_fleet
from app.replay.partnership.period import Period
from app.replay.partnership.story import PoliceStory, as_document, assumptions, police_story
from app.replay.replay import Hands, workers_of
from app.replay.report.page import Origin
from app.replay.results import write_results
from app.replay.roster import roster_of
from app.replay.run_directory import DECISIONS, RunDirectory, RunState
from app.replay.simulated_run import Case, cases_of, run_cases, telling
from app.replay.simulation import Simulation
from app.replay.simulation_rules import SimulationRules, load_rules
from app.replay.ways import Ways
from app.replay.whole_file import write_whole_text
from app.replay.workers import Setup
from geo_data.builder import builder
from geo_data.places import emergency_departments
from geo_data.strategic import embedded_london
from routing.progress import Progress
from routing.router import Router
from routing.storage import load_network

WITHOUT, WITH = "without police", "with police"
SCENARIOS = (WITHOUT, WITH)

STORY: Final = "scenario.json"

TITLE: Final = "Winter 2021: police officers drive London's ambulances"


@dataclass(frozen=True, slots=True)
class _World:
    router: Router
    policy: DispatchPolicy
    rules: SimulationRules


@dataclass(frozen=True, slots=True)
class PartnershipRequest:
    """What is asked for.

    Attributes
    ----------
    days
        So many of the first; None: all.
    scale
        1 for as many calls and crews as there were.
    seeds
        How often, each time with other calls and other luck.
    network, policy, rules
        Directory and TOML files; None: the embedded London, and the packaged ones.
    """

    days: int | None = None
    scale: float = 1.0
    seeds: int = 1
    network: Path | None = None
    policy: Path | None = None
    rules: Path | None = None

    @property
    def period(self) -> Period:
        """How much is made up; raises `ReplayError` if there is no such part."""
        return Period.of(figures(), self.days, self.scale)

    def load(self) -> _World:
        """Read everything, and warm up."""
        policy, rules = load_policy(self.policy), load_rules(self.rules)
        network = embedded_london() if self.network is None else load_network(self.network)
        router = router_for_replays(network)
        policy.require_profiles(router.profiles)
        router.warm_up()
        return _World(router, policy, rules)

    def told(self) -> Mapping[str, Any]:
        """As plain values."""
        files = {"network": self.network, "policy": self.policy, "rules": self.rules}
        return {
            "scenario": "partnership-2021",
            "days": len(self.period.days),
            "scale": self.scale,
            "seeds": self.seeds,
            **{name: None if file is None else str(file.resolve()) for name, file in files.items()},
        }


@dataclass(frozen=True)
class PartnershipSetup(Setup[Case, pa.Table]):
    """Simulates one scenario under one seed."""

    request: PartnershipRequest

    def load(self) -> Callable[[Case], pa.Table]:
        """Read the world."""
        world, period = self.request.load(), self.request.period
        recommender = Recommender(world.router, world.policy, new_id=lambda: "")
        ways = Ways(world.router, world.policy, emergency_departments())

        def simulate(case: Case) -> pa.Table:
            fleet = generated_fleet(figures(), period, case.seed, with_police=case.scenario == WITH)
            simulation = Simulation(
                recommender, world.rules, ways, roster_of(fleet), case.scenario, case.seed
            )
            return table_of(simulation.run(generated_calls(figures(), period, case.seed), telling))

        return simulate


def play(
    request: PartnershipRequest, output: Path, *, hands: Hands, resume: bool, progress: Progress
) -> PoliceStory:
    """
    Simulate the scenario into a directory, or go on with what is there.

    Raises
    ------
    ReplayError
        Something asked for cannot be done; the message says what and why.
    RoutingError, PolicyError, OSError
        The network, the policy or a file cannot be used.
    """
    cases = cases_of(SCENARIOS, request.seeds)
    told = request.told()
    progress("loading the network", 0, 0)
    world = request.load()
    identity = {
        **told,
        "network": world.router.network.version,
        "policy": world.policy.version,
        "rules": world.rules.model_dump(mode="json"),
        "figures": figures().model_dump(mode="json"),
    }
    run = RunDirectory.begin(output, identity, told, resume=resume)
    if run.state is not RunState.FINISHED:
        with workers_of(hands, min(os.cpu_count() or 1, len(cases))) as workers:
            parts = run_cases(cases, PartnershipSetup(request), run, workers, progress=progress)
        progress("joining the parts", 0, 0)
        run.join(parts)
        progress("writing the report", 0, 0)
        _tell(request, world, output)
        run.close()
    return _story(request, output)


def _story(request: PartnershipRequest, output: Path) -> PoliceStory:
    fleet = generated_fleet(figures(), request.period, 1, with_police=True)
    return police_story(output / DECISIONS, WITH, fleet)


def _tell(request: PartnershipRequest, world: _World, output: Path) -> None:
    """Write what was found: `scenario.json`, the summary and the report."""
    story, part = _story(request, output), request.period.part_of(figures())
    document = as_document(figures(), world.rules, story, request.period, request.told())
    text = json.dumps(document, indent=1, ensure_ascii=False, default=str) + "\n"
    write_whole_text(output / STORY, text)
    fleets = {
        name: generated_fleet(figures(), request.period, 1, with_police=name == WITH)
        for name in SCENARIOS
    }
    write_results(
        output / DECISIONS,
        output,
        origin=Origin(
            title=f"{TITLE} ({part})" if part else TITLE,
            simulated=True,
            facts=_facts(request, world, story),
            assumptions=assumptions(figures(), world.rules, request.period),
            finding=story.sentence(figures(), request.period),
            part=part,
        ),
        policy=world.policy,
        network=world.router.network,
        vehicles={name: vehicle_marks(fleet) for name, fleet in fleets.items()},
        on_duty={name: partial(on_duty, fleet) for name, fleet in fleets.items()},
    )


def _facts(request: PartnershipRequest, world: _World, story: PoliceStory) -> list[tuple[str, str]]:
    days = request.period.days
    at_a_time = f"{story.on_duty_mean:.0f} on average, {story.on_duty_most} at most"
    return [
        ("Police-driven ambulances at a time", f"{at_a_time}, in {story.shifts:,} shifts"),
        ("Days", f"{len(days)} from {days[0]:%d %B %Y}".replace(" 0", " ")),
        ("Part of the calls and crews", f"{100 * request.scale:g} %"),
        ("Seeds", f"1 to {request.seeds}" if request.seeds > 1 else "1"),
        ("Dispatch policy", world.policy.version),
        ("Program", builder()),
    ]
