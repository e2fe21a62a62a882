"""How far two networks agree on the same pictures, and which classes a classifier confuses."""

from dataclasses import dataclass

import numpy as np

from utils.checks import check_array, check_whole_number
from utils.messages import refusal

_MOST_CLASSES = 10_000
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
    before, after = check_probabilities("before", before), check_probabilities("after", after)
    if before.shape != after.shape:
        raise ValueError(f"before has the shape {before.shape} and after {after.shape}: give the same pictures.")
    p, q = (np.maximum(rows.astype(np.float64), _SMALLEST) for rows in (before, after))
    same = before.argmax(axis=1) == after.argmax(axis=1)
    return Agreement(float(same.mean()), float((p * np.log(p / q)).sum(axis=1).mean()))


def check_probabilities(name: str, rows: np.ndarray) -> np.ndarray:
    """The rows, (N, classes), if they are probabilities; else a `ValueError`."""
    wanted = "give rows of probabilities (N, classes), each adding up to 1"
    rows = check_array(name, rows, 2, wanted=wanted)
    if not rows.min() >= 0 or not np.allclose(rows.sum(axis=1), 1, atol=1e-3):  # NaN is neither
        raise ValueError(refusal(name, rows, wanted))
    return rows


def _same_length(name, values, labels):
    if len(values) != len(labels):
        raise ValueError(f"labels have the shape {labels.shape}, and {name} {values.shape}: give one to each.")


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of logits (N, classes), or of a single row (classes,)."""
    from scipy import special  # only here: it takes a fifth of a second, and most functions need none of it

    return special.softmax(check_array("logits", logits, kinds="fiu"), axis=-1)


def confusion(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """The confusion matrix: counts (classes, classes); the row is the true class, the column the predicted one.

    Args:
        labels: The true classes, (N,).
        predicted: The predicted classes, (N,).
        classes: The number of classes.
    """
    from sklearn.metrics import confusion_matrix  # takes half a second, which the other functions don't need

    labels = check_array("labels", labels, 1, kinds="iu")
    predicted = check_array("predicted", predicted, 1, kinds="iu")
    _same_length("predicted", predicted, labels)
    classes = check_whole_number("classes", classes, 1, _MOST_CLASSES)
    for name, values in (("labels", labels), ("predicted", predicted)):
        if values.min() < 0 or values.max() >= classes:
            holds = f"{name} holds {values.min()} to {values.max()}"
            raise ValueError(f"{holds}, which is not allowed with classes={classes}: 0 to {classes - 1}.")
    return confusion_matrix(labels, predicted, labels=range(classes))


def most_mistaken(labels: np.ndarray, probabilities: np.ndarray, most: int = 6) -> np.ndarray:
    """The positions of at most `most` pictures that are predicted wrongly, the most confident predictions first."""
    labels = check_array("labels", labels, 1, kinds="iu")
    probabilities = check_array("probabilities", probabilities, 2)
    _same_length("probabilities", probabilities, labels)
    most = check_whole_number("most", most)
    predicted = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    return wrong[np.argsort(-probabilities[wrong, predicted[wrong]], kind="stable")][:most]
