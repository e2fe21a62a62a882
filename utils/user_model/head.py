"""The last layer of a classifier, and what it gives: logits, or probabilities."""

from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import expit, log_softmax

from utils.checks import check_one_of
from utils.frameworks import keras
from utils.keras_internals import own_trainable_variables
from utils.measures import softmax
from utils.user_model.checks import OwnModelError, is_regression
from utils.user_model.pieces import Piece

OUTPUTS = ("logits", "probabilities")  # that a reader can name
_GIVES = {
    (): "logits",
    ("softmax",): "probabilities",
    ("log_softmax",): "log-probabilities",
    ("sigmoid",): "sigmoids",
}  # by the activations behind the weights
_PENALTIES = ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")
_WITHOUT_WEIGHTS = (keras.layers.Activation, keras.layers.Softmax, keras.layers.Dropout, keras.layers.Flatten)


@dataclass(frozen=True)
class Head:
    """The old head.

    Attributes:
        name: The layer's name.
        position: Its position among the pieces; what comes after it has no weights.
        classes: The number of classes.
        outputs: What the model gives: one of `OUTPUTS`, or "log-probabilities", or "sigmoids", of which the largest
            names the class.
        is_single_unit: Whether it is a single unit, for two classes.
        penalties: Its regularizers and constraints, by the names of Keras's arguments: heads train without them.
    """

    name: str
    position: int
    classes: int
    outputs: str
    is_single_unit: bool = False
    penalties: tuple[str, ...] = ()

    def outputs_of(self, logits: np.ndarray) -> np.ndarray:
        """What the reader's model gives where the old head gives these logits, both (N, columns)."""
        if self.is_single_unit and self.outputs == "logits":
            return logits[:, 1:] - logits[:, :1]
        functions = {"probabilities": softmax, "log-probabilities": partial(log_softmax, axis=1), "sigmoids": expit}
        given = functions.get(self.outputs, np.array)(logits)
        return given[:, 1:] if self.is_single_unit else given

    def weights(self, dense: keras.layers.Dense) -> list[np.ndarray]:
        """Kernel (width, classes) and bias (classes,) of a head that gives logits.

        A sigmoid of z is a softmax of (0, z). Without a bias, zeros take its place.
        """
        kernel = np.array(dense.kernel.numpy())
        bias = np.array(dense.bias.numpy()) if dense.use_bias else np.zeros(dense.units, kernel.dtype)
        if self.is_single_unit:
            return [np.concatenate([np.zeros_like(kernel), kernel], 1), np.concatenate([np.zeros_like(bias), bias])]
        return [kernel, bias]


def find_head(pieces: list[Piece], outputs: str | None = None, loss: str = "") -> Head:
    """The last layer with weights, which must be a Dense layer.

    Args:
        pieces: The pieces of the network.
        outputs: What the model gives, where its last activation leaves that open.
        loss: The name of the loss that it was compiled with, if any.

    Raises:
        OwnModelError: For a network that doesn't end like this.
    """
    if outputs is not None:
        check_one_of("outputs", outputs, OUTPUTS, OwnModelError)
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
        outputs=_outputs(dense, activations, outputs, loss),
        is_single_unit=dense.units == 1,
        penalties=tuple(name for name in _PENALTIES if getattr(dense, name) is not None),
    )


def _outputs(dense, activations, outputs, loss):
    """What comes out, from the activation, what the reader says, and the loss that the model was compiled with."""
    subject = f"model: its last layer {dense.name!r}"
    single = dense.units == 1
    known = _GIVES.get(tuple(activations))
    if known == "sigmoids" and single:
        known = "probabilities"
    if known == "logits" and outputs is None and (single or is_regression(loss)) and "binary_crossentropy" not in loss:
        why = f"the loss {loss!r} is" if is_regression(loss) else "one unit without an activation is usually"
        raise OwnModelError(
            f"{subject}: {why} for numbers (regression), and a classifier is expected. If it is one, say so: "
            "outputs='logits'."
        )
    if single and known == "probabilities" and "softmax" in activations:
        raise OwnModelError(
            f"{subject} is one unit with a softmax, which always gives 1: take Dense(1, activation='sigmoid') or "
            "Dense(2, activation='softmax'), and train that on the old task."
        )
    if known is None and all(hasattr(keras.activations, name) for name in activations):
        raise OwnModelError(
            f"{subject} ends in the activation {' + '.join(activations)!r}, and classes are expected as plain "
            "logits, or after softmax or sigmoid alone: end the model in Dense(classes), with softmax or without, and "
            "train that on the old task."
        )
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
