"""The mean over several seeds, and its confidence interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from utils.checks import check_array, check_number
from utils.messages import refusal


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


_LEAST = "at least two seeds are needed to speak of a spread"


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Spread:
    """The mean of values from independent seeds, and its interval by Student's t.

    Args:
        values: A value for each seed.
        confidence: The probability that such an interval contains the true mean, between 0 and 1.

    Raises:
        ValueError: For fewer than two values, values that aren't finite, and a confidence outside (0, 1).
    """
    array = check_array("values", values, 1, as_type=float, wanted=f"give a value for each, {_LEAST}")
    if len(array) < 2:
        raise ValueError(refusal("values", values, _LEAST))
    values = array
    if not np.isfinite(values).all():
        raise ValueError(f"values={values.tolist()} is not allowed: all must be finite numbers.")
    wanted = "it must lie between 0 and 1"
    confidence = check_number("confidence", confidence, np.nextafter(0, 1), np.nextafter(1, 0), wanted)
    from scipy.special import stdtrit  # lighter than scipy.stats; still too heavy to import where nobody needs it

    quantile = stdtrit(len(values) - 1, 0.5 + confidence / 2)  # of Student's t
    return Spread(float(values.mean()), float(quantile * values.std(ddof=1) / np.sqrt(len(values))))
