"""How far weights have moved."""

from collections.abc import Sequence

import numpy as np


def relative_drift(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """The distance between two states of a layer's weights, as a part of the first: ‖after - before‖ / ‖before‖.

    before, after: the arrays of one layer, in the same order and of the same shapes. The norm is Euclidean, over
    all numbers of the layer. 0 for bit-identical weights; 1 says: moved as far as the layer was long.
    Raises a ValueError where the arrays don't match or all weights were 0 before.
    """
    if len(before) != len(after) or any(a.shape != b.shape for a, b in zip(before, after, strict=True)):
        raise ValueError("before, after: these aren't two states of the same layer")
    length = sum(float(np.sum(np.square(a, dtype="float64"))) for a in before)
    if length == 0:
        raise ValueError("before: all weights are 0, so no drift can be told relative to them")
    moved = sum(
        float(np.sum(np.square(np.subtract(b, a, dtype="float64")))) for a, b in zip(before, after, strict=True)
    )
    return float(np.sqrt(moved / length))


def drift_or_zero(before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> float:
    """The `relative_drift`, and 0 where all weights were 0 before: a curve has no place for a part of nothing."""
    return relative_drift(before, after) if any(map(np.any, before)) else 0.0
