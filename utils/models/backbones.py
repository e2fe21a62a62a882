"""The backbones: ordered lists of named blocks, the unit that is frozen or trained."""

from collections.abc import Callable
from dataclasses import dataclass

from utils.checks import (
    check_function,
    check_kind,
    check_names,
    check_one_of,
    check_sizes,
    check_text,
    check_whole_number,
)
from utils.frameworks import keras, layers
from utils.models.block import Block
from utils.models.pooled_convolution import pooled_convolution
from utils.names import OF_LAYERS, check_name


@dataclass(frozen=True)
class Backbone:
    """A recipe for a backbone: what must be known before anything is built, and how to build it.

    Attributes:
        name: The backbone's name.
        description: One line for menus and tables.
        layer_names: The names of the blocks, from the input to the output.
        build: From the shape of an input to the blocks.
        expand: From the shape of the last block's input to a block of new units beside the last block.
        input_axes: The number of axes of an input: 3 for images, 1 for points.
        pair: The name of the only pair of tasks that it is for, where it is the reader's own network; else None.

    Raises:
        ValueError: For a name that can't be written in the text of settings.
    """

    name: str
    description: str
    layer_names: tuple[str, ...]
    build: Callable[[tuple[int, ...]], tuple[Block, ...]]
    expand: Callable[[tuple[int, ...]], Block]
    input_axes: int = 3
    pair: str | None = None

    def __post_init__(self):
        check_name("name", self.name)
        check_text("description", self.description)
        for name in ("build", "expand"):
            check_function(name, getattr(self, name), 1)
        check_whole_number("input_axes", self.input_axes, 1)
        check_kind("pair", self.pair, str | None, "give the name of a pair, or None")
        names = check_names("layer_names", self.layer_names, 1, "give a tuple of the blocks' names")
        object.__setattr__(self, "layer_names", names)
        for layer in names:
            check_name(f"layer_names of {self.name!r}: name", layer, OF_LAYERS)


def _small_cnn(input_shape):
    def convolution(name, filters, fused=None):
        return Block(
            name,
            (
                layers.Conv2D(filters, 3, padding="same", activation="relu", name=name),
                layers.MaxPooling2D(2, name=f"{name}_pool"),
            ),
            fused=fused,
        )

    # With more channels, as in the blocks that follow, it saves nothing.
    fused = pooled_convolution if input_shape[-1] == 1 else None
    return (
        convolution("conv1", 16, fused),
        convolution("conv2", 32),
        convolution("conv3", 64),
        Block("dense", (layers.Flatten(name="flatten"), layers.Dense(64, activation="relu", name="dense"))),
    )


def _more_units(shape):
    return Block(
        "expansion",
        (
            layers.Flatten(name="expansion_flatten"),
            layers.Dense(32, activation="relu", name="expansion"),
        ),
    )


def _norm(name=None):
    # Keras's momentum of 0.99 needs hundreds of updates to forget its start; these tasks have tens per epoch.
    return layers.BatchNormalization(momentum=0.9, name=name)


def _stage(name, shape, filters):
    """Two 3 x 3 convolutions beside a 1 x 1 shortcut, halving height and width (He et al. 2016, Fig. 3)."""
    x = keras.Input(shape)
    y = layers.Conv2D(filters, 3, strides=2, padding="same", use_bias=False)(x)
    y = layers.ReLU()(_norm()(y))
    y = layers.Conv2D(filters, 3, padding="same", use_bias=False)(y)
    y = _norm()(y)
    shortcut = _norm()(layers.Conv2D(filters, 1, strides=2, use_bias=False)(x))
    return keras.Model(x, layers.ReLU()(layers.Add()([y, shortcut])), name=name)


def _small_resnet(input_shape):
    stem = (
        layers.Conv2D(16, 3, padding="same", use_bias=False, name="stem"),
        _norm("stem_norm"),
        layers.ReLU(name="stem_relu"),
    )
    blocks, shape = [Block("stem", stem)], (*input_shape[:2], 16)
    for name, filters in (("stage1", 16), ("stage2", 32), ("stage3", 64)):
        model = _stage(name, shape, filters)
        blocks.append(Block(name, (model,)))
        shape = model.output_shape[1:]
    last = blocks.pop()
    return (*blocks, Block("stage3", (*last.layers, layers.GlobalAveragePooling2D(name="average"))))


def _more_channels(shape):
    return Block("expansion", (_stage("expansion", shape, 16), layers.GlobalAveragePooling2D(name="expansion_average")))


def _small_mlp(input_shape):
    # Smooth units, whose maps over the plane are easy to read.
    names = ("layer1", "layer2", "layer3")
    return tuple(Block(name, (layers.Dense(8, activation="tanh", name=name),)) for name in names)


def _more_smooth_units(shape):
    return Block("expansion", (layers.Dense(4, activation="tanh", name="expansion"),))


BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            "small_cnn",
            "three convolutions and one dense layer, 60,224 weights",
            ("conv1", "conv2", "conv3", "dense"),
            _small_cnn,
            _more_units,
        ),
        Backbone(
            "small_resnet",
            "a small residual network with batch normalization, 77,392 weights",
            ("stem", "stage1", "stage2", "stage3"),
            _small_resnet,
            _more_channels,
        ),
        Backbone(
            "small_mlp",
            "three dense layers of eight units, for points in the plane, 168 weights",
            ("layer1", "layer2", "layer3"),
            _small_mlp,
            _more_smooth_units,
            input_axes=1,
        ),
    )
}
DEFAULT_BACKBONE = next(iter(BACKBONES))
BUILT_IN = tuple(BACKBONES)


def find_backbone(backbone: str | Backbone) -> Backbone:
    """The backbone of this name; a `Backbone` is returned as it is. ValueError for another name."""
    return backbone if isinstance(backbone, Backbone) else BACKBONES[check_one_of("backbone", backbone, BACKBONES)]


def fitting(input_shape: tuple[int, ...], tasks: str = "") -> tuple[str, ...]:
    """The names of the backbones that take inputs of this shape; the first is their default.

    Args:
        input_shape: The shape of one example.
        tasks: The name of the pair. The reader's own pair has networks of its own, and no others.
    """
    input_shape = check_input_shape(input_shape)
    check_kind("tasks", tasks, str, "give the name of a pair")
    if of_pair := tuple(name for name, backbone in tuple(BACKBONES.items()) if backbone.pair == tasks):
        return of_pair
    return tuple(
        name
        for name, backbone in tuple(BACKBONES.items())
        if backbone.pair is None and backbone.input_axes == len(input_shape)
    )


def check_input_shape(input_shape) -> tuple[int, ...]:
    """The shape of one example as a tuple."""
    return check_sizes("input_shape", input_shape, "give the shape of one example, such as (28, 28, 1)", 1, 2, 3, 4)


def check_backbone(backbone: str | Backbone | None, input_shape: tuple[int, ...], tasks: str) -> Backbone:
    """Find a backbone for these inputs.

    Args:
        backbone: A name, a `Backbone`, or None for the first that takes such inputs.
        input_shape: The shape of one example.
        tasks: The name of the pair.

    Raises:
        ValueError: For a name that isn't in `BACKBONES`, and for a backbone that takes other inputs.
    """
    allowed = fitting(input_shape, tasks)
    if not allowed and not isinstance(backbone, Backbone):
        raise ValueError(
            f"backbone={backbone!r} is not allowed with {tasks!r}: no backbone here takes inputs of the shape "
            f"{input_shape}. Give a Backbone, or bring a network of your own with own_model(...)."
        )
    if backbone is None:
        return BACKBONES[allowed[0]]
    if isinstance(backbone, Backbone):
        name, fits = backbone.name, backbone.input_axes == len(input_shape) and backbone.pair in (None, tasks)
    else:
        name = check_one_of("backbone", backbone, BACKBONES)
        fits = name in allowed
    if not fits:
        raise ValueError(
            f"backbone={name!r} is not allowed with {tasks!r}, whose inputs have the shape {input_shape}: "
            f"take {' or '.join(map(repr, allowed)) or 'another'}."
        )
    return find_backbone(backbone)
