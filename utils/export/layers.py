"""Layers as lines of Python: what `keras_code` writes of a network, read off the network itself."""

import keras
from keras import layers

from utils.export.text import written
from utils.models import Backbone, Block

# What is written of a layer: its positional arguments, then those named here where they aren't Keras's default.
_WRITTEN = {
    layers.Conv2D: (("filters", "kernel_size"), ("strides", "padding", "use_bias", "activation")),
    layers.Dense: (("units",), ("activation",)),
    layers.MaxPooling2D: (("pool_size",), ()),
    layers.BatchNormalization: ((), ("momentum",)),
    layers.Flatten: ((), ()),
    layers.ReLU: ((), ()),
    layers.GlobalAveragePooling2D: ((), ()),
}
_DEFAULTS = {"strides": 1, "padding": "valid", "use_bias": True, "activation": "linear", "momentum": 0.99}

# A stage of `small_resnet`: the one block that isn't a chain of layers.
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
    backbone: Backbone, input_shape: tuple[int, ...], expanded: bool
) -> tuple[dict[str, str], str | None]:
    """The expression that makes each block of a backbone, by its name, and the one for the new units beside it.

    Raises a ValueError for a layer of a kind that isn't known here.
    """
    blocks = backbone.build(input_shape)
    before = keras.Input(input_shape)
    for block in blocks[:-1]:
        before = block(before)
    expansion = backbone.expand(tuple(before.shape[1:])) if expanded else None
    return {block.name: _block(block) for block in blocks}, _block(expansion) if expansion else None


def _block(block: Block) -> str:
    parts = [_layer(layer) for layer in block.layers]
    return parts[0] if len(parts) == 1 else f"keras.Sequential([{', '.join(parts)}])"


def _layer(layer) -> str:
    if isinstance(layer, keras.Model):
        first = next(part for part in layer.layers if isinstance(part, layers.Conv2D))
        return f"stage({tuple(layer.input_shape[1:])}, {first.filters})"
    if type(layer) not in _WRITTEN:
        raise ValueError(f"layer: {layer.name!r} is a {type(layer).__name__}, which can't be written out yet")
    positional, named = _WRITTEN[type(layer)]
    config = {name: _plain(value) for name, value in layer.get_config().items()}
    given = [written(config[name]) for name in positional]
    given += [f"{name}={written(config[name])}" for name in named if config[name] != _DEFAULTS[name]]
    return f"layers.{type(layer).__name__}({', '.join(given)})"


def _plain(value):
    """One number where height and width agree."""
    same = isinstance(value, list | tuple) and len(value) == 2 and value[0] == value[1]
    return value[0] if same else value
