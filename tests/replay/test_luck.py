"""Random numbers that belong to calls."""

import numpy as np
import pytest
from scipy.stats import kstest, pearsonr

from app.replay.luck import Luck, drawn_s
from app.replay.simulation_rules import Duration

MANY = [Luck.of(7, f"CAD-{number}") for number in range(4000)]


def test_luck_is_a_matter_of_seed_and_call_alone_on_every_machine() -> None:
    assert Luck.of(1, "CAD-1") == Luck.of(1, "CAD-1")
    assert Luck.of(1, "CAD-1") != Luck.of(2, "CAD-1") != Luck.of(2, "CAD-2")
    # Written down once: another number here means that every published result has changed.
    assert Luck.of(1, "CAD-1").drive == pytest.approx(1.516574968660631, abs=1e-12)
    assert Luck.of(1, "CAD-1").conveyed == pytest.approx(0.43790224462185956, abs=1e-12)


@pytest.mark.parametrize("name", [one for one in Luck.__slots__ if one != "conveyed"])
def test_deviates_are_standard_normal(name: str) -> None:
    assert kstest([getattr(luck, name) for luck in MANY], "norm").pvalue > 0.001


def test_whether_a_patient_is_conveyed_is_uniform_and_independent_of_the_drive() -> None:
    conveyed = [luck.conveyed for luck in MANY]
    assert kstest(conveyed, "uniform").pvalue > 0.001
    assert abs(pearsonr(conveyed, [luck.drive for luck in MANY]).statistic) < 0.06


def test_a_duration_has_the_median_and_the_90th_percentile_it_is_given() -> None:
    handover = Duration(median_s=600, p90_s=1800)
    drawn = [drawn_s(handover, luck.handover) for luck in MANY]
    assert np.median(drawn) == pytest.approx(600, rel=0.06)
    assert np.percentile(drawn, 90) == pytest.approx(1800, rel=0.08)
    always = Duration(median_s=600, p90_s=600)
    assert {drawn_s(always, luck.handover) for luck in MANY[:10]} == {600.0}
