"""How long a way to the patient takes when it comes to it: the ETA's medians, and their spread."""

import math
from dataclasses import dataclass

import numpy as np

from app.dispatch.eta import lognormal_sigma
from app.dispatch.policy import DispatchPolicy
from app.dispatch.recommendation import Option
from app.replay.luck import Luck


@dataclass(frozen=True, slots=True)
class Parts:
    """A way to the patient in seconds, by the parts of an ETA; whole milliseconds."""

    mobilisation_s: float
    drive_s: float
    access_s: float


class Turnout:
    """Turns ETAs into times, by the spread that the policy gives each part of them.

    Parameters
    ----------
    vary
        False makes every part take its median.
    """

    def __init__(self, policy: DispatchPolicy, *, vary: bool) -> None:
        self._policy = policy
        self._vary = vary
        rules = policy.statuses.values()
        sigmas = lognormal_sigma(
            np.array([rule.mobilisation_median_s for rule in rules]),
            np.array([rule.mobilisation_p90_s for rule in rules]),
        )
        self._mobilisation_sigma = dict(zip(policy.statuses, sigmas.tolist(), strict=True))
        # The stop is given by mean and standard deviation, as in app.dispatch.eta.
        mean_s, sd_s = policy.arrival.stopping_s, policy.arrival.stopping_sd_s
        spread = 1 + (sd_s / mean_s) ** 2 if mean_s else 1.0
        self._stopping_median_s = mean_s / math.sqrt(spread)
        self._stopping_sigma = math.sqrt(math.log(spread))

    def parts(self, option: Option, luck: Luck) -> Parts:
        """How long one vehicle's way takes."""
        eta = option.eta
        if not self._vary:
            return _whole_ms(eta.mobilisation_s, eta.drive_s, eta.access_s)
        spread = self._policy.spread
        drive_sigma = spread.straight_line_sigma if eta.estimated else spread.road_sigma
        mobilisation_sigma = self._mobilisation_sigma[option.vehicle.status]
        stopping_s = self._stopping_median_s * math.exp(self._stopping_sigma * luck.stopping)
        return _whole_ms(
            eta.mobilisation_s * math.exp(mobilisation_sigma * luck.mobilisation),
            eta.drive_s * math.exp(drive_sigma * luck.drive),
            eta.access_s - self._policy.arrival.stopping_s + stopping_s,
        )

    def conveyance_s(self, drive_s: float, luck: Luck) -> float:
        """How long a drive to hospital takes."""
        if not self._vary:
            return drive_s
        return drive_s * math.exp(self._policy.spread.road_sigma * luck.to_hospital)


def _whole_ms(mobilisation_s: float, drive_s: float, access_s: float) -> Parts:
    return Parts(round(mobilisation_s, 3), round(drive_s, 3), round(access_s, 3))
