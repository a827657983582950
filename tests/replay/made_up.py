"""Made-up decisions: tables as a replay would write them, without replaying anything."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pyarrow as pa

from app.dispatch.policy import load_policy
from app.replay.decision_table import Decision, Outcome, table_of
from app.replay.summary import Standard

BEGIN = datetime(2021, 1, 18, tzinfo=UTC)
AGENCIES = ("LAS", "MPS", "LFB")
MINUTES = {"C1": 6.0, "C2": 16.0, "C3": 55.0, "C4": 90.0}

STANDARDS = {
    str(category): Standard(rule.standard_mean_s, rule.standard_p90_s)
    for category, rule in load_policy().categories.items()
}


def attended(**changes: object) -> Decision:
    """One call attended in ten minutes."""
    usual = Decision(
        scenario="recorded",
        seed=0,
        call_id="CAD-1",
        received_at=BEGIN,
        category="C2",
        lat=51.5079,
        lon=-0.1281,
        outcome=Outcome.ATTENDED,
        vehicle_id="A101",
        driver_agency="LAS",
        vehicle_type="emergency_ambulance",
        assigned_at=BEGIN + timedelta(seconds=30),
        arrived_at=BEGIN + timedelta(seconds=600),
        waited_s=30.0,
        mobilisation_s=60.0,
        drive_s=450.0,
        access_s=60.0,
        response_s=600.0,
        eta_p90_s=800.0,
        distance_m=4200.0,
        estimated=False,
        late=False,
        suitable=12,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def unattended(**changes: object) -> Decision:
    """One call to which nobody came."""
    usual = Decision(
        scenario="recorded",
        seed=0,
        call_id="CAD-2",
        received_at=BEGIN,
        category="C2",
        lat=51.5079,
        lon=-0.1281,
        outcome=Outcome.NO_SUITABLE,
        suitable=0,
        shortfall="none_suitable",
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def many(
    n: int,
    *,
    seed: int = 1,
    scenario: str = "recorded",
    days: int = 3,
    simulated: bool = True,
    measured: bool = False,
    slower: float = 1.0,
    agencies: Sequence[str] = AGENCIES,
) -> pa.Table:
    """A table of `n` calls in central London, at random by `seed`."""
    rng = np.random.default_rng(seed)
    return table_of(
        [
            _call(
                rng,
                i,
                scenario=scenario,
                seed=seed,
                days=days,
                simulated=simulated,
                measured=measured,
                slower=slower,
                agencies=agencies,
            )
            for i in range(n)
        ]
    )


def _call(
    rng: np.random.Generator,
    number: int,
    *,
    scenario: str,
    seed: int,
    days: int,
    simulated: bool,
    measured: bool,
    slower: float,
    agencies: Sequence[str],
) -> Decision:
    category = str(rng.choice(list(MINUTES), p=[0.1, 0.55, 0.25, 0.1]))
    received_at = BEGIN + timedelta(milliseconds=int(rng.integers(days * 86_400_000)))
    place = {"lat": float(rng.normal(51.51, 0.012)), "lon": float(rng.normal(-0.13, 0.025))}
    call = {
        "scenario": scenario,
        "seed": seed,
        "call_id": f"CAD-{number:05}",
        "received_at": received_at,
        "category": category,
        **place,
    }
    if rng.random() < 0.03:
        return unattended(**call)
    eta_s = round(60 * MINUTES[category] * slower * float(rng.lognormal(0, 0.35)), 3)
    response_s = round(eta_s * float(rng.lognormal(0, 0.4)), 3)
    waited_s = round(response_s * float(rng.uniform(0.02, 0.3)), 3)
    arrived_at = received_at + timedelta(seconds=response_s)
    return attended(
        **call,
        vehicle_id=f"V{int(rng.integers(40)):03}",
        driver_agency=str(rng.choice(list(agencies))),
        assigned_at=received_at + timedelta(seconds=waited_s),
        arrived_at=arrived_at,
        waited_s=waited_s,
        mobilisation_s=60.0,
        drive_s=max(response_s - waited_s - 120.0, 0.0),
        access_s=60.0,
        response_s=response_s,
        distance_m=round(response_s * 7, 1),
        estimated=bool(rng.random() < 0.05),
        late=response_s > STANDARDS[category].p90_s,
        warnings=str(rng.choice(["", "", "", "far_from_road", "far_from_road;straight_line"])),
        cleared_at=arrived_at + timedelta(minutes=float(rng.uniform(30, 90)))
        if simulated
        else None,
        observed_s=response_s - waited_s if measured else None,
        observed_eta_s=eta_s if measured else None,
        observed_eta_p90_s=round(eta_s * 1.65, 3) if measured else None,
    )
