"""How long crews take with a patient and where they go, as checked data.

`simulation.toml` beside this module is the default and says where each number comes from; an
analyst gives a file with the same keys.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, StrictBool, model_validator

from app.checked_tables import (
    CheckedTable,
    ProfileName,
    Seconds,
    Share,
    load_table,
    require_all,
    require_order,
)
from app.dispatch.model import Category
from app.replay.errors import ReplayError


class Duration(CheckedTable):
    """A time that cannot fall below zero and sometimes runs long: lognormal by two percentiles."""

    median_s: Annotated[Seconds, Field(gt=0)]
    p90_s: Seconds

    @model_validator(mode="after")
    def _median_comes_before_p90(self) -> Self:
        require_order("median_s", self.median_s, "p90_s", self.p90_s)
        return self


class JourneyRules(CheckedTable):
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


class SceneRules(CheckedTable):
    """Time with the patient, from arrival to leaving or, where nobody is conveyed, being free."""

    conveyed: Duration
    not_conveyed: Duration


class ConveyanceRules(CheckedTable):
    """Who is taken to hospital, and how they are driven there."""

    share: Mapping[Category, Share]
    profile: Mapping[Category, ProfileName]

    @model_validator(mode="after")
    def _every_category_is_there(self) -> Self:
        require_all("share", self.share, Category)
        require_all("profile", self.profile, Category)
        return self


class HospitalRules(CheckedTable):
    """From arrival at the hospital to being free again."""

    handover: Duration
    clearing: Duration


class SimulationRules(CheckedTable):
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
