"""The checks of a saved run. The file is data: nothing in it is executed."""

import numpy as np

from utils.messages import given
from utils.strategies import Settings, SettingsError, check_schedule
from utils.strategies.saved_settings import MEANING, read_settings

FORMAT = 2  # format 1 has neither the strategy nor the layers' names, so this process must know them
STATUSES = ("training", "finished", "stopped", "diverged")
CURVES = ("update", "old_accuracy", "new_accuracy", "old_loss", "new_loss")


def check_run(values: dict) -> dict:
    """The fields of a `Run` from the values in a file.

    Raises:
        SettingsError: For values that aren't allowed or don't fit together.
    """
    if not isinstance(values, dict) or values.get("format") not in (1, FORMAT):
        raise SettingsError(
            f"format: this isn't a run saved by this version (format {FORMAT}) or the previous one, but "
            f"{given(tuple(values)[:3] if isinstance(values, dict) else values)}"
        )
    values = dict.fromkeys(_BALANCED) | values  # older files don't have these
    names = {"format", "settings", "events", "history", *PLAIN, *(MEANING if values["format"] > 1 else ())}
    for name in sorted(names ^ set(values), key=str):
        raise SettingsError(f"{name}: {'missing in the saved run' if name in names else 'not a part of a saved run'}")
    for name, (fits, expected) in PLAIN.items():
        if not fits(values[name]):
            raise SettingsError(f"{name}: {values[name]!r} is not allowed: it must be {expected}")
    if values["status"] != "training" and None in [values[name] for name in RESULT]:
        raise SettingsError(f"{', '.join(RESULT)}: one is missing, though the run has ended")
    settings = read_settings(values) if values["format"] > 1 else Settings.from_dict(values["settings"])
    return {
        "settings": settings,
        "events": check_schedule(values["events"], settings),
        "history": _checked_history(values["history"], settings, values["status"]),
        **{name: values[name] for name in PLAIN},
    }


def _number(value, most):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


RESULT = ("old_accuracy_before", "old_accuracy", "new_accuracy")
_BALANCED = ("old_balanced_accuracy", "new_balanced_accuracy")
_FRACTION = (lambda value: value is None or _number(value, 1), "a number from 0 to 1, or null")
_COUNT = (lambda value: isinstance(value, int) and _number(value, 10**12), "a whole number from 0")
_SIZE = (lambda value: _COUNT[0](value) and value > 0, "a whole number from 1")
PLAIN = {  # by field: whether a value from a file is allowed, and what is
    "status": (lambda value: value in STATUSES, f"one of {', '.join(STATUSES)}"),
    "message": (lambda value: isinstance(value, str), "a text"),
    **dict.fromkeys((*RESULT, *_BALANCED), _FRACTION),
    "seconds": (lambda value: _number(value, 1e12), "a number from 0"),
    "trained_parameters": _COUNT,
    "total_parameters": _SIZE,
    "versions": (lambda value: isinstance(value, dict), "a mapping"),
}


def _checked_history(history, settings, status) -> dict[str, np.ndarray]:
    """The arrays of a saved history, if their names and shapes fit together."""
    names = {*CURVES, "drift", "training_loss"}
    if not isinstance(history, dict) or set(history) != names:
        raise SettingsError(f"history: expected the arrays {', '.join(sorted(names))}")
    arrays = {name: _numbers(name, values) for name, values in history.items()}
    layers = len(settings.row.network(settings.network))
    points, updates = arrays["update"].size, arrays["training_loss"].size
    shapes = dict.fromkeys(CURVES, (points,)) | {"drift": (points, layers), "training_loss": (updates,)}
    for name, shape in shapes.items():
        if points == 0 or arrays[name].shape != shape or not np.isfinite(arrays[name]).all():
            raise SettingsError(f"history: {name} should be finite numbers of shape {shape}")
    for name in ("old_accuracy", "new_accuracy"):
        if arrays[name].min() < 0 or arrays[name].max() > 1:
            raise SettingsError(f"history: {name} should lie between 0 and 1")
    at = arrays["update"]
    if at[0] != 0 or (np.diff(at) <= 0).any() or at[-1] > updates or updates > settings.updates:
        raise SettingsError(f"history: update should grow from 0, and end within the {updates} updates made")
    if status == "finished" and updates != settings.updates and not settings.patience:
        raise SettingsError(f"history: a finished run has {settings.updates} updates, not {updates}")
    return arrays


def _numbers(name, values) -> np.ndarray:
    kinds, kind = ("iu", int) if name == "update" else ("iuf", float)
    try:
        array = np.array(values)
    except ValueError:  # rows of several lengths
        array = np.array(None)
    if array.dtype.kind not in kinds:
        raise SettingsError(f"history: {name} must contain only {'whole ' if kind is int else ''}numbers")
    return array.astype(kind)
