"""Which calls of a file are replayed."""

from dataclasses import dataclass
from datetime import datetime

from app.dispatch.model import Call
from app.replay.errors import ReplayError
from routing.geometry import Extent


@dataclass(frozen=True, slots=True)
class Selection:
    """Calls of a time, and perhaps of a place; the others are left out without a word.

    Attributes
    ----------
    since, until
        First and last moment of receipt, the last excluded; aware. None: no bound. `ReplayError`
        unless the first comes before the last.
    inside
        Whether calls outside the network's extent, whose times would be estimates, are left out.
    """

    since: datetime | None = None
    until: datetime | None = None
    inside: bool = False

    def __post_init__(self) -> None:
        """Refuse bounds that no call lies between."""
        if self.since is not None and self.until is not None and self.since >= self.until:
            msg = f"since is {self.since}; it must be before until, {self.until}"
            raise ReplayError(msg)

    def takes(self, call: Call, extent: Extent) -> bool:
        """Whether a call is replayed, on a network of this extent."""
        if self.since is not None and call.received_at < self.since:
            return False
        if self.until is not None and call.received_at >= self.until:
            return False
        place = call.location
        return not self.inside or extent.contains(place.lat, place.lon)

    def identity(self) -> dict[str, str | bool]:
        """What of it decides a result."""
        return {
            "since": "" if self.since is None else self.since.isoformat(),
            "until": "" if self.until is None else self.until.isoformat(),
            "inside": self.inside,
        }


EVERY_CALL = Selection()
