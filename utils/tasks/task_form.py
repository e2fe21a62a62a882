"""The form of a task's arrays."""

import numpy as np

from utils.checks import check_array, check_list, check_number, check_unmasked
from utils.messages import refusal

MOST_BYTES = 400_000_000  # of a task's examples as they are held: four bytes for a number in float32, one in uint8
_PARTS_WANTED = "give three lists of positions, for training, validation and test"


def check_parts(parts, count: int) -> list[np.ndarray]:
    """The positions of the images of each part, as arrays, if there are three parts of these `count` images."""
    checked = []
    for part in check_list("parts", parts, wanted=_PARTS_WANTED):
        rows = check_array("parts", part, 1, kinds="iu", wanted=_PARTS_WANTED)
        if rows.min() < 0 or rows.max() >= count:
            raise ValueError(f"parts holds {rows.min()} to {rows.max()}, which is not allowed: 0 to {count - 1}.")
        checked.append(rows)
    if len(checked) != 3:
        raise ValueError(refusal("parts", parts, _PARTS_WANTED))
    return checked


def check_range(values) -> tuple[float, float]:
    """The smallest and the largest value of an image."""
    wanted = "give the smallest and the largest value, such as (0.0, 1.0)"
    limits = [check_number("values", value, wanted=wanted) for value in check_list("values", values, wanted=wanted)]
    if len(limits) != 2 or limits[0] > limits[1]:
        raise ValueError(refusal("values", values, wanted))
    return limits[0], limits[1]


def held_type(given: np.dtype) -> np.dtype:
    """The type in which examples are held: uint8 stays, as pictures come in files; all else becomes float32."""
    return np.dtype(np.uint8 if given == np.uint8 else np.float32)


def as_floats(x: np.ndarray) -> np.ndarray:
    """Examples as numbers to compute with: float32 of the same values, as a network gets them."""
    return np.asarray(x, np.float32)


def check_inputs(field: str, x, reference: np.ndarray, values: tuple[float, float]) -> None:
    """Check that x is (N, ...) of a type that is held, has examples like those in `reference`, and images in range."""
    check_unmasked(field, x)
    if not isinstance(x, np.ndarray) or x.dtype != held_type(x.dtype):
        raise ValueError(f"{field} is {_kind(x)}, which is not allowed: give a float32 or uint8 array.")
    if x.dtype != reference.dtype:
        raise ValueError(f"{field} is {_kind(x)}, and x_train {_kind(reference)}: give all parts in one type.")
    if x.ndim < 2 or len(x) == 0 or x.shape[1:] != reference.shape[1:]:
        raise ValueError(f"{field} has shape {x.shape}, which is not allowed: give (N, {_rest(reference)}), N > 0.")
    least, most = values
    if x.ndim == 4 and not (x.min() >= least and x.max() <= most):
        allowed = f"{least:g} to {most:g} for images"
        raise ValueError(f"{field} has values {x.min()} to {x.max()}, which is not allowed: {allowed}.")


def check_labels(field: str, y, examples: int, classes: int) -> None:
    """Check that y is int32 (N,), with a class of each example."""
    check_unmasked(field, y)
    if not isinstance(y, np.ndarray) or y.dtype != np.int32:
        raise ValueError(f"{field} is {_kind(y)}, which is not allowed: give an int32 array.")
    if y.shape != (examples,):
        raise ValueError(f"{field} has shape {y.shape}, which is not allowed: give ({examples},).")
    if y.min() < 0 or y.max() >= classes:
        raise ValueError(f"{field} has values {y.min()} to {y.max()}, which is not allowed: 0 to {classes - 1}.")


def _rest(array) -> str:
    return ", ".join(map(str, array.shape[1:])) or "features"


def _kind(value) -> str:
    return f"an array of {value.dtype}" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
