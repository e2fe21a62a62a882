"""How far weights have moved."""

from collections.abc import Sequence

import numpy as np

from utils.checks import check_list
from utils.messages import refusal


def relative_drift(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """The distance between two states of a layer's weights, relative to the first: ‖after - before‖ / ‖before‖.

    The norm is Euclidean, over all numbers of the layer. The drift is 0 for bit-identical weights, and 1 where the
    change is as large as the weights were.

    Args:
        before: The arrays of the layer.
        after: The same later, in the same order and of the same shapes.

    Raises:
        ValueError: Where the arrays don't match, or all weights were 0 before.
    """
    before, after = _arrays("before", before), _arrays("after", after)
    if len(before) != len(after) or any(a.shape != b.shape for a, b in zip(before, after, strict=True)):
        shapes = " and ".join(str([array.shape for array in arrays]) for arrays in (before, after))
        raise ValueError(f"before, after: shapes {shapes} aren't two states of the same layer")
    squares_before = sum(float(np.sum(np.square(a, dtype="float64"))) for a in before)
    if squares_before == 0:
        raise ValueError("before: all weights are 0, so the drift relative to them isn't defined")
    squares_of_change = sum(
        float(np.sum(np.square(np.subtract(b, a, dtype="float64")))) for a, b in zip(before, after, strict=True)
    )
    return float(np.sqrt(squares_of_change / squares_before))


def drift_or_zero(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """The `relative_drift`, or 0 where all weights were 0 before, so that a curve can be drawn."""
    before = _arrays("before", before)
    return relative_drift(before, after) if any(map(np.any, before)) else 0.0


def _arrays(name, values):
    arrays = [np.asarray(array) for array in check_list(name, values, wanted="give a list of the layer's arrays")]
    for array in arrays:
        if array.dtype.kind not in "fiub":
            raise ValueError(refusal(name, array, "give a list of arrays of numbers"))
    return arrays
