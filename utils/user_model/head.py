"""The last layer of a classifier, and what it gives: logits, or probabilities."""

from dataclasses import dataclass

import keras
import numpy as np

from utils.keras_internals import own_trainable_variables
from utils.user_model.checks import OwnModelError
from utils.user_model.pieces import Piece

OUTPUTS = ("logits", "probabilities")
_WITHOUT_WEIGHTS = (keras.layers.Activation, keras.layers.Softmax, keras.layers.Dropout, keras.layers.Flatten)


@dataclass(frozen=True)
class Head:
    """The old head.

    Attributes:
        name: The layer's name.
        position: Its position among the pieces; what comes after it has no weights.
        classes: The number of classes.
        outputs: What the model gives, "logits" or "probabilities".
        is_single_unit: Whether it is a single sigmoid, for two classes.
    """

    name: str
    position: int
    classes: int
    outputs: str
    is_single_unit: bool = False

    def weights(self, dense: keras.layers.Dense) -> list[np.ndarray]:
        """Kernel (width, classes) and bias (classes,) of a head that gives logits.

        A sigmoid of z is a softmax of (0, z). Without a bias, zeros take its place.
        """
        kernel = np.array(dense.kernel.numpy())
        bias = np.array(dense.bias.numpy()) if dense.use_bias else np.zeros(dense.units, kernel.dtype)
        if self.is_single_unit:
            return [np.concatenate([np.zeros_like(kernel), kernel], 1), np.concatenate([np.zeros_like(bias), bias])]
        return [kernel, bias]


def find_head(pieces: list[Piece], outputs: str | None = None) -> Head:
    """The last layer with weights, which must be a Dense layer.

    Args:
        pieces: The pieces of the network.
        outputs: What the model gives, where its last activation leaves that open.

    Raises:
        OwnModelError: For a network that doesn't end like this.
    """
    if outputs not in (None, *OUTPUTS):
        raise OwnModelError(f"outputs={outputs!r} is not allowed: it must be one of {', '.join(map(repr, OUTPUTS))}.")
    position = max(i for i, piece in enumerate(pieces) if piece.weighted_layers)
    dense, behind = pieces[position].layer, [piece.layer for piece in pieces[position + 1 :]]
    unknown = [layer.name for layer in behind if not isinstance(layer, _WITHOUT_WEIGHTS)]
    if operations := [name for layer in behind for name in _operations(layer)]:
        raise OwnModelError(
            f"model: behind its last layer with weights, {dense.name!r}, comes the operation {operations[0]!r}, and "
            "only layers are understood there: write a layer in its place, keras.layers.Softmax() for "
            "keras.ops.softmax, or Dense(classes, activation='softmax') as the head."
        )
    rank = len(pieces[position - 1].shape) if position else len(dense.input.shape) - 1
    if not isinstance(dense, keras.layers.Dense) or rank != 1 or unknown:
        last = f"{unknown[-1]!r}, behind" if unknown else f"{dense.name!r}, a {type(dense).__name__}, as"
        raise OwnModelError(
            f"model: it ends in {last} its last layer with weights. A head is expected that is one Dense(classes) on a "
            "vector for each example: put GlobalAveragePooling2D() or Flatten(), then Dense(classes) at the end, and "
            "train that on the old task."
        )
    shared_layers = [layer for piece in pieces[:position] for layer in piece.weighted_layers]
    if not any(own_trainable_variables(layer) for layer in shared_layers):
        raise OwnModelError(
            f"model: {dense.name!r} is its only layer with weights that train: a head alone has nothing to share. Put "
            "layers with weights before it, such as Dense(64, activation='relu'), and train them on the old task."
        )
    activations = [dense.activation.__name__, *map(_activation, behind)]
    activations = [name for name in activations if name not in (None, "linear")]
    return Head(
        name=dense.name,
        position=position,
        classes=max(2, dense.units),
        outputs=_outputs(dense, activations, outputs),
        is_single_unit=dense.units == 1,
    )


def _outputs(dense, activations, outputs):
    subject = f"model: its last layer {dense.name!r}"
    if dense.units == 1:
        if activations != ["sigmoid"]:
            raise OwnModelError(
                f"{subject} has one unit without a sigmoid: that's a number (regression), not a class. A classifier is "
                "expected, Dense(classes), or Dense(1, activation='sigmoid') for two classes."
            )
        return "probabilities"
    if activations == ["sigmoid"]:
        raise OwnModelError(
            f"{subject} has {dense.units} sigmoids, so that several classes may be true at once. One class for each "
            "example is expected: Dense(classes, activation='softmax'), trained as such."
        )
    known = {(): "logits", ("softmax",): "probabilities"}.get(tuple(activations))
    if known is None and outputs is None:
        raise OwnModelError(
            f"{subject} ends in the activation {' + '.join(activations)!r}: say what comes out, "
            "outputs='probabilities' where each row adds up to 1, or outputs='logits'."
        )
    if known and outputs not in (None, known):
        raise OwnModelError(
            f"outputs={outputs!r} is not allowed: {dense.name!r} gives {known}, as its activation says."
        )
    return known or outputs


def _operations(layer):
    """The names of what a piece computes by operations rather than by layers: keras.ops.softmax, or a `+`."""
    operations = layer.operations if isinstance(layer, keras.Model) else ()
    return [type(part).__name__.lower() for part in operations if not isinstance(part, keras.layers.Layer)]


def _activation(layer):
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    return layer.activation.__name__ if isinstance(layer, keras.layers.Activation) else None
