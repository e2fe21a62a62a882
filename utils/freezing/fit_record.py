"""A plain `model.fit` so far, in the form in which figures show a run."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from utils.frameworks import keras
from utils.freezing.layer_choice import layers_by_depth
from utils.keras_internals import flat_layers, own_trainable_variables
from utils.measures import drift_or_zero

_MOST_ROWS = 10


@dataclass(frozen=True, eq=False)
class FitPlan:
    """The part of `Settings` that figures look at.

    Attributes:
        updates: The number of updates that are planned.
        patience: 0: a fit is drawn as far as it is planned.
    """

    updates: int
    patience: int = 0


@dataclass(frozen=True, eq=False)
class FitRecord:
    """The curves of a fit: the part of a `Run` that figures look at.

    Attributes:
        settings: The updates that are planned.
        layer_names: The rows of layers, from the input to the output.
        history: Arrays: `update`, `old_accuracy`, `new_accuracy`, `old_loss`, `new_loss`, each of shape (points,), NaN
            where a value wasn't measured; `drift`, (points, layers); `training_loss`, (updates,), the mean loss so far
            in its epoch.
        spans: For each row of layers, the updates (from, to) in which it trained.
        result_point: The point that counts: the last.
        status: As in `Run`.
        timeline: Nothing: what a fit changes besides its layers isn't known.
    """

    settings: FitPlan
    layer_names: tuple[str, ...]
    history: dict[str, np.ndarray]
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    result_point: int = -1
    status: str = "training"
    timeline: tuple = ()

    @property
    def updates(self) -> int:
        """The number of updates made."""
        return len(self.history["training_loss"])

    @property
    def result_update(self) -> int:
        """The update that counts: the last."""
        return self.updates

    def trained_spans(self) -> dict[str, list[tuple[int, int]]]:
        """The spans, as `Run.trained_spans` gives them."""
        return self.spans


def rows_of(model: keras.Model) -> dict[str, list[keras.layers.Layer]]:
    """The layers with weights from the input to the output, in at most ten rows of neighbors, each with a name."""
    layers = layers_by_depth(model)
    ends = np.linspace(0, len(layers), min(_MOST_ROWS, len(layers)) + 1).round().astype(int)
    rows = [layers[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    names = [row[0].name if len(row) == 1 else f"{row[0].name} …" for row in rows]
    return {f"{name}{' ' * names[:i].count(name)}": row for i, (name, row) in enumerate(zip(names, rows, strict=True))}


def any_trains(row: list[keras.layers.Layer]) -> bool:
    """Whether anything in the row can learn, as its flags are now."""
    return any(layer.trainable_weights for layer in row)


def values_of(row: list[keras.layers.Layer]) -> list[np.ndarray]:
    """A copy of the row's weights, without moving statistics."""
    inner = {id(part): part for layer in row for part in flat_layers(layer)}.values()
    return [np.array(weight.numpy()) for part in inner for weight in own_trainable_variables(part)]


def drift_of(start: dict[str, list[np.ndarray]], rows: dict[str, list[keras.layers.Layer]]) -> list[float]:
    """How far each row's weights are from their start, as a fraction of their norm then."""
    return [drift_or_zero(start[name], values_of(row)) for name, row in rows.items()]
