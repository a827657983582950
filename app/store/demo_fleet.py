"""A made-up fleet over real London, to try the service on.

Deterministic: the same crews in the same places at every start, with fixes that are seconds old
at the given moment. Call signs follow the London Ambulance Service's habit of starting with the
station's code; no crew, roster or movement here is real. It holds on purpose

- police-driven ambulances at Peckham and at the Elephant and Castle, plainly the nearest there;
- many options around Trafalgar Square: ambulances, a car, a motorcycle and cycles;
- `E201`, whose last position is 31 minutes old, and `N301`, whose shift ends in 10 minutes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from app.dispatch.model import (
    DriverAgency,
    Place,
    PositionFix,
    Skill,
    Status,
    Vehicle,
    VehicleType,
)
from geo_data.places import Station, emergency_departments, las_stations
from geo_data.strategic import main_junctions

STALE_VEHICLE_ID = "E201"
STALE_FIX_AGE = timedelta(minutes=31)
LATE_SHIFT_VEHICLE_ID = "N301"
LATE_SHIFT_LEFT = timedelta(minutes=10)

STANDBY_JUNCTIONS: Mapping[str, str] = {
    "Aldwych": "aldwych_kingsway",
    "Angel": "angel",
    "Apex Corner": "apex_corner",
    "Archway": "archway",
    "Barking": "barking",
    "Bexleyheath": "bexleyheath_clock_tower",
    "Bow Roundabout": "bow_roundabout",
    "Brixton": "brixton",
    "Bromley": "bromley_south",
    "Canning Town": "canning_town",
    "Catford Gyratory": "catford_gyratory",
    "Chiswick Roundabout": "chiswick_roundabout",
    "Clapham Common": "clapham_common",
    "Coulsdon": "coulsdon_north",
    "Crooked Billet": "crooked_billet",
    "Croydon": "croydon_flyover",
    "Crystal Palace": "crystal_palace",
    "Dalston Junction": "dalston_junction",
    "Earl's Court": "warwick_road_west_cromwell_road",
    "Elephant and Castle": "elephant_and_castle",
    "Enfield Town": "enfield_town",
    "Gallows Corner": "gallows_corner",
    "Gants Hill": "gants_hill",
    "Great Cambridge Roundabout": "great_cambridge_roundabout",
    "Hammersmith Broadway": "hammersmith_broadway",
    "Hanger Lane": "hanger_lane_gyratory",
    "Harrow": "harrow_station_road",
    "Henlys Corner": "henlys_corner",
    "Henlys Roundabout": "henlys_roundabout_a4",
    "High Barnet": "high_barnet",
    "Highbury Corner": "highbury_corner",
    "Hogarth Roundabout": "hogarth_roundabout",
    "Hyde Park Corner": "hyde_park_corner",
    "Ilford": "ilford",
    "King's Cross": "kings_cross",
    "Kingston": "kingston_richmond_road",
    "Lewisham": "lewisham",
    "Marble Arch": "marble_arch",
    "Morden": "morden",
    "New Cross Gate": "new_cross_gate",
    "Old Street": "old_street",
    "Orpington": "orpington_war_memorial",
    "Parliament Square": "parliament_square",
    "Peckham": "peckham",
    "Piccadilly Circus": "piccadilly_circus",
    "Purley Cross": "purley_cross",
    "Redbridge Roundabout": "redbridge_roundabout",
    "Robin Hood Roundabout": "robin_hood_roundabout",
    "Romford": "romford_north",
    "Seven Sisters": "seven_sisters",
    "Shepherd's Bush": "shepherds_bush_green",
    "Southall Broadway": "southall",
    "Staples Corner": "staples_corner",
    "Stratford": "stratford",
    "Streatham": "st_leonards_streatham",
    "Sun in the Sands": "sun_in_the_sands",
    "Sutton": "sutton",
    "Thornton Heath Pond": "thornton_heath_pond",
    "Tibbet's Corner": "tibbets_corner",
    "Tolworth Broadway": "tolworth_broadway",
    "Tooting Broadway": "tooting_broadway",
    "Trafalgar Square": "charing_cross",
    "Twickenham": "twickenham",
    "Uxbridge": "uxbridge",
    "Vauxhall Cross": "vauxhall_cross",
    "Wandsworth": "wandsworth_town",
    "Waterworks Corner": "waterworks_corner",
    "Wembley Triangle": "wembley_triangle",
    "Whitechapel": "whitechapel",
    "Wood Green": "wood_green",
    "Woolwich": "woolwich_grand_depot_road",
    "Yorkshire Grey": "yorkshire_grey",
}
"""Main junctions where crews wait or drive by, and their keys in the table of junctions."""

LARGE_STATIONS = (
    frozenset({"B3", "B5", "C3", "F1", "F2"})
    | {"D4", "E3", "H3"}
    | {"G3", "J3", "K1", "K3", "K4"}
    | {"L2", "M1", "M2", "N1", "Q3"}
    | {"R1", "R3", "S1"}
)
"""Stations that lead a group and so have three ambulances on duty here, others one or two."""

AMBULANCE_STATUSES = (
    Status.AVAILABLE_AT_STATION,
    Status.AT_SCENE,
    Status.AT_HOSPITAL,
    Status.AVAILABLE_AT_STATION,
    Status.AVAILABLE_MOBILE,
    Status.CONVEYING,
    Status.AVAILABLE_AT_STATION,
    Status.EN_ROUTE,
    Status.AT_HOSPITAL,
    Status.AVAILABLE_AT_STATION,
    Status.BREAK,
    Status.AT_SCENE,
    Status.MOBILISING,
)
"""What crews are doing, dealt out in turn: 5 of 13 free, as on a busy but bearable evening."""

CAR_STATUSES = (
    Status.AVAILABLE_MOBILE,
    Status.AT_SCENE,
    Status.AVAILABLE_AT_STATION,
    Status.EN_ROUTE,
)

PARAMEDIC = frozenset({Skill.PARAMEDIC, Skill.EMERGENCY_MEDICAL_TECHNICIAN})
TECHNICIAN = frozenset({Skill.EMERGENCY_MEDICAL_TECHNICIAN})
ADVANCED = frozenset({Skill.ADVANCED_PARAMEDIC, Skill.PARAMEDIC})
BARIATRIC = PARAMEDIC | {Skill.BARIATRIC}
CREW_SKILLS = (PARAMEDIC, PARAMEDIC, TECHNICIAN, PARAMEDIC, TECHNICIAN)

AMBULANCE, CAR = VehicleType.EMERGENCY_AMBULANCE, VehicleType.RAPID_RESPONSE_VEHICLE
MOTORCYCLE, CYCLE = VehicleType.MOTORCYCLE, VehicleType.PEDAL_CYCLE
LAS, MPS, LFB = DriverAgency.LAS, DriverAgency.MPS, DriverAgency.LFB
AT_STATION, MOBILE = Status.AVAILABLE_AT_STATION, Status.AVAILABLE_MOBILE

FIXES_AT_STATION = frozenset({AT_STATION, Status.BREAK, Status.MOBILISING, Status.OUT_OF_SERVICE})
FIXES_MOVING = frozenset({Status.EN_ROUTE, Status.CONVEYING})
MOVING_SPEEDS_MPS = (13.4, 9.8, 15.6, 11.2)
"""Metres per second: 22 to 35 mph, what traffic leaves of a London blue-light run."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One crew, before it has a position.

    Attributes
    ----------
    station
        Code of its station, with which its call sign starts.
    at
        Name of the standby place where it is; empty for wherever its status puts it.
    """

    station: str
    number: str
    kind: VehicleType
    agency: DriverAgency
    status: Status
    skills: frozenset[Skill] = PARAMEDIC
    at: str = ""

    @property
    def vehicle_id(self) -> str:
        """Call sign: station code and number."""
        return self.station + self.number


KNOWN_POSTINGS = (
    Posting("N1", "31", AMBULANCE, MPS, MOBILE, at="Peckham"),
    Posting("N3", "31", AMBULANCE, MPS, MOBILE, at="Elephant and Castle"),
    Posting("J1", "31", AMBULANCE, MPS, MOBILE, at="Bow Roundabout"),
    Posting("C3", "31", AMBULANCE, MPS, MOBILE, at="Staples Corner"),
    Posting("G3", "31", AMBULANCE, MPS, AT_STATION),
    Posting("H5", "31", AMBULANCE, MPS, AT_STATION, TECHNICIAN),
    Posting("B3", "31", AMBULANCE, MPS, AT_STATION),
    Posting("E3", "31", AMBULANCE, MPS, AT_STATION, TECHNICIAN),
    Posting("K1", "31", AMBULANCE, MPS, Status.AT_HOSPITAL),
    Posting("Q3", "31", AMBULANCE, MPS, Status.AT_SCENE),
    Posting("M2", "31", AMBULANCE, MPS, Status.EN_ROUTE),
    Posting("L5", "31", AMBULANCE, MPS, Status.BREAK),
    Posting("F2", "32", AMBULANCE, LFB, AT_STATION),
    Posting("R3", "32", AMBULANCE, LFB, MOBILE, at="Tibbet's Corner"),
    Posting("F1", "01", AMBULANCE, LAS, AT_STATION),
    Posting("F1", "02", AMBULANCE, LAS, MOBILE, TECHNICIAN, at="Parliament Square"),
    Posting("N3", "01", AMBULANCE, LAS, AT_STATION),
    Posting("N3", "02", AMBULANCE, LAS, AT_STATION, BARIATRIC),
    Posting("E1", "01", AMBULANCE, LAS, MOBILE, at="Aldwych"),
    Posting("E2", "01", AMBULANCE, LAS, MOBILE, at="Marble Arch"),
    Posting("G5", "01", AMBULANCE, LAS, AT_STATION),
    Posting("Q4", "01", AMBULANCE, LAS, Status.OUT_OF_SERVICE),
    Posting("F1", "61", CAR, LAS, MOBILE, ADVANCED, at="Piccadilly Circus"),
    Posting("F1", "81", MOTORCYCLE, LAS, MOBILE, at="Hyde Park Corner"),
    Posting("E1", "91", CYCLE, LAS, MOBILE, at="Trafalgar Square"),
    Posting("G5", "91", CYCLE, LAS, MOBILE, at="Whitechapel"),
    Posting("A4", "91", CYCLE, LAS, AT_STATION),
)
"""Crews that worked examples rely on, and every crew driven by another service."""

KEPT_CLEAR = frozenset(posting.at for posting in KNOWN_POSTINGS if posting.at)
"""Places that belong to one of those crews alone."""

CAR_STATIONS = sorted(LARGE_STATIONS | {"A1", "C2", "G4", "H5", "J1", "N6", "P3", "Q1"})
MOTORCYCLE_STATIONS = ["E3", "G4", "J1", "N3", "Q2", "Q4", "C4"]


def standby_place(name: str) -> Place:
    """Where a standby junction is."""
    junction = main_junctions()[STANDBY_JUNCTIONS[name]]
    return Place(junction.lat, junction.lon)


def demo_fleet(now: datetime) -> tuple[Vehicle, ...]:
    """Return the fleet as it stands at `now`, sorted by vehicle id."""
    positions = _Positions()
    postings = {posting.vehicle_id: posting for posting in KNOWN_POSTINGS}
    for posting in (*_ambulances(), *_cars(), *_motorcycles()):
        postings.setdefault(posting.vehicle_id, posting)
    ordered = [postings[vehicle_id] for vehicle_id in sorted(postings)]
    return tuple(
        _vehicle(posting, positions.of(posting), turn, now) for turn, posting in enumerate(ordered)
    )


def _ambulances() -> Iterator[Posting]:
    statuses, skills, small = cycle(AMBULANCE_STATUSES), cycle(CREW_SKILLS), cycle((1, 2))
    for station in las_stations():
        crews = 3 if station.code in LARGE_STATIONS else next(small)
        for number in range(1, crews + 1):
            status, crew = next(statuses), next(skills)
            yield Posting(station.code, f"{number:02d}", AMBULANCE, LAS, status, crew)


def _cars() -> Iterator[Posting]:
    for code, status in zip(CAR_STATIONS, cycle(CAR_STATUSES), strict=False):
        yield Posting(code, "61", CAR, LAS, status)


def _motorcycles() -> Iterator[Posting]:
    for code, status in zip(MOTORCYCLE_STATIONS, cycle((MOBILE, Status.AT_SCENE)), strict=False):
        yield Posting(code, "81", MOTORCYCLE, LAS, status)


class _Positions:
    """Gives crews their places; those on the road keep apart where junctions are near enough."""

    def __init__(self) -> None:
        self._stations = {station.code: station for station in las_stations()}
        self._crews_at = dict.fromkeys(STANDBY_JUNCTIONS.keys() - KEPT_CLEAR, 0)

    def of(self, posting: Posting) -> Place:
        """Where a crew is, by its posting's place or else by its status."""
        station = self._stations[posting.station]
        if posting.at:
            return standby_place(posting.at)
        if posting.status in FIXES_AT_STATION:
            return Place(station.lat, station.lon)
        if posting.status is Status.AT_HOSPITAL:
            return _nearest_hospital(station)
        return self._quiet_junction(station)

    def _quiet_junction(self, station: Station) -> Place:
        def reluctance(name: str) -> tuple[float, str]:
            crowding = (1 + self._crews_at[name]) ** 2
            return _apart(station, standby_place(name)) * crowding, name

        name = min(self._crews_at, key=reluctance)
        self._crews_at[name] += 1
        return standby_place(name)


def _nearest_hospital(station: Station) -> Place:
    hospitals = (Place(hospital.lat, hospital.lon) for hospital in emergency_departments())
    return min(hospitals, key=lambda place: _apart(station, place))


LON_DEG_PER_LAT_DEG = 0.622
"""A degree of longitude is this much of a degree of latitude at 51.5 north (its cosine)."""


def _apart(station: Station, place: Place) -> float:
    """Squared distance, good for comparing only."""
    east = (station.lon - place.lon) * LON_DEG_PER_LAT_DEG
    return east**2 + (station.lat - place.lat) ** 2


def _vehicle(posting: Posting, place: Place, turn: int, now: datetime) -> Vehicle:
    moving = posting.status in FIXES_MOVING
    on_the_road = moving or posting.status is MOBILE
    age = timedelta(seconds=3 + 7 * turn % 40)
    left = timedelta(minutes=90 + 37 * turn % 600)
    if posting.vehicle_id == STALE_VEHICLE_ID:
        age = STALE_FIX_AGE
    if posting.vehicle_id == LATE_SHIFT_VEHICLE_ID:
        left = LATE_SHIFT_LEFT
    fix = PositionFix(
        place=place,
        reported_at=now - age,
        heading_deg=float(67 * turn % 360) if moving else None,
        speed_mps=MOVING_SPEEDS_MPS[turn % 4] if moving else 0.0 if on_the_road else None,
    )
    return Vehicle(
        vehicle_id=posting.vehicle_id,
        vehicle_type=posting.kind,
        driver_agency=posting.agency,
        status=posting.status,
        fix=fix,
        skills=posting.skills,
        shift_ends_at=now + left,
        station=posting.station,
    )
