"""The proof of freezing: weights compared bit for bit before and after."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import keras
import numpy as np
import pandas as pd

from utils.freezing.layer_choice import check_model, chosen, own_weights, walk
from utils.keras_internals import own_trainable_variables

Weights = Mapping[str, np.ndarray | Sequence[np.ndarray]]


def weights_of(model: keras.Model) -> dict[str, np.ndarray]:
    """A copy of every weight of a built model: path ("base/low/kernel") → array."""
    check_model(model)
    return {path: np.array(weight.numpy()) for path, (_, weight) in _paths(model).items()}


def changed_weights(before: Weights, after: Weights) -> tuple[str, ...]:
    """The names whose arrays differ in a single bit or more.

    before, after: name → array, as `weights_of(model)` gives, or name → several arrays, as `snapshot()` does.
    Raises a ValueError where the two don't hold the same names.
    """
    if unlike := sorted(set(before) ^ set(after)):
        raise ValueError(f"before and after: {', '.join(unlike)} isn't in both; take both from the same model")
    return tuple(name for name in before if _bits(before[name]) != _bits(after[name]))


def _bits(arrays):
    several = arrays if isinstance(arrays, list | tuple) else [arrays]
    return [(array.shape, array.dtype, array.tobytes()) for array in map(np.asarray, several)]


@dataclass(frozen=True)
class LayerProof:
    """What was believed, said and seen of one layer.

    believed: "frozen", "trained", or "" where nobody said. listed: what Keras listed as trainable before:
    "frozen", "trained", "in part", or "statistics" where no weight of it is there to be trained, as in an adapted
    Normalization. moved: the names of its weights that moved. largest: the largest change.
    """

    layer: str
    believed: str
    listed: str
    moved: tuple[str, ...]
    weights: int
    largest: float

    @property
    def surprise(self) -> str:
        """Where what was seen contradicts what was believed, or else what Keras said; empty where nothing does."""
        says, who = (self.believed, "you believed") if self.believed else (self.listed, "Keras said")
        if says == "statistics":
            return ""
        if says == "frozen" and self.moved:
            return f"{who} it frozen, and it moved"
        if says == "trained" and not self.moved:
            return f"{who} it trained, and it stood still"
        return ""


@dataclass
class WeightChanges:
    """What `track_weights` saw: a table with a row for each layer that has weights. Empty until its block has ended."""

    rows: tuple[LayerProof, ...] = field(default=())

    @property
    def moved(self) -> tuple[str, ...]:
        """The layers of which a weight moved."""
        return tuple(row.layer for row in self.rows if row.moved)

    @property
    def still(self) -> tuple[str, ...]:
        """The layers whose weights are what they were, bit for bit."""
        return tuple(row.layer for row in self.rows if not row.moved)

    @property
    def surprises(self) -> dict[str, str]:
        """Layer → what contradicts what was believed (or what Keras said, where nobody believed anything)."""
        return {row.layer: row.surprise for row in self.rows if row.surprise}

    def to_frame(self) -> pd.DataFrame:
        """The table."""
        return pd.DataFrame(
            {
                "layer": [row.layer for row in self.rows],
                "you believed": [row.believed or "–" for row in self.rows],
                "Keras said": [row.listed for row in self.rows],
                "moved": [", ".join(row.moved) or "nothing" for row in self.rows],
                "largest change": [f"{row.largest:.2g}" for row in self.rows],
                "surprise": [row.surprise for row in self.rows],
            }
        ).set_index("layer")

    def _repr_html_(self):
        return self.to_frame()._repr_html_()

    def __repr__(self):
        return self.to_frame().to_string() if self.rows else "Nothing seen yet: the block hasn't ended."


@contextmanager
def track_weights(model: keras.Model, frozen: Iterable[str] | int | slice | None = None) -> Iterator[WeightChanges]:
    """Compare all weights before and after a block, bit for bit.

        with track_weights(model, frozen=["base"]) as seen:
            model.fit(x, y)
        seen  # the table; plot_weight_changes(seen) draws it

    frozen: the layers that you believe to be frozen, in the forms of `set_trainable`; all others you believe to
    train. Raises a ValueError for a model that isn't built, and for layers that it hasn't.
    """
    check_model(model)
    believed = None if frozen is None else chosen(model, frozen, "frozen")
    before, listed = weights_of(model), {id(weight) for weight in model.trainable_weights}
    seen = WeightChanges()
    try:
        yield seen
    finally:  # also where the block was broken off: what has moved until then is of interest
        seen.rows = tuple(_rows(model, believed, listed, before, weights_of(model)))


def _rows(model, believed, listed, before, after):
    changed = set(changed_weights(before, after))
    by_layer: dict[int, tuple[keras.layers.Layer, list]] = {}
    for path, (layer, weight) in _paths(model).items():
        by_layer.setdefault(id(layer), (layer, []))[1].append((path, weight))
    for layer, weights in by_layer.values():
        said = {id(weight) in listed for weight in own_trainable_variables(layer)}
        seen = [(path, weight.name) for path, weight in weights if path in changed]
        listed_as = {(): "statistics", (True,): "trained", (False,): "frozen"}.get(tuple(said), "in part")
        believed_to = "" if believed is None else "frozen" if id(layer) in believed else "trained"
        change = [np.abs(after[path].astype("float64") - before[path]).max() for path, _ in seen]
        yield LayerProof(
            layer=weights[0][0].rpartition("/")[0],
            believed="" if believed_to == "trained" and listed_as == "statistics" else believed_to,
            listed=listed_as,
            moved=tuple(name for _, name in seen),
            weights=len(weights),
            largest=float(max(change, default=0.0)),
        )


def _paths(model):
    """Path → (its layer, the weight); a layer that is used in several places has the path of the first."""
    found, met = {}, set()
    for path, layer in [(model.name, model), *walk(model)]:
        if id(layer) in met:
            continue
        met.add(id(layer))
        for weight in own_weights(layer):
            if id(weight) in met:
                continue
            met.add(id(weight))
            place, number = f"{path}/{weight.name}", 2
            while place in found:  # two weights of one name in one layer
                place, number = f"{path}/{weight.name}_{number}", number + 1
            found[place] = (layer, weight)
    return found
