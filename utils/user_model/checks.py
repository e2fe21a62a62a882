"""What is expected of the reader's network: each error says what that is, and how to get there."""

from pathlib import Path

import numpy as np

from utils.checks import check_path
from utils.frameworks import keras
from utils.keras_internals import flat_layers, own_trainable_variables, sequential_graph
from utils.messages import reason

_REGRESSION_LOSSES = ("squared", "absolute", "huber", "log_cosh", "logcosh", "mse", "mae", "mape", "msle", "cosine")

_LOOKUPS = (
    keras.layers.TextVectorization,
    keras.layers.StringLookup,
    keras.layers.IntegerLookup,
    keras.layers.Hashing,
    keras.layers.HashedCrossing,
)


class OwnModelError(ValueError):
    """A network that can't be used here: the message says what is expected, and how to get there."""


def load_user_model(path: str | Path) -> keras.Model:
    """Read a model from a `.keras` file, in Keras's safe mode: a file that wants to execute code is refused.

    Raises:
        OwnModelError: For another kind of file, or one that can't be read.
    """
    path = check_path("path", path, OwnModelError)
    if path.suffix != ".keras":
        raise OwnModelError(
            f"model={str(path)!r} is not allowed: only .keras files are read, since others may execute code when they "
            "are loaded; save it with model.save('model.keras')."
        )
    if not path.is_file():
        raise OwnModelError(f"model={str(path)!r} is not allowed: there is no such file.")
    try:
        return keras.models.load_model(path, safe_mode=True, compile=False)
    except Exception as error:  # an unknown or altered file may raise anything
        raise OwnModelError(
            f"model={path.name!r} can't be loaded in Keras's safe mode ({reason(error)}). A Lambda layer has to "
            "become a layer class of your own; such a class must be registered before "
            "(keras.saving.register_keras_serializable)."
        ) from None


def check_user_model(model) -> None:
    """Raise an `OwnModelError` unless this is a built Sequential or functional classifier in float32, one input."""
    if not isinstance(model, keras.Model):
        raise OwnModelError(f"model: {type(model).__name__} isn't a keras.Model: give one or the path of a .keras file")
    if not model.built or not model.weights:
        raise OwnModelError(
            f"model: {model.name!r} isn't built yet, so it has no weights: begin it with keras.Input(shape), or call "
            "it on a batch; then train it on the old task, or load its weights."
        )
    _check_kind(model)
    for side in ("inputs", "outputs"):
        tensors = getattr(model, side)
        if len(tensors) != 1:
            cut = "keras.Model(model.input, model.get_layer(NAME).output)"
            raise OwnModelError(
                f"model: {model.name!r} has {len(tensors)} {side} ({', '.join(repr(t.name) for t in tensors)}), and "
                "one is expected: "
                + (f"cut out one with {cut}." if side == "outputs" else "give a model that takes one array.")
            )
    _check_structure(model)
    _check_numbers(model)


def graph_of(model) -> keras.Model | None:
    """The functional model behind a Sequential or functional one; None for what has no graph of layers."""
    if isinstance(model, keras.Sequential):
        return sequential_graph(model)
    return model if isinstance(model, keras.Function) and hasattr(model, "operations") else None


def _check_kind(model):
    if graph_of(model) is None:
        raise OwnModelError(
            f"model: {type(model).__name__} is a class of its own, which doesn't show from outside how its layers are "
            "connected: write it as a functional model, x = keras.Input(shape); keras.Model(x, its_layers(x)); or as "
            "keras.Sequential([keras.Input(shape), your_part, keras.layers.Dense(classes)]), where your_part is one "
            "block."
        )


def _check_structure(model):
    graph = graph_of(model)
    for side, structure in (("inputs", graph.input), ("outputs", graph.output)):
        if isinstance(structure, dict):
            raise OwnModelError(
                f"model: {model.name!r} has {side} by name, {{{next(iter(structure))!r}: …}}, and one plain array is "
                "expected: take keras.Model(model.inputs[0], model.outputs[0])."
            )


def _check_numbers(model):
    for layer in flat_layers(model):
        if isinstance(layer, _LOOKUPS):
            raise OwnModelError(
                f"model: its layer {layer.name!r} looks up texts or whole numbers, which can't pass through floats as "
                "everything here does: cut the model behind it, "
                f"keras.Model(model.get_layer({layer.name!r}).output, model.output), and give what that layer gives."
            )
        if getattr(layer, "stateful", False) and isinstance(layer, keras.layers.RNN):
            raise OwnModelError(
                f"model: its layer {layer.name!r} is stateful, so that its answers depend on the batch before: build "
                "the model with stateful=False, and set_weights(model.get_weights())."
            )
        if getattr(layer, "quantization_mode", None):
            raise OwnModelError(
                f"model: its layer {layer.name!r} is quantized ({layer.quantization_mode}), and whole numbers can't be "
                "trained: give the model as it was before model.quantize()."
            )
        if not all(np.isfinite(weight.numpy()).all() for weight in own_trainable_variables(layer)):
            raise OwnModelError(
                f"model: its layer {layer.name!r} has weights that aren't finite numbers: its training has "
                "diverged; train it again with a lower learning rate, or load weights from before."
            )
        usual = keras.config.floatx()
        if layer.compute_dtype not in (None, usual) or layer.variable_dtype not in (None, usual):
            raise OwnModelError(
                f"model: its layer {layer.name!r} computes in {layer.compute_dtype}, and {usual} is expected: "
                f"keras.config.set_dtype_policy({usual!r}), build the model again, and "
                "set_weights(model.get_weights())."
            )


def loss_name(model: keras.Model) -> str:
    """The name of the loss that a model was compiled with; "" for none."""
    loss = getattr(model, "loss", None) if model.compiled else None
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    return str(name).lower()


def is_regression(loss: str) -> bool:
    """Whether a loss of this name is for numbers rather than classes."""
    return any(part in loss for part in _REGRESSION_LOSSES)
