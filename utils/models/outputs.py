"""A network's outputs for many inputs, computed in batches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from utils.checks import check_array, check_kind, check_whole_number, wrapped
from utils.frameworks import keras


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
        ValueError: For no inputs at all, and for inputs of another shape than the model's.
    """
    check_kind("model", model, keras.Model, "give a keras.Model")
    x, batch_size = check_array("x", x), check_whole_number("batch_size", batch_size, 1)
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and not _takes(shape[1:], x.shape[1:]):
        raise ValueError(f"x has the shape {x.shape}, which is not allowed: the model takes {shape}.")
    outputs, batch_size = [], min(batch_size, len(x))
    for start in wrapped(progress, range(0, len(x), batch_size)):
        batch = x[start : start + batch_size]
        full_batch = np.concatenate([batch, np.repeat(batch[-1:], batch_size - len(batch), axis=0)])
        outputs.append(keras.ops.convert_to_numpy(model.predict_on_batch(full_batch))[: len(batch)])
    return np.concatenate(outputs)


def _takes(shape, given):
    """Whether a model takes examples of this shape: as Keras does, with an axis of 1 at the end more or less, too."""
    forms = [given, (*given, 1)] + ([given[:-1]] if given and given[-1] == 1 else [])
    return any(
        len(form) == len(shape) and all(a in (None, b) for a, b in zip(shape, form, strict=True)) for form in forms
    )
