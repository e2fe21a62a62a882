"""The output of every unit of a network in the plane at given points."""

import numpy as np

from utils.checks import check_array, check_weights

_HEADS = "old_head", "new_head"


def activations(weights: dict[str, list[np.ndarray]], points: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of every layer of a `small_mlp` without added layers, from its weights alone, in plain NumPy.

    Args:
        weights: Kernel and bias by layer, as in a snapshot of the model; for a standardized head also the mean and the
            deviation of its features.
        points: (N, 2).

    Returns:
        (N, units) by layer: from -1 to 1 for the blocks, logits for the heads.
    """
    check_weights("weights", weights)
    outputs, features = {}, check_array("points", points, 2)
    if features.shape[1] != 2:
        raise ValueError(f"points have the shape {features.shape}, which is not allowed: give (N, 2).")
    for name, values in weights.items():
        if name not in _HEADS:
            kernel, bias = _fitting(name, values, features)
            outputs[name] = features = np.tanh(features @ kernel + bias)
    for name in _HEADS:
        if name in weights:
            kernel, bias, *scale = _fitting(name, weights[name], features)
            mean, deviation = scale or (0, 1)
            outputs[name] = (features - mean) / deviation @ kernel + bias
    return outputs


def _fitting(name, arrays, features):
    """The arrays of a layer, if they begin with a kernel for features of this width, and its bias."""
    shapes = [array.shape for array in arrays]
    width = features.shape[-1]
    if len(shapes) < 2 or len(shapes[0]) != 2 or shapes[0][0] != width or shapes[1] != shapes[0][1:]:
        raise ValueError(f"weights: {name!r} has arrays of the shapes {shapes}: begin with a kernel ({width}, units).")
    return arrays
