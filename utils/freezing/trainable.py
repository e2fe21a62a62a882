"""Freezing and unfreezing whole layers of any Keras model, so that it really takes effect."""

import warnings
from collections.abc import Iterable

import keras

from utils.freezing.layer_choice import check_model, chosen
from utils.freezing.recompile import check_compiled, compile_again, fresh_copy
from utils.keras_internals import child_layers, flat_layers, lora_base, own_trainable_variables


def set_trainable(model: keras.Model, layers: Iterable[str] | int | slice, *, recompile: bool = True) -> None:
    """Let these layers train and freeze all others, in the model and in models nested inside it.

    model: any built keras.Model. layers: what shall train,

    - a list of names: `["head"]`. A name stands for every layer of that name and all that it contains; a path,
      `"base/low"`, tells layers of the same name apart. A name with `*`, `?` or `[…]` is a pattern: `["block_1*"]`.
    - a number: `3` stands for the last three layers that have weights, `0` for none.
    - a slice of these layers, counted from the input: `slice(2, 5)`, `slice(None, 3)`. Nested models are opened to
      count; any other layer counts as one.

    recompile: whether a compiled model is compiled again, with a fresh optimizer of the same settings (Keras fixes
    at compilation what trains, and an optimizer refuses weights that it hasn't met), so its momentum starts anew;
    loss and metrics stay. Where the learning rate follows a schedule, its step is kept. With False, compile it
    yourself before the next fit.

    A frozen batch normalisation keeps its moving statistics as well as its weights. A layer with LoRA (`enable_lora`)
    learns by that alone: its kernel stays. A container's flag reads True if anything in it trains. Another compiled
    model that shares layers with this one has to be compiled again, too.

    Raises a ValueError for what is no built model with weights, a name that stands for no layer (it lists the near
    ones), a layer named twice, layers without weights, a depth that the model hasn't, and an optimizer that can't be
    copied. Nothing has changed then. Warns of SpectralNormalization, which changes its weights in training even when
    it is frozen.
    """
    check_model(model)
    trained = chosen(model, layers)
    meant = [layer for layer in flat_layers(model) if id(layer) in trained]
    if not any(layer.weights for layer in meant) and (meant or isinstance(layers, slice)):
        names = ", ".join(repr(layer.name) for layer in meant) or "no layer"
        raise ValueError(f"layers: {layers!r} stands for {names}, without weights; to freeze everything, give layers=0")
    again = recompile and model.compiled
    if again:
        check_compiled(model)
        optimizer = fresh_copy(model.optimizer)
    _mark(model, trained)
    _warn_of_restless_layers(model)
    if again:
        compile_again(model, optimizer)


def _mark(layer, trained) -> bool:
    """Set the flags of this layer and all below it; whether anything in it trains. trained: ids of layers.

    A container's flag reaches down to all that it contains, and a frozen container hides a trained child's weights.
    So a container is set first, and is frozen only if nothing in it trains; weights of its own are set one by one.
    """
    layer.trainable = True
    inside = [_mark(child, trained) for child in child_layers(layer)]
    itself = id(layer) in trained
    for weight in own_trainable_variables(layer):
        weight.trainable = itself and not _held_by_lora(layer, weight)
    if not itself and not any(inside):
        layer.trainable = False
    return itself or any(inside)


def _held_by_lora(layer, weight) -> bool:
    """Whether the layer learns by a low-rank update of this weight, which itself stays as it is (`enable_lora`)."""
    return getattr(layer, "lora_enabled", False) and weight is lora_base(layer)


def _warn_of_restless_layers(model):
    for layer in flat_layers(model):
        if isinstance(layer, keras.layers.SpectralNormalization) and not layer.trainable:
            warnings.warn(
                f"{layer.name!r}: SpectralNormalization divides its kernel by its norm in every training step, "
                "frozen or not, so it moves; take the wrapper off to freeze what is inside",
                stacklevel=3,
            )
