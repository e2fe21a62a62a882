"""A block: the unit that is frozen or trained."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from utils.checks import check_function, check_list, check_text
from utils.frameworks import keras, layers
from utils.keras_internals import flat_layers

_RATES = "rate", "dropout", "recurrent_dropout", "stddev"  # of layers that draw random numbers


@dataclass(frozen=True)
class Block:
    """A named part of a backbone: one or more Keras layers, applied one after another.

    Attributes:
        name: The block's name.
        layers: The layers.
        frozen: Layers inside that never train.
        fused: Gives the same as one layer after another in less time, in training as at inference: a function of the
            layers and a tensor. None where there is none.
    """

    name: str
    layers: tuple[keras.layers.Layer, ...]
    frozen: tuple[keras.layers.Layer, ...] = ()
    fused: Callable | None = None

    def __post_init__(self):
        check_text("name", self.name)
        for field in ("layers", "frozen"):
            check_list(field, getattr(self, field), keras.layers.Layer, "give a tuple of Keras layers")
        if self.fused is not None:
            check_function("fused", self.fused, len(self.layers) + 1)

    def __call__(self, x, training=False):
        if self.fused is not None and not isinstance(x, keras.KerasTensor):  # from which a Keras model is made
            return self.fused(*self.layers, x)
        for layer in self.layers:
            x = layer(x, training=training)
        return x

    @property
    def layer_count(self) -> int:
        """The number of layers, including those inside others."""
        return len(self._parts)

    @property
    def acts_differently_in_training(self) -> bool:
        """Whether a layer in the block acts differently in training: batch normalization, dropout, noise …"""
        return any(_has_training_mode(part) for part in self._parts)

    @property
    def is_active_when_frozen(self) -> bool:
        """Whether a layer in the block goes on acting as in training while it's frozen, as `fit` has it.

        Dropout, noise and augmentation do, and so does whatever a layer of the reader's own does in training.
        """
        return any(_draws(part) or (not is_of_keras(part) and _has_training_mode(part)) for part in self._parts)

    @property
    def seed_states(self) -> list[keras.Variable]:
        """The states of the random generators in the block."""
        variables = {id(variable): variable for layer in self.layers for variable in layer.variables}
        for layer in self.layers:
            for weight in layer.weights:
                variables.pop(id(weight), None)
        return list(variables.values())

    @property
    def _parts(self):
        return [part for layer in self.layers for part in flat_layers(layer)]


def _has_training_mode(layer):
    if is_of_keras(layer) and isinstance(layer, keras.Model | layers.Dense | layers.EinsumDense):
        return False  # they only pass the argument on
    return "training" in inspect.signature(layer.call).parameters


def is_of_keras(layer):
    """Whether its class is one of Keras's, rather than of a reader's."""
    return type(layer).__module__.partition(".")[0] == "keras"


def _draws(layer):
    """Whether it has a random generator, and a rate other than 0 where it has rates."""
    generators = [value for value in vars(layer).values() if isinstance(value, keras.random.SeedGenerator)]
    rates = [getattr(layer, name) for name in _RATES if hasattr(layer, name)]
    return bool(generators) and (any(rates) or not rates)
