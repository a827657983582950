"""How near predicted arrivals come to measured ones."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.replay.histogram import Histogram, in_thousandths
from app.replay.local_time import HOURS_PER_DAY

FloatArray = NDArray[np.float64]
LongArray = NDArray[np.int64]

ERROR_BIN_S: Final = 30
BAND_S: Final = 60
FEW_JOURNEYS: Final = 30
"""Shares of fewer journeys say too little to judge predictions by (assumption)."""

BANDS: Final = 30
"""Journeys predicted to take longer than `BANDS` times `BAND_S` count in the last band."""

_SHIFT_S: Final = 86_400
"""Added to errors, which may be negative, before they are counted."""


@dataclass(frozen=True, slots=True)
class ErrorBin:
    """Journeys whose error lies above `from_s`, up to `to_s`."""

    from_s: int
    to_s: int
    n: int


@dataclass(frozen=True, slots=True)
class HourErrors:
    """Errors of the journeys begun in one hour of London's day; None without journeys."""

    hour: int
    n: int
    bias_s: float | None
    mean_absolute_s: float | None
    quarter_s: int | None
    median_s: int | None
    three_quarters_s: int | None


@dataclass(frozen=True, slots=True)
class EtaBand:
    """What journeys took that were predicted to take above `from_s`, up to `to_s`."""

    from_s: int
    to_s: int
    n: int
    observed_p10_s: int
    observed_median_s: int
    observed_p90_s: int
    predicted_p90_s: float


@dataclass(frozen=True, slots=True)
class EtaAccuracy:
    """Measured against predicted times from being sent to arrival.

    Attributes
    ----------
    bias_s
        Mean error; an error is measured minus predicted, above 0 where the journey took longer.
    mean_absolute_s, median_error_s
        Mean size of the errors, and the error in the middle.
    within_eta_share, within_p90_share
        Shares that arrived within the predicted time (half should), and within the predicted
        90th percentile (nine in ten should).
    """

    n: int
    observed_mean_s: float
    predicted_mean_s: float
    bias_s: float
    median_error_s: int
    mean_absolute_s: float
    within_eta_share: float
    within_p90_share: float
    errors: tuple[ErrorBin, ...]
    by_hour: tuple[HourErrors, ...]
    by_eta: tuple[EtaBand, ...]


class _Errors:
    """Signed errors, counted by whole second."""

    def __init__(self) -> None:
        self._shifted = Histogram()
        self._sizes = Histogram()

    def add(self, errors_s: FloatArray) -> None:
        self._shifted.add(np.clip(errors_s + _SHIFT_S, 0, None))
        self._sizes.add(np.abs(errors_s))

    @property
    def n(self) -> int:
        return self._sizes.n

    def bias_s(self) -> float:
        mean = self._shifted.distribution().mean
        assert mean is not None
        return round(mean - _SHIFT_S, 3)

    def mean_absolute_s(self) -> float:
        mean = self._sizes.distribution().mean
        assert mean is not None
        return mean

    def quantile_s(self, part: int, of: int) -> int:
        return self._shifted.quantile(part, of) - _SHIFT_S

    def bins(self) -> tuple[ErrorBin, ...]:
        counts = self._shifted.binned(ERROR_BIN_S)
        begins = (i * ERROR_BIN_S - _SHIFT_S for i in range(len(counts)))
        filled = [i for i, n in enumerate(counts) if n]
        first, last = filled[0], filled[-1]
        return tuple(
            ErrorBin(begin, begin + ERROR_BIN_S, n)
            for i, (begin, n) in enumerate(zip(begins, counts, strict=True))
            if first <= i <= last
        )

    def of_hour(self, hour: int) -> HourErrors:
        if self.n == 0:
            return HourErrors(hour, 0, None, None, None, None, None)
        quarters = (self.quantile_s(part, 4) for part in (1, 2, 3))
        return HourErrors(hour, self.n, self.bias_s(), self.mean_absolute_s(), *quarters)


class AccuracyTally:
    """Collects predicted and measured journeys, in any order and in any portions."""

    def __init__(self) -> None:
        self._errors = _Errors()
        self._observed = Histogram()
        self._predicted = Histogram()
        self._by_hour = [_Errors() for _ in range(HOURS_PER_DAY)]
        self._by_eta = [(Histogram(), Histogram()) for _ in range(BANDS)]
        self._within_eta = 0
        self._within_p90 = 0

    def add(
        self, observed_s: FloatArray, eta_s: FloatArray, eta_p90_s: FloatArray, hour: LongArray
    ) -> None:
        """Count journeys; one with any time that is not a number is left out.

        Parameters
        ----------
        observed_s, eta_s, eta_p90_s
            Measured and predicted seconds from being sent to arrival.
        hour
            Of London's day, 0 to 23.
        """
        known = np.isfinite(observed_s) & np.isfinite(eta_s) & np.isfinite(eta_p90_s)
        observed_s, eta_s, eta_p90_s = observed_s[known], eta_s[known], eta_p90_s[known]
        error_s = observed_s - eta_s
        self._errors.add(error_s)
        self._observed.add(observed_s)
        self._predicted.add(eta_s)
        self._within_eta += int((observed_s <= eta_s).sum())
        self._within_p90 += int((observed_s <= eta_p90_s).sum())
        for each in np.unique(hour[known]):
            self._by_hour[each].add(error_s[hour[known] == each])
        band = np.clip(-(-in_thousandths(eta_s) // (1000 * BAND_S)) - 1, 0, BANDS - 1)
        for each in np.unique(band):
            observed, p90 = self._by_eta[each]
            observed.add(observed_s[band == each])
            p90.add(eta_p90_s[band == each])

    def accuracy(self) -> EtaAccuracy | None:
        """Sum up; None without a journey."""
        n = self._errors.n
        if n == 0:
            return None
        return EtaAccuracy(
            n=n,
            observed_mean_s=_mean(self._observed),
            predicted_mean_s=_mean(self._predicted),
            bias_s=self._errors.bias_s(),
            median_error_s=self._errors.quantile_s(1, 2),
            mean_absolute_s=self._errors.mean_absolute_s(),
            within_eta_share=round(self._within_eta / n, 6),
            within_p90_share=round(self._within_p90 / n, 6),
            errors=self._errors.bins(),
            by_hour=tuple(errors.of_hour(hour) for hour, errors in enumerate(self._by_hour)),
            by_eta=tuple(
                _band(number, observed, p90)
                for number, (observed, p90) in enumerate(self._by_eta)
                if observed.n
            ),
        )


def _band(number: int, observed: Histogram, predicted_p90: Histogram) -> EtaBand:
    return EtaBand(
        from_s=number * BAND_S,
        to_s=(number + 1) * BAND_S,
        n=observed.n,
        observed_p10_s=observed.quantile(1, 10),
        observed_median_s=observed.quantile(1, 2),
        observed_p90_s=observed.quantile(9, 10),
        predicted_p90_s=_mean(predicted_p90),
    )


def _mean(values: Histogram) -> float:
    mean = values.distribution().mean
    assert mean is not None
    return mean
