"""A network of the reader's own made a backbone of this collection: its blocks, its weights, and its old head."""

import itertools
from dataclasses import dataclass
from functools import cached_property

import keras
import numpy as np
from keras import layers

from utils.models.backbones import Backbone, Block
from utils.models.transfer import NEW_HEAD, OLD_HEAD
from utils.user_model.checks import OwnModelError, check_own, load_own
from utils.user_model.grouping import Group, blocks, opened, units
from utils.user_model.head import Head, find_head
from utils.user_model.pieces import pieces

__all__ = ["Adopted", "adopt", "load_own"]


_BATCH_NORM = keras.layers.BatchNormalization
# Names of layers that `TransferModel` puts beside the reader's.
_TAKEN = ("image", OLD_HEAD, NEW_HEAD, "expansion", "expansion_flatten", "expansion_average")


@dataclass(frozen=True, eq=False)
class Adopted:
    """What is known of the reader's model, as it was when it was taken up; the model itself isn't kept or changed.

    head: the old head. groups: the blocks, from the input on; contents: by block, the names of its layers with weights.
    train_norms: whether batch normalisation trains with its block. piece_weights, head_weights: as they were.
    """

    source: keras.Model
    input_shape: tuple[int, ...]
    head: Head
    groups: tuple[Group, ...]
    openings: dict[str, tuple[Group, ...]]
    contents: dict[str, tuple[str, ...]]
    train_norms: bool
    piece_weights: tuple[list[np.ndarray], ...]
    head_weights: list[np.ndarray]

    def backbone(self, name: str, pair: str, opening: str | None = None) -> Backbone:
        """The recipe under this name, for the tasks `pair`. opening: a block whose layers become blocks."""
        groups = self.openings[opening] if opening else self.groups
        told = f"{self.source.name}, {len(groups)} blocks" + (f", {opening} opened" if opening else "")
        names = tuple(block for block, _ in groups)
        make = lambda shape: self._blocks(groups)  # noqa: E731
        return Backbone(name, told, names, make, _more_units, len(self.input_shape), pair)

    def weights(self, opening: str | None = None) -> dict[str, list[np.ndarray]]:
        """The weights as they were given, by block, and those of the old head."""
        groups = self.openings[opening] if opening else self.groups
        arrays = {name: list(itertools.chain(*self.piece_weights[a:b])) for name, (a, b) in groups}
        return {**arrays, OLD_HEAD: self.head_weights}

    def _blocks(self, groups):
        found = pieces(copy_of(self.source, self.input_shape))
        _set_inputs_norms(found, self.piece_weights)
        _name_apart(found)
        made = []
        for name, (a, b) in groups:
            parts = [part for piece in found[a:b] for part in piece.parts]
            still = () if self.train_norms else tuple(part for part in parts if isinstance(part, _BATCH_NORM))
            for part in still:
                part.trainable = False  # so that it acts as at inference whatever its block does
            made.append(Block(name, tuple(piece.layer for piece in found[a:b]), still))
        return tuple(made)

    @cached_property
    def layer_count(self) -> int:
        """How many layers with weights there are, the head among them."""
        return sum(map(len, self.contents.values())) + 1


def adopt(
    model: keras.Model, input_shape: tuple[int, ...], outputs: str | None = None, train_norms: bool = True
) -> Adopted:
    """Check the model, and cut it into blocks and its old head.

    input_shape: of one example. outputs: "logits" or "probabilities", where the last activation doesn't say.
    train_norms: whether batch normalisation trains with its block.
    An `OwnModelError` says what is expected, and how to get there.
    """
    check_own(model)
    copy = copy_of(model, input_shape)
    copy.set_weights(model.get_weights())
    found = pieces(copy)
    head = find_head(found, outputs)
    shared = found[: head.at]
    groups = blocks(shared)
    dense = found[head.at].layer
    many = [(group, sum(group[1][0] <= a and b <= group[1][1] for a, b in units(shared))) for group in groups]
    return Adopted(
        copy,
        tuple(input_shape),
        head,
        tuple(groups),
        {group[0]: tuple(opened(shared, group)) for group, count in many if count > 1},
        {name: tuple(layer for piece in shared[a:b] for layer in piece.names) for name, (a, b) in groups},
        train_norms,
        tuple([np.array(weight.numpy()) for weight in piece.layer.weights] for piece in shared),
        head.weights(dense),
    )


def copy_of(model: keras.Model, input_shape: tuple[int, ...]) -> keras.Model:
    """The same architecture with fresh weights, all of which may train; sizes that were left open are set."""
    open_sizes = tuple(model.inputs[0].shape[1:]) != tuple(input_shape)
    inputs = [keras.Input(input_shape, dtype=model.inputs[0].dtype)] if open_sizes else None
    try:
        made = keras.models.clone_model(model, input_tensors=inputs)
    except Exception as error:  # whatever a layer of the reader's own makes of it
        told = str(error).strip().splitlines()
        raise OwnModelError(
            f"model: {model.name!r} can't be copied ({told[0] if told else type(error).__name__}). Each layer of your "
            "own needs a get_config() that holds the arguments of its __init__; a Lambda has to become such a layer."
        ) from None
    made.trainable = True
    return made


def _set_inputs_norms(found, weights):
    """Give the layers that were adapted to data their mean and variance: they keep what they had when built."""
    for piece, values in zip(found, weights, strict=False):  # the head comes last, and has its weights elsewhere
        if norms := [part for part in piece.parts if isinstance(part, keras.layers.Normalization)]:
            for weight, value in zip(piece.layer.weights, values, strict=True):
                weight.assign(value)
            for norm in norms:
                norm.finalize_state()


def _name_apart(found):
    """No two pieces, and no piece and what is put beside them, may have one name in Keras."""
    taken = set(_TAKEN)
    for piece in found:
        while piece.layer.name in taken:
            piece.layer.name += "_"
        taken.add(piece.layer.name)


def _more_units(shape):
    """New units beside the last block, which give a vector for each example."""
    if len(shape) == 3:
        small = layers.Conv2D(16, 3, padding="same", activation="relu", name="expansion")
        return Block("expansion", (small, layers.GlobalAveragePooling2D(name="expansion_average")))
    dense = layers.Dense(32, activation="relu", name="expansion")
    return Block("expansion", (layers.Flatten(name="expansion_flatten"), dense))
