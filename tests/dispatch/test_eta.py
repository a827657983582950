import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dispatch.eta import Z_P90, ArrivalTimes, lognormal_sigma

SAMPLES = 400_000


def times(
    mobilisation_s: float,
    mobilisation_p90_s: float,
    drive_s: float,
    access_s: float = 0.0,
    sigma: float = 0.3,
    stopping_s: float = 0.0,
    stopping_sd_s: float = 0.0,
) -> ArrivalTimes:
    return ArrivalTimes.of_parts(
        mobilisation_s=np.array([mobilisation_s]),
        mobilisation_p90_s=np.array([mobilisation_p90_s]),
        drive_s=np.array([drive_s]),
        drive_sigma=sigma,
        stopping_s=stopping_s,
        stopping_sd_s=stopping_sd_s,
        access_s=np.array([access_s]),
    )


STOPPING_S, STOPPING_SD_S = 60.0, 50.0


def drawn(
    mobilisation_s: float, mobilisation_p90_s: float, drive_s: float, access_s: float, sigma: float
) -> np.ndarray:
    """Arrival times sampled from the model itself, part by part."""
    rng = np.random.default_rng(7)
    turnout_sigma = float(
        lognormal_sigma(np.array([mobilisation_s]), np.array([mobilisation_p90_s]))[0]
    )
    turnout = mobilisation_s * np.exp(turnout_sigma * rng.standard_normal(SAMPLES))
    drive = drive_s * np.exp(sigma * rng.standard_normal(SAMPLES))
    spread = 1 + (STOPPING_SD_S / STOPPING_S) ** 2
    stopping = rng.lognormal(np.log(STOPPING_S / np.sqrt(spread)), np.sqrt(np.log(spread)), SAMPLES)
    return access_s + turnout + drive + stopping


@pytest.mark.parametrize(
    "parts",
    [
        (60.0, 120.0, 360.0, 6.0, 0.3),
        (60.0, 120.0, 120.0, 0.0, 0.3),
        (20.0, 45.0, 700.0, 30.0, 0.3),
        (60.0, 120.0, 400.0, 0.0, 0.41),
        (0.0, 0.0, 500.0, 10.0, 0.3),
    ],
)
def test_percentiles_and_chances_agree_with_sampling(
    parts: tuple[float, float, float, float, float],
) -> None:
    samples = drawn(*parts)
    model = times(*parts, stopping_s=STOPPING_S, stopping_sd_s=STOPPING_SD_S)
    assert model.p90_s()[0] == pytest.approx(np.percentile(samples, 90), rel=0.02)
    for limit_s in np.percentile(samples, [25, 50, 75, 90, 99]):
        assert model.chance_within(limit_s)[0] == pytest.approx(
            (samples <= limit_s).mean(), abs=0.015
        )


def test_the_median_of_the_sum_is_a_little_above_the_sum_of_medians() -> None:
    samples = drawn(60.0, 120.0, 360.0, 0.0, 0.3)
    model = times(60.0, 120.0, 360.0, stopping_s=STOPPING_S, stopping_sd_s=STOPPING_SD_S)
    assert 1.0 < np.median(samples) / 480.0 < 1.03
    assert 0.4 < model.chance_within(480.0)[0] < 0.5


def test_a_moving_vehicle_is_exactly_lognormal() -> None:
    alone = times(0.0, 0.0, 300.0, access_s=20.0)
    assert alone.p90_s()[0] == pytest.approx(20.0 + 300.0 * np.exp(0.3 * Z_P90))
    assert alone.chance_within(320.0)[0] == pytest.approx(0.5)


def test_a_vehicle_already_there_has_arrived() -> None:
    there = times(0.0, 0.0, 0.0, access_s=5.0)
    assert there.p90_s()[0] == 5.0
    assert there.chance_within([4.9, 5.0]).tolist() == [0.0, 1.0]


def test_no_time_left_is_no_chance() -> None:
    assert times(60.0, 120.0, 300.0).chance_within([0.0, -50.0]).tolist() == [0.0, 0.0]


def test_mobilisation_that_is_sure_adds_no_spread() -> None:
    sure = times(60.0, 60.0, 0.0)
    assert sure.p90_s()[0] == pytest.approx(60.0)
    assert sure.chance_within([59.9, 60.1]).tolist() == [0.0, 1.0]


seconds = st.floats(0, 10_000)


@given(
    mobilisation_s=st.floats(0.001, 600),
    stretch=st.floats(1, 4),
    drive_s=seconds,
    access_s=st.floats(0, 600),
    sigma=st.floats(0.05, 1.0),
    stopping_s=st.floats(0, 120),
    stopping_spread=st.floats(0, 1),
    limits_s=st.lists(st.floats(-100, 40_000), min_size=2, max_size=8),
)
def test_percentiles_never_fall_and_chances_stay_chances(
    mobilisation_s: float,
    stretch: float,
    drive_s: float,
    access_s: float,
    sigma: float,
    stopping_s: float,
    stopping_spread: float,
    limits_s: list[float],
) -> None:
    model = times(
        mobilisation_s,
        mobilisation_s * stretch,
        drive_s,
        access_s,
        sigma,
        stopping_s,
        stopping_s * stopping_spread,
    )
    parts_s = mobilisation_s + drive_s + stopping_s + access_s
    assert model.p90_s()[0] >= parts_s * (1 - 1e-9)
    chances = model.chance_within(np.sort(limits_s))
    assert ((chances >= 0) & (chances <= 1)).all()
    assert (np.diff(chances) >= 0).all()


@given(drive_s=st.floats(1, 5_000), longer_s=st.floats(0, 5_000), limit_s=st.floats(1, 10_000))
def test_a_longer_drive_never_has_the_better_chance_beyond_rounding_of_the_tail(
    drive_s: float, longer_s: float, limit_s: float
) -> None:
    near = times(60.0, 120.0, drive_s).chance_within(limit_s)[0]
    far = times(60.0, 120.0, drive_s + longer_s).chance_within(limit_s)[0]
    assert far <= near + 0.001
