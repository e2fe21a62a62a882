"""Whether an error is one that a reader can use: raised on purpose, and naming the argument and its value."""

import linecache
import re
import traceback
from numbers import Number
from pathlib import Path

import numpy as np
import pandas as pd

from tests.conftest import PROJECT
from utils.strategies import Settings
from utils.tasks import Task, TaskPair
from utils.training import Run

# What a message may call an argument.
OTHER_WORDS = {
    "X": ("texts",), "block": ("layers",), "class_names": ("classes",), "columns": ("classes",), "data": ("mine",),
    "input_shape": ("shape", "takes"), "item": ("strategy",), "later": ("change",), "layers": ("trained_layers",),
    "loss_options": ("option",), "meaning": ("strategy", "settings"), "model": ("path",), "most": ("default",),
    "name": ("pair", "layer"), "network": ("backbone",), "pair": ("backbone",), "path": ("model",),
    "plan": ("settings",), "rows": ("row",), "runs": ("run", "names"), "sentence": ("text",),
    "settings": ("field", "pair"), "source": ("path", "folder"), "steps": ("step",), "tables": ("table",),
    "tasks": ("pair",), "text": ("settings", "run", "field", "seed"), "texts": ("text",),
    "trained_layers": ("layers",), "value": ("name", "number"),
    "values": ("settings", "change", "outcome", "format", "strategy", "losses", "field"),
}  # fmt: skip


class TooLong(Exception):
    """A call hasn't ended in time."""


def fault_of(error: Exception, parameter: str, value) -> str | None:
    """What is wrong with the error of a call with this value; None if nothing is."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    file, message = Path(frame.filename), str(error)
    shown = f"{type(error).__name__} in {file.name}:{frame.lineno}: {message[:160]!r}"
    if isinstance(error, TooLong):
        return "takes too long"
    if isinstance(error, OSError) and isinstance(value, str | Path) and error.filename == str(Path(value)):
        return None  # of a file that isn't there, which it names
    if not file.is_relative_to(PROJECT / "utils"):
        return f"ends elsewhere, {shown}"
    if not linecache.getline(frame.filename, frame.lineno).strip().startswith("raise"):
        return f"not raised on purpose, {shown}"
    if not isinstance(error, ValueError | TypeError | RuntimeError):
        return f"of the wrong kind, {shown}"
    if not _names(message, parameter) or not _shows(message, value):
        return f"doesn't name argument and value, {shown}"
    return None


def _names(message, parameter):
    words = parameter, parameter.replace("_", " "), *OTHER_WORDS.get(parameter, ())
    return any(re.search(rf"\b{word}\b", message) for word in words)


def _shows(message, value):
    """Whether the message has the value, a part of it, its type, its shape or its name."""
    parts = [*value, *value.values()] if isinstance(value, dict) else value
    is_collection = isinstance(value, bytes | dict | list | tuple | set)
    if is_collection and any(_shows(message, part) for part in parts):
        return True
    shown = [str(value)[:20], repr(value)[:20], repr(value)[-12:], type(value).__name__]
    if value is None:
        shown.append("any")  # in a shape
    if isinstance(value, Number) and abs(value) < 1e300:
        shown.append(f"{value:g}")
    if isinstance(value, str):
        shown.append(value.strip() or "''")
    if callable(value) or hasattr(value, "__next__"):  # what it gave
        shown += ["function", "gave", "()", "[]", "of 0"]
    if isinstance(value, Settings | Task | TaskPair):
        shown.append(value.pair if isinstance(value, Settings) else value.name)
    if isinstance(value, Run):
        shown += [f"seeds [{value.settings.seed}]", f"second [{value.settings.seed}]"]
    if isinstance(value, Task):
        shown.append(str(value.x_train.shape))
    if isinstance(value, np.ndarray | pd.DataFrame):
        shown += [str(value.shape), str(value.shape[1:]), *map(str, np.ravel(np.asarray(value, object))[:3])]
    if isinstance(value, np.ndarray):
        shown.append(f"of {value.dtype}")
    if isinstance(value, pd.DataFrame):
        shown += map(str, value.columns)
    if is_collection or (isinstance(value, np.ndarray) and value.ndim):
        shown += ["shapes [", f" {len(value)} ", f" {len(value)}:", f"({len(value)},"]
    if (is_collection and not value) or (isinstance(value, np.ndarray) and not value.size):
        shown += ["empty", "nothing", "none", "no ", "isn't in both", "()", "[]", "of 0"]
    return any(text and text in message for text in shown)
