"""The output of every unit of a network in the plane at given points."""

import numpy as np

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
    outputs, features = {}, points
    for name, values in weights.items():
        if name not in _HEADS:
            kernel, bias = values
            outputs[name] = features = np.tanh(features @ kernel + bias)
    for name in _HEADS:
        if name in weights:
            kernel, bias, *scale = weights[name]
            mean, deviation = scale or (0, 1)
            outputs[name] = (features - mean) / deviation @ kernel + bias
    return outputs
