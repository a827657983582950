"""What stands on real streets around Muswell Hill, and whom it stops (OpenStreetMap, July 2026)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from geo_data.access_hours import HOLIDAYS
from geo_data.sources import RoadFile, build_from
from routing.metric import BLOCKED, Metric
from routing.network import RoadNetwork
from routing.profiles import load_profiles

PROFILES = load_profiles()


@dataclass(frozen=True)
class Town:
    """The streets, priced for both profiles."""

    network: RoadNetwork
    metrics: dict[str, Metric]

    def open_on(self, way_id: int) -> tuple[bool, bool]:
        """Whether all of a way is open to blue lights, and to normal driving."""
        segments = np.flatnonzero(self.network.segment_way_id == way_id)
        assert len(segments)
        blue, normal = (
            self.metrics[name].segment_ms[segments] != BLOCKED
            for name in ("blue_light", "normal_road")
        )
        assert blue.all() == blue.any()
        assert normal.all() == normal.any()
        return bool(blue.all()), bool(normal.all())

    def passes(self, node: int, profile: str) -> bool:
        """Whether one can drive on over a point between two streets."""
        (junction,) = np.flatnonzero(self.network.junction_id == node).tolist()
        network, metric = self.network, self.metrics[profile]
        here = network.segment_to[network.turn_from] == junction
        onward = network.segment_twin[network.turn_from] != network.turn_into
        assert (here & onward).any(), "nothing leads on over it"
        return bool((metric.entry_ms[here & onward] != BLOCKED).any())


@pytest.fixture(scope="module")
def town(london_data: Path) -> Town:
    network = build_from(RoadFile(london_data / "muswell_hill_raw.osm.gz"))
    return Town(network, {name: Metric.of(network, one) for name, one in PROFILES.items()})


@pytest.mark.parametrize(
    ("street", "way_id", "blue_light", "normal_road"),
    [
        ("Queen's Road: a one-way filter that emergency vehicles may pass", 144793752, True, False),
        ("Fox Lane: a camera filter, emergency=designated", 939763425, True, False),
        ("Station Forecourt: buses only, access=no", 211785866, True, False),
        ("a bus slip road, access=no and bus=designated", 162681249, True, False),
        ("Nightingale Road: a path past a filter, built for emergencies", 535066767, True, False),
        ("Trinity Road: service=emergency_access", 1046399185, True, False),
        ("Ireland Place: a private road", 5365134, True, False),
        ("Balmoral Avenue: motor_vehicle=no (its bollard is a point)", 211060836, True, False),
        ("a drive-through under 2.5 m", 893622049, False, False),
        ("Pinkham Way: 4.7 m high, the North Circular Road", 190098112, True, True),
        ("Seafield Road: a 3 t sign against lorries, on no bridge", 785501521, True, True),
        ("Oakthorpe Road: 5 t", 108469930, True, True),
    ],
)
def test_a_street_is_open_to_whom_it_should_be(
    town: Town, street: str, way_id: int, blue_light: object, normal_road: object
) -> None:
    assert town.open_on(way_id) == (blue_light, normal_road), street


@pytest.mark.parametrize(
    ("street", "node", "blue_light", "normal_road"),
    [
        ("Balmoral Avenue: a removable bollard, not said to open for anybody", 1965917198, 0, 0),
        ("Old Park Road: a removable bollard on a street without motor traffic", 7887143304, 0, 0),
        ("Devonshire Road: a bollard on a street for people on foot", 12894065161, 0, 0),
        ("Fairfax Way: a block", 7973603875, 0, 0),
        ("Seafield Road: a locked gate on the way for emergencies", 25696771, 0, 0),
        ("Bidwell Gardens: a gap of 1.25 m beside a gate", 5382911022, 0, 0),
        ("Beaconsfield Road: posts 2 m apart", 8168318602, 0, 0),
        ("a height restrictor at 2.5 m", 9936016333, 0, 0),
        ("Fairbrook Road: a barrier of some kind", 7440199162, 0, 0),
        ("Trinity Road: the fire gate", 9622898284, 1, 0),
        ("Myddleton Mews: a gate, no more said", 9090876314, 1, 0),
        ("a gate, access=no but motor_vehicle=destination", 7813233375, 1, 1),
        ("a lift gate of a private car park", 7668083032, 1, 0),
        ("a gate open to customers", 5583449047, 1, 1),
        ("Telford Road: a height limit of 4.7 m", 1590827682, 1, 1),
    ],
)
def test_a_barrier_stops_whom_it_should(
    town: Town, street: str, node: int, blue_light: int, normal_road: int
) -> None:
    assert town.passes(node, "blue_light") == bool(blue_light), street
    assert town.passes(node, "normal_road") == bool(normal_road), street


def test_humps_and_zebras_are_counted_and_end_no_street(town: Town) -> None:
    passed = [tags["passes"] for tags in town.network.tag_sets if "passes" in tags]
    assert any("cushion" in one for one in passed)
    assert any("zebra" in one for one in passed)
    assert any("hump" in one for one in passed)


def test_its_school_streets_are_for_their_residents_when_children_come_and_go(town: Town) -> None:
    """Signed "permit holders only" (motor_vehicle:conditional=permit) at hours of school days."""
    network, hours = town.network, {None: 0, 8: 7, 9: 7, 10: 0, 15: 7, 5 * 24 + 8: 0}
    for profile in ("normal_road", "blue_light"):
        for hour, expected in hours.items():
            metric = Metric.of(network, PROFILES[profile], hour)
            names = {network.street_name(one) for one in np.flatnonzero(metric.local).tolist()}
            assert len(names & SCHOOL_STREETS) == (expected if profile == "normal_road" else 0)
            assert (metric.segment_ms[metric.local] != BLOCKED).all()
    assert network.provenance.dropped[HOLIDAYS] == 3


SCHOOL_STREETS = {
    "Bellevue Road",
    "Carlisle Place",
    "Hazelwood Lane",
    "Kingsley Road",
    "Park Road",
    "Riverway",
    "The Avenue",
}
