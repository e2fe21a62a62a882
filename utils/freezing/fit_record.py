"""What a plain `model.fit` has done so far, in the form in which figures show a run."""

from dataclasses import dataclass, field

import keras
import numpy as np

from utils.freezing.layer_choice import by_depth
from utils.keras_internals import flat_layers, own_trainable_variables
from utils.measures import drift_or_zero

_MOST_ROWS = 10


@dataclass(frozen=True, eq=False)
class Planned:
    """How many updates are planned."""

    updates: int
    patience: int = 0  # `fit` is drawn as far as it is planned


@dataclass(frozen=True, eq=False)
class FitRecord:
    """The curves of a fit: as a `Run` has them, as far as a figure looks at them.

    history: arrays; `update`, `old_accuracy`, `new_accuracy`, `old_loss`, `new_loss`, each (points,), NaN where a thing
    wasn't measured, and `drift`, (points, layers); `training_loss`, (updates,), the mean loss so far in its epoch.
    spans: for each row of layers, from which update to which it trained.
    """

    settings: Planned
    layer_names: tuple[str, ...]
    history: dict[str, np.ndarray]
    spans: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    result_point: int = -1

    @property
    def updates(self) -> int:
        """How many were made."""
        return len(self.history["training_loss"])

    @property
    def result_update(self) -> int:
        """As of a `Run`: the last."""
        return self.updates

    def trained_spans(self) -> dict[str, list[tuple[int, int]]]:
        """As of a `Run`."""
        return self.spans


def rows_of(model: keras.Model) -> dict[str, list[keras.layers.Layer]]:
    """The layers with weights from the input to the output, in at most ten rows of neighbours, each with a name."""
    layers = by_depth(model)
    ends = np.linspace(0, len(layers), min(_MOST_ROWS, len(layers)) + 1).round().astype(int)
    rows = [layers[a:b] for a, b in zip(ends, ends[1:], strict=False)]
    names = [row[0].name if len(row) == 1 else f"{row[0].name} …" for row in rows]
    return {f"{name}{' ' * names[:i].count(name)}": row for i, (name, row) in enumerate(zip(names, rows, strict=True))}


def trains(row: list[keras.layers.Layer]) -> bool:
    """Whether anything in the row learns, as it's set now."""
    return any(layer.trainable_weights for layer in row)


def values_of(row: list[keras.layers.Layer]) -> list[np.ndarray]:
    """A copy of the row's weights, but for moving statistics."""
    inner = {id(one): one for layer in row for one in flat_layers(layer)}.values()
    return [np.array(weight.numpy()) for one in inner for weight in own_trainable_variables(one)]


def drift_of(start: dict[str, list[np.ndarray]], rows: dict[str, list[keras.layers.Layer]]) -> list[float]:
    """How far each row has moved from its start, as a fraction of its length."""
    return [drift_or_zero(start[name], values_of(row)) for name, row in rows.items()]
