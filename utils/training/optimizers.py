"""Keras's optimizers, such that a network they have trained can be freed again (see `OnOneMachine`)."""

import keras

from utils.keras_internals import OnOneMachine


class _Adam(OnOneMachine, keras.optimizers.Adam):
    pass


class _SGD(OnOneMachine, keras.optimizers.SGD):
    pass


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A fresh Keras optimizer: "adam", or "sgd" with momentum 0.9."""
    return _Adam() if name == "adam" else _SGD(momentum=0.9)
