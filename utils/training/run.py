"""A run: its settings, what was switched when, its curves and its result. Kept, saved, loaded, compared."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
import pandas as pd

from utils.export import Result, keras_code
from utils.files import write_whole
from utils.measures import forgetting
from utils.strategies.checks import SettingsError
from utils.strategies.controls import Change
from utils.strategies.settings import Settings
from utils.strategies.timeline import Span, timeline, trained_spans
from utils.training.held_weights import HeldWeights
from utils.training.run_file import CURVES, FORMAT, PLAIN, RESULT, checked
from utils.training.trained_model import trained_model


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
    held: the weights with which it ended, while they are held; see `model`.
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
    held: HeldWeights | None = field(default=None, repr=False)

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
        return self.settings.row.network(self.settings.network)

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
        """Plain values, for JSON: with the layers' names and the strategy, so that any process can draw the run."""
        return {
            "format": FORMAT,
            "settings": self.settings.to_dict(),
            **self.settings.meaning.to_dict(),
            "events": [[update, change.to_dict()] for update, change in self.events],
            "history": {name: values.tolist() for name, values in self.history.items()},
            **{name: getattr(self, name) for name in PLAIN},
        }

    @classmethod
    def from_dict(cls, values: dict) -> "Run":
        """The inverse of `to_dict`, checked; a `SettingsError` says what is wrong. Format 1 is read, too."""
        return cls(**checked(values))

    def model(self, task: str) -> keras.Model:
        """The trained network for one task, "old" or "new": a Keras model of its own, images to logits.

        `run.model("new").save("network.keras")` keeps it. The weights of the newest runs are held, some 100 MB of them;
        neither a saved run nor its file has any.

        Raises:
            RuntimeError: while the run goes on, and where its weights aren't held (any more).
        """
        if self.status == "training":
            raise RuntimeError("model: this run isn't over yet; its network can be had once it is.")
        weights = None if self.held is None else self.held.values
        if weights is None:
            raise RuntimeError(
                "model: the weights of this run aren't held (any more): a file has none, and of the runs made here "
                "only the newest are kept. Make it again: run(r.settings, schedule=r.events).model(...)."
            )
        return trained_model(self.settings, weights, task)

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
        if None in [getattr(self, name) for name in RESULT]:
            return f"Run({self.settings.to_text()!r}, {self.status}, {self.updates} updates)"
        return (
            f"Run({self.settings.to_text()!r}, {self.status}, {self.updates} updates, "
            f"old task {100 * self.old_accuracy_before:.1f} -> {100 * self.old_accuracy:.1f} %, "
            f"new task {100 * self.new_accuracy:.1f} %)"
        )
