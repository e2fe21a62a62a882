"""Which of two is better, seed by seed, and what changes where many such questions are asked at once."""

from collections.abc import Sequence

import numpy as np

from utils.checks import check_array
from utils.measures.spread import Spread, mean_interval
from utils.messages import refusal


def paired_difference(better: Sequence[float], worse: Sequence[float], confidence: float = 0.95) -> Spread:
    """The mean of the differences, better minus worse, of runs with the same seeds, and its interval by Student's t.

    Args:
        better: A value for each seed.
        worse: A value for each of the same seeds, in the same order.
        confidence: The probability that such an interval contains the true mean, between 0 and 1.

    Raises:
        ValueError: For numbers of values that differ, fewer than two, or values that aren't finite.
    """
    return mean_interval(_differences(better, worse), confidence)


def paired_p_value(better: Sequence[float], worse: Sequence[float]) -> float:
    """The two-sided p value of the paired t test: how likely so large a mean difference is where there is none.

    Where all differences are equal, it is 0, or 1 if they are all 0.

    Args:
        better: As in `paired_difference`.
        worse: As there.

    Raises:
        ValueError: As there.
    """
    differences = _differences(better, worse)
    mean_interval(differences)  # checks them
    mean, error = differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))
    if error == 0:
        return float(mean == 0)
    from scipy.special import stdtr  # only here, and lighter than scipy.stats

    return float(2 * stdtr(len(differences) - 1, -abs(mean / error)))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """The p values of many comparisons, corrected so that together they err as rarely as one (Holm 1979).

    Call those up to 0.05 clear. Then the probability that chance alone makes any of them so is at most 5%, however the
    comparisons depend on each other.

    Args:
        p_values: A p value for each comparison, from 0 to 1.

    Returns:
        The corrected p values in the same order, (N,).

    Raises:
        ValueError: For values that aren't from 0 to 1.
    """
    values = check_array("p_values", p_values, 1, as_type=float, wanted="give a list of p values")
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(refusal("p_values", p_values, "each must be from 0 to 1"))
    order = np.argsort(values, kind="stable")
    factors = np.arange(len(values), 0, -1)  # the smallest is multiplied by the number of all, the next by one fewer
    corrected = np.empty_like(values)
    corrected[order] = np.minimum(1, np.maximum.accumulate(factors * values[order]))
    return corrected


def _differences(better, worse):
    wanted = "give a value for each seed"
    arrays = [
        check_array(name, values, 1, as_type=float, wanted=wanted)
        for name, values in (("better", better), ("worse", worse))
    ]
    if len(arrays[0]) != len(arrays[1]):
        raise ValueError(f"better has {len(arrays[0])} values, worse {len(arrays[1])}: give one of each for each seed.")
    return arrays[0] - arrays[1]
