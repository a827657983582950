"""What questions about roads begin with: the driver, the hour, and which roads places are on."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from app.api.faults import FieldFault
from app.api.problems import Problem, ProblemError
from app.api.road_requests import ProfileName
from app.api.service import Service
from app.dispatch.time_of_week import hour_of_week
from app.places import PlaceIn
from routing.roads import Roads
from routing.snapping import Snap


def require_offered(service: Service, profile: ProfileName, field: str = "profile") -> None:
    """
    Raise unless the network offers the driving profile in a field of a request.

    Raises
    ------
    ProblemError
        `PROFILE_NOT_OFFERED` when it needs what the network was built without.
    """
    if profile not in service.router.profiles:
        network = service.router.network.name
        detail = (
            f"{profile} drives against the traffic of one-way streets, whose other way the "
            f"network {network} does not hold; build it with `network build --contraflow`, or ask "
            f"for one of: {', '.join(service.router.profiles)}."
        )
        fault = FieldFault(field, profile.value, detail, list(service.router.profiles))
        raise ProblemError(Problem.PROFILE_NOT_OFFERED, f"{field}: {detail}", faults=[fault])


def roads_of(service: Service, profile: ProfileName, at: datetime | None) -> Roads:
    """The roads as they are driven at the hour of a moment, or on average over the week."""
    return service.router.roads(profile, None if at is None else hour_of_week(at))


def snapped(
    service: Service,
    sent: PlaceIn,
    field: str,
    profile: ProfileName,
    heading_deg: float | None = None,
) -> Snap:
    """
    The road that the place in a field of a request is on.

    Raises
    ------
    ProblemError
        `OUTSIDE_AREA`, or `OFF_NETWORK` when no road of the profile is near enough.
    """
    place = service.area.require(sent, field)
    found = service.router.snap(
        place.lat,
        place.lon,
        profile=profile,
        heading_deg=heading_deg,
        radius_m=_radius_m(service),
    )
    if found is None:
        raise _off_network([_off_road(service, sent, field, profile)])
    return found


def all_snapped(
    service: Service, sent: Sequence[PlaceIn], field: str, profile: ProfileName
) -> list[Snap]:
    """
    The roads that the places in a list of a request are on.

    Raises
    ------
    ProblemError
        As `snapped`, of every place that is off the roads.
    """
    places = [service.area.require(place, f"{field}[{row}]") for row, place in enumerate(sent)]
    found = service.router.snap_many(
        [place.lat for place in places],
        [place.lon for place in places],
        profile=profile,
        heading_deg=[np.nan] * len(places),
        radius_m=_radius_m(service),
    )
    faults = [
        _off_road(service, sent[row], f"{field}[{row}]", profile)
        for row, snap in enumerate(found)
        if snap is None
    ]
    if faults:
        raise _off_network(faults)
    return [snap for snap in found if snap is not None]


def _radius_m(service: Service) -> float:
    return service.fleet.columns.access.call_radius_m


def _off_road(service: Service, sent: PlaceIn, field: str, profile: ProfileName) -> FieldFault:
    within = f"within {_radius_m(service):,.0f} m"
    place = sent.place()
    message = f"No road for {profile} lies {within} of {place.lat:g}, {place.lon:g}."
    return FieldFault(field, sent.sent(), message, f"a place {within} of a road")


def _off_network(faults: Sequence[FieldFault]) -> ProblemError:
    detail = f"{faults[0].field}: {faults[0].message}"
    if len(faults) > 1:
        detail += f" ({len(faults)} places in all are off the roads.)"
    return ProblemError(Problem.OFF_NETWORK, detail, faults=faults)
