"""The few errors the routing core raises; each names what was wrong and what is accepted."""


class RoutingError(Exception):
    """Base of every error raised by `routing`."""


class NetworkError(RoutingError, ValueError):
    """Streets that cannot be made into a road network, or arrays that do not form one."""


class DamagedNetworkError(NetworkError):
    """A stored network that is incomplete, altered, or of another format."""


class ProfileError(RoutingError, ValueError):
    """A driving profile that is incomplete or out of range."""


class CoordinateError(RoutingError, ValueError):
    """A coordinate that is not finite or not on Earth."""


class HoursError(RoutingError, ValueError):
    """Hours or a condition of OpenStreetMap that are not understood."""


class IsochroneError(RoutingError, ValueError):
    """A question for isochrones that has no answer: limits or the off-road reach out of range."""
