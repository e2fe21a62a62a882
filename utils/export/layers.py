"""Layers as lines of Python: how `keras_code` writes a network, from the network itself."""

from collections import Counter

from utils.export.text import literal
from utils.frameworks import keras, layers
from utils.models import AddedLayers, Backbone, Block

# The arguments that are written: positional ones, then those by keyword where they differ from Keras's default.
_ARGUMENTS = {
    layers.Conv2D: (("filters", "kernel_size"), ("strides", "padding", "use_bias", "activation", "kernel_initializer")),
    layers.Dense: (("units",), ("use_bias", "activation", "kernel_initializer")),
    layers.MaxPooling2D: (("pool_size",), ()),
    layers.BatchNormalization: ((), ("momentum",)),
    layers.Flatten: ((), ()),
    layers.ReLU: ((), ()),
    layers.GlobalAveragePooling2D: ((), ()),
}
_DEFAULTS = {
    "strides": 1,
    "padding": "valid",
    "use_bias": True,
    "activation": "linear",
    "momentum": 0.99,
    "kernel_initializer": None,
}

_SET_ELSEWHERE = "name", "dtype", "trainable"

# A stage of `small_resnet`: the one block that isn't a chain of layers.
_STAGE_LAYERS = {layers.Conv2D: 3, layers.BatchNormalization: 3, layers.ReLU: 2, layers.Add: 1}

STAGE = """
def normed(x, filters, size, strides=1):
    x = layers.Conv2D(filters, size, strides, padding="same", use_bias=False)(x)
    return layers.BatchNormalization(momentum=0.9)(x)


def stage(shape, filters):
    x = keras.Input(shape)
    y = normed(layers.ReLU()(normed(x, filters, 3, 2)), filters, 3)
    return keras.Model(x, layers.ReLU()(layers.Add()([y, normed(x, filters, 1, 2)])))
"""


def backbone_code(
    backbone: Backbone, input_shape: tuple[int, ...], added: AddedLayers | None
) -> tuple[dict[str, str], dict[str, str]]:
    """Write the expressions that make a backbone.

    Args:
        backbone: The backbone.
        input_shape: The shape of one example.
        added: The layers that the strategy adds; None for none.

    Returns:
        The expression for each block by its name, and the one for each added layer.

    Raises:
        ValueError: For a layer of a kind that isn't known here.
    """
    blocks, outputs = backbone.build(input_shape), [keras.Input(input_shape)]
    for block in blocks:
        outputs.append(block(outputs[-1]))
    shapes = tuple(tuple(output.shape[1:]) for output in outputs)
    added_blocks = added.blocks(backbone, shapes) if added else ()
    return {block.name: _block(block) for block in blocks}, {block.name: _block(block) for block in added_blocks}


def _block(block: Block) -> str:
    parts = [_layer(layer) for layer in block.layers]
    return parts[0] if len(parts) == 1 else f"keras.Sequential([{', '.join(parts)}])"


def _layer(layer) -> str:
    if isinstance(layer, keras.Sequential):
        return f"keras.Sequential([{', '.join(map(_layer, layer.layers))}])"
    if isinstance(layer, keras.Model) and Counter(type(part) for part in layer.layers[1:]) == _STAGE_LAYERS:
        first = next(part for part in layer.layers if isinstance(part, layers.Conv2D))
        return f"stage({tuple(layer.input_shape[1:])}, {first.filters})"
    if type(layer) not in _ARGUMENTS:
        raise ValueError(f"layer: {layer.name!r} is a {type(layer).__name__}, which can't be exported yet")
    positional, by_keyword = _ARGUMENTS[type(layer)]
    config = {name: _single(value) for name, value in layer.get_config().items()}
    _check_arguments(layer, config, positional, by_keyword)
    initializer = getattr(layer, "kernel_initializer", None)
    zeros = isinstance(initializer, keras.initializers.Zeros)
    if initializer is not None and not zeros and not hasattr(initializer, "seed"):
        raise ValueError(f"layer: {layer.name!r} begins with {initializer!r}, which can't be exported yet")
    config["kernel_initializer"] = "zeros" if zeros else None  # the script draws those that are random
    arguments = [literal(config[name]) for name in positional]
    arguments += [f"{name}={literal(config[name])}" for name in by_keyword if config[name] != _DEFAULTS[name]]
    return f"layers.{type(layer).__name__}({', '.join(arguments)})"


def _check_arguments(layer, config, positional, by_keyword):
    """Raise a ValueError for an argument that would be left out, though it isn't Keras's default."""
    usual = type(layer)(**{name: config[name] for name in positional}).get_config()
    for name, value in usual.items():
        if name not in (*positional, *by_keyword, *_SET_ELSEWHERE) and _single(value) != config[name]:
            raise ValueError(f"layer: {layer.name!r} has {name}={config[name]!r}, which can't be exported yet")
    if not isinstance(config.get("activation", ""), str):
        raise ValueError(f"layer: {layer.name!r} has an activation of its own, which can't be exported yet")


def _single(value):
    """One number for a pair of equal ones, as for height and width."""
    equal = isinstance(value, list | tuple) and len(value) == 2 and value[0] == value[1]
    return value[0] if equal else value
