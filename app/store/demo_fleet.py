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

STALE_VEHICLE_ID = "E201"
STALE_FIX_AGE = timedelta(minutes=31)
LATE_SHIFT_VEHICLE_ID = "N301"
LATE_SHIFT_LEFT = timedelta(minutes=10)

STANDBY_PLACES: Mapping[str, Place] = {
    name: Place(lat, lon)
    for name, lat, lon in (
        ("Aldwych", 51.51300, -0.11800),
        ("Angel", 51.53240, -0.10590),
        ("Apex Corner", 51.62300, -0.25370),
        ("Archway", 51.56550, -0.13470),
        ("Barking", 51.53900, 0.07600),
        ("Bexleyheath", 51.45700, 0.14000),
        ("Bow Roundabout", 51.52960, -0.01480),
        ("Brixton", 51.46200, -0.11540),
        ("Bromley", 51.40300, 0.01500),
        ("Canning Town", 51.51390, 0.00870),
        ("Catford Gyratory", 51.44540, -0.02000),
        ("Chiswick Roundabout", 51.49060, -0.28230),
        ("Clapham Common", 51.46190, -0.13850),
        ("Coulsdon", 51.32000, -0.13900),
        ("Crooked Billet", 51.60090, -0.01660),
        ("Croydon", 51.37200, -0.09600),
        ("Crystal Palace", 51.41880, -0.07990),
        ("Dalston Junction", 51.54640, -0.07530),
        ("Earl's Court", 51.49460, -0.20000),
        ("Elephant and Castle", 51.49460, -0.10050),
        ("Enfield Town", 51.65200, -0.08100),
        ("Gallows Corner", 51.59270, 0.21970),
        ("Gants Hill", 51.57660, 0.06620),
        ("Great Cambridge Roundabout", 51.61340, -0.08420),
        ("Hammersmith Broadway", 51.49240, -0.22350),
        ("Hanger Lane", 51.53080, -0.29320),
        ("Harrow", 51.58000, -0.33400),
        ("Henlys Corner", 51.58310, -0.19640),
        ("Henlys Roundabout", 51.47200, -0.38700),
        ("High Barnet", 51.65400, -0.20100),
        ("Highbury Corner", 51.54610, -0.10370),
        ("Hogarth Roundabout", 51.48760, -0.25440),
        ("Hyde Park Corner", 51.50270, -0.15270),
        ("Ilford", 51.55900, 0.07000),
        ("King's Cross", 51.53050, -0.12300),
        ("Kingston", 51.41200, -0.30100),
        ("Lewisham", 51.46430, -0.01270),
        ("Marble Arch", 51.51310, -0.15890),
        ("Morden", 51.40210, -0.19480),
        ("New Cross Gate", 51.47560, -0.04010),
        ("Old Street", 51.52580, -0.08750),
        ("Orpington", 51.37400, 0.09800),
        ("Parliament Square", 51.50070, -0.12650),
        ("Peckham", 51.47370, -0.06930),
        ("Piccadilly Circus", 51.51000, -0.13440),
        ("Purley Cross", 51.33870, -0.11740),
        ("Redbridge Roundabout", 51.57610, 0.04520),
        ("Robin Hood Roundabout", 51.43240, -0.25760),
        ("Romford", 51.57600, 0.18000),
        ("Seven Sisters", 51.58260, -0.07270),
        ("Shepherd's Bush", 51.50460, -0.21860),
        ("Southall Broadway", 51.51100, -0.37900),
        ("Staples Corner", 51.57240, -0.22930),
        ("Stratford", 51.54180, -0.00250),
        ("Streatham", 51.42960, -0.13110),
        ("Sun in the Sands", 51.47680, 0.02490),
        ("Sutton", 51.36400, -0.19300),
        ("Thornton Heath Pond", 51.39700, -0.11540),
        ("Tibbet's Corner", 51.44750, -0.22050),
        ("Tolworth Broadway", 51.37950, -0.28160),
        ("Tooting Broadway", 51.42770, -0.16790),
        ("Trafalgar Square", 51.50770, -0.12790),
        ("Twickenham", 51.44700, -0.33000),
        ("Uxbridge", 51.54630, -0.47800),
        ("Vauxhall Cross", 51.48550, -0.12400),
        ("Wandsworth", 51.45690, -0.19180),
        ("Waterworks Corner", 51.59340, 0.01090),
        ("Wembley Triangle", 51.55210, -0.29620),
        ("Whitechapel", 51.51510, -0.07170),
        ("Wood Green", 51.59700, -0.10900),
        ("Woolwich", 51.49000, 0.06700),
        ("Yorkshire Grey", 51.45250, 0.03540),
    )
}
"""Junctions of main roads (WGS84 degrees, within about 100 m) where crews wait or drive by."""

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
        self._crews_at = dict.fromkeys(STANDBY_PLACES.keys() - KEPT_CLEAR, 0)

    def of(self, posting: Posting) -> Place:
        """Where a crew is, by its posting's place or else by its status."""
        station = self._stations[posting.station]
        if posting.at:
            return STANDBY_PLACES[posting.at]
        if posting.status in FIXES_AT_STATION:
            return Place(station.lat, station.lon)
        if posting.status is Status.AT_HOSPITAL:
            return _nearest_hospital(station)
        return self._quiet_junction(station)

    def _quiet_junction(self, station: Station) -> Place:
        def reluctance(name: str) -> tuple[float, str]:
            crowding = (1 + self._crews_at[name]) ** 2
            return _apart(station, STANDBY_PLACES[name]) * crowding, name

        name = min(self._crews_at, key=reluctance)
        self._crews_at[name] += 1
        return STANDBY_PLACES[name]


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
