"""Checks of arguments: each error names the argument, says what was given, and what is allowed.

They are for what a reader or another program hands over. Inside, the project passes on what has been checked.
"""

import inspect
import math
import numbers
import os
from collections.abc import Callable, Iterable, Mapping, Sized
from pathlib import Path

import numpy as np

from utils.messages import given, nearest, refusal

_KINDS = {"iu": "whole numbers", "u": "whole numbers from 0 (unsigned)", "b": "booleans"}
_LEAST_PIXELS, _MOST_PIXELS = 100, 10_000  # of a figure, each way: on less there is no room beside its labels


def check_kind(name: str, value, kinds: type | tuple[type, ...], wanted: str, error: type[Exception] = ValueError):
    """The value, if it is of one of these classes; `wanted` completes "name=value is not allowed: "."""
    if not isinstance(value, kinds):
        raise error(refusal(name, value, wanted))
    return value


def check_text(name: str, value, error: type[Exception] = ValueError) -> str:
    """The value, if it is a text."""
    return check_kind(name, value, str, "give a text", error)


def check_flag(name: str, value, error: type[Exception] = ValueError) -> bool:
    """The value as a bool, if it is one, of Python's or NumPy's."""
    return bool(check_kind(name, value, (bool, np.bool_), "it must be True or False", error))


def check_function(name: str, value, arguments: int | None = None) -> Callable:
    """The value, if it can be called, with this many arguments where that is known of it."""
    if not callable(value):
        raise ValueError(refusal(name, value, "give a function"))
    if arguments is not None and not _takes(value, arguments):
        raise ValueError(refusal(name, value, f"give a function of {arguments} argument{'s' * (arguments != 1)}"))
    return value


def _takes(function, arguments):
    try:
        inspect.signature(function).bind(*[None] * arguments)
    except ValueError:  # a function of C without a signature, such as iter
        return True
    except TypeError:
        return False
    return True


def check_one_of(name: str, value, allowed: Iterable[str], error: type[Exception] = ValueError) -> str:
    """The value, if it is one of these texts; the error has the one that was probably meant."""
    allowed = list(allowed)
    if not isinstance(value, str) or value not in allowed:
        message = refusal(name, value, f"it must be one of {', '.join(map(repr, allowed))}")
        raise error(message + nearest(value, allowed))
    return value


def check_whole_number(
    name: str, value, least: int = 0, most: int | None = None, wanted: str = "", error: type[Exception] = ValueError
) -> int:
    """The value as an int, if it is a whole number from `least` to `most`, Python's or NumPy's. True doesn't count."""
    value = _scalar(value)
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_)
    if not whole or value < least or (most is not None and value > most):
        up_to = "" if most is None else f" to {most:,}"
        raise error(refusal(name, value, wanted or f"it must be a whole number from {least}{up_to}"))
    return int(value)


def _scalar(value):
    """A number for an array or a tensor without axes; anything else as it is."""
    return np.asarray(value)[()] if getattr(value, "shape", None) == () and hasattr(value, "__array__") else value


def check_seed(name: str, value) -> int:
    """The value as an int, if a random generator can begin with it."""
    return check_whole_number(name, value, 0, 2**31 - 1)


def check_float(name: str, value) -> float:
    """The value as a float, which may be NaN or infinite, if it is a number."""
    try:
        return float(check_kind(name, _scalar(value), numbers.Real, "give a number"))
    except OverflowError:
        raise ValueError(refusal(name, value, "give a number that a float can hold")) from None


def check_number(
    name: str, value, least: float = -math.inf, most: float = math.inf, wanted: str = "",
    error: type[Exception] = ValueError,
) -> float:  # fmt: skip
    """The value as a float, if it is a finite number from `least` to `most`. NaN and True don't count."""
    value = _scalar(value)
    number = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
    try:
        number = float(value) if number else math.nan
    except OverflowError:  # a whole number beyond all floats
        number = math.inf
    if not (least <= number <= most and math.isfinite(number)):
        limits = f" from {least:g}" if math.isfinite(least) else ""
        limits += f" to {most:g}" if math.isfinite(most) else ""
        raise error(refusal(name, value, wanted or f"it must be a {'' if limits else 'finite '}number{limits}"))
    return number


def check_iterable(name: str, value, wanted: str, error: type[Exception] = ValueError) -> Iterable:
    """The value, if it can be iterated over and isn't a text."""
    if isinstance(value, str | bytes) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) == 0:
        raise error(refusal(name, value, wanted))
    return value


def check_list(
    name: str, value, kinds: type | tuple[type, ...] = object, wanted: str = "give a list", least: int = 0,
    error: type[Exception] = ValueError,
) -> tuple:  # fmt: skip
    """The items as a tuple, if the value is a list, a tuple or another iterable of items of these classes.

    A text and a mapping can be gone through, too, but are hardly ever meant as lists, so they are refused.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable) or getattr(value, "ndim", 1) != 1:
        raise error(refusal(name, value, wanted))
    items = tuple(value)
    for number, item in enumerate(items):
        if not isinstance(item, kinds):
            raise error(refusal(f"{name}[{number}]", item, wanted))
    if len(items) < least:
        raise error(refusal(name, items, f"{wanted}, {least} or more, and it has {len(items)}"))
    return items


def check_names(name: str, value, least: int = 0, wanted: str = "give a list of names") -> tuple[str, ...]:
    """The texts as a tuple, if the value is a list of texts."""
    return check_list(name, value, str, wanted, least)


def check_mapping(name: str, value, wanted: str = "give a mapping of names to values") -> Mapping:
    """The value, if it is a mapping whose keys are texts."""
    check_kind(name, value, Mapping, wanted)
    for key in value:
        if not isinstance(key, str):
            raise ValueError(f"{name}: {given(key)} is not allowed: {wanted}.")
    return value


def check_array(
    name: str, value, *axes: int, kinds: str = "fiub", wanted: str = "", as_type: type | None = None
) -> np.ndarray:
    """The value as an array of numbers.

    Args:
        name: The name of the argument.
        value: Its value.
        *axes: The numbers of axes that are allowed; any from 1, where none is given.
        kinds: The kinds of NumPy's types that are allowed: f for floats, i and u for whole numbers, b for booleans.
        wanted: What completes "name=value is not allowed: ".
        as_type: The type that it becomes; None to leave it as it is.

    Raises:
        ValueError: For what is no array of such numbers, has other axes, or is empty.
    """
    check_unmasked(name, value)
    try:
        array = np.asarray(value, as_type)
    except Exception:  # rows of several lengths, or an object that raises whatever it likes
        array = np.array(None)
    fits = array.dtype.kind in kinds and (array.ndim in axes if axes else array.ndim > 0)
    if fits and not array.size:
        wanted = wanted or "give one example or more"
        raise ValueError(f"{name} is empty, of shape {array.shape}, which is not allowed: {wanted}.")
    if not fits:
        form = f" with {' or '.join(map(str, axes))} {'axis' if axes == (1,) else 'axes'}" if axes else ""
        shape = f" (here {array.dtype} of shape {array.shape})" if array.ndim else ""
        wanted = wanted or f"give an array of {_KINDS.get(kinds, 'numbers')}{form}"
        raise ValueError(refusal(name, value, wanted + shape))
    return array


def check_unmasked(name: str, value):
    """The value, unless it is an array with masked entries, or a list of some: NumPy would take what is behind them."""
    arrays = value if isinstance(value, list | tuple) else (value,)
    if any(isinstance(array, np.ma.MaskedArray) and np.ma.is_masked(array) for array in arrays):
        raise ValueError(f"{name} has masked values, which are not allowed: leave such examples out, or fill them in.")
    return value


def check_weights(name: str, value) -> Mapping[str, list[np.ndarray]]:
    """The value, if it is a mapping of layers to lists of arrays, as `TransferModel.snapshot` gives it."""
    wanted = "give a mapping of layers to lists of arrays, as snapshot() does"
    for layer, arrays in check_mapping(name, value, wanted).items():
        if not isinstance(arrays, list | tuple) or not all(hasattr(array, "shape") for array in arrays):
            raise ValueError(f"{name}: {layer!r} has {given(arrays)}, which is not allowed: {wanted}.")
    return value


def check_sizes(
    name: str, value, wanted: str, *counts: int, least: int = 1, most: float = math.inf
) -> tuple[int, ...]:
    """The value as a tuple of whole numbers from `least` to `most`, if it has one of these counts of them, or any."""
    sizes = check_list(name, value, wanted=wanted)
    fits = len(sizes) in counts or not counts
    if not fits or not all(isinstance(n, numbers.Integral) and n is not True and least <= n <= most for n in sizes):
        raise ValueError(refusal(name, value, wanted))
    return tuple(int(n) for n in sizes)


def check_pixels(name: str, value) -> tuple[int, int]:
    """The width and height of a figure, if the value is a pair of whole numbers."""
    wanted = f"give width and height in pixels, such as (640, 300), each from {_LEAST_PIXELS} to {_MOST_PIXELS:,}"
    return check_sizes(name, value, wanted, 2, least=_LEAST_PIXELS, most=_MOST_PIXELS)


def check_path(name: str, value, error: type[Exception] = ValueError) -> Path:
    """The value as a path, if it is a text or a path."""
    if not isinstance(value, str | os.PathLike) or not str(value) or "\0" in str(value):
        raise error(refusal(name, value, "give the path of a file or folder, a text or a pathlib.Path"))
    return Path(value)


def wrapped(progress: Callable, items: Iterable) -> Iterable:
    """What a function such as `utils.show_progress` makes of the items, if it gives each of them."""
    check_function("progress", progress, 1)
    try:
        around = progress(items)
    except Exception as error:
        raise ValueError(f"progress={given(progress)} is not allowed: it ended in {error!r}; {_EACH}.") from error
    if not isinstance(around, Iterable):
        raise ValueError(f"progress gave {given(around)}, which is not allowed: {_EACH}.")
    return _each(around, len(items)) if isinstance(items, Sized) else around


_EACH = "give a function around an iterator that gives each item again, as utils.show_progress does"


def _each(around, count):
    came = 0
    for came, item in enumerate(around, start=1):  # noqa: B007  the last number counts
        yield item
    if came != count:
        raise ValueError(f"progress gave {came} of {count} items, which is not allowed: {_EACH}.")
