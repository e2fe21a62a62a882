"""Keras's optimizers: one for each layer, and such that a network they have trained can be freed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from utils.frameworks import keras, tf
from utils.keras_internals import OnOneMachine


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A fresh Keras optimizer: "adam", or "sgd" with momentum 0.9."""
    optimizers = keras.optimizers
    return _alone(optimizers.Adam)() if name == "adam" else _alone(optimizers.SGD)(momentum=0.9)


@cache
def _alone(optimizer):
    return type(optimizer.__name__, (OnOneMachine, optimizer), {})


class LayerOptimizers(dict):
    """An optimizer for each layer, by name.

    The state of a frozen layer's optimizer (momentum, moving averages, step count) waits unchanged until the layer
    trains again.

    Args:
        optimizer: "adam" or "sgd".
        weights: The trainable weights of each layer.
    """

    def __init__(self, optimizer: str, weights: Mapping[str, list]):
        super().__init__({layer: make_optimizer(optimizer) for layer in weights})
        for layer, layer_optimizer in self.items():
            layer_optimizer.build(weights[layer])

    def reset(self) -> None:
        """Forget momentum, moving averages and step counts, as compiling again would."""
        for optimizer in self.values():
            for variable in _slots(optimizer):
                variable.assign(tf.zeros(variable.shape, variable.dtype))

    def set_learning_rate(self, rate: float, factors: Mapping[str, float] | None = None) -> None:
        """Set the step size from the next update on.

        Args:
            rate: The learning rate.
            factors: The factor of the rate by layer; 1 for a layer that isn't named.
        """
        for layer, optimizer in self.items():
            optimizer.learning_rate.assign(rate * (factors or {}).get(layer, 1.0))

    def state(self, layer: str) -> list[np.ndarray]:
        """A copy of everything that the optimizer remembers about a layer."""
        return [np.array(variable.numpy()) for variable in _slots(self[layer])]


def _slots(optimizer):
    """All variables of an optimizer except its learning rate."""
    return [variable for variable in optimizer.variables if variable is not optimizer.learning_rate]
