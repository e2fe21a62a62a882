"""How far two networks agree on the same pictures, and what a classifier takes for what."""

from dataclasses import dataclass

import numpy as np
from scipy import special

_TINY = 1e-12  # a probability that is nothing: KL of it would be infinite


@dataclass(frozen=True)
class Agreement:
    """top_1: the share of the pictures for which both say the same class. kl: the mean Kullback-Leibler divergence
    of the second's probabilities from the first's, in nats; 0 where nothing changed.
    """

    top_1: float
    kl: float


def agreement(before: np.ndarray, after: np.ndarray) -> Agreement:
    """What two networks say of the same pictures: probabilities (N, classes) each.

    KL(before ‖ after) = Σ before · log(before / after), the mean over the pictures. Raises a ValueError where they
    aren't probabilities of the same shape.
    """
    for name, given in (("before", before), ("after", after)):
        if given.ndim != 2 or len(given) == 0 or given.min() < 0 or not np.allclose(given.sum(axis=1), 1, atol=1e-3):
            raise ValueError(f"{name} is not allowed: rows of probabilities are expected, each adding up to 1.")
    if before.shape != after.shape:
        raise ValueError(f"before has the shape {before.shape} and after {after.shape}: give the same pictures.")
    p, q = (np.maximum(given.astype(np.float64), _TINY) for given in (before, after))
    same = before.argmax(axis=1) == after.argmax(axis=1)
    return Agreement(float(same.mean()), float((p * np.log(p / q)).sum(axis=1).mean()))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits (N, classes), or of a single row (classes,)."""
    return special.softmax(logits, axis=-1)


def confusion(labels: np.ndarray, said: np.ndarray, classes: int) -> np.ndarray:
    """Counts (classes, classes): the row is the class, the column what it was taken for. labels, said: (N,)."""
    from sklearn.metrics import confusion_matrix  # half a second, for one function of many

    return confusion_matrix(labels, said, labels=range(classes))


def most_mistaken(labels: np.ndarray, probabilities: np.ndarray, most: int = 6) -> np.ndarray:
    """Indices of the pictures that were taken for another class, those it was surest of first."""
    said = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(said != labels)
    return wrong[np.argsort(-probabilities[wrong, said[wrong]], kind="stable")][:most]
