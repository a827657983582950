"""Tags of a way that hold for one direction only: `motor_vehicle:backward = no`, a bus gate."""

from collections.abc import Mapping

from routing.hours_of_week import CONDITIONAL

DIRECTIONS = ("forward", "backward")
"""As the way is drawn, and against that."""

DIRECTED_KEYS = (
    "access",
    "vehicle",
    "motor_vehicle",
    "motorcar",
    "emergency",
    "psv",
    "bus",
    "maxspeed",
    "maxwidth",
    "maxheight",
    "maxweight",
)
"""Tags that are read by direction."""

CONDITIONAL_KEYS = tuple(
    f"{key}{CONDITIONAL}" for key in ("access", "vehicle", "motor_vehicle", "motorcar")
)
"""Those of them that are also read by the hour."""


def _directed(key: str, direction: str) -> str:
    """Name of a tag for one direction: what it depends on comes last."""
    base = key.removesuffix(CONDITIONAL)
    return f"{base}:{direction}{key[len(base) :]}"


UNDIRECTED: Mapping[str, str] = {
    _directed(key, direction): key
    for direction in DIRECTIONS
    for key in (*DIRECTED_KEYS, *CONDITIONAL_KEYS)
}
"""What each tag for one direction stands in for."""

DIRECTED_TAGS = tuple(UNDIRECTED)


def driven(tags: Mapping[str, str], *, forward: bool) -> dict[str, str]:
    """Tags of a way as they are for who drives it as it is drawn, or against that."""
    found = {key: value for key, value in tags.items() if key not in UNDIRECTED}
    direction = DIRECTIONS[0 if forward else 1]
    for key in (*DIRECTED_KEYS, *CONDITIONAL_KEYS):
        value = tags.get(_directed(key, direction))
        if value is not None:
            found[key] = value
    return found
