"""A run: its settings, its events, its curves and its result."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from utils.checks import check_kind, check_path
from utils.files import write_whole
from utils.frameworks import keras
from utils.measures import forgetting
from utils.messages import given
from utils.strategies.checks import SettingsError
from utils.strategies.controls import Change
from utils.strategies.saved_settings import write_settings
from utils.strategies.settings import Settings
from utils.strategies.timeline import Span, timeline, trained_spans
from utils.training.held_weights import HeldWeights
from utils.training.run_file import CURVES, FORMAT, PLAIN, RESULT, check_run
from utils.training.trained_model import trained_model

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Run:
    """The record of one training.

    Attributes:
        settings: The settings.
        status: "training", "finished", "stopped" (by the reader) or "diverged" (the loss isn't finite).
        message: An explanation of the status, or "".
        history: The curves. For the evaluation points, `update`, `old_accuracy`, `new_accuracy`, `old_loss` and
            `new_loss`, each (points,), on validation images, and `drift`, (points, layers); and `training_loss`,
            (updates,), for each batch before its update.
        events: Pairs (update, `Change`): what was switched before this update.
        old_accuracy_before: The old task's accuracy at the checkpoint, a fraction of the test images; None until known.
        old_accuracy: The old task's at the end; None while it trains.
        new_accuracy: The new task's at the end; None while it trains.
        old_balanced_accuracy: The old task's balanced accuracy at the end (see `utils.measures`), where one class has
            more than 60% of the test images; else None.
        new_balanced_accuracy: The new task's.
        seconds: The time in training, without evaluations and pauses.
        trained_parameters: The number of weights that learned at some time.
        total_parameters: The number of weights of all networks that are kept.
        versions: The versions of the packages that the numbers depend on.
        held: The final weights, while they are held; see `model`.
    """

    settings: Settings
    status: str = "training"
    message: str = ""
    history: dict[str, np.ndarray] = field(default_factory=dict)
    events: tuple[tuple[int, Change], ...] = ()
    old_accuracy_before: float | None = None
    old_accuracy: float | None = None
    new_accuracy: float | None = None
    old_balanced_accuracy: float | None = None
    new_balanced_accuracy: float | None = None
    seconds: float = 0.0
    trained_parameters: int = 0
    total_parameters: int = 0
    versions: dict[str, str] = field(default_factory=dict)
    held: HeldWeights | None = field(default=None, repr=False)

    @property
    def forgetting(self) -> float | None:
        """Old-task test accuracy before minus after, in percentage points; positive is worse (Chaudhry 2018)."""
        if self.old_accuracy is None or self.old_accuracy_before is None:
            return None
        return forgetting([[self.old_accuracy_before, np.nan], [self.old_accuracy, self.new_accuracy]])

    @property
    def updates(self) -> int:
        """The number of updates made."""
        return len(self.history["training_loss"]) if self.history else 0

    @property
    def result_point(self) -> int:
        """The index of the evaluation point with whose weights the result was measured.

        With patience, this is the point with the lowest validation loss of the new task; otherwise -1, the last one.
        """
        if self.settings.patience and self.status in ("finished", "stopped"):
            return int(np.argmin(self.history["new_loss"]))
        return -1

    @property
    def result_update(self) -> int:
        """The update with whose weights the result was measured."""
        return self.updates if self.result_point == -1 else int(self.history["update"][self.result_point])

    @property
    def warming_up(self) -> bool:
        """Whether the warm-up was still going on at the last update."""
        warm_up = self.settings.warm_up
        switched = any(change.trained_layers for update, change in self.events if update < warm_up)
        return self.updates < warm_up and not switched

    @property
    def layer_names(self) -> tuple[str, ...]:
        """All layers of the network, in the order of the columns of `history["drift"]`."""
        return self.settings.row.network(self.settings.network)

    @cached_property
    def timeline(self) -> tuple[Span, ...]:
        """What trained when, and with which rate, λ and T, up to the last update."""
        return timeline(self.settings, self.events, self.updates)

    def trained_spans(self) -> dict[str, list[tuple[int, int]]]:
        """For each layer, the spans [from, to) of updates in which it trained; it was frozen in all others."""
        return trained_spans(self.timeline, self.layer_names)

    def to_frame(self) -> pd.DataFrame:
        """The curves as a table: a row for each evaluation point, accuracies as fractions."""
        import pandas as pd  # only here: it takes a third of a second, and a panel needs none

        frame = pd.DataFrame({name: self.history[name] for name in CURVES})
        for column, name in enumerate(self.layer_names):
            frame[f"drift_{name}"] = self.history["drift"][:, column]
        return frame.set_index("update")

    def to_dict(self) -> dict:
        """Plain values, for JSON, with the layers' names and the strategy, so that any process can draw the run."""
        return {
            "format": FORMAT,
            **write_settings(self.settings),
            "events": [[update, change.to_dict()] for update, change in self.events],
            "history": {name: values.tolist() for name, values in self.history.items()},
            **{name: getattr(self, name) for name in PLAIN},
        }

    @classmethod
    def from_dict(cls, values: dict) -> Run:
        """The inverse of `to_dict`, also for format 1; a `SettingsError` says what is wrong."""
        return cls(**check_run(values))

    def model(self, task: str) -> keras.Model:
        """The trained network for one task: a new Keras model from images to logits.

        `run.model("new").save("network.keras")` saves it. Only the weights of the newest runs are held, some 100 MB of
        them. The file of a run contains no weights.

        Args:
            task: "old" or "new".

        Raises:
            RuntimeError: While the run is training, and where its weights aren't held.
        """
        if self.status == "training":
            raise RuntimeError("model: this run is still training; its network is available at the end.")
        weights = None if self.held is None else self.held.values
        if weights is None:
            raise RuntimeError(
                "model: the weights of this run aren't held: files contain none, and only those of the newest runs are "
                "kept. Repeat the run: run(r.settings, schedule=r.events).model(...)."
            )
        return trained_model(self.settings, weights, task)

    def to_keras_code(self) -> str:
        """The run as a script in plain Keras that gives the same accuracies, phase by phase.

        From this project the script needs only the pair of tasks and the checkpoint. See `utils.export.keras_code`.

        Raises:
            ValueError: For a network, tasks or a loss term that can't be exported.
        """
        from utils.export import Result, keras_code  # only here: it looks at classes of Keras's

        accuracies = self.old_accuracy_before, self.old_accuracy, self.new_accuracy
        result = Result(self.status, self.updates, self.result_update, () if None in accuracies else accuracies)
        # Updates after the best weights don't count. A run that diverged gets the update that made it diverge.
        end = min(self.result_update + (self.status == "diverged"), self.settings.updates)
        return keras_code(self.settings, timeline(self.settings, self.events, end), result)

    def save(self, path: str | Path) -> Path:
        """Write the run as JSON. An interrupted save leaves an existing file as it was."""
        path = check_path("path", path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(self.to_dict(), allow_nan=False))
        return path

    @classmethod
    def load(cls, path: str | Path) -> Run:
        """Read a saved run. The file is data: nothing in it is executed."""
        return cls.from_text(check_path("path", path).read_bytes())

    @classmethod
    def from_text(cls, text: str | bytes) -> Run:
        """A run from the text of a saved file."""
        check_kind("text", text, (str, bytes, bytearray), "give the text of a saved run", SettingsError)
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:  # not a text, not JSON, nested too deeply
            raise SettingsError(f"run: the file isn't complete JSON ({error}); it begins {given(text[:20])}") from None
        return cls.from_dict(values)

    def __repr__(self):
        if None in [getattr(self, name) for name in RESULT]:
            return f"Run({self.settings.to_text()!r}, {self.status}, {self.updates} updates)"
        return (
            f"Run({self.settings.to_text()!r}, {self.status}, {self.updates} updates, "
            f"old task {100 * self.old_accuracy_before:.1f} -> {self.old_accuracy:.1%}, "
            f"new task {self.new_accuracy:.1%})"
        )
