"""How far two networks agree on the same pictures, and which classes a classifier confuses."""

from dataclasses import dataclass

import numpy as np
from scipy import special

_SMALLEST = 1e-12  # a probability; with 0, the divergence would be infinite


@dataclass(frozen=True)
class Agreement:
    """How far two networks agree.

    Attributes:
        top_1: The share of the pictures for which both predict the same class.
        kl: The mean Kullback-Leibler divergence of the second's probabilities from the first's, in nats; 0 where
            nothing changed.
    """

    top_1: float
    kl: float


def agreement(before: np.ndarray, after: np.ndarray) -> Agreement:
    """Compare the probabilities of two networks: KL(before ‖ after) = Σ before · log(before / after).

    Args:
        before: Probabilities (N, classes) of the first network.
        after: Those of the second, for the same pictures.

    Raises:
        ValueError: Where they aren't probabilities of the same shape.
    """
    for name, rows in (("before", before), ("after", after)):
        if rows.ndim != 2 or len(rows) == 0 or rows.min() < 0 or not np.allclose(rows.sum(axis=1), 1, atol=1e-3):
            raise ValueError(f"{name} is not allowed: rows of probabilities are expected, each adding up to 1.")
    if before.shape != after.shape:
        raise ValueError(f"before has the shape {before.shape} and after {after.shape}: give the same pictures.")
    p, q = (np.maximum(rows.astype(np.float64), _SMALLEST) for rows in (before, after))
    same = before.argmax(axis=1) == after.argmax(axis=1)
    return Agreement(float(same.mean()), float((p * np.log(p / q)).sum(axis=1).mean()))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits (N, classes), or of a single row (classes,)."""
    return special.softmax(logits, axis=-1)


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """The confusion matrix: counts (classes, classes); the row is the true class, the column the predicted one.

    Args:
        labels: The true classes, (N,).
        predicted: The predicted classes, (N,).
        classes: The number of classes.
    """
    from sklearn.metrics import confusion_matrix  # takes half a second, which the other functions don't need

    return confusion_matrix(labels, predicted, labels=range(classes))


def most_mistaken(labels: np.ndarray, probabilities: np.ndarray, most: int = 6) -> np.ndarray:
    """The positions of at most `most` pictures that are predicted wrongly, the most confident predictions first."""
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:most]
