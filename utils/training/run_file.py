"""What a saved run must be like. The file is data: nothing in it is executed."""

import numpy as np

from utils.strategies import Settings, SettingsError, check_schedule
from utils.strategies.meaning import Meaning

FORMAT = 2  # 1 had neither the strategy nor the layers' names: it's read where this process knows them
STATUSES = ("training", "finished", "stopped", "diverged")
CURVES = ("update", "old_accuracy", "new_accuracy", "old_loss", "new_loss")
_MEANING = "strategy", "layers", "examples"


def checked(values: dict) -> dict:
    """The fields of a `Run` from the values of a saved one; a `SettingsError` says what is wrong with them."""
    if not isinstance(values, dict) or values.get("format") not in (1, FORMAT):
        raise SettingsError(f"format: this is no run saved by this version (format {FORMAT}) or the previous one")
    due = {"format", "settings", "events", "history", *PLAIN, *(_MEANING if values["format"] > 1 else ())}
    for name in sorted(due ^ set(values), key=str):
        raise SettingsError(f"{name}: {'missing in the saved run' if name in due else 'no part of a saved run'}")
    for name, (fits, wanted) in PLAIN.items():
        if not fits(values[name]):
            raise SettingsError(f"{name}: {values[name]!r} is not allowed: it must be {wanted}")
    if values["status"] != "training" and None in [values[name] for name in RESULT]:
        raise SettingsError(f"{', '.join(RESULT)}: one is missing, though the run has ended")
    settings = _settings(values)
    return {
        "settings": settings,
        "events": check_schedule(values["events"], settings),
        "history": _checked_history(values["history"], settings, values["status"]),
        **{name: values[name] for name in PLAIN},
    }


def _settings(values):
    told = values["settings"]
    if values["format"] == 1 or not isinstance(told, dict):
        return Settings.from_dict(told)
    for name in ("pair", "backbone", "strategy"):
        if not isinstance(told.get(name), str):
            raise SettingsError(f"settings: {name}={told.get(name)!r} is not allowed: it must be a name")
    meaning = Meaning.from_dict({name: values[name] for name in _MEANING}, told["backbone"], told["pair"])
    if meaning.row.name != told["strategy"]:
        raise SettingsError(f"strategy: {meaning.row.name!r} isn't that of the settings, {told['strategy']!r}")
    return Settings.from_dict(told, meaning)


def _number(value, most):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


RESULT = ("old_accuracy_before", "old_accuracy", "new_accuracy")
_FRACTION = (lambda value: value is None or _number(value, 1), "a number from 0 to 1, or null")
_COUNT = (lambda value: isinstance(value, int) and _number(value, 10**12), "a whole number from 0")
_SIZE = (lambda value: _COUNT[0](value) and value > 0, "a whole number from 1")
PLAIN = {  # field: whether a value from a file fits, and what would
    "status": (lambda value: value in STATUSES, f"one of {', '.join(STATUSES)}"),
    "message": (lambda value: isinstance(value, str), "a text"),
    **dict.fromkeys(RESULT, _FRACTION),
    "seconds": (lambda value: _number(value, 1e12), "a number from 0"),
    "trained_parameters": _COUNT,
    "total_parameters": _SIZE,
    "versions": (lambda value: isinstance(value, dict), "a mapping"),
}


def _checked_history(history, settings, status) -> dict[str, np.ndarray]:
    """The arrays of a saved history, or an error where their names or shapes don't fit together."""
    wanted = {*CURVES, "drift", "training_loss"}
    if not isinstance(history, dict) or set(history) != wanted:
        raise SettingsError(f"history: expected the arrays {', '.join(sorted(wanted))}")
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
        raise SettingsError(f"history: {updates} updates don't make a finished run of {settings.updates}")
    return arrays


def _numbers(name, values) -> np.ndarray:
    kinds, kind = ("iu", int) if name == "update" else ("iuf", float)
    try:
        array = np.array(values)
    except ValueError:  # rows of several lengths
        array = np.array(None)
    if array.dtype.kind not in kinds:
        raise SettingsError(f"history: {name} isn't made of {'whole ' * (kind is int)}numbers alone")
    return array.astype(kind)
