"""Layers that a strategy adds to the network, and how the network uses them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras

from utils.models.backbones import Backbone
from utils.models.block import Block
from utils.names import OF_LAYERS, check_name

EXPANSION, OLD_HEAD, NEW_HEAD = "expansion", "old_head", "new_head"
Call = Callable[[Block, object], object]  # runs a block on its input


@dataclass(frozen=True, eq=False, repr=False)
class AddedLayers:
    """Layers that a strategy adds to the network: all that the engine, the panels and the Keras code need of them.

    They begin at random with the new head: kernels Glorot uniform, but 0 where the layer's own initializer is "zeros".

    Attributes:
        name: The part of the network that they are, as in `Strategy(trains=...)`.
        layer_names: From the backbone to the names of the added layers: a switch on the panels for each.
        build: From the backbone and the shapes of the inputs of each block and, last, of the heads, without the batch
            axis, to the layers: a `Block` for each name.
        features: How the network uses them: called with the input x of the first of `blocks`, these blocks, the added
            layers by name, and a function `call(block, x)` that runs a block. It returns the inputs of the old head
            and of the new one. It can be called with the last blocks alone, down to `beside`.
        beside: How many of the last blocks they stand beside: while the blocks below are frozen, their outputs are
            computed once. None for all blocks.
        code: The lines of plain Keras that make `features` and `seen`, the inputs of the two heads; they begin with
            `features = image`, and can use `BACKBONE` (names of the blocks) and `network` (layers by name). None for
            layers that can't be exported.
        words: What they are, for the table of strategies.
        known: Whether this process has the functions; False for layers that were read from the file of a run.
    """

    name: str
    layer_names: Callable[[Backbone], tuple[str, ...]]
    build: Callable[[Backbone, tuple[tuple[int, ...], ...]], tuple[Block, ...]]
    features: Callable[[object, tuple[Block, ...], Mapping[str, Block], Call], tuple]
    beside: int | None = None
    code: str | None = None
    words: str = "new layers"
    known: bool = True

    def __post_init__(self):
        check_name("name", self.name)
        if self.name in ("backbone", "top", OLD_HEAD, NEW_HEAD):
            raise ValueError(f"name={self.name!r} is not allowed: every network has a part of this name.")
        for name in ("layer_names", "build", "features"):
            if not callable(getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)!r} is not allowed: it must be a function.")
        whole = isinstance(self.beside, int) and not isinstance(self.beside, bool)
        if self.beside is not None and not (whole and self.beside > 0):
            raise ValueError(f"beside={self.beside!r} is not allowed: it must be a whole number from 1, or None.")
        if not isinstance(self.words, str):
            raise ValueError(f"words={self.words!r} is not allowed: it must be a text.")
        if not isinstance(self.code, str | None):
            raise ValueError(f"code={self.code!r} is not allowed: give a text or None.")

    def __repr__(self):
        return f"AddedLayers({self.name!r})"

    def names(self, backbone: Backbone) -> tuple[str, ...]:
        """The names of the added layers.

        Raises:
            ValueError: For a name that can't be written in a text, or is taken.
        """
        names = tuple(self.layer_names(backbone))
        taken = {*backbone.layer_names, OLD_HEAD, NEW_HEAD}
        for i, name in enumerate(names):
            check_name(f"layer_names of {self.name!r}: name", name, OF_LAYERS)
            if name in taken or name in names[:i]:
                raise ValueError(
                    f"layer_names of {self.name!r}: {name!r} is not allowed: give each added layer a name of its own "
                    f"that {backbone.name!r} doesn't have."
                )
        return names

    def blocks(self, backbone: Backbone, shapes: tuple[tuple[int, ...], ...]) -> tuple[Block, ...]:
        """New layers for a backbone; `shapes` are those of the inputs of its blocks and of the heads.

        Raises:
            ValueError: Where they aren't blocks with the names of `layer_names`.
        """
        blocks, names = tuple(self.build(backbone, shapes)), self.names(backbone)
        found = tuple(block.name if isinstance(block, Block) else block for block in blocks)
        if found != names:
            raise ValueError(f"build of {self.name!r}: {found} is not allowed: it must give Blocks named {names}.")
        return blocks

    def to_dict(self, backbone: Backbone) -> dict:
        """Plain values, for JSON: what a saved run needs of layers that aren't this project's."""
        return {"name": self.name, "layers": list(self.names(backbone))}

    @classmethod
    def from_dict(cls, values: dict) -> "AddedLayers":
        """The inverse of `to_dict`, but without functions; a ValueError for values that aren't allowed."""
        names = values.get("layers") if isinstance(values, dict) else None
        fits = isinstance(names, list) and set(values) == {"name", "layers"}
        if not fits or not all(isinstance(name, str) for name in names):
            raise ValueError(f"added={values!r} is not allowed: expected a name, and the layers by name.")

        def unknown(*_):
            raise ValueError(f"added: {values['name']!r} is not known in this process.")

        return cls(values["name"], lambda backbone: tuple(names), unknown, unknown, known=False)


def _features_with_new_units(x, blocks, added, call):
    *front, top = blocks
    for block in front:
        x = call(block, x)
    features = call(top, x)
    return features, keras.ops.concatenate([features, call(added[EXPANSION], x)], axis=-1)


# Network expansion: new units beside the last block, which the new head sees besides the features.
NEW_UNITS = AddedLayers(
    EXPANSION,
    layer_names=lambda backbone: (EXPANSION,),
    build=lambda backbone, shapes: (backbone.expand(shapes[-2]),),
    features=_features_with_new_units,
    beside=1,
    code="""\
*front, top = BACKBONE
for name in front:
    features = network[name](features)
before, features = features, network[top](features)
seen = layers.Concatenate()([features, network["expansion"](before)])""",
    words="new units beside",
)
