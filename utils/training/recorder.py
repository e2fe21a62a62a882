"""Writes down what happens in a training, and makes a `Run` of it at any time."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from utils.strategies.controls import Change
from utils.strategies.settings import Settings
from utils.training.run import Run
from utils.training.run_file import CURVES


class Recorder:
    """The growing record of one training; the only writer is the loop that trains."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._points = {name: [] for name in (*CURVES, "drift")}
        self._losses = np.empty(settings.updates)
        self._made = 0
        self._events = []
        self._facts = {}

    @property
    def last_evaluated(self) -> int | None:
        """The update of the last evaluation point."""
        return self._points["update"][-1] if self._points["update"] else None

    def evaluation(self, update: int, drift, **values: float) -> None:
        """An evaluation after `update` updates: `old_accuracy`, `new_accuracy`, `old_loss`, `new_loss`, and drift."""
        self._points["update"].append(update)
        self._points["drift"].append(drift)
        for name, value in values.items():
            self._points[name].append(value)

    def losses(self, values: np.ndarray) -> None:
        """The training losses of some more updates."""
        self._losses[self._made : self._made + len(values)] = values
        self._made += len(values)

    def event(self, update: int, change: Change) -> None:
        """A change that is in effect from this update on."""
        self._events.append((update, change))

    def facts(self, **values) -> None:
        """Fields of the `Run`: status, message, accuracies, seconds, counts of parameters."""
        self._facts |= values

    def run(self) -> Run:
        """All that was recorded so far."""
        history = {name: np.array(values) for name, values in self._points.items()}
        history["training_loss"] = self._losses[: self._made].copy()
        return Run(self._settings, history=history, events=tuple(self._events), versions=versions(), **self._facts)


@cache
def versions() -> dict[str, str]:
    """The versions of the packages that the numbers of a run depend on."""
    found = {}
    for package in ("keras", "tensorflow", "tensorflow-cpu", "numpy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
