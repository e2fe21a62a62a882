"""The last layer of a classifier, and what its numbers are: logits, or probabilities."""

from dataclasses import dataclass

import keras
import numpy as np

from utils.keras_internals import own_trainable_variables
from utils.user_model.checks import OwnModelError

OUTPUTS = ("logits", "probabilities")
_HARMLESS = (keras.layers.Activation, keras.layers.Softmax, keras.layers.Dropout, keras.layers.Flatten)


@dataclass(frozen=True)
class Head:
    """Where the old head is, and what it says.

    at: its place among the pieces; what comes after it has no weights. classes: how many it tells apart. outputs: what
    the model gives, "logits" or "probabilities". one_unit: whether it is a single sigmoid, for two classes.
    """

    name: str
    at: int
    classes: int
    outputs: str
    one_unit: bool = False

    def weights(self, dense: keras.layers.Dense) -> list[np.ndarray]:
        """Kernel (width, classes) and bias (classes,) of a head that gives logits.

        A sigmoid of z is a softmax of (0, z); without a bias it's 0.
        """
        kernel = np.array(dense.kernel.numpy())
        bias = np.array(dense.bias.numpy()) if dense.use_bias else np.zeros(dense.units, kernel.dtype)
        if self.one_unit:
            return [np.concatenate([np.zeros_like(kernel), kernel], 1), np.concatenate([np.zeros_like(bias), bias])]
        return [kernel, bias]


def find_head(found: list, outputs: str | None = None) -> Head:
    """The last layer with weights among the pieces: a Dense is expected.

    outputs: what the model gives, where its last activation doesn't say. An `OwnModelError` tells what is expected.
    """
    if outputs not in (None, *OUTPUTS):
        raise OwnModelError(f"outputs={outputs!r} is not allowed: it must be one of {', '.join(map(repr, OUTPUTS))}.")
    at = max(i for i, piece in enumerate(found) if piece.parts)
    dense, behind = found[at].layer, [piece.layer for piece in found[at + 1 :]]
    strange = [layer.name for layer in behind if not isinstance(layer, _HARMLESS)]
    if operations := [name for layer in behind for name in _operations(layer)]:
        raise OwnModelError(
            f"model: behind its last layer with weights, {dense.name!r}, comes the operation {operations[0]!r}, and "
            "only layers are read there: write a layer in its place, keras.layers.Softmax() for keras.ops.softmax, or "
            "Dense(classes, activation='softmax') as the head."
        )
    rank = len(found[at - 1].shape) if at else len(dense.input.shape) - 1
    if not isinstance(dense, keras.layers.Dense) or rank != 1 or strange:
        last = f"{strange[-1]!r}, behind" if strange else f"{dense.name!r}, a {type(dense).__name__}, as"
        raise OwnModelError(
            f"model: it ends in {last} its last layer with weights. A head is expected that is one Dense(classes) on a "
            "vector for each example: put GlobalAveragePooling2D() or Flatten(), then Dense(classes) at the end, and "
            "train that on the old task."
        )
    if not any(own_trainable_variables(part) for piece in found[:at] for part in piece.parts):
        raise OwnModelError(
            f"model: {dense.name!r} is its only layer with weights that train: a head alone has nothing to share. Put "
            "layers with weights before it, such as Dense(64, activation='relu'), and train them on the old task."
        )
    said = [dense.activation.__name__, *map(_activation, behind)]
    said = [name for name in said if name not in (None, "linear")]
    return Head(dense.name, at, max(2, dense.units), _outputs(dense, said, outputs), dense.units == 1)


def _outputs(dense, said, given):
    what = f"model: its last layer {dense.name!r}"
    if dense.units == 1:
        if said != ["sigmoid"]:
            raise OwnModelError(
                f"{what} has one unit without a sigmoid: that's a number (regression), not a class. A classifier is "
                "expected, Dense(classes), or Dense(1, activation='sigmoid') for two classes."
            )
        return "probabilities"
    if said == ["sigmoid"]:
        raise OwnModelError(
            f"{what} has {dense.units} sigmoids, so that several classes may be true at once. One class for each "
            "example is expected: Dense(classes, activation='softmax'), trained as such."
        )
    known = {(): "logits", ("softmax",): "probabilities"}.get(tuple(said))
    if known is None and given is None:
        raise OwnModelError(
            f"{what} ends in the activation {' + '.join(said)!r}: say what comes out, outputs='probabilities' where "
            "each row adds up to 1, or outputs='logits'."
        )
    if known and given not in (None, known):
        raise OwnModelError(f"outputs={given!r} is not allowed: {dense.name!r} gives {known}, as its activation says.")
    return known or given


def _operations(layer):
    """The names of what is computed in a piece by operations rather than by layers: keras.ops.softmax, or a `+`."""
    found = layer.operations if isinstance(layer, keras.Model) else ()
    return [type(one).__name__.lower() for one in found if not isinstance(one, keras.layers.Layer)]


def _activation(layer):
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    return layer.activation.__name__ if isinstance(layer, keras.layers.Activation) else None
