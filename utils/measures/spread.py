"""The mean over several seeds, and its confidence interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit  # lighter than scipy.stats


@dataclass(frozen=True)
class Spread:
    """A mean and its confidence interval, in the unit of the values.

    Attributes:
        mean: The mean.
        half_width: Half the width of the interval.
    """

    mean: float
    half_width: float

    @property
    def clear(self) -> bool:
        """Whether zero lies outside the interval."""
        return abs(self.mean) > self.half_width

    def __str__(self):
        return format(self)

    def __format__(self, specification):
        """The text; "+" in the specification gives the mean a sign, as for a difference."""
        mean = f"{self.mean:+.1f}" if specification == "+" else f"{self.mean:.1f}"
        return f"{'0.0' if mean in ('-0.0', '+0.0') else mean} ± {self.half_width:.1f}"


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Spread:
    """The mean of values from independent seeds, and its interval by Student's t.

    Args:
        values: A value for each seed.
        confidence: The probability that such an interval contains the true mean, between 0 and 1.

    Raises:
        ValueError: For fewer than two values, values that aren't finite, and a confidence outside (0, 1).
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"values: {values.size} given; at least two seeds are needed to speak of a spread.")
    if not np.isfinite(values).all():
        raise ValueError(f"values={values.tolist()} is not allowed: all must be finite numbers.")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence={confidence!r} is not allowed: it must lie between 0 and 1.")
    quantile = stdtrit(len(values) - 1, 0.5 + confidence / 2)  # of Student's t
    return Spread(float(values.mean()), float(quantile * values.std(ddof=1) / np.sqrt(len(values))))
