"""What an analyst may set about a crew's day, and what is refused."""

from importlib.resources import files
from pathlib import Path

import pytest
from scipy.stats import lognorm

from app.replay.errors import ReplayError
from app.replay.simulation_rules import load_rules

PACKAGED = (files("app.replay") / "simulation.toml").read_text(encoding="utf-8")


def test_the_packaged_handovers_take_as_long_as_the_source_says() -> None:
    handover = load_rules().hospital.handover
    times = lognorm(s=1.1393, scale=handover.median_s)
    assert times.ppf(0.9) == pytest.approx(handover.p90_s, rel=0.001)
    assert times.sf(1800) == pytest.approx(0.15, abs=0.001)
    assert times.sf(3600) == pytest.approx(0.05, abs=0.001)


FAULTS = {
    "median_s (2100) must not exceed p90_s (36)": ("p90_s = 3600", "p90_s = 36"),
    "scene.conveyed.median_s is 0": ("median_s = 2100", "median_s = 0"),
    "share lacks C4": ("C4 = 0.6\n", ""),
    "conveyance.share.C1 is 1.6": ("C1 = 0.6", "C1 = 1.6"),
    "journeys.vary is 'yes'": ("vary = true", 'vary = "yes"'),
    "scene.loading": ("[scene.conveyed]", "[scene.loading]\nmedian_s = 1\n\n[scene.conveyed]"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_wrong_value_is_named_with_its_key(fault: str, tmp_path: Path) -> None:
    old, new = FAULTS[fault]
    assert old in PACKAGED
    path = tmp_path / "own.toml"
    path.write_text(PACKAGED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ReplayError) as raised:
        load_rules(path)
    assert fault in str(raised.value)


def test_a_file_that_is_missing_or_not_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="cannot be read"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("median")
    with pytest.raises(ReplayError, match="not TOML"):
        load_rules(tmp_path / "bad.toml")
