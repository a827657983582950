"""How a simulated call ended, as a row of the table of decisions."""

from dataclasses import replace

from app.dispatch.recommendation import Recommendation, ShortfallReason, WarningCode
from app.replay.decision_table import Decision, Outcome
from app.replay.tasks import Task


def decision_of(task: Task, *, scenario: str, seed: int, standard_p90_s: float) -> Decision:
    """The row of one call.

    That a call is old when a crew is found means that it waited here, not that its time is wrong.
    """
    record, attendance = task.record, task.attendance
    call, answer = record.call, attendance.answer
    assert answer is not None, "every call is asked about when it is received"
    row = Decision(
        scenario=scenario,
        seed=seed,
        call_id=call.call_id,
        received_at=call.received_at,
        category=call.category.value,
        lat=call.location.lat,
        lon=call.location.lon,
        outcome=Outcome.UNATTENDED,
        suitable=answer.suitable,
        shortfall=_shortfall(answer),
        warnings=";".join(record.warnings),
        observed_s=record.observed_s,
        observed_vehicle_id=record.observed_vehicle_id,
        extras=record.extras,
    )
    option, parts = attendance.option, attendance.parts
    assigned_at, arrived_at = attendance.assigned_at, attendance.arrived_at
    if option is None or parts is None or assigned_at is None or arrived_at is None:
        return row
    vehicle = option.vehicle
    about = ("", vehicle.vehicle_id)
    codes = dict.fromkeys(
        one.code.value
        for one in answer.warnings
        if one.vehicle_id in about and one.code is not WarningCode.CALL_TIME_IMPLAUSIBLE
    )
    response_s = (arrived_at - call.received_at).total_seconds()
    return replace(
        row,
        outcome=Outcome.ATTENDED,
        vehicle_id=vehicle.vehicle_id,
        driver_agency=vehicle.driver_agency.value,
        vehicle_type=vehicle.vehicle_type.value,
        assigned_at=assigned_at,
        arrived_at=arrived_at,
        waited_s=(assigned_at - call.received_at).total_seconds(),
        mobilisation_s=parts.mobilisation_s,
        drive_s=parts.drive_s,
        access_s=parts.access_s,
        response_s=response_s,
        eta_p90_s=option.eta.p90_s,
        distance_m=option.distance_m,
        estimated=option.eta.estimated,
        late=response_s > standard_p90_s,
        conveyed_to=attendance.conveyed_to,
        cleared_at=attendance.cleared_at,
        shortfall="",
        warnings=";".join([*record.warnings, *codes]),
    )


def _shortfall(answer: Recommendation) -> str:
    """Why nobody could be sent at first; crews that serve calls as urgent do not count."""
    if answer.shortfall is not None and answer.shortfall.reason is ShortfallReason.EMPTY_FLEET:
        return ShortfallReason.EMPTY_FLEET.value
    return ShortfallReason.NONE_SUITABLE.value
