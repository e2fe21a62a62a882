"""Training until the validation texts are no longer predicted better: until their cross-entropy stops falling."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from utils.frameworks import keras
from utils.measures import softmax
from utils.training.patience import Patience


@dataclass(frozen=True, eq=False)
class Stop:
    """End training once the validation texts are no longer predicted better, and keep the best epoch's weights.

    Attributes:
        inputs: The validation texts as inputs of the network, N rows.
        labels: Their classes, int of shape (N,).
        patience: The number of epochs without improvement after which training ends.
    """

    inputs: np.ndarray
    labels: np.ndarray
    patience: int


def cross_entropy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The mean of -log p, where p is the probability that a text's label was given.

    Args:
        probabilities: Of each class, (N, classes).
        labels: int of shape (N,).
    """
    of_label = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.clip(of_label, 1e-12, 1)).mean())


def train_epochs(
    network: keras.Model, epoch: Callable, epochs: int, stop: Stop | None, logits: Callable[[np.ndarray], np.ndarray]
) -> None:
    """Train until there were enough epochs or, with `stop`, until there is no progress; then keep the best weights.

    Args:
        network: The network.
        epoch: Trains it for one epoch.
        epochs: The number of epochs; with `stop`, at most.
        stop: When to end before that. The start counts as an epoch, which can be the best one.
        logits: From the inputs of `stop` to the network's outputs.
    """
    patience = Patience(stop.patience if stop else 0)
    for number in range(epochs + 1):
        if number:
            epoch()
        if stop is not None:
            loss = cross_entropy(softmax(logits(stop.inputs)), stop.labels)
            patience.observe(number, loss, network.get_weights)
            if not np.isfinite(loss):
                warnings.warn(f"The training diverged in epoch {number}: with a lower rate it may learn.", stacklevel=2)
                break
            if patience.exhausted:
                break
    if patience.best_weights is not None:
        network.set_weights(patience.best_weights)
