"""What no engine can leave out: TensorFlow's own kernels on a network's passes, with nothing around them."""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from utils.models import NEW_HEAD, TransferModel

_AT_ONCE = 250  # images


def gradients(model: TransferModel, x: np.ndarray, y: np.ndarray, batches: np.ndarray) -> Callable:
    """A function that computes the gradients of each batch, forwards and backwards, and makes no step.

    Args:
        model: The network; its backbone and its new head train.
        x: The images.
        y: Their labels.
        batches: Indices of the images, (updates, batch size).
    """
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    names = [*(block.name for block in model.blocks), NEW_HEAD]
    weights = [weight.value for name in names for weight in model.trainable_weights(name)]
    images, labels, rows = tf.constant(x), tf.constant(y), tf.constant(batches, tf.int32)

    @tf.function(input_signature=[tf.TensorSpec(batches.shape, tf.int32)])
    def epoch(rows):
        total = tf.zeros(())
        for i in tf.range(batches.shape[0]):
            with tf.GradientTape() as tape:
                value = loss(tf.gather(labels, rows[i]), _logits(model, tf.gather(images, rows[i])))
            total += tf.add_n([tf.reduce_sum(gradient) for gradient in tape.gradient(value, weights)])
        return total

    epoch(rows)
    return lambda: epoch(rows).numpy()


def forward(model: TransferModel, x: np.ndarray) -> Callable:
    """A function that computes the new head's logits for all images, as at inference."""
    portions = [tf.constant(x[i : i + _AT_ONCE]) for i in range(0, len(x), _AT_ONCE)]
    passed = tf.function(lambda images: _logits(model, images), reduce_retracing=True)

    def outputs():
        for images in portions:
            passed(images).numpy()

    outputs()
    return outputs


def _logits(model, images):
    """As the engine computes them: a block may have a way of its own, faster than its layers one after another."""
    for block in model.blocks:
        images = block(images)
    return model.new_head(images)
