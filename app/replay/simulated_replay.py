"""A replay in which calls compete for crews: the files' calls, under one or two fleets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import pyarrow as pa

from app.dispatch.model import DriverAgency
from app.dispatch.recommender import Recommender
from app.replay.call_reader import CallReader
from app.replay.calls import RecordedCall
from app.replay.decision_table import table_of
from app.replay.errors import ReplayError
from app.replay.fleet_file import FleetTimeline, read_fleet
from app.replay.inputs import Inputs, World, sha256_of
from app.replay.roster import roster_of
from app.replay.rows import row_file
from app.replay.selection import Selection
from app.replay.simulated_run import Case, cases_of, telling
from app.replay.simulation import Simulation
from app.replay.simulation_rules import SimulationRules, load_rules
from app.replay.ways import Ways
from app.replay.workers import Setup
from geo_data.places import Hospital, emergency_departments, read_hospitals

AS_GIVEN: Final = "as given"
"""The scenario of the fleet as its file says."""


@dataclass(frozen=True, slots=True)
class SimulationOptions:
    """What a simulation is asked for beyond what every replay is.

    Attributes
    ----------
    versus
        Another fleet file, for a second scenario with the same calls and luck.
    without
        Driver agencies left out in a second scenario.
    seeds
        How often, each time with other luck.
    rules
        TOML file; None: the packaged one.
    hospitals
        CSV file of code, name, latitude and longitude; None: London's emergency departments.
    """

    versus: Path | None = None
    without: tuple[str, ...] = ()
    seeds: int = 1
    rules: Path | None = None
    hospitals: Path | None = None

    def checked(self, wanted: bool) -> Self | None:  # noqa: FBT001 (one question, asked once)
        """
        These options where a simulation is wanted, else None.

        Raises
        ------
        ReplayError
            They contradict each other, or no simulation is wanted that they could be for.
        """
        if wanted:
            return self if self.cases else None
        for name, value in self.told().items():
            if value != PLAIN_SIMULATION.told()[name]:
                option = "without-agency" if name == "without" else name
                msg = f"--{option} is for simulations only: ask for --mode simulate"
                raise ReplayError(msg)
        return None

    @property
    def scenarios(self) -> tuple[str, ...]:
        """
        Names of the scenarios, the files' own first.

        Raises
        ------
        ReplayError
            Two second scenarios are asked for, or an agency is not known.
        """
        if self.versus is not None and self.without:
            msg = "two second scenarios: give another fleet or agencies to leave out, not both"
            raise ReplayError(msg)
        known = [agency.value for agency in DriverAgency]
        for agency in self.without:
            if agency not in known:
                msg = f"no driver agency is called {agency}; known: {', '.join(known)}"
                raise ReplayError(msg)
        if self.versus is not None:
            return AS_GIVEN, f"with {self.versus.stem}"
        if self.without:
            return AS_GIVEN, f"without {' and '.join(self.without)}"
        return (AS_GIVEN,)

    @property
    def cases(self) -> list[Case]:
        """Every simulation, in the order of the results; raises as `scenarios` does."""
        return cases_of(self.scenarios, self.seeds)

    def told(self) -> Mapping[str, Any]:
        """As plain values."""
        files = {"versus": self.versus, "rules": self.rules, "hospitals": self.hospitals}
        return {
            **{name: None if file is None else str(file.resolve()) for name, file in files.items()},
            "without": list(self.without),
            "seeds": self.seeds,
        }

    def identity(self) -> Mapping[str, Any]:
        """What of this decides a result."""
        return {
            "versus": sha256_of(self.versus),
            "hospitals": sha256_of(self.hospitals),
            "rules": self.load_rules().model_dump(mode="json"),
            "without": list(self.without),
            "seeds": self.seeds,
        }

    def load_rules(self) -> SimulationRules:
        """The rules."""
        return load_rules(self.rules)

    def load_hospitals(self) -> Sequence[Hospital]:
        """The hospitals; `TableError` or `ReplayError` where the file cannot be used."""
        if self.hospitals is None:
            return emergency_departments()
        found = read_hospitals(self.hospitals)
        if not found:
            msg = f"{self.hospitals.name}: no hospitals in it"
            raise ReplayError(msg)
        return found

    def check_files(self, world: World) -> None:
        """
        Read every further file, and see that both fleets can be followed through the day.

        Raises
        ------
        ReplayError, TableError, OSError
            A file cannot be used; the message says why.
        """
        self.load_hospitals()
        for fleet in self.fleets(world).values():
            roster_of(fleet)

    def fleets(self, world: World) -> Mapping[str, FleetTimeline]:
        """The fleet of each scenario; a second file's with the same clock as the first's."""
        given, *second = self.scenarios
        fleets = {given: world.fleet}
        for name in second:
            if self.versus is not None:
                fleets[name] = read_fleet(self.versus, world.zone, world.around)
            else:
                fleets[name] = world.fleet.without(frozenset(self.without))
        return fleets


PLAIN_SIMULATION = SimulationOptions()
"""The fleet as given, once, by the packaged rules."""


@dataclass(frozen=True)
class SimulatedSetup(Setup[Case, pa.Table]):
    """Simulates one scenario under one seed, in the world that the replay was begun in."""

    inputs: Inputs
    fingerprint: tuple[tuple[str, str], ...]
    calls: Path
    selection: Selection
    options: SimulationOptions

    def load(self) -> Callable[[Case], pa.Table]:
        """
        Read the world and the calls.

        Raises
        ------
        ReplayError
            Here lies another world under the same paths.
        """
        world = self.inputs.load_same(self.fingerprint)
        read = CallReader(world, self.selection).read_all(row_file(self.calls))
        records = [one for one in read if isinstance(one, RecordedCall)]
        recommender = Recommender(world.router, world.policy, new_id=lambda: "")
        ways = Ways(world.router, world.policy, self.options.load_hospitals())
        rules = self.options.load_rules()
        rosters = {name: roster_of(one) for name, one in self.options.fleets(world).items()}

        def simulate(case: Case) -> pa.Table:
            simulation = Simulation(
                recommender, rules, ways, rosters[case.scenario], case.scenario, case.seed
            )
            return table_of(simulation.run(records, telling))

        return simulate
