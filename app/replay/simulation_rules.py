"""How long crews take with a patient and where they go, as checked data.

`simulation.toml` beside this module is the default and says where each number comes from; an
analyst gives a file with the same keys.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from app.dispatch.model import Category
from app.dispatch.policy import ProfileName, Seconds, Share, load_table
from app.replay.errors import ReplayError


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Duration(_Table):
    """A time that cannot fall below zero and sometimes runs long: lognormal by two percentiles."""

    median_s: Annotated[Seconds, Field(gt=0)]
    p90_s: Seconds

    @model_validator(mode="after")
    def _median_comes_before_p90(self) -> Self:
        if self.median_s > self.p90_s:
            msg = f"median_s ({self.median_s:g}) must not exceed p90_s ({self.p90_s:g})"
            raise ValueError(msg)
        return self


class JourneyRules(_Table):
    """Whether drives and mobilisation take as long as predicted, or as spread as the policy says.

    Attributes
    ----------
    vary
        False makes every journey take its median.
    homeward_profile
        How crews are driven when nobody waits for them.
    """

    vary: StrictBool
    homeward_profile: ProfileName


class SceneRules(_Table):
    """Time with the patient, from arrival to leaving or, where nobody is conveyed, being free."""

    conveyed: Duration
    not_conveyed: Duration


class ConveyanceRules(_Table):
    """Who is taken to hospital, and how they are driven there."""

    share: Mapping[Category, Share]
    profile: Mapping[Category, ProfileName]

    @model_validator(mode="after")
    def _every_category_is_there(self) -> Self:
        for name, table in (("share", self.share), ("profile", self.profile)):
            missing = [category.value for category in Category if category not in table]
            if missing:
                msg = f"{name} lacks {', '.join(missing)}"
                raise ValueError(msg)
        return self


class HospitalRules(_Table):
    """From arrival at the hospital to being free again."""

    handover: Duration
    clearing: Duration


class SimulationRules(_Table):
    """Everything about a crew's day that the files of calls and vehicles leave open."""

    journeys: JourneyRules
    scene: SceneRules
    conveyance: ConveyanceRules
    hospital: HospitalRules

    @property
    def profiles(self) -> frozenset[str]:
        """Every driving profile the rules use."""
        return frozenset({self.journeys.homeward_profile, *self.conveyance.profile.values()})


def load_rules(path: Path | None = None) -> SimulationRules:
    """
    Read and check rules.

    Parameters
    ----------
    path
        A TOML file with the keys of the packaged `simulation.toml`, which is read when None.

    Raises
    ------
    ReplayError
        The file is missing, not TOML, or has keys or values that are not accepted.
    """
    packaged = files("app.replay") / "simulation.toml"
    return load_table(SimulationRules, path, packaged, called="simulation rules", error=ReplayError)
