"""Freezing and unfreezing whole layers of any Keras model, so that it really takes effect."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from utils.checks import check_flag
from utils.frameworks import keras
from utils.freezing.layer_choice import check_model, find_layers
from utils.freezing.recompile import check_compiled, compile_again, fresh_copy
from utils.keras_internals import child_layers, flat_layers, lora_base, own_trainable_variables


def set_trainable(model: keras.Model, layers: Iterable[str] | int | slice, *, recompile: bool = True) -> None:
    """Let these layers train and freeze all others, in the model and in models nested inside it.

    A frozen batch normalization keeps its moving statistics as well as its weights. A layer with LoRA (`enable_lora`)
    learns by that alone: its kernel stays. A container's flag reads True if anything in it trains. Another compiled
    model that shares layers with this one has to be compiled again, too.

    Args:
        model: Any built keras.Model.
        layers: The layers that train, in one of three forms:

            - A list of names: `["head"]`. A name stands for every layer of that name and everything inside it; a path,
              `"base/low"`, distinguishes layers of the same name. A name with `*`, `?` or `[…]` is a pattern:
              `["block_1*"]`.
            - A number: `3` stands for the last three layers that have weights, `0` for none.
            - A slice of these layers, counted from the input: `slice(2, 5)`, `slice(None, 3)`. Nested models are opened
              to count; any other layer counts as one.
        recompile: Whether a compiled model is compiled again, with a fresh optimizer of the same settings, since Keras
            fixes at compilation what trains, and an optimizer refuses weights that it hasn't met. So momentum starts
            from zero; loss and metrics stay. A learning-rate schedule keeps its step. With False, compile it yourself
            before the next fit.

    Raises:
        ValueError: For a model that isn't built or has no weights, a name that stands for no layer (the message lists
            similar ones), a layer named twice, layers without weights, a depth beyond the model's, and an optimizer
            that can't be copied. Nothing has changed then.

    Warns:
        UserWarning: Of SpectralNormalization, which changes its weights in training even when it's frozen.
    """
    check_model(model)
    trained = find_layers(model, layers)
    if not any(layer.weights for layer in trained) and (trained or isinstance(layers, slice)):
        names = ", ".join(repr(layer.name) for layer in trained) or "no layer"
        raise ValueError(f"layers: {layers!r} stands for {names}, without weights; to freeze everything, give layers=0")
    needs_compilation = check_flag("recompile", recompile) and model.compiled
    if needs_compilation:
        check_compiled(model)
        optimizer = fresh_copy(model.optimizer)
    _set_flags(model, {id(layer) for layer in trained})
    _warn_of_spectral_normalization(model)
    if needs_compilation:
        compile_again(model, optimizer)


def _set_flags(layer, trained: set[int]) -> bool:
    """Set the flags of this layer and all below it; whether anything in it trains. `trained` has ids of layers.

    A container's flag reaches down to everything inside it, and a frozen container hides a trained child's weights.
    So a container is set first, and is frozen only if nothing in it trains; weights of its own are set one by one.
    """
    layer.trainable = True
    inside_train = [_set_flags(child, trained) for child in child_layers(layer)]
    trains = id(layer) in trained
    for weight in own_trainable_variables(layer):
        weight.trainable = trains and not _held_by_lora(layer, weight)
    if not trains and not any(inside_train):
        layer.trainable = False
    return trains or any(inside_train)


def _held_by_lora(layer, weight) -> bool:
    """Whether the layer learns by a low-rank update of this weight, which itself stays as it is (`enable_lora`)."""
    return getattr(layer, "lora_enabled", False) and weight is lora_base(layer)


def _warn_of_spectral_normalization(model):
    for layer in flat_layers(model):
        if isinstance(layer, keras.layers.SpectralNormalization) and not layer.trainable:
            warnings.warn(
                f"{layer.name!r}: SpectralNormalization divides its kernel by its norm in every training step, "
                "frozen or not, so it moves; take the wrapper off to freeze what is inside",
                stacklevel=3,
            )
