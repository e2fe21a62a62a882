"""The record of a training, from which a `Run` can be made at any time."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version

import numpy as np

from utils.strategies.controls import Change
from utils.strategies.settings import Settings
from utils.training.run import Run
from utils.training.run_file import CURVES


class Recorder:
    """The growing record of one training. Only the training loop writes to it."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._points = {name: [] for name in (*CURVES, "drift")}
        self._losses = np.empty(settings.updates)
        self._made = 0
        self._events = []
        self._fields = {}

    @property
    def last_evaluated(self) -> int | None:
        """The update of the last evaluation point."""
        return self._points["update"][-1] if self._points["update"] else None

    def add_evaluation(self, update: int, drift: list[float], **values: float) -> None:
        """Add an evaluation point.

        Args:
            update: The number of updates made.
            drift: The drift of each layer.
            **values: `old_accuracy`, `new_accuracy`, `old_loss` and `new_loss`.
        """
        self._points["update"].append(update)
        self._points["drift"].append(drift)
        for name, value in values.items():
            self._points[name].append(value)

    def add_losses(self, values: np.ndarray) -> None:
        """Add the training losses of the latest updates."""
        self._losses[self._made : self._made + len(values)] = values
        self._made += len(values)

    def add_event(self, update: int, change: Change) -> None:
        """Add a change that takes effect before this update."""
        self._events.append((update, change))

    def set_fields(self, **values) -> None:
        """Set fields of the `Run`: status, message, accuracies, seconds, numbers of parameters."""
        self._fields |= values

    def run(self) -> Run:
        """The run as recorded so far."""
        history = {name: np.array(values) for name, values in self._points.items()}
        history["training_loss"] = self._losses[: self._made].copy()
        return Run(self._settings, history=history, events=tuple(self._events), versions=versions(), **self._fields)


@cache
def versions() -> dict[str, str]:
    """The versions of the packages that the numbers of a run depend on."""
    installed = {}
    for package in ("keras", "tensorflow", "tensorflow-cpu", "numpy"):
        try:
            installed[package] = version(package)
        except PackageNotFoundError:
            continue
    return installed
