"""The output of every unit of a network in the plane at given points."""

import numpy as np


def activations(weights: dict[str, list[np.ndarray]], points: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of every layer of a `small_mlp`, from its weights alone, in plain NumPy.

    Args:
        weights: Kernel and bias by layer, as in a snapshot of the model; for a standardized head also the mean and the
            deviation of its features.
        points: (N, 2).

    Returns:
        (N, units) by layer: from -1 to 1 for the blocks and the expansion, if there is one, logits for the heads.
    """
    heads = "old_head", "new_head"
    outputs, features = {}, points
    for name, values in weights.items():
        if name not in (*heads, "expansion"):
            kernel, bias = values
            before, features = features, np.tanh(features @ kernel + bias)
            outputs[name] = features
    expanded = features
    if "expansion" in weights:
        kernel, bias = weights["expansion"]
        outputs["expansion"] = np.tanh(before @ kernel + bias)
        expanded = np.concatenate([features, outputs["expansion"]], axis=1)
    for name, inputs in zip(heads, (features, expanded), strict=True):
        if name in weights:
            kernel, bias, *scale = weights[name]
            mean, deviation = scale or (0, 1)
            outputs[name] = (inputs - mean) / deviation @ kernel + bias
    return outputs
