"""A run: its settings, what was switched when, its curves and its result. Kept, saved, loaded, compared."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from utils.export import Result, keras_code
from utils.files import write_whole
from utils.measures import forgetting
from utils.strategies.checks import SettingsError
from utils.strategies.controls import Change, check_schedule
from utils.strategies.settings import Settings
from utils.strategies.strategy import STRATEGIES
from utils.strategies.timeline import Span, timeline, trained_spans

FORMAT = 1
STATUSES = ("training", "finished", "stopped", "diverged")
CURVES = ("update", "old_accuracy", "new_accuracy", "old_loss", "new_loss")


@dataclass(frozen=True, eq=False)
class Run:
    """What came out of some settings.

    settings: the `Settings`.
    status: "training", "finished", "stopped" (by the reader) or "diverged" (a loss that is no number).
    message: what there is to say about the status, or "".
    history: arrays. At the evaluation points `update`, `old_accuracy`, `new_accuracy`, `old_loss`, `new_loss`,
        each (points,), measured on validation images, and `drift`, (points, layers); and `training_loss`,
        (updates,), of each batch before its step.
    events: pairs (update, Change): what was switched, in effect from this update on.
    old_accuracy_before, old_accuracy, new_accuracy: fractions on the test images; None while it trains.
    seconds: time in training alone, without evaluations and pauses.
    trained_parameters: how many weights learned at some time.
    versions: the packages that the numbers depend on.
    """

    settings: Settings
    status: str = "training"
    message: str = ""
    history: dict[str, np.ndarray] = field(default_factory=dict)
    events: tuple[tuple[int, Change], ...] = ()
    old_accuracy_before: float | None = None
    old_accuracy: float | None = None
    new_accuracy: float | None = None
    seconds: float = 0.0
    trained_parameters: int = 0
    total_parameters: int = 0
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def forgetting(self) -> float | None:
        """Old-task test accuracy before minus after, in percentage points; positive is worse (Chaudhry 2018)."""
        if self.old_accuracy is None or self.old_accuracy_before is None:
            return None
        return forgetting([[self.old_accuracy_before, np.nan], [self.old_accuracy, self.new_accuracy]])

    @property
    def updates(self) -> int:
        """How many updates were made."""
        return len(self.history["training_loss"]) if self.history else 0

    @property
    def result_point(self) -> int:
        """Index of the evaluation point with whose weights the result was measured: -1, the last.

        With patience it's the point of the lowest validation loss of the new task.
        """
        if self.settings.patience and self.status in ("finished", "stopped"):
            return int(np.argmin(self.history["new_loss"]))
        return -1

    @property
    def result_update(self) -> int:
        """How many updates the weights have seen with which the result was measured."""
        return self.updates if self.result_point == -1 else int(self.history["update"][self.result_point])

    @property
    def warming_up(self) -> bool:
        """Whether, at its last update, the new head alone trained because the warm-up wasn't over."""
        warm_up = self.settings.warm_up
        taken_over = any(change.trained_layers for update, change in self.events if update < warm_up)
        return self.updates < warm_up and not taken_over

    @property
    def layer_names(self) -> tuple[str, ...]:
        """All layers of the network, in the order of the columns of `history["drift"]`."""
        return STRATEGIES[self.settings.strategy].network(self.settings.backbone)

    @cached_property
    def timeline(self) -> tuple[Span, ...]:
        """What trained when, and at which rate, λ and T, as far as updates were made."""
        return timeline(self.settings, self.events, self.updates)

    def trained_spans(self) -> dict[str, list[tuple[int, int]]]:
        """For each layer the spans [from, to) of updates in which it trained; it was frozen in all others."""
        return trained_spans(self.timeline, self.layer_names)

    def to_frame(self) -> pd.DataFrame:
        """The curves as a table: a row for each evaluation point, accuracies as fractions."""
        frame = pd.DataFrame({name: self.history[name] for name in CURVES})
        for column, name in enumerate(self.layer_names):
            frame[f"drift_{name}"] = self.history["drift"][:, column]
        return frame.set_index("update")

    def to_dict(self) -> dict:
        """Plain values, for JSON."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        return {
            "format": FORMAT,
            "settings": self.settings.to_dict(),
            "events": [[update, change.to_dict()] for update, change in self.events],
            "history": {name: values.tolist() for name, values in self.history.items()},
            **plain,
        }

    @classmethod
    def from_dict(cls, values: dict) -> "Run":
        """The inverse of `to_dict`, checked; a `SettingsError` says what is wrong."""
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise SettingsError(f"format: this is no run saved by this version (format {FORMAT})")
        due = {"format", "settings", "events", "history", *_PLAIN}
        for name in sorted(due ^ set(values), key=str):
            raise SettingsError(f"{name}: {'missing in the saved run' if name in due else 'no part of a saved run'}")
        for name, (fits, wanted) in _PLAIN.items():
            if not fits(values[name]):
                raise SettingsError(f"{name}: {values[name]!r} is not allowed: it must be {wanted}")
        if values["status"] != "training" and None in [values[name] for name in _RESULT]:
            raise SettingsError(f"{', '.join(_RESULT)}: one is missing, though the run has ended")
        settings = Settings.from_dict(values["settings"])
        return cls(
            settings,
            events=check_schedule(values["events"], settings),
            history=_checked_history(values["history"], settings, values["status"]),
            **{name: values[name] for name in _PLAIN},
        )

    def to_keras_code(self) -> str:
        """The run as a script in plain Keras that gives the same accuracies, phase by phase.

        Of this project, the script needs the pair of tasks and the checkpoint alone. Some 70 to 90 lines with
        `small_cnn`; up to 125 with `small_resnet`, where layers join on the way, and with each flip a line more.
        """
        known = self.old_accuracy_before, self.old_accuracy, self.new_accuracy
        result = Result(self.status, self.updates, self.result_update, () if None in known else known)
        # Back to the best weights, the updates after it don't count; a run that diverged gets the one that broke it.
        end = min(self.result_update + (self.status == "diverged"), self.settings.updates)
        return keras_code(self.settings, timeline(self.settings, self.events, end), result)

    def save(self, path: str | Path) -> Path:
        """Write the run as JSON. Either the whole file is there afterwards, or what was there before."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(self.to_dict(), allow_nan=False))
        return path

    @classmethod
    def load(cls, path: str | Path) -> "Run":
        """Read a saved run. The file is data: nothing in it is executed."""
        return cls.from_text(Path(path).read_bytes())

    @classmethod
    def from_text(cls, text: str | bytes) -> "Run":
        """A run from the text of a saved file."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:  # no text, no JSON, lists in lists without end
            raise SettingsError(f"run: the file isn't whole JSON ({error})") from None
        return cls.from_dict(values)

    def __repr__(self):
        if None in [getattr(self, name) for name in _RESULT]:
            return f"Run({self.settings.to_text()!r}, {self.status}, {self.updates} updates)"
        return (
            f"Run({self.settings.to_text()!r}, {self.status}, {self.updates} updates, "
            f"old task {100 * self.old_accuracy_before:.1f} -> {100 * self.old_accuracy:.1f} %, "
            f"new task {100 * self.new_accuracy:.1f} %)"
        )


def _number(value, most):
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


_RESULT = ("old_accuracy_before", "old_accuracy", "new_accuracy")
_FRACTION = (lambda value: value is None or _number(value, 1), "a number from 0 to 1, or null")
_COUNT = (lambda value: isinstance(value, int) and _number(value, 10**12), "a whole number from 0")
_SIZE = (lambda value: _COUNT[0](value) and value > 0, "a whole number from 1")
_PLAIN = {  # field: whether a value from a file fits, and what would
    "status": (lambda value: value in STATUSES, f"one of {', '.join(STATUSES)}"),
    "message": (lambda value: isinstance(value, str), "a text"),
    **dict.fromkeys(_RESULT, _FRACTION),
    "seconds": (lambda value: _number(value, 1e12), "a number from 0"),
    "trained_parameters": _COUNT,
    "total_parameters": _SIZE,
    "versions": (lambda value: isinstance(value, dict), "a mapping"),
}


def _checked_history(history, settings, status) -> dict[str, np.ndarray]:
    """The arrays of a saved history, or an error where their names or shapes don't fit together."""
    wanted = {*CURVES, "drift", "training_loss"}
    if not isinstance(history, dict) or set(history) != wanted:
        raise SettingsError(f"history: the arrays {', '.join(sorted(wanted))} are due")
    arrays = {name: _numbers(name, values) for name, values in history.items()}
    layers = len(STRATEGIES[settings.strategy].network(settings.backbone))
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
