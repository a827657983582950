"""The luck of a call: random numbers that belong to it, whoever attends it.

Each call has its own stream, named by the seed and its `call_id`. So two scenarios that differ in
their fleets meet the same luck call by call, and what differs between them is the fleets' doing
(common random numbers). Numbers are drawn as uniforms and turned into deviates here, so that they
depend on NumPy's bit generator alone, which never changes (NEP 19).
"""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.special import ndtri

from app.dispatch.eta import Z_P90
from app.replay.simulation_rules import Duration

_DRAWS = 8
"""One for each attribute of `Luck`. A new one goes last: it must not change what the others are."""


@dataclass(frozen=True, slots=True)
class Luck:
    """Standard normal deviates, except `conveyed`, which is uniform between 0 and 1."""

    mobilisation: float
    drive: float
    stopping: float
    scene: float
    conveyed: float
    to_hospital: float
    handover: float
    clearing: float

    @classmethod
    def of(cls, seed: int, call_id: str) -> Self:
        """The luck of one call under one seed."""
        digest = hashlib.blake2b(call_id.encode(), digest_size=16).digest()
        words = np.frombuffer(digest, dtype="<u4").tolist()
        stream = np.random.PCG64(np.random.SeedSequence([seed, *words]))
        uniform = np.random.Generator(stream).random(_DRAWS)
        draws = ndtri(np.clip(uniform, np.finfo(np.float64).tiny, None))
        conveyed_at = cls.__slots__.index("conveyed")
        draws[conveyed_at] = uniform[conveyed_at]
        return cls(*draws.tolist())


def drawn_s(duration: Duration, deviate: float) -> float:
    """A duration at a standard normal deviate, in seconds."""
    sigma = np.log(duration.p90_s / duration.median_s) / Z_P90
    return float(duration.median_s * np.exp(sigma * deviate))
