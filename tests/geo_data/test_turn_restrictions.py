"""Turn restrictions between ways become ones between streets, or are counted with a reason."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from geo_data.osm_files import read_osm_file
from geo_data.restriction_relations import (
    HOLIDAYS,
    UNKNOWN_CONDITION,
    UNKNOWN_KIND,
    WRONG_MEMBERS,
    restriction_of,
)
from geo_data.street_builder import streets_from_osm
from geo_data.turn_restrictions import APART, MISSING, SEVERAL_WAYS, WRONG_WAY
from routing.streets import StreetMap
from tests.geo_data.drawn_osm import RESIDENTIAL, Drawing, Tags

ONE_WAY = {**RESIDENTIAL, "oneway": "yes"}
STEPS = (13, [3, 7], {"highway": "steps"})
NO_LEFT = {"type": "restriction", "restriction": "no_left_turn"}
ONLY_RIGHT = {"type": "restriction", "restriction": "only_right_turn"}
CROSSING = [(10, [1, 2, 3], RESIDENTIAL), (11, [3, 4], RESIDENTIAL), (12, [3, 5], RESIDENTIAL)]

Ways = Sequence[tuple[int, Sequence[int], Tags]]


def restricted(
    directory: Path, ways: Ways, *members: str, tags: Tags = NO_LEFT
) -> tuple[list[str], dict[str, int]]:
    """Restricted paths of a map with one relation, as text, and why others are none."""
    streets = Drawing(ways, relations=[(1, tags, members)]).street_map(directory)
    dropped = {reason: n for reason, n in streets.dropped.items() if "restriction" in reason}
    return paths(streets), dropped


def paths(streets: StreetMap) -> list[str]:
    def step(number: int, *, forward: bool) -> str:
        street = streets.streets[number]
        assert street.forward if forward else street.backward
        ends = (street.from_node, street.to_node)[:: 1 if forward else -1]
        return f"{ends[0]}>{ends[1]}"

    return sorted(
        " ".join(step(number, forward=forward) for number, forward in one.path)
        for one in streets.restrictions
    )


def test_a_turn_at_a_point_is_one_between_the_streets_that_meet_there(tmp_path: Path) -> None:
    members = ("from 10", "via node 3", "to 12")
    assert restricted(tmp_path, CROSSING, *members) == (["1>3 3>5"], {})


def test_what_must_be_done_is_told_from_what_must_not(tmp_path: Path) -> None:
    for tags, mandatory in ((NO_LEFT, False), (ONLY_RIGHT, True)):
        relation = (1, tags, ("from 10", "via node 3", "to 12"))
        [one] = Drawing(CROSSING, relations=[relation]).street_map(tmp_path).restrictions
        assert one.mandatory is mandatory
        assert one.tags == {"restriction": tags["restriction"]}


def test_of_a_way_cut_into_streets_the_one_at_the_turn_is_meant(tmp_path: Path) -> None:
    ways = [*CROSSING, (13, [2, 6], RESIDENTIAL), (14, [5, 7], {"highway": "primary"})]
    assert restricted(tmp_path, ways, "from 10", "via node 3", "to 12") == (["2>3 3>5"], {})


def test_a_street_ends_where_a_turn_is_restricted_though_nothing_else_meets_there(
    tmp_path: Path,
) -> None:
    ways = CROSSING[:2]
    assert restricted(tmp_path, ways, "from 10", "via node 3", "to 11") == (["1>3 3>4"], {})


def test_a_u_turn_leads_back_onto_its_own_street(tmp_path: Path) -> None:
    assert restricted(tmp_path, CROSSING, "from 10", "via node 3", "to 10") == (["1>3 3>1"], {})


def test_no_entry_holds_from_every_way_and_no_exit_into_every_one(tmp_path: Path) -> None:
    no_entry = {**NO_LEFT, "restriction": "no_entry"}
    members = ("from 10", "from 11", "via node 3", "to 12")
    assert restricted(tmp_path, CROSSING, *members, tags=no_entry)[0] == ["1>3 3>5", "4>3 3>5"]
    no_exit = {**NO_LEFT, "restriction": "no_exit"}
    members = ("from 10", "via node 3", "to 11", "to 12")
    assert restricted(tmp_path, CROSSING, *members, tags=no_exit)[0] == ["1>3 3>4", "1>3 3>5"]


THROUGH = [
    (10, [1, 3], RESIDENTIAL),
    (20, [3, 4], RESIDENTIAL),
    (21, [4, 5], RESIDENTIAL),
    (30, [5, 6], RESIDENTIAL),
]


def test_ways_passed_through_may_be_listed_in_any_order_and_be_joined_or_cut(
    tmp_path: Path,
) -> None:
    for vias in (("via 20", "via 21"), ("via 21", "via 20")):
        members = ("from 10", *vias, "to 30")
        assert restricted(tmp_path, THROUGH, *members) == (["1>3 3>4 4>5 5>6"], {})
    joined = restricted(tmp_path, THROUGH, "from 10", "via 20", "to 21")
    assert joined == (["1>3 3>4 4>6"], {})
    cut = [*THROUGH[:1], (20, [3, 4, 5], RESIDENTIAL), THROUGH[3], (40, [4, 9], RESIDENTIAL)]
    assert restricted(tmp_path, cut, "from 10", "via 20", "to 30") == (["1>3 3>4 4>5 5>6"], {})


def test_a_restriction_drawn_against_its_ways_finds_its_direction(tmp_path: Path) -> None:
    members = ("from 30", "via 21", "via 20", "to 10")
    assert restricted(tmp_path, THROUGH, *members) == (["6>5 5>4 4>3 3>1"], {})


def test_a_bus_lane_against_a_one_way_street_is_restricted_as_a_street(tmp_path: Path) -> None:
    lane = (10, [3, 2, 1], {**ONE_WAY, "oneway:bus": "no"})
    found, dropped = restricted(tmp_path, [lane, *CROSSING[1:]], "from 10", "via node 3", "to 12")
    assert (found, dropped) == (["1>3 3>5"], {})


@pytest.mark.parametrize(
    ("ways", "members", "reason"),
    [
        (CROSSING, ("from 10", "via node 3", "to 99"), MISSING),
        (CROSSING, ("from 10", "via 99", "to 12"), MISSING),
        ([*CROSSING, STEPS], ("from 10", "via node 3", "to 13"), MISSING),
        (CROSSING, ("from 10", "via node 4", "to 12"), APART),
        (CROSSING, ("from 10", "via node 77", "to 12"), APART),
        (THROUGH, ("from 10", "via 21", "to 30"), APART),
        (THROUGH, ("from 10", "via 20", "via 30", "to 21"), APART),
        ([*THROUGH, (22, [5, 8, 4], RESIDENTIAL)], ("from 10", "via 21", "via 22", "to 30"), APART),
        (
            [*CROSSING[:2], (12, [5, 3], ONE_WAY)],
            ("from 10", "via node 3", "to 12"),
            WRONG_WAY,
        ),
        (
            [THROUGH[0], (20, [4, 3], ONE_WAY), *THROUGH[2:]],
            ("from 10", "via 20", "via 21", "to 30"),
            WRONG_WAY,
        ),
        (
            [(10, [1, 3, 7], RESIDENTIAL), *CROSSING[1:]],
            ("from 10", "via node 3", "to 12"),
            SEVERAL_WAYS,
        ),
        (CROSSING, ("from 10", "from 11", "via node 3", "to 12"), WRONG_MEMBERS),
        (CROSSING, ("from 10", "via node 3", "to 11", "to 12"), WRONG_MEMBERS),
        (CROSSING, ("from 10", "to 12"), WRONG_MEMBERS),
        (CROSSING, ("from 10", "via node 3"), WRONG_MEMBERS),
        (CROSSING, ("from 10", "via node 3", "via 11", "to 12"), WRONG_MEMBERS),
        (CROSSING, ("from 10", "via node 3", "via node 4", "to 12"), WRONG_MEMBERS),
        (CROSSING, ("from node 1", "via node 3", "to 12"), WRONG_MEMBERS),
    ],
)  # fmt: skip
def test_what_cannot_be_placed_is_counted_with_its_reason(
    tmp_path: Path, ways: Ways, members: tuple[str, ...], reason: str
) -> None:
    assert restricted(tmp_path, ways, *members) == ([], {reason: 1})


def read(**tags: str) -> tuple[dict[str, str] | None, list[str]]:
    """The tags kept of a relation with fitting members, and what is told."""
    named = {
        key if key.startswith(("day_", "hour_")) else key.replace("_", ":"): one
        for key, one in tags.items()
    }
    members = [("w", 1, "from"), ("n", 2, "via"), ("w", 3, "to")]
    found, doubts = restriction_of(7, {"type": "restriction", **named}, members)
    return (None if found is None else dict(found.tags)), doubts


def test_conditions_that_are_understood_are_kept() -> None:
    by_day = "no_left_turn @ (Mo-Fr 07:00-19:00)"
    tags = {"restriction:conditional": by_day}
    assert read(restriction_conditional=by_day) == (tags, [])
    assert read(restriction_conditional=by_day, **{"except": "psv"}) == (
        {**tags, "except": "psv"},
        [],
    )
    assert read(restriction_hgv="no_left_turn") == ({"restriction:hgv": "no_left_turn"}, [])


@pytest.mark.parametrize(
    ("tags", "kept", "told"),
    [
        ({"restriction_conditional": "no_left_turn @ (weight>7.5)"}, None, [UNKNOWN_CONDITION]),
        (
            {"restriction": "no_left_turn", "restriction_conditional": "none @ wet"},
            {"restriction": "no_left_turn"},
            [UNKNOWN_CONDITION],
        ),
        (
            {"restriction_conditional": "no_u_turn @ (Mo-Sa 08:00-18:00; PH off)"},
            {"restriction:conditional": "no_u_turn @ (Mo-Sa 08:00-18:00; PH off)"},
            [HOLIDAYS],
        ),
        ({"restriction": "give_way"}, None, [UNKNOWN_KIND]),
        ({"restriction": "no_right_turn_on_red"}, None, [UNKNOWN_KIND]),
        ({"restriction": "no_entry", "restriction_bus": "only_left_turn"}, None, [UNKNOWN_KIND]),
        ({"except": "psv"}, None, [UNKNOWN_KIND]),
        ({}, None, [UNKNOWN_KIND]),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_not_applied(
    tags: dict[str, str], kept: dict[str, str] | None, told: list[str]
) -> None:
    assert read(**tags) == (kept, told)


@pytest.mark.parametrize(
    ("old", "hours"),
    [
        ({"day_on": "Mo", "day_off": "Fr", "hour_on": "7", "hour_off": "18"}, "Mo-Fr 07:00-18:00"),
        ({"day_on": "Monday", "day_off": "friday"}, "Mo-Fr"),
        ({"day_on": "Sa", "day_off": "Sa", "hour_on": "8:30", "hour_off": "9"}, "Sa 08:30-09:00"),
        ({"hour_on": "22:00", "hour_off": "06:00"}, "22:00-06:00"),
        ({"hour_on": "07:30;16:00", "hour_off": "09:30; 18"}, "07:30-09:30,16:00-18:00"),
    ],
)  # fmt: skip
def test_hours_in_old_tags_become_a_condition(old: dict[str, str], hours: str) -> None:
    condition = {"restriction:conditional": f"no_left_turn @ ({hours})"}
    assert read(restriction="no_left_turn", **old) == (condition, [])


def test_old_hours_hold_for_every_value_but_those_with_a_condition_of_today() -> None:
    kept, _ = read(
        restriction="no_u_turn",
        restriction_motorcar="no_left_turn",
        restriction_conditional="none @ (Sa)",
        day_on="Mo",
        day_off="Fr",
    )
    assert kept == {
        "restriction": "no_u_turn",
        "restriction:conditional": "none @ (Sa)",
        "restriction:motorcar:conditional": "no_left_turn @ (Mo-Fr)",
    }


@pytest.mark.parametrize(
    "old",
    [
        {"day_on": "Monday"},
        {"day_off": "Fr", "hour_on": "7", "hour_off": "9"},
        {"hour_off": "9"},
        {"hour_on": "7;15", "hour_off": "9"},
        {"hour_on": "7.30", "hour_off": "9"},
        {"hour_on": "sunrise", "hour_off": "sunset"},
        {"hour_on": "07:61", "hour_off": "09:00"},
        {"hour_on": "25", "hour_off": "26"},
        {"day_on": "Mo-Fr", "day_off": "Mo-Fr"},
        {"day_on": "", "day_off": ""},
    ],
)
def test_old_hours_that_are_not_understood_are_told_and_nothing_is_restricted(
    old: dict[str, str],
) -> None:
    assert read(restriction="no_left_turn", **old) == (None, [UNKNOWN_CONDITION])


def test_clerkenwells_two_relations_are_accounted_for(london_data: Path) -> None:
    """One says nothing but its type; the other leads into a way that the extract leaves out."""
    streets = streets_from_osm(read_osm_file(london_data / "clerkenwell_raw.osm.gz"))
    assert streets.restrictions == []
    told = Counter({k: n for k, n in streets.dropped.items() if "restriction" in k})
    assert told == Counter({UNKNOWN_KIND: 1, MISSING: 1})
