"""Which streets a closure is about, and what cannot be a closure."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import shapely

from routing.closure_places import ClosurePlacer, PlacedClosure
from routing.closures import (
    AlongLine,
    Closure,
    InArea,
    NamedStreet,
    Shut,
    Slowed,
    TheseSegments,
    Where,
)
from routing.errors import ClosureError, NothingClosedError, SeveralStreetsError
from tests.drawing import draw, street

TOWN = draw(
    {
        "a": (0, 0),
        "b": (0, 500),
        "c": (500, 0),
        "d": (500, 500),
        "e": (0, 1000),
        "f": (20, 0),
        "g": (20, 500),
    },
    street("a-b", name="St. George's Road", ref="A3"),
    street("b-e", name="St. George's Road", ref="A3"),
    street("a-c", name="South Street"),
    street("b>d", name="North Street"),
    street("c-d", ref="A100"),
    street("f>g", name="Service Lane"),
)
PLACER = ClosurePlacer(TOWN.network)
NOW = datetime(2026, 1, 17, 18, 42, 5, tzinfo=UTC)


def lon_lat(*points: tuple[float, float]) -> list[tuple[float, float]]:
    return [TOWN.position(*point)[::-1] for point in points]


def area(
    *corners: tuple[float, float], hole: Sequence[tuple[float, float]] = ()
) -> shapely.Polygon:
    return shapely.Polygon(lon_lat(*corners), [lon_lat(*hole)] if hole else [])


def box(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    return area((west, south), (east, south), (east, north), (west, north))


def line(*points: tuple[float, float]) -> shapely.LineString:
    return shapely.LineString(lon_lat(*points))


def place(where: Where, **fields: Any) -> PlacedClosure:
    return PLACER.place(Closure("one", **{"effect": Shut(), "where": where, **fields}))


def ways(where: Where) -> set[str]:
    network, letter = TOWN.network, {node: name for name, node in TOWN.node.items()}
    return {
        f"{letter[int(network.junction_id[network.segment_from[s]])]}>"
        f"{letter[int(network.junction_id[network.segment_to[s]])]}"
        for s in place(where).segments.tolist()
    }


def test_an_area_is_about_every_street_with_a_part_inside_both_ways() -> None:
    assert ways(InArea(box(100, -50, 200, 50))) == {"a>c", "c>a"}
    assert ways(InArea(box(-50, 450, 10, 510))) == {"a>b", "b>a", "b>e", "e>b", "b>d"}


def test_a_touch_is_not_inside() -> None:
    assert ways(InArea(box(-100, 0.5, 10, 400))) == {"a>b", "b>a"}


def test_a_hole_stays_open() -> None:
    hole = [(100, -50), (400, -50), (400, 50), (100, 50)]
    with_hole = area((90, -60), (410, -60), (410, 60), (90, 60), hole=hole)
    assert ways(InArea(with_hole)) == {"a>c", "c>a"}
    far = [(-10, -10), (510, -10), (510, 10), (-10, 10)]
    around = area((-400, -400), (900, -400), (900, 400), (-400, 400), hole=far)
    assert "a>c" not in ways(InArea(around))


def test_two_areas_are_one_closure() -> None:
    both = shapely.MultiPolygon([box(100, -50, 200, 50), box(100, 450, 200, 550)])
    assert ways(InArea(both)) == {"a>c", "c>a", "b>d"}


def test_a_heading_keeps_to_one_direction() -> None:
    assert ways(InArea(box(-10, 100, 10, 400), heading_deg=10.0)) == {"a>b"}
    assert ways(NamedStreet("St George's Road", heading_deg=170.0)) == {"b>a", "e>b"}


def test_a_line_is_about_the_street_it_runs_along_and_not_what_it_crosses() -> None:
    assert ways(AlongLine(line((3, -100), (3, 600)))) == {"a>b", "b>a"}
    assert ways(AlongLine(line((3, 50), (3, 450)))) == {"a>b", "b>a"}


def test_a_line_drawn_one_way_is_about_that_way() -> None:
    assert ways(AlongLine(line((3, 450), (3, 50)), one_way=True)) == {"b>a"}
    assert ways(AlongLine(line((250, 3), (400, 3)), one_way=True)) == {"a>c"}


def test_the_tolerance_says_how_far_a_street_may_be() -> None:
    near = line((8, 50), (8, 450))
    assert ways(AlongLine(near, tolerance_m=10.0)) == {"a>b", "b>a"}
    assert ways(AlongLine(near, tolerance_m=15.0)) == {"a>b", "b>a", "f>g"}


@pytest.mark.parametrize("name", ["St. George's Road", "st georges road", "ST GEORGE'S ROAD", "a3"])
def test_a_street_is_known_by_its_name_or_number(name: str) -> None:
    assert ways(NamedStreet(name)) == {"a>b", "b>a", "b>e", "e>b"}


def test_a_street_may_be_meant_within_an_area_only() -> None:
    assert ways(NamedStreet("St George's Road", box(-50, -50, 50, 490))) == {"a>b", "b>a"}


APART = draw(
    {"a": (0, 0), "b": (100, 0), "c": (580, 0), "d": (700, 0), "e": (1300, 0), "f": (1500, 0)},
    street("a-b", name="High Street"),
    street("b-c", name="The Gap"),
    street("c>d", name="High Street", ref="A1"),
    street("d-e", name="The Gap"),
    street("e-f", name="High Street", ref="A1"),
)


def test_a_name_of_separate_streets_is_refused_and_a_short_gap_separates_none() -> None:
    placer = ClosurePlacer(APART.network)

    def metres(where: Where) -> float:
        measured = placer.place(Closure("one", Shut(), where)).stretch
        assert measured is not None
        return measured.length_m

    with pytest.raises(SeveralStreetsError, match="2 separate streets are called") as refused:
        metres(NamedStreet("high street"))
    first, second = refused.value.places
    assert (first.length_m, second.length_m) == pytest.approx((220, 200), abs=1)
    lat, lon = APART.position(1400, 0)
    assert (second.lat, second.lon) == pytest.approx((lat, lon), abs=1e-5)
    assert second.extent.west == pytest.approx(APART.position(1300, 0)[1], abs=1e-5)
    assert metres(NamedStreet("high street", everywhere=True)) == pytest.approx(420, abs=1)
    assert metres(NamedStreet("A1")) == pytest.approx(320, abs=1)


def test_a_two_way_street_is_measured_once_and_what_was_drawn_apart() -> None:
    measured = place(InArea(box(100, -50, 200, 50))).stretch
    assert measured is not None
    assert measured.length_m == pytest.approx(500, abs=1)
    assert measured.inside_m == pytest.approx(100, abs=1)
    beside = place(AlongLine(line((3, 50), (3, 450)))).stretch
    assert beside is not None
    assert beside.inside_m == pytest.approx(400, abs=1)
    assert place(NamedStreet("A3"), effect=Slowed(2.0)).stretch.inside_m is None  # type: ignore[union-attr]


def test_segments_are_meant_with_their_other_direction_or_without() -> None:
    one = TOWN.segment("a>b")
    assert ways(TheseSegments((one,))) == {"a>b", "b>a"}
    assert ways(TheseSegments((one,), one_way=True)) == {"a>b"}


def test_a_closure_is_called_by_its_streets_the_longest_first_or_by_its_note() -> None:
    assert place(NamedStreet("a3")).title == "St. George's Road closed"
    assert place(NamedStreet("a3"), effect=Slowed(2.0)).title == "St. George's Road slowed"
    everywhere = InArea(box(-50, -50, 600, 1100))
    assert place(everywhere).title == ("St. George's Road, A100, South Street and 2 more closed")
    assert place(everywhere, note="Marathon").title == "Marathon closed"


BOW_TIE = [(0, 0), (100, 100), (100, 0), (0, 100)]
REFUSED: list[tuple[str, Callable[[], object], str, str]] = [
    (
        "self-crossing",
        lambda: InArea(area(*BOW_TIE)),
        "where.polygon",
        "outline is not simple: Self-",
    ),
    ("flat", lambda: InArea(area((0, 0), (9, 9), (0, 0), (0, 0))), "where.polygon", "not simple"),
    ("empty", lambda: InArea(shapely.Polygon()), "where.polygon", "no corners"),
    (
        "off the Earth",
        lambda: InArea(shapely.box(200, 51, 201, 52)),
        "where.polygon",
        "not on Earth",
    ),
    (
        "too many points",
        lambda: InArea(shapely.Point(0, 51).buffer(0.1, 5000)),
        "where.polygon",
        "20,001 points",
    ),
    (
        "a line without length",
        lambda: AlongLine(line((5, 5), (5, 5))),
        "where.line",
        "it has no length",
    ),
    (
        "a wide tolerance",
        lambda: AlongLine(line((0, 0), (9, 9)), 500.0),
        "where.tolerance_m",
        "accepted: 1 to 200 m",
    ),
    ("no heading", lambda: InArea(box(0, 0, 9, 9), 360.0), "where.heading_deg", "0 up to 360"),
    ("no name", lambda: NamedStreet(" - "), "where.name", "no letter"),
    ("faster", lambda: Slowed(0.5), "effect.time_factor", "accepted: 1 to 100"),
    ("not slowed", Slowed, "effect", "neither how much"),
    ("no speed", lambda: Slowed(speed_mps=0.0), "effect.speed_mps", "accepted: 0.1 to 60 m/s"),
    ("not a number", lambda: Slowed(time_factor=math.nan), "effect.time_factor", "nan"),
    (
        "without offset",
        lambda: Closure("x", Shut(), NamedStreet("x"), NOW.replace(tzinfo=None)),
        "starts_at",
        "offset",
    ),
    (
        "end before start",
        lambda: Closure("x", Shut(), NamedStreet("x"), NOW, NOW - timedelta(1)),
        "ends_at",
        "not after it starts",
    ),
    (
        "end at start",
        lambda: Closure("x", Shut(), NamedStreet("x"), NOW, NOW),
        "ends_at",
        "not after it starts",
    ),
    (
        "no such street",
        lambda: place(NamedStreet("Sint Georges Rode")),
        "where.name",
        'did you mean "St. George\'s Road"?',
    ),
    ("no such segment", lambda: place(TheseSegments((999,))), "where.segments", "no segment 999"),
]


@pytest.mark.parametrize(
    ("make", "field", "said"), [pytest.param(*rest, id=name) for name, *rest in REFUSED]
)
def test_what_cannot_be_a_closure_is_refused_by_field(
    make: Callable[[], object], field: str, said: str
) -> None:
    with pytest.raises(ClosureError) as refused:
        make()
    assert refused.value.field == field
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (InArea(box(100, 100, 400, 400)), "no street has a part inside"),
        (AlongLine(line((100, 100), (400, 400))), "no street runs along it within 15 m"),
        (NamedStreet("South Street", box(-50, 50, 50, 400)), "South Street has no part inside"),
        (InArea(box(100, 450, 200, 550), heading_deg=270.0), "none of its streets runs 270"),
        (TheseSegments(()), "it names none"),
        (
            InArea(shapely.transform(box(100, -50, 200, 50), lambda points: points[:, ::-1])),
            "look swapped: longitude comes first",
        ),
    ],
)
def test_a_closure_that_matches_nothing_is_told_so(where: Where, said: str) -> None:
    with pytest.raises(NothingClosedError, match=said):
        place(where)


def test_a_closure_about_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.closure_places.MAX_SEGMENTS", 5)
    with pytest.raises(ClosureError, match=r"about 10 segments .*at most 5"):
        place(InArea(box(-50, -50, 600, 1100)))
