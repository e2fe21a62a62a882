"""The examples of a task as an array of numbers in the shape that the network takes, or why they can't be."""

import numbers

import numpy as np

from utils.messages import given

from .picture import ENDINGS
from .task_form import MOST_BYTES, held_type

_CHANNELS = (1, 3, 4)  # of pictures: gray, colored, and with transparency
_NOTHING = object()  # None may be among the values
_SHOWN = 40  # characters of a text


def inputs_of(x: np.ndarray, name: str, input_shape: tuple[int, ...] | None) -> np.ndarray:
    """The examples in the type in which they are held. The arguments are those of `task_from`."""
    x = _numbers(x, name)
    check_size(held_bytes(x), name)
    if input_shape is not None:
        if x.ndim == len(input_shape) and input_shape[-1] == 1:
            x = x[..., None]  # gray pictures without an axis for the channel
        check_shape(x, name, input_shape)
    if x.ndim < 2 or not len(x):
        raise ValueError(f"{name}: x has the shape {x.shape}, and (N, ...) is expected, N > 0.")
    x = np.ascontiguousarray(x, held_type(x.dtype))
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise ValueError(f"{name}: x holds a value that isn't a finite number: leave such examples out.")
    return x


def _numbers(x, name):
    if x.dtype.kind in "fiub":
        return x
    others = (value for value in x.flat if not isinstance(value, numbers.Real | np.bool_))
    wrong = next(others, _NOTHING)
    if x.dtype.kind == "O" and wrong is _NOTHING:
        return x.astype(np.float64)  # a table with columns of several types gives objects
    if isinstance(wrong, str | bytes):
        found, remedy = _of_texts(x, wrong)
    elif isinstance(wrong, np.ndarray):
        found, remedy = "an array in each cell", "put them into one, np.stack(x)"
    else:
        found = given(wrong) if x.dtype.kind == "O" else str(x.dtype)
        remedy = "turn it into numbers first, or leave it out"
    raise ValueError(f"{name}: x holds {found}, and numbers are expected: {remedy}.")


def _of_texts(x, example):
    """What is found where numbers are expected, and what to do about it."""
    text = example.decode(errors="replace") if isinstance(example, bytes) else str(example)
    found = f"texts, such as {text[:_SHOWN]!r}"
    if text.lower().endswith(ENDINGS):
        return found, "read these pictures first, such as with pictures_from_folder"
    if _is_number(text):
        return found, "take x.astype('float32')"
    if x.dtype.kind == "O" and x.ndim == 2 and x.shape[1] > 1:
        column = next(i for i in range(x.shape[1]) if any(cell is example for cell in x[:, i]))
        return f"{found} in its column {column} (from 0)", "turn that into numbers first, or leave it out"
    return found, "turn texts into numbers first, such as with keras.layers.TextVectorization"


def _is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def check_shape(x: np.ndarray, name: str, input_shape: tuple[int, ...]) -> None:
    """Check that examples have the shape that the network takes, None in it for any size."""
    if fits(x.shape[1:], input_shape):
        return
    shape = ", ".join("any" if size is None else str(size) for size in input_shape)
    problem = f"{name}: x has the shape {x.shape}, and the network takes (N, {shape}):"
    if x.ndim == 4 and _has_channels_first(x.shape, input_shape):
        raise ValueError(f"{problem} its channels come first, and are expected last; take np.moveaxis(x, 1, -1).")
    if x.ndim == 4 and fits(x.shape[:3], input_shape):
        raise ValueError(f"{problem} its examples come last, and are expected first; take np.moveaxis(x, -1, 0).")
    channels = x.shape[-1] if x.ndim == 4 else 1
    if len(input_shape) == 3 and x.ndim in (3, 4) and channels != input_shape[-1]:
        conversions = {(1, 3): "np.repeat(x if x.ndim == 4 else x[..., None], 3, axis=-1)", (4, 3): "x[..., :3]"}
        default = "x.mean(axis=-1, keepdims=True)" if input_shape[-1] == 1 else "other pictures"
        conversion = conversions.get((channels, input_shape[-1]), default)
        plural = "s" * (channels > 1)
        raise ValueError(f"{problem} {channels} channel{plural} instead of {input_shape[-1]}; take {conversion}.")
    if len(input_shape) == 3 and x.ndim == 4:
        raise ValueError(f"{problem} resize them, keras.ops.image.resize(x, {tuple(input_shape[:2])}).")
    raise ValueError(f"{problem} reshape it, one row per example.")


def fits(sizes: tuple, input_shape: tuple) -> bool:
    """Whether these are the sizes that a network takes; None among either for any."""
    return len(sizes) == len(input_shape) and all(
        a is None or b in (None, a) for a, b in zip(sizes, input_shape, strict=True)
    )


def _has_channels_first(shape, input_shape):
    """Whether pictures are (N, channels, height, width), as PyTorch has them."""
    looks_like_it = len(input_shape) == 3 and shape[1] in _CHANNELS and shape[-1] not in _CHANNELS
    return looks_like_it or fits((*shape[2:], shape[1]), input_shape)


def held_bytes(x: np.ndarray) -> int:
    """The bytes that examples take as they are held."""
    return x.size * held_type(x.dtype).itemsize


def check_size(size: int, name: str, fewer: str = "give fewer or smaller ones") -> None:
    """Check that examples of this many bytes fit into memory; `fewer` says what to do where they don't."""
    if size > MOST_BYTES:
        raise ValueError(
            f"{name}: the examples are more than {MOST_BYTES // 1_000_000} MB as they are held, in uint8 (a byte for "
            f"a number) or float32 (four): {fewer}, or pictures in uint8."
        )
