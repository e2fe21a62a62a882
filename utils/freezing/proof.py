"""The proof of freezing: weights compared bit for bit before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from utils.checks import check_mapping
from utils.frameworks import keras
from utils.freezing.layer_choice import check_model, direct_weights, find_layers, layer_paths
from utils.keras_internals import own_trainable_variables

if TYPE_CHECKING:
    import pandas as pd

Weights = Mapping[str, np.ndarray | Sequence[np.ndarray]]


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """A copy of every weight of a built model: path ("base/low/kernel") → array."""
    check_model(model)
    return {path: np.array(weight.numpy()) for path, (_, weight) in _weights_by_path(model).items()}


def changed_weights(before: Weights, after: Weights) -> tuple[str, ...]:
    """The names whose arrays differ in a single bit or more.

    Args:
        before: Name → array, as `weights_of(model)` gives, or name → several arrays, as `snapshot()` does.
        after: The same, later.

    Raises:
        ValueError: Where the two don't hold the same names.
    """
    for name, weights in (("before", before), ("after", after)):
        check_mapping(name, weights, "give a mapping of names to arrays, as weights_of(model) does")
    if unmatched := sorted(set(before) ^ set(after)):
        raise ValueError(f"before and after: {', '.join(unmatched)} isn't in both; take both from the same model")
    return tuple(name for name in before if _bits(before[name]) != _bits(after[name]))


def _bits(arrays):
    several = arrays if isinstance(arrays, list | tuple) else [arrays]
    return [(array.shape, array.dtype, array.tobytes()) for array in map(np.asarray, several)]


@dataclass(frozen=True)
class LayerChanges:
    """One layer: what you believed, what Keras listed, and what changed.

    Attributes:
        layer: The layer's path.
        belief: "frozen", "trained", or "" where no belief was given.
        keras_state: What Keras listed as trainable before: "frozen", "trained", "in part", or "statistics" where no
            weight of the layer can be trained, as in an adapted Normalization.
        changed: The names of its weights that changed.
        weight_count: The number of its weights.
        largest_change: The largest absolute change of a number.
    """

    layer: str
    belief: str
    keras_state: str
    changed: tuple[str, ...]
    weight_count: int
    largest_change: float

    @property
    def surprise(self) -> str:
        """How the change contradicts what you believed or, without a belief, what Keras listed; "" if it doesn't."""
        state, who = (self.belief, "you believed") if self.belief else (self.keras_state, "Keras said")
        if state == "statistics":
            return ""
        if state == "frozen" and self.changed:
            return f"{who} it frozen, and it moved"
        if state == "trained" and not self.changed:
            return f"{who} it trained, and it stood still"
        return ""


@dataclass
class WeightChanges:
    """The result of `track_weights`: a table with a row for each layer that has weights. Empty until its block ends."""

    rows: tuple[LayerChanges, ...] = field(default=())

    @property
    def changed(self) -> tuple[str, ...]:
        """The layers with a weight that changed."""
        return tuple(row.layer for row in self.rows if row.changed)

    @property
    def unchanged(self) -> tuple[str, ...]:
        """The layers whose weights are the same, bit for bit."""
        return tuple(row.layer for row in self.rows if not row.changed)

    @property
    def surprises(self) -> dict[str, str]:
        """Layer → how it contradicts what you believed or, without a belief, what Keras listed."""
        return {row.layer: row.surprise for row in self.rows if row.surprise}

    def to_frame(self) -> pd.DataFrame:
        """The table."""
        import pandas as pd  # only here: it takes a third of a second

        return pd.DataFrame(
            {
                "layer": [row.layer for row in self.rows],
                "you believed": [row.belief or "–" for row in self.rows],
                "Keras said": [row.keras_state for row in self.rows],
                "moved": [", ".join(row.changed) or "nothing" for row in self.rows],
                "largest change": [f"{row.largest_change:.2g}" for row in self.rows],
                "surprise": [row.surprise for row in self.rows],
            }
        ).set_index("layer")

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __repr__(self):
        return self.to_frame().to_string() if self.rows else "No changes yet: the block hasn't ended."


@contextmanager
def track_weights(model: keras.Model, frozen: Iterable[str] | int | slice | None = None) -> Iterator[WeightChanges]:
    """Compare all weights before and after a block, bit for bit.

        with track_weights(model, frozen=["base"]) as changes:
            model.fit(x, y)
        changes  # the table; plot_weight_changes(changes) draws it

    Args:
        model: A built model.
        frozen: The layers that you believe to be frozen, in the forms of `set_trainable`; you believe that all others
            train. None for no belief.

    Yields:
        The changes, which are filled in when the block ends, even by an error.

    Raises:
        ValueError: For a model that isn't built, and for layers that it doesn't have.
    """
    check_model(model)
    frozen_ids = None if frozen is None else {id(layer) for layer in find_layers(model, frozen, "frozen")}
    before, listed = weights_of(model), {id(weight) for weight in model.trainable_weights}
    changes = WeightChanges()
    try:
        yield changes
    finally:  # also where the block was interrupted: what has changed until then is of interest
        changes.rows = tuple(_rows(model, frozen_ids, listed, before, weights_of(model)))


def _rows(model, frozen_ids, listed, before, after):
    changed = set(changed_weights(before, after))
    by_layer: dict[int, tuple[keras.layers.Layer, list]] = {}
    for path, (layer, weight) in _weights_by_path(model).items():
        by_layer.setdefault(id(layer), (layer, []))[1].append((path, weight))
    for layer, weights in by_layer.values():
        states = {id(weight) in listed for weight in own_trainable_variables(layer)}
        keras_state = {(): "statistics", (True,): "trained", (False,): "frozen"}.get(tuple(states), "in part")
        belief = "" if frozen_ids is None else "frozen" if id(layer) in frozen_ids else "trained"
        changed_here = [(path, weight.name) for path, weight in weights if path in changed]
        sizes = [np.abs(after[path].astype("float64") - before[path]).max() for path, _ in changed_here]
        yield LayerChanges(
            layer=weights[0][0].rpartition("/")[0],
            belief="" if belief == "trained" and keras_state == "statistics" else belief,
            keras_state=keras_state,
            changed=tuple(name for _, name in changed_here),
            weight_count=len(weights),
            largest_change=float(max(sizes, default=0.0)),
        )


def _weights_by_path(model):
    """Path → (its layer, the weight); a layer that is used in several places has the path of the first."""
    weights, known = {}, set()
    for path, layer in [(model.name, model), *layer_paths(model)]:
        if id(layer) in known:
            continue
        known.add(id(layer))
        for weight in direct_weights(layer):
            if id(weight) in known:
                continue
            known.add(id(weight))
            name, number = f"{path}/{weight.name}", 2
            while name in weights:  # two weights of one name in one layer
                name, number = f"{path}/{weight.name}_{number}", number + 1
            weights[name] = (layer, weight)
    return weights
