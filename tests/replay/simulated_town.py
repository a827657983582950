"""Days in the town of `tests.town`, by rules that leave as little to chance as wanted."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from app.dispatch.model import Call, Category, Needs, Place, Vehicle
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommender import Recommender
from app.replay.calls import RecordedCall
from app.replay.decision_table import Decision
from app.replay.roster import Break, RosteredVehicle, Shift
from app.replay.simulation import Simulation
from app.replay.simulation_rules import SimulationRules, load_rules
from app.replay.ways import Ways
from geo_data.places import Hospital
from tests.town import AMBULANCE, BLOCK_M, NOW, SIDE_M, at, policy, router

RULES = load_rules()
CERTAIN = RULES.model_copy(update={"journeys": RULES.journeys.model_copy(update={"vary": False})})
"""The packaged rules with journeys that take their medians."""


def _hospital(code: str, name: str, place: Place) -> Hospital:
    return Hospital(code, name, place.lat, place.lon)


GENERAL = _hospital("H1", "Town General", at(SIDE_M, SIDE_M))
INFIRMARY = _hospital("H2", "Infirmary", at(0, SIDE_M))


def minutes(count: float) -> datetime:
    """So many minutes after the beginning of the day."""
    return NOW + timedelta(minutes=count)


def call(
    name: str,
    after_min: float,
    place: Place | None = None,
    *,
    category: Category = Category.C2,
    scene_s: float | None = 600.0,
    conveyed: bool | None = False,
    handover_s: float | None = 900.0,
    conveyance_s: float | None = None,
    hospital: str = "",
    needs: Needs | None = None,
) -> RecordedCall:
    """A call so many minutes into the day, in the middle of town unless told otherwise."""
    return RecordedCall(
        line=1,
        call=Call(
            call_id=name,
            location=place or at(3 * BLOCK_M, 3 * BLOCK_M),
            category=category,
            received_at=minutes(after_min),
            needs=needs or Needs(),
        ),
        on_scene_s=scene_s,
        conveyed=conveyed,
        handover_s=handover_s,
        conveyance_s=conveyance_s,
        hospital=hospital,
    )


def on_duty(
    vehicle_id: str,
    home: Place | None = None,
    *,
    vehicle: Vehicle = AMBULANCE,
    from_min: float | None = None,
    to_min: float | None = None,
    breaks: tuple[tuple[float, float], ...] = (),
    **changes: Any,
) -> RosteredVehicle:
    """One shift of a vehicle, kept in the south-west corner of town; breaks as (due, minutes)."""
    shift = Shift(
        vehicle=replace(vehicle, vehicle_id=vehicle_id, fix=None, **changes),
        home=home or at(0, 0),
        starts_at=None if from_min is None else minutes(from_min),
        ends_at=None if to_min is None else minutes(to_min),
        breaks=tuple(Break(minutes(due), timedelta(minutes=lasts)) for due, lasts in breaks),
    )
    return RosteredVehicle(vehicle_id, (shift,))


def simulated(
    calls: list[RecordedCall],
    *roster: RosteredVehicle,
    rules: SimulationRules = CERTAIN,
    by: DispatchPolicy | None = None,
    seed: int = 0,
    hospitals: tuple[Hospital, ...] = (GENERAL,),
) -> dict[str, Decision]:
    """What became of each call, by `call_id`."""
    decided_by = by or policy()
    simulation = Simulation(
        recommender=Recommender(router(), decided_by, new_id=lambda: ""),
        rules=rules,
        ways=Ways(router(), decided_by, hospitals),
        roster=roster,
        seed=seed,
    )
    rows = simulation.run(calls, lambda *_: None)
    return {row.call_id: row for row in rows}
