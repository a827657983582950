"""What the scenario comes to: `scenario.json`, and what its report says first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc

from app.dispatch.model import DriverAgency
from app.replay.decision_table import read_decisions
from app.replay.fleet_file import FleetTimeline
from app.replay.partnership.figures import Figures
from app.replay.partnership.period import Period
from app.replay.roster import roster_of
from app.replay.simulation_rules import Duration, SimulationRules

_BESIDE_THE_RECORD = (
    "How near crews are, and so what a few more of them change, depends on how many are assumed. "
    "Times are not those of the record: in January 2021 England's ambulances took 7 min 38 s on "
    "average to category C1 and 29 min 40 s to C2 (NHS England, Ambulance Quality Indicators, "
    "11 February 2021)."
)

LIMITS = (
    "Without the police their ambulances are not on the road, and their clinicians crew no others.",
    "Every call gets one ambulance, and nobody gives up waiting.",
    "Cars, motorcycles and cycles, which reach many of the most urgent first, are left out.",
    "Telephone triage takes no time: a crew is looked for the moment a call is received.",
    "A crew that is free at the end of its shift counts as at its station.",
    _BESIDE_THE_RECORD,
)
"""What is simpler here than it was."""

THINNED_OUT = (
    "Only a part of the calls and crews is simulated, over the same London: crews stand further "
    "apart, so response times are longer than with all of them, the more so the smaller the part."
)


@dataclass(frozen=True, slots=True)
class PoliceStory:
    """What police-driven ambulances did.

    Attributes
    ----------
    attended
        Emergencies attended, by seed.
    shifts
        Police shifts under the first seed.
    on_duty_mean, on_duty_most
        Police-driven ambulances at a time: on average from the first shift to the last, and at
        most; under the first seed.
    """

    attended: tuple[int, ...]
    shifts: int
    on_duty_mean: float
    on_duty_most: int

    def in_short(self, figures: Figures, period: Period) -> str:
        """The number alone, or why there is none."""
        if not self.shifts and not any(self.attended):
            first = figures.officers_begin_on_day.value
            return (
                f"No police shift falls in the days asked for, {len(period.days)} from the first: "
                f"officers begin on day {first}"
            )
        mean, seeds = np.mean(self.attended), len(self.attended)
        each = ", ".join(f"{one:,}" for one in self.attended)
        over = f" on average over {seeds} seeds ({each})" if seeds > 1 else ""
        return f"Police-driven ambulances attended {mean:,.0f} emergencies{over}"

    def sentence(self, figures: Figures, period: Period) -> str:
        """The number, in a run of the whole scenario beside the one that was reported."""
        low, high = min(self.attended), max(self.attended)
        among = f" ({low:,} to {high:,} over {len(self.attended)} seeds)" if low < high else ""
        reported, mean = figures.reported_attended, np.mean(self.attended)
        attend = f"Police-driven ambulances attend {mean:,.0f} emergencies{among} here"
        part = period.part_of(figures)
        if part:
            return (
                f"{attend}, in {part}. This is not to be set beside the number reported for the "
                "whole winter; run all days at scale 1 for that."
            )
        return f"{attend}; reported were more than {reported.value:,} ({reported.source})."


def police_story(decisions: Path, scenario: str, fleet: FleetTimeline) -> PoliceStory:
    """Count what the police did in a scenario, and how many of them drove at a time."""
    counts: dict[int, int] = {}
    for table in read_decisions(decisions, ["scenario", "seed", "driver_agency"]):
        of_scenario = table.filter(pc.equal(table["scenario"], scenario))
        for seed in pc.unique(of_scenario["seed"]).to_pylist():
            rows = of_scenario.filter(pc.equal(of_scenario["seed"], seed))
            police = pc.sum(pc.equal(rows["driver_agency"], DriverAgency.MPS.value)).as_py()
            counts[seed] = counts.get(seed, 0) + (police or 0)
    shifts = list(_police_shifts(fleet))
    changes = sorted([(begin, 1) for begin, _ in shifts] + [(end, -1) for _, end in shifts])
    on_duty = list(accumulate(step for _, step in changes))
    worked = sum((end - begin for begin, end in shifts), timedelta())
    return PoliceStory(
        attended=tuple(counts[seed] for seed in sorted(counts)),
        shifts=len(shifts),
        on_duty_mean=worked / (changes[-1][0] - changes[0][0]) if changes else 0.0,
        on_duty_most=max(on_duty, default=0),
    )


def assumptions(figures: Figures, rules: SimulationRules, period: Period) -> list[str]:
    """Everything taken to be so, in sentences."""
    return [
        *limits(period),
        *(_upper(one) for one in figures.sentences(period.used(figures))),
        *_of_rules(rules),
    ]


def limits(period: Period) -> tuple[str, ...]:
    """What is simpler here than it was, in so much of the scenario."""
    return LIMITS if period.scale == 1 else (THINNED_OUT, *LIMITS)


def as_document(
    figures: Figures,
    rules: SimulationRules,
    story: PoliceStory,
    period: Period,
    asked: Mapping[str, Any],
) -> Mapping[str, Any]:
    """The content of `scenario.json`; a part is not set beside what was reported of the whole."""
    part = period.part_of(figures)
    return {
        "scenario": "partnership-2021",
        "asked": dict(asked),
        "part": part,
        "police_driven": {
            "attended_by_seed": story.attended,
            "attended_mean": float(np.mean(story.attended)) if story.attended else None,
            "reported_more_than": None if part else figures.reported_attended.value,
            "reported_by": None if part else figures.reported_attended.source,
            "shifts": story.shifts,
            "on_duty_mean": round(story.on_duty_mean, 1),
            "on_duty_most": story.on_duty_most,
        },
        "limits": limits(period),
        "figures": figures.model_dump(mode="json"),
        "used_instead": period.used(figures),
        "simulation_rules": rules.model_dump(mode="json"),
    }


def _police_shifts(fleet: FleetTimeline) -> Iterator[tuple[datetime, datetime]]:
    for one in roster_of(fleet):
        for shift in one.shifts:
            if shift.vehicle.driver_agency is DriverAgency.MPS:
                assert shift.starts_at is not None
                assert shift.ends_at is not None
                yield shift.starts_at, shift.ends_at


def _of_rules(rules: SimulationRules) -> Iterator[str]:
    where = "sources and assumptions in simulation.toml"
    yield f"With a patient who is conveyed: {_told(rules.scene.conveyed)} ({where})"
    yield f"With a patient who is not: {_told(rules.scene.not_conveyed)} ({where})"
    shares = ", ".join(
        f"{category.value} {share:.0%}" for category, share in rules.conveyance.share.items()
    )
    yield f"Share of patients conveyed: {shares} ({where})"
    yield f"From arrival at hospital to handover: {_told(rules.hospital.handover)} ({where})"
    yield f"From handover to being free: {_told(rules.hospital.clearing)} ({where})"


def _told(duration: Duration) -> str:
    return f"median {duration.median_s / 60:.0f} min, 90th percentile {duration.p90_s / 60:.0f} min"


def _upper(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
