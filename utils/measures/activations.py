"""What every unit of a network in the plane says at given points."""

import numpy as np


def activations(weights: dict[str, list[np.ndarray]], points: np.ndarray) -> dict[str, np.ndarray]:
    """The outputs of every layer of a `small_mlp`, from its weights alone, in plain numpy: a few points cost nothing.

    weights: kernel and bias by layer, as a snapshot of the model holds them; of a standardized head the mean and the
    deviation of what it sees behind them. points: (N, 2).
    Gives (N, units) by layer: between -1 and 1 for the blocks (and the expansion, where there is one), logits for the
    heads.
    """
    heads = "old_head", "new_head"
    said, seen = {}, points
    for name, values in weights.items():
        if name not in (*heads, "expansion"):
            kernel, bias = values
            before, seen = seen, np.tanh(seen @ kernel + bias)
            said[name] = seen
    wide = seen
    if "expansion" in weights:
        kernel, bias = weights["expansion"]
        said["expansion"] = np.tanh(before @ kernel + bias)
        wide = np.concatenate([seen, said["expansion"]], axis=1)
    for name, features in zip(heads, (seen, wide), strict=True):
        if name in weights:
            kernel, bias, *scale = weights[name]
            mean, deviation = scale or (0, 1)
            said[name] = (features - mean) / deviation @ kernel + bias
    return said
