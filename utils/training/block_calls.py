"""A block in an update, run as `fit` runs it: trained or frozen, with the losses of its layers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager, nullcontext

from utils.frameworks import keras, tf
from utils.keras_internals import clear_losses, flat_layers, own_trainable_variables
from utils.models import Block, TransferModel


class BlockCalls:
    """Runs the blocks of a network in one update, and collects the losses of their layers.

    In a trained block everything acts as in training. In a frozen one batch normalization acts as at inference, so that
    its statistics stay, but dropout, noise, augmentation and layers of the reader's own go on, as in `fit`.

    Args:
        model: The network.
        frozen: The number of first blocks that are frozen in every update.
        mask: Whether each layer of the network trains: booleans, or tensors.

    Attributes:
        losses: The sum of each block's losses, where it has any: of the regularizers of the weights that train, once
            for each block, and what layers add in their calls, such as activity regularizers.
    """

    def __init__(self, model: TransferModel, frozen: int, mask):
        self._model, self._mask = model, mask
        self._frozen = [block.name for block in model.blocks[:frozen]]
        self.losses: list[tf.Tensor] = []
        self._called: set[str] = set()

    def __call__(self, block: Block, x: tf.Tensor) -> tf.Tensor:
        """The block's output."""
        again = block.name in self._called
        self._called.add(block.name)
        if block.name in self._frozen:
            return self._keep(*_run(block, x, False, again))
        trains = self._mask[self._model.layer_names.index(block.name)]
        if isinstance(trains, bool) or not block.acts_differently_in_training:
            return self._keep(*_run(block, x, trains is not False, again))
        branches = (_run_as_tensors(block, x, branch, again) for branch in (True, False))
        return self._keep(*tf.cond(trains, *branches))

    def _keep(self, output, loss):
        if loss is not None:
            self.losses.append(loss)
        return output


def _run(block, x, trains, again):
    """The output, and the sum of the losses or None; `again`: without the regularizers of the weights."""
    with nullcontext() if trains else frozen(block):
        output = block(x, training=trains or block.is_active_when_frozen)
        losses = [loss for layer in block.layers for loss in _losses(layer, again)]
    for layer in block.layers:
        clear_losses(layer)
    return output, tf.add_n([tf.cast(loss, keras.config.floatx()) for loss in losses]) if losses else None


def _losses(layer, again):
    """What a layer has added in its latest call and, last in Keras's list, the penalties of its weights."""
    penalties = sum(weight.regularizer is not None for weight in layer.trainable_weights)
    return layer.losses[: len(layer.losses) - penalties] if again else layer.losses


def _run_as_tensors(block, x, trains, again) -> Callable:
    """As a branch of a condition, where both must give the same."""

    def branch():
        output, loss = _run(block, x, trains, again)
        return output, tf.zeros((), keras.config.floatx()) if loss is None else loss

    return branch


@contextmanager
def frozen(block: Block):
    """Have Keras take a block's layers for frozen meanwhile, whatever is in them."""
    parts = [part for layer in block.layers for part in flat_layers(layer)]
    layers = [(part, part.trainable) for part in parts]
    variables = [(variable, variable.trainable) for part in parts for variable in own_trainable_variables(part)]
    try:
        for part in parts:
            part.trainable = False
        yield
    finally:
        for part, trainable in layers:  # a container before what it contains
            part.trainable = trainable
        for variable, trainable in variables:
            variable.trainable = trainable
