"""Layers that a strategy adds to the network, and how the network uses them."""

import ast
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from utils.frameworks import keras
from utils.keras_internals import flat_layers
from utils.messages import given, refusal
from utils.models.backbones import Backbone
from utils.models.block import Block
from utils.names import OF_LAYERS, check_name

EXPANSION, OLD_HEAD, NEW_HEAD = "expansion", "old_head", "new_head"
Call = Callable[[Block, object], object]  # runs a block on its input
Features = Callable[[object, tuple[Block, ...], Mapping[str, Block], Call], object]


@dataclass(frozen=True, eq=False, repr=False)
class AddedLayers:
    """Layers that a strategy adds to the network: all that the engine, the panels and the Keras code need of them.

    They begin with the new head: weights that are random when they are built get Glorot uniform values drawn from the
    run's seed; all others (zeros, ones) begin as they were built. While they are frozen, batch normalization in them
    acts as at inference.

    The functions that say how the network uses them are called as `function(x, blocks, added, call)`: the input x of
    the first of `blocks`, these blocks (all of them, or only the last ones, down to `beside`), the added layers by
    name, and `call`. They must run each block and each added layer by `call(block, x)`, so that it is known which of
    them train, and otherwise use Keras's layers and `keras.ops` alone: x may be symbolic. A weight that a function
    reads itself, as in `dense.kernel`, isn't part of a saved network; put such a computation into a layer.

    Attributes:
        name: The part of the network that they are, as in `Strategy(trains=...)`.
        layer_names: From the backbone to the names of the added layers: a switch on the panels for each. A ValueError
            refuses a backbone that they aren't for.
        build: From the backbone and the shapes of the inputs of each block and, last, of the heads, without the batch
            axis (`shapes[i]` goes into block i, `shapes[i + 1]` comes out), to the layers: a `Block` for each name,
            with new layers each time.
        new_features: The function that gives the input of the new head, (N, width).
        old_features: The one for the old head; None where that sees the network without the added layers, and the same
            function where both heads see the same.
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
    new_features: Features
    old_features: Features | None = None
    beside: int | None = None
    code: str | None = None
    words: str = "new layers"
    known: bool = True
    _built: weakref.WeakSet = field(default_factory=weakref.WeakSet, init=False)  # all layers that `build` has given

    def __post_init__(self):
        check_name("name", self.name, OF_LAYERS)
        if self.name in ("backbone", "top", OLD_HEAD, NEW_HEAD):
            raise ValueError(f"name={self.name!r} is not allowed: every network has a part of this name.")
        for name in ("layer_names", "build", "new_features"):
            if not callable(getattr(self, name)):
                raise ValueError(f"{name}={getattr(self, name)!r} is not allowed: it must be a function.")
        if self.old_features is not None and not callable(self.old_features):
            raise ValueError(f"old_features={self.old_features!r} is not allowed: it must be a function or None.")
        whole = isinstance(self.beside, int) and not isinstance(self.beside, bool)
        if self.beside is not None and not (whole and self.beside > 0):
            raise ValueError(f"beside={self.beside!r} is not allowed: it must be a whole number from 1, or None.")
        if not isinstance(self.words, str):
            raise ValueError(f"words={self.words!r} is not allowed: it must be a text.")
        if not isinstance(self.code, str | None):
            raise ValueError(f"code={self.code!r} is not allowed: give a text or None.")
        try:
            assigns_seen = "seen" in self.assigned
        except SyntaxError as error:
            line = given((error.text or "").strip())
            raise ValueError(f"code: line {error.lineno} is not allowed, {line}: {error.msg}.") from None
        if self.code is not None and not assigns_seen:
            raise ValueError(refusal("code", self.code, "it must assign the input of the new head to `seen`"))

    def __repr__(self):
        return f"AddedLayers({self.name!r})"

    @property
    def assigned(self) -> frozenset[str]:
        """The names of the variables that `code` assigns."""
        parts = ast.walk(ast.parse(self.code or ""))
        return frozenset(part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))

    def names(self, backbone: Backbone) -> tuple[str, ...]:
        """The names of the added layers.

        Raises:
            ValueError: For a name that can't be written in a text, or is taken.
        """
        names = self.layer_names(backbone)
        if not isinstance(names, tuple | list) or not names:
            raise ValueError(f"layer_names of {self.name!r} gave {names!r}: it must give a tuple of names.")
        taken = [*backbone.layer_names, OLD_HEAD, NEW_HEAD]
        if self.name in taken:
            raise ValueError(f"name={self.name!r} is not allowed: {backbone.name!r} has a layer of this name.")
        for name in names:
            check_name(f"layer_names of {self.name!r}: name", name, OF_LAYERS)
            if name in taken:
                raise ValueError(
                    f"layer_names of {self.name!r}: {name!r} is not allowed: give each added layer a name of its own "
                    f"that {backbone.name!r} doesn't have."
                )
            taken.append(name)
        return tuple(names)

    def blocks(self, backbone: Backbone, shapes: tuple[tuple[int, ...], ...]) -> tuple[Block, ...]:
        """New layers for a backbone; `shapes` are those of the inputs of its blocks and of the heads.

        Raises:
            ValueError: Where they aren't blocks of new layers with the names of `layer_names`.
        """
        blocks, names = self.build(backbone, shapes), self.names(backbone)
        listed = isinstance(blocks, tuple | list) and all(isinstance(block, Block) for block in blocks)
        if not listed or tuple(block.name for block in blocks) != names:
            raise ValueError(f"build of {self.name!r} gave {blocks!r}: it must give a tuple of Blocks named {names}.")
        for block in blocks:
            are_layers = isinstance(block.layers, tuple | list) and block.layers
            if not are_layers or not all(isinstance(layer, keras.layers.Layer) for layer in block.layers):
                raise ValueError(f"build of {self.name!r}: {block.name!r} must have a tuple of Keras layers.")
            for part in [part for layer in block.layers for part in flat_layers(layer)]:
                if part in self._built:
                    raise ValueError(f"build of {self.name!r} must make new layers each time; {part.name!r} isn't.")
                self._built.add(part)
        return tuple(blocks)

    def features(self, x, blocks: tuple[Block, ...], added: Mapping[str, Block], call: Call, old_call: Call) -> tuple:
        """The inputs of the old head and of the new one.

        Args:
            x: The input of the first of these blocks.
            blocks: The last blocks of the backbone.
            added: The added layers by name.
            call: Runs a block for the new head.
            old_call: Runs a block for the old head.
        """
        if self.old_features is self.new_features:
            features = self.new_features(x, blocks, added, call)
            return features, features
        old_features = self.old_features or _without_added
        if call is old_call:  # what both have in common runs once
            call = old_call = remembered(call)
        return old_features(x, blocks, added, old_call), self.new_features(x, blocks, added, call)

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


def remembered(call: Call) -> Call:
    """The same function, which gives the output that it gave before for the same block and the same tensor."""
    outputs = {}

    def call_once(block, x):
        if (block.name, id(x)) not in outputs:
            outputs[block.name, id(x)] = x, call(block, x)  # x is kept, so that its id stays its own
        return outputs[block.name, id(x)][1]

    return call_once


def _without_added(x, blocks, added, call):
    for block in blocks:
        x = call(block, x)
    return x


def _with_new_units(x, blocks, added, call):
    *front, top = blocks
    for block in front:
        x = call(block, x)
    return keras.ops.concatenate([call(top, x), call(added[EXPANSION], x)], axis=-1)


# Network expansion: new units beside the last block, which the new head sees besides the features.
NEW_UNITS = AddedLayers(
    EXPANSION,
    layer_names=lambda backbone: (EXPANSION,),
    build=lambda backbone, shapes: (backbone.expand(shapes[-2]),),
    new_features=_with_new_units,
    beside=1,
    code="""\
*front, top = BACKBONE
for name in front:
    features = network[name](features)
before, features = features, network[top](features)
seen = layers.Concatenate()([features, network["expansion"](before)])""",
    words="new units beside",
)
