"""A network's outputs for many inputs, computed in batches."""

from collections.abc import Callable

import keras
import numpy as np


def outputs_of(model: keras.Model, x: np.ndarray, batch_size: int = 32, progress: Callable = iter) -> np.ndarray:
    """The model's outputs (N, ...) for inputs (N, ...), as at inference.

    The same as `model.predict(x)`, with some 80 MB less: no pipeline is built, and each batch has the same size, the
    last one filled up.

    Args:
        model: The model.
        x: The inputs.
        batch_size: Inputs per batch.
        progress: Wraps the list of batches, such as `utils.show_progress`.

    Raises:
        ValueError: For no inputs at all.
    """
    if len(x) == 0:
        raise ValueError("x is empty: give one input or more.")
    outputs = []
    for start in progress(range(0, len(x), batch_size)):
        batch = x[start : start + batch_size]
        full_batch = np.concatenate([batch, np.repeat(batch[-1:], batch_size - len(batch), axis=0)])
        outputs.append(keras.ops.convert_to_numpy(model.predict_on_batch(full_batch))[: len(batch)])
    return np.concatenate(outputs)
