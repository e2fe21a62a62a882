"""The losses, as functions of logits."""

import tensorflow as tf


def cross_entropy(logits, labels):
    """Softmax cross-entropy, the mean over the batch: -log softmax(logits)[label].

    logits: float (N, classes); labels: int (N,). Computed from logits, so that no logarithm of zero is met.
    """
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
