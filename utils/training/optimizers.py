"""Keras's optimizers, such that a network they have trained can be freed again."""

import keras


class _OnOneMachine:
    """Without the sum of the gradients over several machines, which changes nothing on one.

    That sum is a custom gradient, and TensorFlow keeps those, with the whole graph they were traced in, until the
    process ends (tensorflow/tensorflow issue 97697): some 4 MB for a `fit` of a tiny network, 40 MB for an engine of
    `small_resnet`.
    """

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return list(grads_and_vars)


class _Adam(_OnOneMachine, keras.optimizers.Adam):
    pass


class _SGD(_OnOneMachine, keras.optimizers.SGD):
    pass


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A fresh Keras optimizer: "adam", or "sgd" with momentum 0.9."""
    return _Adam() if name == "adam" else _SGD(momentum=0.9)
