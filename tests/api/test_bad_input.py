"""Whatever is wrong with a request, its sender is told which field, why, and what would do."""

import json
from collections.abc import Iterable
from typing import Any

import httpx
import pytest

from app.api.faults import did_you_mean
from tests.api.faults import check

TRAFALGAR_SQUARE = {"lat": 51.508, "lon": -0.1281}
PARIS = {"lat": 48.8566, "lon": 2.3522}
NOW = "2026-01-17T18:42:05Z"
AMBULANCE = {"vehicle_id": "A1", "vehicle_type": "emergency_ambulance", "status": "at_scene"}

RECOMMEND = "/v1/recommendations"
POSITIONS = "/v1/positions"
BATCH = "/v1/vehicles/batch"


def call(location: Any = None, **fields: Any) -> dict[str, Any]:
    return {"call": {"location": location or TRAFALGAR_SQUARE, "category": "C2", **fields}}


def position(**fields: Any) -> dict[str, Any]:
    report = {"vehicle_id": "F101", "location": TRAFALGAR_SQUARE, "reported_at": NOW}
    return {"positions": [{**report, **fields}]}


def fix(location: dict[str, float]) -> dict[str, Any]:
    return {"location": location, "reported_at": NOW}


def fleet(*vehicles: dict[str, Any]) -> dict[str, Any]:
    return {**call(), "vehicles": list(vehicles)}


def ambulance(**fields: Any) -> dict[str, Any]:
    return {**AMBULANCE, **fields}


NOT_NUMBERS = ("NaN", "Infinity", "-Infinity", "1e999")


@pytest.mark.parametrize("number", NOT_NUMBERS)
@pytest.mark.parametrize("axis", ["lat", "lon", "easting", "northing"])
def test_a_coordinate_must_be_a_finite_number(london: httpx.Client, axis: str, number: str) -> None:
    place = (
        {"lat": 51.508, "lon": -0.1281} if axis in ("lat", "lon") else {"easting": 1, "northing": 1}
    )
    body = json.dumps(call({**place, axis: "@"})).replace('"@"', number)
    fault = check(london, RECOMMEND, body, f"call.location.{axis}", "not a finite number")
    assert isinstance(fault["value"], str)
    assert fault["accepted"] == "a finite number"


BAD_PLACES: list[tuple[str, Any, str, str]] = [
    ("swapped", {"lat": -0.12, "lon": 51.5}, "", "lat -0.12, lon 51.5 look swapped"),
    ("Paris", PARIS, "", "km away from Greater London"),
    ("null island", {"lat": 0, "lon": 0}, "", "km away"),
    ("swapped grid", {"easting": 180381, "northing": 530034}, "", "look swapped"),
    ("metres as degrees", {"lat": 530034, "lon": 180381}, ".lat", "send them as easting"),
    ("degrees as metres", {"easting": 0.12, "northing": 51.5}, ".easting", "look like degrees"),
    ("kilometres", {"easting": 530, "northing": 180}, ".easting", "like kilometres: send metres"),
    ("off the grid", {"easting": 800000, "northing": 180000}, ".easting", "not on the National"),
    ("below the grid", {"easting": 530000, "northing": -5000}, ".northing", "not on the National"),
    ("beyond the pole", {"lat": 91, "lon": 0}, ".lat", "91 is not on Earth."),
    ("beyond the date line", {"lat": 51.5, "lon": 181}, ".lon", "181 is not on Earth"),
    ("both systems", {"lat": 51.5, "lon": -0.1, "easting": 530000, "northing": 180000}, "", "Both"),
    ("mixed systems", {"lat": 51.5, "northing": 180000}, "", "Both coordinate systems"),
    ("nothing", {}, "", "No coordinates"),
    ("half", {"lat": 51.5}, ".lon", "lat was sent without lon"),
    ("other half", {"northing": 180000}, ".easting", "northing was sent without easting"),
    ("text", {"lat": "51.5", "lon": -0.1}, ".lat", "valid number"),
    ("truth", {"lat": True, "lon": -0.1}, ".lat", "valid number"),
    ("misspelt", {"latt": 51.5, "lon": -0.1}, ".latt", "Did you mean 'lat'?"),
    ("a pair", [51.5, -0.1], "", "must be an object"),
]


@pytest.mark.parametrize(
    ("place", "where", "said"),
    [pytest.param(*rest, id=name) for name, *rest in BAD_PLACES],
)
def test_a_place_that_cannot_be_meant_is_refused(
    london: httpx.Client, place: Any, where: str, said: str
) -> None:
    body = {"call": {"location": place, "category": "C2"}}
    check(london, RECOMMEND, body, f"call.location{where}", said)


def test_a_call_outside_the_area_is_told_its_extent(london: httpx.Client) -> None:
    body = call(PARIS)
    fault = check(london, RECOMMEND, body, "call.location", "km away")
    extent = london.get("/v1/network").json()["extent"]
    assert f"lat {extent['south']:.4f} to {extent['north']:.4f}" in fault["accepted"]
    assert f"lon {extent['west']:.4f} to {extent['east']:.4f}" in fault["accepted"]


def test_a_call_just_outside_the_area_is_answered_and_flagged(london: httpx.Client) -> None:
    answer = london.post(RECOMMEND, json=call({"lat": 51.85, "lon": -0.1}))
    assert answer.status_code == 200
    assert "call_outside_area" in {warning["code"] for warning in answer.json()["warnings"]}


BAD_FIELDS: list[tuple[str, str, Any, str, str]] = [
    ("C5", RECOMMEND, call(category="C5"), "call.category", "telephone advice"),
    ("C9", RECOMMEND, call(category="C9"), "call.category", "not one of the words"),
    ("c1", RECOMMEND, call(category="c1"), "call.category", "Did you mean 'C1'?"),
    (
        "no category",
        RECOMMEND,
        {"call": {"location": TRAFALGAR_SQUARE}},
        "call.category",
        "required",
    ),
    ("no call", RECOMMEND, {}, "call", "required"),
    ("empty call id", RECOMMEND, call(call_id=""), "call.call_id", "at least 1 character"),
    ("long call id", RECOMMEND, call(call_id="x" * 129), "call.call_id", "at most 128"),
    ("call id with a line break", RECOMMEND, call(call_id="a\nb"), "call.call_id", "on one line"),
    (
        "call id of half a character",
        RECOMMEND,
        call(call_id="\ud800"),
        "call.call_id",
        "must be text",
    ),
    (
        "naive time",
        RECOMMEND,
        call(received_at="2021-01-17T18:42:05"),
        "call.received_at",
        "needs an offset from UTC: 2021-01-17T18:42:05Z",
    ),
    ("Unix time", RECOMMEND, call(received_at=1610908925), "call.received_at", "text in RFC 3339"),
    ("no time", RECOMMEND, call(received_at="teatime"), "call.received_at", "not a date and time"),
    (
        "before time",
        RECOMMEND,
        call(received_at="0001-01-01T00:00:00+14:00"),
        "call.received_at",
        "year",
    ),
    (
        "unknown skill",
        RECOMMEND,
        call(needs={"skills": ["parmedic"]}),
        "call.needs.skills[0]",
        "Did you mean 'paramedic'?",
    ),
    (
        "unknown need",
        RECOMMEND,
        call(needs={"convey": True}),
        "call.needs.convey",
        "Did you mean 'conveyance'?",
    ),
    (
        "need in words",
        RECOMMEND,
        call(needs={"conveyance": "yes"}),
        "call.needs.conveyance",
        "true or false",
    ),
    ("unknown field", RECOMMEND, {**call(), "limt": 3}, "limt", "Did you mean 'limit'?"),
    ("limit 0", RECOMMEND, {**call(), "limit": 0}, "limit", "greater than or equal to 1"),
    ("limit 51", RECOMMEND, {**call(), "limit": 51}, "limit", "less than or equal to 50"),
    ("limit 2.5", RECOMMEND, {**call(), "limit": 2.5}, "limit", "valid integer"),
    (
        "another time for the fleet held",
        RECOMMEND,
        {**call(), "at": NOW},
        "at",
        "vehicles sent along",
    ),
    (
        "twice the same id",
        RECOMMEND,
        fleet(ambulance(), ambulance()),
        "vehicles[1].vehicle_id",
        "also the id of vehicles[0]",
    ),
    (
        "twice in a batch",
        BATCH,
        {"vehicles": [ambulance(), ambulance()]},
        "vehicles[1].vehicle_id",
        "also the id",
    ),
    (
        "too many inline",
        RECOMMEND,
        fleet(*[ambulance(vehicle_id=f"A{i}") for i in range(2001)]),
        "vehicles",
        "at most 2000 items",
    ),
    (
        "too many in a batch",
        BATCH,
        {"vehicles": [ambulance(vehicle_id=f"A{i}") for i in range(2001)]},
        "vehicles",
        "at most 2000 items",
    ),
    (
        "too many fixes",
        POSITIONS,
        {"positions": position()["positions"] * 2001},
        "positions",
        "at most 2000 items",
    ),
    ("empty batch", BATCH, {"vehicles": []}, "vehicles", "at least 1 item"),
    (
        "unknown status",
        BATCH,
        {"vehicles": [ambulance(status="avialable_mobile")]},
        "vehicles[0].status",
        "Did you mean 'available_mobile'?",
    ),
    (
        "unknown type",
        BATCH,
        {"vehicles": [ambulance(vehicle_type="police_car")]},
        "vehicles[0].vehicle_type",
        "not one of the words",
    ),
    (
        "unknown agency",
        BATCH,
        {"vehicles": [ambulance(driver_agency="mps")]},
        "vehicles[0].driver_agency",
        "Did you mean 'MPS'?",
    ),
    (
        "empty vehicle id",
        BATCH,
        {"vehicles": [ambulance(vehicle_id="")]},
        "vehicles[0].vehicle_id",
        "at least 1",
    ),
    (
        "long vehicle id",
        BATCH,
        {"vehicles": [ambulance(vehicle_id="x" * 65)]},
        "vehicles[0].vehicle_id",
        "at most 64",
    ),
    (
        "vehicle id with a slash",
        BATCH,
        {"vehicles": [ambulance(vehicle_id="A/1")]},
        "vehicles[0].vehicle_id",
        "letters and digits",
    ),
    (
        "heading 360",
        POSITIONS,
        position(heading_deg=360),
        "positions[0].heading_deg",
        "less than 360",
    ),
    (
        "heading -1",
        POSITIONS,
        position(heading_deg=-1),
        "positions[0].heading_deg",
        "greater than or equal to 0",
    ),
    (
        "negative speed",
        POSITIONS,
        position(speed_mps=-1),
        "positions[0].speed_mps",
        "greater than or equal to 0",
    ),
    (
        "impossible speed",
        POSITIONS,
        position(speed_mps=400),
        "positions[0].speed_mps",
        "less than or equal to 100",
    ),
    (
        "naive fix",
        POSITIONS,
        position(reported_at="2026-01-17T18:42:05"),
        "positions[0].reported_at",
        "needs an offset",
    ),
    (
        "vehicle with its position swapped",
        BATCH,
        {"vehicles": [ambulance(position=fix({"lat": -0.12, "lon": 51.5}))]},
        "vehicles[0].position.location",
        "swapped",
    ),
    (
        "vehicle sent along with its position swapped",
        RECOMMEND,
        fleet(ambulance(position=fix({"lat": -0.12, "lon": 51.5}))),
        "vehicles[0].position.location",
        "swapped",
    ),
    (
        "vehicle in Paris",
        BATCH,
        {"vehicles": [ambulance(), ambulance(vehicle_id="A2", position=fix(PARIS))]},
        "vehicles[1].position.location",
        "km away from Greater London",
    ),
    ("route to nowhere", "/v1/routes", {"from": TRAFALGAR_SQUARE}, "to", "required"),
    (
        "route from Paris",
        "/v1/routes",
        {"from": {"lat": 48.86, "lon": 2.35}, "to": TRAFALGAR_SQUARE},
        "from",
        "km away",
    ),
    (
        "unknown profile",
        "/v1/routes",
        {"from": TRAFALGAR_SQUARE, "to": TRAFALGAR_SQUARE, "profile": "bluelight"},
        "profile",
        "Did you mean 'blue_light'?",
    ),
    ("snap in Paris", "/v1/snap", {"location": {"lat": 48.86, "lon": 2.35}}, "location", "km away"),
    ("a list", RECOMMEND, [], "body", "must be an object"),
]


@pytest.mark.parametrize(
    ("path", "body", "field", "said"), [pytest.param(*rest, id=name) for name, *rest in BAD_FIELDS]
)
def test_a_field_that_cannot_be_accepted_is_named(
    london: httpx.Client, path: str, body: Any, field: str, said: str
) -> None:
    check(london, path, body, field, said)


def test_words_and_field_names_that_would_do_are_listed(london: httpx.Client) -> None:
    fault = check(london, RECOMMEND, call(category="C9"), "call.category", "not one")
    assert fault["accepted"] == ["C1", "C2", "C3", "C4"]
    fault = check(london, RECOMMEND, {**call(), "limt": 3}, "limt", "limit")
    assert fault["accepted"][:2] == ["call", "vehicles"]
    fault = check(london, BATCH, {"vehicles": []}, "vehicles", "0 were sent")
    assert fault["accepted"] == "at least 1 item"
    assert (
        check(london, POSITIONS, position(heading_deg=360), "positions[0].heading_deg", "")[
            "accepted"
        ]
        == "less than 360"
    )


NOT_A_NUMBER: list[tuple[str, Any, str, str]] = [
    (RECOMMEND, call({"lat": "51.5", "lon": 0}), "call.location.lat", "a number from -90 to 90"),
    (
        RECOMMEND,
        call({"easting": 530034, "northing": "180381"}),
        "call.location.northing",
        "a number from 0 to 1300000",
    ),
    (
        POSITIONS,
        position(heading_deg="90"),
        "positions[0].heading_deg",
        "a number from 0 to less than 360",
    ),
    (RECOMMEND, {**call(), "limit": "5"}, "limit", "a whole number from 1 to 50"),
]


@pytest.mark.parametrize(("path", "body", "field", "accepted"), NOT_A_NUMBER)
def test_what_is_not_a_number_is_told_which_numbers_would_do(
    london: httpx.Client, path: str, body: Any, field: str, accepted: str
) -> None:
    assert check(london, path, body, field, "valid")["accepted"] == accepted


def test_a_place_that_lies_nowhere_near_either_way_round_is_not_said_to_be_swapped(
    london: httpx.Client,
) -> None:
    for place, field in (
        ({"lat": 2.3522, "lon": 48.8566}, "call.location"),
        ({"lat": 151.2, "lon": -33.9}, "call.location.lat"),
    ):
        assert "swapped" not in check(london, RECOMMEND, call(place), field, "")["message"]


WRONG_FORMS = [
    (call({"lat": 1}) | {"vehicles": "A1"}, "vehicles", "a list of objects"),
    (call(needs="paramedic"), "call.needs", "an object with conveyance, skills, vehicle_types"),
    (call(["x"]), "call.location", "an object with lat, lon, easting, northing"),
    (call() | {"vehicles": [7]}, "vehicles[0]", "an object with driver_agency, position"),
    ({"call": None}, "call", "an object with call_id, location"),
    (["call"], "body", "an object with call, vehicles"),
    (
        call(needs={"vehicle_types": {}, "skills": "paramedic"}),
        "call.needs.skills",
        "a list of emergency_medical_technician | paramedic",
    ),
]


@pytest.mark.parametrize(("body", "field", "wanted"), WRONG_FORMS)
def test_what_has_the_wrong_form_is_told_the_right_one_in_words(
    london: httpx.Client, body: Any, field: str, wanted: str
) -> None:
    errors = {one["field"]: one for one in london.post(RECOMMEND, json=body).json()["errors"]}
    assert errors[field]["accepted"].startswith(wanted)
    assert errors[field]["message"] == f"This must be {errors[field]['accepted']}."


def test_what_was_sent_is_named_as_its_sender_writes_it(london: httpx.Client) -> None:
    message = check(london, RECOMMEND, call(category=None), "call.category", "null is not one")
    assert message["value"] is None
    for number in ("NaN", "Infinity", "-Infinity"):
        body = json.dumps(call({"lat": "?", "lon": 0})).replace('"?"', number)
        fault = check(london, RECOMMEND, body, "call.location.lat", f"{number} is not a finite")
        assert fault["value"] == number


def test_every_fault_is_listed_up_to_fifty(london: httpx.Client) -> None:
    body = {"vehicles": [ambulance(vehicle_id=f"A{i}", status="x") for i in range(60)]}
    problem = london.post(BATCH, json=body).json()
    assert len(problem["errors"]) == 50
    assert "60 faults in all" in problem["detail"]


def test_a_hundred_thousand_faults_are_counted_without_holding_up_a_call(
    london: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    suggested: list[object] = []

    def counting(word: object, known: Iterable[str]) -> str:
        suggested.append(word)
        return did_you_mean(word, known)

    monkeypatch.setattr("app.api.faults.did_you_mean", counting)
    body = call() | {f"k{i}": 1 for i in range(100_000)}
    problem = london.post(RECOMMEND, json=body).json()
    assert "100000 faults in all, 50 listed" in problem["detail"]
    assert len(suggested) == len(problem["errors"]) == 50


def test_a_long_value_is_echoed_in_short(london: httpx.Client) -> None:
    fault = check(london, RECOMMEND, call(call_id="x" * 5000), "call.call_id", "at most")
    assert len(fault["value"]) == 200


@pytest.mark.parametrize("change", [{"status": None}, {"statsu": "at_scene"}, {"skills": None}])
def test_a_change_that_cannot_be_meant_changes_nothing(
    london: httpx.Client, change: dict[str, Any]
) -> None:
    before = london.get("/v1/vehicles/F101").json()
    assert london.patch("/v1/vehicles/F101", json=change).status_code == 422
    after = london.get("/v1/vehicles/F101").json()
    assert {**after, "position": None, "shift_ends_at": None} == {
        **before,
        "position": None,
        "shift_ends_at": None,
    }


def test_what_was_not_sent_is_told_with_what_is_accepted(london: httpx.Client) -> None:
    fault = check(london, RECOMMEND, {"call": {"location": TRAFALGAR_SQUARE}}, "call.category", "")
    assert fault["accepted"] == ["C1", "C2", "C3", "C4"]
    fault = check(london, RECOMMEND, {"call": {"category": "C1"}}, "call.location", "required")
    assert fault["accepted"] == "an object with lat, lon, easting, northing"
    fault = check(london, POSITIONS, position(reported_at=None), "positions[0].reported_at", "time")
    assert fault["accepted"].startswith("RFC 3339 with an offset")
