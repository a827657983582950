from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from app.dispatch.fleet import Fleet
from app.dispatch.model import PositionFix, Skill, Status, Vehicle, VehicleType
from routing.router import Router
from routing.snapping import NO_SEGMENT, Snaps
from tests.town import AMBULANCE, NOW, fix, fleet_of, grid, policy, router, surveyed


def named(*names: str) -> list[Vehicle]:
    return [
        replace(AMBULANCE, vehicle_id=name, fix=fix(100 * place, 0))
        for place, name in enumerate(names)
    ]


def contents(fleet: Fleet) -> tuple[object, ...]:
    return (
        [vehicle.vehicle_id for vehicle in fleet.vehicles],
        repr(fleet.rows.tolist()),  # written out, for a NaN equals nothing
        repr({profile: snaps.tolist() for profile, snaps in fleet.snaps.items()}),
    )


def test_vehicles_stand_in_order_of_their_ids_however_they_come() -> None:
    one, other = fleet_of(*named("B", "A", "C")), Fleet(router(), policy())
    for vehicle in reversed(named("B", "A", "C")):
        other.put(vehicle)
    assert [vehicle.vehicle_id for vehicle in one.vehicles] == ["A", "B", "C"]
    assert contents(one) == contents(other)


def test_putting_a_vehicle_again_replaces_it() -> None:
    fleet = fleet_of(*named("A", "B"))
    fleet.put(replace(AMBULANCE, vehicle_id="A", status=Status.CONVEYING, fix=fix(2000, 2000)))
    assert len(fleet) == 2
    assert fleet.vehicles[0].status is Status.CONVEYING
    assert contents(fleet) == contents(fleet_of(fleet.vehicles[0], fleet.vehicles[1]))


def test_of_several_with_one_id_the_last_counts() -> None:
    fleet = fleet_of(AMBULANCE, replace(AMBULANCE, status=Status.BREAK))
    assert [vehicle.status for vehicle in fleet.vehicles] == [Status.BREAK]


def test_a_removed_vehicle_is_gone() -> None:
    fleet = fleet_of(*named("A", "B", "C"))
    fleet.remove("B")
    assert "B" not in fleet
    assert "C" in fleet
    assert contents(fleet) == contents(
        fleet_of(*(v for v in named("A", "B", "C") if v.vehicle_id != "B"))
    )


def test_removing_a_stranger_is_an_error() -> None:
    with pytest.raises(KeyError, match="Z9"):
        fleet_of(AMBULANCE).remove("Z9")


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABCDEFG"),
            st.sampled_from([None, *Status]),
            st.integers(0, 30),
        ),
        max_size=20,
    )
)
def test_any_history_of_changes_ends_in_the_same_fleet_as_putting_its_outcome(
    changes: Sequence[tuple[str, Status | None, int]],
) -> None:
    fleet = Fleet(router(), policy())
    left: dict[str, Vehicle] = {}
    for name, status, blocks in changes:
        if status is not None:
            left[name] = replace(
                AMBULANCE, vehicle_id=name, status=status, fix=fix(blocks * 100, 500)
            )
            fleet.put(left[name])
        elif name in left:
            del left[name]
            fleet.remove(name)
    assert contents(fleet) == contents(fleet_of(*left.values()))


def test_a_vehicle_on_a_two_way_street_may_start_either_way() -> None:
    fleet = fleet_of(replace(AMBULANCE, fix=fix(250, 0)))
    starts = fleet.starts("blue_light", np.array([0]), np.array([1234]))
    assert starts.vehicle.tolist() == [0, 0]
    assert set(starts.segment.tolist()) == {grid().segment("0.0>1.0"), grid().segment("1.0>0.0")}
    assert starts.fraction.tolist() == pytest.approx([0.5, 0.5], abs=1e-3)
    assert starts.delay_ms.tolist() == [1234, 1234]


def test_a_heading_tells_the_way_it_starts() -> None:
    fleet = fleet_of(replace(AMBULANCE, fix=fix(250, 0, heading_deg=90.0)))
    starts = fleet.starts("blue_light", np.array([0]), np.array([0]))
    assert starts.segment.tolist() == [grid().segment("0.0>1.0")]


def test_the_heading_of_a_vehicle_that_stands_is_not_taken_for_true() -> None:
    towards = fix(250, 0, heading_deg=90.0)
    fleet = fleet_of(replace(AMBULANCE, fix=replace(towards, speed_mps=1.9)))
    assert len(fleet.starts("blue_light", np.array([0]), np.array([0])).segment) == 2
    fleet.put(replace(AMBULANCE, fix=replace(towards, speed_mps=2.0)))
    assert len(fleet.starts("blue_light", np.array([0]), np.array([0])).segment) == 1


def test_a_vehicle_beside_the_road_takes_time_to_reach_it() -> None:
    fleet = fleet_of(replace(AMBULANCE, fix=fix(250, 90)))
    assert fleet.snaps["blue_light"]["access_ms"][0] == pytest.approx(90 / 4.5 * 1000, rel=1e-3)


def test_local_streets_of_an_approximate_network_are_driven() -> None:
    strategic = Router(grid().network)
    fleet = fleet_of(replace(AMBULANCE, fix=fix(-2000, 0)), on=strategic)
    assert fleet.snaps["blue_light"]["access_ms"][0] == pytest.approx(2000 / 6.6 * 1000, rel=5e-3)


@pytest.mark.parametrize(
    "vehicle",
    [
        replace(AMBULANCE, fix=None),
        replace(AMBULANCE, fix=fix(-600, 0)),
        replace(AMBULANCE, vehicle_type=VehicleType.PEDAL_CYCLE),
    ],
    ids=["no position", "too far from any road", "keeps to no roads"],
)
def test_some_vehicles_have_no_place_on_the_network(vehicle: Vehicle) -> None:
    fleet = fleet_of(vehicle)
    assert (fleet.snaps["blue_light"]["segment"] == NO_SEGMENT).all()
    assert (fleet.snaps["normal_road"]["segment"] == NO_SEGMENT).all()


def test_an_untrained_driver_has_a_place_only_as_a_normal_driver() -> None:
    fleet = fleet_of(replace(AMBULANCE, blue_light_trained=False))
    assert (fleet.snaps["blue_light"]["segment"] == NO_SEGMENT).all()
    assert (fleet.snaps["normal_road"]["segment"] != NO_SEGMENT).any()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (fix(0, 0), fix(2000, 500)),
        (fix(0, 0), None),
        (None, fix(0, 0)),
        (fix(250, 0), fix(250, 0, heading_deg=90)),
    ],
)
def test_a_vehicle_that_moved_is_placed_anew(
    before: PositionFix | None, after: PositionFix | None
) -> None:
    fleet = fleet_of(replace(AMBULANCE, fix=before))
    fleet.put(replace(AMBULANCE, fix=after))
    assert contents(fleet) == contents(fleet_of(replace(AMBULANCE, fix=after)))


class CountingRouter(Router):
    """The router of the town, counting the positions it is asked to place."""

    placed = 0

    def snaps(
        self,
        lat: ArrayLike,
        lon: ArrayLike,
        *,
        profile: str,
        heading_deg: ArrayLike,
        radius_m: float,
    ) -> Snaps:
        self.placed += np.size(lat)
        return super().snaps(lat, lon, profile=profile, heading_deg=heading_deg, radius_m=radius_m)


def test_a_vehicle_that_only_changed_its_status_is_not_placed_again() -> None:
    counting = CountingRouter(surveyed(grid().network))
    fleet = fleet_of(AMBULANCE, on=counting)
    assert counting.placed == 2
    fleet.put(replace(AMBULANCE, status=Status.CONVEYING, fix=fix(0, 0, age_s=1)))
    assert counting.placed == 2
    fleet.put(replace(AMBULANCE, fix=fix(10, 0)))
    assert counting.placed == 4


def test_a_row_says_what_the_rules_need() -> None:
    fleet = fleet_of(
        replace(
            AMBULANCE,
            status=Status.AVAILABLE_AT_STATION,
            skills=frozenset({Skill.ADVANCED_PARAMEDIC}),
            shift_ends_at=NOW + timedelta(hours=1),
        )
    )
    row = fleet.rows[0]
    assert row["mobilisation_ms"] == 60_000
    assert row["mobilisation_p90_ms"] == 120_000
    assert row["fix_usable_for_s"] == 14_400
    assert row["shift_ends_at_s"] == NOW.timestamp() + 3600
    assert (
        row["skills"]
        == fleet_of(
            replace(AMBULANCE, skills=frozenset({Skill.ADVANCED_PARAMEDIC, Skill.PARAMEDIC}))
        ).rows[0]["skills"]
    )


def test_a_moving_vehicle_needs_no_mobilisation() -> None:
    fleet = fleet_of(replace(AMBULANCE, fix=fix(0, 0, speed_mps=12.0)))
    assert fleet.rows[0]["mobilisation_ms"] == 0
    assert fleet.rows[0]["mobilisation_p90_ms"] == 0
