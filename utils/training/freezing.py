"""Freezing and unfreezing whole layers of any Keras model, so that it really takes effect."""

import difflib
from collections.abc import Iterable

import keras


def set_trainable(model: keras.Model, layers: Iterable[str]) -> None:
    """Let these layers train and freeze all others, in the model and in models nested inside it.

    A name stands for the layer and all that it contains. A frozen batch normalisation keeps its moving statistics
    as well as its weights. A model that is compiled is compiled again with a fresh optimizer of the same settings
    (Keras fixes at compilation what trains, and an optimizer refuses weights that it hasn't met), so its momentum
    starts anew; loss and metrics stay. Where the learning rate follows a schedule, its step is kept.

    Raises a ValueError for a model that isn't built, a name that stands for no layer, and a name given twice.
    """
    if isinstance(layers, str):
        raise ValueError(f"layers: {layers!r} is a text; give a list of names, such as [{layers!r}]")
    if not model.built:
        raise ValueError(f"model: {model.name!r} isn't built yet, so it has no weights; call it on a batch first")
    wanted = list(layers)
    if len(set(wanted)) < len(wanted):
        raise ValueError(f"layers: {wanted} names a layer twice")
    parts = model._flatten_layers(include_self=False, recursive=True)
    known = {part.name for part in parts}
    for name in wanted:
        if name not in known:
            near = ", ".join(difflib.get_close_matches(str(name), known, n=3)) or ", ".join(sorted(known))
            raise ValueError(f"layers: {model.name!r} has no layer {name!r}; near: {near}")
    _mark(model, {id(inner) for part in parts if part.name in wanted for inner in part._flatten_layers()})
    if model.compiled:
        _compile_again(model)


def _mark(layer, trained) -> bool:
    """Set the flags of this layer and all below it; whether anything in it trains. trained: ids of layers.

    A container's flag reaches down to all that it contains, and a frozen container hides a trained child's weights.
    So a container is set first, and is frozen only if nothing in it trains; weights of its own are set one by one.
    """
    layer.trainable = True
    children = layer._flatten_layers(include_self=False, recursive=False)
    inside = [_mark(child, trained) for child in children]
    itself = id(layer) in trained
    for weight in layer._trainable_variables:
        weight.trainable = itself
    if not itself and not any(inside):
        layer.trainable = False
    return itself or any(inside)


def _compile_again(model):
    arguments = dict(model._compile_config.config)
    used = model.optimizer
    fresh = type(used).from_config(used.get_config())
    if isinstance(used._learning_rate, keras.optimizers.schedules.LearningRateSchedule):
        fresh.iterations.assign(used.iterations)
    model.compile(**arguments | {"optimizer": fresh})
