"""The reader's network as a backbone of this collection: its blocks, its weights, and its old head."""

import itertools
import re
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from utils.checks import check_flag
from utils.frameworks import keras, layers
from utils.keras_internals import flat_layers, lora_base, own_trainable_variables
from utils.messages import reason
from utils.models.added_layers import EXPANSION, NEW_HEAD, OLD_HEAD
from utils.models.backbones import Backbone, check_input_shape
from utils.models.block import Block
from utils.user_model.checks import OwnModelError, check_user_model, loss_name
from utils.user_model.grouping import Group, group_pieces, open_group, units
from utils.user_model.head import Head, find_head
from utils.user_model.pieces import find_pieces

# Names of layers that `TransferModel` puts beside the reader's.
_RESERVED = ("image", OLD_HEAD, NEW_HEAD, EXPANSION, "expansion_flatten", "expansion_average")


@dataclass(frozen=True, eq=False)
class CutModel:
    """The reader's model, cut into blocks and an old head. The model itself isn't kept or changed.

    Attributes:
        source: A copy of the model.
        input_shape: The shape of one example.
        head: The old head.
        groups: The blocks, from the input to the output.
        opened_groups: For each block that can be opened, the blocks with its layers as blocks of their own.
        contents: For each block, the names of its layers with weights.
        train_norms: Whether batch normalization trains with its block.
        piece_weights: The weights of each piece when it was cut.
        head_weights: The weights of the old head, as logits.
        frozen_by_hand: The layers that are frozen in the reader's model, in blocks where others train.
    """

    source: keras.Model
    input_shape: tuple[int, ...]
    head: Head
    groups: tuple[Group, ...]
    opened_groups: dict[str, tuple[Group, ...]]
    contents: dict[str, tuple[str, ...]]
    train_norms: bool
    piece_weights: tuple[list[np.ndarray], ...]
    head_weights: list[np.ndarray]
    frozen_by_hand: tuple[str, ...]

    @cached_property
    def layer_count(self) -> int:
        """The number of layers with weights, including the head."""
        return sum(map(len, self.contents.values())) + 1

    def backbone(self, name: str, pair: str, opened: str | None = None) -> Backbone:
        """The recipe under this name.

        Args:
            name: The backbone's name.
            pair: The name of the tasks that it's for.
            opened: A block whose layers become blocks; None for none.
        """
        groups = self._groups(opened)
        description = f"{self.source.name}, {len(groups)} blocks" + (f", {opened} opened" if opened else "")
        names = tuple(block for block, _ in groups)
        build = lambda shape: self._blocks(groups)  # noqa: E731
        return Backbone(name, description, names, build, _more_units, len(self.input_shape), pair)

    def weights(self, opened: str | None = None) -> dict[str, list[np.ndarray]]:
        """The weights when it was cut, by block, and those of the old head."""
        groups = self._groups(opened)
        arrays = {name: list(itertools.chain(*self.piece_weights[start:end])) for name, (start, end) in groups}
        return {**arrays, OLD_HEAD: self.head_weights}

    def _groups(self, opened):
        return self.opened_groups[opened] if opened else self.groups

    def _blocks(self, groups):
        pieces = find_pieces(clone(self.source, self.input_shape))
        _adapt_normalizations(pieces, self.piece_weights)
        _make_names_unique(pieces)
        blocks = []
        for name, (start, end) in groups:
            group = pieces[start:end]
            norms = [] if self.train_norms else _batch_norms(group)
            for norm in norms:
                norm.trainable = False  # so that it acts as at inference whatever its block does
            blocks.append(Block(name, tuple(piece.layer for piece in group), tuple(norms)))
        return tuple(blocks)


def cut_model(
    model: keras.Model, input_shape: tuple[int, ...], outputs: str | None = None, train_norms: bool = True
) -> CutModel:
    """Check a model, and cut it into blocks and its old head.

    Args:
        model: The reader's model.
        input_shape: The shape of one example.
        outputs: "logits" or "probabilities", where the last activation leaves that open.
        train_norms: Whether batch normalization trains with its block.

    Raises:
        OwnModelError: For a model of another kind; the message says what is expected, and how to get there.
    """
    check_user_model(model)
    input_shape, expected = check_input_shape(input_shape), tuple(model.inputs[0].shape[1:])
    if len(input_shape) != len(expected) or any(b not in (None, a) for a, b in zip(input_shape, expected, strict=True)):
        raise OwnModelError(f"input_shape={input_shape} is not allowed: the model takes {expected}.")
    train_norms = check_flag("train_norms", train_norms)
    source = clone(model, input_shape)
    source.set_weights(model.get_weights())
    pieces = find_pieces(source)
    head = find_head(pieces, outputs, loss_name(model))
    shared = pieces[: head.position]
    groups = group_pieces(shared)
    unit_spans = units(shared)
    unit_counts = [sum(start <= first and last <= end for first, last in unit_spans) for _, (start, end) in groups]
    return CutModel(
        source=source,
        input_shape=input_shape,
        head=head,
        groups=tuple(groups),
        opened_groups={
            group[0]: tuple(open_group(shared, group))
            for group, count in zip(groups, unit_counts, strict=True)
            if count > 1
        },
        contents={name: tuple(itertools.chain(*(p.names for p in shared[start:end]))) for name, (start, end) in groups},
        train_norms=train_norms,
        piece_weights=tuple([np.array(weight.numpy()) for weight in piece.layer.weights] for piece in shared),
        head_weights=head.weights(pieces[head.position].layer),
        frozen_by_hand=tuple(_frozen_by_hand(model, source, [shared[start:end] for _, (start, end) in groups])),
    )


def clone(model: keras.Model, input_shape: tuple[int, ...]) -> keras.Model:
    """The same architecture with fresh weights, all of them trainable, and with sizes that were left open set.

    Raises:
        OwnModelError: Where Keras can't copy a layer.
    """
    has_open_sizes = tuple(model.inputs[0].shape[1:]) != tuple(input_shape)
    inputs = [keras.Input(input_shape, dtype=model.inputs[0].dtype)] if has_open_sizes else None
    try:
        with _not_compiled(model):
            copy = keras.models.clone_model(model, input_tensors=inputs)
    except Exception as error:  # a layer of the reader's own may raise anything
        raise OwnModelError(
            f"model: {model.name!r} can't be copied ({reason(error)}). Each layer of your own needs a get_config() "
            "that holds the arguments of its __init__; a Lambda has to become such a layer; and a function of your own "
            "needs @keras.saving.register_keras_serializable() above it."
        ) from None
    parts, originals = list(flat_layers(copy)), list(flat_layers(model))
    if list(map(type, parts)) == list(map(type, originals)):
        for part, original in zip(parts, originals, strict=True):
            part.name = original.name  # the get_config() of a layer of the reader's may leave it out
            if getattr(original, "lora_enabled", False):
                part.lora_alpha = original.lora_alpha  # building the copy sets it to the rank
    if [weight.shape for weight in copy.weights] != [weight.shape for weight in model.weights]:
        raise OwnModelError(
            f"model: a copy of {model.name!r} has other weights than the model: each layer of your own needs a "
            "get_config() that holds the arguments of its __init__, and weights that follow from them."
        )
    for weight, original in zip(copy.weights, model.weights, strict=True):  # some are set by hand
        weight.regularizer, weight.constraint = original.regularizer, original.constraint
    for part in parts:  # a container doesn't hand its flag on to all that it contains
        part.trainable = True
    for part in parts:
        if getattr(part, "lora_enabled", False):
            lora_base(part).trainable = False  # it learns by its low-rank update alone
    return copy


def _frozen_by_hand(model, copy, blocks):
    """The names of layers that are frozen in the model, at least in part, while others of their block train."""
    flags = {id(mine): weight.trainable for mine, weight in zip(copy.weights, model.weights, strict=True)}
    for pieces in blocks:
        inside = [layer for piece in pieces for layer in piece.weighted_layers]
        trained = [[flags[id(weight)] for weight in _that_can_train(layer)] for layer in inside]
        if any(map(any, trained)):
            yield from (layer.name for layer, of_layer in zip(inside, trained, strict=True) if not all(of_layer))


def _that_can_train(layer):
    return [weight for weight in own_trainable_variables(layer) if weight.trainable]


@contextmanager
def _not_compiled(model):
    """Have Keras copy the layers alone: a loss or an optimizer of the reader's own need not be copied."""
    compiled, model.compiled = model.compiled, False
    try:
        yield
    finally:
        model.compiled = compiled


def _batch_norms(pieces):
    layers_inside = itertools.chain(*(piece.weighted_layers for piece in pieces))
    return [layer for layer in layers_inside if isinstance(layer, layers.BatchNormalization)]


def _adapt_normalizations(pieces, weights):
    """Give layers that were adapted to data their mean and variance, which they otherwise keep from when built."""
    for piece, values in zip(pieces, weights, strict=False):  # the head comes last, and has its weights elsewhere
        if norms := [layer for layer in piece.weighted_layers if isinstance(layer, layers.Normalization)]:
            for weight, value in zip(piece.layer.weights, values, strict=True):
                weight.assign(value)
            for norm in norms:
                norm.finalize_state()


def _make_names_unique(pieces):
    """Rename pieces so that each name is possible in a graph, and none is used twice, or by a layer put beside them."""
    used = set(_RESERVED)
    for piece in pieces:
        inside = set()
        for layer in flat_layers(piece.layer):
            name = re.sub(r"^[^A-Za-z0-9.]", "x", re.sub(r"[^A-Za-z0-9_.-]", "_", layer.name))
            while name != layer.name and name in inside:  # another has become this name
                name += "_"
            layer.name = name
            inside.add(name)
        while piece.layer.name in used:
            piece.layer.name += "_"
        used.add(piece.layer.name)


def _more_units(shape):
    """New units beside the last block, which give a vector for each example."""
    if len(shape) == 3:
        small = layers.Conv2D(16, 3, padding="same", activation="relu", name="expansion")
        return Block("expansion", (small, layers.GlobalAveragePooling2D(name="expansion_average")))
    dense = layers.Dense(32, activation="relu", name="expansion")
    return Block("expansion", (layers.Flatten(name="expansion_flatten"), dense))
