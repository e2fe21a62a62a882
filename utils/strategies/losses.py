"""The losses, as functions of logits, features and weights; and the table of terms that a strategy picks from."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import tensorflow as tf

from utils.models import NEW_HEAD, OLD_HEAD


def cross_entropy(logits, labels):
    """Softmax cross-entropy, the mean over the batch: -log softmax(logits)[label].

    logits: float (N, classes); labels: int (N,). Computed from logits, so that no logarithm of zero is met.
    """
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def distillation(logits, recorded, temperature):
    """How far the old head's answers have gone from the recorded ones: Li & Hoiem 2016, equations 3 and 4.

    -Σ y' log ŷ', the mean over the batch, with y' = softmax(recorded / T) and ŷ' = softmax(logits / T): raising
    probabilities to 1/T and dividing by their sum is the same. There is no factor T², as in Hinton 2015.

    logits, recorded: float (N, old classes). temperature: T, above 0.
    """
    wanted = tf.nn.softmax(recorded / temperature)
    return -tf.reduce_mean(tf.reduce_sum(wanted * tf.nn.log_softmax(logits / temperature), axis=1))


def feature_distance(features, recorded):
    """½ Σ (f - f')², the mean over the batch: less-forgetting learning, Jung et al. 2016.

    features, recorded: float (N, width), what goes into the old head now and at the checkpoint.
    """
    return tf.reduce_mean(tf.reduce_sum(tf.square(features - recorded), axis=1)) / 2


def weight_distance(weights, start):
    """½ Σ (θ - θ*)² over all the weights: L2-SP, Xuhong et al. 2018, without its term for the heads.

    weights, start: lists of arrays of pairwise equal shapes; 0 for empty ones, where all is frozen.
    """
    moved = [tf.reduce_sum(tf.square(now - then)) for now, then in zip(weights, start, strict=True)]
    return tf.add_n(moved) / 2 if moved else tf.zeros((), keras.config.floatx())


@dataclass(frozen=True)
class Batch:
    """What a term may look at: the network's answers on one batch, and what belongs to it.

    logits: by head; the old head's are those of the new images. labels: of the new images, (N,).
    features: of the new images, (N, width). weights, start: of the backbone, now and at the checkpoint.
    old_logits, old_labels: the old head's answers on a batch of old images, and their labels.
    recorded: "outputs" and "features" of the new images at the checkpoint.
    """

    logits: dict
    labels: tf.Tensor
    features: tf.Tensor
    weights: list
    start: list
    old_logits: tf.Tensor | None
    old_labels: tf.Tensor | None
    recorded: dict
    temperature: tf.Tensor


@dataclass(frozen=True)
class Loss:
    """A term of a strategy's loss.

    head: the head that it reaches besides the backbone, or None. protects: whether it is there for the old task, and
    is multiplied by λ. stores: what has to be kept for it: "old images", "old outputs", "old features" or
    "start weights".
    """

    name: str
    formula: str
    head: str | None
    value: Callable[[Batch], tf.Tensor]
    protects: bool = True
    stores: str | None = None


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            "new task",
            "−log ŷ[label], new head, new images",
            NEW_HEAD,
            lambda batch: cross_entropy(batch.logits[NEW_HEAD], batch.labels),
            protects=False,
        ),
        Loss(
            "old task",
            "−log ŷ[label], old head, old images",
            OLD_HEAD,
            lambda batch: cross_entropy(batch.old_logits, batch.old_labels),
            stores="old images",
        ),
        Loss(
            "distillation",
            "−Σ y′ log ŷ′, old head, new images",
            OLD_HEAD,
            lambda batch: distillation(batch.logits[OLD_HEAD], batch.recorded["old outputs"], batch.temperature),
            stores="old outputs",
        ),
        Loss(
            "features",
            "½ Σ (f − f*)², new images",
            None,
            lambda batch: feature_distance(batch.features, batch.recorded["old features"]),
            stores="old features",
        ),
        Loss(
            "weights",
            "½ Σ (θs − θs*)²",
            None,
            lambda batch: weight_distance(batch.weights, batch.start),
            stores="start weights",
        ),
    )
}
