"""Checks of what a loss is computed from, made where the loss is traced: an update costs no more for them."""

from __future__ import annotations

from utils.frameworks import tf
from utils.messages import given


def check_floats(name: str, value, axes: int | None = None) -> tf.Tensor:
    """The value as a tensor of floats with this many axes, none of them empty; None for any axes."""
    tensor = _tensor(value)
    fits = tensor is not None and tensor.dtype.is_floating and tensor.shape.rank is not None
    if not fits or (axes is not None and (tensor.shape.rank != axes or 0 in tensor.shape)):
        form = "floats" if axes is None else f"floats with {axes} axes"
        raise ValueError(f"{name}={given(value)} is not allowed: give {form}{_shape(tensor)}.")
    return tensor


def check_labels(name: str, value, logits: tf.Tensor) -> tf.Tensor:
    """The value as a tensor of whole numbers, one for each row of the logits."""
    tensor = _tensor(value)
    if tensor is None or not tensor.dtype.is_integer or not tensor.shape.is_compatible_with(logits.shape[:1]):
        raise ValueError(f"{name}={given(value)} is not allowed: give a whole number for each row of {logits.shape}.")
    return tensor


def check_alike(name: str, value, other: tf.Tensor) -> tf.Tensor:
    """The value as a tensor of the same shape and type as another one."""
    tensor = _tensor(value)
    if tensor is None or tensor.dtype != other.dtype or not tensor.shape.is_compatible_with(other.shape):
        wanted = f"give {other.dtype.name} of the shape {other.shape}"
        raise ValueError(f"{name}={given(value)} is not allowed{_shape(tensor)}: {wanted}.")
    return tensor


def _shape(tensor):
    return "" if tensor is None else f" (shape {tensor.shape}, {tensor.dtype.name})"


def _tensor(value):
    try:
        return tf.convert_to_tensor(value)
    except Exception:  # of TensorFlow, for what can't become a tensor
        return None
